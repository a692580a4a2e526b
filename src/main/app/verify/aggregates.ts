import { ancestors, headSnapshot } from '../../iceberg/metadata.ts'
import type { CellArray } from '../../iceberg/projection.ts'
import type { Batch } from '../../iceberg/read.ts'
import { planScan } from '../../iceberg/scan.ts'
import type { NestedField, TableMetadata } from '../../iceberg/types.ts'
import { compareText } from '../../iceberg/values.ts'
import { rawFields } from '../../rollup/raw.ts'
import { SOURCE_SNAPSHOT_KEY, TIMEZONE_KEY } from '../../rollup/write.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Differences } from './differences.ts'
import { forEachBatch } from './read.ts'

type Role = 'daily' | 'weekly' | 'monthly'
const ROLES: readonly Role[] = ['daily', 'weekly', 'monthly']

export interface AggregateTables {
  readonly raw: TableMetadata
  readonly daily: TableMetadata
  readonly weekly: TableMetadata
  readonly monthly: TableMetadata
}

export interface AggregateCheck {
  /** Rows of raw read. */
  readonly rows: number
  /** Rows of the three aggregates compared. */
  readonly aggregates: number
}

/**
 * Recomputes the aggregates from raw and compares every row and column with 1e-9 relative. Nothing of the rollup's own
 * arithmetic is used: local dates come from `Intl` formats, sums are compensated, deviations shifted by the first value.
 * Streams raw; what stays in memory is one accumulator a row of the aggregates.
 */
export async function verifyAggregates(
  io: { readonly storage: Storage },
  tables: AggregateTables,
  timezone: string,
  differences: Differences,
  onRows: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<AggregateCheck> {
  const zone = publishedZone(tables, timezone, differences)
  const expected = await recompute(io, tables.raw, zone, differences, onRows, signal)
  let aggregates = 0
  for (const role of ROLES) {
    const behind = behindRaw(tables, role)
    aggregates += await compareTable(io, tables[role], role, expected, differences, behind, signal)
  }
  return { rows: expected.rows, aggregates }
}

/** The zone the aggregates were computed in; another than the setting's is a difference. */
function publishedZone(tables: AggregateTables, timezone: string, differences: Differences): string {
  const zones = new Set(ROLES.flatMap((role) => summaryOf(tables[role], TIMEZONE_KEY) ?? []))
  const [zone = timezone] = zones
  if (zones.size > 1) differences.add(`aggregates: computed in several time zones, ${[...zones].join(', ')}`)
  else if (zone !== timezone)
    differences.add(`aggregates: computed in ${zone}, the setting is ${timezone}; run the rollup`)
  return zone
}

function summaryOf(metadata: TableMetadata, key: string): string | undefined {
  const head = headSnapshot(metadata)
  if (head === null) return undefined
  for (const { summary } of ancestors(metadata, head['snapshot-id'])) {
    if (summary[key] !== undefined) return summary[key]
  }
  return undefined
}

/** A hint for the reader of differences: raw has snapshots that the aggregate's last commit did not know. */
function behindRaw(tables: AggregateTables, role: Role): string {
  const source = summaryOf(tables[role], SOURCE_SNAPSHOT_KEY)
  const head = headSnapshot(tables.raw)?.['snapshot-id']
  return source === undefined || head === undefined || source === String(head)
    ? ''
    : ' (raw has newer snapshots: run the rollup)'
}

/** Sums of one row of an aggregate, by arithmetic that shares nothing with the rollup's. `shift`: its first value. */
export class Sums {
  n = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY
  #sum = 0
  #lost = 0
  readonly #shift: number
  #shifted = 0
  #squares = 0
  #first: { at: bigint; id: string; value: number } | null = null
  #last: { at: bigint; id: string; value: number } | null = null

  constructor(shift: number) {
    this.#shift = shift
  }

  add(value: number, at: bigint, id: string): void {
    this.n += 1
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
    const sum = this.#sum + value
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum
    this.#sum = sum
    const shifted = value - this.#shift
    this.#shifted += shifted
    this.#squares += shifted * shifted
    if (this.#first === null || before(at, id, this.#first)) this.#first = { at, id, value }
    if (this.#last === null || before(this.#last.at, this.#last.id, { at, id }))
      this.#last = { at, id, value }
  }

  get sum(): number {
    return Number.isFinite(this.#sum) ? this.#sum + this.#lost : this.#sum
  }
  get deviation(): number {
    return Math.sqrt(Math.max(0, this.#squares - (this.#shifted * this.#shifted) / this.n) / this.n)
  }
  get first(): number | undefined {
    return this.#first?.value
  }
  get last(): number | undefined {
    return this.#last?.value
  }
}

function before(at: bigint, id: string, other: { at: bigint; id: string }): boolean {
  return at === other.at ? compareText(id, other.id) < 0 : at < other.at
}

interface Expected {
  readonly rows: number
  readonly sums: Readonly<Record<Role, Map<string, Sums>>>
  readonly localDate: (ms: number) => string
}

async function recompute(
  io: { readonly storage: Storage },
  metadata: TableMetadata,
  zone: string,
  differences: Differences,
  onRows: (done: number, total: number) => void,
  signal: AbortSignal | undefined,
): Promise<Expected> {
  const sums = {
    daily: new Map<string, Sums>(),
    weekly: new Map<string, Sums>(),
    monthly: new Map<string, Sums>(),
  }
  const localDate = localDates(zone)
  const plan = await planScan(io, metadata, signal === undefined ? {} : { signal })
  const fields = rawFields(metadata)
  const names = Object.values(fields).map((field) => field.name)
  const periods = new Map<string, Readonly<Record<Role, string>>>()
  let done = 0
  const visit = ({ rows: count, columns }: Batch): void => {
    const column = (field: NestedField): CellArray => columns.get(field.id) ?? []
    const [users, types, values, times, ids] = [
      column(fields.user_id),
      column(fields.data_type),
      column(fields.value),
      column(fields.start_date),
      column(fields.sample_id),
    ]
    for (let i = 0; i < count; i++) {
      const at = times[i] as bigint
      const value = values[i] as number
      const date = localDate(Number(at / 1000n) - (at < 0n && at % 1000n !== 0n ? 1 : 0))
      let period = periods.get(date)
      if (period === undefined) {
        period = { daily: date, weekly: mondayText(date), monthly: monthText(date) }
        periods.set(date, period)
      }
      const subject = JSON.stringify([users[i], types[i]])
      for (const role of ROLES) {
        const key = subject + period[role]
        let found = sums[role].get(key)
        if (found === undefined) {
          found = new Sums(value)
          sums[role].set(key, found)
        }
        found.add(value, at, ids[i] as string)
      }
    }
    done += count
    onRows(done, plan.totals.rows)
  }
  const rows = await forEachBatch(io, metadata, plan, names, differences, visit, signal)
  return { rows, sums, localDate }
}

const QUARTER_MS = 900_000

/** Local dates `YYYY-MM-DD` of instants in ms. A quarter of an hour with one date at both ends is asked of Intl once. */
export function localDates(zone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    era: 'short',
  })
  const ask = (ms: number): string => {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]))
    // A zone west of UTC shows the first hours of the year 1 as dates of the year before: 1 BC, or 0.
    const year = parts.era?.startsWith('B') ? 1 - Number(parts.year) : Number(parts.year)
    return `${String(year).padStart(4, '0')}-${parts.month}-${parts.day}`
  }
  const quarters = new Map<number, string | null>()
  return (ms) => {
    const quarter = Math.floor(ms / QUARTER_MS)
    let date = quarters.get(quarter)
    if (date === undefined) {
      const [first, last] = [ask(quarter * QUARTER_MS), ask((quarter + 1) * QUARTER_MS - 1)]
      date = first === last ? first : null
      quarters.set(quarter, date)
    }
    return date ?? ask(ms)
  }
}

/** The Monday on or before a date. */
export function mondayText(date: string): string {
  return dateText(startOf(date), (monday) =>
    monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7)),
  )
}

