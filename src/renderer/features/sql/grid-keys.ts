import type { GridLayout } from './grid-layout.ts'
import { shownColumns } from './grid-layout.ts'

export interface CellPlace {
  readonly row: number
  /** Place in the answer, from 0, wherever it stands in the grid. */
  readonly column: number
}

/** Where a key leads in the grid; null for one that does not move. `page`: rows of a page. */
export function cellAfter(
  key: string,
  ctrl: boolean,
  { row, column }: CellPlace,
  page: number,
  rows: number,
  layout: GridLayout,
): CellPlace | null {
  const shown = shownColumns(layout)
  const at = Math.max(0, shown.indexOf(String(column)))
  const place = (nextRow: number, nextAt: number): CellPlace => ({
    row: Math.max(0, Math.min(rows - 1, nextRow)),
    column: Number(shown[Math.max(0, Math.min(shown.length - 1, nextAt))] ?? 0),
  })
  const last = shown.length - 1
  switch (key) {
    case 'ArrowDown':
      return place(ctrl ? rows - 1 : row + 1, at)
    case 'ArrowUp':
      return place(ctrl ? 0 : row - 1, at)
    case 'ArrowRight':
      return place(row, ctrl ? last : at + 1)
    case 'ArrowLeft':
      return place(row, ctrl ? 0 : at - 1)
    case 'PageDown':
      return place(row + page, at)
    case 'PageUp':
      return place(row - page, at)
    case 'Home':
      return place(ctrl ? 0 : row, 0)
    case 'End':
      return place(ctrl ? rows - 1 : row, last)
    default:
      return null
  }
}

/** The cell, or the nearest one that there is. */
export function inside({ row, column }: CellPlace, rows: number, columns: number): CellPlace {
  return {
    row: Math.max(0, Math.min(rows - 1, row)),
    column: Math.max(0, Math.min(columns - 1, column)),
  }
}

/** Both numbers, the lesser first. */
export function between(a: number, b: number): [number, number] {
  return a < b ? [a, b] : [b, a]
}

/** Goes to the grid of the answer, where there is one. */
export const focusGrid = (): void => document.querySelector<HTMLElement>('.sql-grid table')?.focus()
