import { DataType, type Field, tableFromIPC } from 'apache-arrow'
import type { PlanAnswer, QueryField } from '../../shared/query.ts'
import { type Arrangement, arrangeSql } from './arrange.ts'
import type { DuckConnection } from './duck.ts'
import { Killed } from './duck.ts'
import type { Engine, OpenDuck } from './engine.ts'
import { Cancelled, EngineError, engineError } from './errors.ts'
import { type Need, needAll, readPlan } from './explain.ts'
import { heldColumns, heldPieces } from './held.ts'
import { bindParameters, type ParameterValue, quoteName, type Statement, statements } from './lexer.ts'
import type { LoadProgress } from './loader.ts'
import { type ColumnProfile, readProfile, spreadSql, statisticsSql } from './profile.ts'
import { baseFilter } from './rename.ts'
import { type QueryResult, readResult } from './result.ts'
import { type Ruling, rule } from './rules.ts'
import { type EngineTable, plainView, planningView, viewOf } from './tables.ts'

export interface RunOptions {
  readonly parameters?: Readonly<Record<string, ParameterValue>>
  /** Snapshot by table name; the current one where a table is not named. */
  readonly snapshots?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: RunProgress) => void
}

/** What one table costs a statement. */
export interface TableCost {
  readonly name: string
  readonly snapshotId: string | null
  readonly files: number
  readonly bytes: number
  readonly rows: number
  readonly totals: PlanAnswer['totals']
  /** Names of the columns that are read. */
  readonly columns: readonly string[]
  readonly scans: number
  /** True where a filter or LIMIT left files out. */
  readonly pruned: boolean
  /** Conditions that could not be used for leaving out files, in DuckDB's words with the columns' names. */
  readonly missed: readonly string[]
}

/** Files and bytes that a statement will read, known before anything is read. */
export interface Forecast {
  readonly tables: readonly TableCost[]
  readonly files: number
  readonly bytes: number
  readonly rows: number
}

export interface RunProgress {
  readonly stage: 'plan' | 'read' | 'run' | 'fetch'
  readonly forecast: Forecast | null
  readonly read: LoadProgress
  /** Bytes of the answer that have arrived. */
  readonly resultBytes: number
}

export interface RunOutcome {
  readonly result: QueryResult
  readonly forecast: Forecast
  readonly read: LoadProgress
  /** Wall time in ms. */
  readonly ms: number
}

interface Planned {
  readonly table: EngineTable
  readonly need: Need
  readonly answer: PlanAnswer
}

const NOTHING: LoadProgress = {
  files: 0,
  plannedBytes: 0,
  rows: 0,
  readBytes: 0,
  requests: 0,
  cachedFiles: 0,
}
/** How long DuckDB may take to obey a cancel before its worker is ended, in ms. */
const GRACE_MS = 1_500
/** Another tab's statement did not stop, or the engine crashed: this one went with it. */
const RESTARTED = 'The engine was started anew under this statement. Run it again.'
/** Largest answer kept, in bytes of Arrow. */
const RESULT_BYTES = 512 << 20
/** DuckDB prints this in front of what it plans for us. */
const EXPLAIN = 'EXPLAIN (FORMAT json) '

/** One tab's place in the engine: its own catalog, so that views and loaded rows of tabs never meet. */
export class Session {
  readonly #engine: Engine
  readonly #catalog: string
  /** Statements to do again after the engine was rebuilt: views, macros. */
  readonly #journal: string[] = []
  #place: { duck: OpenDuck; connection: DuckConnection } | null = null
  /** Tables whose views stand in the catalog. */
  #views: readonly EngineTable[] = []
  #tail: Promise<unknown> = Promise.resolve()
  #running = false
  #loads = 0
  /** The answer that stands in the engine for questions about it, the last one asked about. */
  #held: { readonly result: QueryResult; readonly duck: OpenDuck; readonly name: string } | null = null

  constructor(engine: Engine, catalog: string) {
    this.#engine = engine
    this.#catalog = catalog
  }

  get running(): boolean {
    return this.#running
  }

