import { memo, useState } from 'react'
import {
  type HeatView,
  PARTITION_SORTS,
  type PartitionSort,
  type PartitionView,
} from '../../../shared/inspect.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { NoMatch } from '../../ui/empty.tsx'
import { bytes, count, counted } from '../../ui/format.ts'
import { useNow } from '../../ui/now.ts'
import { Pager } from '../../ui/pager.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Select } from '../../ui/select.tsx'
import { Time } from '../../ui/time.tsx'
import { amend, tabHref, useAsked } from './address.ts'
import { Answered } from './answered.tsx'
import { AtSnapshot } from './at-snapshot.tsx'
import { FilterField, usePage } from './filter-field.tsx'
import { HeatMap, ShadeKey } from './heat-map.tsx'
import { NotYet } from './not-yet.tsx'
import { type PickColumn, PickTable } from './pick-table.tsx'
import { PAGE_ROWS, type TableAt, useHeat, usePartitions } from './requests.ts'
import { SaveMenu } from './save-menu.tsx'
import { MEASURES, type Measure } from './shade.ts'
import { spotOf, spotText } from './spot.ts'
import type { TabProps } from './table-view.tsx'

/** The partitions as a map of time and kind, and as a list. */
export function PartitionsTab({ table, detail }: TabProps) {
  const [snapshot, until] = [useAsked('snapshot'), useAsked('until')]
  const rowsFrom = Math.max(0, Number(useAsked('from')) || 0)
  const heat = useHeat(table, { until, rowsFrom, snapshot })
  if (detail.snapshotId === null) {
    return (
      <NotYet title="No partition yet">
        A partition is there once rows are committed to it. The table has{' '}
        {counted(detail.snapshots, 'snapshot')}.
      </NotYet>
    )
  }
  return (
    <>
      <AtSnapshot detail={detail} />
      <Answered answered={heat} what="Reading manifests" table={table} snapshot={snapshot}>
        {(view) => (view.columns.length === 0 ? <NoMap heat={view} /> : <MapOfPartitions heat={view} />)}
      </Answered>
      {/* Below a map of unknown height: it would be pushed down once the map is there. */}
      {!(heat.isPending && heat.fetchStatus === 'fetching') && <PartitionList table={table} />}
    </>
  )
}

function NoMap({ heat }: { heat: HeatView }) {
  return (
    <p className="dense t2 tables-note">
      {heat.across === null
        ? 'No partition field of this table tells a time, so there is no map: the list has every partition.'
        : `No partition has a value of ${heat.across}.`}
    </p>
  )
}

function MapOfPartitions({ heat }: { heat: HeatView }) {
  const asked = useAsked('spot')
  const [measure, setMeasure] = useState<Measure>('files')
  const now = useNow(10_000)
  const spot = spotOf(asked)
  const column = spot ? heat.columns.indexOf(spot.column) : -1
  const row = spot ? heat.rows.indexOf(spot.row) : -1
  const [first] = heat.columns
  const last = heat.columns.at(-1)
  const shownTo = heat.rowsFrom + heat.rows.length
  const whole = heat.columns.length === heat.columnsInAll && heat.rows.length === heat.rowsInAll
  return (
    <>
      <div className="bar">
        <Segmented label="Shade by" value={measure} choices={MEASURES} onChange={setMeasure} />
        <span className="grow" />
        <ShadeKey heat={heat} measure={measure} now={now} />
      </div>
      <div className="tables-map">
        <HeatMap
          heat={heat}
          measure={measure}
          picked={column >= 0 && row >= 0 ? { column, row } : null}
          onPick={(place) =>
            amend({
              spot: spotText({
                column: heat.columns[place.column] ?? '',
                row: heat.rows[place.row] ?? '',
              }),
              health: undefined,
            })
          }
        />
      </div>
      <div className="bar tables-window">
        <span className="t2 dense cut">
          {first} to {last}, {count(heat.columns.length)} of {count(heat.columnsInAll)} times with data;{' '}
          {heat.down === null
            ? ''
            : `${count(heat.rowsFrom + 1)} to ${count(shownTo)} of ${count(heat.rowsInAll)} by ${heat.down}`}
        </span>
        <span className="grow" />
        {!whole && <Steps heat={heat} />}
      </div>
    </>
  )
}

