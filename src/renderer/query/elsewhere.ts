import type { QueryNamespace, QueryNamespaces, QueryTable } from '../../shared/query.ts'
import { RequestFailed } from './api.ts'
import { type Chain, chains, namesLevels, sameName } from './chains.ts'
import type { Edit } from './edited.ts'
import type { Engine } from './engine.ts'
import { EngineError } from './errors.ts'
import { quoteName, type Token } from './lexer.ts'
import { type EngineTable, engineTable, nameIn, shapeOf } from './tables.ts'

/** How long names of other namespaces are taken as current, and a table of theirs, in ms. */
const NAMES_FRESH_MS = 30_000
const TABLE_FRESH_MS = 5_000
const NOTHING: QueryNamespaces = { namespaces: [], more: false }

export interface ElsewhereDeps {
  namespaces(): Promise<QueryNamespaces>
  table(table: { readonly namespace: readonly string[]; readonly name: string }): Promise<QueryTable>
  clock(): number
  /** A name for another base table. */
  base(): string
}

/** Tables beside the lake's own: known by name until a statement names one or one is opened, then with metadata. */
export class Elsewhere {
  readonly #deps: ElsewhereDeps
  #listed = NOTHING
  #listedAt = Number.NEGATIVE_INFINITY
  #listing: Promise<QueryNamespaces> | null = null
  readonly #opened = new Map<string, { readonly at: number; readonly table: Promise<EngineTable> }>()
  readonly #tables = new Map<string, EngineTable>()

  constructor(deps: ElsewhereDeps) {
    this.#deps = deps
  }

  /** The names as last listed; none before `names` was asked for. */
  get listed(): QueryNamespaces {
    return this.#listed
  }

