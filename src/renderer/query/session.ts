import { DataType, type Field, tableFromIPC } from 'apache-arrow'
import { Answers } from './answers.ts'
import { type Arrangement, arrangeSql } from './arrange.ts'
import { type Forecast, forecastOf, NO_COST } from './cost.ts'
import { Desk } from './desk.ts'
import { type DuckConnection, Killed } from './duck.ts'
import type { Engine } from './engine.ts'
import { Cancelled, EngineError } from './errors.ts'
import { heldColumns } from './held.ts'
import { type LoadProgress, NOTHING_READ } from './loader.ts'
import { planStatement } from './plan.ts'
import { type Prepared, prepare, type StatementOptions } from './prepare.ts'
import { type ColumnProfile, readProfile, spreadSql, statisticsSql } from './profile.ts'
import { type QueryResult, readResult } from './result.ts'

export interface RunOptions extends StatementOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: RunProgress) => void
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

/** How long DuckDB may take to obey a cancel before its worker is ended, in ms. */
const GRACE_MS = 1_500
/** Another tab's statement did not stop, or the engine crashed: this one went with it. */
const RESTARTED = 'The engine was started anew under this statement. Run it again.'
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
      return forecastOf(await planStatement(this.#engine.deps.api, this.#desk, connection, prepared, signal))
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
      const prepared = await prepare(this.#engine, statement, options)
      const connection = await this.#desk.ready(prepared.tables)
      const ipc = await connection.run(`EXPLAIN ${prepared.ruling.inner}`).catch((error: unknown) => {
        throw prepared.error(error, 'EXPLAIN ')
      })
      return String(tableFromIPC(ipc).getChild('explain_value')?.get(0) ?? '')
    })
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

  /** Works on the answer as a table of the engine. */
  async #over<T>(
    result: QueryResult,
    signal: AbortSignal | undefined,
    work: (table: string, ask: (sql: string) => Promise<QueryResult>) => Promise<T>,
  ): Promise<T> {
    return this.#exclusive(async () => {
      await this.#engine.refresh()
      const connection = await this.#desk.ready(this.#engine.tables)
      return this.#stoppable(signal, async (stop) => {
        const table = await this.#answers.hold(result, stop)
        return work(table, async (sql) => {
          stop.throwIfAborted()
          const pieces: Uint8Array[] = []
          await connection.stream(sql, (piece) => pieces.push(piece))
          stop.throwIfAborted()
          return readResult(pieces, false)
        })
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
    let progress: RunProgress = { stage: 'plan', forecast: null, read: NOTHING_READ, resultBytes: 0 }
    const report = (change: Partial<RunProgress>): void => {
      progress = { ...progress, ...change }
      options.onProgress?.(progress)
    }
    report({})
    return this.#stoppable(options.signal, async (signal) => {
      const prepared = await prepare(this.#engine, statement, options)
      const { ruling } = prepared
      const connection = await this.#desk.ready(prepared.tables)
      try {
        const { api } = this.#engine.deps
        const planned =
          ruling.kind === 'explain' ? [] : await planStatement(api, this.#desk, connection, prepared, signal)
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
        const result = await this.#answer(connection, prepared, (resultBytes) =>
          report({ stage: 'fetch', resultBytes }),
        )
        signal.throwIfAborted()
        if (ruling.kind === 'change') this.#desk.changed(prepared.text, ruling)
        return { result, forecast, read: sumOf(reads), reads, ms: clock() - started }
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
