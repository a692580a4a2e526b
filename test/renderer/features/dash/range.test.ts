import { expect, test } from 'vitest'
import { daysBetween, periodsBetween } from '../../../../src/renderer/features/dash/dates.ts'
import {
  daysShown,
  grainOfMultiples,
  mapDays,
  periodsAgainst,
  yearOf,
} from '../../../../src/renderer/features/dash/range.ts'

const KNOWN = { from: '2025-03-20', to: '2026-05-13' }
const nothing = { grain: 'day', from: null, to: null } as const

test('the newest 90 days are shown where nothing was asked for, fewer where there are not as many', () => {
  expect(daysShown(nothing, KNOWN)).toEqual({ from: '2026-02-13', to: '2026-05-13' })
  expect(daysShown(nothing, { from: '2026-05-01', to: '2026-05-13' })).toEqual({
    from: '2026-05-01',
    to: '2026-05-13',
  })
  expect(daysShown({ ...nothing, grain: 'month' }, KNOWN)).toEqual(KNOWN)
  expect(daysShown({ ...nothing, from: '2020-01-01', to: '2020-01-02' }, KNOWN)).toEqual({
    from: '2020-01-01',
    to: '2020-01-02',
  })
  expect(daysShown({ ...nothing, to: '2020-01-02' }, KNOWN).to).toBe('2020-01-02')
})

test('of more periods than a chart can hold the newest are shown', () => {
  const all = { from: '0001-01-01', to: '9999-12-31' }
  const days = daysShown({ grain: 'day', ...all }, KNOWN)
  expect([daysBetween(days.from, days.to), days.to]).toEqual([4_000, all.to])
  for (const grain of ['day', 'week', 'month'] as const) {
    const { from, to } = daysShown({ grain, ...all }, KNOWN)
    expect(periodsBetween(grain, from, to)).toHaveLength(4_000)
  }
  expect(daysShown({ grain: 'day', from: '0001-01-01', to: '0001-01-03' }, KNOWN)).toEqual({
    from: '0001-01-01',
    to: '0001-01-03',
  })
})

test('the year is the newest one while it holds the shown days, else ends with them', () => {
  expect(yearOf({ from: '2026-02-13', to: '2026-05-13' }, KNOWN)).toEqual({
    from: '2025-05-14',
    to: '2026-05-13',
  })
  expect(yearOf({ from: '2025-04-01', to: '2025-04-30' }, KNOWN)).toEqual({
    from: '2024-05-01',
    to: '2025-04-30',
  })
})

test('the map leaves out the time before the first data, yet keeps 18 weeks', () => {
  const year = { from: '2025-05-14', to: '2026-05-13' }
  expect(mapDays(year, KNOWN)).toEqual(year)
  expect(mapDays(year, { from: '2026-05-01', to: '2026-05-13' }).from).toBe('2026-05-01')
})

test('as many periods are held against the shown ones', () => {
  const shown = { from: '2026-05-01', to: '2026-05-03' }
  expect(periodsAgainst('day', shown, { kind: 'before' })).toEqual(['2026-04-28', '2026-04-29', '2026-04-30'])
  expect(periodsAgainst('day', shown, { kind: 'from', from: '2025-12-31' })).toEqual([
    '2025-12-31',
    '2026-01-01',
    '2026-01-02',
  ])
  expect(periodsAgainst('day', shown, { kind: 'user', user: 'x' })).toEqual([
    '2026-05-01',
    '2026-05-02',
    '2026-05-03',
  ])
  expect(periodsAgainst('month', { from: '2026-01-01', to: '2026-03-31' }, { kind: 'before' })).toEqual([
    '2025-10-01',
    '2025-11-01',
    '2025-12-01',
  ])
})

test('several types over many days are drawn by week', () => {
  expect(grainOfMultiples('day', { from: '2026-01-01', to: '2026-03-31' })).toBe('day')
  expect(grainOfMultiples('day', { from: '2025-01-01', to: '2026-03-31' })).toBe('week')
  expect(grainOfMultiples('month', { from: '2025-01-01', to: '2026-03-31' })).toBe('month')
})
