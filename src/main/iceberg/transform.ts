import { LakeError } from '../../shared/errors.ts'
import { murmur3 } from './murmur.ts'
import { decimalOf } from './schema.ts'
import type { PrimitiveType, Value } from './types.ts'
import { encodeValue, minimalTwosComplement, type Present } from './values.ts'

/** A transform's name and its parameter (`bucket[16]`: bucket, 16; 0 where it takes none). */
export interface ParsedTransform {
  readonly name: string
  readonly parameter: number
}

export function parseTransform(transform: string): ParsedTransform {
  const match = /^([a-z]+)(?:\[(\d+)\])?$/i.exec(transform)
  if (!match) return { name: transform, parameter: 0 }
  return { name: match[1]!.toLowerCase(), parameter: Number(match[2] ?? 0) }
}

/** Result type of a transform of a source column (spec, Partition Transforms). An unknown transform yields text. */
export function transformResultType(transform: string, source: PrimitiveType): PrimitiveType {
  switch (parseTransform(transform).name) {
    case 'identity':
    case 'truncate':
    case 'void':
      return source
    case 'bucket':
    case 'year':
    case 'month':
    case 'hour':
      return 'int'
    case 'day':
      return 'date'
    default:
      return 'string'
  }
}

/**
 * The partition value of one source value. Null stays null. Calendar transforms are in UTC and round toward minus
 * infinity. Throws UNSUPPORTED for a transform or source type that the spec does not define.
 */
export function applyTransform(transform: string, source: PrimitiveType, value: Value): Value {
  const { name, parameter } = parseTransform(transform)
  if (name === 'void' || value === null) return null
  switch (name) {
    case 'identity':
      return value
    case 'bucket':
      return (hashValue(source, value) & 0x7fffffff) % positive(transform, parameter)
    case 'truncate':
      return truncate(source, value, positive(transform, parameter))
    case 'year':
      return calendar(source, value).year - 1970
    case 'month': {
      const { year, month } = calendar(source, value)
      return (year - 1970) * 12 + month
    }
    case 'day':
      return source === 'date'
        ? value
        : Number(floorDivide(value, unitsPerSecond(transform, source) * 86_400n))
    case 'hour':
      return Number(floorDivide(value, unitsPerSecond(transform, source) * 3_600n))
    default:
      throw unsupported(transform, source)
  }
}

/** The 32-bit hash of a value (spec, Appendix B). */
export function hashValue(type: PrimitiveType, value: Present): number {
  switch (type) {
    case 'int':
    case 'date':
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return murmur3(encodeValue('long', BigInt(value as number | bigint)))
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return murmur3(encodeValue('long', floorDivide(value, 1000n)))
    case 'string':
    case 'uuid':
    case 'binary':
      return murmur3(encodeValue(type, value))
    default:
      if (typeof value === 'bigint' && decimalOf(type)) return murmur3(minimalTwosComplement(value))
      if (value instanceof Uint8Array) return murmur3(value)
      throw unsupported('bucket', type)
  }
}

function truncate(type: PrimitiveType, value: Present, width: number): Value {
  if (typeof value === 'number') return value - (((value % width) + width) % width)
  if (typeof value === 'bigint') {
    const step = BigInt(width)
    return value - (((value % step) + step) % step)
  }
  if (typeof value === 'string' && type === 'string') {
    if (value.length <= width) return value
    let cut = 0
    let points = 0
    for (const char of value) {
      if (points++ === width) break
      cut += char.length
    }
    return value.slice(0, cut)
  }
  if (value instanceof Uint8Array) return value.length <= width ? value : value.slice(0, width)
  throw unsupported('truncate', type)
}

/** Year and zero-based month, in UTC, of a date or timestamp. */
function calendar(type: PrimitiveType, value: Present): { year: number; month: number } {
  const day =
    type === 'date' ? Number(value) : Number(floorDivide(value, unitsPerSecond('year', type) * 86_400n))
  return civil(day)
}

/**
 * The proleptic Gregorian date of a day number since 1970-01-01; month is zero-based. Needed because a `Date` ends at
 * year 275760 while timestamps in microseconds reach 294247.
 */
export function civil(day: number): { year: number; month: number; day: number } {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const ofEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  )
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const fromMarch = Math.floor((5 * ofYear + 2) / 153)
  const month = (fromMarch + 2) % 12
  return {
    year: yearOfEra + era * 400 + (month < 2 ? 1 : 0),
    month,
    day: ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
  }
}

/** Quotient rounded toward minus infinity. */
export function floorDivide(value: Present, divisor: bigint): bigint {
  const dividend = BigInt(value as number | bigint)
  const quotient = dividend / divisor
  return dividend < 0n && quotient * divisor !== dividend ? quotient - 1n : quotient
}

function unitsPerSecond(transform: string, type: PrimitiveType): bigint {
  switch (type) {
    case 'timestamp':
    case 'timestamptz':
      return 1_000_000n
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return 1_000_000_000n
    default:
      throw unsupported(transform, type)
  }
}

function positive(transform: string, parameter: number): number {
  if (parameter > 0) return parameter
  throw new LakeError('INVALID', `partition transform ${transform} needs a positive parameter`)
}

function unsupported(transform: string, type: PrimitiveType): LakeError {
  return new LakeError('UNSUPPORTED', `partition transform ${transform} of a ${type} column`)
}
