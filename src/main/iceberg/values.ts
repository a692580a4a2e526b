import { LakeError } from '../../shared/errors.ts'
import { decimalOf } from './schema.ts'
import type { PrimitiveType, Value } from './types.ts'

/** A value that is not null. */
export type Present = Exclude<Value, null>

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })

/**
 * One value as bytes (spec, Appendix D, binary single-value serialization).
 * Throws INVALID where the value is not of the type.
 */
export function encodeValue(type: PrimitiveType, value: Present): Uint8Array {
  switch (type) {
    case 'boolean':
      return Uint8Array.of(value ? 1 : 0)
    case 'int':
    case 'date':
      return view(4, (v) => v.setInt32(0, Number(value), true))
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return view(8, (v) => v.setBigInt64(0, BigInt(value as bigint), true))
    case 'float':
      return view(4, (v) => v.setFloat32(0, Number(value), true))
    case 'double':
      return view(8, (v) => v.setFloat64(0, Number(value), true))
    case 'string':
      return encoder.encode(String(value))
    case 'uuid':
      return uuidBytes(String(value))
    default:
      if (value instanceof Uint8Array) return value
      if (typeof value === 'bigint' && decimalOf(type)) return minimalTwosComplement(value)
      throw new LakeError('INVALID', `a value of type ${type} cannot be encoded from ${typeof value}`)
  }
}

/**
 * The value that `bytes` hold (spec, Appendix D). Bounds written before a column was promoted (int to long, float to
 * double) have the shorter form and are widened. Throws CORRUPT on a wrong length.
 */
export function decodeValue(type: PrimitiveType, bytes: Uint8Array): Present {
  const at = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (type) {
    case 'boolean':
      return length(type, bytes, 1) && bytes[0] !== 0
    case 'int':
    case 'date':
      length(type, bytes, 4)
      return at.getInt32(0, true)
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      if (bytes.length === 4) return BigInt(at.getInt32(0, true))
      length(type, bytes, 8)
      return at.getBigInt64(0, true)
    case 'float':
      length(type, bytes, 4)
      return at.getFloat32(0, true)
    case 'double':
      if (bytes.length === 4) return at.getFloat32(0, true)
      length(type, bytes, 8)
      return at.getFloat64(0, true)
    case 'string':
      return decoder.decode(bytes)
    case 'uuid':
      length(type, bytes, 16)
      return uuidText(bytes)
    default:
      return decimalOf(type) ? bigEndian(bytes) : bytes
  }
}

/**
 * Order of two values of one type: nulls first, -0.0 before +0.0, NaN last, strings by code point (which is the order
 * of their UTF-8 bytes, unlike that of UTF-16), bytes unsigned.
 */
export function compareValues(type: PrimitiveType, a: Value, b: Value): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (type === 'float' || type === 'double') return compareFloats(Number(a), Number(b))
  return a < b ? -1 : a > b ? 1 : 0
}

/** True for a NaN of a float or double column. */
export function isNan(value: Value): boolean {
  return typeof value === 'number' && Number.isNaN(value)
}

/** Order by code point. */
export function compareText(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // Surrogates stand for code points above all other units, though their own numbers are lower than U+E000..U+FFFF.
    const high = isSurrogate(x)
    return high === isSurrogate(y) ? x - y : high ? 1 : -1
  }
  return a.length - b.length
}

/** Unsigned, byte by byte; a prefix sorts first. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    const difference = a[i]! - b[i]!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** The shortest big-endian two's complement of `value`; one byte for zero. */
export function minimalTwosComplement(value: bigint): Uint8Array {
  let size = 1
  while (BigInt.asIntN(size * 8, value) !== value) size++
  const bytes = new Uint8Array(size)
  let rest = BigInt.asUintN(size * 8, value)
  for (let i = size - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}

/** The signed integer of big-endian two's complement `bytes`. */
export function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}

/** The 16 bytes of a UUID's text, most significant first. */
export function uuidBytes(text: string): Uint8Array {
  const hex = text.replaceAll('-', '')
  if (!/^[0-9a-fA-F]{32}$/.test(hex)) throw new LakeError('INVALID', `not a UUID: ${text}`)
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16))
}

/** A UUID's lower-case text. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function compareFloats(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  if (a !== b) return a < b ? -1 : 1
  if (a !== 0) return 0
  return Number(Object.is(b, -0)) - Number(Object.is(a, -0))
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}

function view(size: number, write: (v: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size)
  write(new DataView(bytes.buffer))
  return bytes
}

function length(type: PrimitiveType, bytes: Uint8Array, expected: number): true {
  if (bytes.length === expected) return true
  throw new LakeError('CORRUPT', `a ${type} bound of ${bytes.length} bytes, expected ${expected}`)
}
