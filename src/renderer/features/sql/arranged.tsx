import { type ReactNode, useEffect, useRef, useState } from 'react'
import { type Arrangement, AS_IT_CAME, type FilterOp } from '../../query/arrange.ts'
import { type CopyFormat, copyText } from '../../query/copy.ts'
import type { QueryResult } from '../../query/result.ts'
import { theEngine } from '../../query/start.ts'
import { Badge } from '../../ui/badge.tsx'
import { count, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Popover } from '../../ui/popover.tsx'
import { Select } from '../../ui/select.tsx'
import { notify } from '../../ui/toast.tsx'
import { type CellPlace, ResultGrid } from './result-grid.tsx'
import type { Tab } from './workbench.ts'

const OPS: readonly { value: FilterOp; word: string }[] = [
  { value: 'has', word: 'contains' },
  { value: 'is', word: 'is' },
  { value: 'is not', word: 'is not' },
  { value: 'at least', word: 'is at least' },
  { value: 'at most', word: 'is at most' },
  { value: 'null', word: 'is null' },
  { value: 'not null', word: 'is not null' },
]

/** Rows put on the clipboard at most; Export has them all. */
const MOST_COPIED = 10_000
const COPIES: readonly { format: CopyFormat; name: string }[] = [
  { format: 'csv', name: 'Copy rows as CSV' },
  { format: 'json', name: 'Copy rows as JSON' },
  { format: 'markdown', name: 'Copy rows as Markdown' },
  { format: 'insert', name: 'Copy rows as INSERT' },
]

/** The grid with its own order and filters: over the whole answer, in the engine, without running the statement again. */
export function Arranged({
  tab,
  result,
  lead,
  end,
  onCell,
}: {
  tab: Tab
  result: QueryResult
  /** What stands first in the bar, and last. */
  lead: ReactNode
  end: ReactNode
  onCell: (cell: CellPlace) => void
}) {
  const [wanted, setWanted] = useState<Arrangement>(AS_IT_CAME)
  const [shown, setShown] = useState<QueryResult>(result)
  const [trouble, setTrouble] = useState<string | null>(null)
  const turn = useRef(0)
  const arrange = async (next: Arrangement) => {
    setWanted(next)
    const mine = ++turn.current
    try {
      const none = next.sort === null && next.filters.length === 0
      const rows = none ? result : result.ordered(await theEngine().session(tab.id).arrange(result, next))
      if (mine !== turn.current) return
      setShown(rows)
      setTrouble(null)
    } catch (error) {
      if (mine === turn.current)
        setTrouble(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
    }
  }
  useEffect(() => () => void turn.current++, [])
  const sortBy = (column: number) => {
    const { sort } = wanted
    const next = sort?.column !== column ? { column, down: false } : sort.down ? null : { column, down: true }
    void arrange({ ...wanted, sort: next })
  }
  return (
    <>
      <div className="bar sql-result-bar">
        {lead}
        <span className="grow" />
        {trouble !== null ? (
          <span className="t2 dense cut">Not arranged: {trouble}</span>
        ) : (
          shown !== result && (
            <>
              <span className="t2 dense nw">
                {count(shown.rows)} of {counted(result.rows, 'row')}
                {wanted.sort && `, by ${result.columns[wanted.sort.column]?.name}`}
              </span>
              <button type="button" className="btn quiet s" onClick={() => void arrange(AS_IT_CAME)}>
                As it came
              </button>
            </>
          )
        )}
        <AddFilter
          result={result}
          onAdd={(column, op, text) =>
            void arrange({ ...wanted, filters: [...wanted.filters, { column, op, text }] })
          }
        />
        <Menu
          trigger={
            <button type="button" className="btn quiet s">
              <Icon name="copy" />
              Copy
            </button>
          }
          entries={COPIES.map(({ format, name }) => ({
            name,
            onChoose: () => {
              const rows = Math.min(shown.rows, MOST_COPIED)
              void navigator.clipboard
                .writeText(copyText(shown, format, MOST_COPIED))
                .then(() => notify(`Copied ${counted(rows, 'row')} of ${count(shown.rows)}`))
            },
          }))}
        />
        {end}
      </div>
      {wanted.filters.length > 0 && (
        <div className="sql-filters">
          {wanted.filters.map((filter, i) => (
            <Badge
              key={`${filter.column} ${filter.op} ${filter.text}`}
              removeLabel="Remove this filter"
              onRemove={() =>
                void arrange({ ...wanted, filters: wanted.filters.filter((_, at) => at !== i) })
              }
            >
              {result.columns[filter.column]?.name} {OPS.find((one) => one.value === filter.op)?.word}{' '}
              {/null/.test(filter.op) ? '' : filter.text}
            </Badge>
          ))}
        </div>
      )}
      {shown.rows === 0 ? (
        <div className="empty grow">
          <p>No row of the answer passes the filters.</p>
          <button type="button" className="btn s" onClick={() => void arrange({ ...wanted, filters: [] })}>
            Clear filters
          </button>
        </div>
      ) : (
        <ResultGrid
          result={shown}
          sort={wanted.sort}
          onSort={sortBy}
          onCell={(cell) => onCell({ row: shown.numberOf(cell.row), column: cell.column })}
        />
      )}
    </>
  )
}

function AddFilter({
  result,
  onAdd,
}: {
  result: QueryResult
  onAdd: (column: number, op: FilterOp, text: string) => void
}) {
  const [column, setColumn] = useState('0')
  const [op, setOp] = useState<FilterOp>('has')
  const [text, setText] = useState('')
  const asks = op !== 'null' && op !== 'not null'
  return (
    <Popover
      title="Filter the whole answer"
      align="start"
      trigger={
        <button type="button" className="btn quiet s">
          <Icon name="filter" />
          Filter
        </button>
      }
    >
      <form
        className="sql-filter-form"
        onSubmit={(event) => {
          event.preventDefault()
          onAdd(Number(column), op, text)
        }}
      >
        <Select
          small
          label="Column"
          value={column}
          choices={result.columns.map(({ name }, i) => ({ value: String(i), word: name }))}
          onChange={setColumn}
        />
        <Select small label="Condition" value={op} choices={OPS} onChange={setOp} />
        {asks && (
          <input
            className="input s"
            aria-label="Value"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        <button type="submit" className="btn s">
          Add filter
        </button>
      </form>
    </Popover>
  )
}
