import { type Condition, splitAt, unbracketed } from './conditions.ts'
import { type Token, unquote } from './lexer.ts'

/** Why a condition takes no part in leaving out files. */
export type ReasonCode =
  | 'subquery'
  | 'aggregate'
  | 'window'
  | 'filter-clause'
  | 'no-column'
  | 'two-tables'
  | 'or-tables'
  | 'or-part'
  | 'or-columns'
  | 'function'
  | 'cast'
  | 'implicit-cast'
  | 'pattern'
  | 'nested'
  | 'calculation'
  | 'not-in'
  | 'volatile'
  | 'outer-join'
  | 'derived'
  | 'other-scan'
  | 'opaque'
  | 'unknown'

export interface Reason {
  readonly code: ReasonCode
  /** A sentence for the person, with the names of the statement. */
  readonly words: string
}

/** The tables of a statement, for telling which a column belongs to. */
export interface Scope {
  /** Names and aliases, lower case, to the table's own name. */
  readonly aliases: ReadonlyMap<string, string>
  /** Column names, lower case, to the tables that have such a column. */
  readonly columns: ReadonlyMap<string, readonly string[]>
}

const VOLATILE =
  /^(random|now|current_date|current_timestamp|current_time|today|uuid|gen_random_uuid|nextval|setseed)$/i
/** Functions that the planner sees through: see filter.ts. */
const SEEN_THROUGH =
  /^(date_trunc|datetrunc|starts_with|prefix|in|and|or|not|between|like|on|when|then|else)$/i

interface Use {
  readonly table: string
  readonly name: string
  readonly at: number
}

/** The columns of lake tables that tokens name. */
function columnsIn(tokens: readonly Token[], scope: Scope): Use[] {
  const found: Use[] = []
  tokens.forEach((token, at) => {
    if (token.kind !== 'word' && token.kind !== 'quoted') return
    if (tokens[at + 1]?.text === '(' || tokens[at - 1]?.text === ':') return
    const name = nameOf(token)
    const qualified = tokens[at - 1]?.text === '.'
    const table = qualified ? scope.aliases.get(nameOf(tokens[at - 2] as Token).toLowerCase()) : undefined
    const owners = scope.columns.get(name.toLowerCase())
    if (owners === undefined) return
    if (table !== undefined) found.push({ table, name, at })
    else if (!qualified && tokens[at + 1]?.text !== '.') found.push({ table: owners[0] as string, name, at })
  })
  return found
}

function nameOf(token: Token): string {
  return token.kind === 'quoted' ? unquote(token) : token.text
}

/**
 * Reads off a condition's text why it was not pushed down. `printed` is how DuckDB words it at the table, where it got
 * that far.
 */
export function reasonOf(
  condition: Pick<Condition, 'clause' | 'join' | 'tokens'>,
  scope: Scope,
  printed: string,
): Reason {
  const { clause, join, tokens } = condition
  const words = tokens.map((token) => (token.kind === 'word' ? token.text.toUpperCase() : ''))
  if (clause === 'HAVING')
    return { code: 'aggregate', words: 'It is about groups, which exist only after the rows were read.' }
  if (clause === 'QUALIFY')
    return { code: 'window', words: 'It is about window functions, which need the rows first.' }
  if (clause === 'FILTER')
    return { code: 'filter-clause', words: 'It limits one aggregate; the others need all rows.' }
  if (words.includes('SELECT')) {
    return {
      code: 'subquery',
      words: 'It compares with a subquery, whose rows are not known before it has run.',
    }
  }
  const uses = columnsIn(tokens, scope)
  const tables = [...new Set(uses.map((use) => use.table))]
  if (uses.length === 0) return { code: 'no-column', words: 'It names no column of a table of the lake.' }
  const branches = splitAt(unbracketed(tokens), 'OR')
  if (tables.length > 1) {
    return branches.length > 1
      ? {
          code: 'or-tables',
          words: `OR joins conditions on ${tables.join(' and ')}: each table alone may need any row.`,
        }
      : {
          code: 'two-tables',
          words: `It compares columns of ${tables.join(' and ')}, whose values are known only when both were read.`,
        }
  }
  if (branches.length > 1) {
    const reasons = branches.map((branch) => reasonOf({ clause, join, tokens: branch }, scope, ''))
    const blocked = reasons.findIndex((reason) => reason.code !== 'unknown')
    if (blocked >= 0) {
      const part = textOf(branches[blocked] as Token[])
      return {
        code: 'or-part',
        words: `OR needs both sides, and "${part}" cannot be used: ${lowerFirst(reasons[blocked]?.words ?? '')}`,
      }
    }
  }
  const names = [...new Set(uses.map((use) => use.name))]
  if (branches.length > 1 && names.length > 1) {
    const words = `OR joins conditions on ${names.join(' and ')}, and DuckDB hands a table only conditions on one column each.`
    return { code: 'or-columns', words }
  }
  const single = singleReason(tokens, words, uses, printed)
  if (single !== null) return single
  if (join !== null && join !== 'inner') {
    return {
      code: 'outer-join',
      words: `An outer join keeps every row of ${tables[0]}, whether or not it fits the condition.`,
    }
  }
  return {
    code: 'unknown',
    words: printed === '' ? 'DuckDB keeps it above the table.' : `DuckDB checks it row by row as: ${printed}`,
  }
}

