import type { ResultColumn } from '../../query/result.ts'

export type Change = 'added' | 'removed' | 'changed' | 'same'

/** What is looked at of the engine's list of differences: `change`, the key, then `x was` and `x now`, or `x`. */
export interface DiffSource {
  readonly columns: readonly ResultColumn[]
  readonly rows: number
  cell(row: number, column: number): string | null
}

/** One column of the compared answers, and where its values stand in the list of differences. */
export interface DiffColumn {
  readonly name: string
  readonly word: string
  readonly right: boolean
  readonly key: boolean
  readonly before: number
  readonly after: number
}

/** The compared columns: those of the key, then the others in the answer's order. */
export function diffColumns(
  source: DiffSource,
  keys: number,
  values: readonly { readonly name: string; readonly changed: number }[],
): DiffColumn[] {
  let at = 1
  const column = (name: string, key: boolean, places: 1 | 2): DiffColumn => {
    const before = at
    at += places
    const kind = source.columns[before]?.kind
    return {
      name,
      word: kind?.word ?? '',
      right: kind?.align === 'right',
      key,
      before,
      after: before + places - 1,
    }
  }
  const key = Array.from({ length: keys }, () => column(source.columns[at]?.name ?? '', true, 1))
  return [...key, ...values.map(({ name, changed }) => column(name, false, changed > 0 ? 2 : 1))]
}

/** A line of the grid: a difference, or one half of a changed row. */
export interface DiffLine {
  /** Row of the list of differences. */
  readonly row: number
  readonly half: 'added' | 'removed' | 'was' | 'now' | 'same'
}

export function changeOf(source: DiffSource, row: number): Change {
  return (source.cell(row, 0) ?? 'changed') as Change
}

/** The lines of the differences of some kinds: a changed row as what was over what is now. */
export function diffLines(source: DiffSource, kinds: ReadonlySet<Change>): DiffLine[] {
  const lines: DiffLine[] = []
  for (let row = 0; row < source.rows; row++) {
    const change = changeOf(source, row)
    if (!kinds.has(change)) continue
    if (change === 'changed') lines.push({ row, half: 'was' }, { row, half: 'now' })
    else lines.push({ row, half: change })
  }
  return lines
}

/** The value of a column in a line. */
export function lineCell(source: DiffSource, line: DiffLine, column: DiffColumn): string | null {
  const before = line.half === 'was' || line.half === 'removed'
  return source.cell(line.row, before ? column.before : column.after)
}

/** True where a changed row has another value than before in a column. */
export function isChanged(source: DiffSource, row: number, column: DiffColumn): boolean {
  return column.before !== column.after && source.cell(row, column.before) !== source.cell(row, column.after)
}

/** How much a number changed in each changed row, where it did. */
export function deltas(source: DiffSource, column: DiffColumn): number[] {
  const found: number[] = []
  for (let row = 0; row < source.rows; row++) {
    if (changeOf(source, row) !== 'changed' || !isChanged(source, row, column)) continue
    const by = Number(source.cell(row, column.after)) - Number(source.cell(row, column.before))
    if (Number.isFinite(by)) found.push(by)
  }
  return found
}

/** Counts of values in an even number of equal steps around zero, from `-most` to `most`. */
export function aroundZero(
  values: readonly number[],
  steps: number,
): { readonly most: number; readonly counts: readonly number[] } {
  const most = Math.max(0, ...values.map(Math.abs))
  const counts = new Array<number>(steps).fill(0)
  for (const value of values) {
    const at = most === 0 ? steps / 2 : Math.floor(((value + most) / (2 * most)) * steps)
    counts[Math.min(steps - 1, Math.max(0, at))]! += 1
  }
  return { most, counts }
}

const NAMING = /^(VARCHAR|DATE|TIMESTAMP|TIME|BOOLEAN|ENUM|UUID)/

/**
 * Columns that are likely to tell the rows of an answer apart: words, days and instants before the first number, by
 * DuckDB's types.
 */
export function suggestedKey(columns: readonly { readonly name: string; readonly type: string }[]): string[] {
  const names = columns.filter(({ type }) => NAMING.test(type)).map(({ name }) => name)
  const firstOther = columns.findIndex(({ type }) => !NAMING.test(type))
  const leading = columns.slice(0, firstOther < 0 ? columns.length : firstOther).map(({ name }) => name)
  if (leading.length > 0) return leading
  return names.length > 0 ? names : columns.slice(0, 1).map(({ name }) => name)
}
