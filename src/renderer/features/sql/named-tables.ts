import { statementAt, type Token, unquote } from '../../query/lexer.ts'
import type { EngineTable } from '../../query/tables.ts'
import { KEYWORDS } from './dialect.ts'

/** A table that a statement names, with the word it goes by there. */
export interface Named {
  readonly table: EngineTable
  readonly alias: string
  /** Of the table's name in the text, half-open, with a snapshot that is named behind it. */
  readonly start: number
  readonly end: number
  /** Where the name alone ends. */
  readonly nameEnd: number
}

/** Lake tables that stand after FROM, JOIN or a comma between them, with their aliases. */
export function tablesIn(tokens: readonly Token[], tables: readonly EngineTable[]): Named[] {
  const found: Named[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'word' && token.kind !== 'quoted') continue
    const name = nameOf(token)
    const table = tables.find((one) => one.table.name.toLowerCase() === name.toLowerCase())
    const before = tokens[at - 1]?.text.toUpperCase()
    if (table === undefined || (before !== undefined && !/^(FROM|JOIN|,|\.)$/.test(before))) continue
    let next = at + 1
    // FOR VERSION AS OF 1 stands between the name and its alias.
    const travels =
      tokens[next]?.text.toUpperCase() === 'FOR' &&
      /^(SYSTEM_)?(VERSION|TIMESTAMP|TIME)$/i.test(tokens[next + 1]?.text ?? '')
    if (travels) next += 5
    if (tokens[next]?.text.toUpperCase() === 'AS') next++
    const alias = tokens[next]
    const isAlias =
      alias !== undefined &&
      (alias.kind === 'quoted' || (alias.kind === 'word' && !KEYWORDS.has(alias.text.toLowerCase())))
    found.push({
      table,
      alias: isAlias ? nameOf(alias) : table.table.name,
      start: token.start,
      end: travels ? (tokens[at + 5]?.end ?? token.end) : token.end,
      nameEnd: token.end,
    })
  }
  return found
}

function nameOf(token: Token): string {
  return token.kind === 'quoted' ? unquote(token) : token.text
}

/** The text literal that the cursor stands in, or before which it is about to begin, with the column compared to. */
export function comparedColumn(
  tokens: readonly Token[],
  cursor: number,
): { readonly column: string; readonly literal: Token | null } | null {
  const inside = tokens.findIndex(
    (token) => token.kind === 'string' && token.start < cursor && cursor <= token.end,
  )
  let at = inside >= 0 ? inside - 1 : tokens.findLastIndex((token) => token.end <= cursor)
  const operator = tokens[at]?.text.toUpperCase()
  if (operator === undefined) return null
  if (operator === '(' || operator === ',') {
    // Back over the texts of a list to its IN.
    while (at >= 0 && tokens[at]?.text !== '(') {
      if (tokens[at]?.kind !== 'string' && tokens[at]?.text !== ',') return null
      at--
    }
    at--
    if (tokens[at]?.text.toUpperCase() !== 'IN') return null
    at--
    if (tokens[at]?.text.toUpperCase() === 'NOT') at--
  } else if (/^(=|<>|!=)$/.test(operator)) {
    at--
    if (/^[<!>]$/.test(tokens[at]?.text ?? '')) at--
  } else if (operator === '>' && tokens[at - 1]?.text === '<') at -= 2
  else if (/^I?LIKE$/.test(operator)) at--
  else return null
  const column = tokens[at]
  if (column === undefined || (column.kind !== 'word' && column.kind !== 'quoted')) return null
  return { column: nameOf(column), literal: inside >= 0 ? (tokens[inside] ?? null) : null }
}

/**
 * The text with a snapshot written behind a table's name in the statement at the cursor, wherever it stands there; one
 * that was named before gives way. Null where the statement does not name the table.
 */
export function withSnapshot(
  text: string,
  cursor: number,
  table: EngineTable,
  snapshot: string,
): string | null {
  const statement = statementAt(text, cursor)
  const places = tablesIn(statement?.tokens ?? [], [table])
  if (places.length === 0) return null
  return places.reduceRight(
    (changed, place) =>
      `${changed.slice(0, place.nameEnd)} FOR VERSION AS OF ${snapshot}${changed.slice(place.end)}`,
    text,
  )
}
