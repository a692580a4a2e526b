import type { SnapshotView, TableDetail } from '../../../shared/model.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { count, instant } from '../../ui/format.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { useView } from '../../ui/view.ts'

const Nothing = () => <span className="null" title="null" />
const figure = (value: number | null) => (value === null ? <Nothing /> : count(value))

/** Columns with their field ids, and the partition fields in order. */
export function SchemaTable({ table }: { table: TableDetail }) {
  const partition = new Map(
    table.partitionFields.map((field, index) => [
      field.source,
      `${index + 1}. ${field.transform === 'identity' ? field.name : `${field.transform}(${field.source})`}`,
    ]),
  )
  return (
    <Scroll label="Schema">
      <table className="grid">
        <thead>
          <tr>
            {['Id', 'Column', 'Type', 'Required', 'Identifier', 'Partition', 'Comment'].map((name) => (
              <th key={name} scope="col" className={name === 'Id' ? 'num' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.columns.map((column) => (
            <tr key={column.id}>
              <td className="num mono t3">{column.id}</td>
              <td>{column.name}</td>
              <td className="mono t2">{column.type}</td>
              <td>{column.required ? 'required' : 'optional'}</td>
              <td>{column.identifier ? 'yes' : ''}</td>
              <td className="mono">{partition.get(column.name) ?? ''}</td>
              <td className="t2">{column.doc}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** The table's history, newest first, with what each snapshot changed. */
export function SnapshotTable({ snapshots }: { snapshots: readonly SnapshotView[] }) {
  const { zone } = useView()
  if (snapshots.length === 0)
    return (
      <div className="empty">
        <p>No commit yet, so there is no snapshot.</p>
      </div>
    )
  return (
    <Scroll label="Snapshots">
      <table className="grid">
        <thead>
          <tr>
            <th scope="col">Committed</th>
            <th scope="col">Snapshot</th>
            <th scope="col">Operation</th>
            <th scope="col" className="num">
              Rows added
            </th>
            <th scope="col" className="num">
              Rows removed
            </th>
            <th scope="col" className="num">
              Files added
            </th>
            <th scope="col" className="num">
              Files removed
            </th>
            <th scope="col" className="num">
              Rows in all
            </th>
            <th scope="col">Offsets taken</th>
          </tr>
        </thead>
        <tbody>
          {snapshots.map((snapshot) => (
            <tr key={snapshot.id} aria-selected={snapshot.current}>
              <td>{instant(snapshot.at, zone)}</td>
              <td className="mono">{snapshot.id}</td>
              <td>{snapshot.operation}</td>
              <td className="num">{figure(snapshot.addedRows)}</td>
              <td className="num">{figure(snapshot.removedRows)}</td>
              <td className="num">{figure(snapshot.addedFiles)}</td>
              <td className="num">{figure(snapshot.removedFiles)}</td>
              <td className="num">{figure(snapshot.totalRows)}</td>
              <td className="mono t2 cut" title={snapshot.summary['tarn.kafka.offsets']}>
                {snapshot.summary['tarn.kafka.offsets'] ?? ''}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** Table properties and identity, each to be copied. */
export function PropertyTable({ table }: { table: TableDetail }) {
  const identity: Readonly<Record<string, string>> = {
    uuid: table.uuid,
    'format-version': String(table.formatVersion),
    location: table.location ?? '',
    'metadata-location': table.metadataLocation ?? '',
  }
  return (
    <Scroll label="Properties">
      <table className="grid">
        <thead>
          <tr>
            <th scope="col">Property</th>
            <th scope="col">Value</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {[...Object.entries(identity), ...Object.entries(table.properties).sort()].map(([key, value]) => (
            <tr key={key}>
              <td className="mono">{key}</td>
              <td className="mono t2">{value}</td>
              <td className="num">
                <CopyButton text={value} label="Copy" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
