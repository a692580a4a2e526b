import { describe, expect, test } from 'vitest'
import {
  bothFacts,
  columnTypes,
  metricFacts,
  partitionFacts,
  summaryFacts,
} from '../../../src/main/iceberg/facts.ts'
import { partitionValues } from '../../../src/main/iceberg/partition.ts'
import { bindPredicate, mayMatch, type Predicate } from '../../../src/main/iceberg/predicate.ts'
import { summarizePartitions } from '../../../src/main/iceberg/summary.ts'
import { transformResultType } from '../../../src/main/iceberg/transform.ts'
import type {
  DataFile,
  PartitionSpec,
  PrimitiveType,
  Schema,
  Value,
} from '../../../src/main/iceberg/types.ts'
import { compareValues, encodeValue } from '../../../src/main/iceberg/values.ts'
import { truncateLower, truncateUpper } from '../../../src/main/parquet/bounds.ts'

/** A seeded generator (mulberry32): failures repeat. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const COLUMNS: readonly {
  type: PrimitiveType
  transforms: readonly string[]
  value: (r: () => number) => Value
}[] = [
  {
    type: 'int',
    transforms: ['identity', 'truncate[10]', 'bucket[3]'],
    value: (r) => Math.floor(r() * 60) - 30,
  },
  { type: 'long', transforms: ['identity', 'truncate[7]'], value: (r) => BigInt(Math.floor(r() * 60) - 30) },
  {
    type: 'double',
    transforms: ['identity'],
    value: (r) => [Number.NaN, -0, 0, 1.5, -1.5, Infinity, r()][Math.floor(r() * 7)]!,
  },
  {
    type: 'string',
    transforms: ['identity', 'truncate[2]', 'bucket[4]'],
    value: (r) => ['', 'a', 'ab', 'abc', 'b', '\uffff', '😀', '😀x', 'ab\u{10ffff}'][Math.floor(r() * 9)]!,
  },
  {
    type: 'timestamp',
    transforms: ['year', 'month', 'day', 'hour'],
    value: (r) => BigInt(Math.floor((r() - 0.5) * 4e9)) * 50_000_000n - 1n,
  },
  { type: 'date', transforms: ['year', 'month', 'day'], value: (r) => Math.floor((r() - 0.5) * 3000) },
  { type: 'boolean', transforms: ['identity'], value: (r) => r() < 0.5 },
]

/** Truth of a predicate for one value by SQL's rules, NaN the greatest: null is "unknown". */
function truth(predicate: Predicate, type: PrimitiveType, value: Value): boolean | null {
  const order = (a: Value, b: Value): number => {
    if (typeof a === 'number' && typeof b === 'number') {
      if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
      return a < b ? -1 : a > b ? 1 : 0
    }
    return compareValues(type, a, b)
  }
  switch (predicate.op) {
    case 'true':
      return true
    case 'and':
    case 'or': {
      const decisive = predicate.op === 'or'
      const results = predicate.args.map((arg) => truth(arg, type, value))
      return results.includes(decisive) ? decisive : results.includes(null) ? null : !decisive
    }
    case 'not': {
      const result = truth(predicate.arg, type, value)
      return result === null ? null : !result
    }
    case 'is-null':
      return value === null
    case 'not-null':
      return value !== null
    case 'in': {
      if (value === null) return null
      if (predicate.values.some((item) => item !== null && order(value, item) === 0)) return true
      return predicate.values.includes(null) ? null : false
    }
    case 'starts-with':
      return value === null ? null : String(value).startsWith(predicate.value)
    default: {
      if (value === null || predicate.value === null) return null
      const difference = order(value, predicate.value)
      return {
        '==': difference === 0,
        '!=': difference !== 0,
        '<': difference < 0,
        '<=': difference <= 0,
        '>': difference > 0,
        '>=': difference >= 0,
      }[predicate.op]
    }
  }
}

