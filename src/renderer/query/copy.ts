import { csvField } from './csv.ts'
import { quoteName, quoteText } from './lexer.ts'
import type { ResultColumn } from './result.ts'

/** Rows to copy: an answer, or the columns of it that are shown. */
export interface CopySource {
  readonly columns: readonly ResultColumn[]
  readonly rows: number
  cell(row: number, column: number): string | null
}

/** The columns of an answer at those places, in that order. */
export function withColumns(source: CopySource, places: readonly number[]): CopySource {
  return {
    columns: places.flatMap((place) => source.columns[place] ?? []),
    rows: source.rows,
    cell: (row, column) => source.cell(row, places[column] as number),
  }
}

export type CopyFormat = 'csv' | 'json' | 'markdown' | 'insert'

/**
 * The first `most` rows as text for the clipboard. JSON keeps numbers that JavaScript reads exactly as numbers and
 * writes the rest (64-bit, decimal, NaN) as text; INSERT names the table `answer`.
 */
export function copyText(result: CopySource, format: CopyFormat, most: number): string {
  const { columns } = result
  const rows = Math.min(most, result.rows)
  const lines: string[] = []
  const cells = (row: number, say: (text: string | null, column: ResultColumn) => string): string[] =>
    columns.map((column, i) => say(result.cell(row, i), column))
  switch (format) {
    case 'csv':
      lines.push(columns.map((column) => csvField(column.name, false)).join(','))
      for (let row = 0; row < rows; row++)
        lines.push(cells(row, (text, column) => csvField(text, column.kind.align === 'right')).join(','))
      return lines.join('\r\n')
    case 'json':
      for (let row = 0; row < rows; row++) {
        const pairs = columns.map(
          (column, i) => `${JSON.stringify(column.name)}: ${jsonOf(result.cell(row, i), column)}`,
        )
        lines.push(`  {${pairs.join(', ')}}`)
      }
      return `[\n${lines.join(',\n')}\n]`
    case 'markdown': {
      const line = (texts: readonly string[]) => `| ${texts.join(' | ')} |`
      lines.push(line(columns.map((column) => inCell(column.name))))
      lines.push(line(columns.map(({ kind }) => (kind.align === 'right' ? '---:' : '---'))))
      for (let row = 0; row < rows; row++) lines.push(line(cells(row, (text) => inCell(text ?? ''))))
      return lines.join('\n')
    }
    case 'insert': {
      const names = columns.map((column) => quoteName(column.name)).join(', ')
      for (let row = 0; row < rows; row++) lines.push(`  (${cells(row, sqlOf).join(', ')})`)
      return rows === 0 ? '' : `INSERT INTO answer (${names}) VALUES\n${lines.join(',\n')};`
    }
  }
}

function jsonOf(text: string | null, { kind }: ResultColumn): string {
  if (text === null) return 'null'
  if (kind.word === 'bool') return text
  const value = Number(text)
  const exact = /^(int|long|huge)$/.test(kind.word)
    ? Number.isSafeInteger(value)
    : /^(dbl|flt)$/.test(kind.word)
  return exact && Number.isFinite(value) ? String(value) : JSON.stringify(text)
}

function sqlOf(text: string | null, { kind }: ResultColumn): string {
  if (text === null) return 'NULL'
  if (kind.word === 'bool') return text
  return kind.align === 'right' && /^-?[\d.]+$/.test(text) ? text : quoteText(text)
}

function inCell(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replace(/[\r\n]+/g, ' ')
}
