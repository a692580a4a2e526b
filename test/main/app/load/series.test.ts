import { expect, test } from 'vitest'
import { createLoadSeries, KEPT_STEPS, LAG_ROWS, STEP_MS } from '../../../../src/main/app/load/series.ts'
import type { CommitView, LoadView } from '../../../../src/shared/model.ts'

const START = 1_700_000_000_000

function view(change: Partial<LoadView> = {}): LoadView {
  return {
    messages: 0,
    recentCommits: [],
    partitions: [],
    rejects: {},
    startedAt: START,
    ...change,
  } as unknown as LoadView
}
const partitions = (lags: readonly (number | null)[]) =>
  lags.map((lagMs, partition) => ({ partition, lagMs })) as unknown as LoadView['partitions']

test('holds rates, freshness, lag and dead letters by step, and tells only what is new', () => {
  const series = createLoadSeries()
  series.begin(START)
  const commit = { role: 'raw', at: START + 4_000, age: { oldestMs: 2_500, meanMs: 10 } } as CommitView
  series.take(view({ messages: 500, partitions: partitions([1_000, null]) }), START + 2_500)
  series.take(
    view({
      messages: 1_000,
      partitions: partitions([400, null]),
      recentCommits: [commit],
      rejects: { validation: 3 },
    }),
    START + 5_000 - 1,
  )
  const first = series.view(0, 0)
  expect(first).toMatchObject({ from: 0, next: 0, at: START, stepMs: STEP_MS, committed: [2.5] })
  expect(first.consumed[0]).toBeCloseTo(200, 0)
  expect(first.lag).toEqual([[1], [null]])
  expect(first.rejects).toEqual({ validation: [3] })
  series.take(
    view({
      messages: 1_100,
      partitions: partitions([0, 0]),
      recentCommits: [commit],
      rejects: { validation: 4 },
    }),
    START + 6_000,
  )
  const second = series.view(first.next, first.epoch)
  expect(second).toMatchObject({ from: 0, next: 1, committed: [2.5, null], rejects: { validation: [3, 1] } })
  const third = series.view(second.next, first.epoch)
  expect(third).toMatchObject({ from: 1, at: START + STEP_MS, lag: [[0], [0]] })
  series.begin(START + 9_000)
  expect(series.view(1, first.epoch)).toMatchObject({ epoch: first.epoch + 1, from: 0, consumed: [] })
})

test('stays bounded: 15 minutes, 24 rows, however many partitions', () => {
  const series = createLoadSeries()
  series.begin(START)
  const lags = Array.from({ length: 1_000 }, (_, i) => i)
  for (let step = 0; step < 400; step++) {
    series.take(view({ messages: step, partitions: partitions(lags) }), START + step * STEP_MS + 1_000)
  }
  const all = series.view(0, 0)
  expect(all.consumed).toHaveLength(KEPT_STEPS)
  expect([all.from, all.next]).toEqual([400 - KEPT_STEPS, 399])
  expect(all.rows).toHaveLength(LAG_ROWS)
  expect([all.rows[0]?.[0], all.rows.at(-1)?.[1]]).toEqual([0, 999])
  for (let i = 1; i < LAG_ROWS; i++) expect(all.rows[i]?.[0]).toBe((all.rows[i - 1]?.[1] ?? 0) + 1)
  for (const [row, [, last]] of all.rows.entries()) expect(all.lag[row]?.at(-1)).toBeCloseTo(last / 1000, 5)
  expect(JSON.stringify(series.view(all.next, all.epoch)).length).toBeLessThan(2_000)
})

test('what was not measured while the computer slept stays empty', () => {
  const series = createLoadSeries()
  series.begin(START)
  series.take(view({ messages: 10 }), START + 1_000)
  series.take(view({ messages: 20 }), START + 4 * STEP_MS + 1_000)
  expect(series.view(0, 0).consumed.map((value) => value === null)).toEqual([false, true, true, true, false])
})
