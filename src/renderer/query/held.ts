import {
  type Data,
  DataType,
  Field,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Timestamp,
  Utf8,
} from 'apache-arrow'
import { dataBytes } from './adopt.ts'
import type { QueryResult } from './result.ts'
import { cellText } from './values.ts'
import { columnWord } from './words.ts'

/** A column of an answer as the engine holds it for questions about the answer: sorting, filtering, profiles. */
export interface HeldColumn {
  /** In the held table: `c` and the place in the answer, from 0. */
  readonly name: string
  /** DuckDB's type of the held column. */
  readonly type: string
  /** SQL of its value, in the order and equality of the answer's own type. */
  readonly value: string
  /** True where the engine gets the cell's text: nested and rare types. */
  readonly text: boolean
}

const SIGNED: Readonly<Record<number, string>> = { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INTEGER', 64: 'BIGINT' }
const STAMPS = ['TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP', 'TIMESTAMP_NS'] as const

/** How each column of an answer stands in the engine. */
export function heldColumns(fields: readonly Field[]): HeldColumn[] {
  return fields.map((field, i) => {
    const name = `c${i}`
    const type = plainType(field)
    if (type !== null) return { name, type, value: name, text: false }
    const value = columnWord(field) === 'huge' ? `TRY_CAST(${name} AS HUGEINT)` : name
    return { name, type: 'VARCHAR', value, text: true }
  })
}

/** DuckDB's type where its Arrow can go back as it came; null where the text goes. */
function plainType(field: Field): string | null {
  const { type } = field
  switch (columnWord(field)) {
    case 'int':
    case 'long':
      return DataType.isInt(type) ? `${type.isSigned ? '' : 'U'}${SIGNED[type.bitWidth] ?? 'BIGINT'}` : null
    case 'dbl':
      return 'DOUBLE'
    case 'flt':
      return 'FLOAT'
    case 'dec':
      return DataType.isDecimal(type) ? `DECIMAL(${type.precision},${type.scale})` : null
    case 'bool':
      return 'BOOLEAN'
    case 'date':
      return 'DATE'
    case 'ts':
      return DataType.isTimestamp(type) ? (STAMPS[type.unit] ?? null) : null
    case 'str':
      return 'VARCHAR'
    default:
      return null
  }
}

/** Bytes of Arrow handed over at once. */
const PIECE_BYTES = 16 << 20

/** The rows of an answer as IPC streams for the held table, in order. */
export function* heldPieces(result: QueryResult): Generator<Uint8Array> {
  const held = heldColumns(result.schema.fields)
  const fields = result.schema.fields.map((field, i) => {
    const { name, text } = held[i] as HeldColumn
    return new Field(name, text ? new Utf8() : withoutZone(field.type), true)
  })
  const schema = new Schema(fields)
  let batches: RecordBatch[] = []
  let bytes = 0
  for (const batch of result.batches) {
    const children = batch.data.children.map((data, i) => {
      const field = result.schema.fields[i] as Field
      if ((held[i] as HeldColumn).text) return textData(field, data, batch.numRows)
      return data.clone((fields[i] as Field).type)
    })
    const data = makeData({ type: new Struct(fields), length: batch.numRows, nullCount: 0, children })
    batches.push(new RecordBatch(schema, data))
    bytes += children.reduce((sum, child) => sum + dataBytes(child), 0)
    if (bytes >= PIECE_BYTES) {
      yield ipcOf(schema, batches)
      batches = []
      bytes = 0
    }
  }
  if (batches.length > 0) yield ipcOf(schema, batches)
}

/** Batches of one schema as a complete IPC stream. */
export function ipcOf(schema: Schema, batches: readonly RecordBatch[]): Uint8Array {
  const writer = new RecordBatchStreamWriter()
  writer.reset(undefined, schema)
  for (const batch of batches) writer.write(batch)
  writer.finish()
  return writer.toUint8Array(true)
}

function withoutZone(type: DataType): DataType {
  return DataType.isTimestamp(type) ? new Timestamp(type.unit, null) : type
}

/** Cells as text, put together by hand: Arrow's own builder of strings compiles code, which the page forbids. */
export function textData(field: Field, data: Data, rows: number): Data {
  const parts: Uint8Array[] = []
  const valueOffsets = new Int32Array(rows + 1)
  const nullBitmap = new Uint8Array((rows + 7) >> 3)
  let length = 0
  let nullCount = 0
  for (let row = 0; row < rows; row++) {
    const text = cellText(field, data, row)
    if (text === null) nullCount++
    else {
      const part = utf8.encode(text)
      parts.push(part)
      length += part.length
      nullBitmap[row >> 3] = (nullBitmap[row >> 3] as number) | (1 << (row & 7))
    }
    valueOffsets[row + 1] = length
  }
  const values = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    values.set(part, at)
    at += part.length
  }
  return makeData({ type: new Utf8(), length: rows, nullCount, nullBitmap, valueOffsets, data: values })
}

const utf8 = new TextEncoder()
