import { beforeAll, describe, expect, test } from 'vitest'
import { ByteCache } from '../../../src/renderer/query/cache.ts'
import { clipboardText, csvField, csvRows } from '../../../src/renderer/query/csv.ts'
import type { DuckConnection } from '../../../src/renderer/query/duck.ts'
import { type QueryResult, readResult } from '../../../src/renderer/query/result.ts'
import { dateText, timestampText } from '../../../src/renderer/query/values.ts'
import { openDuckNode } from './duck-node.ts'

let connection: DuckConnection
beforeAll(async () => {
  connection = await (await openDuckNode()).connect()
}, 60_000)

async function ask(sql: string): Promise<QueryResult> {
  const pieces: Uint8Array[] = []
  await connection.stream(sql, (piece) => void pieces.push(piece))
  return readResult(pieces, false)
}

const AS_DUCKDB = [
  '9223372036854775807',
  '-9223372036854775808',
  '18446744073709551615::UBIGINT',
  '170141183460469231731687303715884105727::HUGEINT',
  '(-170141183460469231731687303715884105727)::HUGEINT',
  '3.25::DECIMAL(18,3)',
  '-0.05::DECIMAL(4,2)',
  '0.005::DECIMAL(38,3)',
  '12345678901234567890123456789012345.678::DECIMAL(38,3)',
  "TIMESTAMP '2020-01-01 00:00:00.123456'",
  "TIMESTAMP '1969-12-31 23:59:59.9'",
  "TIMESTAMP '0001-01-01'",
  "TIMESTAMP '0044-03-15 (BC) 12:00:00'",
  "TIMESTAMP '290000-01-01'",
  "'infinity'::TIMESTAMP",
  "TIMESTAMP_NS '2020-01-01 00:00:00.123456789'",
  "DATE '1960-02-29'",
  "DATE '0044-03-15 (BC)'",
  "TIME '12:13:14.12'",
  "'x'",
  "''",
  "'日本 🎈'",
  'true',
  'false',
  '1.5::DOUBLE',
  '0.1::FLOAT',
  '1::DOUBLE',
  '0.30000000000000004::DOUBLE',
  '16777216::FLOAT',
  'uuid_value',
  '[1, 2, NULL]',
  "['a', 'b']",
  '[true, false, NULL]',
  "{'a': 1, 'b': NULL}",
  "MAP {'k': 'v', 'n': NULL}",
  'MAP {1: [1, 2]}',
  "INTERVAL '1 year 2 months 3 days 04:05:06.5'",
  "INTERVAL '-3 days'",
  '[1, 2]::INT[2]',
  "'\\xAA\\x00ab'::BLOB",
].map((sql) => (sql === 'uuid_value' ? "'00112233-4455-6677-8899-aabbccddeeff'::UUID" : sql))

describe('values', () => {
  test.each(AS_DUCKDB)('%s is shown as DuckDB writes it', async (sql) => {
    const result = await ask(
      `SELECT x, x::VARCHAR AS text FROM (SELECT ${sql} AS x UNION ALL SELECT NULL) ORDER BY x NULLS LAST`,
    )
    expect(result.cell(0, 0)).toBe(result.cell(0, 1))
    expect(result.cell(1, 0)).toBeNull()
  })

  test('NaN, infinities and minus zero', async () => {
    const result = await ask("SELECT unnest(['nan'::DOUBLE, 'inf'::DOUBLE, '-inf'::DOUBLE, -0.0::DOUBLE])")
    expect([0, 1, 2, 3].map((row) => result.cell(row, 0))).toEqual(['NaN', 'Infinity', '-Infinity', '-0.0'])
  })

  test('days and instants over the whole range', async () => {
    const result = await ask(
      "SELECT d, d::VARCHAR, epoch_us(d::TIMESTAMP)::VARCHAR, (d::TIMESTAMP)::VARCHAR FROM (SELECT DATE '0001-01-01' + (i * 3001)::INTEGER AS d FROM range(1200) t(i))",
    )
    for (let row = 0; row < result.rows; row++) {
      const micros = BigInt(result.cell(row, 2) as string)
      expect(result.cell(row, 0)).toBe(result.cell(row, 1))
      expect(dateText(Number(micros / 86_400_000_000n))).toBe(result.cell(row, 1))
      expect(timestampText(micros, 2)).toBe(result.cell(row, 3))
    }
  })

  test('the kind of a column', async () => {
    const result = await ask(
      "SELECT 1::BIGINT a, 1::INT b, 1.5::DOUBLE c, 'x' d, TIMESTAMP '2020-01-01' e, MAP {'a': 1} f, 1::HUGEINT g, true h, 1.5 i",
    )
    expect(result.columns.map((column) => column.kind.word)).toEqual([
      'long',
      'int',
      'dbl',
      'str',
      'ts',
      'map',
      'huge',
      'bool',
      'dec',
    ])
    expect(result.columns.map((column) => column.kind.align).join(' ')).toBe(
      'right right right left left left right left right',
    )
  })

  test('a million rows by number', async () => {
    const result = await ask('SELECT i FROM range(1000000) t(i)')
    expect(result.rows).toBe(1_000_000)
    for (const row of [0, 1, 2047, 2048, 2049, 500_000, 999_999])
      expect(result.cell(row, 0)).toBe(String(row))
    expect(() => result.cell(1_000_000, 0)).toThrow(RangeError)
  })
})

describe('CSV', () => {
  test.each([
    [null, false, ''],
    ['', false, '""'],
    ['plain', false, 'plain'],
    ['a,b', false, '"a,b"'],
    ['say "x"', false, '"say ""x"""'],
    ['two\r\nlines', false, '"two\r\nlines"'],
    ['=1+1', false, "'=1+1"],
    ['+1', false, "'+1"],
    ['-1', false, "'-1"],
    ['@x', false, "'@x"],
    ['\tx', false, "'\tx"],
    ['\r=x', false, '"\'\r=x"'],
    ['＝1', false, "'＝1"],
    ['-1.5', true, '-1.5'],
    [' x', false, '" x"'],
  ])('%j', (text, number, field) => {
    expect(csvField(text, number)).toBe(field)
  })

  test("is read back by DuckDB's rules of quoting", async () => {
    const result = await ask(
      "SELECT i, CASE WHEN i % 2 = 0 THEN NULL ELSE 'x,' || i END AS t FROM range(2500) r(i)",
    )
    expect(csvRows(result, 0, 3)).toBe('0,\r\n1,"x,1"\r\n2,\r\n')
    expect(csvRows(result, 0, result.rows).split('\r\n')).toHaveLength(2_501)
    expect(clipboardText(result, { row: 1, column: 1 }, { row: 0, column: 0 })).toBe('0\t\n1\tx,1')
  })
})

describe('the cache', () => {
  test('keeps what was used last, by bytes', () => {
    const cache = new ByteCache<string>(100)
    cache.set('a', 'A', 40)
    cache.set('b', 'B', 40)
    expect(cache.get('a')).toBe('A')
    cache.set('c', 'C', 40)
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C'])
    cache.set('huge', 'H', 101)
    expect(cache.get('huge')).toBeUndefined()
    cache.set('a', 'A2', 10)
    expect([cache.bytes, cache.size]).toEqual([50, 2])
  })
})
