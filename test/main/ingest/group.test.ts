import { describe, expect, test } from 'vitest'
import type { PartitionSpec, Schema, Value } from '../../../src/main/iceberg/types.ts'
import { groupRows } from '../../../src/main/ingest/group.ts'
import { Columns, DoubleColumn, LongColumn, StringColumn } from '../../../src/main/parquet/columns.ts'

const SCHEMA: Schema = {
  type: 'struct',
  'schema-id': 0,
  fields: [
    { id: 1, name: 'at', required: false, type: 'timestamp' },
    { id: 2, name: 'type', required: false, type: 'string' },
    { id: 3, name: 'value', required: false, type: 'double' },
  ],
}
const DAY = 86_400_000_000n

function specOf(...fields: [source: number, transform: string][]): PartitionSpec {
  return {
    'spec-id': 0,
    fields: fields.map(([source, transform], index) => ({
      'source-id': source,
      'field-id': 1000 + index,
      name: `p${index}`,
      transform,
    })),
  }
}

function groups(rows: [bigint | null, string | null, number?][], spec: PartitionSpec): [Value[], number[]][] {
  const columns = new Columns(SCHEMA)
  for (const [at, type, value] of rows) {
    columns.find('at', LongColumn)!.append(at)
    columns.find('type', StringColumn)!.append(type)
    columns.find('value', DoubleColumn)!.append(value ?? null)
  }
  return groupRows(columns, SCHEMA, spec).map(({ partition, rows: numbers }) => [partition, [...numbers]])
}

const DAY_AND_TYPE = specOf([1, 'day'], [2, 'identity'])

describe('rows by partition', () => {
  test('in order of first appearance, each row once', () => {
    expect(
      groups(
        [
          [0n, 'a'],
          [DAY, 'a'],
          [1n, 'b'],
          [DAY - 1n, 'a'],
        ],
        DAY_AND_TYPE,
      ),
    ).toEqual([
      [
        [0, 'a'],
        [0, 3],
      ],
      [[1, 'a'], [1]],
      [[0, 'b'], [2]],
    ])
  })
  test('no rows, no groups; no fields, one group', () => {
    expect(groups([], DAY_AND_TYPE)).toEqual([])
    expect(
      groups(
        [
          [0n, 'a'],
          [DAY, 'b'],
        ],
        specOf(),
      ),
    ).toEqual([[[], [0, 1]]])
  })
  test('days are floored before 1970 and exact where doubles are not', () => {
    const last = 253_402_300_799_999_999n
    expect(
      groups(
        [
          [-1n, 'a'],
          [-DAY, 'a'],
          [-DAY - 1n, 'a'],
          [last, 'a'],
          [-62_135_596_800_000_000n, 'a'],
        ],
        specOf([1, 'day']),
      ),
    ).toEqual([
      [[-1], [0, 1]],
      [[-2], [2]],
      [[2_932_896], [3]],
      [[-719_162], [4]],
    ])
    expect(
      groups(
        [
          [DAY * 2_900_000n - 1n, 'a'],
          [DAY * 2_900_000n, 'a'],
        ],
        specOf([1, 'day']),
      ),
    ).toEqual([
      [[2_899_999], [0]],
      [[2_900_000], [1]],
    ])
  })
  test('null is a partition of its own, apart from the empty string', () => {
    expect(
      groups(
        [
          [null, null],
          [0n, ''],
          [null, null],
        ],
        DAY_AND_TYPE,
      ),
    ).toEqual([
      [
        [null, null],
        [0, 2],
      ],
      [[0, ''], [1]],
    ])
  })
  test('one string stored twice is one partition', () => {
    const long = 'x'.repeat(500)
    expect(
      groups(
        [
          [0n, long],
          [0n, 'a'],
          [0n, long],
        ],
        specOf([2, 'identity']),
      ),
    ).toEqual([
      [[long], [0, 2]],
      [['a'], [1]],
    ])
  })
  test('other transforms: month, hour, truncate, void, identity of other types', () => {
    expect(
      groups(
        [
          [31n * DAY, 'abcd'],
          [30n * DAY, 'abce'],
          [32n * DAY, 'b'],
        ],
        specOf([1, 'month'], [2, 'truncate[3]']),
      ),
    ).toEqual([
      [[1, 'abc'], [0]],
      [[0, 'abc'], [1]],
      [[1, 'b'], [2]],
    ])
    expect(
      groups(
        [
          [-1n, 'a'],
          [3_600_000_000n, 'a'],
        ],
        specOf([1, 'hour']),
      ),
    ).toEqual([
      [[-1], [0]],
      [[1], [1]],
    ])
    expect(
      groups(
        [
          [0n, 'a', 1.5],
          [0n, 'b', 1.5],
        ],
        specOf([2, 'void'], [3, 'identity']),
      ),
    ).toEqual([
      [
        [null, 1.5],
        [0, 1],
      ],
    ])
    expect(
      groups(
        [
          [5n, 'a'],
          [5n, 'a'],
          [6n, 'a'],
        ],
        specOf([1, 'identity']),
      ),
    ).toEqual([
      [[5n], [0, 1]],
      [[6n], [2]],
    ])
  })
  test('a source that is not written is refused', () => {
    expect(() => groups([[0n, 'a']], specOf([9, 'identity']))).toThrow('cannot partition by p0')
  })
})
