import { Fragment, type ReactNode } from 'react'
import type { HeatCell, SpotView } from '../../../shared/inspect.ts'
import { IconButton } from '../../ui/button.tsx'
import { bytes, count, fileWords, shortId } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { href, useRoute } from '../../ui/route.ts'
import { Time } from '../../ui/time.tsx'
import { amend, tabHref } from './address.ts'
import { Answered } from './answered.tsx'
import { Reasons } from './health-pane.tsx'
import { stepFrom } from './heat-map.tsx'
import { Level } from './level.tsx'
import { useHealth, useHeat, useSpot } from './requests.ts'
import { type Spot, spotOf, spotText } from './spot.ts'
import { ofPartition } from './sql.ts'
import type { TabProps } from './table-view.tsx'

/** What one place on the map holds, how it is reached, and what ails the table. */
export function SpotPane(props: TabProps) {
  const { query } = useRoute()
  const spot = spotOf(query.spot)
  return spot && <Opened {...props} spot={spot} />
}

function Opened({ table, detail, from, spot }: TabProps & { spot: Spot }) {
  const { query } = useRoute()
  const { snapshot } = query
  const heat = useHeat(table, {
    until: query.until,
    rowsFrom: Math.max(0, Number(query.from) || 0),
    snapshot,
  })
  const opened = useSpot(table, { ...spot, snapshot })
  const health = useHealth(table)
  const column = heat.data?.columns.indexOf(spot.column) ?? -1
  const row = heat.data?.rows.indexOf(spot.row) ?? -1
  const cell = heat.data?.cells.find((one) => one.column === column && one.row === row) ?? null
  const step = (key: string) => {
    if (heat.data === undefined || column < 0 || row < 0) return
    const to = stepFrom({ column, row }, key, heat.data.columns.length, heat.data.rows.length)
    if (to === null) return
    const { columns, rows } = heat.data
    amend({ spot: spotText({ column: columns[to.column] ?? '', row: rows[to.row] ?? '' }) })
  }
  const spec = detail.specs.find((one) => one.current)
  const statement = cell && spec && cell.partitions === 1 ? ofPartition(from, cell.path, spec.fields) : null
  return (
    <Inspector title="Partition" subject={query.spot ?? ''} onClose={() => amend({ spot: undefined })}>
      <Section>
        <div className="spot-head">
          <p className="mono tables-path">
            {heat.data?.across}={spot.column}
            <br />
            {heat.data?.down ?? 'all'}={spot.row}
          </p>
          <span className="spot-steps">
            <IconButton icon="back" label="The time before" onClick={() => step('ArrowLeft')} />
            <IconButton icon="next" label="The time after" onClick={() => step('ArrowRight')} />
            <IconButton icon="up" label="The kind above" onClick={() => step('ArrowUp')} />
            <IconButton icon="dn" label="The kind below" onClick={() => step('ArrowDown')} />
          </span>
        </div>
        {cell ? <Facts cell={cell} /> : <p className="dense t2">No data of this kind at this time.</p>}
        <div className="row tables-acts">
          {statement && (
            <a className="btn s" href={href(['sql'], { text: statement })}>
              <Icon name="sql" />
              Query partition
            </a>
          )}
          {cell && (
            <a
              className="btn s quiet"
              href={tabHref(
                table,
                'files',
                cell.partitions === 1
                  ? { partition: cell.path, snapshot }
                  : { find: `${spot.column} ${spot.row}`, snapshot },
              )}
            >
              Show files
            </a>
          )}
        </div>
      </Section>
      {cell && (
        <Answered answered={opened} what="Reading manifests" table={table} snapshot={snapshot}>
          {(view) => (
            <>
              <Section title="File sizes">
                <Sizes sizes={view.sizes} />
              </Section>
              <Section title="How it is reached">
                <Chain spot={view} />
              </Section>
            </>
          )}
        </Answered>
      )}
      {health.data && health.data.reasons.length > 0 && (
        <Section title="Health of the table">
          <Reasons reasons={health.data.reasons} />
        </Section>
      )}
    </Inspector>
  )
}

function Facts({ cell }: { cell: HeatCell }) {
  const rows: readonly (readonly [string, ReactNode])[] = [
    ...(cell.partitions > 1 ? [['Partitions', count(cell.partitions)] as const] : []),
    ['Files', count(cell.files)],
    ['Bytes', bytes(cell.bytes)],
    ['Rows', count(cell.rowCount)],
    ['Mean file', bytes(cell.bytes / Math.max(1, cell.files))],
    ['Smallest to largest', `${bytes(cell.sizes[0])} to ${bytes(cell.sizes[2])}`],
    ['Delete files', count(cell.deleteFiles)],
    [
      'Last write',
      cell.lastWrite === null ? 'its snapshot expired' : <Time key="write" at={cell.lastWrite} as="ago" />,
    ],
  ]
  return (
    <dl className="kv">
      {rows.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  )
}

const HEIGHT = 44
const STEP = 33

/** Files by size: a bar a doubling, with its count. */
export function Sizes({ sizes }: { sizes: SpotView['sizes'] }) {
  const most = sizes.reduce((sum, one) => Math.max(sum, one.files), 1)
  const words = sizes.map((one) => `under ${bytes(one.to)}: ${count(one.files)}`).join(', ')
  return (
    <svg
      className="ch"
      width={Math.max(1, sizes.length) * STEP}
      height={HEIGHT + 34}
      role="img"
      aria-label={`Files by size: ${words}`}
    >
      {sizes.map((one, i) => {
        const height = one.files === 0 ? 0 : Math.max(2, (one.files / most) * HEIGHT)
        return (
          <g key={one.to}>
            <rect x={i * STEP} y={16 + HEIGHT - height} width={STEP - 2} height={height} fill="var(--c1)" />
            {one.files > 0 && (
              <text x={i * STEP + STEP / 2 - 1} y={12 + HEIGHT - height} textAnchor="middle">
                {count(one.files)}
              </text>
            )}
            {(i % 2 === 0 || sizes.length < 3) && (
              <text x={i * STEP + STEP - 2} y={HEIGHT + 31} textAnchor="middle">
                {bytes(one.to).replace(/\.\d+/, '')}
              </text>
            )}
          </g>
        )
      })}
      <line className="ax" x1="0" x2={sizes.length * STEP} y1={16.5 + HEIGHT} y2={16.5 + HEIGHT} />
    </svg>
  )
}

function Chain({ spot }: { spot: SpotView }) {
  return (
    <div className="chain">
      <div>
        <Level of="metadata" />
        Metadata
        <span className="end t2 mono micro cut" title={spot.metadataFile ?? ''}>
          {fileWords(spot.metadataFile ?? '')}
        </span>
      </div>
      <div>
        <Level of="snapshot" />
        Snapshot
        <span className="end t2 mono micro" title={spot.snapshotId ?? ''}>
          {shortId(spot.snapshotId ?? '')}
        </span>
      </div>
      <div>
        <Level of="list" />
        Manifest list
        <span className="end t2">{count(spot.manifests.inAll)} manifests</span>
      </div>
      <div>
        <Level of="manifest" />
        Manifests
        <span className="end t2">
          {count(spot.manifests.match)} of {count(spot.manifests.inAll)} match
        </span>
      </div>
      <div>
        <Level of="data" />
        Files
        <span className="end t2">{count(spot.files)}</span>
      </div>
    </div>
  )
}
