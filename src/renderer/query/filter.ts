import { type Filter, type FilterValue, LARGEST_CONDITION, type QueryType } from '../../shared/query.ts'
import { dateDays, timestampMicros } from './literal.ts'

/**
 * Reads the filters that DuckDB prints for a scan. What comes out is implied by what was printed: a part that is not
 * understood counts as true and is listed in `missed`.
 *
 * The printed form leaves out parentheses between AND and OR of one column. Read by precedence it can only come out
 * weaker than meant: a text of AND-runs joined by OR is true wherever any bracketing of it is.
 */
export interface ScanFilter {
  readonly filter: Filter
  /** Printed parts that could not be used. */
  readonly missed: readonly string[]
  /** Names of columns in the text; null where the text could not be read, so that any column may be meant. */
  readonly columns: ReadonlySet<string> | null
}

interface Lexeme {
  readonly kind: 'name' | 'string' | 'number' | 'symbol'
  readonly text: string
}

type Node =
  | { readonly kind: 'and' | 'or'; readonly args: readonly Node[] }
  | { readonly kind: 'not'; readonly arg: Node }
  | {
      readonly kind: 'compare'
      readonly op: Operator
      readonly left: Node
      readonly right: Node
      /** Where a null makes it false, not null: its opposite then holds for nulls. */
      readonly nullSafe?: true
    }
  | { readonly kind: 'in'; readonly operand: Node; readonly values: readonly Node[] }
  | { readonly kind: 'null'; readonly operand: Node; readonly negated: boolean }
  | { readonly kind: 'column'; readonly name: string }
  | {
      readonly kind: 'literal'
      readonly type: 'string' | 'number' | 'word'
      readonly text: string
      readonly cast: string
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'unknown' }

