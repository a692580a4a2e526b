import { RequestFailed } from './api.ts'
import { namesLevels, sameName } from './chains.ts'
import { type Edit, Edited } from './edited.ts'
import { candidatesElsewhere, elsewhereEdits, type NamedElsewhere, namedElsewhere } from './elsewhere.ts'
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
  /** Snapshot id by table as statements name it; the current one where a table is not named. A clause in the text goes first. */
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
  const elsewhere = await namedElsewhere(engine, parsed.tokens)
  const tables = await Promise.all(
    [...engine.tables, ...new Set(elsewhere.map(({ table }) => table))].map((table) => {
      const snapshot = options.snapshots?.[table.called]
      return snapshot === undefined ? table : engine.at(table, { snapshot }, 'instead')
    }),
  )
  const past = await Promise.all(travels.map((travel) => resolve(engine, travel, elsewhere)))
  const names = elsewhereEdits(parsed.tokens, elsewhere)
  const edits = [
    ...bound,
    ...past.map(({ edit }) => edit),
    ...names.filter(({ start }) => !travels.some((one) => one.start <= start && start < one.end)),
  ]
  const edited = new Edited(statement, [parsed.start, parsed.end], edits)
  const { text } = edited
  return {
    text,
    ruling: rule(one(text)),
    tables: [...tables, ...past.map(({ table }) => table)],
    edited,
    error: (error, prefix = '') => placed(engineError(error, prefix, text), edited, engine),
  }
}

function placed(error: unknown, edited: Edited, { elsewhere }: Engine): unknown {
  if (!(error instanceof EngineError)) return error
  const range = error.range === null ? null : edited.back(error.range)
  const candidates = [...candidatesElsewhere(elsewhere.listed, error), ...error.candidates]
  return new EngineError(error.type, error.message, range, candidates)
}

async function resolve(
  engine: Engine,
  travel: TimeTravel,
  elsewhere: readonly NamedElsewhere[],
): Promise<{ table: EngineTable; edit: Edit }> {
  const { start, end } = travel
  const named = elsewhere.find(({ chain }) => chain.start === start)
  const table = named?.table ?? find(engine.tables, travel)
  const past = await engine.at(table, travel.ask, 'beside').catch((error: unknown) => {
    throw error instanceof RequestFailed && error.fault.code === 'NOT_FOUND'
      ? unknownSnapshot(error, travel.value)
      : error
  })
  const text = `${quoteName(past.schema)}.${quoteName(past.table.name)}`
  return { table: past, edit: { start, end, text } }
}

function find(tables: readonly EngineTable[], { name }: TimeTravel): EngineTable {
  const parts = name.map(nameOf)
  const levels = parts.slice(0, -1)
  const found = tables.find(
    ({ table }) =>
      sameName(table.name, parts.at(-1) as string) &&
      (levels.length === 0 || namesLevels(levels, table.namespace)),
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
