import type { HeldColumn } from './held.ts'
import { quoteText } from './lexer.ts'
import { profileKind } from './profile.ts'
import type { ResultColumn } from './result.ts'

/** What to show of an answer, and in which order. Columns are places in the answer, from 0. */
export interface Arrangement {
  readonly sort: { readonly column: number; readonly down: boolean } | null
  readonly filters: readonly RowFilter[]
}

export interface RowFilter {
  readonly column: number
  readonly op: FilterOp
  /** As typed; not looked at by `null` and `not null`. */
  readonly text: string
}

export type FilterOp = 'has' | 'is' | 'is not' | 'at least' | 'at most' | 'null' | 'not null'

export const AS_IT_CAME: Arrangement = { sort: null, filters: [] }

/** Numbers of the rows to show, in order; the answer's own order decides between equals. NULL comes last. */
export function arrangeSql(
  table: string,
  held: readonly HeldColumn[],
  columns: readonly ResultColumn[],
  { sort, filters }: Arrangement,
): string {
  const where = filters.map((filter) => condition(filter, held, columns))
  const by = sort === null ? '' : `${held[sort.column]?.value} ${sort.down ? 'DESC' : 'ASC'} NULLS LAST, `
  return `SELECT rowid AS row FROM ${table}${where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`} ORDER BY ${by}rowid`
}

function condition(
  { column, op, text }: RowFilter,
  held: readonly HeldColumn[],
  columns: readonly ResultColumn[],
): string {
  const one = held[column]
  const shown = columns[column]
  if (one === undefined || shown === undefined) throw new RangeError(`no column ${column}`)
  const { value } = one
  // What is no value of the column's type fits no row.
  const asked = `TRY_CAST(${quoteText(text)} AS ${profileKind(shown.kind.word) === 'number' && one.text ? 'HUGEINT' : one.type})`
  switch (op) {
    case 'has':
      return `contains(lower(CAST(${value} AS VARCHAR)), lower(${quoteText(text)}))`
    case 'is':
      return `${value} = ${asked}`
    case 'is not':
      return `${value} IS DISTINCT FROM ${asked}`
    case 'at least':
      return `${value} >= ${asked}`
    case 'at most':
      return `${value} <= ${asked}`
    case 'null':
      return `${value} IS NULL`
    case 'not null':
      return `${value} IS NOT NULL`
  }
}
