import { describe, expect, test } from 'vitest'
import { schemaOf } from '../../../src/main/iceberg/schema.ts'
import { Columns, DoubleColumn, StringColumn } from '../../../src/main/parquet/columns.ts'
import type { FileSchema } from '../../../src/main/parquet/schema.ts'
import { type Cell, encodeParquet, encodeRows } from '../../../src/main/parquet/write.ts'
import { TABLES } from '../../../src/shared/tables.ts'
import { elementsOf, footerOf, rowsOf } from '../../helpers/parquet.ts'

const RAW = schemaOf(TABLES.raw)
const idOf = (name: string): number => RAW.fields.find((field) => field.name === name)!.id

const LAST_MICROS = 253_402_300_799_999_999n
const FIRST_MICROS = -62_135_596_800_000_000n

function rawRow(number: number, fields: Record<string, Cell> = {}): Record<string, Cell> {
  return {
    device_id: `device-${number % 3}`,
    user_id: `usér-${number % 7}`,
    sample_id: `sample-${number}`,
    data_type: 'heartRate',
    value: number + 0.5,
    unit: 'count/min',
    start_date: BigInt(number) * 1_000_003n - 1_000n,
    end_date: LAST_MICROS,
    source_bundle: number % 2 === 0 ? null : 'com.apple.health',
    metadata:
      number % 3 === 0
        ? null
        : new Map(
            number % 3 === 1
              ? []
              : [
                  ['a', 'b'],
                  ['n', String(number)],
                ],
          ),
    is_synced: number % 4 === 0,
    created_at: FIRST_MICROS,
    payload_timestamp: 0n,
    app_version: '😀 1.0',
    processing_time: 1_769_848_200_123_456n,
    ...fields,
  }
}

const plain = (row: Record<string, Cell>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [name, cell instanceof Map ? Object.fromEntries(cell) : cell]),
  )

describe('the file', () => {
  const rows = Array.from({ length: 3000 }, (_, number) => rawRow(number))
  const { bytes, metrics } = encodeRows(RAW, rows)

  test('reads back as it was given', async () => {
    expect(await rowsOf(bytes)).toEqual(rows.map(plain))
  })
  test('carries field ids on every column, key and value of the map too', () => {
    const elements = elementsOf(bytes)
    for (const field of RAW.fields) expect(elements.get(field.name)?.field_id).toBe(field.id)
    expect(elements.get('metadata.key_value.key')?.field_id).toBe(16)
    expect(elements.get('metadata.key_value.value')?.field_id).toBe(17)
    expect([...elements.keys()].filter((path) => path.startsWith('metadata'))).toEqual([
      'metadata',
      'metadata.key_value',
      'metadata.key_value.key',
      'metadata.key_value.value',
    ])
  })
  test('has required columns not nullable, optional ones nullable', () => {
    const elements = elementsOf(bytes)
    for (const { name, required } of RAW.fields) {
      expect([name, elements.get(name)?.repetition_type]).toEqual([name, required ? 'REQUIRED' : 'OPTIONAL'])
    }
    expect(elements.get('metadata.key_value')?.repetition_type).toBe('REPEATED')
    expect(elements.get('metadata.key_value.key')?.repetition_type).toBe('REQUIRED')
    expect(elements.get('metadata.key_value.value')?.repetition_type).toBe('OPTIONAL')
  })
  test('has timestamps as INT64 microseconds without zone, strings as UTF8', () => {
    const elements = elementsOf(bytes)
    for (const name of ['start_date', 'end_date', 'created_at', 'payload_timestamp', 'processing_time']) {
      expect(elements.get(name)).toMatchObject({
        type: 'INT64',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' },
      })
    }
    expect(elements.get('user_id')).toMatchObject({ type: 'BYTE_ARRAY', logical_type: { type: 'STRING' } })
    expect(elements.get('value')).toMatchObject({ type: 'DOUBLE' })
    expect(elements.get('is_synced')).toMatchObject({ type: 'BOOLEAN' })
  })
  test('is compressed with Snappy throughout', () => {
    const codecs = footerOf(bytes).row_groups.flatMap(({ columns }) =>
      columns.map((chunk) => chunk.meta_data?.codec),
    )
    expect(new Set(codecs)).toEqual(new Set(['SNAPPY']))
  })
  test('counts values and nulls per leaf as the footer does', () => {
    const [group] = footerOf(bytes).row_groups
    const ids = [...metrics.valueCounts.keys()]
    expect(ids).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 11, 12, 13, 14, 15])
    group!.columns.forEach((chunk, index) => {
      const id = ids[index]!
      expect([id, metrics.valueCounts.get(id)]).toEqual([id, Number(chunk.meta_data!.num_values)])
      expect([id, metrics.nullCounts.get(id)]).toEqual([id, Number(chunk.meta_data!.statistics!.null_count)])
      expect([id, metrics.columnSizes.get(id)]).toEqual([id, Number(chunk.meta_data!.total_compressed_size)])
    })
    expect(metrics.recordCount).toBe(3000)
    expect(metrics.nullCounts.get(idOf('source_bundle'))).toBe(1500)
    expect(metrics.nanCounts).toEqual(new Map([[idOf('value'), 0]]))
    expect(metrics.splitOffsets).toEqual([4])
  })
  test('has no bounds for the leaves of a map', () => {
    expect(metrics.lowerBounds.has(16) || metrics.upperBounds.has(17)).toBe(false)
  })
})

