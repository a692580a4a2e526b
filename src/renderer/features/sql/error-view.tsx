import { RequestFailed } from '../../query/api.ts'
import { EngineError } from '../../query/errors.ts'
import { statements } from '../../query/lexer.ts'
import { theEngine } from '../../query/start.ts'
import { typeWord } from '../../query/types.ts'
import { duration } from '../../ui/format.ts'
import { insertText } from './editor.tsx'
import { tablesIn } from './named-tables.ts'
import { lineAndColumn } from './run-error.tsx'
import { OtherTabs } from './running-plan.tsx'
import type { Tab } from './tab.ts'

/** Where a statement failed, and the columns that it could have named. */
export function ErrorView({ tab, tabs }: { tab: Tab; tabs: readonly Tab[] }) {
  const { run } = tab
  if (run.state !== 'failed') return null
  const error = run.error instanceof EngineError ? run.error : null
  const from = error?.range ? lineAndColumn(run.of, error.range[0]) : null
  const to = error?.range ? lineAndColumn(run.of, error.range[1]) : null
  const named = tablesIn(
    statements(run.of.text).flatMap((one) => one.tokens),
    theEngine().known,
  )
  return (
    <>
      <div className="sect">
        <h3>Where it failed</h3>
        <dl className="kv">
          <dt>Stage</dt>
          <dd>{stageOf(run.error)}</dd>
          {from && to && (
            <>
              <dt>Place</dt>
              <dd>
                line {from.line}, column {from.column}
                {to.line === from.line && to.column > from.column + 1 ? ` to ${to.column - 1}` : ''}
              </dd>
            </>
          )}
          {error && (
            <>
              <dt>Error type</dt>
              <dd className="mono">{error.type} Error</dd>
            </>
          )}
          <dt>Took</dt>
          <dd>{duration(run.ms)}</dd>
        </dl>
      </div>
      {named.slice(0, 2).map(({ table }) => (
        <div className="sect" key={table.base}>
          <h3>Columns of {table.called}</h3>
          <div className="sql-names">
            {sortedBy(table.fields, error?.candidates ?? []).map((field) => (
              <button
                type="button"
                key={field.base}
                className="tree-row"
                title={field.field.doc ?? `Insert ${field.name}`}
                onClick={() => insertText(field.name)}
              >
                <span className="mono">{field.name}</span>
                <span className="ty">{typeWord(field.field.type)}</span>
                {error?.candidates[0] === field.name && (
                  <span className="t2">nearest to what was written</span>
                )}
              </button>
            ))}
          </div>
        </div>
      ))}
      <OtherTabs tabs={tabs.filter((one) => one.id !== tab.id)} />
    </>
  )
}

function stageOf(error: unknown): string {
  if (error instanceof RequestFailed) return 'reading the lake'
  if (!(error instanceof EngineError)) return 'before anything was read'
  switch (error.type) {
    case 'Parser':
      return 'the text, before any reading'
    case 'Binder':
    case 'Catalog':
      return 'names and types, before any reading'
    case 'Parameter':
      return 'parameters, before any reading'
    default:
      return 'running in the engine'
  }
}

function sortedBy<T extends { readonly name: string }>(
  fields: readonly T[],
  candidates: readonly string[],
): readonly T[] {
  return fields.toSorted((a, b) => Number(candidates.includes(b.name)) - Number(candidates.includes(a.name)))
}
