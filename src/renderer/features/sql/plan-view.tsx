import type { TableCost } from '../../query/cost.ts'
import type { RunOutcome } from '../../query/session.ts'
import { bytes, count, counted, shortId } from '../../ui/format.ts'

/** What was read of each table and what was left out, and which conditions could not help with that. */
export function PlanView({ outcome }: { outcome: RunOutcome | null }) {
  if (outcome === null)
    return (
      <div className="sect t2 dense">Explain says what a statement will read; after a run, what it read.</div>
    )
  const { tables } = outcome.forecast
  if (tables.length === 0) return <div className="sect t2 dense">The statement read nothing of the lake.</div>
  return tables.map((table) => <TablePlan key={`${table.name}@${table.snapshotId}`} table={table} />)
}

function TablePlan({ table }: { table: TableCost }) {
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
        <dd>{counted(table.rows, 'row')}</dd>
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
      <div className="sql-missed">
        <h3>Conditions</h3>
        {table.missed.length > 0 ? (
          <>
            <p className="t2 dense">
              Checked row by row: they call a function or compare columns, so no file's bounds can answer
              them.
            </p>
            {table.missed.map((text) => (
              <code key={text}>{text}</code>
            ))}
          </>
        ) : (
          <p className="t2 dense">
            {table.pruned
              ? 'All conditions took part in leaving out files.'
              : 'No condition left a file out: every file may hold a row that is needed.'}
          </p>
        )}
      </div>
    </div>
  )
}