test('a row group ends at its limit, and split offsets are the starts of the row groups', () => {
  const rows = Array.from({ length: 20_000 }, (_, number) => rawRow(number))
  const { bytes, metrics } = encodeRows(RAW, rows, { rowGroupBytes: 200_000 })
  const groups = footerOf(bytes).row_groups
  expect(groups.length).toBeGreaterThan(2)
  const starts = groups.map(({ columns }) =>
    Number(columns[0]!.meta_data!.dictionary_page_offset ?? columns[0]!.meta_data!.data_page_offset),
  )
  expect(metrics.splitOffsets).toEqual(starts)
  expect([...starts].sort((a, b) => a - b)).toEqual(starts)
  const first = groups.reduce(
    (sum, { columns }) => sum + Number(columns[0]!.meta_data!.total_compressed_size),
    0,
  )
  expect(metrics.columnSizes.get(1)).toBe(first)
})

describe('bounds', () => {
  const bounds = (name: string, cells: readonly Cell[]): [string | undefined, string | undefined] => {
    const { metrics } = encodeRows(
      RAW,
      cells.map((cell, number) => rawRow(number, { [name]: cell })),
    )
    const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex')
    return [hex(metrics.lowerBounds.get(idOf(name))), hex(metrics.upperBounds.get(idOf(name)))]
  }
  const hexOf = (text: string): string => Buffer.from(text).toString('hex')
  const longHex = (value: bigint): string => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes.toString('hex')
  }
  const doubleHex = (value: number): string => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(value)
    return bytes.toString('hex')
  }

  test('of strings, in UTF-8 order and not in UTF-16 order', () => {
    expect(bounds('unit', ['b', '\uffff', '😀', 'a', 'b'])).toEqual([hexOf('a'), hexOf('😀')])
  })
  test('of long strings: 16 code points, the upper one raised', () => {
    const long = ['abcdefghijklmnopqr', 'xyzxyzxyzxyzxyzxyzxyz']
    expect(bounds('unit', long)).toEqual([hexOf('abcdefghijklmnop'), hexOf('xyzxyzxyzxyzxyzy')])
  })
  test('of strings: none where all are null, an empty one where one is empty', () => {
    expect(bounds('source_bundle', [null, null])).toEqual([undefined, undefined])
    expect(bounds('source_bundle', [null, ''])).toEqual(['', ''])
  })
  test('of a string that cannot be raised: the upper one is left out', () => {
    expect(bounds('unit', ['\u{10ffff}'.repeat(17)])).toEqual([hexOf('\u{10ffff}'.repeat(16)), undefined])
  })
  test('of timestamps, exact to the microsecond over the whole range', () => {
    expect(bounds('start_date', [5n, -1n, 7n])).toEqual([longHex(-1n), longHex(7n)])
    expect(bounds('start_date', [LAST_MICROS, FIRST_MICROS, 0n])).toEqual([
      longHex(FIRST_MICROS),
      longHex(LAST_MICROS),
    ])
    expect(bounds('start_date', [2n ** 32n - 1n, 2n ** 32n, 2n ** 31n])).toEqual([
      longHex(2n ** 31n),
      longHex(2n ** 32n),
    ])
  })
  test('of doubles: NaN never, and counted', () => {
    expect(bounds('value', [Number.NaN, 3, 1, Number.NaN])).toEqual([doubleHex(1), doubleHex(3)])
    expect(bounds('value', [Number.NaN])).toEqual([undefined, undefined])
    const { metrics } = encodeRows(RAW, [rawRow(0, { value: Number.NaN }), rawRow(1)])
    expect(metrics.nanCounts.get(idOf('value'))).toBe(1)
    expect(metrics.valueCounts.get(idOf('value'))).toBe(2)
  })
  test('of doubles: -0.0 comes before +0.0', () => {
    expect(bounds('value', [0, -0])).toEqual([doubleHex(-0), doubleHex(0)])
    expect(bounds('value', [-0, 0])).toEqual([doubleHex(-0), doubleHex(0)])
    expect(bounds('value', [0])).toEqual([doubleHex(0), doubleHex(0)])
    expect(bounds('value', [-0])).toEqual([doubleHex(-0), doubleHex(-0)])
    expect(bounds('value', [-0, 1, 0])).toEqual([doubleHex(-0), doubleHex(1)])
  })
  test('of doubles: infinities count', () => {
    const { POSITIVE_INFINITY: up, NEGATIVE_INFINITY: down } = Number
    expect(bounds('value', [up, 1, down])).toEqual([doubleHex(down), doubleHex(up)])
    expect(bounds('value', [up])).toEqual([doubleHex(up), doubleHex(up)])
    expect(bounds('value', [down])).toEqual([doubleHex(down), doubleHex(down)])
  })
  test('of booleans: one byte', () => {
    expect(bounds('is_synced', [true, false])).toEqual(['00', '01'])
    expect(bounds('is_synced', [true])).toEqual(['01', '01'])
    expect(bounds('is_synced', [false])).toEqual(['00', '00'])
  })
})