function singleReason(
  tokens: readonly Token[],
  words: readonly string[],
  uses: readonly Use[],
  printed: string,
): Reason | null {
  const column = uses[0]?.name ?? ''
  for (const { at, name } of uses) {
    if (tokens[at + 1]?.text === '[' || (tokens[at + 1]?.text === '.' && tokens[at + 2]?.kind !== 'symbol')) {
      return { code: 'nested', words: `It looks inside ${name}; bounds are kept of whole columns only.` }
    }
    const call = callAround(tokens, at)
    if (call === 'cast' || call === 'try_cast' || tokens[at + 1]?.text === ':') {
      return {
        code: 'cast',
        words: `It casts ${name} to another type, and bounds are kept in the column's own.`,
      }
    }
    if (call !== null && !SEEN_THROUGH.test(call)) {
      return {
        code: 'function',
        words: `It calls ${call} on ${name}, and bounds tell nothing of what a function gives.`,
      }
    }
  }
  const volatile = tokens.find((token) => token.kind === 'word' && VOLATILE.test(token.text))
  if (volatile !== undefined) {
    return { code: 'volatile', words: `${volatile.text} has its value only while the statement runs.` }
  }
  if (
    words.some((name) => /^(LIKE|ILIKE|SIMILAR|GLOB|REGEXP)$/.test(name)) ||
    tokens.some((token) => token.text === '~')
  ) {
    return {
      code: 'pattern',
      words: `Only a pattern that begins with fixed text, minding case, can be told from the bounds of ${column}.`,
    }
  }
  if (words.some((name, i) => name === 'IN' && words[i - 1] === 'NOT')) {
    return { code: 'not-in', words: 'NOT IN leaves almost every value, so that no bounds rule a file out.' }
  }
  if (
    tokens.some(
      (token, at) => token.kind === 'symbol' && /^[-+*/%|]$/.test(token.text) && besideColumn(uses, at),
    )
  ) {
    return {
      code: 'calculation',
      words: `It calculates with ${column}; put the calculation on the other side.`,
    }
  }
  if (/\bCAST\(/.test(printed)) {
    return {
      code: 'implicit-cast',
      words: `The value is of another type than ${column}, which is cast for every row.`,
    }
  }
  return null
}

/** The innermost function whose brackets are around a token. */
function callAround(tokens: readonly Token[], at: number): string | null {
  let depth = 0
  for (let i = at - 1; i >= 0; i--) {
    const { text } = tokens[i] as Token
    if (text === ')') depth++
    else if (text === '(' && depth-- === 0) {
      const before = tokens[i - 1]
      if (before?.kind === 'word' && !/^(AND|OR|NOT|IN|BETWEEN|WHEN|THEN|ELSE|LIKE)$/i.test(before.text)) {
        return before.text.toLowerCase()
      }
      depth = 0
    }
  }
  return null
}

function besideColumn(uses: readonly Use[], at: number): boolean {
  return uses.some((use) => Math.abs(use.at - at) <= 2)
}

function textOf(tokens: readonly Token[]): string {
  return tokens
    .map((token, i) => {
      const gap = i > 0 && token.start > (tokens[i - 1] as Token).end
      return `${gap ? ' ' : ''}${token.text}`
    })
    .join('')
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}

/** Words that can follow a table's name and are no alias of it. */
const AFTER =
  /^(WHERE|ON|USING|JOIN|LEFT|RIGHT|INNER|FULL|CROSS|ASOF|SEMI|ANTI|POSITIONAL|NATURAL|GROUP|ORDER|HAVING|LIMIT|UNION|INTERSECT|EXCEPT|QUALIFY|WINDOW|OFFSET|TABLESAMPLE|SELECT|SET|FOR)$/i

/** Aliases of tables in a statement, each lake table's own name among them. */
export function aliasesOf(tokens: readonly Token[], tables: readonly string[]): ReadonlyMap<string, string> {
  const own = new Map(tables.map((name) => [name.toLowerCase(), name]))
  const aliases = new Map(own)
  tokens.forEach((token, at) => {
    if (token.kind !== 'word' && token.kind !== 'quoted') return
    const table = own.get(nameOf(token).toLowerCase())
    if (table === undefined) return
    let next = tokens[at + 1]
    if (next?.kind === 'word' && next.text.toUpperCase() === 'AS') next = tokens[at + 2]
    const named = next?.kind === 'quoted' || (next?.kind === 'word' && !AFTER.test(next.text))
    if (next !== undefined && named) aliases.set(nameOf(next).toLowerCase(), table)
  })
  return aliases
}
