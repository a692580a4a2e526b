import { beforeEach, expect, test, vi } from 'vitest'
import {
  countColumns,
  countedColumns,
  stopCounting,
} from '../../../../src/renderer/features/sql/profiling.ts'
import { Cancelled } from '../../../../src/renderer/query/errors.ts'
import type { ColumnProfile } from '../../../../src/renderer/query/profile.ts'
import type { QueryResult } from '../../../../src/renderer/query/result.ts'

const profile = vi.hoisted(() => vi.fn())
vi.mock('../../../../src/renderer/query/start.ts', () => ({
  theEngine: () => ({ session: () => ({ profile }) }),
}))

const answer = () => ({ rows: 9, columns: [{}, {}, {}] }) as unknown as QueryResult
const found = (column: number) => ({ distinct: column }) as unknown as ColumnProfile

beforeEach(() => {
  profile.mockReset()
  profile.mockImplementation(async (_: unknown, column: number) => found(column))
})

test('columns are counted one after the other, none twice', async () => {
  const result = answer()
  const seen: number[] = []
  expect(await countColumns('tab', result, 2, (profiles) => seen.push(profiles.length))).toBe(true)
  expect(seen).toEqual([1, 2])
  expect(await countColumns('tab', result, 9, () => undefined)).toBe(true)
  expect(profile.mock.calls.map(([, column]) => column)).toEqual([0, 1, 2])
  expect(countedColumns(result)).toEqual([found(0), found(1), found(2)])
})

test('a stop reaches the engine, and what was counted stays known', async () => {
  const result = answer()
  profile.mockImplementation((_: unknown, column: number, signal: AbortSignal) =>
    column === 0
      ? Promise.resolve(found(0))
      : new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Cancelled()))),
  )
  const first = Promise.withResolvers<void>()
  const counting = countColumns('tab', result, 3, () => first.resolve())
  await first.promise
  stopCounting('tab')
  expect(await counting).toBe(false)
  expect(countedColumns(result)).toEqual([found(0)])
  stopCounting('tab')
})

test('what else goes wrong is told', async () => {
  profile.mockRejectedValue(new Error('out of memory'))
  await expect(countColumns('tab', answer(), 3, () => undefined)).rejects.toThrow('out of memory')
})