function randomPredicate(r: () => number, value: () => Value, type: PrimitiveType, depth = 0): Predicate {
  const pick = Math.floor(r() * (depth < 2 ? 13 : 10))
  const compare = ['==', '!=', '<', '<=', '>', '>='] as const
  if (pick < 6) return { op: compare[pick]!, column: 'c', value: r() < 0.05 ? null : value() }
  if (pick === 6) return { op: 'in', column: 'c', values: [value(), r() < 0.2 ? null : value()] }
  if (pick === 7) return { op: 'is-null', column: 'c' }
  if (pick === 8) return { op: 'not-null', column: 'c' }
  if (pick === 9)
    return type === 'string' ? { op: 'starts-with', column: 'c', value: String(value()) } : { op: 'true' }
  if (pick === 10) return { op: 'not', arg: randomPredicate(r, value, type, depth + 1) }
  return {
    op: pick === 11 ? 'and' : 'or',
    args: [randomPredicate(r, value, type, depth + 1), randomPredicate(r, value, type, depth + 1)],
  }
}

function fileOf(type: PrimitiveType, values: readonly Value[], partition: Value[]): DataFile {
  const present = values.filter((value) => value !== null && !Number.isNaN(value)) as Exclude<Value, null>[]
  present.sort((a, b) => compareValues(type, a, b))
  const [first, last] =
    present.length === 0 ? [] : [present[0]!, present.at(-1)!].map((v) => encodeValue(type, v))
  const text = type === 'string'
  const lower = first === undefined ? null : text ? truncateLower(first, 2) : first
  const upper = last === undefined ? null : text ? truncateUpper(last, 2) : last
  return {
    content: 'data',
    path: 'f',
    format: 'parquet',
    specId: 0,
    partition,
    recordCount: values.length,
    fileSize: 1,
    valueCounts: new Map([[1, values.length]]),
    nullCounts: new Map([[1, values.filter((value) => value === null).length]]),
    nanCounts: new Map([[1, values.filter((value) => Number.isNaN(value)).length]]),
    lowerBounds: new Map(lower === null ? [] : [[1, lower]]),
    upperBounds: new Map(upper === null ? [] : [[1, upper]]),
  }
}

describe('a file or partition is left out only if no row in it can match', () => {
  test.each(COLUMNS)('of type $type', ({ type, transforms, value }) => {
    const r = random(20261123)
    let pruned = 0
    for (let round = 0; round < 1500; round++) {
      const schema: Schema = {
        type: 'struct',
        'schema-id': 0,
        fields: [{ id: 1, name: 'c', required: false, type }],
      }
      const transform = transforms[Math.floor(r() * transforms.length)]!
      const spec: PartitionSpec = {
        'spec-id': 0,
        fields: [{ 'source-id': 1, 'field-id': 1000, name: 'p', transform }],
      }
      const types = columnTypes(schema)
      const some = () => (r() < 0.15 ? null : value(r))
      const predicate = randomPredicate(r, () => value(r), type)
      const bound = bindPredicate(predicate, schema)
      const rows = Array.from({ length: 1 + Math.floor(r() * 3) }, some)
      const hit = rows.some((row) => truth(predicate, type, row) === true)
      const shown = () =>
        JSON.stringify({ transform, rows: rows.map(String), predicate }, (_, v) =>
          typeof v === 'bigint' ? `${v}n` : v,
        )

      const file = fileOf(type, rows, [])
      const byBounds = mayMatch(bound, () => metricFacts(file, 1, type))
      if (hit) expect(byBounds, shown()).toBe(true)

      const partitions = rows.map((row) => partitionValues(spec, schema, () => row))
      const perRow = partitions.map((partition) => partitionFacts(spec, partition, types))
      rows.forEach((row, i) => {
        const verdict = mayMatch(bound, (id) => perRow[i]?.get(id))
        if (truth(predicate, type, row) === true) expect(verdict, shown()).toBe(true)
        if (!verdict) pruned += 1
        const both = bothFacts(perRow[i]?.get(1), metricFacts(fileOf(type, [row], []), 1, type), type)
        if (truth(predicate, type, row) === true)
          expect(
            mayMatch(bound, () => both),
            shown(),
          ).toBe(true)
      })

      const summary = summarizePartitions([transformResultType(transform, type)], partitions)
      const facts = summaryFacts(spec, summary, types)
      if (hit)
        expect(
          mayMatch(bound, (id) => facts.get(id)),
          shown(),
        ).toBe(true)
      if (!byBounds) pruned += 1
    }
    expect(pruned).toBeGreaterThan(300)
  })
})

