import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import {
  ConnectionPool,
  type DuckCalls,
  type DuckConnection,
  type DuckHost,
  lockDown,
} from '../../../src/renderer/query/duck.ts'

/** What is used of DuckDB-wasm's blocking bindings for Node: the same engine as in the page, without a worker. */
interface Bindings {
  instantiate(progress: () => void): Promise<void>
  open(config: object): void
  connect(): { _conn: number }
  runQuery(connection: number, sql: string): Uint8Array
  startPendingQuery(connection: number, sql: string, stream: boolean): Uint8Array | null
  pollPendingQuery(connection: number): Uint8Array | null
  cancelPendingQuery(connection: number): boolean
  fetchQueryResults(connection: number): Uint8Array | null
  insertArrowFromIPCStream(connection: number, ipc: Uint8Array, options: object): void
}

const require = createRequire(import.meta.url)
const blocking = '@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs'

async function bindings(): Promise<Bindings> {
  const duckdb = require(blocking)
  const folder = dirname(require.resolve(blocking))
  const module = (name: string) => ({ mainModule: join(folder, `duckdb-${name}.wasm`) })
  const bundles = { mvp: module('mvp'), eh: module('eh') }
  const db = await duckdb.createDuckDB(bundles, new duckdb.VoidLogger(), duckdb.NODE_RUNTIME)
  await db.instantiate(() => undefined)
  db.open({ path: ':memory:' })
  return db
}

/** DuckDB in this process, locked down as in the page. */
export async function openDuckNode(options: { readonly locked?: boolean } = {}): Promise<DuckHost> {
  const db = await bindings()
  const calls: DuckCalls = {
    connect: async () => db.connect()._conn,
    run: async (connection, sql) => db.runQuery(connection, sql),
  }
  const pool = new ConnectionPool(options.locked === false ? [] : await lockDown(calls, 1 << 30), calls)
  const connect = async (): Promise<DuckConnection> => {
    const id = await pool.take()
    return {
      run: async (sql) => db.runQuery(id, sql),
      async stream(sql, onPiece, lazy = false) {
        let piece = db.startPendingQuery(id, sql, lazy)
        while (piece === null) {
          await new Promise((resolve) => setImmediate(resolve))
          piece = db.pollPendingQuery(id)
        }
        await onPiece(piece)
        for (;;) {
          const next = db.fetchQueryResults(id)
          if (next === null) continue
          if (next.length === 0) return
          await onPiece(next)
        }
      },
      cancel: async () => void db.cancelPendingQuery(id),
      insert: async (schema, name, ipc) =>
        db.insertArrowFromIPCStream(id, ipc, { schema, name, create: false }),
      close: () => pool.giveBack(id),
    }
  }
  let ended = false
  const kill = () => {
    ended = true
  }
  return { connect, kill, alive: () => !ended }
}
