import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { QueryResult } from '../../../src/renderer/query/result.ts'
import type { ExportOptions } from '../../../src/renderer/query/session.ts'
import { elementsOf, footerOf, rowsOf } from '../../helpers/parquet.ts'
import { openTestLake, type TestLake } from './lake-node.ts'
import { rawRows } from './sample.ts'

let lake: TestLake
beforeAll(async () => {
  lake = await openTestLake()
  await lake.append('raw', rawRows(3, 50))
}, 60_000)
afterAll(() => lake.close())

const session = () => lake.engine.session('export')
const folder = () => join(lake.home, 'exports')
let serial = 0

/** The file's bytes, from a held answer and from the statement run anew: both are to be the same. */
async function exported(
  sql: string,
  format: ExportOptions['format'],
  options: Partial<ExportOptions> = {},
): Promise<Uint8Array> {
  const { result } = await session().run(sql)
  const files = []
  for (const held of [result, undefined]) {
    if (held === undefined && options.arrange !== undefined) continue
    const name = `file ${++serial}`
    const file = await session().export(sql, { format, name, ...options, ...(held && { result: held }) })
    const bytes = new Uint8Array(readFileSync(file.path))
    expect(file).toMatchObject({ format, bytes: bytes.length })
    expect(file.href).toBe(`/api/exports/${file.id}/file`)
    files.push({ bytes, rows: file.rows })
  }
  const [first, second] = files
  if (second !== undefined) {
    expect(second.rows).toBe(first?.rows)
    if (format === 'parquet') expect(await rowsOf(second.bytes)).toEqual(await rowsOf(first!.bytes))
    else expect(second.bytes).toEqual(first?.bytes)
  }
  return first?.bytes as Uint8Array
}

const text = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

const TYPES = `SELECT * FROM (VALUES
  (1::TINYINT, 9007199254740993::BIGINT, 170141183460469231731::HUGEINT, 1.5::DOUBLE, 123456789.12::DECIMAL(12,2),
   TIMESTAMP '1969-12-31 23:59:59.999999', DATE '1969-12-31', '=1+1', true, MAP {'k': 1, 'l': NULL}, [1, NULL],
   {'a': 1, 'b': ['x']}, INTERVAL 1 DAY, TIMESTAMP_S '2020-01-01', 'a'::ENUM('a', 'b'), TIME '01:02:03.000004', '\\xAA'::BLOB),
  (NULL, NULL, NULL, 'nan'::DOUBLE, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (-1, -9223372036854775808, -5, -0.5, -0.01, TIMESTAMP '2025-05-12 10:00:00.000001', DATE '2025-05-12', 'a "b", c', false,
   MAP {}, [], {'a': NULL, 'b': []}, INTERVAL 2 MONTH, TIMESTAMP_S '1960-01-01', 'b', TIME '00:00:00', ''::BLOB)
) t(tiny, big, huge, dbl, dec, ts, day, txt, flag, m, l, s, iv, sec, en, tm, bin)`

describe('CSV', () => {
  test('guards formulas, keeps every digit, tells empty from NULL', async () => {
    const lines = text(await exported(TYPES, 'csv')).split('\r\n')
    expect(lines[0]).toBe('\ufefftiny,big,huge,dbl,dec,ts,day,txt,flag,m,l,s,iv,sec,en,tm,bin')
    expect(lines[1]).toBe(
      `1,9007199254740993,170141183460469231731,1.5,123456789.12,1969-12-31 23:59:59.999999,1969-12-31,'=1+1,true,"{k=1, l=NULL}","[1, NULL]","{'a': 1, 'b': [x]}",1 day,2020-01-01 00:00:00,a,01:02:03.000004,\\xAA`,
    )
    expect(lines[2]).toBe(',,,NaN,,,,,,,,,,,,,')
    expect(lines[3]).toContain('-1,-9223372036854775808,-5,-0.5,-0.01,2025-05-12 10:00:00.000001')
    expect(lines[3]).toMatch(/,""$/)
    expect(lines).toHaveLength(5)
  })

  test('of no row is the names', async () => {
    expect(text(await exported('SELECT 1 AS a, 2 AS a WHERE false', 'csv'))).toBe('\ufeffa,a\r\n')
  })
})

