import {
  Binary,
  Bool,
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Field,
  FixedSizeBinary,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  Map_,
  makeBuilder,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimeMicrosecond,
  TimestampMicrosecond,
  TimestampNanosecond,
  tableToIPC,
  Utf8,
} from 'apache-arrow'
import { LakeError } from '../../../shared/errors.ts'
import type { Cell, CellArray } from '../../iceberg/projection.ts'
import type { Batch } from '../../iceberg/read.ts'
import type { NestedField, Type } from '../../iceberg/types.ts'

/** A batch as an Arrow IPC stream; each field's id stands under `PARQUET:field_id`, as Parquet readers note it. */
export function encodeBatch(fields: readonly NestedField[], batch: Batch): Uint8Array {
  const arrowFields = fields.map((field) => {
    const id = new Map([['PARQUET:field_id', String(field.id)]])
    return new Field(field.name, arrowType(field.type), true, id)
  })
  const children = fields.map((field, i) => {
    const cells = batch.columns.get(field.id)
    if (cells === undefined) throw new LakeError('INTERNAL', `column ${field.name} was not read`)
    return arrowData(field.type, (arrowFields[i] as Field).type, cells, batch.rows)
  })
  const schema = new Schema(arrowFields)
  const data = makeData({ type: new Struct(arrowFields), length: batch.rows, nullCount: 0, children })
  return tableToIPC(new Table([new RecordBatch(schema, data)]), 'stream')
}

function arrowType(type: Type): DataType {
  if (typeof type !== 'string') {
    switch (type.type) {
      case 'list':
        return new List(new Field('element', arrowType(type.element), true))
      case 'struct':
        return new Struct(type.fields.map((field) => new Field(field.name, arrowType(field.type), true)))
      case 'map': {
        const entry = new Struct<{ key: DataType; value: DataType }>([
          new Field('key', arrowType(type.key), false),
          new Field('value', arrowType(type.value), true),
        ] as never)
        return new Map_(new Field('entries', entry, false))
      }
    }
  }
  switch (type) {
    case 'boolean':
      return new Bool()
    case 'int':
      return new Int32()
    case 'long':
      return new Int64()
    case 'float':
      return new Float32()
    case 'double':
      return new Float64()
    case 'date':
      return new DateDay()
    case 'time':
      return new TimeMicrosecond()
    case 'timestamp':
    case 'timestamptz':
      return new TimestampMicrosecond()
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return new TimestampNanosecond()
    case 'string':
      return new Utf8()
    case 'uuid':
      return new FixedSizeBinary(16)
    case 'binary':
      return new Binary()
    case 'unknown':
      return new Int32()
    default: {
      const decimal = /^decimal\((\d+), ?(\d+)\)$/.exec(type)
      if (decimal) return new Decimal(Number(decimal[2]), Number(decimal[1]), 128)
      const fixed = /^fixed\[(\d+)\]$/.exec(type)
      if (fixed) return new FixedSizeBinary(Number(fixed[1]))
      throw new LakeError('UNSUPPORTED', `no Arrow type for ${type}`)
    }
  }
}

