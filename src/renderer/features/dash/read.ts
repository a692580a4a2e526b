import type { Grain } from '../../../shared/dash.ts'
import { quoteName, quoteText } from '../../query/lexer.ts'
import type { QueryResult } from '../../query/result.ts'
import type { Ahead, Session } from '../../query/session.ts'
import type { Row } from './measures.ts'

/** Names of the tables as SQL writes them, quoted. */
export interface TableNames {
  readonly raw: string
  readonly day: string
  readonly week: string
  readonly month: string
  /** Without database and quotes. */
  readonly names: Readonly<Record<Grain, string>>
}

export function tableNames(
  database: string,
  tables: Readonly<Record<'raw' | 'daily' | 'weekly' | 'monthly', string>>,
): TableNames {
  const named = (table: string) => `${quoteName(database)}.${quoteName(table)}`
  return {
    raw: named(tables.raw),
    day: named(tables.daily),
    week: named(tables.weekly),
    month: named(tables.monthly),
    names: { day: tables.daily, week: tables.weekly, month: tables.monthly },
  }
}

/** What a statement reads by its plan; files that an earlier one read come from the engine's cache. */
export interface Cost {
  readonly files: number
  readonly bytes: number
}

/** True for what is read without being asked to. */
export function readsLittle({ files, bytes }: Cost): boolean {
  return files <= 200 && bytes <= 24 << 20
}

/** Rows that a statement gave, and what it took to read them. */
export interface Costed<T> {
  readonly rows: readonly T[]
  readonly cost: Cost
}

const PERIOD: Readonly<Record<Grain, string>> = {
  day: 'aggregation_date',
  week: 'week_start_date',
  month: 'month_start_date',
}
const STATISTICS = [
  'window_start',
  'window_end',
  'min_value',
  'max_value',
  'avg_value',
  'sum_value',
  'count',
  'stddev_value',
] as const
const TAIL = ['record_count', 'updated_at'] as const

function columnsOf(grain: Grain): readonly string[] {
  const own = grain === 'day' ? ['first_value', 'last_value'] : ['daily_avg_of_avg']
  return ['user_id', 'data_type', PERIOD[grain], ...STATISTICS, ...own, ...TAIL]
}

export interface SeriesQuestion {
  readonly grain: Grain
  /** Null for all users together. */
  readonly user: string | null
  readonly types: readonly string[]
  /** First days of the first and the last period. */
  readonly from: string
  readonly to: string
}

/**
 * The statement for some types of one user. Its predicates are on the columns that the tables are parted by, so that only
 * the files of these periods are read.
 */
function seriesSql(tables: TableNames, question: SeriesQuestion): string {
  const { grain, types } = question
  const period = PERIOD[grain]
  const names = types.map((_, i) => `$type${i}`)
  const typed = names.length === 1 ? `data_type = ${names[0]}` : `data_type IN (${names.join(', ')})`
  // A week may belong to the year before or after that of its Monday.
  const years = grain === 'day' ? '' : ' AND year BETWEEN $firstYear AND $lastYear'
  const rows = (whose: string) => `SELECT ${columnsOf(grain).join(', ')}
FROM ${tables[grain]}
WHERE ${whose}${typed} AND ${period} BETWEEN $from AND $to${years}`
  return question.user === null ? mergedSql(grain, rows('')) : rows('user_id = $user AND ')
}

/**
 * The rows of several users as one a type and period, in the columns of a series and with how many users they are of. The
 * spread is merged by Chan's form around the mean of all, so that large values lose no digits; what is of one user alone
 * (first, last, mean of days) is null.
 */
function mergedSql(grain: Grain, rows: string): string {
  const period = PERIOD[grain]
  const own = grain === 'day' ? 'NULL AS first_value, NULL AS last_value' : 'NULL AS daily_avg_of_avg'
  return `SELECT NULL AS user_id, data_type, ${period}, min(window_start), max(window_end), min(min_value), max(max_value),
  any_value(mean) AS avg_value, sum(sum_value), CAST(sum(count) AS BIGINT) AS count,
  sqrt(sum(count * (stddev_value * stddev_value + (avg_value - mean) * (avg_value - mean))) / sum(count)) AS stddev_value,
  ${own}, CAST(sum(record_count) AS BIGINT), max(updated_at), any_value(users)
FROM (
  SELECT *, sum(count * avg_value) OVER together / sum(count) OVER together AS mean,
    count(DISTINCT user_id) OVER () AS users
  FROM (${rows})
  WINDOW together AS (PARTITION BY data_type, ${period})
)
GROUP BY data_type, ${period}`
}

/** What a series takes, by the statement's own forecast. */
export async function seriesCost(
  session: Session,
  tables: TableNames,
  question: SeriesQuestion,
  signal: AbortSignal,
): Promise<Cost | null> {
  return session.forecast(seriesSql(tables, question), { parameters: parametersOf(question), signal })
}

function parametersOf(question: SeriesQuestion): Record<string, string | number> {
  const { user, types, from, to, grain } = question
  const apart = grain === 'week' ? 1 : 0
  return {
    ...(user === null ? {} : { user }),
    from,
    to,
    ...Object.fromEntries(types.map((type, i) => [`type${i}`, type])),
    ...(grain === 'day'
      ? {}
      : { firstYear: Number(from.slice(0, 4)) - apart, lastYear: Number(to.slice(0, 4)) + apart }),
  }
}

