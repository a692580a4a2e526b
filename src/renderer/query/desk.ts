import type { Planned } from './cost.ts'
import { type DuckConnection, Killed } from './duck.ts'
import type { Engine, OpenDuck } from './engine.ts'
import { quoteName } from './lexer.ts'
import { type LoadProgress, NOTHING_READ } from './loader.ts'
import type { Ruling } from './rules.ts'
import { type EngineTable, planningView, planningViews, viewOf } from './tables.ts'

/**
 * A session's place in DuckDB: a connection and a catalog of its own, in which every lake table is a view over an empty
 * base table, and for the length of one statement over what was loaded of it. Made again wherever DuckDB is.
 */
export class Desk {
  readonly #engine: Engine
  readonly #catalog: string
  /** Statements to do again after the engine was rebuilt: views, macros. */
  readonly #journal: string[] = []
  #place: { readonly duck: OpenDuck; readonly connection: DuckConnection } | null = null
  /** Tables that are to have views, by schema and name. */
  readonly #tables = new Map<string, EngineTable>()
  /** The base table of every view that stands. */
  readonly #views = new Map<string, string>()
  readonly #loaded: { readonly base: string; readonly place: string | null }[] = []
  #serial = 0

  constructor(engine: Engine, catalog: string) {
    this.#engine = engine
    this.#catalog = catalog
  }

  /** Where the session stands now; null before its first statement and after the engine was ended. */
  get place(): { readonly duck: OpenDuck; readonly connection: DuckConnection } | null {
    return this.#place
  }

  /** The tables that statements can name, by their base tables. */
  get tables(): ReadonlyMap<string, EngineTable> {
    return new Map([...this.#tables.values()].map((table) => [table.base, table]))
  }

  /** True where statements of the user made views or macros here. */
  get hasOwn(): boolean {
    return this.#journal.length > 0
  }

  /** A name in the catalog's schema `tarn` that nothing else has. */
  name(kind: string): string {
    return `${kind}_${++this.#serial}`
  }

  /** The connection, with views of `tables` in place beside those of earlier statements. */
  async ready(tables: readonly EngineTable[]): Promise<DuckConnection> {
    const duck = await this.#engine.duck()
    for (const table of tables) this.#tables.set(keyOf(table), table)
    await duck.ensureBases([...this.#tables.values()])
    if (this.#place?.duck !== duck) {
      const connection = await duck.host.connect()
      await connection.run(`ATTACH ':memory:' AS ${quoteName(this.#catalog)}`)
      await connection.run(`USE ${quoteName(this.#catalog)}`)
      await connection.run('CREATE SCHEMA IF NOT EXISTS tarn')
      this.#place = { duck, connection }
      this.#loaded.length = 0
      this.#views.clear()
      await this.#makeViews(connection)
      // What the session made may hide a lake table: the lake's own views are made once more after it.
      for (const text of this.#journal) await connection.run(text).catch(() => undefined)
      this.#views.clear()
    }
    await this.#makeViews(this.#place.connection)
    return this.#place.connection
  }

  async #makeViews(connection: DuckConnection): Promise<void> {
    for (const [key, table] of this.#tables) {
      if (this.#views.get(key) === table.base) continue
      for (const statement of planningViews(this.#catalog, table)) await connection.run(statement)
      this.#views.set(key, table.base)
    }
  }

  /** Notes a statement that changed the catalog. It may have hit a view of ours: they are all made anew. */
  changed(text: string, ruling: Ruling): void {
    if (ruling.replay) this.#journal.push(text)
    this.#views.clear()
  }

  /** Puts what is needed of a table behind its views, until `restore`. */
  async load(
    { table, need, answer }: Planned,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<LoadProgress> {
    const { connection } = this.#place as { connection: DuckConnection }
    const fields = table.fields.filter((field) => need.columns.has(field.base))
    if (fields.length === 0) {
      this.#loaded.push({ base: table.base, place: null })
      await this.#show(connection, table, `range(${answer.rows})`, new Set())
      return { ...NOTHING_READ, rows: answer.rows }
    }
    const name = this.name('load')
    const place = `${quoteName(this.#catalog)}.tarn.${quoteName(name)}`
    const columns = fields.map((field) => `${field.base} ${field.duck}`)
    await connection.run(`CREATE TABLE ${place} (${columns.join(', ')})`)
    this.#loaded.push({ base: table.base, place })
    const constants = new Set(answer.constants)
    const request = {
      plan: answer.plan,
      files: answer.files,
      columns: fields.map(({ field, base }) => ({
        id: field.id,
        name: base,
        type: field.type,
        constant: constants.has(field.id),
      })),
    }
    const insert = (ipc: Uint8Array): Promise<void> => connection.insert('tarn', name, ipc)
    const read = await this.#engine.deps.loader.load(request, insert, onProgress, signal)
    await this.#show(connection, table, place, need.columns)
    return read
  }

  async #show(
    connection: DuckConnection,
    table: EngineTable,
    source: string,
    loaded: ReadonlySet<string>,
  ): Promise<void> {
    await connection.run(viewOf(this.#catalog, table, source, loaded))
  }

  /** Puts the planning views back and drops what was loaded. */
  async restore(): Promise<void> {
    const loaded = this.#loaded.splice(0)
    const place = this.#place
    if (loaded.length === 0 || place === null) return
    const { tables } = this
    try {
      for (const { base } of loaded) {
        const table = tables.get(base)
        if (table !== undefined) await place.connection.run(planningView(this.#catalog, table))
      }
      for (const { place: name } of loaded) {
        if (name !== null) await place.connection.run(`DROP TABLE IF EXISTS ${name}`)
      }
    } catch (error) {
      this.#views.clear()
      if (error instanceof Killed) this.#place = null
    }
  }

  async close(): Promise<void> {
    const place = this.#place
    this.#place = null
    if (place === null) return
    await place.connection.run('USE memory').catch(() => undefined)
    await place.connection.run(`DETACH ${quoteName(this.#catalog)}`).catch(() => undefined)
    await place.connection.close().catch(() => undefined)
  }
}

function keyOf(table: EngineTable): string {
  return JSON.stringify([table.schema, table.table.name])
}
