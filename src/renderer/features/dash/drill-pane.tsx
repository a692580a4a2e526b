import { useEffect } from 'react'
import type { DashLake, Grain } from '../../../shared/dash.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { IconButton } from '../../ui/button.tsx'
import { bytes, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { showPane } from '../../ui/pane.ts'
import { href } from '../../ui/route.ts'
import { type Asked, addressOf, type Spot } from './address.ts'
import type { Standing } from './against-raw.tsx'
import { type Checks, checkKey } from './checks.ts'
import { useSamples, useSeries, useTableNames } from './data.ts'
import {
  GRAIN_WORDS,
  lastDay,
  mondayOf,
  periodOf,
  periodsBetween,
  periodWords,
  plusPeriods,
  shortPeriod,
} from './dates.ts'
import { DaySamples } from './day-samples.tsx'
import { FINER, Figures, Parts } from './drill-parts.tsx'
import { DrillStanding } from './drill-standing.tsx'
import { go } from './go.ts'
import { samplesText } from './read.ts'

/** The pane at the right: one month, week or day with its statistics, what it is made of, and how it stands against raw. */
export function DrillPane({
  lake,
  asked,
  subject,
  spot,
  checks,
  standingOf,
}: {
  lake: DashLake
  asked: Asked
  subject: { readonly user: string; readonly type: string }
  spot: Spot
  checks: Checks
  standingOf: (grain: Grain, period: string) => Standing
}) {
  const { grain, period } = spot
  const { user, type } = subject
  const series = useSeries('main', lake, { grain, user, types: [type], from: period, to: period })
  const row = series.data?.rows.find((one) => one.period === period)
  const check = checks.known.get(checkKey(grain, period))
  const { run } = checks
  const day = grain === 'day'

  useEffect(() => showPane('inspector'), [])
  // Looking into a day is asking for it: it is small. Weeks and months are checked by their button.
  useEffect(() => {
    if (day && check === undefined) run('day', [period])
  }, [day, check, period, run])

  const link = (at: Spot) => href(['dash'], addressOf({ ...asked, at }))
  const window = row
    ? ([row.windowStart, row.windowEnd] as const)
    : check
      ? ([check.from, check.to] as const)
      : null
  return (
    <aside className="insp" aria-label={`Drill-down, ${periodWords(grain, period)}`}>
      <div className="head">
        <Crumbs spot={spot} link={link} />
        <IconButton
          icon="up"
          label={`Previous ${GRAIN_WORDS[grain].one}`}
          onClick={() => go(asked, { at: { grain, period: plusPeriods(grain, period, -1) } })}
        />
        <IconButton
          icon="dn"
          label={`Next ${GRAIN_WORDS[grain].one}`}
          onClick={() => go(asked, { at: { grain, period: plusPeriods(grain, period, 1) } })}
        />
        <IconButton icon="x" label="Close" onClick={() => go(asked, { at: null })} />
      </div>
      <div className="scroll">
        <div className="sect">
          <DrillStanding standing={standingOf(grain, period)} checks={checks} lake={lake} spot={spot} />
          {series.data === undefined || series.error ? (
            <Awaiting of={series} what={`Reading the ${grain}`} plain />
          ) : row ? (
            <Figures row={row} grain={grain} />
          ) : (
            <p className="dense t2">
              No row of statistics for {user}, {type} on {periodWords(grain, period)}.
            </p>
          )}
        </div>
        {FINER[grain] !== null && (
          <Parts
            lake={lake}
            subject={subject}
            spot={spot}
            asked={asked}
            link={link}
            standingOf={standingOf}
          />
        )}
        {day && window && (
          <Day lake={lake} subject={subject} window={window} name={periodWords('day', period)} />
        )}
      </div>
    </aside>
  )
}

function Crumbs({ spot, link }: { spot: Spot; link: (at: Spot) => string }) {
  const { grain, period } = spot
  // A week is shown under the month of its Thursday, to which ISO 8601 counts it.
  const month = periodOf(
    'month',
    grain === 'week' ? (periodsBetween('day', period, lastDay('week', period))[3] ?? period) : period,
  )
  return (
    <nav className="dash-crumbs grow" aria-label="Drill-down">
      {grain === 'month' ? (
        <b aria-current="page">{periodWords('month', period)}</b>
      ) : (
        <>
          <a href={link({ grain: 'month', period: month })}>{shortPeriod('month', month)}</a>
          <Icon name="right" small />
          {grain === 'week' ? (
            <b aria-current="page">{shortPeriod('week', period)}</b>
          ) : (
            <>
              <a href={link({ grain: 'week', period: mondayOf(period) })}>
                {shortPeriod('week', mondayOf(period))}
              </a>
              <Icon name="right" small />
              <b aria-current="page">{shortPeriod('day', period)}</b>
            </>
          )}
        </>
      )}
    </nav>
  )
}

function Day({
  lake,
  subject,
  window,
  name,
}: {
  lake: DashLake
  subject: { readonly user: string; readonly type: string }
  window: readonly [string, string]
  name: string
}) {
  const tables = useTableNames()
  const question = { ...subject, from: window[0], to: window[1] }
  const samples = useSamples(lake, question)
  if (samples.data === undefined || samples.error)
    return (
      <Awaiting of={samples} what="Reading the samples of the day" again="Read the samples again" plain />
    )
  const sql = (from: string, to: string) => {
    return href(['sql'], tables ? { text: samplesText(tables, { ...subject, from, to }) } : {})
  }
  return (
    <>
      <DaySamples
        key={window[0]}
        subject={subject}
        snapshot={lake.raw?.snapshotId}
        samples={samples.data.rows}
        window={window}
        sql={sql}
        name={name}
      />
      <p className="micro t3 dash-pad">
        {counted(samples.data.rows.length, 'sample')} from {counted(samples.data.cost.files, 'file')},{' '}
        {bytes(samples.data.cost.bytes)}
      </p>
    </>
  )
}
