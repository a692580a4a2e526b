import type { HeldColumn } from './held.ts'
import type { QueryResult } from './result.ts'
import type { ColumnWord } from './words.ts'

/** How a column spreads, over every row of the answer. */
export interface ColumnProfile {
  readonly rows: number
  readonly nulls: number
  /** Distinct values, NULL not among them; exact. */
  readonly distinct: number
  readonly least: string | null
  readonly most: string | null
  /** Of numbers only. */
  readonly median: string | null
  /** Rows in equal steps from least to most: numbers and instants; empty for others. */
  readonly bins: readonly number[]
  /** The commonest values with their rows, most first: texts and the like; empty for others. */
  readonly common: readonly { readonly value: string; readonly rows: number }[]
}

export const BINS = 12
const COMMON = 8

export type ProfileKind = 'number' | 'time' | 'word'

export function profileKind(word: ColumnWord): ProfileKind {
  if (/^(int|long|huge|dbl|flt|dec)$/.test(word)) return 'number'
  return word === 'ts' || word === 'date' ? 'time' : 'word'
}

/** A number that can be placed on a line, NULL where it is NaN or infinite. */
function place(kind: ProfileKind, value: string): string {
  if (kind === 'number') return `CAST(${value} AS DOUBLE)`
  return `CASE WHEN isfinite(${value}) THEN epoch(CAST(${value} AS TIMESTAMP)) END`
}

/** Counts and bounds of one column of the held `table`: one row. */
export function statisticsSql(table: string, column: HeldColumn, word: ColumnWord): string {
  const kind = profileKind(word)
  const { value } = column
  const bound = kind === 'word' ? value : `CASE WHEN isfinite(${place(kind, value)}) THEN ${value} END`
  const median = kind === 'number' ? `CAST(median(CAST(${bound} AS DOUBLE)) AS VARCHAR)` : 'NULL'
  return `SELECT count(*) AS n, count(${value}) AS present, count(DISTINCT ${value}) AS uniq,
    CAST(min(${bound}) AS VARCHAR) AS least, CAST(max(${bound}) AS VARCHAR) AS most, ${median} AS middle FROM ${table}`
}

/** Rows by step, or by value where values have no distance. */
export function spreadSql(table: string, column: HeldColumn, word: ColumnWord): string {
  const kind = profileKind(word)
  const { value } = column
  if (kind === 'word') {
    return `SELECT CAST(${value} AS VARCHAR) AS v, count(*) AS n FROM ${table} WHERE ${value} IS NOT NULL
      GROUP BY 1 ORDER BY n DESC, v LIMIT ${COMMON}`
  }
  return `WITH p AS (SELECT x FROM (SELECT ${place(kind, value)} AS x FROM ${table}) WHERE isfinite(x)),
    b AS (SELECT min(x) AS lo, max(x) AS hi FROM p)
    SELECT CAST(CASE WHEN hi = lo THEN 0 ELSE least(${BINS - 1}, floor((x - lo) / (hi - lo) * ${BINS})) END AS INTEGER) AS bin,
      count(*) AS n FROM p, b GROUP BY 1 ORDER BY 1`
}

/** The profile from the answers of both. */
export function readProfile(word: ColumnWord, statistics: QueryResult, spread: QueryResult): ColumnProfile {
  const number = (column: number): number => Number(statistics.cell(0, column) ?? 0)
  const rows = number(0)
  const pairs = Array.from({ length: spread.rows }, (_, row) => ({
    value: spread.cell(row, 0) ?? '',
    rows: Number(spread.cell(row, 1)),
  }))
  const kind = profileKind(word)
  const bins = new Array<number>(kind === 'word' || pairs.length === 0 ? 0 : BINS).fill(0)
  if (kind !== 'word') for (const pair of pairs) bins[Number(pair.value)] = pair.rows
  return {
    rows,
    nulls: rows - number(1),
    distinct: number(2),
    least: statistics.cell(0, 3),
    most: statistics.cell(0, 4),
    median: statistics.cell(0, 5),
    bins,
    common: kind === 'word' ? pairs : [],
  }
}
