import { describe, expect, test } from 'vitest'
import { cellAfter } from '../../../../src/renderer/features/sql/grid-keys.ts'
import {
  firstLayout,
  moveColumn,
  moveColumnTo,
  shownColumns,
  toggleHidden,
  togglePin,
} from '../../../../src/renderer/features/sql/grid-layout.ts'

const four = firstLayout(4)

describe('columns of the grid', () => {
  test('pinned ones come first, hidden ones not at all', () => {
    const layout = toggleHidden(togglePin(four, '2'), '1')
    expect(shownColumns(layout)).toEqual(['2', '0', '3'])
    expect(shownColumns(togglePin(layout, '2'))).toEqual(['0', '2', '3'])
    expect(shownColumns(toggleHidden(layout, '1'))).toEqual(['2', '0', '1', '3'])
  })

  test('the last column in sight cannot be hidden', () => {
    const one = ['0', '1', '2'].reduce(toggleHidden, four)
    expect(shownColumns(one)).toEqual(['3'])
    expect(toggleHidden(one, '3')).toBe(one)
  })

  test('move among those in sight and on their side of the pins', () => {
    const hidden = toggleHidden(four, '1')
    expect(shownColumns(moveColumn(hidden, '0', 1))).toEqual(['2', '0', '3'])
    expect(shownColumns(moveColumn(hidden, '3', -2))).toEqual(['3', '0', '2'])
    expect(moveColumn(four, '3', 1)).toBe(four)
    const pinned = togglePin(four, '2')
    expect(moveColumn(pinned, '0', -1)).toBe(pinned)
    expect(shownColumns(moveColumnTo(four, '0', '3'))).toEqual(['1', '2', '3', '0'])
    expect(shownColumns(moveColumnTo(four, '3', '0'))).toEqual(['3', '0', '1', '2'])
  })
})

describe('keys in the grid', () => {
  const layout = toggleHidden(togglePin(four, '3'), '1')
  const from = { row: 5, column: 0 }
  const to = (key: string, ctrl = false) => cellAfter(key, ctrl, from, 10, 100, layout)

  test('go by the columns as they stand, over hidden ones', () => {
    expect(to('ArrowRight')).toEqual({ row: 5, column: 2 })
    expect(to('ArrowLeft')).toEqual({ row: 5, column: 3 })
    expect(to('Home')).toEqual({ row: 5, column: 3 })
    expect(to('End')).toEqual({ row: 5, column: 2 })
  })

  test('go to the edges with Ctrl and never beyond', () => {
    expect(to('End', true)).toEqual({ row: 99, column: 2 })
    expect(to('PageUp')).toEqual({ row: 0, column: 0 })
    expect(to('PageDown')).toEqual({ row: 15, column: 0 })
    expect(to('x')).toBeNull()
  })
})
