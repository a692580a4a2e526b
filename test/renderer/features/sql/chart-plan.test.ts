import { expect, test } from 'vitest'
import {
  type ChartSource,
  chartData,
  chartOf,
  defaultChart,
  MOST_BARS,
} from '../../../../src/renderer/features/sql/chart-plan.ts'
import type { ColumnWord } from '../../../../src/renderer/query/words.ts'

function answer(
  columns: readonly (readonly [string, ColumnWord])[],
  rows: readonly (readonly (string | null)[])[],
): ChartSource {
  return {
    columns: columns.map(([name, word]) => ({ name, kind: { word, align: 'left' } })),
    rows: rows.length,
    cell: (row, column) => rows[row]?.[column] ?? null,
  }
}

test('least, mean and most over time are a band, one series at a time', () => {
  const source = answer(
    [
      ['user_id', 'str'],
      ['week', 'ts'],
      ['n', 'long'],
      ['min_bpm', 'dbl'],
      ['mean_bpm', 'dbl'],
      ['max_bpm', 'dbl'],
    ],
    [
      ['b', '2025-05-12 00:00:00', '3', '40.0', '50.5', '60.0'],
      ['a', '2025-05-12 00:00:00', '3', '41.0', '51.5', '61.0'],
      ['b', '2025-05-05 00:00:00', '3', '42.0', 'NaN', '62.0'],
    ],
  )
  const plan = defaultChart(source)
  expect(plan).toEqual({ kind: 'band', across: 1, value: 4, low: 3, high: 5, series: 0 })
  expect(chartData(source, plan!, null)).toEqual({
    series: ['b', 'a'],
    shown: 'b',
    looked: 3,
    points: [
      { x: Date.UTC(2025, 4, 5), y: null, low: 42, high: 62 },
      { x: Date.UTC(2025, 4, 12), y: 50.5, low: 40, high: 60 },
    ],
  })
  expect(chartData(source, plan!, 'a').points).toHaveLength(1)
})

test('a text that is a day is time; without edges it is a line', () => {
  const source = answer(
    [
      ['aggregation_date', 'str'],
      ['count', 'long'],
    ],
    [
      ['2025-01-01', '1'],
      ['2025-01-02', '2'],
    ],
  )
  expect(defaultChart(source)).toMatchObject({ kind: 'line', across: 0, value: 1, series: null })
})

test('words with a number are bars in their order, of which the first are drawn', () => {
  const rows = Array.from({ length: 30 }, (_, i) => [`w${i}`, String(30 - i), '2025-01-01'])
  const source = answer(
    [
      ['kind', 'str'],
      ['n', 'long'],
      ['latest', 'date'],
    ],
    rows,
  )
  const plan = defaultChart(source)
  expect(plan).toMatchObject({ kind: 'bar', across: 0, value: 1 })
  const { points } = chartData(source, plan!, null)
  expect(points).toHaveLength(MOST_BARS)
  expect(points[0]).toMatchObject({ x: 'w0', y: 30 })
})

test('two numbers are dots; what has no number or one row is no chart', () => {
  expect(
    defaultChart(
      answer(
        [
          ['a', 'int'],
          ['b', 'dbl'],
        ],
        [
          ['1', '2'],
          ['2', '3'],
        ],
      ),
    ),
  ).toMatchObject({ kind: 'dot' })
  expect(defaultChart(answer([['a', 'str']], [['x'], ['y']]))).toBeNull()
  expect(
    defaultChart(
      answer(
        [
          ['t', 'ts'],
          ['n', 'int'],
        ],
        [['2025-01-01 00:00:00', '1']],
      ),
    ),
  ).toBeNull()
  expect(
    chartOf(
      'band',
      answer(
        [
          ['t', 'ts'],
          ['n', 'int'],
        ],
        [['2025-01-01 00:00:00', '1']],
      ),
    ),
  ).toBeNull()
})

test('bars of one word in several rows stay apart', () => {
  const source = answer(
    [
      ['kind', 'str'],
      ['user', 'str'],
      ['n', 'long'],
    ],
    [
      ['steps', 'a', '1'],
      ['steps', null, '2'],
      ['steps', null, '3'],
    ],
  )
  const { points } = chartData(source, defaultChart(source)!, null)
  expect(points.map((point) => point.x)).toEqual(['steps, a', 'steps, ', 'steps, , row 3'])
})
