import { expect, test } from 'vitest'
import {
  dayStart,
  daysBetween,
  isDate,
  isoWeek,
  lastDay,
  mondayOf,
  mondayOfWeek,
  periodOf,
  periodsBetween,
  periodWords,
  plusPeriods,
  rangeWords,
  weekday,
} from '../../../../src/renderer/features/dash/dates.ts'

test('weeks are those of ISO 8601', () => {
  // By the standard's own examples, and the Python calendar: date(2027, 1, 1).isocalendar() is (2026, 53, 5).
  expect(isoWeek('2027-01-01')).toEqual({ year: 2026, week: 53 })
  expect(isoWeek('2024-12-30')).toEqual({ year: 2025, week: 1 })
  expect(isoWeek('1969-12-29')).toEqual({ year: 1970, week: 1 })
  expect(isoWeek('2021-01-03')).toEqual({ year: 2020, week: 53 })
  expect(weekday('1970-01-01')).toBe(3)
  expect(mondayOf('2026-05-10')).toBe('2026-05-04')
  expect(mondayOfWeek(2026, 53)).toBe('2026-12-28')
  expect(mondayOfWeek(2025, 53)).toBeNull()
  expect(mondayOfWeek(2026, 0)).toBeNull()
})

test('months have their own lengths, before 1970 and over year ends too', () => {
  expect(lastDay('month', '2024-02-01')).toBe('2024-02-29')
  expect(lastDay('month', '1900-02-01')).toBe('1900-02-28')
  expect(plusPeriods('month', '2026-01-01', -1)).toBe('2025-12-01')
  expect(plusPeriods('month', '2026-11-01', 3)).toBe('2027-02-01')
  expect(plusPeriods('week', '2026-12-28', 1)).toBe('2027-01-04')
  expect(periodOf('month', '1969-07-20')).toBe('1969-07-01')
  expect(daysBetween('2026-02-28', '2026-03-01')).toBe(2)
})

test('periods are those that touch the days', () => {
  expect(periodsBetween('week', '2026-05-10', '2026-05-11')).toEqual(['2026-05-04', '2026-05-11'])
  expect(periodsBetween('month', '2025-12-31', '2026-02-01')).toEqual([
    '2025-12-01',
    '2026-01-01',
    '2026-02-01',
  ])
  expect(periodsBetween('day', '2026-05-09', '2026-05-09')).toEqual(['2026-05-09'])
})

test('days that the calendar lacks are no dates', () => {
  expect(isDate('2026-02-30')).toBe(false)
  expect(isDate('2026-2-3')).toBe(false)
  expect(isDate('2024-02-29')).toBe(true)
})

test('words', () => {
  expect(periodWords('day', '2026-05-09')).toBe('Sat 9 May 2026')
  expect(periodWords('week', '2026-12-28')).toBe('Week 53, 2026')
  expect(periodWords('month', '2026-05-01')).toBe('May 2026')
  expect(rangeWords('2026-02-14', '2026-05-14')).toBe('14 Feb to 14 May 2026')
  expect(rangeWords('2025-12-31', '2026-01-01')).toBe('31 Dec 2025 to 1 Jan 2026')
})

test('a day begins in its zone, also where clocks change and where midnight is left out', () => {
  expect(dayStart('UTC', '2026-05-09')).toBe('2026-05-09 00:00:00')
  expect(dayStart('America/New_York', '2026-03-08')).toBe('2026-03-08 05:00:00')
  expect(dayStart('America/New_York', '2026-03-09')).toBe('2026-03-09 04:00:00')
  expect(dayStart('Asia/Kathmandu', '2026-05-09')).toBe('2026-05-08 18:15:00')
  expect(dayStart('Pacific/Kiritimati', '2026-05-09')).toBe('2026-05-08 10:00:00')
  expect(dayStart('America/Santiago', '2024-09-08')).toBe('2024-09-08 04:00:00')
})

test('the calendar ends with the year 9999', () => {
  expect(periodsBetween('day', '9999-12-30', '9999-12-31')).toEqual(['9999-12-30', '9999-12-31'])
  expect(periodsBetween('week', '9999-12-20', '9999-12-31')).toEqual(['9999-12-20', '9999-12-27'])
  expect(periodsBetween('month', '9999-11-30', '9999-12-31')).toEqual(['9999-11-01', '9999-12-01'])
  expect(lastDay('month', '9999-12-01')).toBe('9999-12-31')
  expect(lastDay('day', '9999-12-31')).toBe('9999-12-31')
  expect(dayStart('UTC', '10000-01-01')).toBe('10000-01-01 00:00:00')
  expect(dayStart('Asia/Kathmandu', '10000-01-01')).toBe('9999-12-31 18:15:00')
})
