import { useState } from 'react'
import { threadPath } from '../../../shared/thread.ts'
import { RAW_ORDERS, type RawOrder, type RawRow, type TraceAggregate } from '../../../shared/trace.ts'
import { useLive } from '../../api/live.ts'
import { bytes, count, counted, shortId } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { here, href } from '../../ui/route.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { Stat, Stats } from '../../ui/stat.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { hrefTo } from './commit-level.tsx'
import { LevelBar } from './level-bar.tsx'
import type { LevelProps } from './level-detail.tsx'
import { LinkTable } from './link-table.tsx'
import { windowSql } from './sql-text.ts'

const WORDS: Readonly<Record<RawOrder, string>> = {
  highest: 'Highest',
  lowest: 'Lowest',
  newest: 'Newest',
  oldest: 'Oldest',
}

/** The rows of raw that an aggregate's row summarises, each leading on to its own thread. */
export function RawLevel({ view, heading, order, onGo }: LevelProps & { order: RawOrder }) {
  const { app } = useLive()
  const [by, setBy] = useState<'row' | 'commit'>('row')
  const { aggregate } = view
  if (!aggregate) return null
  const cell = (name: string) => view.rows[view.chosen]?.cells.find((one) => one.name === name)?.text ?? ''
  const atOf = (snapshotId: string) =>
    aggregate.commits.find((one) => one.snapshotId === snapshotId)?.at ?? null
  const kept = aggregate.kept ? aggregate.sourceSnapshot : null
  const sql = windowSql(app?.tables.raw ?? 'health_data_raw', kept, {
    user: cell('user_id'),
    type: cell('data_type'),
    from: aggregate.from,
    to: aggregate.to,
  })
  const above = new URLSearchParams(
    threadPath({ table: view.table.role ?? view.table.name, keys: keysOf(here().query.row) }).query,
  ).toString()
  const figure = (value: number | null) => (value === null ? 'none' : plain(value))
  return (
    <>
      <LevelBar
        title="Rows of raw behind it"
        about={`${cell('user_id')}, ${cell('data_type')}, ${aggregate.from.slice(0, 16).replace('T', ' ')} to ${aggregate.to.slice(0, 16).replace('T', ' ')} UTC`}
        heading={heading}
      >
        <a className="btn s" href={href(['sql'], { text: sql })}>
          <Icon name="sql" />
          Query these rows
        </a>
        <a
          className="btn s quiet"
          href={href(['dash'], {
            user: cell('user_id'),
            type: cell('data_type'),
            grain: GRAINS[view.table.role ?? ''],
            from: aggregate.from.slice(0, 10),
            to: lastDay(aggregate.to),
          })}
        >
          <Icon name="dash" />
          In the dashboard
        </a>
      </LevelBar>
      <Stats label="What is behind it">
        <Stat name="Rows" value={count(aggregate.count)}>
          <Status
            state={aggregate.said === aggregate.count ? 'passed' : 'attention'}
            word={
              aggregate.said === aggregate.count
                ? 'Matches raw'
                : `the aggregate says ${aggregate.said === null ? 'nothing' : count(aggregate.said)}`
            }
            bare
          />
        </Stat>
        <Stat name="Lowest" value={figure(aggregate.lowest)}>
          the aggregate says {cell('min_value')}
        </Stat>
        <Stat name="Highest" value={figure(aggregate.highest)}>
          the aggregate says {cell('max_value')}
        </Stat>
        <Stat name="Data files" value={count(aggregate.files)}>
          {bytes(aggregate.bytes)}, of {counted(aggregate.commits.length, 'commit')}
        </Stat>
        <Stat name="Raw snapshot" value={shortId(aggregate.sourceSnapshot)}>
          {aggregate.kept ? 'the one it was computed from' : 'expired: raw as it is now'}
        </Stat>
      </Stats>
      <div className="bar thread-sub">
        <h3>{aggregate.count > aggregate.rows.length ? `First ${count(aggregate.rows.length)}` : 'Rows'}</h3>
        <span className="grow" />
        <Segmented
          label="What is listed"
          value={by}
          choices={[
            { value: 'row', word: 'Rows' },
            { value: 'commit', word: `Commits ${count(aggregate.commits.length)}` },
          ]}
          onChange={setBy}
        />
        <Segmented
          label="Order of the rows"
          value={order}
          choices={RAW_ORDERS.map((value) => ({ value, word: WORDS[value] }))}
          onChange={(next) => {
            setBy('row')
            onGo({ order: next, level: 'raw' })
          }}
        />
      </div>
      {by === 'row' ? (
        <LinkTable<RawRow>
          key={order}
          label="Rows of raw"
          first="Sample"
          rowKey={({ sampleId, startDate }) => `${sampleId} ${startDate}`}
          rows={aggregate.rows}
          hrefOf={(row) => href(['thread'], { ...threadPath({ table: 'raw', keys: row.keys }).query, above })}
          linkText={({ sampleId }) => <PlainText>{sampleId}</PlainText>}
          columns={[
            { name: 'Value', numeric: true, cell: ({ value }) => plain(value) },
            { name: 'Start, UTC', cell: ({ startDate }) => startDate.replace('T', ' ').slice(0, 26) },
            { name: 'Committed', cell: ({ snapshotId }) => <Committed at={atOf(snapshotId)} /> },
            { name: 'Snapshot', mono: true, cell: ({ snapshotId }) => shortId(snapshotId) },
          ]}
        />
      ) : (
        <LinkTable<TraceAggregate['commits'][number]>
          label="Commits that brought these rows"
          first="Snapshot"
          rowKey={({ snapshotId }) => snapshotId}
          rows={aggregate.commits}
          hrefOf={({ snapshotId }) => hrefTo(threadPath({ table: 'raw', snapshot: snapshotId }))}
          linkText={({ snapshotId }) => shortId(snapshotId)}
          columns={[
            { name: 'Committed', cell: ({ at }) => <Committed at={at} /> },
            { name: 'Rows of these', numeric: true, cell: ({ rows }) => count(rows) },
            { name: 'Files', numeric: true, cell: ({ files }) => count(files) },
          ]}
        />
      )}
    </>
  )
}

const GRAINS: Readonly<Record<string, string>> = { daily: 'day', weekly: 'week', monthly: 'month' }

/** The last day of a half-open window: the dashboard's days are both included. */
const lastDay = (to: string): string =>
  new Date(Date.parse(`${to.slice(0, 19)}Z`) - 1).toISOString().slice(0, 10)

function Committed({ at }: { at: number | null }) {
  return at === null ? <span className="t3">expired</span> : <Time at={at} as="iso" />
}

const plain = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 6 })

const keysOf = (row: string | undefined) => {
  try {
    return JSON.parse(row ?? '{}') as Record<string, string | number | boolean | null>
  } catch {
    return {}
  }
}