  /** What running the statement would read; null while another statement runs here. Errors as of `run`. */
  async forecast(statement: string, options: RunOptions = {}): Promise<Forecast | null> {
    if (this.#running) return null
    return this.#exclusive(async () => {
      const { text, ruling } = prepare(statement, options)
      if (ruling.kind === 'explain') return EMPTY
      const connection = await this.#ready()
      const planned = await this.#plan(connection, text, ruling, options)
      return forecastOf(planned)
    })
  }

  /**
   * Runs one statement. Errors: `Refused`, `EngineError` with the place in `statement`, `RequestFailed` from main,
   * `Cancelled` when the signal fires: within the grace period whatever DuckDB does, as its worker is ended then.
   */
  async run(statement: string, options: RunOptions = {}): Promise<RunOutcome> {
    return this.#exclusive(async () => {
      this.#running = true
      try {
        return await this.#run(statement, options)
      } finally {
        this.#running = false
      }
    })
  }

  /** DuckDB's plan as text, without reading anything of the lake. */
  async explain(statement: string, options: RunOptions = {}): Promise<string> {
    return this.#exclusive(async () => {
      const { text, ruling } = prepare(statement, options)
      const connection = await this.#ready()
      const ipc = await connection.run(`EXPLAIN ${ruling.inner}`).catch((error: unknown) => {
        throw engineError(error, 'EXPLAIN ', text)
      })
      return String(tableFromIPC(ipc).getChild('explain_value')?.get(0) ?? '')
    })
  }

  /** How one column of an answer spreads, exact over all its rows; the engine counts, the lake is not read again. */
  async profile(result: QueryResult, column: number): Promise<ColumnProfile> {
    return this.#over(result, async (table, ask) => {
      const held = heldColumns(result.schema.fields)[column]
      const word = result.columns[column]?.kind.word
      if (held === undefined || word === undefined) throw new RangeError(`no column ${column}`)
      const statistics = await ask(statisticsSql(table, held, word))
      return readProfile(word, statistics, await ask(spreadSql(table, held, word)))
    })
  }

  /** Numbers of the answer's rows that pass the filters, sorted; over the whole answer, in the engine. */
  async arrange(result: QueryResult, arrangement: Arrangement): Promise<Uint32Array> {
    return this.#over(result, async (table, ask) => {
      const held = heldColumns(result.schema.fields)
      const rows = await ask(arrangeSql(table, held, result.columns, arrangement))
      const order = new Uint32Array(rows.rows)
      let at = 0
      for (const batch of rows.batches) {
        const numbers = batch.data.children[0]?.values as BigInt64Array
        for (let i = 0; i < batch.numRows; i++) order[at++] = Number(numbers[i])
      }
      return order
    })
  }

  /** Works on the answer as a table of the engine, its rows in order, columns `c0`, `c1` and so on. */
  async #over<T>(
    result: QueryResult,
    work: (table: string, ask: (sql: string) => Promise<QueryResult>) => Promise<T>,
  ): Promise<T> {
    return this.#exclusive(async () => {
      const connection = await this.#ready()
      const { duck } = this.#place as { duck: OpenDuck }
      if (this.#held?.result !== result || this.#held.duck !== duck) {
        if (this.#held?.duck === duck) await connection.run(`DROP TABLE IF EXISTS tarn.${this.#held.name}`)
        this.#held = null
        const name = `answer_${++this.#loads}`
        const columns = heldColumns(result.schema.fields).map((column) => `${column.name} ${column.type}`)
        await connection.run(`CREATE TABLE tarn.${name} (${columns.join(', ')})`)
        for (const piece of heldPieces(result)) await connection.insert('tarn', name, piece)
        this.#held = { result, duck, name }
      }
      const table = `tarn.${this.#held.name}`
      return work(table, async (sql) => readResult([await connection.run(sql)], false))
    })
  }

  async close(): Promise<void> {
    const place = this.#place
    this.#place = null
    if (place === null) return
    await place.connection.run('USE memory').catch(() => undefined)
    await place.connection.run(`DETACH ${quoteName(this.#catalog)}`).catch(() => undefined)
    await place.connection.close().catch(() => undefined)
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#tail.then(work, work)
    this.#tail = next.catch(() => undefined)
    return next
  }

  async #run(statement: string, options: RunOptions): Promise<RunOutcome> {
    const started = this.#engine.deps.clock()
    const signal = options.signal ?? new AbortController().signal
    const { text, ruling } = prepare(statement, options)
    let progress: RunProgress = { stage: 'plan', forecast: null, read: NOTHING, resultBytes: 0 }
    const report = (change: Partial<RunProgress>): void => {
      progress = { ...progress, ...change }
      options.onProgress?.(progress)
    }
    report({})
    const duck = await this.#engine.duck()
    const stop = this.#stopOnAbort(duck, signal)
    const loads: string[] = []
    try {
      const connection = await this.#ready()
      const planned =
        ruling.kind === 'explain' ? [] : await this.#plan(connection, text, ruling, { ...options, signal })
      const forecast = forecastOf(planned)
      report({ stage: 'read', forecast })
      let read = NOTHING
      for (const one of planned) {
        signal.throwIfAborted()
        const before = read
        const done = await this.#load(
          connection,
          one,
          loads,
          (now) => report({ read: added(before, now) }),
          signal,
        )
        read = added(before, done)
        report({ read })
      }
      signal.throwIfAborted()
      report({ stage: 'run' })
      const result = await this.#answer(connection, text, (resultBytes) =>
        report({ stage: 'fetch', resultBytes }),
      )
      signal.throwIfAborted()
      if (ruling.kind === 'change') this.#changed(text, ruling)
      return { result, forecast, read, ms: this.#engine.deps.clock() - started }
    } catch (error) {
      if (signal.aborted) throw new Cancelled()
      throw error instanceof Killed
        ? new EngineError('Engine', RESTARTED, null, [])
        : engineError(error, '', text)
    } finally {
      stop()
      await this.#restore(loads)
    }
  }

  /** Fires cancel when the signal does, and ends the worker where that does not help in time. */
  #stopOnAbort(duck: OpenDuck, signal: AbortSignal): () => void {
    let settled = false
    const abort = async (): Promise<void> => {
      this.#place?.connection.cancel().catch(() => undefined)
      await this.#engine.deps.sleep(GRACE_MS)
      if (!settled) this.#engine.rebuild(duck)
    }
    const listener = (): void => void abort()
    signal.addEventListener('abort', listener)
    if (signal.aborted) listener()
    return () => {
      settled = true
      signal.removeEventListener('abort', listener)
    }
  }

  async #answer(
    connection: DuckConnection,
    text: string,
    onBytes: (bytes: number) => void,
  ): Promise<QueryResult> {
    const pieces: Uint8Array[] = []
    let bytes = 0
    let cut = false
    await connection.stream(text, (piece) => {
      if (cut) return
      pieces.push(piece)
      bytes += piece.length
      onBytes(bytes)
      if (bytes > RESULT_BYTES) {
        cut = true
        connection.cancel().catch(() => undefined)
      }
    })
    const result = readResult(pieces, cut)
    // DuckDB-wasm leaves the words of an ENUM out of streamed answers, not out of whole ones.
    return hasEnum(result.schema.fields) && !cut ? readResult([await connection.run(text)], false) : result
  }

  #changed(text: string, ruling: Ruling): void {
    if (ruling.replay) this.#journal.push(text)
    // It may have hit a view of ours: they are all made anew before the next statement.
    this.#views = []
  }

  /** The session's connection, with the views of every table in place. */
  async #ready(): Promise<DuckConnection> {
    await this.#engine.refresh()
    const duck = await this.#engine.duck()
    const { tables } = this.#engine
    await duck.ensureBases(tables)
    if (this.#place?.duck !== duck) {
      const connection = await duck.host.connect()
      await connection.run(`ATTACH ':memory:' AS ${quoteName(this.#catalog)}`)
      await connection.run(`USE ${quoteName(this.#catalog)}`)
      this.#place = { duck, connection }
      this.#views = []
      await this.#makeViews(connection, tables)
      // What the session made may hide a lake table: the lake's own views are made once more after it.
      for (const text of this.#journal) await connection.run(text).catch(() => undefined)
    }
    const { connection } = this.#place
    if (
      this.#views.length !== tables.length ||
      tables.some((table, i) => table.base !== this.#views[i]?.base)
    ) {
      await this.#makeViews(connection, tables)
      this.#views = tables
    }
    return connection
  }

  async #makeViews(connection: DuckConnection, tables: readonly EngineTable[]): Promise<void> {
    await connection.run('CREATE SCHEMA IF NOT EXISTS tarn')
    for (const table of tables) {
      await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(table.schema)}`)
      await connection.run(planningView(this.#catalog, table))
      await connection.run(plainView(this.#catalog, table))
    }
  }

  async #plan(
    connection: DuckConnection,
    text: string,
    ruling: Ruling,
    options: RunOptions,
  ): Promise<Planned[]> {
    const tables = new Map(this.#views.map((table) => [table.base, table]))
    const prefix = `${EXPLAIN}${' '.repeat(text.length - ruling.inner.length)}`
    const ipc = await connection.run(prefix + ruling.inner).catch((error: unknown) => {
      throw engineError(error, EXPLAIN, ' '.repeat(text.length - ruling.inner.length) + ruling.inner)
    })
    const json = String(tableFromIPC(ipc).getChild('explain_value')?.get(0) ?? '[]')
    const plan = readPlan(json, tables)
    const opaque = ruling.opaque ? this.#named(ruling.inner) : []
    const needs = opaque.length > 0 ? opaque.map(needAll) : plan.needs
    const limit =
      plan.anyRows && opaque.length === 0 && this.#journal.length === 0 ? limitOf(ruling.inner) : null
    const signal = options.signal ?? new AbortController().signal
    return Promise.all(
      needs.map(async (need) => {
        const table = tables.get(need.base) as EngineTable
        const snapshot = options.snapshots?.[table.table.name]
        const ask = (columns: readonly number[]): Promise<PlanAnswer> =>
          this.#engine.deps.api.plan(
            {
              namespace: table.table.namespace,
              name: table.table.name,
              ...(snapshot === undefined ? {} : { snapshot }),
              filter: baseFilter(need.filter, table),
              columns,
              ...(limit === null ? {} : { limit }),
            },
            signal,
          )
        const columns = table.fields.filter((field) => need.columns.has(field.base))
        const answer = await ask(columns.map((field) => field.field.id))
        if (columns.length > 0 || answer.exact) return { table, need, answer }
        // Rows cannot be counted by the files' entries where some are deleted: one column is read to count them.
        const counting = table.fields.find((field) => typeof field.field.type === 'string') ?? table.fields[0]
        if (counting === undefined) return { table, need, answer }
        const more = await ask([counting.field.id])
        return { table, need: { ...need, columns: new Set([counting.base]) }, answer: more }
      }),
    )
  }

  /** Lake tables whose name stands anywhere in the text. */
  #named(text: string): EngineTable[] {
    const lower = text.toLowerCase()
    const named = this.#views.filter((table) => lower.includes(table.table.name.toLowerCase()))
    return named.length > 0 && this.#journal.length === 0 ? named : [...this.#views]
  }

  async #load(
    connection: DuckConnection,
    { table, need, answer }: Planned,
    loads: string[],
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<LoadProgress> {
    const fields = table.fields.filter((field) => need.columns.has(field.base))
    if (fields.length === 0) {
      await connection.run(viewOf(this.#catalog, table, `range(${answer.rows})`, new Set()))
      this.#loads++
      loads.push('')
      return { ...NOTHING, rows: answer.rows }
    }
    const name = `load_${++this.#loads}`
    const place = `${quoteName(this.#catalog)}.tarn.${quoteName(name)}`
    await connection.run(
      `CREATE TABLE ${place} (${fields.map((field) => `${field.base} ${field.duck}`).join(', ')})`,
    )
    loads.push(place)
    const constants = new Set(answer.constants)
    const columns = fields.map(({ field, base }) => ({
      id: field.id,
      name: base,
      type: field.type,
      constant: constants.has(field.id),
    }))
    const request = { plan: answer.plan, files: answer.files, columns }
    const insert = (ipc: Uint8Array): Promise<void> => connection.insert('tarn', name, ipc)
    const read = await this.#engine.deps.loader.load(request, insert, onProgress, signal)
    await connection.run(viewOf(this.#catalog, table, place, need.columns))
    return read
  }

  /** Puts the planning views back and drops what was loaded. */
  async #restore(loads: readonly string[]): Promise<void> {
    const place = this.#place
    if (loads.length === 0 || place === null) return
    try {
      for (const table of this.#views) await place.connection.run(planningView(this.#catalog, table))
      for (const load of loads) if (load !== '') await place.connection.run(`DROP TABLE IF EXISTS ${load}`)
    } catch (error) {
      this.#views = []
      if (error instanceof Killed) this.#place = null
    }
  }
}

function hasEnum(fields: readonly Field[]): boolean {
  return fields.some(({ type }) => DataType.isDictionary(type) || hasEnum((type.children ?? []) as Field[]))
}

const EMPTY: Forecast = { tables: [], files: 0, bytes: 0, rows: 0 }

function prepare(statement: string, options: RunOptions): { text: string; ruling: Ruling } {
  const parsed = one(statement)
  const text = options.parameters === undefined ? parsed.text : bindParameters(parsed, options.parameters)
  return { text, ruling: rule(one(text)) }
}

function one(text: string): Statement {
  const [first, second] = statements(text)
  if (first === undefined) throw new TypeError('there is no statement to run')
  if (second !== undefined) throw new TypeError('one statement at a time')
  return first
}

/** N + M of a statement that ends in `LIMIT N [OFFSET M]` and has no other LIMIT. */
export function limitOf(text: string): number | null {
  const words = (statements(text)[0]?.tokens ?? []).map((token) => token.text.toUpperCase())
  if (words.filter((word) => word === 'LIMIT').length !== 1) return null
  const [limit, count, offset, skip, ...rest] = words.slice(words.indexOf('LIMIT'))
  const number = (word: string | undefined): number | null =>
    word !== undefined && /^\d{1,9}$/.test(word) ? Number(word) : null
  if (limit === undefined || number(count) === null || rest.length > 0) return null
  if (offset === undefined) return number(count)
  return offset === 'OFFSET' && number(skip) !== null ? Number(count) + Number(skip) : null
}

function forecastOf(planned: readonly Planned[]): Forecast {
  const tables = planned.map(
    ({ table, need, answer }): TableCost => ({
      name: table.table.name,
      snapshotId: answer.snapshotId,
      files: need.columns.size === 0 ? 0 : answer.files.length,
      bytes: need.columns.size === 0 ? 0 : answer.bytes,
      rows: answer.rows,
      totals: answer.totals,
      columns: table.fields.filter((field) => need.columns.has(field.base)).map((field) => field.name),
      scans: need.scans,
      pruned: answer.files.length < answer.totals.files,
      missed: need.missed.map((text) => withNames(text, table)),
    }),
  )
  const sum = (of: (table: TableCost) => number): number =>
    tables.reduce((total, table) => total + of(table), 0)
  return { tables, files: sum((t) => t.files), bytes: sum((t) => t.bytes), rows: sum((t) => t.rows) }
}

function withNames(text: string, table: EngineTable): string {
  const names = new Map<string, QueryField>(table.fields.map((field) => [field.base, field.field]))
  return text.replace(/\bc\d+\b/g, (base) => names.get(base)?.name ?? base)
}

function added(a: LoadProgress, b: LoadProgress): LoadProgress {
  return {
    files: a.files + b.files,
    plannedBytes: a.plannedBytes + b.plannedBytes,
    rows: a.rows + b.rows,
    readBytes: a.readBytes + b.readBytes,
    requests: a.requests + b.requests,
    cachedFiles: a.cachedFiles + b.cachedFiles,
  }
}
