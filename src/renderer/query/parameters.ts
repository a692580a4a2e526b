import type { Edit } from './edited.ts'
import { EngineError } from './errors.ts'
import { quoteText, type Token } from './lexer.ts'

/** What a person may give as the value of a parameter. */
export type ParameterType = 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'timestamp' | 'null'

/** A value by its JavaScript type, or a day or instant (UTC) by its text. */
export type ParameterValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | { readonly type: 'date' | 'timestamp'; readonly text: string }

const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const INSTANT =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?Z?)?$/

/** What was typed as a value of `type`; a `TypeError` says what is expected. */
export function readParameter(type: ParameterType, text: string): ParameterValue {
  const trimmed = text.trim()
  switch (type) {
    case 'null':
      return null
    case 'text':
      return text
    case 'integer':
      if (/^[+-]?\d{1,38}$/.test(trimmed)) return BigInt(trimmed.replace(/^\+/, ''))
      throw new TypeError('expected a whole number such as 42')
    case 'number': {
      const value = Number(trimmed)
      if (trimmed !== '' && (Number.isFinite(value) || /^[+-]?Infinity$|^NaN$/.test(trimmed))) return value
      throw new TypeError('expected a number such as 1.5')
    }
    case 'boolean':
      if (/^(true|false)$/i.test(trimmed)) return trimmed.toLowerCase() === 'true'
      throw new TypeError('expected true or false')
    case 'date':
      if (DAY.test(trimmed)) return { type, text: trimmed }
      throw new TypeError('expected a day such as 2025-05-12')
    case 'timestamp':
      if (INSTANT.test(trimmed)) return { type, text: trimmed.replace('T', ' ').replace('Z', '') }
      throw new TypeError('expected an instant in UTC such as 2025-05-12 10:00:00')
  }
}

/** A parameter of a statement and every place where it stands. */
export interface Parameter {
  /** `1`, `2` for `?`, else what follows `$` or `:`. */
  readonly name: string
  readonly ranges: readonly (readonly [start: number, end: number])[]
}

/** The parameters of a statement in order of appearance. */
export function parameters(tokens: readonly Token[]): Parameter[] {
  const found = new Map<string, [number, number][]>()
  for (const { name, token } of named(tokens)) {
    found.set(name, [...(found.get(name) ?? []), [token.start, token.end]])
  }
  return [...found].map(([name, ranges]) => ({ name, ranges }))
}

/** Parameter tokens with their names. */
export function named(tokens: readonly Token[]): { readonly name: string; readonly token: Token }[] {
  let position = 0
  return tokens
    .filter((token) => token.kind === 'parameter')
    .map((token) => ({ name: token.text === '?' ? String(++position) : token.text.slice(1), token }))
}

/**
 * Every parameter as one literal of its value's type, so that its value takes part in push-down; a value never becomes
 * more than a literal. An `EngineError` names a parameter that has no value.
 */
export function bindParameters(
  tokens: readonly Token[],
  values: Readonly<Record<string, ParameterValue>>,
  except: (token: Token) => boolean = () => false,
): Edit[] {
  return named(tokens)
    .filter(({ token }) => !except(token))
    .map(({ name, token }) => ({
      start: token.start,
      end: token.end,
      text: literalOf(valueFor(name, token, values)),
    }))
}

/** The value of one parameter; an `EngineError` at its place where it has none. */
export function valueFor(
  name: string,
  token: Token,
  values: Readonly<Record<string, ParameterValue>>,
): ParameterValue {
  if (Object.hasOwn(values, name)) return values[name] as ParameterValue
  throw new EngineError('Parameter', `The parameter ${token.text} has no value`, [token.start, token.end], [])
}

function literalOf(value: ParameterValue): string {
  if (value === null) return 'NULL'
  switch (typeof value) {
    case 'string':
      return textLiteral(value)
    case 'boolean':
      return value ? 'TRUE' : 'FALSE'
    case 'bigint':
    case 'number':
      if (Object.is(value, -0) || (typeof value === 'number' && !Number.isFinite(value))) {
        return `('${Object.is(value, -0) ? '-0' : value}'::DOUBLE)`
      }
      return value < 0 ? `(${value})` : String(value)
    case 'object':
      return `(${value.type === 'date' ? 'DATE' : 'TIMESTAMP'} ${quoteText(value.text)})`
  }
}

/** DuckDB's reader of statements ends at a NUL character, wherever it stands. */
function textLiteral(value: string): string {
  const parts = value.split('\0').map(quoteText)
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(' || chr(0) || ')})`
}
