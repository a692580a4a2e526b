import { useEffect, useState } from 'react'
import { type ColumnProfile, profileKind } from '../../query/profile.ts'
import type { QueryResult, ResultColumn } from '../../query/result.ts'
import { Check } from '../../ui/check.tsx'
import { count, counted } from '../../ui/format.ts'
import { countColumns, countedColumns, countsColumns, setCountsColumns, stopCounting } from './profiling.ts'

/** Columns profiled by themselves; a wider answer waits to be asked. */
const USUAL = 24
/** Rows counted by themselves: above, counting takes seconds in which nothing else runs in the tab. */
const USUAL_ROWS = 250_000

type Counting = 'off' | 'waiting' | 'counting' | 'stopped' | 'done'

/** How every column of the answer spreads, exact over all its rows, one column after the other; a run stops it. */
export function ProfileView({ result, session }: { result: QueryResult; session: string }) {
  const [profiles, setProfiles] = useState(() => countedColumns(result))
  const [on, setOn] = useState(countsColumns)
  const [most, setMost] = useState(() =>
    result.rows > USUAL_ROWS ? countedColumns(result).length : Math.min(USUAL, result.columns.length),
  )
  const [turn, setTurn] = useState(0)
  const [stopped, setStopped] = useState(false)
  const [failed, setFailed] = useState<string | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn goes on after a stop
  useEffect(() => {
    if (!on || result.rows === 0) return
    let here = true
    setStopped(false)
    setFailed(null)
    countColumns(session, result, most, (found) => here && setProfiles(found)).then(
      (whole) => here && setStopped(!whole),
      (error: unknown) => here && setFailed(error instanceof Error ? error.message : String(error)),
    )
    return () => {
      here = false
      stopCounting(session)
    }
  }, [result, session, most, on, turn])
  const toggle = (next: boolean) => {
    setCountsColumns(next)
    setOn(next)
  }
  const goOn = () => {
    setMost(Math.max(most, Math.min(result.columns.length, profiles.length + USUAL)))
    setTurn(turn + 1)
  }
  const left = result.columns.length - profiles.length
  const state: Counting = !on
    ? 'off'
    : stopped
      ? 'stopped'
      : profiles.length < most
        ? 'counting'
        : profiles.length === 0
          ? 'waiting'
          : 'done'
  const rows = result.rows === 1 ? 'the one row' : `all ${counted(result.rows, 'row')}`
  return (
    <div className="sect">
      <div className="row between">
        <h3>Columns</h3>
        <Check label="Count values" checked={on} onChange={toggle} />
      </div>
      <div className="row between sql-counting">
        <span className="t3 dense cut">
          {failed !== null
            ? `Not counted: ${failed.split('\n')[0]}`
            : SAID[state](profiles.length, most, rows)}
        </span>
        {state === 'counting' && failed === null ? (
          <button type="button" className="btn quiet s" onClick={() => stopCounting(session)}>
            Stop counting
          </button>
        ) : (
          on &&
          left > 0 && (
            <button type="button" className="btn quiet s" onClick={goOn}>
              {profiles.length === 0 ? 'Count' : `Count ${count(Math.min(left, USUAL))} more`}
            </button>
          )
        )}
      </div>
      {result.columns.slice(0, Math.max(most, USUAL)).map((column, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: columns are told by their place, names may be twice
        <ColumnRow key={i} column={column} profile={on ? (profiles[i] ?? null) : null} />
      ))}
    </div>
  )
}

/** What is said of the counts: how many columns of how many, over which rows. */
const SAID: Readonly<Record<Counting, (done: number, most: number, rows: string) => string>> = {
  off: () => 'off; counting is exact, in the engine',
  waiting: (_, __, rows) => `not counted yet, ${rows}`,
  counting: (done, most) => `counting column ${count(done + 1)} of ${count(most)}`,
  stopped: (done) => `stopped after ${counted(done, 'column')}`,
  done: (_, __, rows) => `exact, over ${rows}`,
}

function ColumnRow({ column, profile }: { column: ResultColumn; profile: ColumnProfile | null }) {
  const words = profile === null ? '' : summary(column, profile)
  const share = profile === null ? '' : nullShare(profile)
  return (
    <div className="sql-prof">
      <div>
        <div className="cut">
          <b>{column.name}</b>
          <span className="ty">{column.kind.word}</span>
        </div>
        <div className="t2 micro">
          {words}
          {share !== '' && (
            <>
              , <b>{share}</b>
            </>
          )}
        </div>
      </div>
      {profile !== null && <Spread profile={profile} />}
    </div>
  )
}

function nullShare({ nulls, rows }: ColumnProfile): string {
  if (nulls === 0) return ''
  const percent = (100 * nulls) / rows
  return `${percent < 0.1 ? 'under 0.1' : percent > 99.9 && nulls < rows ? 'over 99.9' : Number(percent.toFixed(1))} % null`
}

function summary({ kind }: ResultColumn, profile: ColumnProfile): string {
  const { least, most, median, distinct, nulls } = profile
  if (distinct === 0) return 'no value'
  switch (profileKind(kind.word)) {
    case 'number':
      return least === most
        ? `always ${figure(least)}`
        : `${figure(least)} to ${figure(most)}, median ${figure(median)}`
    case 'time':
      return least === most
        ? `always ${plain(least)}`
        : `${count(distinct)} distinct, ${plain(least)} to ${plain(most)}`
    case 'word':
      return `${count(distinct)} distinct${nulls === 0 ? ', none null' : ''}`
  }
}

const plainNumber = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 })

function figure(text: string | null): string {
  if (text === null) return 'none'
  return /^-?\d+$/.test(text) ? count(text) : plainNumber.format(Number(text))
}

/** An instant without a time of midnight. */
const plain = (text: string | null): string => (text ?? 'none').replace(/ 00:00:00$/, '')

const WIDTH = 96
const HEIGHT = 24

/** Steps of a number or time as bars; shares of values, the rest and null for others. */
function Spread({ profile }: { profile: ColumnProfile }) {
  const { bins, common, rows, nulls } = profile
  const top = Math.max(1, ...bins)
  const step = WIDTH / Math.max(1, bins.length)
  const parts = [
    ...common.map(({ value, rows: n }, i) => ({
      key: `v${value}`,
      n,
      opacity: 1 - i * 0.1,
      fill: 'var(--c1)',
    })),
    {
      key: 'rest',
      n: rows - nulls - common.reduce((sum, one) => sum + one.rows, 0),
      opacity: 1,
      fill: 'var(--c-other)',
    },
  ].filter(({ n }) => n > 0)
  let at = 0
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
      {bins.map((n, i) => {
        const height = n === 0 ? 0 : Math.max(1, (n / top) * HEIGHT)
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          <rect key={i} x={i * step} y={HEIGHT - height} width={step - 1} height={height} fill="var(--c1)" />
        )
      })}
      {bins.length === 0 &&
        parts.map(({ key, n, opacity, fill }) => {
          const width = (n / rows) * WIDTH
          const x = at
          at += width
          return (
            <rect
              key={key}
              x={x}
              y={0}
              width={Math.max(0.5, width - 1)}
              height={HEIGHT}
              fill={fill}
              opacity={opacity}
            />
          )
        })}
      {bins.length === 0 && nulls > 0 && (
        <rect
          x={at + 0.5}
          y={0.5}
          width={Math.max(1, WIDTH - at - 1)}
          height={HEIGHT - 1}
          fill="none"
          stroke="var(--control)"
          strokeDasharray="2 2"
        />
      )}
    </svg>
  )
}
