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
    } else if (char === ':' && namesParameter(sql, at, tokens)) {
      at++
      while (at < sql.length && WORD.test(sql[at] as string)) at++
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

/**
 * True where `:name` at `at` is a parameter and not the colon of a cast, a slice, a struct's key, an alias in front of
 * its value, or `:=`.
 */
function namesParameter(sql: string, at: number, before: readonly Token[]): boolean {
  if (!WORD_START.test(sql[at + 1] ?? '')) return false
  const last = before.at(-1)
  if (last === undefined) return true
  const ends = last.kind !== 'symbol' || /[)\]}]/.test(last.text)
  if (last.end === at && (ends || last.text === ':')) return false
  const open = openBracket(before)
  if (open === '[' && last.text === '[') return false
  return !(ends && (open === '[' || open === '{'))
}

/** The innermost bracket that is open after `tokens`. */
function openBracket(tokens: readonly Token[]): string | undefined {
  const open: string[] = []
  for (const { kind, text } of tokens) {
    if (kind !== 'symbol') continue
    if (/^[([{]$/.test(text)) open.push(text)
    else if (/^[)\]}]$/.test(text)) open.pop()
  }
  return open.at(-1)
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
