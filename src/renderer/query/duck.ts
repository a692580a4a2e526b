/** DuckDB as the engine uses it. Text errors are DuckDB's own, as JSON where it gives them so. */
export interface DuckConnection {
  /** Runs one statement to its end; its answer as an Arrow IPC stream. */
  run(sql: string): Promise<Uint8Array>
  /**
   * Runs one statement that `cancel` can stop, handing over its answer in pieces of one IPC stream, the schema first,
   * and waiting for each. `lazy`: DuckDB works out each piece when it is asked for and never holds the whole answer.
   */
  stream(sql: string, onPiece: (ipc: Uint8Array) => void | Promise<void>, lazy?: boolean): Promise<void>
  /** Asks a running `stream` to stop. */
  cancel(): Promise<void>
  /** Appends the batches of an IPC stream to an existing table. */
  insert(schema: string, table: string, ipc: Uint8Array): Promise<void>
  close(): Promise<void>
}

export interface DuckHost {
  connect(): Promise<DuckConnection>
  /** Ends the worker at once; calls under way fail with `Killed`. */
  kill(): void
  /** False once it was ended or has crashed. */
  alive(): boolean
}

/** The worker was ended under a call. */
export class Killed extends Error {
  override readonly name = 'Killed'
  constructor() {
    super('the query engine was stopped')
  }
}

/** DuckDB's calls that this needs, for a worker or in the same thread. */
export interface DuckCalls {
  connect(): Promise<number>
  run(connection: number, sql: string): Promise<Uint8Array>
}

/** Connections made before the lock: settings of a connection cannot be set after it. */
const CONNECTIONS = 24

/**
 * First statements of a database, before anything of the user: nothing is downloaded, no file or address is reachable,
 * and none of it can be set back. The optimizers left out would plan by the emptiness of the tables that stand for the
 * lake while a statement is planned. Gives connections whose errors come as JSON, with their place.
 */
export async function lockDown(calls: DuckCalls, memoryBytes: number): Promise<number[]> {
  const first = await calls.connect()
  const global = [
    'SET autoinstall_known_extensions=false',
    'SET autoload_known_extensions=false',
    'SET allow_community_extensions=false',
    "SET disabled_optimizers='statistics_propagation,empty_result_pullup,late_materialization'",
    `SET memory_limit='${Math.floor(memoryBytes / 1_048_576)}MiB'`,
    "ATTACH ':memory:' AS lake",
  ]
  for (const statement of global) await calls.run(first, statement)
  const connections: number[] = []
  for (let i = 0; i < CONNECTIONS; i++) {
    const connection = await calls.connect()
    await calls.run(connection, 'SET errors_as_json=true')
    connections.push(connection)
  }
  await calls.run(first, 'SET enable_external_access=false')
  await calls.run(first, 'SET lock_configuration=true')
  return connections
}

/** Lends connections out and takes them back; beyond what was prepared, new ones whose errors have no place. */
export class ConnectionPool {
  readonly #free: number[]
  readonly #calls: DuckCalls
  constructor(free: readonly number[], calls: DuckCalls) {
    this.#free = [...free]
    this.#calls = calls
  }

  async take(): Promise<number> {
    return this.#free.pop() ?? this.#calls.connect()
  }

  async giveBack(connection: number): Promise<void> {
    await this.#calls.run(connection, 'USE memory')
    this.#free.push(connection)
  }
}
