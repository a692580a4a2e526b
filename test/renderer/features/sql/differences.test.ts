import { describe, expect, test } from 'vitest'
import {
  aroundZero,
  deltas,
  diffColumns,
  diffLines,
  isChanged,
  lineCell,
  suggestedKey,
} from '../../../../src/renderer/features/sql/diff-rows.ts'
import type { ResultColumn } from '../../../../src/renderer/query/result.ts'

const column = (name: string, word: ResultColumn['kind']['word']): ResultColumn =>
  ({ name, kind: { word, align: word === 'str' ? 'left' : 'right' } }) as ResultColumn

/** Differences as the engine lists them: n changed in some rows, least in none. */
const CELLS = [
  ['added', 'a', null, '5', '1.0'],
  ['changed', 'b', '16', '18', '2.0'],
  ['removed', 'c', '7', null, '3.0'],
  ['changed', 'd', '4', '3', '4.0'],
]
const source = {
  columns: [
    column('change', 'str'),
    column('user', 'str'),
    column('n was', 'long'),
    column('n now', 'long'),
    column('least', 'dbl'),
  ],
  rows: CELLS.length,
  cell: (row: number, at: number) => CELLS[row]?.[at] ?? null,
}
const columns = diffColumns(source, 1, [
  { name: 'n', changed: 2 },
  { name: 'least', changed: 0 },
])

test('rows that are the same are a line each, with the value of both', () => {
  const same = {
    ...source,
    rows: 1,
    cell: (_: number, at: number) => ['same', 'e', '9', '9', '5.0'][at] ?? null,
  }
  const [line] = diffLines(same, new Set(['same']))
  expect(line).toEqual({ row: 0, half: 'same' })
  expect(columns.map((one) => lineCell(same, { row: 0, half: 'same' }, one))).toEqual(['e', '9', '5.0'])
})

describe('differences', () => {
  test('columns find what was and what is now', () => {
    expect(columns.map(({ name, key, before, after }) => [name, key, before, after])).toEqual([
      ['user', true, 1, 1],
      ['n', false, 2, 3],
      ['least', false, 4, 4],
    ])
  })

  test('a changed row is two lines, an added or removed one is one', () => {
    const lines = diffLines(source, new Set(['added', 'removed', 'changed']))
    expect(lines.map((line) => line.half)).toEqual(['added', 'was', 'now', 'removed', 'was', 'now'])
    expect(diffLines(source, new Set(['removed']))).toEqual([{ row: 2, half: 'removed' }])
    const [, n] = columns
    expect(lines.map((line) => lineCell(source, line, n!))).toEqual(['5', '16', '18', '7', '4', '3'])
    expect(isChanged(source, 1, n!)).toBe(true)
    expect(isChanged(source, 1, columns[2]!)).toBe(false)
  })

  test('changes are counted around zero', () => {
    expect(deltas(source, columns[1]!)).toEqual([2, -1])
    expect(aroundZero([2, -1, 2, 0.1], 4)).toEqual({ most: 2, counts: [0, 1, 1, 2] })
    expect(aroundZero([], 4).counts).toEqual([0, 0, 0, 0])
  })

  test('the key that is suggested are the names in front of the first figure', () => {
    const typed = (pairs: string) =>
      pairs.split(' ').map((pair) => {
        const [name = '', type = ''] = pair.split(':')
        return { name, type }
      })
    expect(suggestedKey(typed('user:VARCHAR week:TIMESTAMP n:BIGINT device:VARCHAR'))).toEqual([
      'user',
      'week',
    ])
    expect(suggestedKey(typed('n:BIGINT user:VARCHAR'))).toEqual(['user'])
    expect(suggestedKey(typed('n:BIGINT m:DOUBLE'))).toEqual(['n'])
  })
})
