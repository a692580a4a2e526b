import { decimalOf } from './schema.ts'
import { civil, floorDivide, parseTransform, transformResultType } from './transform.ts'
import type { PrimitiveType, Value } from './types.ts'
import type { Present } from './values.ts'

/** A partition value as text, spelled as Iceberg's Java library spells it in paths; `null` for null. */
export function humanValue(transform: string, source: PrimitiveType, value: Value): string {
  if (value === null) return 'null'
  switch (parseTransform(transform).name) {
    case 'year':
      return pad(1970 + Number(value), 4)
    case 'month': {
      const year = Math.floor(Number(value) / 12)
      return `${pad(1970 + year, 4)}-${pad(Number(value) - year * 12 + 1, 2)}`
    }
    case 'hour': {
      const day = Math.floor(Number(value) / 24)
      return `${isoDay(day)}-${pad(Number(value) - day * 24, 2)}`
    }
    default:
      return humanPrimitive(transformResultType(transform, source), value)
  }
}

function humanPrimitive(type: PrimitiveType, value: Present): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  switch (type) {
    case 'date':
      return isoDay(Number(value))
    case 'time':
      return clockTime(BigInt(value as bigint) * 1000n, 'short')
    case 'timestamp':
      return isoTimestamp(BigInt(value as bigint) * 1000n)
    case 'timestamptz':
      return `${isoTimestamp(BigInt(value as bigint) * 1000n)}+00:00`
    case 'timestamp_ns':
      return isoTimestamp(BigInt(value as bigint))
    case 'timestamptz_ns':
      return `${isoTimestamp(BigInt(value as bigint))}+00:00`
    case 'float':
    case 'double':
      return javaDouble(Number(value), type)
    default: {
      const decimal = decimalOf(type)
      return decimal && typeof value === 'bigint' ? decimalText(value, decimal.scale) : String(value)
    }
  }
}

/** `YYYY-MM-DD` of a day number since 1970-01-01. */
function isoDay(day: number): string {
  const date = civil(day)
  return `${pad(date.year, 4)}-${pad(date.month + 1, 2)}-${pad(date.day, 2)}`
}

function isoTimestamp(nanos: bigint): string {
  const day = floorDivide(nanos, 86_400_000_000_000n)
  return `${isoDay(Number(day))}T${clockTime(nanos - day * 86_400_000_000_000n, 'full')}`
}

/** `full` always shows seconds and as many digits as needed; `short` drops zero seconds and groups digits by three. */
function clockTime(nanos: bigint, form: 'full' | 'short'): string {
  const second = nanos / 1_000_000_000n
  const fraction = (nanos % 1_000_000_000n).toString().padStart(9, '0')
  const minutes = `${pad(Number(second / 3600n), 2)}:${pad(Number((second / 60n) % 60n), 2)}`
  const seconds = `:${pad(Number(second % 60n), 2)}`
  if (form === 'full') {
    const digits = fraction.replace(/0+$/, '')
    return `${minutes}${seconds}${digits && `.${digits}`}`
  }
  const groups = fraction.replace(/(000)+$/, '')
  if (groups === '' && seconds === ':00') return minutes
  return `${minutes}${seconds}${groups && `.${groups}`}`
}

/** An unscaled integer with its decimal point, never in scientific form. */
export function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const sign = unscaled < 0n ? '-' : ''
  if (scale === 0) return `${sign}${digits}`
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** `Double.toString` and `Float.toString`: always a fraction, scientific below 1e-3 and from 1e7. */
function javaDouble(value: number, type: 'float' | 'double'): string {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const [mantissa = '', exponent = '0'] = shortest(value, type).split('e')
  const sign = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  const power = Number(exponent)
  if (power < -3 || power >= 7) return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${power}`
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`
  const whole = digits.slice(0, power + 1).padEnd(power + 1, '0')
  return `${sign}${whole}.${digits.slice(power + 1) || '0'}`
}

/** The fewest digits that read back as the same number, in the form `1.25e3`. */
function shortest(value: number, type: 'float' | 'double'): string {
  if (type === 'double') return value.toExponential()
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits)
    if (Math.fround(Number(text)) === Math.fround(value)) return text
  }
  return value.toExponential()
}

function pad(value: number, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width, '0')}` : String(value).padStart(width, '0')
}
