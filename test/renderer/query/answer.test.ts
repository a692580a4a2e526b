import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AS_IT_CAME } from '../../../src/renderer/query/arrange.ts'
import type { QueryResult } from '../../../src/renderer/query/result.ts'
import { openTestLake, type TestLake } from './lake-node.ts'

/** Questions about an answer: the engine counts, the lake is not read again. */

let lake: TestLake

beforeAll(async () => {
  lake = await openTestLake()
}, 60_000)
afterAll(() => lake.close())

const session = () => lake.engine.session('answer')
const answerOf = async (sql: string): Promise<QueryResult> => (await session().run(sql)).result
const shown = (result: QueryResult, rows: Uint32Array, column = 0) =>
  [...rows].map((row) => result.cell(row, column))

describe('a profile', () => {
  test('counts a million rows exactly', async () => {
    const result = await answerOf(
      'SELECT CASE WHEN i % 4 = 0 THEN NULL ELSE i % 100 END AS n FROM range(1000000) t(i)',
    )
    const profile = await session().profile(result, 0)
    expect(profile).toMatchObject({ rows: 1_000_000, nulls: 250_000, distinct: 75, least: '1', most: '99' })
    expect(profile.median).toBe('50.0')
    expect(profile.bins).toHaveLength(12)
    expect(profile.bins.reduce((sum, n) => sum + n, 0)).toBe(750_000)
  })

  test('places instants and days, before 1970 too, and leaves out what has no place', async () => {
    const result = await answerOf(
      "SELECT * FROM (VALUES (TIMESTAMP '1969-01-01', DATE '1969-01-01', 1.5), (TIMESTAMP '1971-01-01', DATE 'infinity', 'nan'::DOUBLE), (NULL, NULL, 'infinity'::DOUBLE)) t(a, b, c)",
    )
    expect(await session().profile(result, 0)).toMatchObject({
      least: '1969-01-01 00:00:00',
      most: '1971-01-01 00:00:00',
      nulls: 1,
    })
    expect(await session().profile(result, 1)).toMatchObject({
      least: '1969-01-01',
      most: '1969-01-01',
      distinct: 2,
    })
    expect(await session().profile(result, 2)).toMatchObject({ least: '1.5', most: '1.5', nulls: 0 })
  })

  test('names the commonest values of texts, maps and huge numbers', async () => {
    const result = await answerOf(
      "SELECT CASE WHEN i < 3 THEN 'a' WHEN i < 5 THEN 'it''s' END AS t, MAP {'k': i % 2} AS m, i::HUGEINT * 18446744073709551616 AS h FROM range(6) r(i)",
    )
    expect((await session().profile(result, 0)).common).toEqual([
      { value: 'a', rows: 3 },
      { value: "it's", rows: 2 },
    ])
    expect((await session().profile(result, 1)).common).toEqual([
      { value: '{k=0}', rows: 3 },
      { value: '{k=1}', rows: 3 },
    ])
    expect(await session().profile(result, 2)).toMatchObject({
      least: '0',
      most: '92233720368547758080',
      distinct: 6,
    })
  })

  test('of no row is empty', async () => {
    const result = await answerOf('SELECT 1 AS n WHERE false')
    expect(await session().profile(result, 0)).toMatchObject({
      rows: 0,
      nulls: 0,
      distinct: 0,
      least: null,
      bins: [],
    })
  })
})

describe('an arrangement', () => {
  test('sorts by the type, nulls last, equals as they came', async () => {
    const result = await answerOf(
      "SELECT * FROM (VALUES (10, 'a'), (9, 'b'), (NULL, 'c'), (10, 'd')) t(n, w)",
    )
    const sort = (down: boolean) => session().arrange(result, { sort: { column: 0, down }, filters: [] })
    expect(shown(result, await sort(false), 1)).toEqual(['b', 'a', 'd', 'c'])
    expect(shown(result, await sort(true), 1)).toEqual(['a', 'd', 'b', 'c'])
    expect([...(await session().arrange(result, AS_IT_CAME))]).toEqual([0, 1, 2, 3])
  })

  test('filters the whole answer, whatever its types', async () => {
    const result = await answerOf(
      "SELECT i AS n, 'User-' || i AS w, MAP {'k': i} AS m, i::HUGEINT AS h, TIMESTAMP '2025-01-01' + INTERVAL (i) DAY AS t FROM range(200000) r(i)",
    )
    const rows = async (
      column: number,
      op: 'has' | 'is' | 'at least' | 'at most' | 'is not',
      text: string,
    ) => [...(await session().arrange(result, { sort: null, filters: [{ column, op, text }] }))]
    expect(await rows(0, 'at least', '199998')).toEqual([199_998, 199_999])
    expect(await rows(1, 'has', 'user-19999')).toEqual([
      19_999,
      ...Array.from({ length: 10 }, (_, i) => 199_990 + i),
    ])
    expect(await rows(1, 'is', "it's")).toEqual([])
    expect(await rows(2, 'is', '{k=7}')).toEqual([7])
    expect(await rows(3, 'at most', '1')).toEqual([0, 1])
    expect(await rows(4, 'at most', '2025-01-02')).toEqual([0, 1])
    expect(await rows(0, 'is', 'no number')).toEqual([])
  })

  test('outlives a statement run in between', async () => {
    const first = await answerOf('SELECT i FROM range(5) t(i)')
    await answerOf('CREATE TABLE mine AS SELECT 1 AS x')
    expect(await session().arrange(first, { sort: { column: 0, down: true }, filters: [] })).toEqual(
      new Uint32Array([4, 3, 2, 1, 0]),
    )
  })
})

describe('questions about an answer', () => {
  test('are cancelled, and the next one is answered', async () => {
    const result = await answerOf('SELECT hash(i) AS h FROM range(400000) t(i)')
    const sorted = (signal: AbortSignal) =>
      session().arrange(result, { sort: { column: 0, down: true }, filters: [] }, signal)
    await expect(sorted(AbortSignal.abort())).rejects.toMatchObject({ name: 'Cancelled' })
    const controller = new AbortController()
    const asked = session().profile(result, 0, controller.signal)
    controller.abort()
    await expect(asked).rejects.toMatchObject({ name: 'Cancelled' })
    expect(await sorted(new AbortController().signal)).toHaveLength(400_000)
  }, 60_000)
})