describe('JSON lines', () => {
  test('keep types where JSON has them, digits where it would lose them', async () => {
    const lines = text(await exported(TYPES, 'jsonl'))
      .trim()
      .split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toContain(
      '"big":9007199254740993,"huge":170141183460469231731,"dbl":1.5,"dec":"123456789.12"',
    )
    expect(lines[0]).toContain('"m":{"k":1,"l":null},"l":[1,null],"s":{"a":1,"b":["x"]}')
    expect(lines[0]).toContain('"txt":"=1+1","flag":true')
    expect(JSON.parse(lines[1]!)).toMatchObject({ tiny: null, dbl: 'NaN', m: null })
    for (const line of lines) JSON.parse(line)
  })

  test('names that are twice are made distinct', async () => {
    expect(text(await exported('SELECT 1 AS a, 2 AS A', 'jsonl'))).toBe('{"a":1,"A_2":2}\n')
  })
})

describe('Parquet', () => {
  test('has the answer in its own types', async () => {
    const bytes = await exported(TYPES, 'parquet')
    const elements = elementsOf(bytes)
    const kind = (name: string) =>
      elements.get(name)?.logical_type?.type ?? elements.get(name)?.converted_type ?? elements.get(name)?.type
    expect(['big', 'dbl', 'flag', 'ts', 'day', 'txt', 'dec', 'huge'].map(kind)).toEqual([
      'INT64',
      'DOUBLE',
      'BOOLEAN',
      'TIMESTAMP',
      'DATE',
      'STRING',
      'DECIMAL',
      'DECIMAL',
    ])
    const rows = await rowsOf(bytes)
    expect(rows[0]).toMatchObject({
      tiny: 1,
      big: 9_007_199_254_740_993n,
      dbl: 1.5,
      txt: '=1+1',
      flag: true,
      ts: -1n,
      day: -1,
      iv: '1 day',
      en: 'a',
      l: [1, null],
      s: { a: 1, b: ['x'] },
    })
    expect(rows[2]).toMatchObject({ big: -9_223_372_036_854_775_808n, l: [], s: { a: null, b: [] } })
    expect(Object.values(rows[1]!).filter((cell) => cell !== null)).toEqual([Number.NaN])
  })

  test('of no row has the columns', async () => {
    const bytes = await exported('SELECT 1 AS a, 2 AS a WHERE false', 'parquet')
    expect(await rowsOf(bytes)).toEqual([])
    expect([...elementsOf(bytes).keys()]).toEqual(['a', 'a_2'])
  })

  test('of many rows has row groups of a good size, and every row', async () => {
    const bytes = await exported(
      "SELECT i, 'text ' || i AS t, [i, i + 1] AS l FROM range(130000) r(i)",
      'parquet',
    )
    expect(footerOf(bytes).row_groups.map((group) => Number(group.num_rows))).toEqual([122_880, 7_120])
    const rows = await rowsOf(bytes)
    expect(rows).toHaveLength(130_000)
    expect(rows.every(({ i, t }, n) => i === BigInt(n) && t === `text ${n}`)).toBe(true)
  }, 120_000)

  test('an integer that no decimal holds is said', async () => {
    const sql = 'SELECT 170141183460469231731687303715884105727::HUGEINT AS h'
    await expect(session().export(sql, { format: 'parquet', name: 'x' })).rejects.toThrow('at most 38 digits')
    expect(text(await exported(sql, 'csv'))).toContain('170141183460469231731687303715884105727')
  })
})

