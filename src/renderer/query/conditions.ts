import type { Token } from './lexer.ts'

/** One condition of a statement: a part of a clause that is joined to the rest of it by AND. */
export interface Condition {
  readonly clause: Clause
  /** Half-open range in the text, in UTF-16 units. */
  readonly start: number
  readonly end: number
  readonly tokens: readonly Token[]
  /** Of an ON: what kind of join it belongs to. */
  readonly join: 'inner' | 'left' | 'right' | 'full' | null
}

export type Clause = 'WHERE' | 'ON' | 'HAVING' | 'QUALIFY' | 'FILTER'

/** Words that end every clause of conditions, and those that end an ON as well. */
const ENDS = new Set(
  'SELECT FROM WHERE GROUP HAVING WINDOW QUALIFY ORDER LIMIT OFFSET UNION INTERSECT EXCEPT RETURNING FETCH'.split(
    ' ',
  ),
)
const JOINS = new Set('JOIN LEFT RIGHT INNER FULL CROSS ASOF SEMI ANTI POSITIONAL NATURAL LATERAL'.split(' '))

/** Every condition of a statement, subqueries' own among them, in the order of the text. */
export function conditions(tokens: readonly Token[]): Condition[] {
  const found: Condition[] = []
  tokens.forEach((_, at) => {
    const clause = clauseAt(tokens, at)
    if (clause === null) return
    const end = clauseEnd(tokens, at + 1, clause)
    const join = clause === 'ON' ? joinBefore(tokens, at) : null
    for (const part of conjuncts(tokens.slice(at + 1, end))) {
      const [first, last] = [part[0], part.at(-1)]
      if (first && last) found.push({ clause, join, start: first.start, end: last.end, tokens: part })
    }
  })
  return found.sort((a, b) => a.start - b.start)
}

function word(token: Token | undefined): string {
  return token?.kind === 'word' ? token.text.toUpperCase() : ''
}

function clauseAt(tokens: readonly Token[], at: number): Clause | null {
  const name = word(tokens[at])
  const before = tokens[at - 1]
  if (before?.text === '.' || tokens[at + 1]?.text === '.') return null
  switch (name) {
    case 'WHERE':
      return word(tokens[at - 2]) === 'FILTER' && before?.text === '(' ? 'FILTER' : 'WHERE'
    case 'HAVING':
    case 'QUALIFY':
      return name
    case 'ON':
      return word(before) === 'DISTINCT' || tokens.some((token) => /^PIVOT/.test(word(token))) ? null : 'ON'
    default:
      return null
  }
}

function clauseEnd(tokens: readonly Token[], from: number, clause: Clause): number {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at] as Token
    if (token.kind === 'symbol' && /^[([{]$/.test(token.text)) depth++
    else if (token.kind === 'symbol' && /^[)\]}]$/.test(token.text)) {
      if (depth-- === 0) return at
    } else if (depth === 0) {
      const name = word(token)
      // `left(x, 1)` is a function.
      const called = tokens[at + 1]?.text === '('
      if (ENDS.has(name) && !(name === 'FROM' && word(tokens[at - 1]) === 'DISTINCT')) return at
      if (clause === 'ON' && (token.text === ',' || (JOINS.has(name) && !called))) return at
    }
  }
  return tokens.length
}

function joinBefore(tokens: readonly Token[], on: number): Condition['join'] {
  for (let at = on - 1; at >= 0; at--) {
    if (word(tokens[at]) !== 'JOIN') continue
    const words = [word(tokens[at - 1]), word(tokens[at - 2])]
    if (words.includes('FULL')) return 'full'
    if (words.includes('LEFT') || words.includes('ANTI')) return 'left'
    return words.includes('RIGHT') ? 'right' : 'inner'
  }
  return 'inner'
}

/** The parts that AND joins, brackets around several of them taken off. */
function conjuncts(tokens: readonly Token[]): Token[][] {
  const inner = unbracketed(tokens)
  const parts = splitAt(inner, 'AND')
  if (parts.length > 1) return parts.flatMap(conjuncts)
  return inner.length > 0
    ? [inner.length < tokens.length && splitAt(inner, 'OR').length > 1 ? [...tokens] : inner]
    : []
}

/** Without brackets that hold all of it, unless they hold a subquery. */
export function unbracketed(tokens: readonly Token[]): Token[] {
  let part = [...tokens]
  while (part[0]?.text === '(' && closes(part) && !/^(SELECT|WITH|FROM|VALUES)$/.test(word(part[1]))) {
    part = part.slice(1, -1)
  }
  return part
}

/** True where the first bracket is closed by the last token. */
function closes(tokens: readonly Token[]): boolean {
  let depth = 0
  return tokens.every((token, at) => {
    if (token.kind === 'symbol' && token.text === '(') depth++
    if (token.kind === 'symbol' && token.text === ')') depth--
    return depth > 0 || at === tokens.length - 1
  })
}

/** Parts between the word at the outermost level, BETWEEN's own AND and what stands in CASE left alone. */
export function splitAt(tokens: readonly Token[], by: 'AND' | 'OR'): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  let between = 0
  let cases = 0
  for (const token of tokens) {
    const name = word(token)
    if (token.kind === 'symbol' && /^[([{]$/.test(token.text)) depth++
    else if (token.kind === 'symbol' && /^[)\]}]$/.test(token.text)) depth--
    if (name === 'CASE') cases++
    if (name === 'END' && cases > 0) cases--
    if (depth === 0 && cases === 0) {
      if (name === 'BETWEEN') between++
      else if (name === 'AND' && between > 0) {
        between--
        parts.at(-1)?.push(token)
        continue
      }
      if (name === by) {
        parts.push([])
        continue
      }
    }
    parts.at(-1)?.push(token)
  }
  return parts
}
