import { afterPrefix, coerce, type Facts } from './predicate.ts'
import { isPrimitive } from './schema.ts'
import { applyTransform, parseTransform, transformResultType } from './transform.ts'
import type {
  DataFile,
  FieldSummary,
  PartitionField,
  PartitionSpec,
  PrimitiveType,
  Schema,
  Type,
  Value,
} from './types.ts'
import { compareValues, decodeValue } from './values.ts'

/**
 * What manifests tell of columns, turned into ranges of the *column's* own values, so that one evaluator serves
 * partition summaries, partition values and column bounds (spec: Scan Planning, Partition Transforms).
 */

/** Types of primitive columns by field id, nested ones included. */
export function columnTypes(schema: Schema): Map<number, PrimitiveType> {
  const types = new Map<number, PrimitiveType>()
  const visit = (id: number, type: Type): void => {
    if (isPrimitive(type)) types.set(id, type)
    else if (type.type === 'struct') for (const field of type.fields) visit(field.id, field.type)
  }
  for (const field of schema.fields) visit(field.id, field.type)
  return types
}

/** Both of two sets of facts that hold of the same rows. Of two bounds on one side the first is kept. */
export function bothFacts(
  a: Facts | undefined,
  b: Facts | undefined,
  type: PrimitiveType,
): Facts | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const lower =
    a.lower === undefined ? b.lower : b.lower === undefined ? a.lower : greater(type, a.lower, b.lower)
  const fromB = a.upper === undefined || (b.upper !== undefined && compareValues(type, b.upper, a.upper) < 0)
  const upper = fromB ? b : a
  const tests = [a.mayHold, b.mayHold].filter((test) => test !== undefined)
  return {
    ...(lower === undefined ? {} : { lower }),
    ...(upper.upper === undefined ? {} : { upper: upper.upper }),
    ...(upper.upperOpen ? { upperOpen: true } : {}),
    nulls: a.nulls === 'unknown' ? b.nulls : a.nulls,
    nans: a.nans === 'unknown' ? b.nans : a.nans,
    ...(tests.length === 0 ? {} : { mayHold: (value: Value) => tests.every((test) => test(value)) }),
  }
}

function greater(type: PrimitiveType, a: Value, b: Value): Value {
  return compareValues(type, a, b) >= 0 ? a : b
}

/** Facts of the file's column from its counts and bounds; undefined where the file has no metrics of it. */
export function metricFacts(file: DataFile, fieldId: number, type: PrimitiveType): Facts | undefined {
  const values = file.valueCounts?.get(fieldId)
  const nulls = file.nullCounts?.get(fieldId)
  const nans = file.nanCounts?.get(fieldId)
  const lower = bound(type, file.lowerBounds?.get(fieldId))
  const upper = bound(type, file.upperBounds?.get(fieldId))
  const floating = type === 'float' || type === 'double'
  return {
    ...(lower === undefined ? {} : { lower }),
    ...(upper === undefined ? {} : { upper }),
    nulls: nulls === undefined ? 'unknown' : nulls === 0 ? 'none' : nulls === values ? 'all' : 'unknown',
    nans:
      !floating || nans === 0
        ? 'none'
        : nans !== undefined && nans + (nulls ?? 0) === values
          ? 'all'
          : 'unknown',
  }
}

/**
 * A serialized bound as a value of the column's present type (the file may have been written before a promotion from
 * int to long or float to double). Undefined where it is absent, NaN, or of a type whose writers disagree on order.
 */
export function bound(type: PrimitiveType, bytes: Uint8Array | undefined): Value | undefined {
  if (bytes === undefined || type === 'uuid' || type === 'unknown') return undefined
  const written = writtenType(type, bytes.length)
  if (written === null) return undefined
  const value = coerce(type, decodeValue(written, bytes))
  return typeof value === 'number' && Number.isNaN(value) ? undefined : value
}

function writtenType(type: PrimitiveType, length: number): PrimitiveType | null {
  switch (type) {
    case 'long':
      return length === 4 ? 'int' : length === 8 ? type : null
    case 'double':
      return length === 4 ? 'float' : length === 8 ? type : null
    case 'int':
    case 'date':
    case 'float':
      return length === 4 ? type : null
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return length === 8 ? type : null
    case 'boolean':
      return length === 1 ? type : null
    default:
      return type
  }
}

/** Facts per source column of the rows of one partition. */
export function partitionFacts(
  spec: PartitionSpec,
  partition: readonly Value[],
  types: ReadonlyMap<number, PrimitiveType>,
): Map<number, Facts> {
  return collect(spec, types, (field, index, type) => {
    const value = partition[index]
    if (value === undefined) return undefined
    // Only a null becomes null, except through `void`.
    if (value === null) return { nulls: 'all', nans: 'none' }
    const nan = typeof value === 'number' && Number.isNaN(value)
    return { ...(nan ? { nans: 'all' } : rangeOf(field.transform, type, value, value)), nulls: 'none' }
  })
}

