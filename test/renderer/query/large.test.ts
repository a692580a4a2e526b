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

test('row groups that hold no row of the answer are not read', async () => {
  const other = await openTestLake()
  try {
    const [sample] = rawRows(1, 1)
    const rows = Array.from({ length: ROWS }, (_, i) => ({
      ...sample!,
      sample_id: `s-${String(i).padStart(6, '0')}-${crypto.randomUUID()}`,
      value: i,
      start_date: 1_700_000_000_000_000n + BigInt(i),
    }))
    await other.append('raw', rows, { rowGroupBytes: 1 << 20 })
    const run = async (where: string, columns = 'count(*), min(value), max(value)') => {
      other.loader.cache.clear()
      other.storage.reset()
      const sql = `SELECT ${columns} FROM health_data_raw WHERE ${where}`
      const { result, read } = await other.engine.session('test').run(sql)
      const explained = await other.engine.session('test').explain(sql)
      const cells = result.columns.map((_, column) => (result.rows === 0 ? null : result.cell(0, column)))
      return { cells, read, groups: explained.tables[0]?.groups, bytes: explained.forecast.bytes }
    }
    const all = await run('value >= 0')
    expect(all.cells).toEqual([String(ROWS), '0.0', '59999.0'])
    expect(all.read.groups).toBe(all.read.groupsTotal)
    expect(all.read.groupsTotal).toBeGreaterThan(8)

    const few = await run('value >= 59000 AND value < 59010')
    expect(few.cells).toEqual(['10', '59000.0', '59009.0'])
    expect(few.read).toMatchObject({ groups: 1, groupsTotal: all.read.groupsTotal })
    expect(few.groups).toEqual({ kept: 1, total: all.read.groupsTotal, files: 1, more: 0 })
    // The footer, and one column's chunk of one group.
    expect(few.read.readBytes).toBeLessThan(65_536 + all.read.readBytes / 4)
    expect(few.read.readBytes).toBeLessThanOrEqual(few.bytes)

    const two = await run('value = 3 OR value >= 59999', 'count(*), min(left(sample_id, 8))')
    expect(two.cells).toEqual(['2', 's-000003'])
    expect(two.read.groups).toBe(2)

    const between = await run("start_date = TIMESTAMP '2023-11-14 22:13:20.030000'")
    expect(between.cells[0]).toBe('1')
    expect(between.read.groups).toBe(1)

    // The file's bounds allow the value, no row group's do: rows are counted, none is read.
    const gap = await run('value > 100 AND value < 101 AND value = 100.5')
    expect(gap.cells[0]).toBe('0')
    const nothing = await run("value = 20000 AND sample_id < 's-000100'")
    expect(nothing.cells[0]).toBe('0')
    expect(nothing.read.groups).toBe(0)
  } finally {
    await other.close()
  }
}, 60_000)