describe('binding', () => {
  const schema: Schema = {
    type: 'struct',
    'schema-id': 0,
    fields: [
      { id: 1, name: 'n', required: false, type: 'long' },
      {
        id: 2,
        name: 's',
        required: false,
        type: { type: 'struct', fields: [{ id: 3, name: 'x', required: false, type: 'int' }] },
      },
      {
        id: 4,
        name: 'tags',
        required: false,
        type: { type: 'list', 'element-id': 5, 'element-required': false, element: 'int' },
      },
    ],
  }
  const no = { lower: 10n, upper: 20n, nulls: 'none', nans: 'none' } as const

  test.each<[string, Predicate]>([
    ['an unknown column', { op: '==', column: 'absent', value: 1n }],
    ['a value of another type', { op: '==', column: 'n', value: 'one' }],
    ['a fraction for an integer', { op: '==', column: 'n', value: 1.5 }],
    ['a column inside a list', { op: '==', column: 'tags.element', value: 1 }],
    ['NOT of what is not understood', { op: 'not', arg: { op: '==', column: 'absent', value: 1n } }],
    [
      'OR with what is not understood',
      {
        op: 'or',
        args: [
          { op: '==', column: 'n', value: 1n },
          { op: '==', column: 'absent', value: 1n },
        ],
      },
    ],
  ])('%s never prunes', (_, predicate) => {
    expect(mayMatch(bindPredicate(predicate, schema), () => no)).toBe(true)
  })

  test('AND with what is not understood still prunes by the rest', () => {
    const predicate: Predicate = {
      op: 'and',
      args: [
        { op: '==', column: 'absent', value: 1n },
        { op: '>', column: 'n', value: 20n },
      ],
    }
    expect(mayMatch(bindPredicate(predicate, schema), () => no)).toBe(false)
  })

  test('numbers are taken for longs and longs for ints where the value is exactly the same', () => {
    expect(mayMatch(bindPredicate({ op: '==', column: 'n', value: 21 }, schema), () => no)).toBe(false)
    const facts = { lower: 1, upper: 2, nulls: 'none', nans: 'none' } as const
    expect(mayMatch(bindPredicate({ op: '==', column: 's.x', value: 3n }, schema), () => facts)).toBe(false)
  })

  test('bounds written before a promotion are understood', () => {
    const file = { ...fileOf('int', [1, 2], []), nanCounts: new Map() }
    expect(metricFacts(file, 1, 'long')).toMatchObject({ lower: 1n, upper: 2n })
    const float = fileOf('float', [1.5, 2.5], [])
    expect(metricFacts(float, 1, 'double')).toMatchObject({ lower: 1.5, upper: 2.5, nans: 'none' })
  })

  test('without counts of NaN an upper bound does not prune, since NaN is above it', () => {
    const double: Schema = {
      type: 'struct',
      'schema-id': 0,
      fields: [{ id: 1, name: 'c', required: false, type: 'double' }],
    }
    const { nanCounts: _, ...file } = fileOf('double', [1, 2], [])
    const above = bindPredicate({ op: '>', column: 'c', value: 5 }, double)
    const below = bindPredicate({ op: '<', column: 'c', value: 0 }, double)
    expect(mayMatch(above, () => metricFacts(file, 1, 'double'))).toBe(true)
    expect(mayMatch(above, () => metricFacts(fileOf('double', [1, 2], []), 1, 'double'))).toBe(false)
    expect(mayMatch(below, () => metricFacts(file, 1, 'double'))).toBe(false)
  })
})
