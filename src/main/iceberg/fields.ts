/** Readers of parsed JSON: each takes one member of an object and fails naming the member and what was there. */
import { LakeError } from '../../shared/errors.ts'

export type JsonRecord = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(key: string, expected: string, value: unknown): LakeError {
  const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`
  return new LakeError(
    'INVALID',
    value === undefined ? `${key} is missing` : `${key} must be ${expected}, not ${found}`,
  )
}

/** The member `key`, own properties only; undefined where absent or null. */
export function member(object: JsonRecord, key: string): unknown {
  return Object.hasOwn(object, key) ? (object[key] ?? undefined) : undefined
}

export function record(object: JsonRecord, key: string): JsonRecord {
  const value = member(object, key)
  if (!isRecord(value)) throw wrong(key, 'an object', value)
  return value
}

/** The items of an array of objects. */
export function records(object: JsonRecord, key: string): readonly JsonRecord[] {
  return array(object, key).map((item) => {
    if (!isRecord(item)) throw wrong(`an item of ${key}`, 'an object', item)
    return item
  })
}

export function array(object: JsonRecord, key: string): readonly unknown[] {
  const value = member(object, key)
  if (!Array.isArray(value)) throw wrong(key, 'an array', value)
  return value
}

export function string(object: JsonRecord, key: string): string {
  const value = member(object, key)
  if (typeof value !== 'string') throw wrong(key, 'a string', value)
  return value
}

export function boolean(object: JsonRecord, key: string): boolean {
  const value = member(object, key)
  if (typeof value !== 'boolean') throw wrong(key, 'true or false', value)
  return value
}

/** An integer that a number holds exactly. */
export function integer(object: JsonRecord, key: string): number {
  const value = member(object, key)
  if (!Number.isSafeInteger(value)) throw wrong(key, 'an integer', value)
  return value as number
}

/** A 64-bit integer as bigint. */
export function long(object: JsonRecord, key: string): bigint {
  const value = member(object, key)
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) throw wrong(key, 'an integer', value)
  return BigInt(value as number | bigint)
}

/** Strings by string. Numbers and booleans, which some writers leave bare, become their text. */
export function strings(object: JsonRecord, key: string): Readonly<Record<string, string>> {
  const entries = Object.entries(record(object, key)).map(([name, value]): [string, string] => {
    if (typeof value === 'object' || value === undefined) throw wrong(`${key}.${name}`, 'a string', value)
    return [name, String(value)]
  })
  return Object.fromEntries(entries)
}

/** `read(object, key)`, or `otherwise` where the member is absent or null. */
export function optional<T, U>(
  object: JsonRecord,
  key: string,
  read: (object: JsonRecord, key: string) => T,
  otherwise: U,
): T | U {
  return member(object, key) === undefined ? otherwise : read(object, key)
}
