import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  createCalendar,
  dateOf,
  dayNumber,
  dayText,
  monthOf,
  monthStart,
  weekOf,
} from '../../../src/main/rollup/calendar.ts'

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/calendar/golden.json'), 'utf8'),
) as { starts: Record<string, Record<string, number>>; weeks: Record<string, [number, number, string]> }

const dayOfText = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 86_400_000

describe.each(Object.entries(golden.starts))('days in %s', (zone, days) => {
  const calendar = createCalendar(zone)

  test('begin where zoneinfo says', () => {
    const found = Object.keys(days).map((text) => [text, calendar.dayStart(dayOfText(text)) / 1000])
    expect(Object.fromEntries(found)).toEqual(days)
  })

  test('hold the instants from their start up to the next start', () => {
    for (const text of Object.keys(days)) {
      const day = dayOfText(text)
      const start = BigInt(calendar.dayStart(day)) * 1000n
      const end = BigInt(calendar.dayStart(day + 1)) * 1000n
      if (start === end) continue
      expect(calendar.dayOf(start), text).toBe(day)
      expect(calendar.dayOf(end - 1n), text).toBe(day)
      expect(calendar.dayOf(end), text).toBeGreaterThan(day)
      expect(calendar.dayOf((start + end) / 2n), text).toBe(day)
    }
  })
})

test('a day that a zone skipped is empty and holds nothing', () => {
  const apia = createCalendar('Pacific/Apia')
  const skipped = dayNumber(2011, 12, 30)
  expect(apia.dayStart(skipped)).toBe(apia.dayStart(skipped + 1))
  expect(apia.dayOf(BigInt(apia.dayStart(skipped)) * 1000n)).toBe(skipped + 1)
})

test('instants before 1970 and far away are floored, not truncated', () => {
  const utc = createCalendar('UTC')
  expect(utc.dayOf(-1n)).toBe(-1)
  expect(utc.dayOf(-86_400_000_000n)).toBe(-1)
  expect(utc.dayOf(-86_400_000_001n)).toBe(-2)
  const end = BigInt(Date.UTC(9999, 11, 31, 23, 59, 59, 999)) * 1000n + 999n
  expect(dayText(utc.dayOf(end))).toBe('9999-12-31')
  expect(createCalendar('America/New_York').dayOf(-1n)).toBe(-1)
})

test('zone rules are not asked per row', () => {
  const calendar = createCalendar('Europe/Berlin')
  const original = Intl.DateTimeFormat.prototype.formatToParts
  let asked = 0
  Intl.DateTimeFormat.prototype.formatToParts = function (...args) {
    asked += 1
    return original.apply(this, args)
  }
  try {
    const start = BigInt(Date.UTC(2026, 2, 25)) * 1000n
    for (let i = 0n; i < 100_000n; i++) calendar.dayOf(start + i * 8_640_000n)
  } finally {
    Intl.DateTimeFormat.prototype.formatToParts = original
  }
  expect(asked).toBeLessThan(300)
})

test('an unknown zone is refused by name', () => {
  expect(() => createCalendar('Mars/Olympus')).toThrow(expect.objectContaining({ code: 'SETTING' }))
})

test.each(Object.entries(golden.weeks))('%s is in its ISO week', (text, [year, week, monday]) => {
  const found = weekOf(dayOfText(text))
  expect([found.year, found.week, dayText(found.monday)]).toEqual([year, week, monday])
})

test('months are counted without gaps, before year 1970 too', () => {
  for (let month = monthOf(dayNumber(1967, 11, 1)); month < monthOf(dayNumber(2030, 1, 1)); month++) {
    const start = monthStart(month)
    expect(dateOf(start).day).toBe(1)
    expect(monthOf(start)).toBe(month)
    expect(monthOf(monthStart(month + 1) - 1)).toBe(month)
    expect([28, 29, 30, 31]).toContain(monthStart(month + 1) - start)
  }
})
