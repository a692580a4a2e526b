import type { SnapshotAsk } from '../../shared/query.ts'
import { EngineError } from './errors.ts'
import type { Token } from './lexer.ts'
import { dateDays, timestampMicros } from './literal.ts'
import { named, type ParameterValue, valueFor } from './parameters.ts'

/** A table of a statement with the state it is to be read at: `health_data_raw FOR VERSION AS OF 123`. */
export interface TimeTravel {
  /** From the table's name to the end of the clause. */
  readonly start: number
  readonly end: number
  /** The table's name with what stands before it, as tokens: `schema`, `name`. */
  readonly name: readonly Token[]
  readonly ask: SnapshotAsk
  /** Where the version or instant stands. */
  readonly value: readonly [start: number, end: number]
}

const VERSION = new Set(['VERSION', 'SYSTEM_VERSION'])
const TIME = new Set(['TIMESTAMP', 'SYSTEM_TIME'])

/**
 * The tables with a state in a statement: `[FOR] VERSION | SYSTEM_VERSION AS OF` a snapshot id or the name of a branch
 * or tag, `[FOR] TIMESTAMP | SYSTEM_TIME AS OF` an instant, UTC where it names no zone. Values may be parameters. An
 * `EngineError` where a value is of another kind.
 */
export function timeTravels(
  tokens: readonly Token[],
  values: Readonly<Record<string, ParameterValue>>,
): TimeTravel[] {
  const found: TimeTravel[] = []
  const word = (at: number): string =>
    tokens[at]?.kind === 'word' ? (tokens[at] as Token).text.toUpperCase() : ''
  for (let at = 0; at < tokens.length; at++) {
    const kind = word(at)
    if (!VERSION.has(kind) && !TIME.has(kind)) continue
    if (word(at + 1) !== 'AS' || word(at + 2) !== 'OF') continue
    const name = nameBefore(tokens, word(at - 1) === 'FOR' ? at - 1 : at)
    const first = name[0]
    if (first === undefined || !isTable(tokens, first, name.length)) continue
    // `TIMESTAMP AS OF TIMESTAMP '...'`: the type's name adds nothing.
    const typed = TIME.has(kind) && /^(TIMESTAMP|TIMESTAMPTZ|DATE)$/.test(word(at + 3))
    const value = tokens[at + (typed ? 4 : 3)]
    const clause = tokens.slice(at, at + 3)
    if (value === undefined) throw wrong(kind, clause[0] as Token, clause[2] as Token)
    const ask = VERSION.has(kind) ? version(value, tokens, values) : instant(value, tokens, values)
    if (ask === null) throw wrong(kind, value, value)
    found.push({ start: first.start, end: value.end, name, ask, value: [value.start, value.end] })
    at += typed ? 4 : 3
  }
  return found
}

/** Words that tables follow. */
const BEFORE_TABLES = new Set(['FROM', 'JOIN', 'TABLE', 'DESCRIBE', 'SUMMARIZE', 'SHOW', 'PIVOT', 'UNPIVOT'])
/** Words that columns follow where a table may stand: `(SELECT version AS of FROM t)`. */
const BEFORE_COLUMNS = new Set(['SELECT', 'DISTINCT', 'ALL', 'NOT'])

/** Whether a name stands where a table does, and not a column of the name `version` with the alias `of`. */
function isTable(tokens: readonly Token[], first: Token, parts: number): boolean {
  if (parts === 1 && first.kind === 'word' && BEFORE_COLUMNS.has(first.text.toUpperCase())) return false
  const before = tokens[tokens.indexOf(first) - 1]
  if (before === undefined) return false
  return before.text === ',' || before.text === '(' || BEFORE_TABLES.has(before.text.toUpperCase())
}

/** The tokens of a dotted name that ends in front of `end`. */
function nameBefore(tokens: readonly Token[], end: number): Token[] {
  const name: Token[] = []
  let at = end - 1
  for (;;) {
    const token = tokens[at]
    if (token?.kind !== 'word' && token?.kind !== 'quoted') return name
    name.unshift(token)
    if (tokens[at - 1]?.text !== '.') return name
    at -= 2
  }
}

function given(
  token: Token,
  tokens: readonly Token[],
  values: Readonly<Record<string, ParameterValue>>,
): ParameterValue | undefined {
  if (token.kind === 'string') return token.text.slice(1, -1).replaceAll("''", "'")
  if (token.kind === 'number') return /^\d+$/.test(token.text) ? BigInt(token.text) : undefined
  if (token.kind !== 'parameter') return undefined
  const name = named(tokens).find((one) => one.token === token)?.name ?? ''
  return valueFor(name, token, values)
}

function version(
  token: Token,
  tokens: readonly Token[],
  values: Readonly<Record<string, ParameterValue>>,
): SnapshotAsk | null {
  const value = given(token, tokens, values)
  const text = typeof value === 'bigint' || typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text === '') return null
  if (!/^\d{1,19}$/.test(text)) return typeof value === 'string' ? { ref: text } : null
  return BigInt.asIntN(64, BigInt(text)) === BigInt(text) ? { snapshot: text } : null
}

function instant(
  token: Token,
  tokens: readonly Token[],
  values: Readonly<Record<string, ParameterValue>>,
): SnapshotAsk | null {
  const value = given(token, tokens, values)
  const text = typeof value === 'object' && value !== null ? value.text : value
  const at = typeof text === 'string' ? instantMs(text) : null
  return at === null ? null : { at }
}

/** `2025-05-12[ T]10:00[:00[.000000]][Z | +01:00]` or a day's beginning as ms since the epoch; UTC without a zone. */
export function instantMs(text: string): number | null {
  const parts =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i.exec(
      text.trim(),
    )
  if (parts === null) return null
  const [, day, clock = '00:00', seconds = ':00', zone = 'Z'] = parts as unknown as [
    string,
    string,
    string?,
    string?,
    string?,
  ]
  const micros = timestampMicros(`${day} ${clock}${seconds.slice(0, 10)}`)
  // What no calendar has, such as the 30th of February, reads back as another day.
  const days = dateDays(day)
  if (micros === null || days === null || new Date(days * 86_400_000).toISOString().slice(0, 10) !== day)
    return null
  const [hours, minutes] = [Number(clock.slice(0, 2)), Number(clock.slice(3))]
  if (hours > 23 || minutes > 59 || Number(seconds.slice(1)) >= 60) return null
  const offset = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)
  const east =
    offset === null ? 0 : (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3] ?? 0))
  const ms = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n)
  return Number(ms) - east * 60_000
}

function wrong(kind: string, from: Token, to: Token): EngineError {
  const takes = VERSION.has(kind)
    ? "takes a snapshot id or the name of a branch or tag, such as 8271638172635 or 'main'"
    : "takes an instant, such as '2025-05-12 10:00:00'"
  return new EngineError('Parser', `${kind} AS OF ${takes}`, [from.start, to.end], [])
}
