import type { ConditionReport, Explanation } from '../../query/explanation.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { counted } from '../../ui/format.ts'
import { goTo } from './editor.tsx'
import { type Explained, explain, stopExplain } from './explaining.ts'
import { RunError } from './run-error.tsx'
import { TablePlan } from './table-plan.tsx'

const PUSHED: Readonly<Record<ConditionReport['pushed'], string>> = {
  whole: 'pushed down',
  part: 'pushed down in part',
  no: 'checked row by row',
}

/** What the engine would do with the statement: what it reads of each table, and which conditions help with that. */
export function ExplainView({ tab, explained }: { tab: string; explained: Explained }) {
  if (explained.state === 'asking' || explained.state === 'cancelled')
    return (
      <Awaiting
        of={{
          data: undefined,
          error: null,
          cancelled: explained.state === 'cancelled',
          cancel: () => stopExplain(tab),
          refetch: () => explain(tab, explained.of),
        }}
        what="Planning the statement"
        again="Explain it"
      />
    )
  if (explained.state === 'failed')
    return (
      <RunError error={explained.error} of={explained.of} ms={null} stands={false} onReplace={() => {}} />
    )
  const { explanation, of } = explained
  return (
    <>
      <div className="sect">
        <h3>Before running</h3>
        <p className="t2 dense">Planned from the lake's metadata; no data file was read.</p>
      </div>
      {explanation.tables.length === 0 && (
        <div className="sect t2 dense">The statement reads nothing of the lake.</div>
      )}
      {explanation.tables.map((table, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a table at two snapshots stands twice
        <TablePlan key={i} table={table} rows={`about ${counted(table.rows, 'row')}`}>
          <h3>Asked of the files</h3>
          {table.predicate === '' ? (
            <p className="t2 dense">Nothing: any row may be needed.</p>
          ) : (
            <code>{table.predicate}</code>
          )}
        </TablePlan>
      ))}
      <Conditions explanation={explanation} start={of.start} />
      <div className="sect">
        <h3>Plan of the engine</h3>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, and keys must reach that */}
        <pre className="sql-value sql-plan" tabIndex={0}>
          {explanation.text}
        </pre>
      </div>
    </>
  )
}

function Conditions({ explanation, start }: { explanation: Explanation; start: number }) {
  const { conditions, more } = explanation
  if (conditions.length === 0) return null
  return (
    <div className="sect">
      <h3>Conditions</h3>
      <ul className="sql-conditions">
        {conditions.map((one) => (
          <li key={one.range.join()}>
            <button
              type="button"
              className="sql-condition"
              title="Show it in the text"
              onClick={() => goTo(start + one.range[0], start + one.range[1])}
            >
              <code>{one.text}</code>
            </button>
            <span className={one.pushed === 'whole' ? 't2' : 'named'}>
              {one.clause}, {PUSHED[one.pushed]}
              {one.to.length > 0 && ` to ${[...new Set(one.to.map(({ table }) => table))].join(' and ')}`}
            </span>
            {one.reason !== null && <span className="t2">{one.reason.words}</span>}
          </li>
        ))}
      </ul>
      {more > 0 && <p className="t3 micro">{counted(more, 'further condition')} not looked into</p>}
    </div>
  )
}
