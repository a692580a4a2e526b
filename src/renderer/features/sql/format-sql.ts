import { duckdb, formatDialect } from 'sql-formatter'
import { type Token, tokenize } from '../../query/lexer.ts'

/**
 * The text laid out by DuckDB's rules: keywords in capitals, two spaces a step. Names, literals, comments, parameters
 * (`$1`, `$name`, `:name`, `?`) and `FOR VERSION AS OF` stay. Throws where the text cannot be read, and rather than
 * change anything but space and the case of words.
 */
export function formatSql(text: string): string {
  const laid = formatDialect(text, {
    dialect: duckdb,
    tabWidth: 2,
    keywordCase: 'upper',
    dataTypeCase: 'upper',
    functionCase: 'preserve',
    linesBetweenQueries: 1,
    paramTypes: {
      positional: true,
      numbered: ['$'],
      named: ['$'],
      custom: [{ regex: ':[A-Za-z_][A-Za-z0-9_]*' }],
    },
  })
  if (wordsOf(laid) !== wordsOf(text)) throw new TypeError('the layout would change the statement')
  return upperTravel(laid)
}

function wordsOf(text: string): string {
  return tokenize(text)
    .filter((token) => token.text !== ';')
    .map((token) => (token.kind === 'word' ? token.text.toLowerCase() : token.text))
    .join(' ')
}

/** The words of `FOR VERSION AS OF` in capitals: the formatter does not know them. */
function upperTravel(text: string): string {
  const tokens = tokenize(text)
  const word = (at: number): string => tokens[at]?.text.toUpperCase() ?? ''
  const spots = tokens.flatMap((token, at): Token[] =>
    token.kind === 'word' &&
    word(at) === 'FOR' &&
    /^(VERSION|TIMESTAMP)$/.test(word(at + 1)) &&
    word(at + 2) === 'AS' &&
    word(at + 3) === 'OF'
      ? tokens.slice(at, at + 4)
      : [],
  )
  let laid = text
  for (const { start, end } of spots)
    laid = laid.slice(0, start) + laid.slice(start, end).toUpperCase() + laid.slice(end)
  return laid
}
