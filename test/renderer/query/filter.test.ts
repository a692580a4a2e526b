import { describe, expect, test } from 'vitest'
import { readPlan } from '../../../src/renderer/query/explain.ts'
import { readFilter } from '../../../src/renderer/query/filter.ts'
import { dateDays, timestampMicros } from '../../../src/renderer/query/literal.ts'
import type { QueryType } from '../../../src/shared/query.ts'

const TYPES = new Map<string, QueryType>([
  ['c1', 'string'],
  ['c2', 'long'],
  ['c3', 'double'],
  ['c4', 'timestamp'],
  ['c5', 'boolean'],
  ['c6', 'decimal(9, 2)'],
  ['c7', 'date'],
  ['c8', 'float'],
  ['c9', { type: 'struct', fields: [] }],
])
const read = (text: string) => readFilter(text, TYPES).filter
const TRUE = { op: 'true' }

describe('filters as DuckDB prints them', () => {
  test.each([
    ["c1='it''s'", { op: '==', column: 'c1', value: "it's" }],
    ["c1='日本'", { op: '==', column: 'c1', value: '日本' }],
    ['c2>=9007199254740993', { op: '>=', column: 'c2', value: '9007199254740993' }],
    ['c2<-5', { op: '<', column: 'c2', value: '-5' }],
    ['c3>1e+300', { op: '>', column: 'c3', value: 1e300 }],
    ['c6=-1.50', { op: '==', column: 'c6', value: '-150' }],
    ['c8>0.1', { op: '>', column: 'c8', value: Math.fround(0.1) }],
    ["c7!='1969-12-31'::DATE", { op: '!=', column: 'c7', value: -1 }],
    ["c4<'1969-12-31 23:59:59.5'::TIMESTAMP", { op: '<', column: 'c4', value: '-500000' }],
    ['c5', { op: '==', column: 'c5', value: true }],
    ['(NOT c5)', { op: '==', column: 'c5', value: false }],
    ['(c2 IS NULL)', { op: 'is-null', column: 'c2' }],
    ['c2 IS NOT NULL', { op: 'not-null', column: 'c2' }],
    ['(NOT (c2 IS NULL))', { op: 'not-null', column: 'c2' }],
    ["optional: c1 IN ('a', 'b')", { op: 'in', column: 'c1', values: ['a', 'b'] }],
    ["starts_with(c1, 'x')", { op: 'starts-with', column: 'c1', value: 'x' }],
    ['(c2 IS NOT DISTINCT FROM 4)', { op: '==', column: 'c2', value: '4' }],
  ])('%s', (text, filter) => {
    expect(read(text)).toEqual(filter)
  })

  test('lines are all meant, and what is not understood only leaves more rows', () => {
    const { filter, missed } = readFilter("c1>='ab' AND c1<'ac'\nlength(c1) > 3\nc2=4", TYPES)
    expect(filter).toEqual({
      op: 'and',
      args: [
        { op: '>=', column: 'c1', value: 'ab' },
        { op: '<', column: 'c1', value: 'ac' },
        { op: '==', column: 'c2', value: '4' },
      ],
    })
    expect(missed).toEqual(['length ( c1 ) > 3'])
  })

  test('a condition too large to be asked of main only leaves more rows', () => {
    const text = 'x'.repeat(100_000)
    expect(read(`c1='${text}'`)).toMatchObject({ op: '==' })
    expect(read(`c1='${text.repeat(3)}'\nc2=4`)).toEqual({ op: '==', column: 'c2', value: '4' })
    const list = Array.from({ length: 60_000 }, (_, i) => i).join(', ')
    expect(read(`c2 IN (${list})`)).toEqual(TRUE)
  })

  test('an unknown part of OR makes the whole true, of AND only itself', () => {
    expect(read('((c2 = 1) OR (c2 % 2 = 0))')).toEqual(TRUE)
    expect(read('((c2 = 1) AND (c2 % 2 = 0))')).toEqual({ op: '==', column: 'c2', value: '1' })
    expect(read('(NOT ((c2 = 1) AND (c2 % 2 = 0)))')).toEqual(TRUE)
    // True for a null too, which `!=` is not.
    expect(read('(NOT (c2 IS NOT DISTINCT FROM 4))')).toEqual(TRUE)
    expect(read("(c1 IS NOT DISTINCT FROM 'NULL')")).toEqual(TRUE)
  })

  test.each([
    "c3='nan'::DOUBLE",
    'c3>1e1000',
    "c4>='0044-03-15 (BC) 00:00:00'::TIMESTAMP",
    "c4='infinity'::TIMESTAMP",
    "c7='infinity'::DATE",
    '(CAST(c2 AS DOUBLE) > 2.5)',
    'c2>2.5',
    'c6=1.505',
    "c9.name='x'",
    "c1='x'::BLOB",
    '(c2 NOT IN (1, 2))',
    "contains(c1, 'x')",
    'optional: Dynamic Filter (c2)',
    "c2='x'",
    'c10=3',
    '(c2 = c3)',
  ])('%s is not used', (text) => {
    expect(read(text)).toEqual(TRUE)
  })

  test('text in quotes is never taken for syntax', () => {
    const value = "a' AND c2=1 OR ('"
    expect(read(`c1='${value.replaceAll("'", "''")}'`)).toEqual({ op: '==', column: 'c1', value })
    const lines = readFilter("c1='first\nc2=5'\nc2=6", TYPES)
    expect(lines.filter).toEqual({
      op: 'and',
      args: [
        { op: '==', column: 'c1', value: 'first\nc2=5' },
        { op: '==', column: 'c2', value: '6' },
      ],
    })
  })

  test('text that was cut makes every column needed', () => {
    expect(readFilter("c1='a", TYPES)).toMatchObject({ filter: TRUE, columns: null })
    expect(readFilter("(c2 > 3) AND contains(c1, 'x')", TYPES).columns).toEqual(new Set(['c2', 'c1']))
  })

  test.each([
    ['=', ['>=', '<', '86400000000', '172800000000']],
    ['<=', ['<', '172800000000']],
    ['>', ['>=', '86400000000']],
  ])('date_trunc %s is a range of the column', (op, expected) => {
    const filter = JSON.stringify(
      read(`(CAST(date_trunc('day', c4) AS TIMESTAMP) ${op} '1970-01-02 00:00:00'::TIMESTAMP)`),
    )
    for (const part of expected) expect(filter).toContain(`"${part}"`)
  })

  /** Unbracketed text must come out weaker than any bracketing of it. */
  test('missing brackets never make a filter stronger', () => {
    const names = ['c2=1', 'c2=2', 'c2=3', 'c2=4']
    type Tree = string | readonly [Tree, 'AND' | 'OR', Tree]
    const trees = (from: number, to: number): Tree[] => {
      if (to - from === 1) return [names[from] as string]
      const found: Tree[] = []
      for (let cut = from + 1; cut < to; cut++) {
        for (const left of trees(from, cut))
          for (const right of trees(cut, to)) found.push([left, 'AND', right], [left, 'OR', right])
      }
      return found
    }
    const print = (tree: Tree): string =>
      typeof tree === 'string' ? tree : `${print(tree[0])} ${tree[1]} ${print(tree[2])}`
    const holds = (tree: Tree, on: ReadonlySet<string>): boolean =>
      typeof tree === 'string'
        ? on.has(tree)
        : tree[1] === 'AND'
          ? holds(tree[0], on) && holds(tree[2], on)
          : holds(tree[0], on) || holds(tree[2], on)
    type Node = { op: string; args?: Node[]; value?: string }
    const satisfied = (node: Node, on: ReadonlySet<string>): boolean =>
      node.op === 'and'
        ? node.args!.every((arg) => satisfied(arg, on))
        : node.op === 'or'
          ? node.args!.some((arg) => satisfied(arg, on))
          : on.has(`c2=${node.value}`)
    for (const tree of trees(0, 4)) {
      const filter = read(print(tree)) as Node
      for (let bits = 0; bits < 16; bits++) {
        const on = new Set(names.filter((_, i) => bits & (1 << i)))
        if (holds(tree, on)) expect(satisfied(filter, on)).toBe(true)
      }
    }
  })
})

