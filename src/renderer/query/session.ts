import { DataType, type Field } from 'apache-arrow'
import type { ExportFormat } from '../../shared/export.ts'
import type { Filter } from '../../shared/query.ts'
import { Answers } from './answers.ts'
import { type Arrangement, AS_IT_CAME, arrangedQuery, arrangeSql } from './arrange.ts'
import { type Comparison, compareTables } from './compare.ts'
import { type Forecast, forecastOf, NO_COST } from './cost.ts'
import { Desk } from './desk.ts'
import { type DuckConnection, Killed } from './duck.ts'
import type { Engine } from './engine.ts'
import { Cancelled, EngineError } from './errors.ts'
import { type Explanation, explainStatement } from './explanation.ts'
import { type Exported, type ExportTarget, exportParts } from './export.ts'
import { heldColumns } from './held.ts'
import { type LoadProgress, NOTHING_READ } from './loader.ts'
import type { ParameterValue } from './parameters.ts'
import { planStatement } from './plan.ts'
import { type Prepared, prepare, type StatementOptions } from './prepare.ts'
import { type ColumnProfile, readProfile, spreadSql, statisticsSql } from './profile.ts'
import { type QueryResult, readPiece, readResult } from './result.ts'
import { Refused } from './rules.ts'

export interface RunOptions extends StatementOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: RunProgress) => void
  /** What the statement is known to need of a table, so that it can be planned while DuckDB still starts. */
  readonly ahead?: Ahead
}

/** Columns of a table and the condition on its rows that a statement implies, by the lake's own names. */
export interface Ahead {
  readonly table: string
  readonly columns: readonly string[]
  readonly filter: Filter
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
  /** What was read of each table, in the forecast's order. */
  readonly reads: readonly LoadProgress[]
  /** Wall time in ms. */
  readonly ms: number
}

export interface ExportOptions extends StatementOptions {
  readonly format: ExportFormat
  /** What the file is to be called, without ending. */
  readonly name: string
  readonly result?: QueryResult
  /** Only with `result`. */
  readonly arrange?: Arrangement
  readonly signal?: AbortSignal
  /** Rows and bytes that are in the file. */
  readonly onProgress?: (rows: number, bytes: number) => void
  /** How running the statement anew gets on; not called where `result` is written. */
  readonly onRun?: (progress: RunProgress) => void
}

export interface CompareOptions {
  readonly parameters?: Readonly<Record<string, ParameterValue>>
  /** Snapshot id by table name; the current one where a table is not named. */
  readonly before: Readonly<Record<string, string>>
  readonly after: Readonly<Record<string, string>>
  /** Columns of the answer that tell its rows apart; none compares whole rows, which are then added or removed. */
  readonly key: readonly string[]
  /** Most differences in the result; 100,000 by default. All are counted. */
  readonly limit?: number
  /** Lists the rows that are the same in place of those that differ. */
  readonly same?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (side: 'before' | 'after', progress: RunProgress) => void
}

/** A statement whose tables stand in the engine. */
interface Loaded {
  readonly connection: DuckConnection
  readonly prepared: Prepared
  readonly signal: AbortSignal
  readonly report: (change: Partial<RunProgress>) => void
  readonly forecast: Forecast
  readonly reads: readonly LoadProgress[]
  readonly read: LoadProgress
}

/** How long DuckDB may take to obey a cancel before its worker is ended, in ms. */
const GRACE_MS = 1_500
/** Another tab's statement did not stop, or the engine crashed: this one went with it. */
const RESTARTED = 'The engine was started anew under this statement. Run it again.'
/** Differences that a comparison shows, in rows. */
const DIFFERENCES = 100_000
/** Largest answer kept, in bytes of Arrow. */
const RESULT_BYTES = 512 << 20

/** One tab's place in the engine: its own catalog, so that views and loaded rows of tabs never meet. */
export class Session {
  readonly #engine: Engine
  readonly #desk: Desk
  readonly #answers: Answers
  #tail: Promise<unknown> = Promise.resolve()
  #running = false

  constructor(engine: Engine, catalog: string) {
    this.#engine = engine
    this.#desk = new Desk(engine, catalog)
    this.#answers = new Answers(this.#desk)
  }

