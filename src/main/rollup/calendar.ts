import { LakeError } from '../../shared/errors.ts'

/** Days are numbered since 1970-01-01 in the zone's calendar; instants are ms or (bigint) microseconds since the epoch, UTC. */
export interface Calendar {
  readonly timezone: string
  /** The day whose window holds the instant `micros`. */
  dayOf(micros: bigint): number
  /** First instant of a day, ms. Where clocks skip midnight it is later than 00:00; a skipped day is empty. */
  dayStart(day: number): number
}

const DAY_MS = 86_400_000
/** No zone is, or ever was, further from UTC than this. */
const MAX_OFFSET_MS = 16 * 3_600_000
const CACHED_DAYS = 50_000

/**
 * Calendar days in an IANA zone. Windows are contiguous: a day begins at the first instant that bears its date and ends
 * where the next begins, so that an hour that clocks repeat over midnight belongs to the later day. Zone rules are asked
 * of `Intl` a few times a calendar day, never per row. Throws SETTING for an unknown zone.
 */
export function createCalendar(timezone: string): Calendar {
  const offsetAt = timezone === 'UTC' ? () => 0 : offsetsOf(timezone)
  const starts = new Map<number, number>()
  const boundaries = new Map<number, readonly [number, number, number]>()

  const dayStart = (day: number): number => {
    let start = starts.get(day)
    if (start === undefined) {
      start = firstInstant(day * DAY_MS, offsetAt)
      if (starts.size >= CACHED_DAYS) starts.clear()
      starts.set(day, start)
    }
    return start
  }

  /** Starts of the local days that begin in or around a UTC day: of the day itself and of both neighbours. */
  const boundariesOf = (utcDay: number): readonly [number, number, number] => {
    let found = boundaries.get(utcDay)
    if (found === undefined) {
      found = [dayStart(utcDay), dayStart(utcDay + 1), dayStart(utcDay + 2)]
      if (boundaries.size >= CACHED_DAYS) boundaries.clear()
      boundaries.set(utcDay, found)
    }
    return found
  }

  return {
    timezone,
    dayStart,
    dayOf: (micros) => {
      const ms = floorMillis(micros)
      const utcDay = Math.floor(ms / DAY_MS)
      if (timezone === 'UTC') return utcDay
      const [own, next, second] = boundariesOf(utcDay)
      if (ms >= second) return utcDay + 2
      if (ms >= next) return utcDay + 1
      return ms >= own ? utcDay : utcDay - 1
    },
  }
}

/** Microseconds to whole ms, rounded toward minus infinity. */
function floorMillis(micros: bigint): number {
  const number = Number(micros)
  if (Number.isSafeInteger(number)) return Math.floor(number / 1000)
  const quotient = micros / 1000n
  return Number(micros < 0n && quotient * 1000n !== micros ? quotient - 1n : quotient)
}

/** The first instant at which a zone's clocks show at least `wall` (a wall time written as if it were UTC), all ms. */
function firstInstant(wall: number, offsetAt: (ms: number) => number): number {
  let from = wall - MAX_OFFSET_MS
  const until = wall + MAX_OFFSET_MS
  let offset = offsetAt(from)
  while (from < until) {
    const change = nextChange(from, until, offset, offsetAt)
    const candidate = wall - offset
    if (change === null || candidate < change) return Math.max(candidate, from)
    offset = offsetAt(change)
    from = change
    if (from + offset >= wall) return from
  }
  return wall - offset
}

const PROBE_MS = 4 * 3_600_000

/** When the offset next differs from `offset` in (from, until], to the second; null if it does not. */
function nextChange(
  from: number,
  until: number,
  offset: number,
  offsetAt: (ms: number) => number,
): number | null {
  for (let low = from; low < until; low += PROBE_MS) {
    const high = Math.min(until, low + PROBE_MS)
    if (offsetAt(high) === offset) continue
    let [same, other] = [Math.floor(low / 1000), Math.ceil(high / 1000)]
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2)
      if (offsetAt(middle * 1000) === offset) same = middle
      else other = middle
    }
    return other * 1000
  }
  return null
}

/** Offsets from UTC in ms. Probes of one day are asked again by its neighbours, so recent answers are kept. */
function offsetsOf(timezone: string): (ms: number) => number {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      timeZoneName: 'longOffset',
      year: 'numeric',
    })
  } catch (cause) {
    throw new LakeError('SETTING', `${timezone} is not a time zone`, {
      context: { setting: 'rollup.timezone', value: timezone },
      remedy: 'Name an IANA zone such as Europe/Berlin, or UTC.',
      cause,
    })
  }
  const recent = new Map<number, number>()
  return (ms) => {
    let offset = recent.get(ms)
    if (offset === undefined) {
      offset = readOffset(format.formatToParts(ms).find((part) => part.type === 'timeZoneName')?.value ?? '')
      if (recent.size >= CACHED_DAYS) recent.clear()
      recent.set(ms, offset)
    }
    return offset
  }
}

/** `GMT-04:56:02`, `GMT+05:30` or `GMT` in ms. */
function readOffset(text: string): number {
  const match = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text)
  if (match === null) throw new LakeError('INTERNAL', `an offset that is not understood: ${text}`)
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match
  const ms = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  return sign === '-' ? -ms : ms
}

// --- days, weeks, months ---

/** ISO 8601 week of a day: week-year, number, and its Monday. 2027-01-01 is in week 53 of 2026. */
export function weekOf(day: number): {
  readonly year: number
  readonly week: number
  readonly monday: number
} {
  const monday = mondayOf(day)
  // A week belongs to the year of its Thursday.
  const { year } = dateOf(monday + 3)
  const firstMonday = mondayOf(dayNumber(year, 1, 4))
  return { year, week: (monday - firstMonday) / 7 + 1, monday }
}

export function mondayOf(day: number): number {
  // 1970-01-01 was a Thursday.
  return day - ((((day + 3) % 7) + 7) % 7)
}

/** Months counted from year 0: year * 12 + month - 1. */
export function monthOf(day: number): number {
  const { year, month } = dateOf(day)
  return year * 12 + month - 1
}

/** First day of a month as counted by `monthOf`. */
export function monthStart(month: number): number {
  return dayNumber(Math.floor(month / 12), (((month % 12) + 12) % 12) + 1, 1)
}

/** Month and day from 1, proleptic Gregorian calendar. */
export function dateOf(day: number): { readonly year: number; readonly month: number; readonly day: number } {
  const date = new Date(day * DAY_MS)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

export function dayNumber(year: number, month: number, day: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getTime() / DAY_MS
}

/** `YYYY-MM-DD`. */
export function dayText(day: number): string {
  const date = dateOf(day)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${String(date.year).padStart(4, '0')}-${two(date.month)}-${two(date.day)}`
}