describe("the grid's order and filters", () => {
  const sql =
    "SELECT i, 'w' || (i % 3) AS w, MAP {'k': i} AS m, (i * 0.5)::DECIMAL(10,1) AS d, i::HUGEINT AS h, i % 2 = 0 AS even, {'a': i} AS s FROM range(20000) r(i)"
  const arrange = {
    sort: { column: 0, down: true },
    filters: [
      { column: 1, op: 'is', text: 'w1' },
      { column: 0, op: 'at most', text: '9999' },
      { column: 4, op: 'at least', text: '10' },
      { column: 3, op: 'at least', text: '5.5' },
    ],
  } as const
  const expected = Array.from({ length: 10_000 }, (_, n) => 9_999 - n).filter((n) => n % 3 === 1 && n >= 11)

  test.each(['csv', 'jsonl', 'parquet'] as const)('hold in %s', async (format) => {
    const bytes = await exported(sql, format, { arrange })
    if (format === 'parquet') {
      const rows = await rowsOf(bytes)
      expect(rows.map((row) => Number(row.i))).toEqual(expected)
      expect(rows.slice(0, 3).map((row) => [row.s, row.even, row.m])).toEqual(
        expected.slice(0, 3).map((n) => [{ a: BigInt(n) }, n % 2 === 0, { k: BigInt(n) }]),
      )
    } else if (format === 'csv') {
      const lines = text(bytes).trim().split('\r\n').slice(1)
      expect(lines.map((line) => Number(line.split(',')[0]))).toEqual(expected)
    } else {
      const lines = text(bytes).trim().split('\n')
      expect(lines.map((line) => JSON.parse(line).i)).toEqual(expected)
    }
  })

  test('hold for an answer that was cut, run anew', async () => {
    const { result } = await session().run(`${sql} LIMIT 10`)
    const cut = new QueryResult(result.schema, result.batches, true)
    const options = { format: 'jsonl', name: 'cut', result: cut, arrange } as const
    const file = await session().export(`${sql} -- all`, options)
    const lines = readFileSync(file.path, 'utf8').trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).i)).toEqual(expected)
    expect(Object.keys(JSON.parse(lines[0]!))).toEqual(['i', 'w', 'm', 'd', 'h', 'even', 's'])
  })
})

describe('an export', () => {
  test('reads the lake as a run does, and tells how it gets on', async () => {
    const stages: string[] = []
    const counts: number[] = []
    const file = await session().export(
      "SELECT sample_id, metadata FROM health_data_raw WHERE data_type = 'steps'",
      {
        format: 'parquet',
        name: 'steps',
        onRun: (progress) => stages.push(progress.stage),
        onProgress: (rows) => counts.push(rows),
      },
    )
    expect(new Set(stages)).toEqual(new Set(['plan', 'read', 'run']))
    expect(counts.at(-1)).toBe(150)
    expect(await rowsOf(new Uint8Array(readFileSync(file.path)))).toHaveLength(150)
  })

  test('that is cancelled leaves no file, and the session goes on', async () => {
    const before = readdirSync(folder()).length
    const { result } = await session().run('SELECT i FROM range(500000) r(i)')
    for (const held of [result, undefined]) {
      const controller = new AbortController()
      const options = {
        format: 'csv',
        name: 'given up',
        signal: controller.signal,
        onProgress: () => controller.abort(),
        ...(held && { result: held }),
      } as const
      const given = session().export('SELECT i FROM range(500000) r(i)', options)
      await expect(given).rejects.toMatchObject({ name: 'Cancelled' })
    }
    expect(readdirSync(folder())).toHaveLength(before)
    expect((await session().run('SELECT 1')).result.cell(0, 0)).toBe('1')
  }, 120_000)

  test('of what is no query, or fails, leaves no file', async () => {
    const before = readdirSync(folder()).length
    const run = (sql: string) => session().export(sql, { format: 'csv', name: 'no' })
    await expect(run('CREATE TABLE x AS SELECT 1')).rejects.toThrow('Only the answer of a query')
    await expect(run('SELECT nope FROM health_data_raw')).rejects.toMatchObject({
      type: 'Binder',
      range: [7, 11],
    })
    await expect(
      run("SELECT CASE WHEN i < 60000 THEN i ELSE error('late') END FROM range(70000) r(i)"),
    ).rejects.toThrow('late')
    expect(readdirSync(folder())).toHaveLength(before)
  })
})
