/**
 * JSON that keeps 64-bit integers. Snapshot ids have 63 bits, so plain `JSON.parse` rounds them and every later
 * comparison fails. Integers that a number cannot hold exactly become `bigint`; all other values are as usual.
 * Keys such as `__proto__` stay plain own properties.
 */
import { LakeError } from '../../shared/errors.ts'

/** Text longer than this is refused: 512 Mi characters are the longest string of the engine, metadata is far below. */
const MAX_LENGTH = 256 * 1024 * 1024
const MAX_DEPTH = 200
/** An integer with more digits is kept as a (rounded) number: building a bigint is quadratic in the digits. */
const MAX_INTEGER_DIGITS = 100

export interface JsonLimits {
  /** Nesting of objects and arrays, default 200. */
  readonly maxDepth?: number
  /** Characters of the text, default 256 Mi. */
  readonly maxLength?: number
}

// Standard since ES2026; the compiler's library does not declare them yet.
type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON

const INTEGER = /^-?\d+$/

/**
 * Parses `text`. Integers outside ±(2^53 - 1) become bigint.
 * @throws LakeError INVALID for text that is not JSON, too deep or too long.
 */
export function parseJson(text: string, limits: JsonLimits = {}): unknown {
  const maxLength = limits.maxLength ?? MAX_LENGTH
  if (text.length > maxLength) {
    throw new LakeError('INVALID', `JSON of ${text.length} characters is over the limit of ${maxLength}`)
  }
  const longIntegers = scan(text, limits.maxDepth ?? MAX_DEPTH)
  try {
    return longIntegers ? parseWithSource(text, keepInteger) : JSON.parse(text)
  } catch (cause) {
    throw new LakeError('INVALID', `not JSON: ${(cause as Error).message}`, { cause })
  }
}

/** Serialises `value`; a bigint becomes a bare integer. `undefined` members are left out, as usual. */
export function stringifyJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? rawJson(String(v)) : v), indent)
}

function keepInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  if (source === undefined || source.length > MAX_INTEGER_DIGITS || !INTEGER.test(source)) return value
  return BigInt(source)
}

/**
 * One pass over the text before it is parsed: refuses nesting that would exhaust the stack, and tells whether any
 * number has 16 digits or more, so that text without one is parsed at full speed.
 */
function scan(text: string, maxDepth: number): boolean {
  let depth = 0
  let digits = 0
  let long = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c >= 0x30 && c <= 0x39) {
      if (++digits >= 16) long = true
      continue
    }
    digits = 0
    if (c === 0x22) {
      i = endOfString(text, i)
    } else if (c === 0x5b || c === 0x7b) {
      if (++depth > maxDepth) throw new LakeError('INVALID', `JSON nested deeper than ${maxDepth} levels`)
    } else if (c === 0x5d || c === 0x7d) {
      depth--
    }
  }
  return long
}

/** Index of the quote that closes the string opened at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  let end = start
  for (;;) {
    end = text.indexOf('"', end + 1)
    if (end < 0) return text.length
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++
    if (backslashes % 2 === 0) return end
  }
}