/** What the statement reads, as the planner is asked for it; equal to what DuckDB makes of the statement. */
function aheadOf(tables: TableNames, { grain, types, from, to }: SeriesQuestion, user: string): Ahead {
  const period = PERIOD[grain]
  const apart = grain === 'week' ? 1 : 0
  const compare = (op: '==' | '>=' | '<=', column: string, value: string) => ({ op, column, value })
  const [type = ''] = types
  const [first, last] = [from, to].map((day) => Number(day.slice(0, 4))) as [number, number]
  return {
    table: tables.names[grain],
    columns: grain === 'day' ? columnsOf(grain) : [...columnsOf(grain), 'year'],
    filter: {
      op: 'and',
      args: [
        compare('==', 'user_id', user),
        types.length === 1
          ? compare('==', 'data_type', type)
          : { op: 'in', column: 'data_type', values: [...types] },
        compare('>=', period, from),
        compare('<=', period, to),
        ...(grain === 'day'
          ? []
          : [compare('>=', 'year', String(first - apart)), compare('<=', 'year', String(last + apart))]),
      ],
    },
  }
}

/** Rows in order of time. */
export interface Series extends Costed<Row & { readonly type: string }> {
  /** How many users the rows are of, where they are of all together. */
  readonly users: number
}

/** Rows of some types, of one user or of all together. */
export async function readSeries(
  session: Session,
  tables: TableNames,
  question: SeriesQuestion,
  signal: AbortSignal,
): Promise<Series> {
  const { user, grain } = question
  const { result, forecast } = await session.run(seriesSql(tables, question), {
    parameters: parametersOf(question),
    ...(user === null ? {} : { ahead: aheadOf(tables, question, user) }),
    signal,
  })
  const told = user === null && result.rows > 0 ? result.cell(0, columnsOf(grain).length) : null
  const users = user === null ? (toNumber(told) ?? 0) : 1
  return { rows: rowsOf(result, grain), cost: forecast, users }
}

function rowsOf(result: QueryResult, grain: Grain): (Row & { readonly type: string })[] {
  const names = columnsOf(grain)
  const rows = Array.from({ length: result.rows }, (_, at) => {
    const texts = Object.fromEntries(names.map((name, column) => [name, result.cell(at, column)]))
    const number = (name: string) => toNumber(texts[name] ?? null) ?? Number.NaN
    return {
      type: texts.data_type ?? '',
      period: texts[PERIOD[grain]] ?? '',
      count: number('count'),
      min: number('min_value'),
      mean: number('avg_value'),
      max: number('max_value'),
      sum: number('sum_value'),
      std: number('stddev_value'),
      first: toNumber(texts.first_value ?? null),
      last: toNumber(texts.last_value ?? null),
      meanOfDays: toNumber(texts.daily_avg_of_avg ?? null),
      windowStart: texts.window_start ?? '',
      windowEnd: texts.window_end ?? '',
      updatedAt: texts.updated_at ?? '',
      texts,
    }
  })
  return rows.sort((a, b) => (a.period < b.period ? -1 : 1))
}

/** A number from the engine's spelling; null for NULL. */
export function toNumber(text: string | null): number | null {
  if (text === null) return null
  if (/^-?inf/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return Number(text)
}

/** One sample of raw. */
export interface Sample {
  readonly id: string
  /** Ms since the epoch, and exact as `2026-05-09 17:21:07.442`, both UTC. */
  readonly at: number
  readonly start: string
  readonly value: number
  readonly valueText: string
  readonly unit: string
  readonly source: string | null
}

export interface SamplesQuestion {
  readonly user: string
  readonly type: string
  /** UTC, half-open, `2026-05-09 00:00:00`. */
  readonly from: string
  readonly to: string
}

const SAMPLE_COLUMNS = ['sample_id', 'start_date', 'value', 'unit', 'source_bundle'] as const

/** The statement for a subject's samples in a window. */
function samplesSql(tables: TableNames): string {
  return `SELECT ${SAMPLE_COLUMNS.join(', ')}
FROM ${tables.raw}
WHERE user_id = $user AND data_type = $type
  AND start_date >= TIMESTAMP $from AND start_date < TIMESTAMP $to
ORDER BY start_date, sample_id`
}

/** The same with its values written in, for the SQL page. */
export function samplesText(tables: TableNames, question: SamplesQuestion): string {
  return samplesSql(tables).replace(/\$(user|type|from|to)\b/g, (_, name: keyof SamplesQuestion) =>
    quoteText(question[name]),
  )
}

export async function readSamples(
  session: Session,
  tables: TableNames,
  question: SamplesQuestion,
  signal: AbortSignal,
): Promise<Costed<Sample>> {
  const { result, forecast } = await session.run(samplesSql(tables), {
    parameters: { ...question },
    signal,
  })
  const rows = Array.from({ length: result.rows }, (_, at): Sample => {
    const [id, start, value, unit, source] = SAMPLE_COLUMNS.map((_name, column) => result.cell(at, column))
    return {
      id: id ?? '',
      at: instantMs(start ?? ''),
      start: start ?? '',
      value: toNumber(value ?? null) ?? Number.NaN,
      valueText: value ?? '',
      unit: unit ?? '',
      source: source ?? null,
    }
  })
  return { rows, cost: forecast }
}

/** `2026-05-09 17:21:07.442`, UTC, in ms since the epoch. */
export function instantMs(text: string): number {
  return Date.parse(`${text.replace(' ', 'T').slice(0, 23)}Z`)
}
