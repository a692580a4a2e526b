import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { QueryResult } from '../../../src/renderer/query/result.ts'
import { openTestLake, type Row, type TestLake } from './lake-node.ts'
import { dailyRows, rawRows } from './sample.ts'

let lake: TestLake
let ids: string[]
const session = () => lake.engine.session('compare')
const lines = (result: QueryResult): string[] =>
  Array.from({ length: result.rows }, (_, row) =>
    result.columns.map((_, column) => result.cell(row, column) ?? '∅').join(' | '),
  )

beforeAll(async () => {
  lake = await openTestLake()
  await lake.append('raw', rawRows(2, 2))
  // The same rows once more with other values: changes where a query takes the last of each.
  await lake.append(
    'raw',
    rawRows(1, 1).map((row): Row => ({ ...row, value: 7, metadata: null })),
  )
  await lake.append('raw', rawRows(1, 1, 30_000))
  await lake.append('daily', dailyRows(2, 3))
  const { metadata } = await lake.lake.io.catalog.loadTable(lake.lake.tables.raw)
  ids = metadata.snapshots
    .toSorted((a, b) => a['sequence-number'] - b['sequence-number'])
    .map((one) => String(one['snapshot-id']))
}, 60_000)
afterAll(() => lake.close())

const LATEST =
  'SELECT sample_id, max_by(value, value) AS value, count(*) AS copies, any_value(unit) AS unit FROM health_data_raw GROUP BY sample_id'

