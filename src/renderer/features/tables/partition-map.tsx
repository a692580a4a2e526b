import { useQuery } from '@tanstack/react-query'
import { Fragment, type ReactNode, useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { HeatCell } from '../../../shared/model.ts'
import type { TableRole } from '../../../shared/tables.ts'
import { answer, api } from '../../api/client.ts'
import { FaultBlock } from '../../ui/fault.tsx'
import { ago, bytes, count, instant } from '../../ui/format.ts'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { Loading } from '../../ui/loading.tsx'
import { useNow } from '../../ui/now.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { useView } from '../../ui/view.ts'
import { HeatMap, ShadeKey } from './heat-map.tsx'
import { MEASURES, type Measure } from './shade.ts'

/** The map of a table's partitions and its health; `until` ends it at a time other than the newest. */
export function useHeat(role: TableRole, version: number, until?: string) {
  return useQuery({
    queryKey: ['heat', role, version, until],
    queryFn: () =>
      answer(api.tables[':role'].heat.$get({ param: { role }, query: until === undefined ? {} : { until } })),
    placeholderData: (before) => before,
  })
}

function Facts({ cell }: { cell: HeatCell }) {
  const now = useNow(1000)
  const { zone } = useView()
  const rows: readonly (readonly [string, ReactNode])[] = [
    ['Partitions', count(cell.partitions)],
    ['Files', count(cell.files)],
    ['Bytes', bytes(cell.bytes)],
    ['Rows', count(cell.rowCount)],
    ['Smallest file', bytes(cell.sizes[0])],
    ['Middle file', bytes(cell.sizes[1])],
    ['Largest file', bytes(cell.sizes[2])],
    ['Delete files', count(cell.deleteFiles)],
    [
      'Last write',
      cell.lastWrite === null ? (
        'its snapshot expired'
      ) : (
        <span key="write" title={instant(cell.lastWrite, zone)}>
          {ago(cell.lastWrite, now)}
        </span>
      ),
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

/** A place on the map that was picked. */
export interface Spot {
  readonly column: number
  readonly row: number
  readonly time: string
  readonly kind: string
  readonly cell: HeatCell | null
}

/** What one place on the map holds. */
export function SpotPane({ spot, onClose }: { spot: Spot; onClose: () => void }) {
  return (
    <Inspector title="Partition" subject={`${spot.time} ${spot.kind}`} onClose={onClose}>
      <Section>
        <p className="mono">
          {spot.time}
          <br />
          {spot.kind}
        </p>
      </Section>
      <Section title="Figures">
        {spot.cell ? (
          <Facts cell={spot.cell} />
        ) : (
          <p className="dense t2">No data of this kind at this time.</p>
        )}
      </Section>
    </Inspector>
  )
}

/** The partitions as a map. Gives nothing where no partition field tells a time. */
export function PartitionMap({
  role,
  version,
  spot,
  onSpot,
}: {
  role: TableRole
  version: number
  spot: Spot | null
  onSpot: (spot: Spot | null) => void
}) {
  const [measure, setMeasure] = useState<Measure>('files')
  const [ends, setEnds] = useState<string | undefined>(undefined)
  const now = useNow(10_000)
  const heat = useHeat(role, version, ends)
  if (heat.error) return <FaultBlock fault={toFault(heat.error)} />
  if (!heat.data) return <Loading what="Reading manifests" />
  const view = heat.data
  const [first] = view.columns
  if (first === undefined) return null
  const jump = (until: string | undefined) => {
    onSpot(null)
    setEnds(until)
  }
  return (
    <>
      <div className="bar">
        <Segmented label="Shade by" value={measure} choices={MEASURES} onChange={setMeasure} />
        <span className="grow" />
        <ShadeKey heat={view} measure={measure} now={now} />
        <button
          type="button"
          className="btn s quiet"
          disabled={view.oldest === null || first <= view.oldest}
          onClick={() => jump(first)}
        >
          Earlier
        </button>
        <button
          type="button"
          className="btn s quiet"
          disabled={ends === undefined}
          onClick={() => jump(undefined)}
        >
          Newest
        </button>
      </div>
      <div className="tables-map">
        <HeatMap
          heat={view}
          measure={measure}
          picked={spot}
          onPick={(column, row) =>
            onSpot({
              column,
              row,
              time: `${view.across} ${view.columns[column] ?? ''}`,
              kind: `${view.down ?? 'all'} ${view.rows[row] ?? ''}`,
              cell: view.cells.find((one) => one.column === column && one.row === row) ?? null,
            })
          }
        />
        <p className="t3 dense">
          {count(view.columns.length)} columns shown, {count(view.columnsInAll)} with data in the table;{' '}
          {count(view.rows.length)} of {count(view.rowsInAll)} rows, most files first
        </p>
      </div>
    </>
  )
}