  /** Tables that were opened, as they were then. */
  get tables(): readonly EngineTable[] {
    return [...this.#tables.values()]
  }

  /** Lists names anew where they are older than `age` ms. */
  async names(age: number = NAMES_FRESH_MS): Promise<QueryNamespaces> {
    if (this.#deps.clock() - this.#listedAt < age) return this.#listed
    this.#listing ??= this.#deps
      .namespaces()
      .then((listed) => {
        this.#listed = listed
        this.#listedAt = this.#deps.clock()
        return listed
      })
      .finally(() => {
        this.#listing = null
      })
    return this.#listing
  }

  /** Takes nothing as current any more. */
  forget(): void {
    this.#listedAt = Number.NEGATIVE_INFINITY
    this.#opened.clear()
  }

  /** Loads a table's metadata; at most every 5 s. `RequestFailed` where it cannot be read. */
  async open(namespace: readonly string[], name: string): Promise<EngineTable> {
    const key = JSON.stringify([namespace, name])
    const known = this.#opened.get(key)
    if (known !== undefined && this.#deps.clock() - known.at < TABLE_FRESH_MS) return known.table
    const table = this.#load(key, namespace, name)
    this.#opened.set(key, { at: this.#deps.clock(), table })
    table.catch(() => {
      this.#opened.delete(key)
      this.#tables.delete(key)
    })
    return table
  }

  async #load(key: string, namespace: readonly string[], name: string): Promise<EngineTable> {
    const loaded = await this.#deps.table({ namespace, name })
    const former = this.#tables.get(key)
    const table =
      former !== undefined && shapeOf(former.table) === shapeOf(loaded)
        ? { ...former, table: loaded }
        : engineTable(loaded, this.#deps.base(), false)
    this.#tables.set(key, table)
    return table
  }
}

/** A table of another namespace with the place that names it. */
export interface NamedElsewhere {
  readonly chain: Chain
  readonly table: EngineTable
}

/**
 * The tables of other namespaces that a statement names, loaded. An `EngineError` with its place for one that a known
 * namespace does not have and for one that cannot be read.
 */
export async function namedElsewhere(engine: Engine, tokens: readonly Token[]): Promise<NamedElsewhere[]> {
  const { elsewhere } = engine
  const wanted = chains(tokens).filter(
    ({ parts, table }) =>
      parts.length > 1 &&
      table &&
      !engine.tables.some(
        (one) =>
          namesLevels(parts.slice(0, -1), one.table.namespace) &&
          sameName(parts.at(-1) as string, one.table.name),
      ),
  )
  if (wanted.length === 0) return []
  let listed = await elsewhere.names()
  const unknown = wanted.some((chain) => find(listed, chain) === null)
  if (unknown) listed = await elsewhere.names(TABLE_FRESH_MS)
  const named = await Promise.all(
    wanted.map(async (chain) => {
      const found = find(listed, chain) ?? guess(engine, listed, chain)
      if (found === null) return null
      const table = await elsewhere.open(found.levels, found.name).catch((error: unknown) => {
        throw error instanceof RequestFailed ? unreadable(error, chain, listed) : error
      })
      return { chain, table }
    }),
  )
  return named.filter((one) => one !== null)
}

interface Place {
  readonly levels: readonly string[]
  readonly name: string
}

function find({ namespaces }: QueryNamespaces, { parts }: Chain): Place | null {
  const last = parts.at(-1) as string
  for (const { levels, tables } of matching(namespaces, parts.slice(0, -1))) {
    const name = tables.find((one) => one === last) ?? tables.find((one) => sameName(one, last))
    if (name !== undefined) return { levels, name }
  }
  return null
}

/** Where a table that is not listed would be: it may be a view, or in a namespace beyond those listed. */
function guess(engine: Engine, { namespaces, more }: QueryNamespaces, { parts }: Chain): Place | null {
  const levels = parts.slice(0, -1)
  const name = parts.at(-1) as string
  const [namespace] = matching(namespaces, levels)
  if (namespace !== undefined) return { levels: namespace.levels, name }
  const own = engine.tables.some(({ table }) => namesLevels(levels, table.namespace))
  return more && !own ? { levels, name } : null
}

/** Those that are meant by `parts`, the one with exactly these levels first. */
function matching(namespaces: readonly QueryNamespace[], parts: readonly string[]): QueryNamespace[] {
  const exact = (levels: readonly string[]): number =>
    levels.length === parts.length && levels.every((level, i) => level === parts[i]) ? 0 : 1
  return namespaces
    .filter(({ levels }) => namesLevels(parts, levels))
    .sort((a, b) => exact(a.levels) - exact(b.levels))
}

function unreadable({ fault }: RequestFailed, chain: Chain, { namespaces }: QueryNamespaces): EngineError {
  const name = chain.parts.join('.')
  const range = [chain.start, chain.end] as const
  if (fault.code === 'NO_TABLE' || fault.code === 'NO_NAMESPACE') {
    const near = matching(namespaces, chain.parts.slice(0, -1))
    const names = near.flatMap(({ levels, tables }) => tables.map((table) => nameIn(levels, table)))
    return new EngineError('Catalog', `There is no table ${name} in the catalog.`, range, names)
  }
  const words = [fault.title, fault.likely, fault.remedy].filter((part) => part !== undefined)
  const text = words.map((part) => (/[.!?]$/.test(part) ? part : `${part}.`)).join(' ')
  return new EngineError('Catalog', `${name} cannot be read: ${text}`, range, [])
}

/** Puts the engine's own names in place of names of several levels, wherever the statement uses them. */
export function elsewhereEdits(tokens: readonly Token[], named: readonly NamedElsewhere[]): Edit[] {
  return chains(tokens).flatMap((chain): Edit[] => {
    const direct = named.find((one) => one.chain.start === chain.start)
    if (direct !== undefined) return [edit(chain, chain.parts.length, direct.table)]
    // `study.visits.id`: what stands in front of the column is the table's name.
    for (const { chain: of, table } of named) {
      const { length } = of.parts
      const begins =
        chain.parts.length > length && of.parts.every((part, i) => sameName(part, chain.parts[i] as string))
      if (begins && chain.before !== '.') return [edit(chain, length, table)]
    }
    return []
  })
}

function edit(chain: Chain, parts: number, { schema, table }: EngineTable): Edit {
  const [, end] = chain.places[parts - 1] as readonly [number, number]
  return { start: chain.start, end, text: `${quoteName(schema)}.${quoteName(table.name)}` }
}

/** Names of tables in other namespaces for a name that the engine did not find by itself. */
export function candidatesElsewhere({ namespaces }: QueryNamespaces, error: EngineError): readonly string[] {
  const missing = /^Table with name "?(.+?)"? does not exist/.exec(error.message)?.[1]
  if (error.type !== 'Catalog' || missing === undefined) return []
  return namespaces.flatMap(({ levels, tables }) =>
    tables.filter((table) => sameName(table, missing)).map((table) => nameIn(levels, table)),
  )
}
