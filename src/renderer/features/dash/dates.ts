import type { Grain } from '../../../shared/dash.ts'

/** Calendar arithmetic on `YYYY-MM-DD`, proleptic Gregorian; no zone is involved. A period is named by its first day. */

const DAY_MS = 86_400_000
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const LONG_MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** Days since 1970-01-01. */
export function dayNumber(date: string): number {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number]
  return Math.floor(new Date(0).setUTCFullYear(year, month - 1, day) / DAY_MS)
}

/** The day after the last of the year 9999 is `10000-01-01`. */
export function dateText(day: number): string {
  const date = new Date(day * DAY_MS)
  const two = (value: number) => String(value).padStart(2, '0')
  const year = String(date.getUTCFullYear()).padStart(4, '0')
  return `${year}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`
}

export function isDate(text: string | undefined): text is string {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

export function plusDays(date: string, days: number): string {
  return dateText(dayNumber(date) + days)
}

/** Dates are texts: their order is that of the letters. */
export function earlier(a: string, b: string): string {
  return [a, b].sort()[0] as string
}

export function later(a: string, b: string): string {
  return [a, b].sort()[1] as string
}

/** Days from `from` to `to`, both inclusive. */
export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from) + 1
}

/** 0 for Monday to 6 for Sunday; 1970-01-01 was a Thursday. */
export function weekday(date: string): number {
  return (((dayNumber(date) + 3) % 7) + 7) % 7
}

export function mondayOf(date: string): string {
  return plusDays(date, -weekday(date))
}

/** ISO 8601: a week belongs to the year of its Thursday. */
export function isoWeek(date: string): { readonly year: number; readonly week: number } {
  const monday = mondayOf(date)
  const year = Number(plusDays(monday, 3).slice(0, 4))
  const first = mondayOf(`${String(year).padStart(4, '0')}-01-04`)
  return { year, week: (dayNumber(monday) - dayNumber(first)) / 7 + 1 }
}

/** The Monday of an ISO week; null for a week that its year lacks. */
export function mondayOfWeek(year: number, week: number): string | null {
  if (week < 1) return null
  const monday = plusDays(mondayOf(`${String(year).padStart(4, '0')}-01-04`), (week - 1) * 7)
  return isoWeek(monday).year === year ? monday : null
}

/** First day of the period that holds `date`. */
export function periodOf(grain: Grain, date: string): string {
  return grain === 'day' ? date : grain === 'week' ? mondayOf(date) : `${date.slice(0, 7)}-01`
}

/** First day of the period `by` periods later. */
export function plusPeriods(grain: Grain, period: string, by: number): string {
  if (grain !== 'month') return plusDays(period, by * (grain === 'week' ? 7 : 1))
  const month = Number(period.slice(0, 4)) * 12 + Number(period.slice(5, 7)) - 1 + by
  return `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}-01`
}

/** Last day of a period. */
export function lastDay(grain: Grain, period: string): string {
  return plusDays(plusPeriods(grain, period, 1), -1)
}

/** Every period that touches the days `from` to `to`, both inclusive. */
export function periodsBetween(grain: Grain, from: string, to: string): string[] {
  const periods: string[] = []
  for (let period = periodOf(grain, from); period <= to; ) {
    periods.push(period)
    const next = plusPeriods(grain, period, 1)
    // Behind the year 9999 dates sort before it: the calendar ends there.
    if (next <= period) break
    period = next
  }
  return periods
}

// --- words ---

const yearOf = (date: string) => Number(date.slice(0, 4))
const monthOf = (date: string) => MONTHS[Number(date.slice(5, 7)) - 1] ?? ''

/** `9 May`. */
export function shortDay(date: string): string {
  return `${Number(date.slice(8))} ${monthOf(date)}`
}

/** `Sat 9 May 2026`, `Week 19, 2026`, `May 2026`. */
export function periodWords(grain: Grain, period: string): string {
  if (grain === 'day') return `${WEEKDAYS[weekday(period)]} ${shortDay(period)} ${yearOf(period)}`
  if (grain === 'week') {
    const { year, week } = isoWeek(period)
    return `Week ${week}, ${year}`
  }
  return `${LONG_MONTHS[Number(period.slice(5, 7)) - 1]} ${yearOf(period)}`
}

/** The same without the year, for places where the year is clear. */
export function shortPeriod(grain: Grain, period: string): string {
  if (grain === 'day') return `${WEEKDAYS[weekday(period)]} ${shortDay(period)}`
  return grain === 'week' ? `Week ${isoWeek(period).week}` : `${monthOf(period)} ${yearOf(period)}`
}

/** `14 Feb to 14 May 2026`; the first year too where the two differ. */
export function rangeWords(from: string, to: string): string {
  if (from === to) return `${shortDay(from)} ${yearOf(from)}`
  const first = yearOf(from) === yearOf(to) ? shortDay(from) : `${shortDay(from)} ${yearOf(from)}`
  return `${first} to ${shortDay(to)} ${yearOf(to)}`
}

export const GRAIN_WORDS: Readonly<Record<Grain, { readonly one: string; readonly many: string }>> = {
  day: { one: 'day', many: 'days' },
  week: { one: 'week', many: 'weeks' },
  month: { one: 'month', many: 'months' },
}

const HOURS = 3_600_000

/** The first instant of a day in a zone, UTC, `2026-05-09 04:00:00`: a zone's day may begin at another hour than 0. */
export function dayStart(zone: string, day: string): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  // No zone is further than 15 hours from UTC; dates of a zone only grow.
  const number = dayNumber(day)
  const middle = number * DAY_MS
  let [before, there] = [middle - 15 * HOURS, middle + 15 * HOURS]
  while (there - before > 1_000) {
    const half = before + Math.floor((there - before) / 2_000) * 1_000
    if (dayNumber(format.format(half)) < number) before = half
    else there = half
  }
  return `${dateText(Math.floor(there / DAY_MS))} ${new Date(there).toISOString().slice(-13, -5)}`
}
