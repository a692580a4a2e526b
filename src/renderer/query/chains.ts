import { type Token, unquote } from './lexer.ts'

/** A dotted name in a statement: `study.visits`, `"a b".c.d`. */
export interface Chain {
  /** Its names from the left, without quotes. */
  readonly parts: readonly string[]
  /** Of each name in the text, half-open. */
  readonly places: readonly (readonly [start: number, end: number])[]
  readonly start: number
  readonly end: number
  /** The token in front of it in upper case; empty at the start. */
  readonly before: string
  /** Number of the token behind it. */
  readonly next: number
  /** True where a table's name stands: behind FROM or JOIN, in a list of tables, behind DESCRIBE and its like. */
  readonly table: boolean
}

const BEFORE_TABLE = /^(JOIN|TABLE|DESC|DESCRIBE|SUMMARIZE|SHOW|PIVOT|UNPIVOT)$/
const CLAUSE = /^(SELECT|WHERE|GROUP|ORDER|HAVING|LIMIT|OFFSET|QUALIFY|WINDOW|VALUES|SET)$/

/** The names of a statement, single ones included, each as long as its dots go. */
export function chains(tokens: readonly Token[]): Chain[] {
  const found: Chain[] = []
  // Of each open bracket: true within a list of tables, false elsewhere, null in the arguments of a function.
  const lists: (boolean | null)[] = [false]
  let from = -2
  const isName = (at: number): boolean => tokens[at]?.kind === 'word' || tokens[at]?.kind === 'quoted'
  for (let at = 0; at < tokens.length; at++) {
    const first = tokens[at] as Token
    const text = first.text.toUpperCase()
    const before = tokens[at - 1]?.text.toUpperCase() ?? ''
    const list = lists.at(-1) ?? null
    if (text === '(') lists.push(list === true && /^(FROM|JOIN|,|\()$/.test(before) ? true : null)
    else if (text === ')' && lists.length > 1) lists.pop()
    else if (first.kind === 'word' && CLAUSE.test(text)) lists[lists.length - 1] = false
    // Neither EXTRACT(day FROM x) nor IS DISTINCT FROM x names a table.
    else if (text === 'FROM' && before !== 'DISTINCT' && (list !== null || before === '(')) {
      lists[lists.length - 1] = true
      from = at
    }
    if (!isName(at) || (first.kind === 'word' && (CLAUSE.test(text) || text === 'FROM'))) continue
    const behind = BEFORE_TABLE.test(before) || from === at - 1
    const names = [first]
    while (tokens[at + 1]?.text === '.' && isName(at + 2)) {
      at += 2
      names.push(tokens[at] as Token)
    }
    found.push({
      parts: names.map(nameOf),
      places: names.map(({ start, end }) => [start, end] as const),
      start: first.start,
      end: (names.at(-1) as Token).end,
      before,
      next: at + 1,
      table: behind || (list === true && /^[,(]$/.test(before)),
    })
  }
  return found
}

/** True for equal names as DuckDB compares them: without regard to case. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** True where `parts` are the levels, each by itself or several with dots between them in one quoted name. */
export function namesLevels(parts: readonly string[], levels: readonly string[]): boolean {
  return parts.length > 0 && sameName(parts.join('.'), levels.join('.'))
}

function nameOf(token: Token): string {
  return token.kind === 'quoted' ? unquote(token) : token.text
}
