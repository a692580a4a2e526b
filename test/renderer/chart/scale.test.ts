import { expect, test } from 'vitest'
import {
  areaPath,
  histogram,
  linePath,
  lonePlaces,
  runsOf,
  scaleOf,
  stretches,
} from '../../../src/renderer/chart/scale.ts'

test('a place between gaps, or alone at an end, is no part of a line', () => {
  expect(lonePlaces([[0, 1], null, [2, 3], null, [4, 5], [5, 6]])).toEqual([
    [0, 1],
    [2, 3],
  ])
  expect(lonePlaces([[0, 1]])).toEqual([[0, 1]])
  expect(lonePlaces([null])).toEqual([])
})

test('a scale holds every value between its ends, with round ticks inside', () => {
  const scale = scaleOf([48, 171], 200, 0)
  expect(scale?.ticks).toEqual([50, 75, 100, 125, 150, 175])
  expect(scale?.(171)).toBeGreaterThan(0)
  expect(scale?.(48)).toBeLessThan(200)
  expect(scaleOf([66.1, 80.9], 0, 1)?.ticks).toEqual([70, 75, 80])
  expect(scaleOf([Number.NaN], 0, 1)).toBeNull()
  expect(scaleOf([5, 5], 0, 1)?.(5)).toBeCloseTo(0.5)
  expect(scaleOf([-0.3, 0.1], 0, 1)?.ticks).toContain(0)
})

test('a scale of bars starts at zero and ends round', () => {
  expect(scaleOf([3, 17], 100, 0, { zero: true, ticks: 4 })?.ticks).toEqual([0, 5, 10, 15, 20])
  expect(scaleOf([0, 0], 0, 1, { zero: true })?.(0)).toBe(0)
})

test('lines break at gaps and a place alone is still seen', () => {
  expect(linePath([[0, 1], [1, 1], null, [3, 2]])).toBe('M0.0 1.0L1.0 1.0M3.0 2.0h0.01')
  expect(linePath([null, null])).toBe('')
})

test('an area is one shape a run', () => {
  const at = (x: number) => ({ x, top: 0, bottom: 10 })
  expect(areaPath([at(0), at(1), null, at(5)], 2)).toBe(
    'M0.0 0.0L1.0 0.0L1.0 10.0L0.0 10.0ZM4.0 0.0L6.0 0.0L6.0 10.0L4.0 10.0Z',
  )
  expect(runsOf([1, null, 2, 3])).toEqual([[1], [2, 3]])
  expect(stretches(6, (at) => [1, 2, 5].includes(at))).toEqual([
    [1, 3],
    [5, 6],
  ])
})

test('a histogram counts every finite value once', () => {
  const values = [0, 0.1, 1, 1.999, 2, 9.99, 10, Number.NaN]
  const found = histogram(values, 10)
  expect(found?.counts.reduce((sum, n) => sum + n, 0)).toBe(7)
  found?.counts.forEach((n, at) => {
    const [from, to] = [found.edges[at] as number, found.edges[at + 1] as number]
    expect(n).toBe(values.filter((value) => value >= from && value < to).length)
  })
  expect(histogram([3, 3], 10)?.counts.reduce((sum, n) => sum + n, 0)).toBe(2)
  expect(histogram([], 10)).toBeNull()
})

const HUGE = Number.MAX_VALUE
test.each([
  [[1e308, 1e308]],
  [[HUGE, HUGE, 0]],
  [[HUGE]],
  [[0, 5e-324]],
  [[5e-324, 5e-324]],
  [[1.7e18, 1.7e18 + 256]],
  [[2 ** 53, 2 ** 53 + 2]],
  [[-0, 0, 1e-310]],
])('values as far out as %j have scale and bins', (values) => {
  for (const zero of [false, true]) {
    const scale = scaleOf(values, 0, 100, { zero })
    for (const value of values) {
      expect(scale?.(value)).toBeGreaterThanOrEqual(0)
      expect(scale?.(value)).toBeLessThanOrEqual(100)
    }
    expect(scale?.ticks.length).toBeLessThan(20)
    expect(scale?.ticks.every(Number.isFinite)).toBe(true)
  }
  const found = histogram(values, 14)
  expect(found?.counts.reduce((sum, n) => sum + n, 0)).toBe(values.length)
  expect(found?.edges.length).toBeLessThan(40)
  expect(found?.edges.every(Number.isFinite)).toBe(true)
})

test('what has no place is a break', () => {
  expect(
    linePath([
      [0, 1],
      [1, Number.POSITIVE_INFINITY],
      [2, 1],
    ]),
  ).toBe('M0.0 1.0h0.01M2.0 1.0h0.01')
  const infinite = { x: 1, top: Number.NEGATIVE_INFINITY, bottom: 0 }
  expect(areaPath([{ x: 0, top: 0, bottom: 1 }, infinite], 2)).toBe('M-1.0 0.0L1.0 0.0L1.0 1.0L-1.0 1.0Z')
})
