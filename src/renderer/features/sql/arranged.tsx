import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { type Arrangement, AS_IT_CAME, type RowFilter } from '../../query/arrange.ts'
import type { QueryResult } from '../../query/result.ts'
import { theEngine } from '../../query/start.ts'
import { Badge } from '../../ui/badge.tsx'
import { useCommand } from '../../ui/commands.ts'
import { count, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { ColumnsForm } from './columns-form.tsx'
import { CopyMenu } from './copy-menu.tsx'
import { FilterForm } from './filter-form.tsx'
import { filterWords } from './filters.ts'
import { FindLine } from './find-line.tsx'
import { type CellPlace, focusGrid } from './grid-keys.ts'
import { type GridLayout, shownColumns } from './grid-layout.ts'
import { gridMemory } from './grid-memory.ts'
import { ResultGrid } from './result-grid.tsx'
import type { Tab } from './tab.ts'

/** What the grid shows of the answer, for an export of the same. */
export interface Shown {
  readonly arrangement: Arrangement
  /** Places of the columns in sight, from left to right. */
  readonly columns: readonly number[]
  readonly rows: QueryResult
}

/** The grid with its own order, filters and columns: over the whole answer, in the engine, without running again. */
export function Arranged({
  tab,
  result,
  old,
  lead,
  end,
  onCell,
}: {
  tab: Tab
  result: QueryResult
  /** True for the rows of a run before. */
  old: boolean
  /** What stands first in the bar, and last. */
  lead: ReactNode
  end: (shown: Shown) => ReactNode
  onCell: (cell: CellPlace) => void
}) {
  const [memory] = useState(() => gridMemory(tab.id, tab.outcomeAt, result))
  const [wanted, setWanted] = useState<Arrangement>(memory.arrangement)
  const [shown, setShown] = useState<QueryResult>(memory.shown)
  const [layout, setLayout] = useState<GridLayout>(memory.layout)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [find, setFind] = useState<string | null>(null)
  const [target, setTarget] = useState<CellPlace | null>(null)
  const turn = useRef(0)
  const arrange = async (next: Arrangement) => {
    setWanted(next)
    memory.arrangement = next
    const mine = ++turn.current
    try {
      const none = next.sort === null && next.filters.length === 0
      const rows = none ? result : result.ordered(await theEngine().session(tab.id).arrange(result, next))
      if (mine !== turn.current) return
      memory.shown = rows
      setShown(rows)
      setTrouble(null)
    } catch (error) {
      if (mine === turn.current)
        setTrouble(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
    }
  }
  useEffect(() => () => void turn.current++, [])
  const lay = (next: GridLayout) => {
    memory.layout = next
    setLayout(next)
  }
  const sortBy = (column: number) => {
    const { sort } = wanted
    const next = sort?.column !== column ? { column, down: false } : sort.down ? null : { column, down: true }
    void arrange({ ...wanted, sort: next })
  }
  const addFilter = (filter: RowFilter) => void arrange({ ...wanted, filters: [...wanted.filters, filter] })
  const openFind = useCallback(() => setFind((text) => text ?? ''), [])
  useCommand('sql.find', openFind)
  const columns = shownColumns(layout).map(Number)
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
              <button
                type="button"
                className="btn quiet s"
                onClick={() => void arrange(AS_IT_CAME).then(focusGrid)}
              >
                As it came
              </button>
            </>
          )
        )}
        <button type="button" className="btn quiet s" onClick={openFind}>
          <Icon name="search" />
          Find
        </button>
        <FilterForm result={result} onAdd={addFilter} />
        <ColumnsForm result={result} layout={layout} onLayout={lay} />
        <CopyMenu shown={shown} columns={columns} />
        {end({ arrangement: wanted, columns, rows: shown })}
      </div>
      {find !== null && (
        <FindLine
          session={tab.id}
          result={result}
          shown={shown}
          arrangement={wanted}
          columns={columns}
          text={find}
          onText={setFind}
          onTarget={setTarget}
          onClose={() => {
            setFind(null)
            focusGrid()
          }}
        />
      )}
      {wanted.filters.length > 0 && (
        <div className="sql-filters">
          {wanted.filters.map((filter, i) => (
            <Badge
              // biome-ignore lint/suspicious/noArrayIndexKey: the same filter may stand twice
              key={i}
              removeLabel="Remove this filter"
              onRemove={() =>
                void arrange({ ...wanted, filters: wanted.filters.filter((_, at) => at !== i) }).then(
                  focusGrid,
                )
              }
            >
              {filterWords(filter, result)}
            </Badge>
          ))}
        </div>
      )}
      {shown.rows === 0 ? (
        <div className="empty grow">
          <p>No row of the answer passes the filters.</p>
          <button
            type="button"
            className="btn s"
            onClick={() => void arrange({ ...wanted, filters: [] }).then(focusGrid)}
          >
            Clear filters
          </button>
        </div>
      ) : (
        <div className={old ? 'sql-rows is-old' : 'sql-rows'}>
          <ResultGrid
            result={shown}
            sort={wanted.sort}
            layout={layout}
            memory={memory}
            target={target}
            find={find ?? ''}
            onLayout={lay}
            onSort={sortBy}
            onFilter={(column, op, text) => addFilter({ column, op, text })}
            onCell={(cell) => onCell({ row: shown.numberOf(cell.row), column: cell.column })}
          />
        </div>
      )}
    </>
  )
}