describe('two snapshots of one query', () => {
  test('are compared by key', async () => {
    const comparison = await session().compare(LATEST, {
      before: { health_data_raw: ids[0]! },
      after: { health_data_raw: ids[2]! },
      key: ['SAMPLE_ID'],
    })
    expect(comparison).toMatchObject({
      counts: { added: 3, removed: 0, changed: 3, unchanged: 9 },
      rows: { before: 12, after: 15 },
      duplicates: { before: { keys: 0, rows: 0 }, after: { keys: 0, rows: 0 } },
      onlyBefore: [],
      onlyAfter: [],
      cut: false,
    })
    expect(comparison.columns.map(({ name, changed }) => [name, changed > 0])).toEqual([
      ['value', true],
      ['copies', true],
      ['unit', false],
    ])
    expect(comparison.result.columns.map((column) => column.name)).toEqual([
      'change',
      'sample_id',
      'value was',
      'value now',
      'copies was',
      'copies now',
      'unit',
    ])
    expect(lines(comparison.result).toSorted()[0]).toMatch(/^added \| s-30000-1 \| ∅ \| .* \| ∅ \| 1 \| bpm$/)
    expect(comparison.forecasts.before.tables[0]?.snapshotId).toBe(ids[0])
    const same = await session().compare(LATEST.replace('any_value', 'max'), {
      before: { health_data_raw: ids[0]! },
      after: { health_data_raw: ids[2]! },
      key: ['SAMPLE_ID'],
      same: true,
    })
    expect(same.counts).toEqual(comparison.counts)
    expect(same.cut).toBe(false)
    expect(same.result.columns.slice(0, 2).map((column) => column.name)).toEqual(['change', 'sample_id'])
    const keys = (result: QueryResult) => lines(result).map((line) => line.split(' | ')[1])
    expect(lines(same.result).every((line) => line.startsWith('same | '))).toBe(true)
    expect(new Set([...keys(same.result), ...keys(comparison.result)]).size).toBe(9 + 6)
    expect(comparison.forecasts.after.tables[0]?.snapshotId).toBe(ids[2])
    const back = await session().compare(LATEST, {
      before: { health_data_raw: ids[2]! },
      after: { health_data_raw: ids[0]! },
      key: ['sample_id'],
    })
    expect(back.counts).toEqual({ added: 0, removed: 3, changed: 3, unchanged: 9 })
  })

  test('the same snapshot twice has no difference', async () => {
    const at = { health_data_raw: ids[1]! }
    const { counts, result } = await session().compare('SELECT * FROM health_data_raw', {
      before: at,
      after: at,
      key: ['sample_id'],
    })
    expect([counts, result.rows]).toEqual([{ added: 0, removed: 0, changed: 0, unchanged: 15 }, 0])
  })

  test('keys that are not keys are reported, and each row is counted once', async () => {
    const { counts, duplicates, rows } = await session().compare('SELECT * FROM health_data_raw', {
      before: { health_data_raw: ids[0]! },
      after: { health_data_raw: ids[1]! },
      key: ['sample_id'],
    })
    expect(duplicates).toEqual({ before: { keys: 0, rows: 0 }, after: { keys: 3, rows: 6 } })
    expect(rows).toEqual({ before: 12, after: 15 })
    expect(counts.added).toBe(3)
    expect(counts.changed + counts.unchanged).toBe(12)
  })

  test('whole rows without a key', async () => {
    const { counts } = await session().compare('SELECT data_type, value, metadata FROM health_data_raw', {
      before: { health_data_raw: ids[0]! },
      after: {},
      key: [],
    })
    expect(counts).toEqual({ added: 6, removed: 0, changed: 0, unchanged: 12 })
  })

  test('NULL, NaN and nested values are equal to themselves', async () => {
    const sql = "SELECT * FROM (VALUES (NULL, 'nan'::DOUBLE, MAP {'a': NULL}), (1, NULL, NULL)) t(k, v, m)"
    const { counts } = await session().compare(sql, { before: {}, after: {}, key: ['k'] })
    expect(counts).toEqual({ added: 0, removed: 0, changed: 0, unchanged: 2 })
  })

  test('a limit cuts the rows shown, not the counts', async () => {
    const { counts, result, cut } = await session().compare('SELECT sample_id FROM health_data_raw', {
      before: { health_data_raw: ids[0]! },
      after: {},
      key: ['sample_id'],
      limit: 2,
    })
    expect([counts.added, result.rows, cut]).toEqual([6, 2, true])
  })

  test('says what is wrong, and leaves nothing behind', async () => {
    const both = { before: {}, after: {} }
    await expect(session().compare('SELECT 1 AS a', { ...both, key: ['b'] })).rejects.toThrow('They have: a.')
    await expect(
      session().compare('SELECT nope FROM health_data_raw', { ...both, key: [] }),
    ).rejects.toMatchObject({
      range: [7, 11],
    })
    await expect(session().compare("SELECT error('x') FROM range(3)", { ...both, key: [] })).rejects.toThrow(
      'x',
    )
    await expect(session().compare('CREATE TABLE x AS SELECT 1', { ...both, key: [] })).rejects.toThrow(
      'Only the answers',
    )
    const { result } = await session().run("SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'tarn'")
    expect(result.cell(0, 0)).toBe('0')
  })
})

test('values of a column come from metadata alone', async () => {
  await lake.engine.refresh(true)
  const table = (name: string) => lake.engine.tables.find((one) => one.table.name === name)!
  lake.storage.reset()
  const raw = table('health_data_raw')
  expect(await lake.engine.valuesOf(raw, 'data_type')).toEqual({
    values: ['heartRate', 'restingHeartRate', 'steps'],
    complete: true,
  })
  expect(await lake.engine.valuesOf(raw, 'unit')).toEqual({ values: ['bpm', 'count'], complete: true })
  expect(await lake.engine.valuesOf(raw, 'value')).toBeNull()
  expect(await lake.engine.valuesOf(table('health_data_daily_agg'), 'user_id')).toEqual({
    values: ['user-00', 'user-01'],
    complete: true,
  })
  expect(lake.storage.requests.filter(({ location }) => location.includes('/data/'))).toEqual([])
  const before = lake.storage.requests.length
  await lake.engine.valuesOf(raw, 'app_version')
  expect(lake.storage.requests).toHaveLength(before)
})
