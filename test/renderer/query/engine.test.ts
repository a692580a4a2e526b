import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readResult } from '../../../src/renderer/query/result.ts'
import type { RunOutcome } from '../../../src/renderer/query/session.ts'
import { openDuckNode } from './duck-node.ts'
import { openTestLake, type Row, type TestLake } from './lake-node.ts'
import { dailyRows, rawRows } from './sample.ts'

let lake: TestLake
let reference: (sql: string) => Promise<string[]>

beforeAll(async () => {
  lake = await openTestLake()
  const first = rawRows(10, 7)
  const second = rawRows(4, 5, -3)
  const daily = dailyRows(8, 9)
  await lake.append('raw', first)
  await lake.append('raw', second)
  await lake.append('daily', daily)
  reference = await referenceOf({ health_data_raw: [...first, ...second], health_data_daily_agg: daily })
}, 60_000)
afterAll(() => lake.close())

/** The same rows as plain tables of an engine of its own: no lake, no push-down, all optimizers. */
async function referenceOf(
  tables: Readonly<Record<string, readonly Row[]>>,
): Promise<(sql: string) => Promise<string[]>> {
  const connection = await (await openDuckNode({ locked: false })).connect()
  await lake.engine.refresh()
  for (const [name, rows] of Object.entries(tables)) {
    const table = lake.engine.tables.find((one) => one.table.name === name)!
    await connection.run(
      `CREATE TABLE ${name} (${table.fields.map((field) => `"${field.name}" ${field.duck}`).join(', ')})`,
    )
    const values = rows.map(
      (row) => `(${table.fields.map((field) => literal(row[field.name] ?? null, field.duck)).join(', ')})`,
    )
    for (let i = 0; i < values.length; i += 200) {
      await connection.run(`INSERT INTO ${name} VALUES ${values.slice(i, i + 200).join(', ')}`)
    }
  }
  return async (sql) => {
    const pieces: Uint8Array[] = []
    await connection.stream(sql, (piece) => void pieces.push(piece))
    return lines(readResult(pieces, false))
  }
}

