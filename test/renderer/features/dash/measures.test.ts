import { expect, test } from 'vitest'
import { change } from '../../../../src/renderer/features/dash/compare-chart.tsx'
import {
  columnFigures,
  figure,
  pool,
  type Row,
  typeWords,
  usualMeasure,
} from '../../../../src/renderer/features/dash/measures.ts'

function rowOf(values: readonly number[]): Row {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const m2 = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return {
    period: '2026-05-09',
    count: values.length,
    min: Math.min(...values),
    mean,
    max: Math.max(...values),
    sum: values.reduce((sum, value) => sum + value, 0),
    std: Math.sqrt(m2 / values.length),
    first: values[0] ?? null,
    last: values.at(-1) ?? null,
    meanOfDays: null,
    windowStart: '',
    windowEnd: '',
    updatedAt: '',
    texts: {},
  }
}

test('rows pooled are the statistics of all their samples, large values too', () => {
  const parts = [[1e9 + 1, 1e9 + 2], [1e9 + 4], [1e9 - 3, 1e9, 1e9 + 7]]
  const all = rowOf(parts.flat())
  const pooled = pool(parts.map(rowOf))
  expect(pooled).toMatchObject({ periods: 3, count: 6, min: all.min, max: all.max })
  expect(pooled?.mean).toBeCloseTo(all.mean, 6)
  expect(pooled?.std).toBeCloseTo(all.std, 6)
  expect(pool([])).toBeNull()
})

test('a change is told with its sign, and not where nothing can be said', () => {
  expect(change(74.6, 72.7)).toBe('+2.6 %')
  expect(change(70, 72)).toBe('\u22122.8 %')
  expect(change(5, 5)).toBe('same')
  expect(change(5, 0)).toBe('+5')
  expect(change(-1, -2)).toBe('+50.0 %')
  expect(change(undefined, 3)).toBe('')
  expect(change(Number.NaN, 3)).toBe('')
})

test('figures are as fine as their size', () => {
  expect([76.3125, 48, 171.25, 12_345.6, Number.NaN, Number.POSITIVE_INFINITY].map(figure)).toEqual([
    '76.31',
    '48',
    '171.3',
    '12,346',
    'NaN',
    'Infinity',
  ])
  expect([48, 48.5].map(columnFigures([48, 48.5, null]))).toEqual(['48.0', '48.5'])
  expect([48, 49].map(columnFigures([48, 49]))).toEqual(['48', '49'])
})

test('parts of a whole are summed, the rest is averaged', () => {
  expect(usualMeasure('steps')).toBe('sum')
  expect(usualMeasure('dietaryWater')).toBe('sum')
  expect(usualMeasure('heartRate')).toBe('mean')
  expect(typeWords('heartRateVariability')).toBe('Heart rate variability')
  expect(typeWords('my_own')).toBe('my_own')
})
