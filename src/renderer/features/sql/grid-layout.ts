import type { QueryResult } from '../../query/result.ts'

/** How the columns of an answer stand in the grid. Columns are named by their place in the answer, as text. */
export interface GridLayout {
  /** All columns, in the order of the grid; pinned ones come first there all the same. */
  readonly order: readonly string[]
  readonly pinned: readonly string[]
  readonly hidden: readonly string[]
  /** Widths that were changed, in px. */
  readonly widths: Readonly<Record<string, number>>
}

export const LEAST_WIDTH = 48
/** Widest that a column is by itself, in px. */
const MOST_WIDTH = 420
/** Rows whose values a width is made for. */
const FITTED_ROWS = 100
/** Px of a letter or figure in the grid's face, of one of a type's word, and of what else a cell and a head hold. */
const LETTER = 7
const TYPE_LETTER = 7.5
const CELL_ROOM = 18
const HEAD_ROOM = 62
/** Px that a key makes a column wider or narrower. */
const WIDTH_STEP = 24

export function firstLayout(columns: number): GridLayout {
  return { order: Array.from({ length: columns }, (_, i) => String(i)), pinned: [], hidden: [], widths: {} }
}

/** What the column's name, type and first values need, in px, within bounds: one long value makes no window of its own. */
export function fittingWidth(result: QueryResult, column: number): number {
  const { name, kind } = result.columns[column] as QueryResult['columns'][number]
  const head = HEAD_ROOM + LETTER * name.length + TYPE_LETTER * typeWord(kind.word).length
  const longest = Array.from({ length: Math.min(FITTED_ROWS, result.rows) }, (_, row) => row).reduce(
    (most, row) => Math.max(most, result.cell(row, column)?.length ?? 0),
    0,
  )
  return Math.round(Math.min(MOST_WIDTH, Math.max(head, CELL_ROOM + LETTER * longest)))
}

/** How the head tells a type: instants are shown in UTC whatever the window's zone. */
export const typeWord = (word: string): string => (word === 'ts' ? 'ts, UTC' : word)

/** The columns in sight, from left to right. */
export function shownColumns({ order, pinned, hidden }: GridLayout): readonly string[] {
  const seen = order.filter((id) => !hidden.includes(id))
  return [...seen.filter((id) => pinned.includes(id)), ...seen.filter((id) => !pinned.includes(id))]
}

/** One column moved by so many places among those in sight; it stays within the pinned or the others. */
export function moveColumn(layout: GridLayout, id: string, by: number): GridLayout {
  const shown = shownColumns(layout)
  const at = shown.indexOf(id)
  const other = shown[at + by]
  if (at < 0 || other === undefined || layout.pinned.includes(id) !== layout.pinned.includes(other))
    return layout
  const rest = layout.order.filter((one) => one !== id)
  const to = rest.indexOf(other) + (by > 0 ? 1 : 0)
  return { ...layout, order: [...rest.slice(0, to), id, ...rest.slice(to)] }
}

/** A column put in the place of another, on the same side of the pins. */
export function moveColumnTo(layout: GridLayout, id: string, to: string): GridLayout {
  const shown = shownColumns(layout)
  return moveColumn(layout, id, shown.indexOf(to) - shown.indexOf(id))
}

export function togglePin(layout: GridLayout, id: string): GridLayout {
  const { pinned } = layout
  return { ...layout, pinned: pinned.includes(id) ? pinned.filter((one) => one !== id) : [...pinned, id] }
}

/** Hides a column, or shows it again; the last one in sight stays. */
export function toggleHidden(layout: GridLayout, id: string): GridLayout {
  const { hidden } = layout
  if (hidden.includes(id)) return { ...layout, hidden: hidden.filter((one) => one !== id) }
  return shownColumns(layout).length <= 1 ? layout : { ...layout, hidden: [...hidden, id] }
}

/** `from`: the width it has now, in px. */
export function widen(layout: GridLayout, id: string, from: number, steps: number): GridLayout {
  const width = Math.max(LEAST_WIDTH, from + steps * WIDTH_STEP)
  return { ...layout, widths: { ...layout.widths, [id]: width } }
}

/** True where the grid does not show the answer's columns as they came. */
export function isArranged({ order, hidden }: GridLayout): boolean {
  return hidden.length > 0 || order.some((id, at) => id !== String(at))
}

/** A browser makes no element higher than 33.5 million px: rows beyond are shown in further parts. */
const MOST_PX = 30_000_000

/** Rows that the grid shows at once in one scroll area, at that height of a row in px. */
export function partRows(rowHeight: number): number {
  return Math.floor(MOST_PX / rowHeight)
}
