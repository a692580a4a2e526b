import { threadPath } from '../../../shared/thread.ts'
import { RAW_ORDERS, type RawOrder, type RawRow } from '../../../shared/trace.ts'
import { useLive } from '../../api/live.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { bytes, count, counted, shortId } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { here, href } from '../../ui/route.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { Stat, Stats } from '../../ui/stat.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { LevelBar } from './level-bar.tsx'
import type { LevelProps } from './level-detail.tsx'
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
  const { aggregate } = view
  if (!aggregate) return null
  const cell = (name: string) => view.rows[view.chosen]?.cells.find((one) => one.name === name)?.text ?? ''
  const unit = ''
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
  const figure = (value: number | null) => (value === null ? 'none' : `${plain(value)}${unit}`)
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
            from: aggregate.from.slice(0, 10),
            to: aggregate.to.slice(0, 10),
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
          label="Order of the rows"
          value={order}
          choices={RAW_ORDERS.map((value) => ({ value, word: WORDS[value] }))}
          onChange={(next) => onGo({ order: next, level: 'raw' })}
        />
      </div>
      <DataTable<RawRow>
        label="Rows of raw"
        rowKey={({ sampleId, startDate }) => `${sampleId} ${startDate}`}
        rows={aggregate.rows}
        columns={[
          {
            name: 'Sample',
            mono: true,
            cell: (row) => (
              <a
                className="cell-link"
                href={href(['thread'], { ...threadPath({ table: 'raw', keys: row.keys }).query, above })}
              >
                <PlainText>{row.sampleId}</PlainText>
              </a>
            ),
          },
          { name: 'Value', numeric: true, cell: ({ value }) => plain(value) },
          { name: 'Start, UTC', cell: ({ startDate }) => startDate.replace('T', ' ').slice(0, 26) },
          {
            name: 'Committed',
            cell: ({ snapshotId }) => {
              const at = aggregate.commits.find((one) => one.snapshotId === snapshotId)?.at
              return at ? <Time at={at} as="iso" /> : <span className="t3">expired</span>
            },
          },
          {
            name: 'Snapshot',
            mono: true,
            cell: ({ snapshotId }) => (
              <a
                className="cell-link"
                href={href(['tables', 'raw'], { tab: 'snapshots', snapshot: snapshotId })}
                title={snapshotId}
              >
                {shortId(snapshotId)}
              </a>
            ),
          },
        ]}
      />
    </>
  )
}

const plain = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 6 })

const keysOf = (row: string | undefined) => {
  try {
    return JSON.parse(row ?? '{}') as Record<string, string | number | boolean | null>
  } catch {
    return {}
  }
}