describe('plans', () => {
  const table = { base: 't1_x', columns: TYPES }
  const scan = (info: object) => ({ name: 'SEQ_SCAN ', children: [], extra_info: { Table: 't1_x', ...info } })
  const plan = (...roots: object[]) => readPlan(JSON.stringify(roots), new Map([['t1_x', table]]))

  test('scans of one table are joined to the union of what they need', () => {
    const { needs } = plan({
      name: 'HASH_JOIN',
      extra_info: {},
      children: [
        scan({ Projections: 'c1', Filters: 'c2=1' }),
        scan({ Projections: ['c3', 'c1'], Filters: "c1='x'" }),
      ],
    })
    expect(needs).toEqual([
      {
        base: 't1_x',
        columns: new Set(['c1', 'c2', 'c3']),
        filter: {
          op: 'or',
          args: [
            { op: '==', column: 'c2', value: '1' },
            { op: '==', column: 'c1', value: 'x' },
          ],
        },
        scans: 2,
        each: [
          { op: '==', column: 'c2', value: '1' },
          { op: '==', column: 'c1', value: 'x' },
        ],
        missed: [],
      },
    ])
    expect(
      plan(scan({ Projections: 'c1', Filters: 'c2=1' }), scan({ Projections: 'c1' })).needs[0]?.filter,
    ).toEqual(TRUE)
  })

  test('a column that is not ours makes every column needed, and nothing is left out', () => {
    const [need] = plan(scan({ Projections: ['c1', 'other'], Filters: 'c2=1' })).needs
    expect(need?.columns.size).toBe(TYPES.size)
    expect(need?.filter).toEqual(TRUE)
  })

  test('other tables are not counted', () => {
    expect(
      plan({ name: 'SEQ_SCAN', children: [], extra_info: { Table: 'mine', Projections: 'c1' } }).needs,
    ).toEqual([])
  })

  test('any rows will do only under one streaming limit without filter', () => {
    const limit = (child: object) => ({ name: 'STREAMING_LIMIT', children: [child], extra_info: {} })
    expect(plan(limit(scan({ Projections: 'c1' }))).anyRows).toBe(true)
    expect(plan(limit(scan({ Projections: 'c1', Filters: 'c2=1' }))).anyRows).toBe(false)
    expect(plan(limit(limit(scan({ Projections: 'c1' })))).anyRows).toBe(false)
    expect(plan({ name: 'TOP_N', children: [scan({ Projections: 'c1' })], extra_info: {} }).anyRows).toBe(
      false,
    )
  })
})

describe('literals', () => {
  test.each([
    ['1970-01-01', 0],
    ['1969-12-31', -1],
    ['0001-01-01', -719162],
    ['9999-12-31', 2932896],
    ['0044-03-15 (BC)', null],
  ])('%s', (text, days) => {
    expect(dateDays(text)).toBe(days)
  })

  test('instants keep their microseconds', () => {
    expect(timestampMicros('2025-06-01 10:00:00.123456')).toBe(1_748_772_000_123_456n)
    expect(timestampMicros('1969-12-31 23:59:59.999999')).toBe(-1n)
    expect(timestampMicros('2025-06-01 10:00:00+02')).toBeNull()
  })
})
