import type { Value } from '../iceberg/types.ts'
import {
  type Calendar,
  dateOf,
  dayNumber,
  dayText,
  mondayOf,
  monthOf,
  monthStart,
  weekOf,
} from './calendar.ts'
import { deviation, mergeStats, type Stats } from './stats.ts'

export type Role = 'daily' | 'weekly' | 'monthly'
export const ROLES: readonly Role[] = ['daily', 'weekly', 'monthly']

/**
 * One row of an aggregate: the subject and a period, which is a day number (daily), its Monday's (weekly) or a month as
 * `monthOf` counts (monthly).
 */
export interface Key {
  readonly user: string
  readonly type: string
  readonly period: number
}

/** The period of each aggregate that holds a day. */
export function periodOf(role: Role, day: number): number {
  switch (role) {
    case 'daily':
      return day
    case 'weekly':
      return mondayOf(day)
    case 'monthly':
      return monthOf(day)
  }
}

/** The days of a period: half-open. */
export function daysOf(role: Role, period: number): { readonly from: number; readonly to: number } {
  switch (role) {
    case 'daily':
      return { from: period, to: period + 1 }
    case 'weekly':
      return { from: period, to: period + 7 }
    case 'monthly':
      return { from: monthStart(period), to: monthStart(period + 1) }
  }
}

/**
 * The periods that share a partition of the compact layout, half-open: a month of days, the weeks or the months of a year.
 */
export function bundleOf(role: Role, period: number): { readonly from: number; readonly to: number } {
  switch (role) {
    case 'daily': {
      const month = monthOf(period)
      return { from: monthStart(month), to: monthStart(month + 1) }
    }
    case 'weekly': {
      const { year } = weekOf(period)
      return { from: mondayOf(dayNumber(year, 1, 4)), to: mondayOf(dayNumber(year + 1, 1, 4)) }
    }
    case 'monthly': {
      const year = Math.floor(period / 12)
      return { from: year * 12, to: (year + 1) * 12 }
    }
  }
}

/** A row by the table's column names, without `updated_at`. */
export type AggregateRow = Readonly<Record<string, Exclude<Value, Uint8Array>>>

/** The row of a key from the statistics of its days that have data (at least one), in day order. */
export function rowOf(role: Role, key: Key, days: readonly Stats[], calendar: Calendar): AggregateRow {
  const all = { ...(days[0] as Stats) }
  for (const day of days.slice(1)) mergeStats(all, day)
  const { from, to } = daysOf(role, key.period)
  const averages = days.map((day) => day.sum / day.n)
  const count = BigInt(all.n)
  return {
    user_id: key.user,
    data_type: key.type,
    ...periodColumns(role, key.period),
    window_start: BigInt(calendar.dayStart(from)) * 1000n,
    window_end: BigInt(calendar.dayStart(to)) * 1000n,
    min_value: all.min,
    max_value: all.max,
    avg_value: all.sum / all.n,
    sum_value: all.sum,
    count,
    stddev_value: deviation(all),
    ...(role === 'daily'
      ? { first_value: all.firstValue, last_value: all.lastValue }
      : { daily_avg_of_avg: averages.reduce((sum, average) => sum + average, 0) / averages.length }),
    record_count: count,
  }
}

function periodColumns(role: Role, period: number): AggregateRow {
  const { from, to } = daysOf(role, period)
  switch (role) {
    case 'daily':
      return { aggregation_date: dayText(period) }
    case 'weekly': {
      const { year, week } = weekOf(period)
      return {
        week_start_date: dayText(from),
        week_end_date: dayText(to - 1),
        year: BigInt(year),
        week_of_year: BigInt(week),
      }
    }
    case 'monthly': {
      const { year, month } = dateOf(from)
      return {
        year: BigInt(year),
        month: BigInt(month),
        month_start_date: dayText(from),
        month_end_date: dayText(to - 1),
      }
    }
  }
}

/** The columns that name a row's period, enough to find its key again. */
export const PERIOD_COLUMN: Readonly<Record<Role, string>> = {
  daily: 'aggregation_date',
  weekly: 'week_start_date',
  monthly: 'month_start_date',
}

/** The period that a `YYYY-MM-DD` of `PERIOD_COLUMN` names; null where it is no date or does not begin one. */
export function periodOfText(role: Role, text: string): number | null {
  // Five digits: a zone east of UTC shows the last hours of the year 9999 as days of the year 10000.
  const parts = /^(\d{4,5})-(\d{2})-(\d{2})$/.exec(text)?.slice(1).map(Number)
  if (parts === undefined) return null
  const day = dayNumber(...(parts as [number, number, number]))
  if (dayText(day) !== text) return null
  const period = periodOf(role, day)
  return daysOf(role, period).from === day ? period : null
}

const COMPARED: Readonly<Record<Role, readonly string[]>> = {
  daily: compared('first_value', 'last_value'),
  weekly: compared('daily_avg_of_avg'),
  monthly: compared('daily_avg_of_avg'),
}

function compared(...last: string[]): string[] {
  const exact = ['window_start', 'window_end', 'count', 'record_count']
  return [...exact, 'min_value', 'max_value', 'avg_value', 'sum_value', 'stddev_value', ...last]
}

/** What of a row tells whether it changed, as bytes: 64-bit integers first, then doubles; null as NaN. */
export function packRow(role: Role, row: Readonly<Record<string, unknown>>): Uint8Array {
  const names = COMPARED[role]
  const view = new DataView(new ArrayBuffer(names.length * 8))
  names.forEach((name, i) => {
    const value = row[name]
    if (i < EXACT) view.setBigInt64(i * 8, typeof value === 'bigint' ? value : -1n, true)
    else view.setFloat64(i * 8, typeof value === 'number' ? value : Number.NaN, true)
  })
  return new Uint8Array(view.buffer)
}

const EXACT = 4
/** Statistics merged in another order differ in their last digits: that is no change. */
const TOLERANCE = 1e-12

/** True where two packed rows say the same. */
export function sameRow(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false
  const [x, y] = [a, b].map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  if (!x || !y) return false
  for (let i = 0; i < a.byteLength / 8; i++) {
    if (i < EXACT) {
      if (x.getBigInt64(i * 8, true) !== y.getBigInt64(i * 8, true)) return false
    } else if (!close(x.getFloat64(i * 8, true), y.getFloat64(i * 8, true))) return false
  }
  return true
}

function close(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b))
}