/** The first day of a date's month. */
export function monthText(date: string): string {
  return `${date.slice(0, -3)}-01`
}

/** Midnight UTC of a date. A zone east of UTC shows the last hours of the year 9999 as dates of the year 10000. */
function startOf(date: string): Date {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number]
  const start = new Date(0)
  start.setUTCFullYear(year, month - 1, day)
  return start
}

/** The column that names a row's period by its first day. */
export const PERIOD_START: Readonly<Record<Role, string>> = {
  daily: 'aggregation_date',
  weekly: 'week_start_date',
  monthly: 'month_start_date',
}

async function compareTable(
  io: { readonly storage: Storage },
  metadata: TableMetadata,
  role: Role,
  expected: Expected,
  differences: Differences,
  behind: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const plan = await planScan(io, metadata, signal === undefined ? {} : { signal })
  const names = plan.schema.fields.map((field) => field.name)
  const averages = role === 'daily' ? null : averagesOfDays(expected, role)
  const seen = new Set<string>()
  const visit = (batch: Batch): void => {
    for (let i = 0; i < batch.rows; i++) {
      const row: Record<string, unknown> = Object.fromEntries(
        plan.schema.fields.map(({ id, name }) => [name, batch.columns.get(id)?.[i] ?? null]),
      )
      const period = String(row[PERIOD_START[role]])
      const key = JSON.stringify([row.user_id, row.data_type]) + period
      const name = `${role} of ${row.user_id}, ${row.data_type}, ${period}`
      const sums = expected.sums[role].get(key)
      if (seen.has(key)) differences.add(`${role}: the row of ${name} stands twice`)
      else if (sums === undefined) differences.add(`${role}: ${name} has no rows in raw${behind}`)
      else {
        const wanted = columnsOf(role, period, sums, averages?.get(key))
        for (const [column, value] of Object.entries(wanted)) {
          if (agrees(column, row[column], value, sums)) continue
          differences.add(`${role}: ${column} of ${name} is ${row[column]}, recomputed ${value}${behind}`)
        }
        checkWindow(role, row, period, expected.localDate, name, differences)
      }
      seen.add(key)
    }
  }
  await forEachBatch(io, metadata, plan, names, differences, visit, signal)
  for (const key of expected.sums[role].keys()) {
    if (!seen.has(key)) differences.add(`${role}: no row for ${key}${behind}`)
  }
  return seen.size
}

