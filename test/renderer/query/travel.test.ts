import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tokenize } from '../../../src/renderer/query/lexer.ts'
import type { ParameterValue } from '../../../src/renderer/query/parameters.ts'
import type { RunOutcome } from '../../../src/renderer/query/session.ts'
import { instantMs, timeTravels } from '../../../src/renderer/query/travel.ts'
import { openTestLake, type TestLake } from './lake-node.ts'
import { rawRows } from './sample.ts'

const asks = (sql: string, values: Readonly<Record<string, ParameterValue>> = {}) =>
  timeTravels(tokenize(sql), values).map(({ start, end, ask }) => [sql.slice(start, end), ask])

describe('clauses', () => {
  test.each<[string, unknown[]]>([
    ['SELECT * FROM t FOR VERSION AS OF 12 x', [['t FOR VERSION AS OF 12', { snapshot: '12' }]]],
    [
      'FROM a.t for system_version as of 9223372036854775807',
      [['a.t for system_version as of 9223372036854775807', { snapshot: '9223372036854775807' }]],
    ],
    ['FROM "a b"."t" VERSION AS OF \'main\'', [['"a b"."t" VERSION AS OF \'main\'', { ref: 'main' }]]],
    [
      "FROM t FOR TIMESTAMP AS OF TIMESTAMP '1970-01-01 00:00:01' JOIN u FOR SYSTEM_TIME AS OF '1970-01-02'",
      [
        ["t FOR TIMESTAMP AS OF TIMESTAMP '1970-01-01 00:00:01'", { at: 1000 }],
        ["u FOR SYSTEM_TIME AS OF '1970-01-02'", { at: 86_400_000 }],
      ],
    ],
    ['SELECT version AS of FROM t', []],
    ['SELECT DISTINCT timestamp AS of FROM t', []],
    ['FROM (SELECT ALL version AS of FROM t) x, (SELECT NOT version AS of FROM t) y', []],
    ['SELECT 1 UNION ALL SELECT version AS of FROM t', []],
    ['SELECT a AND version AS of, CASE WHEN b THEN timestamp END AS of FROM t', []],
    ['SELECT version AS of FROM t VERSION AS OF 3', [['t VERSION AS OF 3', { snapshot: '3' }]]],
    [
      'SELECT * FROM a, (b VERSION AS OF 1 CROSS JOIN c."version" VERSION AS OF 2)',
      [
        ['b VERSION AS OF 1', { snapshot: '1' }],
        ['c."version" VERSION AS OF 2', { snapshot: '2' }],
      ],
    ],
    ['SUMMARIZE t FOR VERSION AS OF 1', [['t FOR VERSION AS OF 1', { snapshot: '1' }]]],
    ["SELECT 't FOR VERSION AS OF 1', substring(x FROM 1 FOR 2), version AS of", []],
  ])('%s', (sql, expected) => {
    expect(asks(sql)).toEqual(expected)
  })

  test('take parameters', () => {
    expect(
      asks('FROM t FOR VERSION AS OF :v JOIN t FOR TIMESTAMP AS OF ?', {
        v: 5n,
        1: { type: 'timestamp', text: '1970-01-01 00:01' },
      }).map(([, ask]) => ask),
    ).toEqual([{ snapshot: '5' }, { at: 60_000 }])
  })

  test.each([
    ['FROM t FOR VERSION AS OF', 'takes a snapshot id'],
    ['FROM t FOR VERSION AS OF 1.5', 'takes a snapshot id'],
    ['FROM t FOR VERSION AS OF 92233720368547758080', 'takes a snapshot id'],
    ["FROM t FOR TIMESTAMP AS OF 'yesterday'", 'takes an instant'],
    ["FROM t FOR TIMESTAMP AS OF '2025-02-30'", 'takes an instant'],
    ['FROM t FOR TIMESTAMP AS OF 5', 'takes an instant'],
  ])('%s is refused', (sql, message) => {
    expect(() => asks(sql)).toThrow(message)
  })

  test.each([
    ['1970-01-01 00:00:00.0019', 1],
    ['1969-12-31 23:59:59.9995', -1],
    ['1970-01-01T01:00:00+01:00', 0],
    ['1970-01-01 00:00-0130', 5_400_000],
    ['1970-01-01Z', 0],
    ['1970-01-01 24:00', null],
    ['1970-1-1', null],
  ])('%s is %s ms', (text, ms) => {
    expect(instantMs(text)).toBe(ms)
  })
})

