import { createHash } from 'node:crypto'
import type { ErrorType } from '../../shared/health.ts'

/** Why a payload or one of its samples is not taken. */
export interface Rejection {
  readonly type: ErrorType
  /** JSON path, from `$`. */
  readonly path: string
  /** What was found: JSON of the value, `missing`, or a description. */
  readonly found: string
  readonly rule: string
}

/** A row of the dead-letter table but for its timestamp; field names follow the columns. */
export interface ErrorRow {
  readonly errorId: string
  readonly errorType: ErrorType
  readonly errorMessage: string
  readonly rawPayload: string | null
  readonly userId: string | null
  readonly deviceId: string | null
  readonly sampleId: string | null
  readonly dataType: string | null
}

/** Longest `error_message`, characters. */
const MESSAGE_LENGTH = 2000
/** Longest value inside it, characters. */
const VALUE_LENGTH = 200
const PATH_LENGTH = 1000

/** Lower-case hex SHA-256 of `topic:partition:offset:index`; `index` is -1 for the payload as a whole. */
export function errorId(topic: string, partition: number, offset: bigint, index: number): string {
  return createHash('sha256').update(`${topic}:${partition}:${offset}:${index}`).digest('hex')
}

export function errorMessage(rejection: Rejection): string {
  const { path, found, rule } = rejection
  return clip(`${clip(path, PATH_LENGTH)}: ${clip(found, VALUE_LENGTH)}: ${rule}`, MESSAGE_LENGTH)
}

/** At most `length` UTF-16 units of `text`, never half a surrogate pair, and always with a UTF-8 form. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text.toWellFormed()
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length).toWellFormed()
}

/**
 * `value` as JSON, as far as an error message shows it. Stops once that is reached, so that neither size nor depth
 * matters. Numbers that JSON lacks are spelt out.
 */
export function show(value: unknown): string {
  const parts: string[] = []
  let length = 0
  const add = (text: string): boolean => {
    parts.push(text)
    length += text.length
    return length <= VALUE_LENGTH
  }
  const walk = (item: unknown): boolean => {
    if (item === undefined) return add('missing')
    if (typeof item === 'string') return add(JSON.stringify(item.slice(0, VALUE_LENGTH + 1)))
    if (typeof item === 'number') return add(Object.is(item, -0) ? '-0' : String(item))
    if (typeof item !== 'object' || item === null) return add(String(item))
    if (Array.isArray(item)) {
      if (!add('[')) return false
      for (let index = 0; index < item.length; index++) {
        if (index > 0 && !add(',')) return false
        if (!walk(item[index])) return false
      }
      return add(']')
    }
    if (!add('{')) return false
    let first = true
    for (const key in item) {
      if (!first && !add(',')) return false
      first = false
      if (!walk(key) || !add(':') || !walk((item as Record<string, unknown>)[key])) return false
    }
    return add('}')
  }
  walk(value)
  return parts.join('')
}

/** Text for `raw_payload`: as it is where the column can tell it from base64 later, else `base64:` and the bytes. */
export function rawText(text: string): string {
  if (text.startsWith('base64:') || text.charCodeAt(0) === 0) return rawBytes(Buffer.from(text))
  return text
}

export function rawBytes(bytes: Uint8Array): string {
  return `base64:${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`
}

/** `value` where it is a string that has a UTF-8 form, else null: an id for an error row. */
export function readable(value: unknown): string | null {
  return typeof value === 'string' && value.isWellFormed() ? value : null
}
