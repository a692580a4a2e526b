/** SQL as tokens, by DuckDB's rules for quotes and comments. Positions are UTF-16 offsets, half-open. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'parameter'
  readonly start: number
  readonly end: number
  readonly text: string
}

export interface Statement {
  readonly start: number
  readonly end: number
  /** Without the closing semicolon, from its first token to its last. */
  readonly text: string
  readonly tokens: readonly Token[]
}

const WORD_START = /[A-Za-z_\u0080-\uffff]/
const WORD = /[A-Za-z0-9_$\u0080-\uffff]/
const SPACE = /\s/

/** Tokens of `sql`, comments and spaces left out. What is not closed runs to the end. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const push = (kind: Token['kind'], start: number): void => {
    tokens.push({ kind, start, end: at, text: sql.slice(start, at) })
  }
  while (at < sql.length) {
    const start = at
    const char = sql[at] as string
    const next = sql[at + 1]
    if (SPACE.test(char)) at++
    else if (char === '-' && next === '-') at = lineEnd(sql, at)
    else if (char === '/' && next === '*') at = commentEnd(sql, at)
    else if (char === "'" || char === '"') {
      at = quoteEnd(sql, at, char, false)
      push(char === "'" ? 'string' : 'quoted', start)
    } else if ((char === 'e' || char === 'E') && next === "'") {
      at = quoteEnd(sql, at + 1, "'", true)
      push('string', start)
    } else if ((char === 'x' || char === 'X' || char === 'b' || char === 'B') && next === "'") {
      at = quoteEnd(sql, at + 1, "'", false)
      push('string', start)
    } else if (char === '$') {
      at = dollar(sql, at)
      push(sql[at - 1] === '$' ? 'string' : 'parameter', start)
    } else if (char === '?') {
      at++
      push('parameter', start)
    } else if (/[0-9]/.test(char) || (char === '.' && next !== undefined && /[0-9]/.test(next))) {
      at += (
        /^(0[xX][0-9a-fA-F_]+|[0-9_]*\.?[0-9_]*([eE][+-]?[0-9]+)?)/.exec(sql.slice(at)) as RegExpExecArray
      )[0].length
      push('number', start)
    } else if (WORD_START.test(char)) {
      while (at < sql.length && WORD.test(sql[at] as string)) at++
      push('word', start)
    } else {
      at++
      push('symbol', start)
    }
  }
  return tokens
}

function lineEnd(sql: string, at: number): number {
  const end = sql.indexOf('\n', at)
  return end < 0 ? sql.length : end
}

function commentEnd(sql: string, at: number): number {
  let depth = 0
  for (let i = at; i < sql.length; i++) {
    if (sql.startsWith('/*', i)) {
      depth++
      i++
    } else if (sql.startsWith('*/', i)) {
      i++
      if (--depth === 0) return i + 1
    }
  }
  return sql.length
}

function quoteEnd(sql: string, at: number, quote: string, escapes: boolean): number {
  for (let i = at + 1; i < sql.length; i++) {
    if (escapes && sql[i] === '\\') i++
    else if (sql[i] === quote) {
      if (sql[i + 1] === quote) i++
      else return i + 1
    }
  }
  return sql.length
}

/** `$1`, `$name`, or `$tag$ text $tag$`. */
function dollar(sql: string, at: number): number {
  const tag = /^\$([A-Za-z_][A-Za-z0-9_]*)?\$/.exec(sql.slice(at))
  if (tag) {
    const end = sql.indexOf(tag[0], at + tag[0].length)
    return end < 0 ? sql.length : end + tag[0].length
  }
  return at + (/^\$[A-Za-z0-9_]*/.exec(sql.slice(at)) as RegExpExecArray)[0].length
}

/** The statements of a text, split at semicolons outside of quotes and comments; empty ones left out. */
export function statements(sql: string): Statement[] {
  const found: Statement[] = []
  let tokens: Token[] = []
  const close = (): void => {
    const first = tokens[0]
    const last = tokens[tokens.length - 1]
    if (first && last) {
      found.push({ start: first.start, end: last.end, text: sql.slice(first.start, last.end), tokens })
    }
    tokens = []
  }
  for (const token of tokenize(sql)) {
    if (token.kind === 'symbol' && token.text === ';') close()
    else tokens.push(token)
  }
  close()
  return found
}

/** The statement the cursor stands in, else the one before it, else the first. */
export function statementAt(sql: string, cursor: number): Statement | null {
  let chosen: Statement | null = null
  for (const statement of statements(sql)) {
    if (chosen === null || statement.start <= cursor) chosen = statement
    if (cursor <= statement.end) break
  }
  return chosen
}

/** A name as SQL, always quoted. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as an SQL literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** The text of a quoted name or string token without its quotes. */
export function unquote(token: Token): string {
  const quote = token.text[0] as string
  return token.text.slice(1, -1).replaceAll(quote + quote, quote)
}

export type ParameterValue = string | number | bigint | boolean | null

/** Names of the parameters of a statement in order of appearance: `1`, `2` for `?`, else what follows `$`. */
export function parameterNames(tokens: readonly Token[]): string[] {
  let position = 0
  const names = tokens
    .filter((token) => token.kind === 'parameter')
    .map((token) => (token.text === '?' ? String(++position) : token.text.slice(1)))
  return [...new Set(names)]
}

/**
 * The statement with every parameter written as a literal, so that its value takes part in push-down. Throws a
 * `TypeError` naming a parameter that has no value.
 */
export function bindParameters(
  statement: Statement,
  values: Readonly<Record<string, ParameterValue>>,
): string {
  let text = ''
  let at = statement.start
  let position = 0
  for (const token of statement.tokens) {
    if (token.kind !== 'parameter') continue
    const name = token.text === '?' ? String(++position) : token.text.slice(1)
    if (!Object.hasOwn(values, name)) throw new TypeError(`parameter ${token.text} has no value`)
    text +=
      statement.text.slice(at - statement.start, token.start - statement.start) +
      literal(values[name] as ParameterValue)
    at = token.end
  }
  return text + statement.text.slice(at - statement.start)
}

function literal(value: ParameterValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return quoteText(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return `'${String(value)}'::DOUBLE`
  return typeof value === 'boolean' ? (value ? 'TRUE' : 'FALSE') : `(${String(value)})`
}
