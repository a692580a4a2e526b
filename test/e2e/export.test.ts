import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../helpers/app.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { rawRows } from '../renderer/query/sample.ts'
import { python } from '../services/install.ts'
import { run } from '../services/process.ts'
import { type EngineInBrowser, engineInBrowser } from './engine-page.ts'

/** Whole answers as files, read back by DuckDB and compared with its own answer over what PyIceberg reads. */

let tarn: TestApp
let engine: EngineInBrowser
let metadata: string

beforeAll(async () => {
  tarn = testApp()
  const lake = await tarn.app.lake()
  await createTables(lake.io)
  await appendRows(lake.io, lake, 'raw', rawRows(5, 20, -2))
  metadata = (await lake.io.catalog.loadTable(lake.tables.raw)).metadataLocation as string
  engine = await engineInBrowser(tarn.app)
}, 240_000)
afterAll(async () => {
  await engine?.close()
  await tarn?.close()
})

interface ReadBack {
  readonly rows: number
  /** Rows of one side that the other lacks, both ways. */
  readonly missing: number
  readonly more: number
  readonly types: readonly string[]
  readonly groups: number | null
}

/** The file by another engine, against the statement run by that engine. */
async function readBack(path: string, sql: string): Promise<ReadBack> {
  const asked = join(tarn.home, 'asked.json')
  writeFileSync(asked, JSON.stringify({ tables: { health_data_raw: metadata }, path, sql }))
  return JSON.parse(run(await python(), [join(import.meta.dirname, 'read_back.py'), asked])) as ReadBack
}

const MILLION = `SELECT r.sample_id || '-' || i AS id, i AS n, r.value, (r.value * 3)::DECIMAL(18,4) AS tripled, r.start_date,
  r.start_date::DATE AS day, r.is_synced, r.metadata, r.source_bundle, [i, NULL] AS pair, {'a': i, 'b': r.unit} AS both
  FROM (SELECT * FROM health_data_raw WHERE isfinite(value)) r, range(4000) t(i)`

test('a million rows to Parquet, read back elsewhere', async () => {
  const sql = `${MILLION} ORDER BY id LIMIT 1000000`
  const file = await engine.export('million', sql, { format: 'parquet', name: 'A million rows' })
  expect(file).toMatchObject({ rows: 1_000_000, name: 'A million rows.parquet' })
  expect(file.calls).toBeGreaterThan(100)
  const back = await readBack(file.path, sql)
  expect(back).toMatchObject({ rows: 1_000_000, missing: 0, more: 0, groups: 9 })
  expect(back.types).toEqual([
    'VARCHAR',
    'BIGINT',
    'DOUBLE',
    'DECIMAL(18,4)',
    'TIMESTAMP',
    'DATE',
    'BOOLEAN',
    'MAP(VARCHAR, VARCHAR)',
    'VARCHAR',
    'BIGINT[]',
    'STRUCT(a BIGINT, b VARCHAR)',
  ])
  const fetched = await engine.page.request.get(`${engine.origin}${file.href}`)
  expect(fetched.headers()['content-disposition']).toContain('A%20million%20rows.parquet')
  expect((await fetched.body()).length).toBe(file.bytes)
}, 600_000)

describe('the other formats', () => {
  const sql = `SELECT sample_id, value, start_date, is_synced, source_bundle, 9007199254740993 + i AS big, '=' || i AS formula
    FROM health_data_raw, range(100) t(i) WHERE data_type = 'steps'`

  test('CSV, its formulas guarded', async () => {
    const file = await engine.export('csv', sql, { format: 'csv', name: 'steps' })
    expect(file.rows).toBe(10_000)
    expect(await readBack(file.path, sql.replace("'=' || i", "'''=' || i"))).toMatchObject({
      missing: 0,
      more: 0,
    })
  })

  test('JSON lines', async () => {
    const file = await engine.export('jsonl', sql, { format: 'jsonl', name: 'steps' })
    expect(await readBack(file.path, sql)).toMatchObject({ rows: 10_000, missing: 0, more: 0 })
  })
})

test('a page that goes away leaves no part behind once it has been idle', async () => {
  const folder = join(tarn.home, 'exports')
  const whole = readdirSync(folder)
  const { id } = await tarn.app.exports.start({ name: 'lost', format: 'parquet' })
  expect(readdirSync(folder)).toContain(`.${id}.part`)
  await tarn.app.exports.close()
  expect(readdirSync(folder)).toEqual(whole)
})
