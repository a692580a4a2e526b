/** An instant: whole milliseconds since the epoch (floor, so negative before 1970) and microseconds 0 to 999. */
export interface Instant {
  ms: number
  micros: number
}

const MS_PER_DAY = 86_400_000
/** 0001-01-01T00:00:00Z and 10000-01-01T00:00:00Z: instants are in [FIRST_MS, END_MS). */
const FIRST_MS = -62_135_596_800_000
const END_MS = 253_402_300_800_000

const DAYS_BEFORE_MONTH = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
const DAYS_IN_MONTH = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The number written by the two digits at `at`; NaN where they are not digits. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  // NaN (beyond the end) fails both comparisons.
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/**
 * Parses `YYYY-MM-DDTHH:MM:SS[.f{1,9}](Z|±HH:MM|±HHMM)` into `out` and says whether the text is one. `t`, `z` and a
 * single space for `T` are accepted; the fraction is cut to microseconds. Years 0001 to 9999, as written and in UTC.
 * `out` is left as it was where the answer is false.
 */
export function parseTimestamp(text: string, out: Instant): boolean {
  const length = text.length
  if (length < 20) return false
  const year = two(text, 0) * 100 + two(text, 2)
  const month = two(text, 5)
  const day = two(text, 8)
  const hour = two(text, 11)
  const minute = two(text, 14)
  const second = two(text, 17)
  // Written so that NaN fails.
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59 && second <= 59))
    return false
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return false
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return false
  const separator = text.charCodeAt(10)
  if (separator !== 84 && separator !== 116 && separator !== 32) return false
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (day > DAYS_IN_MONTH[month]! + (leap && month === 2 ? 1 : 0)) return false

  let at = 19
  let micros = 0
  if (text.charCodeAt(at) === 46) {
    const first = ++at
    for (; at < length; at++) {
      const digit = text.charCodeAt(at) - 48
      if (digit < 0 || digit > 9) break
      if (at - first < 6) micros = micros * 10 + digit
    }
    const digits = at - first
    if (digits === 0 || digits > 9) return false
    for (let missing = digits; missing < 6; missing++) micros *= 10
  }
  const offset = zone(text, at)
  if (Number.isNaN(offset)) return false

  const before = year - 1
  const days =
    before * 365 +
    Math.floor(before / 4) -
    Math.floor(before / 100) +
    Math.floor(before / 400) -
    719_162 +
    DAYS_BEFORE_MONTH[month]! +
    (leap && month > 2 ? 1 : 0) +
    day -
    1
  const wholeMs = Math.floor(micros / 1000)
  const ms = days * MS_PER_DAY + (hour * 3600 + minute * 60 + second) * 1000 + wholeMs - offset * 60_000
  if (ms < FIRST_MS || ms >= END_MS) return false
  out.ms = ms
  out.micros = micros - wholeMs * 1000
  return true
}

/** Minutes east of UTC written from `at` to the end of `text`; NaN where that is no zone. */
function zone(text: string, at: number): number {
  const sign = text.charCodeAt(at)
  const rest = text.length - at
  if (sign === 90 || sign === 122) return rest === 1 ? 0 : Number.NaN
  if (sign !== 43 && sign !== 45) return Number.NaN
  const colon = text.charCodeAt(at + 3) === 58
  if (rest !== (colon ? 6 : 5)) return Number.NaN
  const hours = two(text, at + 1)
  const minutes = two(text, at + (colon ? 4 : 3))
  if (!(hours <= 23 && minutes <= 59)) return Number.NaN
  return (sign === 45 ? -1 : 1) * (hours * 60 + minutes)
}
