/** DuckDB as the engine uses it. Text errors are DuckDB's own, as JSON where it gives them so. */
export interface DuckConnection {
  /** Runs one statement to its end; its answer as an Arrow IPC stream. */
  run(sql: string): Promise<Uint8Array>
  /** Runs one statement that `cancel` can stop, handing over its answer in pieces of one IPC stream. */
  stream(sql: string, onPiece: (ipc: Uint8Array) => void): Promise<void>
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
}

/** The worker was ended under a call. */
export class Killed extends Error {
  override readonly name = 'Killed'
  constructor() {
    super('the query engine was stopped')
  }
}

/**
 * First statements of a database, before anything of the user: nothing is downloaded, no file or address is reachable,
 * and none of it can be set back. The optimizers left out would plan by the emptiness of the tables that stand for the
 * lake while a statement is planned.
 */
export function lockDown(memoryBytes: number): readonly string[] {
  return [
    'SET autoinstall_known_extensions=false',
    'SET autoload_known_extensions=false',
    'SET allow_community_extensions=false',
    "SET disabled_optimizers='statistics_propagation,empty_result_pullup,late_materialization'",
    'SET errors_as_json=true',
    `SET memory_limit='${Math.floor(memoryBytes / 1_048_576)}MiB'`,
    "ATTACH ':memory:' AS lake",
    'SET enable_external_access=false',
    'SET lock_configuration=true',
  ]
}