type Operator = '==' | '!=' | '<' | '<=' | '>' | '>='
const TRUE: Filter = { op: 'true' }
const OPPOSITE = { '==': '!=', '!=': '==', '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const
const MIRROR = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const

/** `text` is a scan's `Filters`, its lines joined; `types` the base table's columns. */
export function readFilter(text: string, types: ReadonlyMap<string, QueryType>): ScanFilter {
  const lexemes = lex(text)
  if (lexemes === null) return { filter: TRUE, missed: [text], columns: null }
  const missed: string[] = []
  const parts: Filter[] = []
  const columns = new Set<string>()
  for (const lexeme of lexemes) if (lexeme.kind === 'name' && types.has(lexeme.text)) columns.add(lexeme.text)
  for (const line of splitLines(lexemes)) {
    const filter = implied(parse(line), types)
    const usable = filter.op !== 'true' && JSON.stringify(filter).length <= LARGEST_CONDITION
    if (!usable) missed.push(line.map((lexeme) => lexeme.text).join(' '))
    else parts.push(filter)
  }
  return { filter: all(parts), missed, columns }
}

/** The conjunction, flat and without what is always true. */
export function all(parts: readonly Filter[]): Filter {
  const args = parts.flatMap((part) => (part.op === 'and' ? part.args : part.op === 'true' ? [] : [part]))
  return args.length === 0 ? TRUE : args.length === 1 ? (args[0] as Filter) : { op: 'and', args }
}

/** The disjunction: true as soon as one part is. */
export function any(parts: readonly Filter[]): Filter {
  if (parts.some((part) => part.op === 'true')) return TRUE
  const args = parts.flatMap((part) => (part.op === 'or' ? part.args : [part]))
  return args.length === 1 ? (args[0] as Filter) : { op: 'or', args }
}

const LEXEME =
  /(?<space>[ \t\r]+)|(?<newline>\n)|(?<string>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*")|(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<symbol>::|!=|<>|<=|>=|[-+*/%|&^~@!?=<>(),.#:[\]{}])/y

function lex(text: string): Lexeme[] | null {
  const found: Lexeme[] = []
  LEXEME.lastIndex = 0
  while (LEXEME.lastIndex < text.length) {
    const groups = LEXEME.exec(text)?.groups
    // Text that stops inside a literal: DuckDB cuts what it prints at a NUL character.
    if (!groups) return null
    const { newline, string, quoted, number, name, symbol } = groups
    if (string !== undefined) found.push({ kind: 'string', text: string })
    else if (quoted !== undefined)
      found.push({ kind: 'name', text: quoted.slice(1, -1).replaceAll('""', '"') })
    else if (number !== undefined) found.push({ kind: 'number', text: number })
    else if (name !== undefined) found.push({ kind: 'name', text: name })
    else if (newline !== undefined) found.push({ kind: 'symbol', text: '\n' })
    else if (symbol !== undefined) found.push({ kind: 'symbol', text: symbol })
  }
  return found
}

function splitLines(lexemes: readonly Lexeme[]): Lexeme[][] {
  const lines: Lexeme[][] = [[]]
  for (const lexeme of lexemes) {
    if (lexeme.text === '\n') lines.push([])
    else (lines[lines.length - 1] as Lexeme[]).push(lexeme)
  }
  return lines.filter((line) => line.length > 0)
}

/** One printed filter as a tree; `unknown` where any part of its grammar is new to us. */
function parse(line: readonly Lexeme[]): Node {
  let at = 0
  const peek = (text: string): boolean => {
    const lexeme = line[at]
    return lexeme !== undefined && lexeme.kind !== 'string' && lexeme.text === text
  }
  const take = (...texts: string[]): boolean => {
    for (let i = 0; i < texts.length; i++) {
      const lexeme = line[at + i]
      if (lexeme === undefined || lexeme.kind === 'string' || lexeme.text !== texts[i]) return false
    }
    at += texts.length
    return true
  }
  class Unreadable extends Error {}
  const expect = (text: string): void => {
    if (!take(text)) throw new Unreadable()
  }
  const joined = (word: 'AND' | 'OR', part: () => Node): Node => {
    const args = [part()]
    while (take(word)) args.push(part())
    return args.length === 1 ? (args[0] as Node) : { kind: word === 'AND' ? 'and' : 'or', args }
  }
  const or = (): Node => joined('OR', and)
  const and = (): Node => joined('AND', not)
  const not = (): Node => {
    while (take('optional', ':'));
    return take('NOT') ? { kind: 'not', arg: not() } : compare()
  }
  const list = (): Node[] => {
    expect('(')
    const values: Node[] = []
    if (!take(')')) {
      do values.push(or())
      while (take(','))
      expect(')')
    }
    return values
  }
  const compare = (): Node => {
    const left = operand()
    if (take('IS', 'NOT', 'NULL')) return { kind: 'null', operand: left, negated: true }
    if (take('IS', 'NULL')) return { kind: 'null', operand: left, negated: false }
    if (take('IS', 'NOT', 'DISTINCT', 'FROM')) {
      const right = operand()
      return right.kind === 'literal' && right.type === 'word' && right.text === 'NULL'
        ? { kind: 'null', operand: left, negated: false }
        : { kind: 'compare', op: '==', left, right, nullSafe: true }
    }
    if (take('IN')) return { kind: 'in', operand: left, values: list() }
    if (take('NOT', 'IN')) {
      list()
      return { kind: 'unknown' }
    }
    for (const [symbol, op] of OPERATORS) {
      if (take(symbol)) return { kind: 'compare', op, left, right: operand() }
    }
    return left
  }
  const operand = (): Node => {
    const lexeme = line[at]
    if (lexeme === undefined) throw new Unreadable()
    if (take('(')) return bracketed()
    at++
    if (lexeme.kind === 'string' || lexeme.kind === 'number') return literal(lexeme)
    if (lexeme.kind !== 'name') throw new Unreadable()
    if (lexeme.text === 'CAST' && peek('(')) return cast()
    if (peek('(')) return { kind: 'call', name: lexeme.text, args: list() }
    if (lexeme.text === 'true' || lexeme.text === 'false' || lexeme.text === 'NULL') return literal(lexeme)
    return { kind: 'column', name: lexeme.text }
  }
  /** After an opening bracket, to its end; what is new to us inside spoils the brackets only. */
  const bracketed = (): Node => {
    const start = at
    try {
      const inner = or()
      expect(')')
      return inner
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      at = start
      for (let depth = 1; depth > 0; at++) {
        if (line[at] === undefined) throw error
        if (peek('(')) depth++
        else if (peek(')')) depth--
      }
      return { kind: 'unknown' }
    }
  }
  const literal = (lexeme: Lexeme): Node => {
    let cast = ''
    if (take('::')) {
      const type = line[at++]
      if (type?.kind !== 'name') throw new Unreadable()
      cast = type.text
    }
    const type = lexeme.kind === 'string' ? 'string' : lexeme.kind === 'number' ? 'number' : 'word'
    const text = type === 'string' ? lexeme.text.slice(1, -1).replaceAll("''", "'") : lexeme.text
    return { kind: 'literal', type, text, cast }
  }
  const cast = (): Node => {
    expect('(')
    const inner = or()
    expect('AS')
    const type = line[at++]
    expect(')')
    // Only the cast that DuckDB puts around date_trunc changes no value.
    return inner.kind === 'call' && inner.name === 'date_trunc' && type?.text === 'TIMESTAMP'
      ? inner
      : { kind: 'unknown' }
  }
  try {
    const node = or()
    return at === line.length ? node : { kind: 'unknown' }
  } catch (error) {
    if (error instanceof Unreadable) return { kind: 'unknown' }
    throw error
  }
}

const OPERATORS: readonly (readonly [string, Operator])[] = [
  ['=', '=='],
  ['!=', '!='],
  ['<>', '!='],
  ['<=', '<='],
  ['>=', '>='],
  ['<', '<'],
  ['>', '>'],
]

/** A filter that holds wherever `node` (or, negated, its opposite) does. */
function implied(node: Node, types: ReadonlyMap<string, QueryType>, negated = false): Filter {
  switch (node.kind) {
    case 'and':
    case 'or': {
      const parts = node.args.map((arg) => implied(arg, types, negated))
      return (node.kind === 'and') === negated ? any(parts) : all(parts)
    }
    case 'not':
      return implied(node.arg, types, !negated)
    case 'null': {
      const column = columnOf(node.operand, types)
      if (column === null) return TRUE
      return { op: node.negated === negated ? 'is-null' : 'not-null', column: column.name }
    }
    case 'column':
      if (types.get(node.name) !== 'boolean') return TRUE
      return { op: '==', column: node.name, value: !negated }
    case 'in': {
      const column = columnOf(node.operand, types)
      if (column === null || negated) return TRUE
      const values = node.values.map((value) => literalAs(value, column.type))
      return values.includes(null) ? TRUE : { op: 'in', column: column.name, values: values as FilterValue[] }
    }
    case 'compare':
      return comparison(node, types, negated)
    case 'call': {
      const column = columnOf(node.args[0] ?? { kind: 'unknown' }, types)
      const prefix = node.args[1]
      if (negated || node.args.length !== 2 || column?.type !== 'string' || prefix?.kind !== 'literal')
        return TRUE
      if ((node.name !== 'starts_with' && node.name !== 'prefix') || prefix.type !== 'string') return TRUE
      return { op: 'starts-with', column: column.name, value: prefix.text }
    }
    case 'literal':
    case 'unknown':
      return TRUE
  }
}

function comparison(
  node: Extract<Node, { kind: 'compare' }>,
  types: ReadonlyMap<string, QueryType>,
  negated: boolean,
): Filter {
  if (node.nullSafe && negated) return TRUE
  const flip = node.left.kind === 'literal'
  const subject = flip ? node.right : node.left
  const object = flip ? node.left : node.right
  const mirrored = flip ? MIRROR[node.op] : node.op
  const op = negated ? OPPOSITE[mirrored] : mirrored
  if (subject.kind === 'call' && subject.name === 'date_trunc') return truncated(subject, op, object, types)
  const column = columnOf(subject, types)
  if (column === null) return TRUE
  const value = literalAs(object, column.type)
  return value === null ? TRUE : { op, column: column.name, value }
}

const UNIT_MICROS: Readonly<Record<string, bigint>> = {
  second: 1_000_000n,
  minute: 60_000_000n,
  hour: 3_600_000_000n,
  day: 86_400_000_000n,
  week: 7n * 86_400_000_000n,
  // The longest: an upper end that is late loads more, never less.
  month: 31n * 86_400_000_000n,
  quarter: 92n * 86_400_000_000n,
  year: 366n * 86_400_000_000n,
}

/** date_trunc(unit, x) never exceeds x, and x is less than one unit above it. */
function truncated(
  call: Extract<Node, { kind: 'call' }>,
  op: Operator,
  object: Node,
  types: ReadonlyMap<string, QueryType>,
): Filter {
  const [unit, subject] = call.args
  const column = subject === undefined ? null : columnOf(subject, types)
  if (unit?.kind !== 'literal' || column?.type !== 'timestamp') return TRUE
  const micros = UNIT_MICROS[unit.text]
  const value = literalAs(object, column.type)
  if (micros === undefined || value === null) return TRUE
  const low: Filter = { op: '>=', column: column.name, value }
  const high: Filter = { op: '<', column: column.name, value: String(BigInt(value as string) + micros) }
  if (op === '==') return { op: 'and', args: [low, high] }
  return op === '>' || op === '>=' ? low : op === '!=' ? TRUE : high
}

function columnOf(
  node: Node,
  types: ReadonlyMap<string, QueryType>,
): { name: string; type: QueryType } | null {
  if (node.kind !== 'column') return null
  const type = types.get(node.name)
  return type === undefined ? null : { name: node.name, type }
}

/** The literal as a value of `type`, or null where it is not plainly one. */
function literalAs(node: Node, type: QueryType): FilterValue | null {
  if (node.kind !== 'literal' || typeof type !== 'string' || node.text === 'NULL') return null
  const number = node.type === 'number' && node.cast === ''
  switch (type) {
    case 'boolean':
      return node.type === 'word' ? node.text === 'true' : null
    case 'int':
      return number && /^-?\d+$/.test(node.text) ? Number(node.text) : null
    case 'long':
      return number && /^-?\d+$/.test(node.text) ? node.text : null
    case 'float':
    case 'double': {
      const value = type === 'float' ? Math.fround(Number(node.text)) : Number(node.text)
      return number && Number.isFinite(value) ? value : null
    }
    case 'string':
      return node.type === 'string' && (node.cast === '' || node.cast === 'VARCHAR') ? node.text : null
    case 'date':
      return node.type === 'string' && node.cast === 'DATE' ? dateDays(node.text) : null
    case 'timestamp':
    case 'timestamptz':
      return node.type === 'string' && node.cast === 'TIMESTAMP'
        ? (timestampMicros(node.text)?.toString() ?? null)
        : null
    default:
      return number ? decimalDigits(type, node.text) : null
  }
}

function decimalDigits(type: string, text: string): string | null {
  const scale = /^decimal\(\d+, ?(\d+)\)$/.exec(type)?.[1]
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (scale === undefined || parts === null) return null
  const fraction = parts[3] ?? ''
  if (fraction.length > Number(scale)) return null
  return String(BigInt(`${parts[1]}${parts[2]}${fraction.padEnd(Number(scale), '0')}`))
}
