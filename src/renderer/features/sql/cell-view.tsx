import { threadPath } from '../../../shared/thread.ts'
import { theEngine } from '../../query/start.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { count } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { href } from '../../ui/route.ts'
import type { CellPlace } from './grid-keys.ts'
import { rowKeys } from './row-keys.ts'
import type { Tab } from './tab.ts'

/** The chosen cell's whole value, the other values of its row, and the way to where the row came from. */
export function CellView({ tab, cell }: { tab: Tab; cell: CellPlace | null }) {
  const result = tab.outcome?.result ?? null
  if (result === null || cell === null || cell.row >= result.rows || cell.column >= result.columns.length) {
    return (
      <div className="sect t2 dense">Choose a cell to see its whole value and where its row came from.</div>
    )
  }
  const column = result.columns[cell.column]
  const text = result.cell(cell.row, cell.column)
  return (
    <>
      <div className="sect">
        <div className="row between">
          <h3>
            {column?.name} <span className="ty">{column?.kind.word}</span>
          </h3>
          {text !== null && <CopyButton text={text} label="Copy" />}
        </div>
        <p className="t2 dense">
          Row {count(cell.row + 1)}
          {text !== null && `, ${count(text.length)} characters`}
        </p>
        {text === null ? (
          <p className="dense">null</p>
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: long values scroll, and keys must reach that
          <pre className="sql-value" tabIndex={0}>
            {readable(text)}
          </pre>
        )}
      </div>
      <Origins tab={tab} row={cell.row} />
      <div className="sect">
        <h3>Row {count(cell.row + 1)}</h3>
        <dl className="kv sql-row">
          {result.columns.flatMap((one, i) => {
            const value = result.cell(cell.row, i)
            return [
              // biome-ignore lint/suspicious/noArrayIndexKey: columns are told by their place, names may be twice
              <dt key={`${i} name`}>{one.name}</dt>,
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <dd key={i} className="cut" title={value ?? 'null'}>
                {value === null ? <span className="null" role="img" aria-label="null" /> : value}
              </dd>,
            ]
          })}
        </dl>
      </div>
    </>
  )
}

/** Links to the thread of the row: data file, snapshot, commit, message. For each table whose columns it shows. */
function Origins({ tab, row }: { tab: Tab; row: number }) {
  const { outcome } = tab
  if (outcome === null) return null
  const found = outcome.forecast.tables.flatMap((cost) => {
    const table = theEngine().known.find((one) => one.called === cost.name)
    const keys = table === undefined ? null : rowKeys(outcome.result, row, table)
    return table === undefined || keys === null ? [] : [{ table, keys, snapshot: cost.snapshotId }]
  })
  if (found.length === 0) return null
  return (
    <div className="sect">
      <h3>Where from</h3>
      {found.map(({ table, keys, snapshot }) => {
        const { path, query } = threadPath({
          table: `${table.schema}.${table.table.name}`,
          ...(snapshot === null ? {} : { snapshot }),
          keys,
        })
        return (
          <div key={table.base} className="sql-origin">
            <p className="t2 dense">
              Rows of {table.called} with this {Object.keys(keys).join(', ')}
            </p>
            <a className="btn s" href={href(path, query)}>
              <Icon name="tree" />
              Follow to file, commit and message
            </a>
          </div>
        )
      })}
    </div>
  )
}

/** JSON in lines of its own; anything else as it is. */
function readable(text: string): string {
  if (!/^\s*[[{]/.test(text) || text.length > 1_000_000) return text
  try {
    // Only for the look, and only where no number would lose a digit.
    return /\d{16}/.test(text) ? text : JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
