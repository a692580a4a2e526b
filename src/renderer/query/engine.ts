import { tableFromIPC } from 'apache-arrow'
import type {
  ColumnValues,
  PlanAnswer,
  PlanRequest,
  QueryTables,
  SnapshotAnswer,
  SnapshotAsk,
  ValuesAnswer,
} from '../../shared/query.ts'
import type { ExportApi, QueryApi } from './api.ts'
import type { DuckConnection, DuckHost } from './duck.ts'
import { Elsewhere } from './elsewhere.ts'
import type { LoadProgress, LoadRequest } from './loader.ts'
import { Session } from './session.ts'
import { createBase, type EngineTable, engineTable, shapeOf } from './tables.ts'

/** A loader, wherever it runs. */
export interface LoadClient {
  load(
    request: LoadRequest,
    emit: (ipc: Uint8Array) => Promise<void>,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<LoadProgress>
}

export interface EngineDeps {
  /** Starts DuckDB, locked down (`lockDown`). */
  openDuck(): Promise<DuckHost>
  readonly loader: LoadClient
  readonly api: QueryApi
  readonly exports: ExportApi
  /** Milliseconds since the epoch. */
  clock(): number
  sleep(ms: number): Promise<void>
  /** Six characters or more that no table of the user has in its name. */
  token(): string
}

/** How long the list of tables is taken as current, in ms. */
const FRESH_MS = 5_000
/** How long a plan that was asked for ahead is good, in ms. */
const AHEAD_MS = 30_000
/** Tables of which the values are kept. */
const VALUES_KEPT = 32

/**
 * The query engine of the page: one DuckDB in a worker, one session a tab. Lake tables stand in it as empty base tables
 * under views; a session puts loaded rows in their place for the length of one statement.
 */
export class Engine {
  readonly deps: EngineDeps
  /** Tables beside the lake's own. */
  readonly elsewhere: Elsewhere
  readonly #sessions = new Map<string, Session>()
  readonly #token: string
  #duck: Promise<OpenDuck> | null = null
  #tables: readonly EngineTable[] = []
  #listed: QueryTables | null = null
  #listedAt = Number.NEGATIVE_INFINITY
  #listing: Promise<void> | null = null
  #serial = 0
  /** Tables of the past as made for the engine, by place, snapshot and shape. */
  readonly #past = new Map<string, EngineTable>()
  /** What main said lately about snapshots that were asked for. */
  readonly #asked = new Map<string, { readonly at: number; readonly answer: Promise<SnapshotAnswer> }>()
  readonly #values = new Map<string, Promise<ValuesAnswer>>()

  /** Plans asked for ahead of their statements, by what was asked. */
  readonly #ahead = new Map<string, { readonly at: number; readonly answer: Promise<PlanAnswer> }>()
  #cold = true

  constructor(deps: EngineDeps) {
    this.deps = deps
    this.#token = deps.token()
    this.elsewhere = new Elsewhere({
      namespaces: () => deps.api.namespaces(),
      table: (table) => deps.api.table(table),
      clock: () => deps.clock(),
      base: () => this.#base(),
    })
  }

  #base(): string {
    return `t${++this.#serial}_${this.#token}`
  }

  /** The tables as last listed; empty before the first `refresh`. */
  get tables(): readonly EngineTable[] {
    return this.#tables
  }

  /** The lake's own tables and those of other namespaces that were opened. */
  get known(): readonly EngineTable[] {
    return [...this.#tables, ...this.elsewhere.tables]
  }

  /** The last list as main gave it, with the tables that could not be loaded. */
  get listed(): QueryTables | null {
    return this.#listed
  }

  /** Lists the lake's tables anew; at most every 5 s unless `force`. */
  async refresh(force = false): Promise<void> {
    if (!force && this.deps.clock() - this.#listedAt < FRESH_MS) return
    this.#listing ??= this.#list().finally(() => {
      this.#listing = null
    })
    await this.#listing
  }

