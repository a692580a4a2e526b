import {
  columnOrderingFeature,
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { Arrangement } from '../../query/arrange.ts'
import { clipboardText } from '../../query/csv.ts'
import type { QueryResult } from '../../query/result.ts'
import { pressed } from '../../ui/chord.ts'
import { useView } from '../../ui/view.ts'
import { ColumnMenu } from './column-menu.tsx'
import { Cell, Spacer } from './grid-cell.tsx'
import { GridHead } from './grid-head.tsx'
import { between, type CellPlace, cellAfter, inside } from './grid-keys.ts'
import {
  fittingWidth,
  type GridLayout,
  LEAST_WIDTH,
  moveColumn,
  moveColumnTo,
  partRows,
  shownColumns,
  toggleHidden,
  togglePin,
  widen,
} from './grid-layout.ts'
import type { GridMemory } from './grid-memory.ts'
import { GridParts } from './grid-parts.tsx'

/** A row in sight. The table model holds these only: an answer of a million rows makes no objects. */
interface SeenRow {
  readonly at: number
}

const features = tableFeatures({
  columnSizingFeature,
  columnResizingFeature,
  columnVisibilityFeature,
  columnOrderingFeature,
  columnPinningFeature,
})
const INDEX_WIDTH = 56
export interface ResultGridProps {
  readonly result: QueryResult
  readonly sort: Arrangement['sort']
  readonly layout: GridLayout
  /** How it was left, and where it is left again. */
  readonly memory: GridMemory
  /** A cell to go to; a new object goes there again. */
  readonly target: CellPlace | null
  /** Text looked for, marked in the cells. */
  readonly find: string
  readonly onLayout: (layout: GridLayout) => void
  /** Asks for the next order by a column: up, down, as it came. */
  readonly onSort: (column: number) => void
  readonly onFilter: (column: number, op: 'is' | 'is not' | 'null' | 'not null', text: string) => void
  readonly onCell: (cell: CellPlace) => void
}

/**
 * The answer as a grid with one tab stop: arrows, Home, End, Page keys (with Ctrl to the edges), Shift to extend,
 * Ctrl+C to copy, S to sort by the cell's column, M for its menu, P to pin, H to hide, plus and minus for its width, Ctrl
 * Shift with an arrow to move it. Only the rows in sight exist as elements, however many there are.
 */
export function ResultGrid(props: ResultGridProps) {
  const { result, sort, layout, memory, target, find, onLayout, onSort, onCell } = props
  const scroller = useRef<HTMLDivElement>(null)
  const grid = useRef<HTMLTableElement>(null)
  const { density } = useView()
  const rowHeight = density === 'comfortable' ? 34 : 26
  const part = partRows(rowHeight)
  const [cell, setCell] = useState<CellPlace>(() => inside(memory.cell, result.rows, result.columns.length))
  const [anchor, setAnchor] = useState<CellPlace>(cell)
  const [menu, setMenu] = useState<{ at: Element; column: number } | null>(null)
  const at = Math.min(cell.row, Math.max(0, result.rows - 1))
  const base = Math.floor(at / part) * part
  // Another order of the same rows leaves the columns as wide as they are.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the batches are the answer, in whatever order
  const fitting = useMemo(
    () => result.columns.map((_, index) => fittingWidth(result, index)),
    [result.batches],
  )
  const columns = useMemo(
    () =>
      result.columns.map((column, index) => ({
        id: String(index),
        header: column.name,
        size: Math.round((fitting[index] ?? 0) * (density === 'comfortable' ? 1.1 : 1)),
        minSize: LEAST_WIDTH,
        accessorFn: (row: SeenRow) => result.cell(row.at, index),
      })),
    [result, fitting, density],
  )
  const virtual = useVirtualizer({
    count: Math.min(part, result.rows - base),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: rowHeight,
    initialOffset: memory.top,
  })
  const items = virtual.getVirtualItems()
  const first = base + (items[0]?.index ?? 0)
  const last = base + (items[items.length - 1]?.index ?? -1)
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows keep their cells' values, another order needs new ones
  const data = useMemo(
    () => Array.from({ length: Math.max(0, last - first + 1) }, (_, i): SeenRow => ({ at: first + i })),
    [first, last, result],
  )
  const shown = useMemo(() => shownColumns(layout), [layout])
  const table = useTable({
    features,
    columns,
    data,
    columnResizeMode: 'onChange',
    getRowId: (row) => String(row.at),
    state: {
      columnOrder: [...layout.order],
      columnPinning: { start: shown.filter((id) => layout.pinned.includes(id)), end: [] },
      columnVisibility: Object.fromEntries(layout.hidden.map((id) => [id, false])),
      columnSizing: layout.widths,
    },
    onColumnSizingChange: (next) =>
      onLayout({ ...layout, widths: typeof next === 'function' ? next({ ...layout.widths }) : next }),
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew when their height changes
  useEffect(() => virtual.measure(), [rowHeight, virtual])
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it appears
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    element.scrollTo(memory.left, memory.top)
    return () => {
      memory.top = element.scrollTop
      memory.left = element.scrollLeft
    }
  }, [])

  const go = (to: CellPlace, extend: boolean): void => {
    const next = inside(to, result.rows, result.columns.length)
    setCell(next)
    memory.cell = next
    if (!extend) setAnchor(next)
    const nextBase = Math.floor(next.row / part) * part
    if (nextBase === base) virtual.scrollToIndex(next.row - base)
    else requestAnimationFrame(() => virtual.scrollToIndex(next.row - nextBase))
    // Pinned ones are in sight always.
    scroller.current
      ?.querySelector(`th[data-column="${next.column}"]:not(.is-pin)`)
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    onCell(next)
  }
  const latest = useRef(go)
  latest.current = go
  const pick = useCallback((to: CellPlace, extend: boolean) => latest.current(to, extend), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new target is gone to once
  useEffect(() => {
    if (target !== null) go(target, false)
  }, [target])

  const goToPart = (row: number): void => {
    const next = { row, column: cell.column }
    setCell(next)
    setAnchor(next)
    memory.cell = next
    requestAnimationFrame(() => virtual.scrollToIndex(0))
  }
  const column = String(cell.column)
  const widthOf = () => table.getColumn(column)?.getSize() ?? 150
  const onKey = (event: KeyboardEvent): void => {
    const ctrl = event.ctrlKey || event.metaKey
    if (pressed(event, 'grid.copy')) void navigator.clipboard.writeText(clipboardText(result, anchor, cell))
    else if (pressed(event, 'grid.left')) onLayout(moveColumn(layout, column, -1))
    else if (pressed(event, 'grid.right')) onLayout(moveColumn(layout, column, 1))
    else if (pressed(event, 'grid.sort')) onSort(cell.column)
    else if (pressed(event, 'grid.pin')) onLayout(togglePin(layout, column))
    else if (pressed(event, 'grid.hide')) {
      const next = shown[shown.indexOf(column) + 1] ?? shown[shown.indexOf(column) - 1]
      onLayout(toggleHidden(layout, column))
      if (next !== undefined) go({ row: cell.row, column: Number(next) }, false)
    } else if (pressed(event, 'grid.wide')) onLayout(widen(layout, column, widthOf(), 1))
    else if (pressed(event, 'grid.narrow')) onLayout(widen(layout, column, widthOf(), -1))
    else if (
      pressed(event, 'grid.menu') ||
      event.key === 'ContextMenu' ||
      (event.shiftKey && event.key === 'F10')
    ) {
      const head = grid.current?.querySelector(`th[data-column="${column}"]`)
      if (head) setMenu({ at: head, column: cell.column })
    } else {
      const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2)
      const next = event.altKey ? null : cellAfter(event.key, ctrl, cell, page, result.rows, layout)
      if (next === null) return
      go(next, event.shiftKey)
    }
    event.preventDefault()
  }
  const position = new Map(shown.map((id, place) => [Number(id), place]))
  const [left, right] = between(position.get(anchor.column) ?? 0, position.get(cell.column) ?? 0)
  const [top, bottom] = between(anchor.row, cell.row)
  const width = INDEX_WIDTH + table.getTotalSize()
  const after = virtual.getTotalSize() - (items[items.length - 1]?.end ?? 0)

  return (
    <>
      <div className="scroll sql-grid" ref={scroller}>
        <table
          className="grid lines"
          ref={grid}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a data grid is a table one can move in
          role="grid"
          aria-label="Result"
          aria-rowcount={result.rows + 1}
          aria-colcount={result.columns.length + 1}
          aria-activedescendant={`cell-${at}-${cell.column}`}
          aria-multiselectable="true"
          tabIndex={0}
          onKeyDown={onKey}
          style={{ width: `max(100%, ${width}px)` }}
        >
          <GridHead
            headers={table.getFlatHeaders()}
            columns={result.columns}
            sort={sort}
            pinned={layout.pinned}
            indexWidth={INDEX_WIDTH}
            onSort={onSort}
            onMenu={(element, of) => setMenu({ at: element, column: of })}
            onDrop={(from, to) => onLayout(moveColumnTo(layout, from, to))}
          />
          <tbody>
            {first > base && <Spacer height={items[0]?.start ?? 0} />}
            {table.getRowModel().rows.map((row) => {
              const number = row.original.at
              const part = number >= top && number <= bottom
              return (
                <tr key={row.id} aria-rowindex={number + 2} aria-selected={number === cell.row}>
                  <td className="idx">{result.numberOf(number) + 1}</td>
                  {row.getVisibleCells().map((one) => {
                    const of = Number(one.column.id)
                    const place = position.get(of) ?? 0
                    return (
                      <Cell
                        key={one.id}
                        row={number}
                        column={of}
                        right={result.columns[of]?.kind.align === 'right'}
                        active={number === cell.row && of === cell.column}
                        part={part && place >= left && place <= right}
                        pinAt={
                          one.column.getIsPinned() === 'start'
                            ? INDEX_WIDTH + one.column.getStart('start')
                            : null
                        }
                        text={one.getValue() as string | null}
                        find={find}
                        onPick={pick}
                      />
                    )
                  })}
                </tr>
              )
            })}
            {after > 0 && <Spacer height={after} />}
          </tbody>
        </table>
        <ColumnMenu
          anchor={menu?.at ?? null}
          column={menu?.column ?? 0}
          cell={cell}
          width={table.getColumn(String(menu?.column ?? 0))?.getSize() ?? 150}
          grid={props}
          onClose={() => {
            setMenu(null)
            grid.current?.focus()
          }}
        />
      </div>
      {result.rows > part && <GridParts first={base} part={part} rows={result.rows} onGo={goToPart} />}
    </>
  )
}
