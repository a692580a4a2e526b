import { RequestFailed } from './api.ts'
import { type Edit, Edited } from './edited.ts'
import type { Engine } from './engine.ts'
import { EngineError, engineError } from './errors.ts'
import { quoteName, type Statement, statements, type Token, unquote } from './lexer.ts'
import { bindParameters, type ParameterValue } from './parameters.ts'
import { type Ruling, rule } from './rules.ts'
import type { EngineTable } from './tables.ts'
import { type TimeTravel, timeTravels } from './travel.ts'

/** How a statement is to be taken, beside its text. */
export interface StatementOptions {
  /** By name; `?` are named `1`, `2` in their order. */
  readonly parameters?: Readonly<Record<string, ParameterValue>>
  /** Snapshot id by table name; the current one where a table is not named. A clause in the text goes first. */
  readonly snapshots?: Readonly<Record<string, string>>
}

/** A statement as the engine is given it. */
export interface Prepared {
  readonly text: string
  readonly ruling: Ruling
  /** The lake's tables as this statement sees them, and those of the past that it names. */
  readonly tables: readonly EngineTable[]
  readonly edited: Edited
  /** An error of DuckDB for `prefix` and the text, with its place in the statement as it was written. */
  error(error: unknown, prefix?: string): unknown
}

/**
 * Binds parameters and resolves tables of the past. Errors: `Refused`, `TypeError` for none or several statements,
 * `EngineError` with its place for a parameter without value, an unknown snapshot or an instant before the first.
 */
export async function prepare(
  engine: Engine,
  statement: string,
  options: StatementOptions,
): Promise<Prepared> {
  const parsed = one(statement)
  const values = options.parameters ?? {}
  const travels = timeTravels(parsed.tokens, values)
  const inClause = ({ start }: Token) => travels.some((one) => one.start <= start && start < one.end)
  const bound = bindParameters(parsed.tokens, values, inClause)
  rule(parsed)
  await engine.refresh()
  const tables = await Promise.all(
    engine.tables.map((table) => {
      const snapshot = options.snapshots?.[table.table.name]
      return snapshot === undefined ? table : engine.at(table, { snapshot }, 'instead')
    }),
  )
  const past = await Promise.all(travels.map((travel) => resolve(engine, travel)))
  const edits = [...bound, ...past.map(({ edit }) => edit)]
  const edited = new Edited(statement, [parsed.start, parsed.end], edits)
  const { text } = edited
  return {
    text,
    ruling: rule(one(text)),
    tables: [...tables, ...past.map(({ table }) => table)],
    edited,
    error: (error, prefix = '') => placed(engineError(error, prefix, text), edited),
  }
}

function placed(error: unknown, edited: Edited): unknown {
  if (!(error instanceof EngineError) || error.range === null) return error
  return new EngineError(error.type, error.message, edited.back(error.range), error.candidates)
}

async function resolve(engine: Engine, travel: TimeTravel): Promise<{ table: EngineTable; edit: Edit }> {
  const { start, end } = travel
  const table = find(engine.tables, travel)
  const past = await engine.at(table, travel.ask, 'beside').catch((error: unknown) => {
    throw error instanceof RequestFailed && error.fault.code === 'NOT_FOUND'
      ? unknownSnapshot(error, travel.value)
      : error
  })
  const text = `${quoteName(past.schema)}.${quoteName(past.table.name)}`
  return { table: past, edit: { start, end, text } }
}

function find(tables: readonly EngineTable[], { name }: TimeTravel): EngineTable {
  const [last, before] = name.toReversed().map((token) => nameOf(token).toLowerCase())
  const found = tables.find(
    (table) =>
      table.table.name.toLowerCase() === last &&
      (before === undefined || table.schema.toLowerCase() === before),
  )
  if (found !== undefined) return found
  const [first, end] = [name[0] as Token, name.at(-1) as Token]
  throw new EngineError(
    'Catalog',
    `Only tables of the lake have snapshots, and ${name.map(nameOf).join('.')} is none`,
    [first.start, end.end],
    tables.map((table) => table.table.name),
  )
}

function nameOf(token: Token): string {
  return token.kind === 'quoted' ? unquote(token) : token.text
}

/** Main's words for a snapshot that is not there, at the place where it is named. */
function unknownSnapshot({ fault }: RequestFailed, range: readonly [number, number]): EngineError {
  const words = [fault.title, fault.likely, fault.remedy].filter((part) => part !== undefined)
  const text = words.map((part) => (/[.!?]$/.test(part) ? part : `${part}.`)).join(' ')
  return new EngineError('Snapshot', text, range, [])
}

/** The only statement of a text; a `TypeError` for none or several. */
export function one(text: string): Statement {
  const [first, second] = statements(text)
  if (first === undefined) throw new TypeError('there is no statement to run')
  if (second !== undefined) throw new TypeError('one statement at a time')
  return first
}