function averagesOfDays(expected: Expected, role: 'weekly' | 'monthly'): Map<string, number> {
  const days = new Map<string, number[]>()
  for (const [key, sums] of expected.sums.daily) {
    const subject = key.lastIndexOf(']') + 1
    const date = key.slice(subject)
    const at = key.slice(0, subject) + (role === 'weekly' ? mondayText(date) : monthText(date))
    const list = days.get(at)
    if (list) list.push(sums.sum / sums.n)
    else days.set(at, [sums.sum / sums.n])
  }
  return new Map(
    [...days].map(([key, list]) => [key, list.reduce((sum, value) => sum + value, 0) / list.length]),
  )
}

/** The statistics and calendar columns that a row must have. `average`: mean of its days' means. */
export function columnsOf(
  role: Role,
  period: string,
  sums: Sums,
  average: number | undefined,
): Record<string, unknown> {
  const statistics = {
    count: BigInt(sums.n),
    record_count: BigInt(sums.n),
    min_value: sums.min,
    max_value: sums.max,
    sum_value: sums.sum,
    avg_value: sums.sum / sums.n,
    stddev_value: sums.deviation,
  }
  if (role === 'daily') return { ...statistics, first_value: sums.first, last_value: sums.last }
  const start = startOf(period)
  const shared = { ...statistics, daily_avg_of_avg: average }
  if (role === 'monthly') {
    const [year, month] = [start.getUTCFullYear(), start.getUTCMonth()]
    return {
      ...shared,
      year: BigInt(year),
      month: BigInt(month + 1),
      month_end_date: dateText(start, (d) => d.setUTCMonth(month + 1, 0)),
    }
  }
  const thursday = new Date(start.getTime() + 3 * 86_400_000)
  const newYear = new Date(start)
  newYear.setUTCFullYear(thursday.getUTCFullYear(), 0, 1)
  return {
    ...shared,
    year: BigInt(thursday.getUTCFullYear()),
    week_of_year: BigInt(Math.floor((thursday.getTime() - newYear.getTime()) / 604_800_000) + 1),
    week_end_date: dateText(start, (d) => d.setUTCDate(d.getUTCDate() + 6)),
  }
}

function dateText(start: Date, change: (date: Date) => void): string {
  const date = new Date(start)
  change(date)
  const two = (value: number): string => String(value).padStart(2, '0')
  const year = String(date.getUTCFullYear()).padStart(4, '0')
  return `${year}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`
}

const TOLERANCE = 1e-9

/** Equal, or numbers within 1e-9 relative. */
export function agrees(column: string, found: unknown, wanted: unknown, sums: Sums): boolean {
  if (typeof found !== 'number' || typeof wanted !== 'number') return found === wanted
  if (Object.is(found, wanted) || found === wanted) return true
  if (!Number.isFinite(found) && !Number.isFinite(wanted)) return true
  // A deviation is the small difference of large values: its error is relative to these.
  const scale = column === 'stddev_value' ? Math.max(Math.abs(sums.min), Math.abs(sums.max)) : 0
  return Math.abs(found - wanted) <= TOLERANCE * Math.max(Math.abs(found), Math.abs(wanted), scale)
}

/** A window starts with the first instant of its first date and ends with the first of the date after its last. */
function checkWindow(
  role: Role,
  row: Readonly<Record<string, unknown>>,
  period: string,
  localDate: (ms: number) => string,
  name: string,
  differences: Differences,
): void {
  const start = startOf(period)
  const next = dateText(start, (date) => {
    if (role === 'monthly') date.setUTCMonth(date.getUTCMonth() + 1, 1)
    else date.setUTCDate(date.getUTCDate() + (role === 'weekly' ? 7 : 1))
  })
  for (const [column, date] of [
    ['window_start', period],
    ['window_end', next],
  ] as const) {
    const micros = row[column]
    const ms = typeof micros === 'bigint' ? Number(micros / 1000n) : Number.NaN
    const from = startOf(date)
    if (Number.isFinite(ms) && startOf(localDate(ms)) >= from && startOf(localDate(ms - 1)) < from) continue
    differences.add(`${role}: ${column} of ${name} is ${String(micros)}, not the start of ${date}`)
  }
}
