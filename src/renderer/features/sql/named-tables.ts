import { type Chain, chains, namesLevels, sameName } from '../../query/chains.ts'
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

/** Tables of the catalog that stand after FROM, JOIN or a comma between them, with their aliases. */
export function tablesIn(tokens: readonly Token[], tables: readonly EngineTable[]): Named[] {
  const found: Named[] = []
  for (const chain of chains(tokens)) {
    if (!chain.table && chain.before !== '') continue
    const table = tables.find((one) => names(chain, one))
    if (table === undefined) continue
    let next = chain.next
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
      start: chain.start,
      end: travels ? (tokens[chain.next + 4]?.end ?? chain.end) : chain.end,
      nameEnd: chain.end,
    })
  }
  return found
}

function names({ parts }: Chain, { table, home }: EngineTable): boolean {
  const levels = parts.slice(0, -1)
  if (!sameName(parts.at(-1) as string, table.name)) return false
  return levels.length === 0 ? home : namesLevels(levels, table.namespace)
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
