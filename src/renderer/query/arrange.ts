import type { HeldColumn } from './held.ts'
import { quoteName, quoteText } from './lexer.ts'
import { profileKind } from './profile.ts'
import type { ResultColumn } from './result.ts'

/** What to show of an answer, and in which order. Columns are places in the answer, from 0. */
export interface Arrangement {
  readonly sort: { readonly column: number; readonly down: boolean } | null
  readonly filters: readonly RowFilter[]
}

export interface RowFilter {
  /** Several: any one of them passes. */
  readonly column: number | readonly number[]
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
  const by = sort === null ? '' : `${orderOf(sort, held)}, `
  return `SELECT rowid AS row FROM ${table}${whereOf(where)} ORDER BY ${by}rowid`
}

/**
 * A query with an arrangement around it, its columns named as they are. For answers too large to be held: they are not
 * numbered, so that rows that compare as equal come in any order.
 */
export function arrangedQuery(
  query: string,
  columns: readonly ResultColumn[],
  { sort, filters }: Arrangement,
): string {
  const names = columns.map((_, i) => `c${i}`)
  const held = columns.map(({ kind }, i): HeldColumn => {
    const text = !/^(int|long|huge|dbl|flt|dec|bool|date|ts|str)$/.test(kind.word)
    return {
      name: `c${i}`,
      type: TYPES[kind.word] ?? 'VARCHAR',
      value: text ? `CAST(c${i} AS VARCHAR)` : `c${i}`,
      text: text || kind.word === 'huge',
    }
  })
  const where = filters.map((filter) => condition(filter, held, columns))
  const shown = columns.map(({ name }, i) => `c${i} AS ${quoteName(name)}`)
  // The line break ends a comment that the query may end with.
  return `SELECT ${shown.join(', ')} FROM (${query}\n) AS answer(${names.join(', ')})${whereOf(where)}${sort === null ? '' : ` ORDER BY ${orderOf(sort, held)}`}`
}

/** What a filter's text is cast to where the column's own width is not known any more. */
const TYPES: Readonly<Record<string, string>> = {
  int: 'HUGEINT',
  long: 'HUGEINT',
  dbl: 'DOUBLE',
  flt: 'FLOAT',
  dec: 'DECIMAL(38,10)',
  bool: 'BOOLEAN',
  date: 'DATE',
  ts: 'TIMESTAMP',
}

function whereOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
}

function orderOf(
  sort: { readonly column: number; readonly down: boolean },
  held: readonly HeldColumn[],
): string {
  return `${held[sort.column]?.value} ${sort.down ? 'DESC' : 'ASC'} NULLS LAST`
}

function condition(
  { column, op, text }: RowFilter,
  held: readonly HeldColumn[],
  columns: readonly ResultColumn[],
): string {
  if (typeof column === 'number') return conditionOf(column, op, text, held, columns)
  if (column.length === 0) return 'FALSE'
  return `(${column.map((one) => conditionOf(one, op, text, held, columns)).join(' OR ')})`
}

function conditionOf(
  column: number,
  op: FilterOp,
  text: string,
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
