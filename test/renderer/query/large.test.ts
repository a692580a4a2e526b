import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestLake, type TestLake } from './lake-node.ts'
import { rawRows } from './sample.ts'

/** A file too large to be fetched whole: only the footer and the chunks of the needed columns are. */

const ROWS = 60_000
let lake: TestLake

beforeAll(async () => {
  lake = await openTestLake()
  const [sample] = rawRows(1, 1)
  const rows = Array.from({ length: ROWS }, (_, i) => ({
    ...sample!,
    sample_id: crypto.randomUUID(),
    value: i,
    user_id: `user-${i % 1000}`,
    start_date: 1_700_000_000_000_000n + BigInt(i),
    metadata: i % 3 === 0 ? null : new Map([['device', `w${i}`]]),
  }))
  await lake.append('raw', rows)
}, 60_000)
afterAll(() => lake.close())

async function ask(sql: string) {
  lake.loader.cache.clear()
  const { result, forecast, read } = await lake.engine.session('test').run(sql)
  const cells = Array.from({ length: result.rows }, (_, row) =>
    result.columns.map((_, i) => result.cell(row, i)),
  )
  return { cells, forecast, read, size: forecast.tables[0]?.totals.bytes ?? 0 }
}

test('one narrow column costs a fraction of the file', async () => {
  const { cells, forecast, read, size } = await ask(
    'SELECT count(*), count(DISTINCT user_id) FROM health_data_raw',
  )
  expect(cells).toEqual([[String(ROWS), '1000']])
  expect(forecast.files).toBe(1)
  expect(size).toBeGreaterThan(1_048_576)
  expect(read.readBytes).toBeLessThan(size / 4)
  expect(Math.abs(read.readBytes - forecast.bytes)).toBeLessThan(65_536)
})

test('columns that lie apart are fetched in ranges of their own, and decoded alike', async () => {
  const { cells, read, size } = await ask(
    "SELECT count(DISTINCT user_id), max(start_date), count(metadata), max(metadata['device']) FROM health_data_raw",
  )
  expect(cells).toEqual([['1000', '2023-11-14 22:13:20.059999', '40000', 'w9998']])
  expect(read.readBytes).toBeLessThan(size)
  expect(read.requests).toBeGreaterThan(2)
})

test('all columns are the whole file', async () => {
  const { cells, read, size } = await ask('SELECT count(*) FROM (SELECT DISTINCT * FROM health_data_raw)')
  expect(cells).toEqual([[String(ROWS)]])
  expect(read.readBytes).toBeLessThan(size + 131_072)
})
