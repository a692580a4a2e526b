import { describe, expect, test } from 'vitest'
import { parseTimestamp } from '../../../src/main/decode/timestamp.ts'

function micros(text: string): bigint | null {
  const out = { ms: Number.NaN, micros: Number.NaN }
  if (!parseTimestamp(text, out)) {
    expect(out).toEqual({ ms: Number.NaN, micros: Number.NaN })
    return null
  }
  return BigInt(out.ms) * 1000n + BigInt(out.micros)
}

/** Days since the epoch, by counting years and months one by one. */
function countedDays(year: number, month: number, day: number): number {
  const isLeap = (y: number): boolean => (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0
  let days = 0
  for (let y = 1970; y < year; y++) days += isLeap(y) ? 366 : 365
  for (let y = year; y < 1970; y++) days -= isLeap(y) ? 366 : 365
  const lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return days + lengths.slice(0, month - 1).reduce((sum, length) => sum + length, 0) + day - 1
}

/** A fixed sequence of numbers in [0, below). */
function sequence(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
}

const pad = (value: number, length = 2): string => String(value).padStart(length, '0')

describe('what is taken', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0n],
    ['2026-01-31T08:30:00Z', 1_769_848_200_000_000n],
    ['2026-01-31T08:30:00.5Z', 1_769_848_200_500_000n],
    ['2026-01-31T08:30:00.123456Z', 1_769_848_200_123_456n],
    ['2026-01-31T10:30:00+02:00', 1_769_848_200_000_000n],
    ['2026-01-31T10:30:00+0200', 1_769_848_200_000_000n],
    ['2026-01-31T02:45:00-05:45', 1_769_848_200_000_000n],
    ['2026-01-31T08:30:00-0000', 1_769_848_200_000_000n],
    ['2026-01-31t08:30:00z', 1_769_848_200_000_000n],
    ['2026-01-31 08:30:00Z', 1_769_848_200_000_000n],
    ['2024-02-29T00:00:00Z', 1_709_164_800_000_000n],
    ['2000-02-29T00:00:00Z', 951_782_400_000_000n],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000_000n],
    ['9999-12-31T23:59:59.999999Z', 253_402_300_799_999_999n],
  ])('%s', (text, expected) => expect(micros(text)).toBe(expected))

  test('a fraction of 7 to 9 digits is cut to microseconds', () => {
    expect(micros('1970-01-01T00:00:00.1234569Z')).toBe(123_456n)
    expect(micros('1970-01-01T00:00:00.999999999Z')).toBe(999_999n)
  })
  test('before 1970 the cut goes down, never toward zero', () => {
    expect(micros('1969-12-31T23:59:59.999999999Z')).toBe(-1n)
    expect(micros('1969-12-31T23:59:59.9999999Z')).toBe(-1n)
    expect(micros('1969-12-31T23:59:59.0000009Z')).toBe(-1_000_000n)
    expect(micros('1969-12-31T23:59:59.0005Z')).toBe(-999_500n)
  })
})

describe('what is refused', () => {
  test.each([
    ['no zone', '2026-01-31T08:30:00'],
    ['no seconds', '2026-01-31T08:30Z'],
    ['24:00', '2026-01-31T24:00:00Z'],
    ['a leap second', '2026-06-30T23:59:60Z'],
    ['minute 60', '2026-01-31T08:60:00Z'],
    ['a comma', '2026-01-31T08:30:00,5Z'],
    ['a week date', '2026-W05-6T08:30:00Z'],
    ['an ordinal date', '2026-031T08:30:00.00Z'],
    ['30 February', '2026-02-30T00:00:00Z'],
    ['29 February of a common year', '2026-02-29T00:00:00Z'],
    ['29 February 1900', '1900-02-29T00:00:00Z'],
    ['31 April', '2026-04-31T00:00:00Z'],
    ['month 13', '2026-13-01T00:00:00Z'],
    ['month 0', '2026-00-01T00:00:00Z'],
    ['day 0', '2026-01-00T00:00:00Z'],
    ['year 0', '0000-01-01T00:00:00Z'],
    ['year 10000', '10000-01-01T00:00:00Z'],
    ['a signed year', '+2026-01-31T08:30:00Z'],
    ['a negative year', '-001-01-31T08:30:00Z'],
    ['before year 1 in UTC', '0001-01-01T00:00:00+00:01'],
    ['after year 9999 in UTC', '9999-12-31T23:59:59-00:01'],
    ['a dot with no digits', '2026-01-31T08:30:00.Z'],
    ['ten digits', '2026-01-31T08:30:00.1234567890Z'],
    ['a zone of hours only', '2026-01-31T08:30:00+02'],
    ['a zone of 24 hours', '2026-01-31T08:30:00+24:00'],
    ['a zone of 60 minutes', '2026-01-31T08:30:00+02:60'],
    ['a zone with seconds', '2026-01-31T08:30:00+02:00:00'],
    ['a named zone', '2026-01-31T08:30:00[Europe/Rome]'],
    ['two spaces', '2026-01-31  08:30:00Z'],
    ['another separator', '2026-01-31_08:30:00Z'],
    ['space before', ' 2026-01-31T08:30:00Z'],
    ['space after', '2026-01-31T08:30:00Z '],
    ['a basic format', '20260131T083000Z    '],
    ['digits of another script', '２０２６-01-31T08:30:00Z'],
    ['one digit', '2026-1-31T08:30:00.0Z'],
    ['a number', '1769848200000'],
    ['nothing', ''],
    ['words', 'yesterday at about noon'],
  ])('%s', (_, text) => expect(micros(text)).toBeNull())

  test('every text that is cut short', () => {
    const whole = '2026-01-31T08:30:00.123456+02:00'
    for (let length = 0; length < whole.length; length++) expect(micros(whole.slice(0, length))).toBeNull()
  })
})

test('agrees with counting days one by one, for 20,000 instants of all years, fractions and zones', () => {
  const next = sequence(7)
  for (let index = 0; index < 20_000; index++) {
    const [year, month, day] = [2 + next(9997), 1 + next(12), 1 + next(28)]
    const [hour, minute, second] = [next(24), next(60), next(60)]
    const digits = next(10)
    const fraction = Array.from({ length: digits }, () => next(10)).join('')
    const [east, zoneHour, zoneMinute] = [next(2) === 0, next(24), next(60)]
    const colon = next(2) === 0 ? ':' : ''
    const zone = next(3) === 0 ? 'Z' : `${east ? '+' : '-'}${pad(zoneHour)}${colon}${pad(zoneMinute)}`
    const text = `${pad(year, 4)}-${pad(month)}-${pad(day)}T${pad(hour)}:${pad(minute)}:${pad(second)}${digits > 0 ? '.' : ''}${fraction}${zone}`
    const offset = zone === 'Z' ? 0 : (east ? 1 : -1) * (zoneHour * 60 + zoneMinute)
    const seconds = countedDays(year, month, day) * 86_400 + hour * 3600 + (minute - offset) * 60 + second
    const expected = BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6))
    if (micros(text) !== expected) expect([text, micros(text)]).toEqual([text, expected])
  }
})

test('agrees with Date on every fifth day from 1 to 9999', () => {
  const end = Date.UTC(9999, 11, 31)
  for (let ms = -62_135_596_800_000; ms <= end; ms += 5 * 86_400_000) {
    const text = new Date(ms).toISOString()
    if (micros(text) !== BigInt(ms) * 1000n) expect(text).toBe('parsed')
  }
})