/** To other times and kinds, where the map does not hold all of them. */
function Steps({ heat }: { heat: HeatView }) {
  const [first] = heat.columns
  const last = heat.columns.at(-1)
  const shownTo = heat.rowsFrom + heat.rows.length
  return (
    <>
      <Button
        small
        kind="quiet"
        icon="back"
        disabled={heat.oldest === null || first === undefined || first <= heat.oldest}
        onClick={() => amend({ until: dayBefore(first ?? '') })}
      >
        Earlier
      </Button>
      <Button
        small
        kind="quiet"
        icon="next"
        disabled={last === heat.newest}
        onClick={() => amend({ until: undefined })}
      >
        Newest
      </Button>
      <IconButton
        icon="up"
        label="Kinds with more files"
        disabled={heat.rowsFrom === 0}
        onClick={() => amend({ from: heat.rowsFrom <= 16 ? undefined : String(heat.rowsFrom - 16) })}
      />
      <IconButton
        icon="dn"
        label="Kinds with fewer files"
        disabled={shownTo >= heat.rowsInAll}
        onClick={() => amend({ from: String(shownTo) })}
      />
    </>
  )
}

/** A time that ends just before `time`: by the day where it is one, else by the text's order. */
function dayBefore(time: string): string {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(time) ? Date.parse(time) : Number.NaN
  return Number.isNaN(day) ? time.slice(0, -1) : new Date(day - 86_400_000).toISOString().slice(0, 10)
}

const SORTS: Readonly<Record<PartitionSort, string>> = {
  bytes: 'Most bytes',
  files: 'Most files',
  rows: 'Most rows',
  mean: 'Smallest files',
  write: 'Last written',
  deletes: 'Most delete files',
  path: 'By name',
}

const PartitionList = memo(function PartitionList({ table }: { table: TableAt }) {
  const [find, snapshot] = [useAsked('find'), useAsked('snapshot')]
  const [asked, partition] = [useAsked('sort'), useAsked('partition')]
  const [page, onPage] = usePage()
  const sort = PARTITION_SORTS.find((one) => one === asked) ?? 'bytes'
  const ask = { page, find, snapshot, sort }
  const answered = usePartitions(table, ask)
  const columns: readonly PickColumn<PartitionView>[] = [
    { name: 'Partition', mono: true, cell: (one) => one.path },
    { name: 'Files', numeric: true, cell: (one) => count(one.files) },
    { name: 'Rows', numeric: true, cell: (one) => count(one.rows) },
    { name: 'Size', numeric: true, cell: (one) => bytes(one.bytes) },
    { name: 'Mean file', numeric: true, cell: (one) => bytes(one.bytes / Math.max(1, one.files)) },
    { name: 'Delete files', numeric: true, optional: true, cell: (one) => count(one.deleteFiles) },
    {
      name: 'Last write',
      numeric: true,
      cell: (one) =>
        one.lastWrite === null ? (
          <span className="t3">its snapshot expired</span>
        ) : (
          <Time at={one.lastWrite} as="ago" />
        ),
    },
  ]
  return (
    <>
      <div className="bar list-bar">
        <h3>Partitions</h3>
        <FilterField label="Filter partitions" />
        <Select
          label="Order of the partitions"
          small
          width={150}
          value={sort}
          choices={PARTITION_SORTS.map((value) => ({ value, word: SORTS[value] }))}
          onChange={(next) => amend({ sort: next, page: undefined })}
        />
        <span className="grow" />
        <SaveMenu table={table} list="partitions" filter={{ find, snapshot }} />
      </div>
      <Answered answered={answered} what="Reading manifests" table={table} snapshot={snapshot}>
        {(data) =>
          data.total === 0 ? (
            <NoMatch onClear={() => amend({ find: undefined, page: undefined })}>
              None of {count(data.inAll)} partitions matches <b>{find}</b>.
            </NoMatch>
          ) : (
            <>
              <PickTable
                label="Partitions"
                columns={columns}
                rows={data.partitions}
                rowKey={(one) => one.path}
                picked={partition ?? null}
                onPick={(one) => {
                  location.hash = tabHref(table, 'files', { partition: one.path, snapshot })
                }}
                nameOf={(one) => `Show the files of ${one.path}`}
              />
              {data.total > PAGE_ROWS && (
                <Pager
                  page={page}
                  pageSize={data.pageSize}
                  total={data.total}
                  unit="partitions"
                  onPage={onPage}
                />
              )}
            </>
          )
        }
      </Answered>
    </>
  )
})