function literal(value: Row[string], type: string): string {
  if (value === null) return 'NULL'
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${literal(key, 'VARCHAR')}: ${literal(item, 'VARCHAR')}`)
    return `MAP {${entries.join(', ')}}`
  }
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  if (type === 'TIMESTAMP') return `make_timestamp(${value})`
  return typeof value === 'number' && !Number.isFinite(value) ? `'${value}'::DOUBLE` : String(value)
}

function lines(result: RunOutcome['result']): string[] {
  const rows: string[] = []
  for (let row = 0; row < result.rows; row++) {
    rows.push(result.columns.map((_, column) => result.cell(row, column) ?? '∅').join(' | '))
  }
  return rows
}

const FILES = { raw: 42, daily: 72 }

/** [statement, files read of raw, files read of daily]; null where the table is not read. */
const QUERIES: readonly (readonly [sql: string, raw: number | null, daily: number | null])[] = [
  ['SELECT count(*) FROM health_data_raw', 0, null],
  ['SELECT * FROM health_data_raw', 42, null],
  ["SELECT sample_id, value FROM health_data_raw WHERE data_type = 'steps'", 14, null],
  [
    "SELECT count(*) FROM health_data_raw WHERE data_type = 'steps' AND start_date >= TIMESTAMP '2024-10-10'",
    4,
    null,
  ],
  ["SELECT count(*) FROM health_data_raw WHERE start_date < DATE '1970-01-01'", 9, null],
  ["SELECT sample_id FROM health_data_raw WHERE start_date::DATE = DATE '1969-12-30'", 3, null],
  [
    "SELECT sample_id FROM health_data_raw WHERE date_trunc('day', start_date) = TIMESTAMP '1969-12-30'",
    42,
    null,
  ],
  ["SELECT count(*) FROM health_data_raw WHERE data_type IN ('steps', 'none')", 14, null],
  ["SELECT count(*) FROM health_data_raw WHERE data_type LIKE 'rest%'", 14, null],
  ["SELECT count(*) FROM health_data_raw WHERE data_type <> 'steps'", 28, null],
  ["SELECT count(*) FROM health_data_raw WHERE NOT (data_type = 'steps')", 28, null],
  ["SELECT count(*) FROM health_data_raw WHERE data_type = 'it''s'", 0, null],
  ['SELECT count(*), min(value), max(value) FROM health_data_raw WHERE value > 1000', null, null],
  ['SELECT sample_id, value FROM health_data_raw WHERE value > 250', null, null],
  ["SELECT count(*) FROM health_data_raw WHERE value = 'nan'::DOUBLE", null, null],
  ['SELECT count(*) FROM health_data_raw WHERE value < -1 OR value IS NULL', 0, null],
  ['SELECT count(source_bundle), count(metadata) FROM health_data_raw', 42, null],
  [
    "SELECT sample_id FROM health_data_raw WHERE metadata['device'] = 'Watch1' AND data_type = 'steps'",
    14,
    null,
  ],
  ["SELECT sample_id FROM health_data_raw WHERE contains(user_id, '3') AND length(device_id) > 3", 42, null],
  ['SELECT is_synced, count(*) FROM health_data_raw WHERE is_synced GROUP BY 1', 42, null],
  ['SELECT is_synced, count(*) FROM health_data_raw WHERE NOT is_synced GROUP BY 1', 42, null],
  [
    "SELECT a.sample_id, b.value FROM health_data_raw a JOIN health_data_raw b ON a.sample_id = b.sample_id WHERE a.data_type = 'steps' AND b.value > 3",
    42,
    null,
  ],
  [
    "SELECT a.sample_id, b.sample_id FROM health_data_raw a, health_data_raw b WHERE a.data_type = 'steps' AND b.data_type = 'heartRate' AND a.start_date = b.start_date",
    28,
    null,
  ],
  [
    "SELECT user_id AS data_type, data_type AS user_id FROM health_data_raw WHERE data_type = 'steps'",
    14,
    null,
  ],
  [
    "SELECT * FROM (SELECT user_id AS data_type, data_type AS kind FROM health_data_raw) WHERE data_type = 'user-03' OR kind = 'steps'",
    42,
    null,
  ],
  [
    "SELECT count(*) FROM (SELECT user_id AS data_type, value AS v FROM health_data_raw) WHERE data_type = 'user-03' AND v IS NOT NULL",
    42,
    null,
  ],
  [
    "WITH t AS (SELECT user_id, value FROM health_data_raw WHERE data_type = 'steps') SELECT user_id, sum(value) FROM t WHERE isfinite(value) GROUP BY 1",
    14,
    null,
  ],
  [
    "WITH t AS MATERIALIZED (SELECT * FROM health_data_raw WHERE data_type = 'steps') SELECT x.sample_id FROM t x JOIN t y USING (sample_id) WHERE x.user_id = 'user-02'",
    14,
    null,
  ],
  [
    "SELECT user_id, sample_id, row_number() OVER (PARTITION BY user_id ORDER BY start_date, sample_id) AS r FROM health_data_raw WHERE data_type = 'steps' QUALIFY r = 1",
    14,
    null,
  ],
  [
    'SELECT sample_id, lag(value) OVER (PARTITION BY data_type ORDER BY start_date, sample_id) FROM health_data_raw',
    42,
    null,
  ],
  [
    'SELECT data_type, user_id, count(*) FROM health_data_raw GROUP BY GROUPING SETS ((data_type), (user_id), ())',
    42,
    null,
  ],
  ['SELECT data_type, count(*) FROM health_data_raw GROUP BY ROLLUP (data_type)', 42, null],
  [
    "SELECT sample_id FROM health_data_raw WHERE data_type = 'steps' UNION ALL SELECT sample_id FROM health_data_raw WHERE start_date < TIMESTAMP '1970-01-01'",
    20,
    null,
  ],
  [
    "SELECT sample_id FROM health_data_raw EXCEPT SELECT sample_id FROM health_data_raw WHERE data_type = 'steps'",
    42,
    null,
  ],
  ['SELECT max(start_date), min(start_date) FROM health_data_raw', 42, null],
  [
    'SELECT sample_id FROM health_data_raw WHERE value = (SELECT max(value) FROM health_data_raw WHERE isfinite(value))',
    42,
    null,
  ],
  [
    "SELECT sample_id FROM health_data_raw WHERE user_id IN (SELECT user_id FROM health_data_daily_agg WHERE user_id = 'user-02')",
    null,
    9,
  ],
  ['SELECT DISTINCT user_id FROM health_data_raw', 42, null],
  [
    'SELECT user_id, (SELECT count(*) FROM health_data_daily_agg d WHERE d.user_id = r.user_id) FROM health_data_raw r',
    42,
    72,
  ],
  [
    "SELECT r.data_type, d.sum_value FROM health_data_raw r JOIN health_data_daily_agg d ON d.user_id = r.user_id AND d.data_type = r.data_type AND d.aggregation_date = strftime(r.start_date, '%Y-%m-%d') WHERE r.data_type = 'steps'",
    14,
    24,
  ],
  ['SELECT * FROM health_data_daily_agg', null, 72],
  ["SELECT * FROM health_data_daily_agg WHERE user_id = 'user-03'", null, 9],
  [
    "SELECT * FROM health_data_daily_agg WHERE user_id BETWEEN 'user-03' AND 'user-04' AND aggregation_date >= '2024-10-10'",
    null,
    6,
  ],
  ['SELECT sum(count), max(count) FROM health_data_daily_agg', null, 72],
  ['SELECT user_id FROM health_data_daily_agg WHERE count = 9007199254740993', null, 1],
  ['SELECT user_id FROM health_data_daily_agg WHERE record_count > 70', null, 1],
  ['SELECT user_id, first_value FROM health_data_daily_agg WHERE first_value IS NULL', null, 36],
  ['SELECT user_id, avg_value FROM health_data_daily_agg WHERE avg_value BETWEEN 10.5 AND 12', null, 2],
  [
    "SELECT r.user_id FROM health_data_raw r LEFT JOIN health_data_daily_agg d ON d.user_id = r.user_id AND d.user_id = 'user-01' WHERE r.data_type = 'steps'",
    14,
    9,
  ],
  [
    'SELECT d.user_id, r.sample_id FROM health_data_daily_agg d FULL OUTER JOIN health_data_raw r ON r.user_id = d.user_id AND d.record_count < 3',
    42,
    72,
  ],
  [
    'SELECT d.user_id FROM health_data_daily_agg d ANTI JOIN health_data_raw r ON r.user_id = d.user_id',
    42,
    72,
  ],
  ['PIVOT health_data_daily_agg ON data_type USING sum(count) GROUP BY user_id', null, 72],
  ["SELECT r.sample_id FROM health_db.health_data_raw r WHERE data_type = 'steps'", 14, null],
  [
    "FROM health_data_raw SELECT sample_id WHERE data_type = 'steps' ORDER BY value DESC, sample_id LIMIT 5",
    14,
    null,
  ],
  ['SELECT sample_id FROM health_data_raw ORDER BY start_date DESC, sample_id LIMIT 3', 42, null],
  ['SELECT sample_id FROM health_data_raw WHERE 1 = 0', null, null],
  [
    "SELECT sample_id FROM health_data_raw WHERE start_date > TIMESTAMP '2024-10-09' AND start_date < TIMESTAMP '2024-01-01'",
    null,
    null,
  ],
  ['SELECT sample_id FROM health_data_raw WHERE source_bundle IS NOT DISTINCT FROM NULL', null, null],
  ["SELECT sample_id FROM health_data_raw WHERE user_id = 'a' || chr(0) OR user_id = 'user-01'", 42, null],
  ["SELECT value FROM health_data_raw WHERE user_id <> 'a' || chr(0) AND device_id = 'device-1'", 42, null],
  [
    "SELECT value FROM health_data_raw WHERE user_id <> chr(10) || 'x' AND device_id = 'device-1' AND data_type = 'steps'",
    14,
    null,
  ],
  [
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i, count(*) FROM n, health_data_daily_agg GROUP BY i',
    null,
    0,
  ],
  [
    "SELECT list(sample_id ORDER BY sample_id) FROM health_data_raw WHERE data_type = 'steps' GROUP BY user_id",
    14,
    null,
  ],
  [
    'SELECT sample_id, metadata, created_at FROM health_data_raw WHERE map_keys(metadata) IS NOT NULL',
    42,
    null,
  ],
  [
    "SELECT r.sample_id FROM health_data_raw r ASOF JOIN health_data_daily_agg d ON r.user_id = d.user_id AND r.start_date >= d.window_start WHERE d.user_id = 'user-02'",
    42,
    72,
  ],
]

describe('answers are those of all rows, and only what pruning allows is read', () => {
  test.each(QUERIES)('%s', async (sql, raw, daily) => {
    lake.loader.cache.clear()
    lake.storage.reset()
    const session = lake.engine.session('main')
    const { result, forecast, read } = await session.run(sql)
    const ordered = /ORDER BY [^)]*$/.test(sql)
      ? (rows: string[]) => rows
      : (rows: string[]) => rows.toSorted()
    expect(ordered(lines(result))).toEqual(ordered(await reference(sql.replace('health_db.', ''))))

    const files = (name: string) => forecast.tables.find((table) => table.name === name)?.files ?? null
    if (raw !== null) expect(files('health_data_raw')).toBe(raw)
    if (daily !== null) expect(files('health_data_daily_agg')).toBe(daily)
    const dataReads = lake.storage.requests.filter(({ location }) => location.includes('/data/'))
    expect(dataReads.length).toBe(forecast.files)
    expect(read.readBytes).toBe(forecast.bytes)
    expect(read.requests).toBe(forecast.files)
  })

  test('the whole tables are as large as the counts assume', async () => {
    const all = await lake.engine
      .session('main')
      .forecast('SELECT r.value FROM health_data_raw r, health_data_daily_agg d WHERE r.value = d.min_value')
    expect(all?.tables.map((table) => table.totals.files).toSorted()).toEqual([FILES.raw, FILES.daily])
  })
})

describe('reading', () => {
  test('decoded columns are kept: the second run reads nothing', async () => {
    lake.loader.cache.clear()
    const session = lake.engine.session('main')
    const sql = "SELECT user_id, value FROM health_data_raw WHERE data_type = 'steps'"
    const first = await session.run(sql)
    expect(first.read).toMatchObject({ files: 14, requests: 14, cachedFiles: 0 })
    const second = await session.run(sql)
    expect(second.read).toMatchObject({ files: 14, requests: 0, readBytes: 0, cachedFiles: 14 })
    expect(lines(second.result)).toEqual(lines(first.result))
  })

  test('any rows will do under a bare LIMIT: one file is enough', async () => {
    const { result, forecast } = await lake.engine
      .session('main')
      .run('SELECT sample_id FROM health_data_raw LIMIT 3')
    expect(result.rows).toBe(3)
    expect(forecast.files).toBe(1)
    const skipped = await lake.engine
      .session('main')
      .run('SELECT sample_id FROM health_data_raw LIMIT 3 OFFSET 6')
    expect(skipped.result.rows).toBe(3)
    expect(skipped.forecast.files).toBe(2)
  })

  test('an older snapshot shows the rows of its time', async () => {
    const { metadata } = await lake.lake.io.catalog.loadTable(lake.lake.tables.raw)
    const first = metadata.snapshots.toSorted((a, b) => a['sequence-number'] - b['sequence-number'])[0]!
    const snapshots = { health_data_raw: String(first['snapshot-id']) }
    const { result } = await lake.engine
      .session('main')
      .run('SELECT count(*), min(start_date) FROM health_data_raw', { snapshots })
    expect(lines(result)).toEqual(['210 | 2024-10-04 00:00:00'])
  })

  test('parameters take part in push-down', async () => {
    const sql = 'SELECT count(*) FROM health_data_raw WHERE data_type = $type AND value < ?'
    const { result, forecast } = await lake.engine
      .session('main')
      .run(sql, { parameters: { type: 'steps', 1: 110 } })
    expect(lines(result)).toEqual(await reference(sql.replace('$type', "'steps'").replace('?', '110')))
    expect(forecast.files).toBeLessThanOrEqual(14)
  })

  test('an ENUM has its words', async () => {
    const { result } = await lake.engine
      .session('main')
      .run("SELECT 'b'::ENUM('a', 'b') AS e, ['a'::ENUM('a', 'b')] AS l")
    expect(lines(result)).toEqual(['b | [a]'])
  })

  test('sessions run side by side without meeting', async () => {
    const types = ['steps', 'heartRate', 'restingHeartRate']
    const counts = await Promise.all(
      types.map((type, i) =>
        lake.engine
          .session(`tab-${i}`)
          .run(`SELECT any_value(data_type), count(*) FROM health_data_raw WHERE data_type = '${type}'`),
      ),
    )
    expect(counts.map(({ result }) => lines(result)[0])).toEqual(types.map((type) => `${type} | 90`))
  })
})

describe('a session', () => {
  test('keeps its views, and they prune', async () => {
    const session = lake.engine.session('views')
    await session.run(
      "CREATE VIEW late AS SELECT user_id, value FROM health_data_raw WHERE data_type = 'steps'",
    )
    const { result, forecast } = await session.run("SELECT count(*) FROM late WHERE user_id = 'user-01'")
    expect(lines(result)).toEqual(
      await reference(
        "SELECT count(*) FROM health_data_raw WHERE data_type = 'steps' AND user_id = 'user-01'",
      ),
    )
    expect(forecast.files).toBe(13)
    await expect(lake.engine.session('main').run('SELECT * FROM late')).rejects.toThrow('late does not exist')
  })

  test('keeps tables made of lake rows', async () => {
    const session = lake.engine.session('tables')
    await session.run(
      "CREATE TABLE mine AS SELECT user_id, value FROM health_data_raw WHERE data_type = 'steps'",
    )
    await session.run("DELETE FROM mine WHERE user_id <> 'user-01'")
    expect(lines((await session.run('SELECT DISTINCT user_id FROM mine')).result)).toEqual(['user-01'])
  })

  test('has its views again after a rebuild of the engine', async () => {
    const session = lake.engine.session('rebuilt')
    await session.run('CREATE MACRO twice(x) AS 2 * x')
    lake.engine.rebuild(await lake.engine.duck())
    expect(lines((await session.run('SELECT twice(21), count(*) FROM health_data_raw')).result)).toEqual([
      '42 | 270',
    ])
  })

  test('goes on after a crash of the engine', async () => {
    const session = lake.engine.session('crashed')
    await session.run('SELECT 1')
    ;(await lake.engine.duck()).host.kill()
    expect(lines((await session.run('SELECT count(*) FROM health_data_raw')).result)).toEqual(['270'])
  })

  test('cannot break the names of the lake', async () => {
    const session = lake.engine.session('hostile')
    await session.run('CREATE OR REPLACE VIEW health_data_raw AS SELECT 1 AS one')
    expect(lines((await session.run('SELECT count(*) FROM health_data_raw')).result)).toEqual(['270'])
    await session.run('DROP VIEW health_data_raw')
    expect(lines((await session.run('SELECT count(*) FROM health_data_raw')).result)).toEqual(['270'])
    await expect(session.run("INSERT INTO health_data_raw (user_id) VALUES ('x')")).rejects.toThrow(
      'not an table',
    )
  })

  test('says where a statement is wrong', async () => {
    const session = lake.engine.session('main')
    const sql = "SELECT user_id,\n  count(DISTINCT metdata['device']) AS é FROM health_data_raw GROUP BY 1"
    await expect(session.run(sql)).rejects.toMatchObject({
      type: 'Binder',
      range: [33, 40],
      candidates: expect.arrayContaining(['metadata']),
    })
    await expect(session.run("SELECT 'é', nope FROM health_data_raw")).rejects.toMatchObject({
      range: [12, 16],
    })
    await expect(session.run('SELECT a FROM')).rejects.toMatchObject({ type: 'Parser' })
  })

  test('is cancelled while it runs, and goes on after', async () => {
    const session = lake.engine.session('cancelled')
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 50)
    const heavy = 'SELECT count(*) FROM range(1000000) a(i), range(1000000) b(j) WHERE (i * j) % 7 = 3'
    const started = Date.now()
    await expect(session.run(heavy, { signal: controller.signal })).rejects.toMatchObject({
      name: 'Cancelled',
    })
    expect(Date.now() - started).toBeLessThan(5_000)
    expect(lines((await session.run('SELECT 1')).result)).toEqual(['1'])
  })
})

describe('the engine is shut in', () => {
  test.each([
    ["SET memory_limit = '8GB'", 'SET is not available'],
    ['INSTALL parquet', 'INSTALL is not available'],
    ['LOAD parquet', 'LOAD is not available'],
    ["ATTACH 'x.db'", 'ATTACH is not available'],
    ["COPY (SELECT 1) TO 'x.csv'", 'COPY is not available'],
    ['PRAGMA disable_optimizer', 'PRAGMA is not available'],
    ['CREATE SECRET s (TYPE s3)', 'CREATE SECRET is not available'],
    ["EXPLAIN SET memory_limit = '8GB'", 'SET is not available'],
    ["SELECT * FROM read_csv('/etc/passwd')", 'disabled by configuration'],
    ["SELECT * FROM read_text('/etc/passwd')", 'disabled by configuration'],
    ["SELECT * FROM glob('*')", 'disabled by configuration'],
    ["SELECT * FROM 'http://127.0.0.1:9/x.parquet'", 'does not exist'],
    ["SELECT * FROM read_parquet('http://127.0.0.1:9/x.parquet')", ''],
    ['SELECT 1; SELECT 2', 'one statement at a time'],
  ])('%s', async (sql, message) => {
    await expect(lake.engine.session('shut').run(sql)).rejects.toThrow(message)
  })

  test.each([
    "SET memory_limit = '8GB'",
    'SET enable_external_access = true',
    'RESET lock_configuration',
    "ATTACH 'x.db'",
    'LOAD parquet',
  ])('DuckDB itself refuses %s', async (sql) => {
    const { host } = await lake.engine.duck()
    await expect((await host.connect()).run(sql)).rejects.toThrow()
  })

  test('a path from the page is never read', async () => {
    const post = (path: string, body: object) =>
      lake.request(`/api/query/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' },
      })
    expect((await post('read', { plan: crypto.randomUUID(), files: [0] })).ok).toBe(false)
    expect((await post('read', { plan: '../../etc/passwd', files: [0] })).ok).toBe(false)
    expect((await post('read', { plan: crypto.randomUUID(), files: ['/etc/passwd'] })).ok).toBe(false)
    const filter = { op: 'true' }
    const plan = { namespace: ['health_db'], name: 'health_data_raw', filter, columns: [1] }
    const answer = (await (await post('plan', plan)).json()) as { plan: string; files: unknown[] }
    expect(answer.files.length).toBe(FILES.raw)
    expect(JSON.stringify(answer)).not.toContain('.parquet')
    expect((await post('read', { plan: answer.plan, files: [FILES.raw] })).ok).toBe(false)
    expect((await post('plan', { ...plan, extra: 1 })).ok).toBe(false)
    expect((await post('plan', { ...plan, columns: [999] })).ok).toBe(false)
    const object = await lake.request(`/api/query/objects/${answer.plan}/0`, {
      headers: { Range: 'bytes=0-3' },
    })
    expect([object.status, await object.text()]).toEqual([206, 'PAR1'])
  })
})
