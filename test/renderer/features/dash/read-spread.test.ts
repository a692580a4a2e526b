import { afterAll, beforeAll, expect, test } from 'vitest'
import { tableNames } from '../../../../src/renderer/features/dash/read.ts'
import { readSpread } from '../../../../src/renderer/features/dash/read-spread.ts'
import { openTestLake, type TestLake } from '../../query/lake-node.ts'
import { rawRows } from '../../query/sample.ts'

const TABLES = tableNames('health_db', {
  raw: 'health_data_raw',
  daily: 'health_data_daily_agg',
  weekly: 'health_data_weekly_agg',
  monthly: 'health_data_monthly_agg',
})
const DAY = 86_400_000_000n
/** 20,000 days after 1970-01-01. */
const FIRST = Date.UTC(2024, 9, 4) / 86_400_000
const ROWS = rawRows(10, 90, FIRST)

let lake: TestLake
beforeAll(async () => {
  lake = await openTestLake()
  await lake.append('raw', ROWS)
}, 60_000)
afterAll(() => lake.close())

const signal = new AbortController().signal
const day = (n: number) => `${new Date((FIRST + n) * 86_400_000).toISOString().slice(0, 10)} 00:00:00`

test('counts the samples of a window, each in the bin of its value, reading only its files', async () => {
  lake.loader.cache.clear()
  const question = { user: 'user-03', type: 'steps', from: day(2), to: day(6) }
  const spread = await readSpread(lake.engine.session('spread'), TABLES, question, 14, signal)
  const wanted = ROWS.filter(
    (row) =>
      row.user_id === 'user-03' &&
      row.data_type === 'steps' &&
      (row.start_date as bigint) >= BigInt(FIRST + 2) * DAY &&
      (row.start_date as bigint) < BigInt(FIRST + 6) * DAY,
  ).map((row) => row.value as number)
  const finite = wanted.filter(Number.isFinite)
  expect(finite.length).toBeGreaterThan(20)
  expect(spread.unbounded).toBe(wanted.length - finite.length)
  expect(spread.edges.length).toBe(spread.counts.length + 1)
  spread.counts.forEach((n, at) => {
    const [from, to] = [spread.edges[at] as number, spread.edges[at + 1] as number]
    expect(n, `${from} to ${to}`).toBe(finite.filter((value) => value >= from && value < to).length)
  })
  expect(spread.counts.reduce((sum, n) => sum + n, 0)).toBe(finite.length)
  // One file a day and type.
  expect(spread.cost.files).toBe(4)
})

test('a window without samples has no bins', async () => {
  const question = { user: 'nobody', type: 'steps', from: day(2), to: day(3) }
  const spread = await readSpread(lake.engine.session('spread'), TABLES, question, 14, signal)
  expect(spread).toMatchObject({ edges: [], counts: [], unbounded: 0 })
})
