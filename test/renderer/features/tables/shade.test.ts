import { describe, expect, test } from 'vitest'
import {
  cellWords,
  figureOf,
  MEASURES,
  spanOf,
  step,
  tell,
} from '../../../../src/renderer/features/tables/shade.ts'
import type { HeatCell } from '../../../../src/shared/inspect.ts'

const cell: HeatCell = {
  column: 0,
  row: 0,
  partitions: 1,
  path: 'day=2026-01-01',
  files: 4,
  bytes: 4096,
  rowCount: 1200,
  deleteFiles: 0,
  sizes: [512, 1024, 2048],
  lastWrite: 5_000,
}

describe('shades', () => {
  test('grow with the figure, from nothing to the darkest', () => {
    expect([0, 1, 4, 25, 64, 100].map((figure) => step(figure, [0, 100]))).toEqual([0, 1, 2, 4, 6, 7])
    expect([step(null, [0, 100]), step(3, [0, 0]), step(5, [5, 5])]).toEqual([0, 0, 7])
  })

  test('have a span from zero, and from the oldest for times', () => {
    const cells = [cell, { ...cell, files: 9, lastWrite: 9_000 }, { ...cell, lastWrite: null }]
    expect(spanOf(cells, 'files')).toEqual([0, 9])
    expect(spanOf(cells, 'write')).toEqual([5_000, 9_000])
    expect(spanOf([], 'write')).toEqual([0, 0])
  })
})

test('every measure has a figure with its unit', () => {
  expect(MEASURES.map(({ value }) => tell(figureOf(cell, value), value, 10_000))).toEqual([
    '4 files',
    '4.00 KiB',
    '1,200 rows',
    '1.00 KiB',
    '5 s ago',
    '0 delete files',
  ])
  expect(figureOf({ ...cell, files: 0 }, 'mean')).toBeNull()
  expect(cellWords('2026-01-01', 'steps', undefined)).toBe('steps, 2026-01-01: no data')
  expect(cellWords('2026-01-01', 'steps', cell)).toBe('steps, 2026-01-01: 4 files, 1,200 rows, 4.00 KiB')
})
