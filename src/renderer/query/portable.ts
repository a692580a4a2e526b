import {
  type Data,
  DataType,
  Field,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'
import { EngineError } from './errors.ts'
import { textData } from './held.ts'
import { distinctNames } from './types.ts'
import { extensionOf } from './words.ts'

/**
 * Answers in types that Parquet and its readers know. Numbers, decimals, instants, lists, maps and structs stay what
 * they are; what Parquet has no type for (intervals, bit strings, enums, unions) goes as its text. HUGEINT is
 * DECIMAL(38,0).
 */
export function portableSchema(schema: Schema): Schema {
  const names = distinctNames(schema.fields.map((field) => field.name))
  return new Schema(schema.fields.map((field, i) => new Field(names[i] as string, portableType(field), true)))
}

function portableType(field: Field): DataType {
  if (!isPortable(field)) return new Utf8()
  return DataType.isTimestamp(field.type) && field.type.unit === 0 ? new TimestampMicrosecond() : field.type
}

function isPortable(field: Field): boolean {
  const { type } = field
  if (extensionOf(field) !== null) return false
  if (DataType.isList(type) || DataType.isMap(type) || DataType.isStruct(type)) {
    return type.children.every((child: Field) => isPortable(child) && !isSeconds(child.type))
  }
  return (
    DataType.isInt(type) ||
    DataType.isFloat(type) ||
    DataType.isDecimal(type) ||
    DataType.isBool(type) ||
    DataType.isUtf8(type) ||
    DataType.isBinary(type) ||
    (DataType.isDate(type) && type.unit === 0) ||
    (DataType.isTime(type) && type.bitWidth === 64) ||
    DataType.isTimestamp(type)
  )
}

function isSeconds(type: DataType): boolean {
  return DataType.isTimestamp(type) && type.unit === 0
}

/** A batch under the schema that `portableSchema` made of its own. */
export function portableBatch(schema: Schema, batch: RecordBatch): RecordBatch {
  const children = batch.data.children.map((data, i) => {
    const field = batch.schema.fields[i] as Field
    const { type } = schema.fields[i] as Field
    if (DataType.isUtf8(type) && !DataType.isUtf8(field.type)) return textData(field, data, batch.numRows)
    if (isSeconds(field.type)) return inMicros(data, batch.numRows)
    if (DataType.isDecimal(type) && type.precision === 38) checkDigits(field, data, batch.numRows)
    return data
  })
  const data = makeData({ type: new Struct(schema.fields), length: batch.numRows, nullCount: 0, children })
  return new RecordBatch(schema, data)
}

function inMicros(data: Data, rows: number): Data {
  const seconds = data.values as BigInt64Array
  const micros = new BigInt64Array(rows)
  for (let row = 0; row < rows; row++) micros[row] = (seconds[row] as bigint) * 1_000_000n
  const type = new TimestampMicrosecond()
  return makeData({
    type,
    length: rows,
    nullCount: data.nullCount,
    nullBitmap: data.nullBitmap,
    data: micros,
  })
}

/** Highest 32 bits of ten to the 38th: below it no number has 39 digits. */
const TOP = 0x4b3b4ca8

function checkDigits(field: Field, data: Data, rows: number): void {
  const words = data.values as Int32Array | Uint32Array
  for (let row = 0; row < rows; row++) {
    const top = (words[row * 4 + 3] as number) | 0
    if ((top >= TOP || top < -TOP) && data.getValid(row)) {
      const text = `Parquet holds integers of at most 38 digits, and ${field.name} has a longer one. Cast it to DOUBLE or VARCHAR.`
      throw new EngineError('Export', text, null, [])
    }
  }
}