describe('tables of the past', () => {
  let lake: TestLake
  let ids: string[]
  let times: number[]
  const session = () => lake.engine.session('travel')
  const lines = ({ result }: RunOutcome): string[] =>
    Array.from({ length: result.rows }, (_, row) =>
      result.columns.map((_, column) => result.cell(row, column) ?? '∅').join(' | '),
    )
  const answer = async (sql: string, options = {}) => lines(await session().run(sql, options))

  beforeAll(async () => {
    lake = await openTestLake()
    for (const first of [20_000, 20_100, 20_200]) {
      await lake.append('raw', rawRows(2, 3, first))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const { metadata } = await lake.lake.io.catalog.loadTable(lake.lake.tables.raw)
    const snapshots = metadata.snapshots.toSorted((a, b) => a['sequence-number'] - b['sequence-number'])
    ids = snapshots.map((one) => String(one['snapshot-id']))
    times = snapshots.map((one) => one['timestamp-ms'])
  }, 60_000)
  afterAll(() => lake.close())

  test('have the rows of their snapshot, and what is read is theirs', async () => {
    for (const [i, id] of ids.entries()) {
      const outcome = await session().run(`SELECT count(value) FROM health_data_raw FOR VERSION AS OF ${id}`)
      expect(lines(outcome)).toEqual([String(18 * (i + 1))])
      expect(outcome.forecast.tables).toMatchObject([
        { name: 'health_data_raw', snapshotId: id, files: 6 * (i + 1), totals: { files: 6 * (i + 1) } },
      ])
    }
    expect(await answer('SELECT count(*) FROM health_data_raw')).toEqual(['54'])
  })

  test('stand beside each other and the present in one statement', async () => {
    expect(
      await answer(
        `SELECT (SELECT count(*) FROM health_data_raw), count(*), count(a.sample_id)
         FROM health_db.health_data_raw FOR VERSION AS OF ${ids[1]} b
         LEFT JOIN health_data_raw FOR VERSION AS OF ${ids[0]} AS a ON a.sample_id = b.sample_id`,
      ),
    ).toEqual(['54 | 36 | 18'])
    expect(
      await answer(
        `SELECT sample_id FROM health_data_raw FOR VERSION AS OF ${ids[2]}
         EXCEPT SELECT sample_id FROM health_data_raw FOR VERSION AS OF ${ids[1]} ORDER BY ALL LIMIT 1`,
      ),
    ).toEqual(['s-20200-1'])
  })

  test('are pruned each by its own conditions', async () => {
    const { forecast } = await session().run(
      `SELECT count(a.value), count(b.value) FROM health_data_raw FOR VERSION AS OF ${ids[0]} a
       JOIN health_data_raw FOR VERSION AS OF ${ids[1]} b USING (sample_id)
       WHERE a.data_type = 'steps' AND b.start_date < TIMESTAMP '2024-10-05'`,
    )
    expect(forecast.tables.map((table) => [table.snapshotId, table.files]).toSorted()).toEqual(
      [
        [ids[0], 2],
        [ids[1], 3],
      ].toSorted(),
    )
  })

  test('keep their name for columns, and can be views and parameters', async () => {
    expect(
      await answer(
        'SELECT min(health_data_raw.sample_id) FROM health_data_raw FOR VERSION AS OF $past WHERE health_data_raw.value >= $least',
        { parameters: { past: ids[0], least: 0 } },
      ),
    ).toEqual(['s-20000-1'])
    await session().run(`CREATE VIEW first AS SELECT * FROM health_data_raw FOR VERSION AS OF ${ids[0]}`)
    expect(await answer('SELECT count(*) FROM first')).toEqual(['18'])
    lake.engine.rebuild(await lake.engine.duck())
    expect(await answer('SELECT count(*) FROM first')).toEqual(['18'])
  })

  test('are found by instant, through the log', async () => {
    const at = async (ms: number) =>
      answer(`SELECT count(*) FROM health_data_raw FOR TIMESTAMP AS OF '${new Date(ms).toISOString()}'`)
    expect(await at(times[0]!)).toEqual(['18'])
    expect(await at(times[1]! - 1)).toEqual(['18'])
    expect(await at(times[1]!)).toEqual(['36'])
    expect(await at(times[2]! + 86_400_000)).toEqual(['54'])
  })

  test('are found by branch', async () => {
    expect(await answer("SELECT count(*) FROM health_data_raw FOR VERSION AS OF 'main'")).toEqual(['54'])
  })

  test('may be chosen beside the text', async () => {
    const snapshots = { health_data_raw: ids[1]! }
    expect(await answer('SELECT count(*) FROM health_data_raw', { snapshots })).toEqual(['36'])
    expect(await answer('SELECT count(*) FROM health_db.health_data_raw')).toEqual(['54'])
    expect(
      await answer(`SELECT count(*) FROM health_data_raw FOR VERSION AS OF ${ids[0]}`, { snapshots }),
    ).toEqual(['18'])
  })

  test('that are not there are named at their place', async () => {
    const wrong = async (sql: string) =>
      session()
        .run(sql)
        .then(
          () => null,
          (error) => [error.type, sql.slice(...(error.range as [number, number])), error.message],
        )
    expect(await wrong('SELECT 1 FROM health_data_raw FOR VERSION AS OF 5 -- x')).toEqual([
      'Snapshot',
      '5',
      expect.stringMatching(/has no snapshot 5\. It has expired, .* The oldest that is kept is of 20/),
    ])
    expect(await wrong("SELECT 1 FROM health_data_raw FOR VERSION AS OF 'gone'")).toEqual([
      'Snapshot',
      "'gone'",
      expect.stringContaining('no branch or tag gone. It has: main.'),
    ])
    expect(await wrong("SELECT 1 FROM health_data_raw FOR TIMESTAMP AS OF '2001-01-01'")).toEqual([
      'Snapshot',
      "'2001-01-01'",
      expect.stringContaining('no snapshot from before 2001-01-01'),
    ])
    expect(await wrong('SELECT 1 FROM nothing FOR VERSION AS OF 5')).toEqual([
      'Catalog',
      'nothing',
      expect.stringContaining('Only tables of the lake'),
    ])
  })

  test('do not move the places of errors', async () => {
    const sql = `/* é */ SELECT $a, r.nope FROM health_data_raw FOR VERSION AS OF ${ids[0]} r WHERE misspelt = 1`
    await expect(session().run(sql, { parameters: { a: 'a long value' } })).rejects.toMatchObject({
      type: 'Binder',
    })
    const error = await session()
      .run(sql.replace('r.nope', 'r.value'), { parameters: { a: 'a long value' } })
      .catch((cause) => cause)
    const [start, end] = error.range as [number, number]
    expect(sql.replace('r.nope', 'r.value').slice(start, end)).toBe('misspelt')
  })
})
