import {
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { Arrangement } from '../../query/arrange.ts'
import { clipboardText } from '../../query/csv.ts'
import type { QueryResult } from '../../query/result.ts'
import { Icon } from '../../ui/icon.tsx'
import { useView } from '../../ui/view.ts'

export interface CellPlace {
  readonly row: number
  readonly column: number
}

/** A row in sight. The table model holds these only: an answer of a million rows makes no objects. */
interface SeenRow {
  readonly at: number
}

const features = tableFeatures({ columnSizingFeature, columnResizingFeature, columnVisibilityFeature })
/** Width of a column by its kind of value, in px. */
const WIDTHS: Readonly<Record<string, number>> = {
  ts: 190,
  bool: 70,
  date: 100,
  dbl: 120,
  long: 110,
  int: 90,
  map: 280,
  list: 240,
}
const INDEX_WIDTH = 56

/**
 * The answer as a grid with one tab stop: arrows, Home, End, Page keys (with Ctrl to the edges), Shift to extend,
 * Ctrl+C to copy, S to sort by the cell's column. Only the rows in sight exist as elements, however many there are.
 */
export function ResultGrid({
  result,
  sort,
  onSort,
  onCell,
}: {
  result: QueryResult
  sort: Arrangement['sort']
  /** Asks for the next order by a column: up, down, as it came. */
  onSort: (column: number) => void
  onCell: (cell: CellPlace) => void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const { density } = useView()
  const rowHeight = density === 'comfortable' ? 34 : 26
  const [cell, setCell] = useState<CellPlace>({ row: 0, column: 0 })
  const [anchor, setAnchor] = useState<CellPlace>({ row: 0, column: 0 })
  const columns = useMemo(
    () =>
      result.columns.map((column, index) => ({
        id: String(index),
        header: column.name,
        size: Math.max(WIDTHS[column.kind.word] ?? 150, 40 + 8 * column.name.length),
        minSize: 48,
        accessorFn: ({ at }: SeenRow) => result.cell(at, index),
      })),
    [result],
  )
  const virtual = useVirtualizer({
    count: result.rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: rowHeight,
  })
  const items = virtual.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items[items.length - 1]?.index ?? -1
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows keep their cells' values, another order needs new ones
  const data = useMemo(
    () => Array.from({ length: last - first + 1 }, (_, i): SeenRow => ({ at: first + i })),
    [first, last, result],
  )
  const table = useTable({
    features,
    columns,
    data,
    columnResizeMode: 'onChange',
    getRowId: ({ at }) => String(at),
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew when their height changes
  useEffect(() => virtual.measure(), [rowHeight, virtual])

  const go = (target: CellPlace, extend: boolean): void => {
    const next = {
      row: Math.max(0, Math.min(result.rows - 1, target.row)),
      column: Math.max(0, Math.min(result.columns.length - 1, target.column)),
    }
    setCell(next)
    if (!extend) setAnchor(next)
    virtual.scrollToIndex(next.row)
    scroller.current
      ?.querySelector(`th[data-column="${next.column}"]`)
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    onCell(next)
  }
  const onKey = (event: KeyboardEvent): void => {
    const ctrl = event.ctrlKey || event.metaKey
    if (ctrl && event.key.toLowerCase() === 'c') {
      void navigator.clipboard.writeText(clipboardText(result, anchor, cell))
      event.preventDefault()
      return
    }
    if (!ctrl && event.key.toLowerCase() === 's') {
      onSort(cell.column)
      event.preventDefault()
      return
    }
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2)
    const target = moved(event.key, ctrl, cell, page, result)
    if (target === null) return
    event.preventDefault()
    go(target, event.shiftKey)
  }
  const selected = (row: number, column: number): boolean =>
    row >= Math.min(anchor.row, cell.row) &&
    row <= Math.max(anchor.row, cell.row) &&
    column >= Math.min(anchor.column, cell.column) &&
    column <= Math.max(anchor.column, cell.column)
  const width = INDEX_WIDTH + table.getTotalSize()
  const after = virtual.getTotalSize() - (items[items.length - 1]?.end ?? 0)

  return (
    <div className="scroll sql-grid" ref={scroller}>
      <table
        className="grid lines"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a data grid is a table one can move in
        role="grid"
        aria-label="Result"
        aria-rowcount={result.rows + 1}
        aria-colcount={result.columns.length + 1}
        aria-activedescendant={`cell-${Math.min(cell.row, result.rows - 1)}-${cell.column}`}
        tabIndex={0}
        onKeyDown={onKey}
        style={{ width }}
      >
        <thead>
          <tr aria-rowindex={1}>
            <th className="idx" style={{ width: INDEX_WIDTH }} aria-label="Row" />
            {table.getFlatHeaders().map((header) => {
              const column = result.columns[Number(header.column.id)]
              return (
                <th
                  key={header.id}
                  data-column={header.column.id}
                  className={column?.kind.align === 'right' ? 'num' : ''}
                  style={{ width: header.getSize() }}
                  scope="col"
                  title={column && `${column.name}: press to sort, or S in the grid`}
                  aria-sort={
                    sort?.column !== Number(header.column.id)
                      ? undefined
                      : sort.down
                        ? 'descending'
                        : 'ascending'
                  }
                  onClick={() => onSort(Number(header.column.id))}
                >
                  {column?.name}
                  <span className="ty">{column?.kind.word}</span>
                  {sort?.column === Number(header.column.id) && <Icon name={sort.down ? 'dn' : 'up'} small />}
                  <span
                    className={header.column.getIsResizing() ? 'sql-resize is-drag' : 'sql-resize'}
                    aria-hidden="true"
                    onMouseDown={header.getResizeHandler()}
                    onClick={(event) => event.stopPropagation()}
                    onDoubleClick={() => header.column.resetSize()}
                  />
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>
          {first > 0 && <Spacer height={items[0]?.start ?? 0} />}
          {table.getRowModel().rows.map((row) => {
            const { at } = row.original
            return (
              <tr key={row.id} aria-rowindex={at + 2} aria-selected={at === cell.row}>
                <td className="idx">{result.numberOf(at) + 1}</td>
                {row.getVisibleCells().map((one) => {
                  const column = Number(one.column.id)
                  return (
                    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the grid, its one tab stop
                    <td
                      key={one.id}
                      id={`cell-${at}-${column}`}
                      className={cellClass(
                        result,
                        at === cell.row && column === cell.column,
                        selected(at, column),
                        column,
                      )}
                      onClick={(event) => go({ row: at, column }, event.shiftKey)}
                    >
                      <CellText text={one.getValue() as string | null} />
                    </td>
                  )
                })}
              </tr>
            )
          })}
          {after > 0 && <Spacer height={after} />}
        </tbody>
      </table>
    </div>
  )
}

/** Stands for the rows out of sight. */
function Spacer({ height }: { height: number }) {
  // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it is room, not a row to read
  return <tr role="presentation" style={{ height }} />
}

function cellClass(result: QueryResult, active: boolean, selected: boolean, column: number): string {
  const align = result.columns[column]?.kind.align === 'right' ? 'num' : ''
  return `${align} ${active ? 'is-cell' : selected ? 'is-part' : ''}`.trim()
}

/** Longest text shown in a cell, in UTF-16 units; the inspector has it whole. */
const SHOWN = 300

function CellText({ text }: { text: string | null }) {
  if (text === null) return <span className="null" title="null" role="img" aria-label="null" />
  return <>{text.length > SHOWN ? `${text.slice(0, SHOWN)}\u2026` : text}</>
}

function moved(
  key: string,
  ctrl: boolean,
  cell: CellPlace,
  page: number,
  result: QueryResult,
): CellPlace | null {
  const { row, column } = cell
  const end = { row: result.rows - 1, column: result.columns.length - 1 }
  switch (key) {
    case 'ArrowDown':
      return { row: ctrl ? end.row : row + 1, column }
    case 'ArrowUp':
      return { row: ctrl ? 0 : row - 1, column }
    case 'ArrowRight':
      return { row, column: ctrl ? end.column : column + 1 }
    case 'ArrowLeft':
      return { row, column: ctrl ? 0 : column - 1 }
    case 'PageDown':
      return { row: row + page, column }
    case 'PageUp':
      return { row: row - page, column }
    case 'Home':
      return { row: ctrl ? 0 : row, column: 0 }
    case 'End':
      return { row: ctrl ? end.row : row, column: end.column }
    default:
      return null
  }
}
