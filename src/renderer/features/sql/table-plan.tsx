import type { ReactNode } from 'react'
import type { TableCost } from '../../query/cost.ts'
import { bytes, count, shortId } from '../../ui/format.ts'

/** What a statement reads of one table, of how much, and below it (`children`) why no less. */
export function TablePlan({
  table,
  rows,
  children,
}: {
  table: TableCost
  rows: string
  children: ReactNode
}) {
  const left = table.totals.files - table.files
  return (
    <div className="sect">
      <h3>{table.name}</h3>
      <dl className="kv">
        <dt>Snapshot</dt>
        <dd className="mono" title={table.snapshotId ?? ''}>
          {table.snapshotId === null ? 'none' : shortId(table.snapshotId)}
        </dd>
        <dt>Files</dt>
        <dd>
          {count(table.files)} of {count(table.totals.files)}
          {left > 0 && `, ${count(left)} left out`}
        </dd>
        <dt>Bytes</dt>
        <dd>
          {bytes(table.bytes)} of {bytes(table.totals.bytes)}
        </dd>
        <dt>Rows</dt>
        <dd>{rows}</dd>
        <dt>Columns</dt>
        <dd title={table.columns.join(', ')}>
          {table.columns.length === 0 ? 'none, rows counted' : table.columns.join(', ')}
        </dd>
        {table.scans > 1 && (
          <>
            <dt>Scans</dt>
            <dd>{table.scans}, read once</dd>
          </>
        )}
      </dl>
      <div className="sql-missed">{children}</div>
    </div>
  )
}