describe('values', () => {
  test('NaN, infinities and the sign of zero are kept', async () => {
    const values = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      0,
      5e-324,
      1.7976931348623157e308,
    ]
    const { bytes } = encodeRows(
      RAW,
      values.map((value, number) => rawRow(number, { value })),
    )
    expect((await rowsOf(bytes)).map((row) => row.value)).toEqual(values)
  })
  test('strings of every length and script, repeated and not', async () => {
    const texts = Array.from({ length: 6000 }, (_, n) => `${'é😀x\0'.repeat(n % 90)}${n % 5 === 0 ? '' : n}`)
    const { bytes } = encodeRows(
      RAW,
      texts.map((unit, number) => rawRow(number, { unit, sample_id: unit })),
    )
    expect((await rowsOf(bytes)).map((row) => row.unit)).toEqual(texts)
    expect((await rowsOf(bytes)).map((row) => row.sample_id)).toEqual(texts)
  })
  test('an empty map is not null, and keys such as __proto__ are keys', async () => {
    const odd = new Map([
      ['__proto__', 'a'],
      ['constructor', ''],
    ])
    const { bytes } = encodeRows(RAW, [
      rawRow(0, { metadata: new Map() }),
      rawRow(0, { metadata: odd }),
      rawRow(0),
    ])
    const [empty, full, none] = (await rowsOf(bytes)).map((row) => row.metadata)
    expect([empty, none]).toEqual([{}, null])
    expect(Object.keys(full as object)).toContain('constructor')
  })
  test('a map value may be null', async () => {
    const { bytes, metrics } = encodeRows(RAW, [
      rawRow(0, {
        metadata: new Map([
          ['a', null],
          ['b', 'c'],
        ]),
      }),
    ])
    expect((await rowsOf(bytes))[0]!.metadata).toEqual({ a: null, b: 'c' })
    expect(metrics.nullCounts.get(17)).toBe(1)
    expect(metrics.nullCounts.get(16)).toBe(0)
  })
  test('a table of no rows is a file of no rows', async () => {
    const { bytes, metrics } = encodeRows(RAW, [])
    expect(await rowsOf(bytes)).toEqual([])
    expect(metrics.recordCount).toBe(0)
    expect(metrics.lowerBounds.size).toBe(0)
  })
  test.each(['errors', 'daily', 'weekly', 'monthly'] as const)('one row of %s', async (role) => {
    const schema = schemaOf(TABLES[role])
    const row: Record<string, Cell> = {}
    for (const { name, type, required } of TABLES[role].columns) {
      row[name] = !required
        ? null
        : type === 'string'
          ? name
          : type === 'double'
            ? 0.1
            : 9_007_199_254_740_993n
    }
    const { bytes } = encodeRows(schema, [row])
    expect(await rowsOf(bytes)).toEqual([row])
  })
  test('int, date and timestamptz', async () => {
    const schema: FileSchema = {
      fields: [
        { id: 1, name: 'i', required: false, type: 'int' },
        { id: 2, name: 'd', required: true, type: 'date' },
        { id: 3, name: 'z', required: false, type: 'timestamptz' },
        { id: 4, name: 'left_out', required: false, type: 'uuid' },
      ],
    }
    const rows = [
      { i: -5, d: -1, z: 5n },
      { i: null, d: 20_000, z: null },
    ]
    const { bytes, metrics } = encodeRows(schema, rows)
    expect(await rowsOf(bytes)).toEqual(rows)
    expect(elementsOf(bytes).get('z')).toMatchObject({ logical_type: { isAdjustedToUTC: true } })
    expect(Buffer.from(metrics.lowerBounds.get(2)!).readInt32LE()).toBe(-1)
    expect(Buffer.from(metrics.upperBounds.get(2)!).readInt32LE()).toBe(20_000)
  })
})

