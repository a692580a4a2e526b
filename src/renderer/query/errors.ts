/** What the engine said about a statement, with the place where it said so. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  /** `Binder`, `Parser`, `Catalog`, `Conversion`, `Out of Memory`... as DuckDB names it. */
  readonly type: string
  /** Half-open range in the statement, in UTF-16 units; null where the engine gave none. */
  readonly range: readonly [start: number, end: number] | null
  /** Names that the engine thinks were meant. */
  readonly candidates: readonly string[]

  constructor(
    type: string,
    message: string,
    range: readonly [number, number] | null,
    candidates: readonly string[],
  ) {
    super(message)
    this.type = type
    this.range = range
    this.candidates = candidates
  }
}

/** The statement was stopped on request. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
  constructor() {
    super('the query was cancelled')
  }
}

/**
 * DuckDB's error for `prefix + statement` as an error of the statement. DuckDB counts positions in UTF-8 bytes from the
 * start of what it was given.
 */
export function engineError(error: unknown, prefix: string, statement: string): unknown {
  const text = error instanceof Error ? error.message : String(error)
  const json = /^(?:[A-Za-z ]+ Error: )?(\{"exception_type".*\})\s*$/s.exec(text)?.[1]
  if (json === undefined) return error
  const fields = JSON.parse(json) as Record<string, string>
  const message = (fields.exception_message ?? text).trim()
  const position = fields.position === undefined ? null : Number(fields.position)
  const range = position === null ? null : rangeAt(prefix, statement, position, fields.name)
  // For a function of the wrong types the engine lists signatures: nothing to write in place of a name.
  const candidates = (fields.candidates ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name))
  return new EngineError(fields.exception_type ?? 'Engine', message, range, candidates)
}

function rangeAt(
  prefix: string,
  statement: string,
  position: number,
  name: string | undefined,
): readonly [number, number] {
  const bytes = new TextEncoder().encode(prefix + statement)
  const start = Math.max(0, new TextDecoder().decode(bytes.subarray(0, position)).length - prefix.length)
  const named =
    name !== undefined && statement.slice(start, start + name.length).toLowerCase() === name.toLowerCase()
  const word = /^("(?:[^"]|"")*"|[\p{L}\p{N}_]+|\S)/u.exec(statement.slice(start))?.[0]
  const length = named ? name.length : (word?.length ?? 0)
  return start >= statement.length
    ? [Math.max(0, statement.length - 1), statement.length]
    : [start, start + length]
}
