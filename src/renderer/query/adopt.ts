import {
  type Data,
  DataType,
  Field,
  List,
  Map_,
  makeData,
  Null,
  Struct,
  Timestamp,
  type TimeUnit,
} from 'apache-arrow'
import type { QueryType } from '../../shared/query.ts'

/**
 * Takes columns of a Parquet file over as columns of a table: found by field id, whatever their name, and left in
 * their own width where DuckDB widens them without loss (int to long, float to double).
 */

const FIELD_ID = 'PARQUET:field_id'

/** The field id that a Parquet reader noted on an Arrow field, or null. */
export function fieldId(field: Field): number | null {
  const text = field.metadata.get(FIELD_ID)
  return text === undefined ? null : Number(text)
}

/** True where data of Arrow's `type` can stand for a column of the Iceberg type, names and ids of parts included. */
export function fits(type: QueryType, arrow: DataType): boolean {
  if (typeof type !== 'string') return fitsNested(type, arrow)
  switch (type) {
    case 'boolean':
      return DataType.isBool(arrow)
    case 'int':
      return DataType.isInt(arrow) && arrow.isSigned && arrow.bitWidth <= 32
    case 'long':
      return DataType.isInt(arrow) && arrow.isSigned
    case 'float':
      return DataType.isFloat(arrow) && arrow.precision === 1
    case 'double':
      return DataType.isFloat(arrow) && arrow.precision >= 1
    case 'date':
      return DataType.isDate(arrow) && arrow.unit === 0
    case 'time':
      return DataType.isTime(arrow) && arrow.bitWidth === 64 && arrow.unit === 2
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return DataType.isTimestamp(arrow)
    case 'string':
      return DataType.isUtf8(arrow) || DataType.isLargeUtf8(arrow)
    case 'binary':
      return DataType.isBinary(arrow) || DataType.isLargeBinary(arrow)
    case 'uuid':
      return DataType.isFixedSizeBinary(arrow) && arrow.byteWidth === 16
    default: {
      const decimal = /^decimal\((\d+), ?(\d+)\)$/.exec(type)
      if (decimal) {
        return DataType.isDecimal(arrow) && arrow.bitWidth === 128 && arrow.scale === Number(decimal[2])
      }
      return type.startsWith('fixed[') && DataType.isFixedSizeBinary(arrow)
    }
  }
}

function fitsNested(type: Exclude<QueryType, string>, arrow: DataType): boolean {
  switch (type.type) {
    case 'list': {
      if (!DataType.isList(arrow)) return false
      const element = arrow.children[0]
      return (
        element !== undefined && fieldId(element) === type['element-id'] && fits(type.element, element.type)
      )
    }
    case 'map': {
      if (!DataType.isMap(arrow)) return false
      const [key, value] = arrow.children[0]?.type.children ?? []
      if (key === undefined || value === undefined) return false
      if (fieldId(key) !== type['key-id'] || fieldId(value) !== type['value-id']) return false
      return fits(type.key, key.type) && fits(type.value, value.type)
    }
    case 'struct':
      if (!DataType.isStruct(arrow) || arrow.children.length !== type.fields.length) return false
      return type.fields.every((field, i) => {
        const part = arrow.children[i] as Field
        return fieldId(part) === field.id && part.name === field.name && fits(field.type, part.type)
      })
  }
}

/** The field under another name, nullable, without time zone or file metadata: what DuckDB is to see. */
export function adoptField(name: string, type: QueryType, arrow: DataType): Field {
  const metadata =
    type === 'uuid' ? new Map([['ARROW:extension:name', 'arrow.uuid']]) : new Map<string, string>()
  return new Field(name, adoptType(arrow), true, metadata)
}

function adoptType(type: DataType): DataType {
  if (DataType.isTimestamp(type)) return new Timestamp(type.unit as TimeUnit, null)
  if (DataType.isList(type)) return new List(adoptChild(type.children[0] as Field))
  if (DataType.isStruct(type)) return new Struct(type.children.map(adoptChild))
  if (DataType.isMap(type)) {
    return new Map_(
      adoptChild(type.children[0] as Field) as Field<Struct<{ key: DataType; value: DataType }>>,
      type.keysSorted,
    )
  }
  return type
}

function adoptChild(field: Field): Field {
  return new Field(field.name, adoptType(field.type), field.nullable)
}

/** The same values as `data` under `type`, in the same buffers. */
export function retypeData(data: Data, type: DataType): Data {
  return rebuild(data, type, (part) => part)
}

/**
 * The same values as `data` under `type`, in buffers of their own: what Arrow reads from a file's answer are views
 * that would keep the whole answer alive.
 */
export function copyData(data: Data, type: DataType): Data {
  return rebuild(data, type, (part) => (ArrayBuffer.isView(part) ? (part as Uint8Array).slice() : part))
}

function rebuild(data: Data, type: DataType, buffer: (part: unknown) => unknown): Data {
  const children = data.children.map((child, i) =>
    rebuild(child as Data, (type.children[i] as Field).type, buffer),
  )
  const parts = [data.valueOffsets, data.values, data.nullBitmap, data.typeIds].map(buffer)
  return data.clone(type, data.offset, data.length, data.nullCount, parts as never, children as never) as Data
}

/** A column of nulls, for files written before the column was added: DuckDB casts it to any type. */
export function nullData(rows: number): Data {
  return makeData({ type: new Null(), length: rows }) as Data
}

/** Bytes held by the buffers of `data` and its children. */
export function dataBytes(data: Data): number {
  let bytes = 0
  for (const part of [data.valueOffsets, data.values, data.nullBitmap, data.typeIds]) {
    if (ArrayBuffer.isView(part)) bytes += part.byteLength
  }
  for (const child of data.children) bytes += dataBytes(child as Data)
  return bytes
}