  get running(): boolean {
    return this.#running
  }

  /** What running the statement would read; null while another statement runs here. Errors as of `run`. */
  async forecast(statement: string, options: RunOptions = {}): Promise<Forecast | null> {
    if (this.#running) return null
    return this.#exclusive(async () => {
      const prepared = await prepare(this.#engine, statement, options)
      if (prepared.ruling.kind === 'explain') return NO_COST
      const connection = await this.#desk.ready(prepared.tables)
      const signal = options.signal ?? new AbortController().signal
      return forecastOf(await planStatement(this.#engine, this.#desk, connection, prepared, signal))
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

  /**
   * What a statement would read and why: what of it reaches the planner of each table, what does not and why not, and
   * DuckDB's own plan. Nothing of the lake's data is read. Errors as of `run`.
   */
  async explain(statement: string, options: RunOptions = {}): Promise<Explanation> {
    return this.#exclusive(() =>
      this.#stoppable(options.signal, async (signal) => {
        const prepared = await prepare(this.#engine, statement, options)
        const connection = await this.#desk.ready(prepared.tables)
        const planned = await planStatement(this.#engine, this.#desk, connection, prepared, signal, {
          footers: true,
        })
        return explainStatement(this.#desk, connection, prepared, planned, forecastOf(planned))
      }),
    )
  }

  /**
   * How one column of an answer spreads, exact over all its rows; the engine counts, the lake is not read again.
   * `Cancelled` when the signal fires.
   */
  async profile(result: QueryResult, column: number, signal?: AbortSignal): Promise<ColumnProfile> {
    return this.#over(result, signal, async (table, ask) => {
      const held = heldColumns(result.schema.fields)[column]
      const word = result.columns[column]?.kind.word
      if (held === undefined || word === undefined) throw new RangeError(`no column ${column}`)
      const statistics = await ask(statisticsSql(table, held, word))
      return readProfile(word, statistics, await ask(spreadSql(table, held, word)))
    })
  }

  /** Numbers of the answer's rows that pass the filters, sorted; over the whole answer, in the engine. */
  async arrange(result: QueryResult, arrangement: Arrangement, signal?: AbortSignal): Promise<Uint32Array> {
    return this.#over(result, signal, async (table, ask) => {
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

  /**
   * Writes an answer into a file: the one the page shows (`result`) as it stands, in the grid's order and filters where
   * `arrange` is given; or, without it or where it was cut, all rows of the statement run anew, which are never held
   * together. Errors as of `run`; nothing is left behind then.
   */
  async export(statement: string, options: ExportOptions): Promise<Exported> {
    const { result, arrange = AS_IT_CAME, signal } = options
    const { exports } = this.#engine.deps
    const target: ExportTarget = {
      format: options.format,
      name: options.name,
      signal: signal ?? new AbortController().signal,
      onProgress: options.onProgress ?? (() => undefined),
    }
    if (result === undefined || result.cut) {
      return this.#exportAnew(statement, options, (produce, stop) =>
        exportParts(exports, produce, { ...target, signal: stop }),
      )
    }
    try {
      const plain = arrange.sort === null && arrange.filters.length === 0
      const shown = plain ? result : result.ordered(await this.arrange(result, arrange, signal))
      return await exportParts(exports, (take) => take(shown), target)
    } catch (error) {
      throw target.signal.aborted ? new Cancelled() : error
    }
  }

  #exportAnew(
    statement: string,
    { result, arrange = AS_IT_CAME, ...options }: ExportOptions,
    send: (
      produce: (take: (part: QueryResult) => Promise<void>) => Promise<void>,
      signal: AbortSignal,
    ) => Promise<Exported>,
  ): Promise<Exported> {
    const report = options.onRun ?? (() => undefined)
    return this.#exclusive(() =>
      this.#loaded(
        statement,
        { ...options, onProgress: report },
        async ({ connection, prepared, signal }) => {
          if (prepared.ruling.kind !== 'read')
            throw new Refused('Only the answer of a query can be exported.')
          const arranged = arrange.sort !== null || arrange.filters.length > 0
          const sql =
            arranged && result !== undefined
              ? arrangedQuery(prepared.text, result.columns, arrange)
              : prepared.text
          return send(async (take) => {
            try {
              await streamParts(connection, sql, take)
            } catch (error) {
              throw arranged ? error : prepared.error(error)
            }
          }, signal)
        },
      ),
    )
  }

  /**
   * Runs a query at two states of the lake and compares the answers by key, all in the engine. Errors as of `run`;
   * `EngineError` where a column of the key is missing.
   */
  async compare(statement: string, options: CompareOptions): Promise<Comparison> {
    const { clock } = this.#engine.deps
    const { before, after, key, limit = DIFFERENCES, same = false, onProgress, ...rest } = options
    const started = clock()
    return this.#exclusive(async () => {
      const names: string[] = []
      const answerAt = (side: 'before' | 'after', snapshots: CompareOptions['before']) => {
        const report = (progress: RunProgress): void => onProgress?.(side, progress)
        return this.#loaded(statement, { ...rest, snapshots, onProgress: report }, async (loaded) => {
          const { connection, prepared, forecast } = loaded
          if (prepared.ruling.kind !== 'read')
            throw new Refused('Only the answers of a query can be compared.')
          const table = `tarn.${this.#desk.name(side)}`
          names.push(table)
          const make = `CREATE TABLE ${table} AS `
          await connection
            .stream(make + prepared.text, () => undefined)
            .catch((error: unknown) => {
              throw prepared.error(error, make)
            })
          return { table, forecast }
        })
      }
      try {
        const [was, now] = [await answerAt('before', before), await answerAt('after', after)]
        const differences = await this.#stoppable(options.signal, (signal) =>
          compareTables({ before: was.table, after: now.table }, key, { limit, same }, (sql) =>
            this.#ask(sql, signal),
          ),
        )
        const forecasts = { before: was.forecast, after: now.forecast }
        return { ...differences, forecasts, ms: clock() - started }
      } finally {
        for (const name of names)
          await this.#desk.place?.connection.run(`DROP TABLE IF EXISTS ${name}`).catch(() => undefined)
      }
    })
  }

  /** Runs a query of ours on the session's own tables. */
  async #ask(sql: string, signal: AbortSignal): Promise<QueryResult> {
    signal.throwIfAborted()
    const { connection } = this.#desk.place as NonNullable<Desk['place']>
    const pieces: Uint8Array[] = []
    await connection.stream(sql, (piece) => void pieces.push(piece))
    signal.throwIfAborted()
    return readResult(pieces, false)
  }

  /** Works on the answer as a table of the engine. */
  async #over<T>(
    result: QueryResult,
    signal: AbortSignal | undefined,
    work: (table: string, ask: (sql: string) => Promise<QueryResult>) => Promise<T>,
  ): Promise<T> {
    return this.#exclusive(async () => {
      await this.#engine.refresh()
      await this.#desk.ready(this.#engine.tables)
      return this.#stoppable(signal, async (stop) => {
        const table = await this.#answers.hold(result, stop)
        return work(table, (sql) => this.#ask(sql, stop))
      })
    })
  }

  async close(): Promise<void> {
    await this.#desk.close()
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#tail.then(work, work)
    this.#tail = next.catch(() => undefined)
    return next
  }

  async #run(statement: string, options: RunOptions): Promise<RunOutcome> {
    const { clock } = this.#engine.deps
    const started = clock()
    return this.#loaded(statement, options, async ({ connection, prepared, signal, report, ...loaded }) => {
      const result = await this.#answer(connection, prepared, (resultBytes) =>
        report({ stage: 'fetch', resultBytes }),
      )
      signal.throwIfAborted()
      const { ruling, text } = prepared
      if (ruling.kind === 'change') this.#desk.changed(text, ruling)
      return { result, ...loaded, ms: clock() - started }
    })
  }

  #planAhead({ table: name, columns, filter }: Ahead, tables: Prepared['tables'], signal: AbortSignal): void {
    const table = tables.find((one) => one.at === null && one.table.name === name)
    if (table === undefined) return
    const ids = table.fields.filter((field) => columns.includes(field.name)).map(({ field }) => field.id)
    this.#engine.planAhead({ namespace: table.table.namespace, name, filter, columns: ids }, signal)
  }

  /** Plans a statement and reads what it needs; then `work` may run it, with everything in place until it is done. */
  async #loaded<T>(statement: string, options: RunOptions, work: (loaded: Loaded) => Promise<T>): Promise<T> {
    let progress: RunProgress = { stage: 'plan', forecast: null, read: NOTHING_READ, resultBytes: 0 }
    const report = (change: Partial<RunProgress>): void => {
      progress = { ...progress, ...change }
      options.onProgress?.(progress)
    }
    report({})
    return this.#stoppable(options.signal, async (signal) => {
      const prepared = await prepare(this.#engine, statement, options)
      if (options.ahead && this.#engine.cold) this.#planAhead(options.ahead, prepared.tables, signal)
      const connection = await this.#desk.ready(prepared.tables)
      try {
        const planned =
          prepared.ruling.kind === 'explain'
            ? []
            : await planStatement(this.#engine, this.#desk, connection, prepared, signal)
        const forecast = forecastOf(planned)
        report({ stage: 'read', forecast })
        const reads: LoadProgress[] = []
        for (const one of planned) {
          signal.throwIfAborted()
          const before = sumOf(reads)
          const onLoad = (now: LoadProgress): void => report({ read: sumOf([before, now]) })
          reads.push(await this.#desk.load(one, onLoad, signal))
          report({ read: sumOf(reads) })
        }
        signal.throwIfAborted()
        report({ stage: 'run' })
        return await work({ connection, prepared, signal, report, forecast, reads, read: sumOf(reads) })
      } finally {
        await this.#desk.restore()
      }
    })
  }

  /**
   * Work in DuckDB that `signal` stops: by a cancel, and where that does not help in time by the end of the worker.
   * Throws `Cancelled` then.
   */
  async #stoppable<T>(
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const stop = signal ?? new AbortController().signal
    let settled = false
    const abort = async (): Promise<void> => {
      const place = this.#desk.place
      place?.connection.cancel().catch(() => undefined)
      await this.#engine.deps.sleep(GRACE_MS)
      const duck = place?.duck ?? this.#desk.place?.duck
      if (!settled && duck !== undefined) this.#engine.rebuild(duck)
    }
    const listener = (): void => void abort()
    stop.addEventListener('abort', listener)
    try {
      stop.throwIfAborted()
      return await work(stop)
    } catch (error) {
      if (stop.aborted) throw new Cancelled()
      throw error instanceof Killed ? new EngineError('Engine', RESTARTED, null, []) : error
    } finally {
      settled = true
      stop.removeEventListener('abort', listener)
    }
  }

  async #answer(
    connection: DuckConnection,
    prepared: Prepared,
    onBytes: (bytes: number) => void,
  ): Promise<QueryResult> {
    const pieces: Uint8Array[] = []
    let bytes = 0
    let cut = false
    try {
      await connection.stream(prepared.text, (piece) => {
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
      return hasEnum(result.schema.fields) && !cut
        ? readResult([await connection.run(prepared.text)], false)
        : result
    } catch (error) {
      throw prepared.error(error)
    }
  }
}

/** The answer of a query part by part, each let go before the next is asked for. */
async function streamParts(
  connection: DuckConnection,
  sql: string,
  take: (part: QueryResult) => Promise<void>,
): Promise<void> {
  let first: Uint8Array | null = null
  let whole = false
  await connection.stream(
    sql,
    async (piece) => {
      if (first !== null) {
        if (!whole) await take(readPiece(first, piece))
        return
      }
      first = piece
      const head = readResult([piece], true)
      whole = hasEnum(head.schema.fields)
      if (!whole) await take(head)
    },
    true,
  )
  // As in `#answer`: the words of an ENUM come in whole answers only.
  if (whole) await take(readResult([await connection.run(sql)], false))
}

function hasEnum(fields: readonly Field[]): boolean {
  return fields.some(({ type }) => DataType.isDictionary(type) || hasEnum((type.children ?? []) as Field[]))
}

function sumOf(parts: readonly LoadProgress[]): LoadProgress {
  const sum = { ...NOTHING_READ }
  for (const part of parts) {
    for (const key of Object.keys(sum) as (keyof LoadProgress)[]) sum[key] += part[key]
  }
  return sum
}
