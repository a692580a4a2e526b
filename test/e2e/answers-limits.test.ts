import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../helpers/app.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { rawRows } from '../renderer/query/sample.ts'
import { type EngineInBrowser, engineInBrowser } from './engine-page.ts'

/** What the engine in Chromium cannot be made to do, and how it stops. */

let tarn: TestApp
let engine: EngineInBrowser

beforeAll(async () => {
  tarn = testApp()
  const lake = await tarn.app.lake()
  await createTables(lake.io)
  await appendRows(lake.io, lake, 'raw', rawRows(3, 5))
  engine = await engineInBrowser(tarn.app)
}, 240_000)
afterAll(async () => {
  await engine?.close()
  await tarn?.close()
})

const HEAVY = 'SELECT count(*) FROM range(100000000) a(i) JOIN range(100000) b(j) ON (a.i * b.j) % 7 = 3'
const first = async (tab: string, sql: string): Promise<string> => {
  const ran = await engine.run(tab, sql)
  return ran.state === 'done' ? String(ran.rows[0]?.[0]) : ran.message
}
/** Waits until the tab's statement executes. */
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('a heavy join is cancelled while another tab works, and both keep what they have', async () => {
  expect(await first('heavy', 'CREATE TABLE mine AS SELECT 42 AS n')).not.toContain('Error')
  await engine.run('other', 'CREATE TABLE yours AS SELECT 7 AS n')
  const running = engine.run('heavy', HEAVY)
  await later(1_000)
  // The other tab is answered in between.
  expect(await first('other', 'SELECT n FROM yours')).toBe('7')
  expect(await first('other', 'SELECT count(*) FROM health_data_raw')).toBe('45')
  await engine.cancel('heavy')
  const ended = await running
  expect(ended.state).toBe('cancelled')
  // The worker was not ended for it: what both made in the engine is there.
  expect(await first('heavy', 'SELECT n FROM mine')).toBe('42')
  expect(await first('other', 'SELECT n FROM yours')).toBe('7')
})

test.each([
  [
    'an endless recursion',
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n',
  ],
  ['an endless sort', 'SELECT i FROM range(2000000000) t(i) ORDER BY hash(i) LIMIT 5'],
  ['an endless answer', "SELECT i, 'text ' || i FROM range(100000000000) t(i)"],
])('%s is stopped, and the tab goes on', async (_name, sql) => {
  const running = engine.run('endless', sql)
  await later(500)
  await engine.cancel('endless')
  const ended = await running
  // It may meet the memory limit first.
  expect(['cancelled', 'failed', 'done']).toContain(ended.state)
  expect(await first('endless', 'SELECT count(*) FROM health_data_raw')).toBe('45')
})

test('what does not fit into memory is refused, and the tab goes on', async () => {
  const ran = await engine.run(
    'memory',
    'SELECT count(*) FROM (SELECT DISTINCT hash(i), hash(i + 1), hash(i + 2), hash(i + 3) FROM range(60000000) t(i))',
  )
  expect(ran.state).toBe('failed')
  expect(ran.state === 'failed' && ran.message).toMatch(/memory/i)
  expect(await first('memory', 'SELECT count(*) FROM health_data_raw')).toBe('45')
}, 240_000)

test('a crash takes the statement with it and leaves the tab', async () => {
  await engine.run('crash', 'CREATE VIEW late AS SELECT * FROM health_data_raw')
  const running = engine.run('crash', HEAVY)
  await later(500)
  await engine.crash()
  expect(await running).toMatchObject({ state: 'failed', message: expect.stringContaining('started anew') })
  expect(await first('crash', 'SELECT count(*) FROM late')).toBe('45')
  expect(await first('other', 'SELECT count(*) FROM health_data_raw')).toBe('45')
})

test.each([
  "SET memory_limit = '8GB'",
  'SET enable_external_access = true',
  'RESET lock_configuration',
  'PRAGMA enable_profiling',
  'INSTALL httpfs',
  'LOAD parquet',
  "ATTACH 'x.db'",
  "COPY (SELECT 1) TO 'x.csv'",
  "EXPORT DATABASE 'x'",
  'CREATE SECRET s (TYPE s3)',
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM read_text('file:///etc/passwd')",
  "SELECT * FROM read_blob('http://127.0.0.1:9/x')",
  "SELECT * FROM glob('*')",
  "SELECT * FROM 'http://127.0.0.1:9/x.parquet'",
  "SELECT * FROM read_parquet('https://example.com/x.parquet')",
  "SELECT * FROM sniff_csv('x.csv')",
  'SELECT * FROM query(\'SELECT * FROM read_text("/etc/passwd")\')',
])('%s reaches nothing', async (sql) => {
  const asked: string[] = []
  const note = (request: { url(): string }) => asked.push(request.url())
  engine.page.on('request', note)
  const ran = await engine.run('shut', sql)
  engine.page.off('request', note)
  expect(ran.state).toBe('failed')
  expect(asked.filter((url) => !url.startsWith(engine.origin))).toEqual([])
})
