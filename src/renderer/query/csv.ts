import { withoutFormula } from '../../shared/csv.ts'
import type { QueryResult } from './result.ts'

/*
 * CSV by RFC 4180. Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers and instants stay
 * as they are. NULL is an empty field, empty text `""`.
 */

/** Rows [start, end) as CSV lines. */
export function csvRows(result: QueryResult, start: number, end: number): string {
  let text = ''
  for (let row = start; row < end; row++) {
    const fields = result.columns.map((column, i) =>
      csvField(result.cell(row, i), column.kind.align === 'right'),
    )
    text += `${fields.join(',')}\r\n`
  }
  return text
}

/** One field. `number`: the text is a number of ours, so that a leading minus is no formula. */
export function csvField(text: string | null, number: boolean): string {
  if (text === null) return ''
  const guarded = number ? text : withoutFormula(text)
  if (guarded === '' || /[",\r\n]|^\s|\s$/.test(guarded)) return `"${guarded.replaceAll('"', '""')}"`
  return guarded
}

/** Cells [from, to] of both axes, inclusive, as tab-separated lines for the clipboard; NULL is empty. */
export function clipboardText(
  result: QueryResult,
  from: { readonly row: number; readonly column: number },
  to: { readonly row: number; readonly column: number },
): string {
  const lines: string[] = []
  for (let row = Math.min(from.row, to.row); row <= Math.max(from.row, to.row); row++) {
    const cells: string[] = []
    for (
      let column = Math.min(from.column, to.column);
      column <= Math.max(from.column, to.column);
      column++
    ) {
      cells.push((result.cell(row, column) ?? '').replace(/[\t\r\n]+/g, ' '))
    }
    lines.push(cells.join('\t'))
  }
  return lines.join('\n')
}