function arrowData(type: Type, arrow: DataType, cells: CellArray, rows: number): Data {
  const nulls = new Uint8Array((rows + 7) >> 3)
  let nullCount = 0
  for (let i = 0; i < rows; i++) {
    if (cells[i] === null || cells[i] === undefined) nullCount++
    else nulls[i >> 3] = (nulls[i >> 3] as number) | (1 << (i & 7))
  }
  const base = { length: rows, nullCount, nullBitmap: nulls }
  if (typeof type !== 'string') return nestedData(type, arrow, cells, base)
  switch (type) {
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return fill(arrow, base, new BigInt64Array(rows), cells, (cell) => cell as bigint)
    case 'int':
    case 'date':
      return fill(arrow, base, new Int32Array(rows), cells, (cell) => cell as number)
    case 'float':
      return fill(arrow, base, new Float32Array(rows), cells, (cell) => cell as number)
    case 'double':
      return fill(arrow, base, new Float64Array(rows), cells, (cell) => cell as number)
    case 'boolean': {
      const bits = new Uint8Array((rows + 7) >> 3)
      for (let i = 0; i < rows; i++)
        if (cells[i] === true) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7))
      return makeData({ type: arrow as Bool, ...base, data: bits })
    }
    case 'uuid':
      return fixedData(arrow, base, cells, 16, (cell) =>
        Buffer.from((cell as string).replaceAll('-', ''), 'hex'),
      )
    case 'string':
    case 'binary': {
      const builder = makeBuilder({ type: arrow, nullValues: [null] })
      for (let i = 0; i < rows; i++) builder.append((cells[i] ?? null) as never)
      builder.finish()
      return builder.flush()
    }
    default:
      if (type.startsWith('decimal'))
        return fixedData(arrow, base, cells, 16, (cell) => twosComplement(cell as bigint))
      if (type.startsWith('fixed')) {
        return fixedData(
          arrow,
          base,
          cells,
          (arrow as FixedSizeBinary).byteWidth,
          (cell) => cell as Uint8Array,
        )
      }
      return makeData({ type: arrow as Int32, ...base, data: new Int32Array(rows) })
  }
}

interface Base {
  readonly length: number
  readonly nullCount: number
  readonly nullBitmap: Uint8Array
}

function fill<A extends { [index: number]: number | bigint }>(
  arrow: DataType,
  base: Base,
  values: A,
  cells: CellArray,
  convert: (cell: Cell) => A[number],
): Data {
  for (let i = 0; i < base.length; i++) {
    const cell = cells[i]
    if (cell !== null && cell !== undefined) values[i] = convert(cell)
  }
  return makeData({ type: arrow, ...base, data: values } as never) as Data
}

function fixedData(
  arrow: DataType,
  base: Base,
  cells: CellArray,
  width: number,
  convert: (cell: Cell) => Uint8Array,
): Data {
  const bytes = new Uint8Array(base.length * width)
  for (let i = 0; i < base.length; i++) {
    const cell = cells[i]
    if (cell !== null && cell !== undefined) bytes.set(convert(cell), i * width)
  }
  const data = arrow instanceof Decimal ? new Uint32Array(bytes.buffer) : bytes
  return makeData({ type: arrow, ...base, data } as never) as Data
}

function twosComplement(value: bigint): Uint8Array {
  const words = new BigUint64Array([BigInt.asUintN(64, value), BigInt.asUintN(64, value >> 64n)])
  return new Uint8Array(words.buffer)
}

function nestedData(type: Exclude<Type, string>, arrow: DataType, cells: CellArray, base: Base): Data {
  if (type.type === 'struct') {
    const children = type.fields.map((field, i) => {
      const parts = Array.from({ length: base.length }, (_, row) => {
        const cell = cells[row] as { readonly [name: string]: Cell } | null | undefined
        return cell?.[field.name] ?? null
      })
      return arrowData(field.type, (arrow.children[i] as Field).type, parts, base.length)
    })
    return makeData({ type: arrow as Struct, ...base, children })
  }
  const offsets = new Int32Array(base.length + 1)
  const flat: Cell[] = []
  const values: Cell[] = []
  for (let i = 0; i < base.length; i++) {
    const cell = cells[i]
    if (cell instanceof Map) {
      for (const [key, value] of cell) {
        flat.push(key as Cell)
        values.push(value as Cell)
      }
    } else if (Array.isArray(cell)) flat.push(...(cell as Cell[]))
    offsets[i + 1] = flat.length
  }
  const inner = (arrow.children[0] as Field).type
  if (type.type === 'list') {
    const child = arrowData(type.element, inner, flat, flat.length)
    return makeData({ type: arrow as List, ...base, valueOffsets: offsets, child })
  }
  const [key, value] = inner.children as [Field, Field]
  const entries = makeData({
    type: inner as Struct,
    length: flat.length,
    nullCount: 0,
    children: [
      arrowData(type.key, key.type, flat, flat.length),
      arrowData(type.value, value.type, values, flat.length),
    ],
  })
  return makeData({ type: arrow as Map_, ...base, valueOffsets: offsets, child: entries } as never) as Data
}
