import type { Forecast } from './cost.ts'
import { EngineError } from './errors.ts'
import { quoteName } from './lexer.ts'
import type { QueryResult } from './result.ts'
import { distinctNames } from './types.ts'

/** The answer of one query at two states of the lake, as two tables of the engine, and what joins their rows. */
export interface ComparedTables {
  readonly before: string
  readonly after: string
  /** Columns that both answers have, by name. */
  readonly columns: readonly string[]
  /** Some of `columns`; all of them where rows are only there or not. */
  readonly key: readonly string[]
}

/** Keys that stand for more than one row: one row of two numbers, keys and rows. */
function duplicatesSql(table: string, key: readonly string[]): string {
  return `SELECT count(*) AS keys, coalesce(sum(n), 0) AS rows FROM (SELECT count(*) AS n FROM ${table} GROUP BY ${list(key)} HAVING count(*) > 1)`
}

/**
 * Counts of added, removed, changed and unchanged rows, then of changes in each column that is no part of the key: one
 * row. `twins`: some key stands for more than one row; the first such row is compared with the first, and so on.
 */
function countsSql(tables: ComparedTables, twins: boolean): string {
  const values = valuesOf(tables)
  const changed = values.map((name) => `count(*) FILTER (WHERE ${BOTH} AND ${differs(name)})`)
  return `SELECT count(*) FILTER (WHERE b.here IS NULL), count(*) FILTER (WHERE a.here IS NULL),
    count(*) FILTER (WHERE ${BOTH} AND (${anyDiffers(values)})),
    count(*) FILTER (WHERE ${BOTH} AND NOT (${anyDiffers(values)}))${changed.map((one) => `,\n    ${one}`).join('')}
    FROM ${joined(tables, twins)}`
}

/**
 * Rows that differ, or those that are the same, by key: `change`, the key, then of columns in `changed` what was and what
 * is now, of the others their value. At most `limit` rows.
 */
function differencesSql(
  tables: ComparedTables,
  twins: boolean,
  changed: ReadonlySet<string>,
  limit: number,
  same = false,
): string {
  const values = valuesOf(tables)
  const key = tables.key.map((name) => ({
    sql: `coalesce(b.${quoteName(name)}, a.${quoteName(name)})`,
    name,
  }))
  const rest = values.flatMap((name) => {
    const column = quoteName(name)
    return changed.has(name)
      ? [
          { sql: `b.${column}`, name: `${name} was` },
          { sql: `a.${column}`, name: `${name} now` },
        ]
      : [{ sql: `CASE WHEN a.here THEN a.${column} ELSE b.${column} END`, name }]
  })
  const change = same ? "'same'" : CHANGE
  const order = [...key.map(({ sql }) => sql), ...(same ? [] : [CHANGE])]
  const shown = [{ sql: change, name: 'change' }, ...key, ...rest]
  const names = distinctNames(shown.map((one) => one.name))
  return `SELECT ${shown.map(({ sql }, i) => `${sql} AS ${quoteName(names[i] as string)}`).join(', ')}
    FROM ${joined(tables, twins)} WHERE ${same ? `${BOTH} AND NOT (${anyDiffers(values)})` : `b.here IS NULL OR a.here IS NULL OR ${anyDiffers(values)}`}
    ORDER BY ${order.join(', ')} LIMIT ${limit}`
}

const BOTH = 'a.here AND b.here'
const CHANGE = "CASE WHEN b.here IS NULL THEN 'added' WHEN a.here IS NULL THEN 'removed' ELSE 'changed' END"

function valuesOf({ columns, key }: ComparedTables): string[] {
  return columns.filter((name) => !key.includes(name))
}

function list(names: readonly string[]): string {
  return names.map(quoteName).join(', ')
}

function differs(name: string): string {
  return `b.${quoteName(name)} IS DISTINCT FROM a.${quoteName(name)}`
}

function anyDiffers(values: readonly string[]): string {
  return values.length === 0 ? 'false' : values.map(differs).join(' OR ')
}

