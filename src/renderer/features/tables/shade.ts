import type { HeatCell } from '../../../shared/inspect.ts'
import { ago, bytes, count, counted } from '../../ui/format.ts'

/** What the map is shaded by. */
export const MEASURES = [
  { value: 'files', word: 'Files' },
  { value: 'bytes', word: 'Bytes' },
  { value: 'rows', word: 'Rows' },
  { value: 'mean', word: 'Mean size' },
  { value: 'write', word: 'Last write' },
  { value: 'deletes', word: 'Deletes' },
] as const
export type Measure = (typeof MEASURES)[number]['value']

/** The figure a cell is shaded by; null where it has none. */
export function figureOf(cell: HeatCell, measure: Measure): number | null {
  switch (measure) {
    case 'files':
      return cell.files
    case 'bytes':
      return cell.bytes
    case 'rows':
      return cell.rowCount
    case 'mean':
      return cell.files === 0 ? null : cell.bytes / cell.files
    case 'write':
      return cell.lastWrite
    case 'deletes':
      return cell.deleteFiles
  }
}

/** A figure in words, with its unit. `now` in ms since the epoch. */
export function tell(figure: number | null, measure: Measure, now: number): string {
  if (figure === null) return 'unknown'
  switch (measure) {
    case 'files':
      return counted(figure, 'file')
    case 'rows':
      return counted(figure, 'row')
    case 'deletes':
      return counted(figure, 'delete file')
    case 'write':
      return ago(figure, now)
    default:
      return bytes(figure)
  }
}

/** The figure at the dark end of the scale, for the key; the light end is `0` or the oldest. */
export function spanOf(cells: readonly HeatCell[], measure: Measure): readonly [number, number] {
  const figures = cells.map((cell) => figureOf(cell, measure)).filter((figure) => figure !== null)
  const most = figures.reduce((a, b) => Math.max(a, b), 0)
  return [measure === 'write' ? figures.reduce((a, b) => Math.min(a, b), most) : 0, most]
}

/**
 * Step 0 to 7 of the sequence of colours; 0 is nothing. Steps of the square root, so that a few crowded partitions do not
 * make the rest look alike.
 */
export function step(figure: number | null, [least, most]: readonly [number, number]): number {
  if (figure === null || most <= 0 || (figure <= 0 && least <= 0)) return 0
  if (most === least) return 7
  return 1 + Math.min(6, Math.floor(Math.sqrt((figure - least) / (most - least)) * 7))
}

/** What a cell says to who cannot see its shade. */
export function cellWords(column: string, row: string, cell: HeatCell | undefined): string {
  return cell === undefined
    ? `${row}, ${column}: no data`
    : `${row}, ${column}: ${counted(cell.files, 'file')}, ${count(cell.rowCount)} rows, ${bytes(cell.bytes)}`
}
