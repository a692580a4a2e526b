import type { DataType } from 'apache-arrow'
import {
  Bool,
  DateDay,
  Field,
  Float64,
  Int32,
  Int64,
  Map_,
  Schema,
  Struct,
  Table,
  TimestampMicrosecond,
  tableToIPC,
  Utf8,
} from 'apache-arrow'
import type { ColumnEntry } from './columns.ts'

/**
 * Arrow's IPC stream of one record batch. The schema message comes from apache-arrow and is the same for every file
 * of a table; the batch message is written here, straight around the body's buffers.
 */

const CONTINUATION = 0xffffffff

/** The schema message, with field ids under the key that the Parquet writer turns into Parquet field ids. */
export function schemaMessage(entries: readonly ColumnEntry[]): Uint8Array {
  const fields = entries.map(({ field, map }) => {
    if (map === null) return arrowField(field.name, primitive(String(field.type)), field.required, field.id)
    const key = arrowField('key', new Utf8(), true, map.keyId)
    const value = arrowField('value', new Utf8(), map.valueRequired, map.valueId)
    const entry = new Field('key_value', new Struct<{ key: Utf8; value: Utf8 }>([key, value]), false)
    const type = new Map_<Utf8, Utf8>(entry)
    // apache-arrow renames the child to `entries`; Parquet's specification wants `key_value`.
    Object.assign(entry, { name: 'key_value' })
    return arrowField(field.name, type, field.required, field.id)
  })
  const stream = tableToIPC(new Table(new Schema(fields)), 'stream')
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  return stream.slice(0, 8 + view.getInt32(4, true))
}

function arrowField<T extends DataType>(name: string, type: T, required: boolean, id: number): Field<T> {
  return new Field(name, type, !required, new Map([['PARQUET:field_id', String(id)]]))
}

function primitive(type: string): DataType {
  switch (type) {
    case 'string':
      return new Utf8()
    case 'double':
      return new Float64()
    case 'long':
      return new Int64()
    case 'int':
      return new Int32()
    case 'date':
      return new DateDay()
    case 'boolean':
      return new Bool()
    case 'timestamp':
      return new TimestampMicrosecond()
    case 'timestamptz':
      return new TimestampMicrosecond('UTC')
    default:
      throw new Error(`no Arrow type for ${type}`)
  }
}

/** One Arrow array of the batch. */
export interface ArrayNode {
  readonly rows: number
  readonly nulls: number
}

/** Bytes of the batch message in front of the body, a multiple of 8. */
export function batchHeaderLength(nodes: number, buffers: number): number {
  return 8 + 80 + nodes * 16 + 8 + buffers * 16
}

/**
 * Writes the encapsulated RecordBatch message at `at` of `out`. `offsets` are relative to the body and multiples of 8;
 * all sizes are bytes. The layout of this flatbuffer is fixed but for the two vectors at its end.
 */
export function writeBatchHeader(
  out: DataView,
  at: number,
  rows: number,
  nodes: readonly ArrayNode[],
  offsets: readonly number[],
  sizes: readonly number[],
  bodyLength: number,
): void {
  const end = 80 + nodes.length * 16
  out.setUint32(at, CONTINUATION, true)
  out.setInt32(at + 4, batchHeaderLength(nodes.length, sizes.length) - 8, true)
  const base = at + 8
  const u16 = (position: number, ...values: number[]) =>
    values.forEach((value, index) => {
      out.setUint16(base + position + index * 2, value, true)
    })
  const u32 = (position: number, value: number) => out.setUint32(base + position, value, true)
  const u64 = (position: number, value: number) => {
    u32(position, value % 4294967296)
    u32(position + 4, Math.floor(value / 4294967296))
  }
  u32(0, 16) // root: the Message table
  u16(4, 12, 24, 4, 6, 8, 16) // its vtable: version, header type, header, body length
  u32(16, 12)
  u16(20, 4, 3) // metadata version V5, header is a RecordBatch
  u32(24, 32)
  u32(28, 0)
  u64(32, bodyLength)
  u16(40, 10, 20, 8, 4, 16, 0, 0, 0) // vtable of RecordBatch: length, nodes, buffers
  u32(56, 16)
  u32(60, 16)
  u64(64, rows)
  u32(72, end + 4 - 72)
  u32(76, nodes.length)
  nodes.forEach((node, index) => {
    u64(80 + index * 16, node.rows)
    u64(88 + index * 16, node.nulls)
  })
  u32(end, 0)
  u32(end + 4, sizes.length)
  sizes.forEach((size, index) => {
    u64(end + 8 + index * 16, offsets[index]!)
    u64(end + 16 + index * 16, size)
  })
}

/** Writes the end-of-stream marker, 8 bytes. */
export function writeEnd(out: DataView, at: number): void {
  out.setUint32(at, CONTINUATION, true)
  out.setUint32(at + 4, 0, true)
}