/** Rows of both sides by key; `here` is NULL on the side that has none. */
function joined({ before, after, columns, key }: ComparedTables, twins: boolean): string {
  const place = twins
    ? `, row_number() OVER (PARTITION BY ${list(key)} ORDER BY ${list(columns)}) AS twin`
    : ''
  const side = (table: string): string => `(SELECT ${list(columns)}, true AS here${place} FROM ${table})`
  const on = key.map((name) => `b.${quoteName(name)} IS NOT DISTINCT FROM a.${quoteName(name)}`)
  return `${side(before)} b FULL JOIN ${side(after)} a ON ${[...on, ...(twins ? ['b.twin = a.twin'] : [])].join(' AND ')}`
}

/** How the answers of one query at two states of the lake differ. */
export interface Comparison {
  readonly counts: {
    readonly added: number
    readonly removed: number
    readonly changed: number
    readonly unchanged: number
  }
  /** Rows of each answer. */
  readonly rows: { readonly before: number; readonly after: number }
  /** Keys that stand for more than one row, and how many rows. */
  readonly duplicates: { readonly before: Duplicates; readonly after: Duplicates }
  /** Columns that are no part of the key, with the rows in which they changed. */
  readonly columns: readonly { readonly name: string; readonly changed: number }[]
  /** Columns that only one answer has: they are not compared. */
  readonly onlyBefore: readonly string[]
  readonly onlyAfter: readonly string[]
  /**
   * Rows that differ, by key: `change`, the key, `x was` and `x now` of each column that changed, the others. The same of
   * those that do not differ, where they were asked for.
   */
  readonly result: QueryResult
  /** True where `result` has some of these rows only. */
  readonly cut: boolean
  readonly forecasts: { readonly before: Forecast; readonly after: Forecast }
  /** Wall time in ms. */
  readonly ms: number
}

export interface Duplicates {
  readonly keys: number
  readonly rows: number
}

/** Compares two answers that stand as tables; `ask` runs a query to its end. */
export async function compareTables(
  sides: { readonly before: string; readonly after: string },
  key: readonly string[],
  { limit, same }: { readonly limit: number; readonly same: boolean },
  ask: (sql: string) => Promise<QueryResult>,
): Promise<Omit<Comparison, 'forecasts' | 'ms'>> {
  const namesOf = async (table: string): Promise<string[]> =>
    (await ask(`SELECT * FROM ${table} LIMIT 0`)).columns.map((column) => column.name)
  const [before, after] = [await namesOf(sides.before), await namesOf(sides.after)]
  const has = (names: readonly string[], name: string): boolean =>
    names.some((one) => one.toLowerCase() === name.toLowerCase())
  const columns = after.filter((name) => has(before, name))
  const chosen = key.map((name) => {
    const found = columns.find((one) => one.toLowerCase() === name.toLowerCase())
    if (found !== undefined) return found
    throw new EngineError(
      'Compare',
      `Not both answers have a column ${name}. They have: ${columns.join(', ')}.`,
      null,
      columns,
    )
  })
  if (columns.length === 0)
    throw new EngineError('Compare', 'The two answers have no column in common.', null, [])
  const tables = { ...sides, columns, key: chosen.length === 0 ? columns : chosen }
  const numbers = async (sql: string): Promise<number[]> => {
    const row = await ask(sql)
    return row.columns.map((_, i) => Number(row.cell(0, i) ?? 0))
  }
  const duplicates = async (table: string): Promise<Duplicates> => {
    const [keys, rows] = (await numbers(duplicatesSql(table, tables.key))) as [number, number]
    return { keys, rows }
  }
  const twice = { before: await duplicates(sides.before), after: await duplicates(sides.after) }
  const twins = twice.before.keys + twice.after.keys > 0
  const [added, removed, changed, unchanged, ...perColumn] = (await numbers(countsSql(tables, twins))) as [
    number,
    number,
    number,
    number,
    ...number[],
  ]
  const compared = valuesOf(tables).map((name, i) => ({ name, changed: perColumn[i] as number }))
  const moved = new Set(compared.filter((column) => column.changed > 0).map((column) => column.name))
  const result = await ask(differencesSql(tables, twins, moved, limit, same))
  return {
    counts: { added, removed, changed, unchanged },
    rows: { before: removed + changed + unchanged, after: added + changed + unchanged },
    duplicates: twice,
    columns: compared,
    onlyBefore: before.filter((name) => !has(after, name)),
    onlyAfter: after.filter((name) => !has(before, name)),
    result,
    cut: result.rows < (same ? unchanged : added + removed + changed),
  }
}
