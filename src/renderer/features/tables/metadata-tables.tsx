import type { ColumnView, SnapshotView, TableDetail } from '../../../shared/model.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { type DataColumn, DataTable, Null } from '../../ui/data-table.tsx'
import { count, instant } from '../../ui/format.ts'
import { useView } from '../../ui/view.ts'

const figure = (value: number | null) => (value === null ? <Null /> : count(value))

/** Columns with their field ids, and the partition fields in order. */
export function SchemaTable({ table }: { table: TableDetail }) {
  const partition = new Map(
    table.partitionFields.map((field, index) => [
      field.source,
      `${index + 1}. ${field.transform === 'identity' ? field.name : `${field.transform}(${field.source})`}`,
    ]),
  )
  const columns: readonly DataColumn<ColumnView>[] = [
    { name: 'Id', numeric: true, mono: true, cell: (column) => column.id },
    { name: 'Column', cell: (column) => column.name },
    { name: 'Type', mono: true, cell: (column) => column.type },
    { name: 'Required', cell: (column) => (column.required ? 'required' : 'optional') },
    { name: 'Identifier', cell: (column) => (column.identifier ? 'yes' : '') },
    { name: 'Partition', mono: true, cell: (column) => partition.get(column.name) ?? '' },
    { name: 'Comment', cell: (column) => column.doc },
  ]
  return <DataTable label="Schema" columns={columns} rows={table.columns} rowKey={(column) => column.id} />
}

/** The table's history, newest first, with what each snapshot changed. */
export function SnapshotTable({ snapshots }: { snapshots: readonly SnapshotView[] }) {
  const { zone } = useView()
  if (snapshots.length === 0) {
    return (
      <div className="empty">
        <p>No commit yet, so there is no snapshot.</p>
      </div>
    )
  }
  const columns: readonly DataColumn<SnapshotView>[] = [
    { name: 'Committed', cell: (snapshot) => instant(snapshot.at, zone) },
    { name: 'Snapshot', mono: true, cell: (snapshot) => snapshot.id },
    { name: 'Operation', cell: (snapshot) => snapshot.operation },
    { name: 'Rows added', numeric: true, cell: (snapshot) => figure(snapshot.addedRows) },
    { name: 'Rows removed', numeric: true, cell: (snapshot) => figure(snapshot.removedRows) },
    { name: 'Files added', numeric: true, cell: (snapshot) => figure(snapshot.addedFiles) },
    { name: 'Files removed', numeric: true, cell: (snapshot) => figure(snapshot.removedFiles) },
    { name: 'Rows in all', numeric: true, cell: (snapshot) => figure(snapshot.totalRows) },
    { name: 'Offsets taken', mono: true, cell: (snapshot) => snapshot.summary['tarn.kafka.offsets'] ?? '' },
  ]
  return (
    <DataTable
      label="Snapshots"
      columns={columns}
      rows={snapshots}
      rowKey={(snapshot) => snapshot.id}
      isSelected={(snapshot) => snapshot.current}
    />
  )
}

const PROPERTY_COLUMNS: readonly DataColumn<readonly [string, string]>[] = [
  { name: 'Property', mono: true, cell: ([key]) => key },
  { name: 'Value', mono: true, cell: ([, value]) => value },
  { name: 'Copy', numeric: true, cell: ([, value]) => <CopyButton text={value} label="Copy" /> },
]

/** Table properties and identity, each to be copied. */
export function PropertyTable({ table }: { table: TableDetail }) {
  const identity: readonly (readonly [string, string])[] = [
    ['uuid', table.uuid],
    ['format-version', String(table.formatVersion)],
    ['location', table.location ?? ''],
    ['metadata-location', table.metadataLocation ?? ''],
  ]
  const properties = Object.entries(table.properties).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return (
    <DataTable
      label="Properties"
      columns={PROPERTY_COLUMNS}
      rows={[...identity, ...properties]}
      rowKey={([key]) => key}
    />
  )
}