  async #list(): Promise<void> {
    const listed = await this.deps.api.tables()
    const former = new Map(this.#tables.map((table) => [shapeOf(table.table), table]))
    this.#tables = listed.tables.map((table) => {
      const known = former.get(shapeOf(table))
      if (known === undefined) return engineTable(table, this.#base())
      return { ...known, table }
    })
    this.#listed = listed
    this.#listedAt = this.deps.clock()
  }

  /**
   * A table as it stood at a snapshot: under a schema of its own (`schema@snapshot`) beside the table, or under the
   * table's name. `RequestFailed` with NOT_FOUND where there is no such snapshot.
   */
  async at(table: EngineTable, ask: SnapshotAsk, place: 'beside' | 'instead'): Promise<EngineTable> {
    const { namespace, name, uuid } = table.table
    const key = JSON.stringify([namespace, name, uuid, ask])
    let asked = this.#asked.get(key)
    if (asked === undefined || this.deps.clock() - asked.at >= FRESH_MS) {
      const answer = this.deps.api.at({ namespace, name, ask })
      answer.catch(() => this.#asked.delete(key))
      asked = { at: this.deps.clock(), answer }
      for (const [old, { at }] of this.#asked) if (this.deps.clock() - at >= FRESH_MS) this.#asked.delete(old)
      this.#asked.set(key, asked)
    }
    const { table: past } = await asked.answer
    const shape = `${place} ${past.snapshotId} ${shapeOf(past)}`
    let known = this.#past.get(shape)
    if (known === undefined) {
      const bound = engineTable(past, this.#base(), table.home)
      const own = { ...bound, at: past.snapshotId }
      const beside = place === 'beside'
      known = beside ? { ...own, schema: `${bound.schema}@${past.snapshotId}`, home: false } : own
      this.#past.set(shape, known)
    }
    return known
  }

  /**
   * The values of a text column that are worth offering, from metadata alone; null where there are too many, or none is
   * known. Asked of main once a table and snapshot.
   */
  async valuesOf(table: EngineTable, column: string): Promise<ColumnValues | null> {
    const { uuid, snapshotId } = table.table
    const key = `${uuid} ${snapshotId}`
    let asked = this.#values.get(key)
    if (asked === undefined) {
      asked = this.deps.api.values(table.table)
      asked.catch(() => this.#values.delete(key))
      this.#values.set(key, asked)
      for (const oldest of this.#values.keys()) {
        if (this.#values.size <= VALUES_KEPT) break
        this.#values.delete(oldest)
      }
    }
    const { columns } = await asked
    return Object.hasOwn(columns, column) ? (columns[column] as ColumnValues) : null
  }

  /** True until DuckDB runs. */
  get cold(): boolean {
    return this.#cold
  }

  /**
   * Asks main for a plan before DuckDB has told what the statement needs. The next statement that needs the same takes it;
   * one that was guessed wrong costs a request and nothing else. `signal` gives the request up with the statement.
   */
  planAhead(request: PlanRequest, signal: AbortSignal): void {
    const answer = this.deps.api.plan(request, signal)
    answer.catch(() => undefined)
    this.#ahead.set(planKey(request), { at: this.deps.clock(), answer })
  }

  /** Files, bytes and rows that a statement needs of a table: as asked for ahead, else asked for now. */
  async plan(request: PlanRequest, signal: AbortSignal): Promise<PlanAnswer> {
    const key = planKey(request)
    const ahead = this.#ahead.get(key)
    this.#ahead.delete(key)
    if (ahead !== undefined && this.deps.clock() - ahead.at < AHEAD_MS) {
      const answer = await ahead.answer.catch(() => null)
      signal.throwIfAborted()
      if (answer !== null) return answer
    }
    return this.deps.api.plan(request, signal)
  }

  session(id: string): Session {
    let session = this.#sessions.get(id)
    if (session === undefined) {
      session = new Session(this, `s${++this.#serial}`)
      this.#sessions.set(id, session)
    }
    return session
  }

  async closeSession(id: string): Promise<void> {
    const session = this.#sessions.get(id)
    this.#sessions.delete(id)
    await session?.close()
  }

  /** The running DuckDB, started on first use, after `rebuild` and after a crash. */
  async duck(): Promise<OpenDuck> {
    const running = await this.#duck?.catch(() => null)
    if (running && !running.host.alive() && (await this.#duck) === running) this.#duck = null
    if (this.#duck === null) {
      const opening = this.deps.openDuck().then(async (host) => new OpenDuck(host, await host.connect()))
      this.#duck = opening
      opening.then(
        () => {
          this.#cold = false
        },
        () => {
          if (this.#duck === opening) this.#duck = null
        },
      )
    }
    return this.#duck
  }

  /** Ends a DuckDB that does not answer; sessions set themselves up again in the next one. */
  rebuild(duck: OpenDuck): void {
    duck.host.kill()
    this.#duck = null
  }

  /** Starts DuckDB and lists the tables, so that the first statement does not wait for it. */
  async warmUp(): Promise<void> {
    await Promise.all([this.duck(), this.refresh()])
  }
}

/** Conditions that all have to hold mean the same in any order. */
function planKey({ filter, columns, ...rest }: PlanRequest): string {
  const args = filter.op === 'and' ? filter.args.map((one) => JSON.stringify(one)).sort() : filter
  return JSON.stringify([rest.namespace, rest.name, rest.snapshot, rest.limit, rest.footers, args, columns])
}

/** One life of DuckDB: what exists in it goes with it. */
export class OpenDuck {
  readonly host: DuckHost
  readonly #admin: DuckConnection
  readonly #bases = new Map<string, Promise<unknown>>()
  constructor(host: DuckHost, admin: DuckConnection) {
    this.host = host
    this.#admin = admin
  }

  /** Makes sure that the base tables exist. */
  async ensureBases(tables: readonly EngineTable[]): Promise<void> {
    for (const table of tables) {
      let made = this.#bases.get(table.base)
      if (made === undefined) {
        made = this.#admin.run(createBase(table))
        this.#bases.set(table.base, made)
      }
      await made
    }
  }

  /** Bytes that DuckDB holds. */
  async memoryBytes(): Promise<number> {
    const ipc = await this.#admin.run('SELECT sum(memory_usage_bytes)::DOUBLE AS bytes FROM duckdb_memory()')
    return Number(tableFromIPC(ipc).getChildAt(0)?.get(0) ?? 0)
  }
}
