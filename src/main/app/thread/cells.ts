import { LakeError } from '../../../shared/errors.ts'
import type { KeyValue } from '../../../shared/thread.ts'
import type { TraceCell } from '../../../shared/trace.ts'
import { humanValue } from '../../iceberg/human.ts'
import type { Predicate } from '../../iceberg/predicate.ts'
import type { Cell } from '../../iceberg/projection.ts'
import { decimalOf, isPrimitive, printType } from '../../iceberg/schema.ts'
import type { NestedField, PrimitiveType, Schema, Value } from '../../iceberg/types.ts'

/** A column's value that a row must have. */
export interface TypedKey {
  readonly field: NestedField
  readonly value: Value
}

/**
 * The values of an address in the columns' run-time form. `ignored` names columns whose types cannot be compared
 * (nested ones, bytes). INVALID for a column the schema lacks and for a value that does not fit.
 */
export function typedKeys(
  keys: Readonly<Record<string, KeyValue>>,
  schema: Schema,
): { keys: TypedKey[]; ignored: string[] } {
  const typed: TypedKey[] = []
  const ignored: string[] = []
  for (const [name, value] of Object.entries(keys)) {
    const field = schema.fields.find((one) => one.name === name)
    if (field === undefined) {
      throw new LakeError('INVALID', `the table has no column ${name}`, {
        context: { column: name },
        likely: 'The column was renamed or dropped since the link was made.',
      })
    }
    const parsed = value === null ? null : typedValue(value, field)
    if (parsed === undefined) ignored.push(name)
    else typed.push({ field, value: parsed })
  }
  return { keys: typed, ignored }
}

const DIGITS = /^-?\d{1,39}$/

/** Undefined for types that cannot be searched by. */
function typedValue(value: Exclude<KeyValue, null>, field: NestedField): Value | undefined {
  const { type } = field
  if (!isPrimitive(type)) return undefined
  const fail = (): never => {
    throw new LakeError(
      'INVALID',
      `${JSON.stringify(value)} does not fit column ${field.name} of type ${type}`,
      {
        context: { column: field.name, type },
      },
    )
  }
  switch (type) {
    case 'boolean':
      return value === true || value === 'true' ? true : value === false || value === 'false' ? false : fail()
    case 'string':
      return typeof value === 'string' ? value : fail()
    case 'uuid':
      return typeof value === 'string' ? value.toLowerCase() : fail()
    case 'int':
    case 'long':
      return integer(value, type) ?? fail()
    case 'float':
    case 'double': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      return typeof number === 'number' && (!Number.isNaN(number) || value === 'NaN') ? number : fail()
    }
    case 'date': {
      if (typeof value === 'string' && !DIGITS.test(value)) {
        const micros = isoToNanos(value)
        return micros === null ? fail() : Number(micros / 86_400_000_000_000n)
      }
      return Number(integer(value, 'int') ?? fail())
    }
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns': {
      const whole = integer(value, 'long')
      if (whole !== null) return whole
      const nanos = typeof value === 'string' ? isoToNanos(value) : null
      if (nanos === null) return fail()
      return type.endsWith('_ns') ? nanos : nanos / 1000n
    }
    case 'time':
      return integer(value, 'long') ?? fail()
    default: {
      const decimal = decimalOf(type)
      return decimal === null ? undefined : (unscaled(String(value), decimal.scale) ?? fail())
    }
  }
}

function integer(value: Exclude<KeyValue, null>, type: 'int' | 'long'): Value {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  if (typeof text !== 'string' || !DIGITS.test(text)) return null
  return type === 'int' ? Number(text) : BigInt(text)
}

const ISO = /^(\d{4,6}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?(Z|[+-]\d{2}:\d{2})?)?$/

/** Nanoseconds since the epoch of an ISO 8601 instant; without a zone it is UTC. Null where it is none. */
function isoToNanos(text: string): bigint | null {
  const match = ISO.exec(text.trim())
  if (match === null) return null
  const [, day, clock = '00:00:00', fraction = '', zone = 'Z'] = match
  const ms = Date.parse(`${day}T${clock}${zone}`)
  return Number.isNaN(ms) ? null : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** Digits of a decimal as its unscaled value; null where it has more decimals than the type. */
function unscaled(text: string, scale: number): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null) return null
  const decimals = (match[3] ?? '').replace(/0+$/, '')
  if (decimals.length > scale) return null
  return BigInt(`${match[1]}${match[2]}${decimals.padEnd(scale, '0')}`)
}

/** The keys as a filter for planning. What a plan cannot judge (NaN) prunes nothing. */
export function predicateOf(keys: readonly TypedKey[]): Predicate {
  return {
    op: 'and',
    args: keys.map(({ field, value }): Predicate => {
      if (value === null) return { op: 'is-null', column: field.name }
      if (typeof value === 'number' && Number.isNaN(value)) return { op: 'true' }
      return { op: '==', column: field.name, value }
    }),
  }
}

export function sameValue(cell: Cell | undefined, value: Value): boolean {
  return Object.is(cell ?? null, value) || (cell === 0 && value === 0)
}

/** A cell as it is shown, and as an address would name it. */
export function cellOf(field: NestedField, cell: Cell): TraceCell {
  const { name, type } = field
  const shown = { name, type: printType(type) }
  if (!isPrimitive(type)) return { ...shown, text: cell === null ? null : nestedText(cell) }
  const text = cell === null ? null : humanValue('identity', type, cell as Value)
  const key = keyOf(type, cell as Value, text)
  return key === undefined ? { ...shown, text } : { ...shown, text, key }
}

function keyOf(type: PrimitiveType, value: Value, text: string | null): KeyValue | undefined {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return decimalOf(type) === null ? String(value) : (text ?? undefined)
  return undefined
}

function nestedText(cell: Cell): string {
  return JSON.stringify(cell, (_key, value: unknown) => {
    if (value instanceof Map) return Object.fromEntries(value)
    if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
    return typeof value === 'bigint' ? String(value) : value
  })
}
