import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readResult } from '../../../src/renderer/query/result.ts'
import type { RunOutcome } from '../../../src/renderer/query/session.ts'
import { openDuckNode } from './duck-node.ts'
import { openTestLake, type Row, type TestLake } from './lake-node.ts'
import { QUERIES } from './queries.ts'
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

  test('small files are kept with all columns: other columns of them are not read again', async () => {
    lake.loader.cache.clear()
    const session = lake.engine.session('main')
    const from = "FROM health_data_raw WHERE data_type = 'steps' ORDER BY sample_id"
    await session.run(`SELECT value ${from}`)
    const all = await session.run(`SELECT * ${from}`)
    expect(all.read).toMatchObject({ files: 14, requests: 0, readBytes: 0, cachedFiles: 14 })
    lake.loader.cache.clear()
    const again = await session.run(`SELECT * ${from}`)
    expect(again.read).toMatchObject({ files: 14, requests: 14, cachedFiles: 0 })
    expect(lines(all.result)).toEqual(lines(again.result))
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