/** Facts per source column of all rows behind one manifest, from its partition summaries. */
export function summaryFacts(
  spec: PartitionSpec,
  summaries: readonly FieldSummary[],
  types: ReadonlyMap<number, PrimitiveType>,
): Map<number, Facts> {
  return collect(spec, types, (field, index, type) => {
    const summary = summaries[index]
    if (summary === undefined) return undefined
    const result = transformResultType(field.transform, type)
    const lower = bound(result, summary.lower)
    const upper = bound(result, summary.upper)
    const nulls = summary.containsNull ? 'unknown' : 'none'
    if (lower === undefined || upper === undefined) {
      // No bounds: all null or NaN, or a writer that leaves them out. Only the former prunes, and it is not certain.
      return { nulls, nans: 'unknown' }
    }
    const range = rangeOf(field.transform, type, lower, upper)
    const floating = type === 'float' || type === 'double'
    return { ...range, nulls, nans: !floating || summary.containsNan === false ? 'none' : 'unknown' }
  })
}

function collect(
  spec: PartitionSpec,
  types: ReadonlyMap<number, PrimitiveType>,
  factsOf: (field: PartitionField, index: number, type: PrimitiveType) => Facts | undefined,
): Map<number, Facts> {
  const all = new Map<number, Facts>()
  spec.fields.forEach((field, index) => {
    const type = types.get(field['source-id'])
    if (type === undefined || parseTransform(field.transform).name === 'void') return
    const both = bothFacts(all.get(field['source-id']), factsOf(field, index, type), type)
    if (both !== undefined) all.set(field['source-id'], both)
  })
  return all
}

type Range = Pick<Facts, 'lower' | 'upper' | 'upperOpen' | 'mayHold' | 'nans'>
const NO_RANGE: Range = { nans: 'none' }
const MICROS_PER_HOUR = 3_600_000_000n
const MILLIS_PER_HOUR = 3_600_000n
const HOURS_PER_DAY = 24n

/** The column values whose transform lies in [lower, upper]. Empty for a transform that is not understood. */
function rangeOf(transform: string, type: PrimitiveType, lower: Value, upper: Value): Range {
  const { name, parameter } = parseTransform(transform)
  switch (name) {
    case 'identity': {
      const low = coerce(type, lower)
      const high = coerce(type, upper)
      return low === undefined || high === undefined ? NO_RANGE : { lower: low, upper: high, nans: 'none' }
    }
    case 'bucket':
      return {
        mayHold: (value) => {
          const hashed = applyTransform(transform, type, value)
          return typeof hashed !== 'number' || (hashed >= Number(lower) && hashed <= Number(upper))
        },
        nans: 'none',
      }
    case 'truncate':
      return truncatedRange(parameter, type, lower, upper)
    case 'year':
    case 'month':
    case 'day':
    case 'hour':
      return timeRange(name, type, Number(lower), Number(upper))
    default:
      return NO_RANGE
  }
}

function truncatedRange(width: number, type: PrimitiveType, lower: Value, upper: Value): Range {
  if (type === 'string' && typeof upper === 'string') {
    // A result shorter than the width is the whole value; else any longer text may stand behind it.
    if (Array.from(upper).length < width) return { lower, upper, nans: 'none' }
    const end = afterPrefix(upper)
    return end === null ? { lower, nans: 'none' } : { lower, upper: end, upperOpen: true, nans: 'none' }
  }
  if (typeof upper === 'number') return { lower, upper: upper + width - 1, nans: 'none' }
  if (typeof upper === 'bigint') return { lower, upper: upper + BigInt(width) - 1n, nans: 'none' }
  return { lower, nans: 'none' }
}

/** Half-open range of the instants (or dates) of the periods `first` to `last`, counted from 1970. */
function timeRange(
  unit: 'year' | 'month' | 'day' | 'hour',
  type: PrimitiveType,
  first: number,
  last: number,
): Range {
  const start = hoursOf(unit, first)
  const end = hoursOf(unit, last + 1)
  if (type === 'date') {
    return {
      lower: Number(start / HOURS_PER_DAY),
      upper: Number(end / HOURS_PER_DAY),
      upperOpen: true,
      nans: 'none',
    }
  }
  const nanos = type === 'timestamp_ns' || type === 'timestamptz_ns'
  const scale = nanos ? MICROS_PER_HOUR * 1000n : MICROS_PER_HOUR
  return { lower: start * scale, upper: end * scale, upperOpen: true, nans: 'none' }
}

/** Hours from 1970-01-01T00:00Z to the start of a period. */
function hoursOf(unit: 'year' | 'month' | 'day' | 'hour', ordinal: number): bigint {
  if (unit === 'hour') return BigInt(ordinal)
  if (unit === 'day') return BigInt(ordinal) * HOURS_PER_DAY
  const months = unit === 'year' ? ordinal * 12 : ordinal
  const date = new Date(0)
  date.setUTCFullYear(1970 + Math.floor(months / 12), ((months % 12) + 12) % 12, 1)
  return BigInt(date.getTime()) / MILLIS_PER_HOUR
}