describe('what is refused', () => {
  test('a null in a required column', () => {
    expect(() => encodeRows(RAW, [rawRow(0, { user_id: null })])).toThrow(
      'the required column user_id holds a null',
    )
    expect(() => encodeRows(RAW, [{}])).toThrow('the required column device_id holds a null')
  })
  test('a value of another type', () => {
    expect(() => encodeRows(RAW, [rawRow(0, { value: '5' })])).toThrow(
      'a string does not fit the column value',
    )
    expect(() => encodeRows(RAW, [rawRow(0, { start_date: 1.5 })])).toThrow(
      'a number does not fit the column start_date',
    )
    expect(() => encodeRows(RAW, [rawRow(0, { metadata: 'x' })])).toThrow(
      'a string does not fit the column metadata',
    )
  })
  test('a required column of a type that is not written', () => {
    const schema: FileSchema = { fields: [{ id: 1, name: 'u', required: true, type: 'uuid' }] }
    expect(() => new Columns(schema)).toThrow('cannot write the required column u of type uuid')
  })
})

test('rows can be chosen and ordered by number, and columns keep growing afterwards', async () => {
  const schema: FileSchema = {
    fields: [
      { id: 1, name: 's', required: false, type: 'string' },
      { id: 2, name: 'v', required: false, type: 'double' },
    ],
  }
  const columns = new Columns(schema)
  const text = columns.find('s', StringColumn)!
  const value = columns.find('v', DoubleColumn)!
  for (let row = 0; row < 100; row++) {
    text.append(row % 10 === 9 ? null : `t${row % 4}`)
    value.append(row % 7 === 6 ? null : row)
  }
  const chosen = encodeParquet(columns, { rows: Uint32Array.of(99, 6, 0, 0, 42) })
  expect(await rowsOf(chosen.bytes)).toEqual([
    { s: null, v: 99 },
    { s: 't2', v: null },
    { s: 't0', v: 0 },
    { s: 't0', v: 0 },
    { s: 't2', v: 42 },
  ])
  expect(chosen.metrics.nullCounts).toEqual(
    new Map([
      [1, 1],
      [2, 1],
    ]),
  )
  text.append('last')
  value.append(1)
  expect(encodeParquet(columns).metrics.recordCount).toBe(101)
  expect(columns.rows).toBe(101)
  expect(() => columns.find('s', DoubleColumn)).toThrow('column s has type string')
  expect(columns.find('none', DoubleColumn)).toBeNull()
})

test('repeated strings are kept once', () => {
  const column = new StringColumn()
  for (let row = 0; row < 10_000; row++) column.append(`value ${row % 5}`)
  expect(column.values).toBe(5)
  expect(column.byteLength).toBeLessThan(41_000)
  expect(column.repeats).toBe(true)
  const unique = new StringColumn()
  for (let row = 0; row < 10_000; row++) unique.append(`value ${row}`)
  expect(unique.repeats).toBe(false)
})
