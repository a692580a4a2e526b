import { LakeError } from '../../shared/errors.ts'
import { type AvroSchema, isUnion } from './schema.ts'
import type { ByteSink } from './sink.ts'

export type Encode = (sink: ByteSink, value: unknown) => void

/**
 * An encoder of the schemas that Iceberg writes: primitives, fixed, records, arrays and unions of null and one type.
 * Records are objects keyed by field name, where an absent optional field is null. Throws INVALID for a value that is
 * not of its type.
 */
export function encoderOf(schema: AvroSchema): Encode {
  if (isUnion(schema)) return optional(schema)
  if (typeof schema === 'string') return primitive(schema)
  switch (schema.type) {
    case 'record': {
      const fields = (schema.fields ?? []).map((field) => ({
        name: field.name,
        encode: encoderOf(field.type),
      }))
      return (sink, value) => {
        if (typeof value !== 'object' || value === null) throw mismatch('record', value)
        const record = value as Record<string, unknown>
        for (const field of fields) field.encode(sink, record[field.name] ?? null)
      }
    }
    case 'array': {
      const item = encoderOf(schema.items ?? 'null')
      return (sink, value) => {
        if (!Array.isArray(value)) throw mismatch('array', value)
        if (value.length > 0) sink.long(value.length)
        for (const entry of value) item(sink, entry)
        sink.long(0)
      }
    }
    case 'fixed': {
      const size = schema.size ?? 0
      return (sink, value) => {
        if (!(value instanceof Uint8Array) || value.length !== size) throw mismatch(`fixed of ${size}`, value)
        sink.raw(value)
      }
    }
    default:
      return encoderOf(schema.type)
  }
}

function optional(branches: readonly AvroSchema[]): Encode {
  const nullAt = branches.indexOf('null')
  if (branches.length !== 2 || nullAt < 0) {
    throw new LakeError('UNSUPPORTED', 'Avro: only unions of null and one other type are written')
  }
  const valueAt = 1 - nullAt
  const encode = encoderOf(branches[valueAt]!)
  return (sink, value) => {
    if (value === null || value === undefined) {
      sink.long(nullAt)
      return
    }
    sink.long(valueAt)
    encode(sink, value)
  }
}

function primitive(name: string): Encode {
  switch (name) {
    case 'null':
      return () => {}
    case 'boolean':
      return (sink, value) => {
        if (typeof value !== 'boolean') throw mismatch(name, value)
        sink.byte(value ? 1 : 0)
      }
    case 'int':
      return (sink, value) => {
        if (typeof value !== 'number' || value !== (value | 0)) throw mismatch(name, value)
        sink.long(value)
      }
    case 'long':
      return (sink, value) => {
        if (typeof value === 'bigint' ? BigInt.asIntN(64, value) !== value : !Number.isSafeInteger(value)) {
          throw mismatch(name, value)
        }
        sink.long(value as number | bigint)
      }
    case 'float':
    case 'double':
      return (sink, value) => {
        if (typeof value !== 'number') throw mismatch(name, value)
        sink[name](value)
      }
    case 'bytes':
      return (sink, value) => {
        if (!(value instanceof Uint8Array)) throw mismatch(name, value)
        sink.bytes(value)
      }
    case 'string':
      return (sink, value) => {
        if (typeof value !== 'string') throw mismatch(name, value)
        sink.string(value)
      }
    default:
      throw new LakeError('UNSUPPORTED', `Avro: type ${name} is not written`)
  }
}

function mismatch(expected: string, value: unknown): LakeError {
  const shown = typeof value === 'bigint' || typeof value === 'number' ? ` ${value}` : ''
  return new LakeError(
    'INVALID',
    `Avro: expected ${expected}, not ${value === null ? 'null' : typeof value}${shown}`,
  )
}
