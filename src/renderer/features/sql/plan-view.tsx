import type { TableCost } from '../../query/cost.ts'
import type { RunOutcome } from '../../query/session.ts'
import { counted } from '../../ui/format.ts'
import { TablePlan } from './table-plan.tsx'

/** What was read of each table and what was left out, and which conditions could not help with that. */
export function PlanView({ outcome }: { outcome: RunOutcome | null }) {
  if (outcome === null)
    return (
      <div className="sect t2 dense">Explain says what a statement will read; after a run, what it read.</div>
    )
  const { tables } = outcome.forecast
  if (tables.length === 0) return <div className="sect t2 dense">The statement read nothing of the lake.</div>
  return tables.map((table) => (
    <TablePlan key={`${table.name}@${table.snapshotId}`} table={table} rows={counted(table.rows, 'row')}>
      <h3>Conditions</h3>
      <Missed table={table} />
    </TablePlan>
  ))
}

function Missed({ table }: { table: TableCost }) {
  if (table.missed.length === 0)
    return (
      <p className="t2 dense">
        {table.pruned
          ? 'All conditions took part in leaving out files.'
          : 'No condition left a file out: every file may hold a row that is needed.'}
      </p>
    )
  return (
    <>
      <p className="t2 dense">
        Checked row by row: they call a function or compare columns, so no file's bounds can answer them.
      </p>
      {table.missed.map((text) => (
        <code key={text}>{text}</code>
      ))}
    </>
  )
}
