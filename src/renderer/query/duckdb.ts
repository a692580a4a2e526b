import { AsyncDuckDB, VoidLogger } from '@duckdb/duckdb-wasm'
import workerUrl from '@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js?url'
import wasmUrl from '@duckdb/duckdb-wasm/dist/duckdb-eh.wasm?url'
import {
  ConnectionPool,
  type DuckCalls,
  type DuckConnection,
  type DuckHost,
  Killed,
  lockDown,
} from './duck.ts'

/** What WebAssembly says when its memory or its code has failed: nothing of that instance can be used again. */
const CRASHED = /memory access out of bounds|unreachable|table index is out of bounds|Aborted\(/

/** Starts DuckDB-wasm in a classic worker of this page and locks it down. `memoryBytes` bounds what it holds. */
export async function openDuckDb(memoryBytes: number): Promise<DuckHost> {
  const worker = new Worker(new URL(workerUrl, location.href))
  const db = new AsyncDuckDB(new VoidLogger(), worker)
  let kill: () => void = () => undefined
  let ended = false
  const dead = new Promise<never>((_, reject) => {
    kill = () => {
      ended = true
      worker.terminate()
      reject(new Killed())
    }
  })
  dead.catch(() => undefined)
  worker.addEventListener('error', () => kill())
  // A call to a worker that was ended would wait for ever.
  const alive = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await Promise.race([call, dead])
    } catch (error) {
      if (CRASHED.test(String(error))) kill()
      throw error
    }
  }
  const calls: DuckCalls = {
    connect: () => alive(db.connectInternal()),
    run: (connection, sql) => alive(db.runQuery(connection, sql)),
  }
  try {
    await alive(db.instantiate(new URL(wasmUrl, location.href).href))
    await alive(db.open({ path: ':memory:', filesystem: { allowFullHTTPReads: false } }))
    const pool = new ConnectionPool(await lockDown(calls, memoryBytes), calls)
    return {
      connect: async () => connectionOf(db, await pool.take(), pool, alive),
      kill,
      alive: () => !ended,
    }
  } catch (error) {
    kill()
    throw error
  }
}

function connectionOf(
  db: AsyncDuckDB,
  id: number,
  pool: ConnectionPool,
  alive: <T>(call: Promise<T>) => Promise<T>,
): DuckConnection {
  return {
    run: (sql) => alive(db.runQuery(id, sql)),
    async stream(sql, onPiece, lazy = false) {
      let piece = await alive(db.startPendingQuery(id, sql, lazy))
      while (piece === null) piece = await alive(db.pollPendingQuery(id))
      await onPiece(piece)
      for (;;) {
        const next = await alive(db.fetchQueryResults(id))
        // Not ready yet.
        if (next === null) continue
        if (next.length === 0) return
        await onPiece(next)
      }
    },
    cancel: async () => void (await alive(db.cancelPendingQuery(id))),
    insert: (schema, name, ipc) =>
      alive(db.insertArrowFromIPCStream(id, ipc, { schema, name, create: false })),
    close: () => pool.giveBack(id),
  }
}
