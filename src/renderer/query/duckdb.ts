import { AsyncDuckDB, VoidLogger } from '@duckdb/duckdb-wasm'
import workerUrl from '@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js?url'
import wasmUrl from '@duckdb/duckdb-wasm/dist/duckdb-eh.wasm?url'
import { type DuckConnection, type DuckHost, Killed, lockDown } from './duck.ts'

/** Starts DuckDB-wasm in a classic worker of this page and locks it down. `memoryBytes` bounds what it holds. */
export async function openDuckDb(memoryBytes: number): Promise<DuckHost> {
  const worker = new Worker(new URL(workerUrl, location.href))
  const db = new AsyncDuckDB(new VoidLogger(), worker)
  let kill: () => void = () => undefined
  const dead = new Promise<never>((_, reject) => {
    kill = () => {
      worker.terminate()
      reject(new Killed())
    }
  })
  dead.catch(() => undefined)
  worker.addEventListener('error', () => kill())
  // A call to a worker that was ended would wait for ever.
  const alive = <T>(call: Promise<T>): Promise<T> => Promise.race([call, dead])
  try {
    await alive(db.instantiate(new URL(wasmUrl, location.href).href))
    await alive(
      db.open({ path: ':memory:', arrowLosslessConversion: true, filesystem: { allowFullHTTPReads: false } }),
    )
    const connection = await alive(db.connectInternal())
    for (const statement of lockDown(memoryBytes)) await alive(db.runQuery(connection, statement))
    await alive(db.disconnect(connection))
  } catch (error) {
    kill()
    throw error
  }
  return { connect: async () => connectionOf(db, await alive(db.connectInternal()), alive), kill }
}

function connectionOf(
  db: AsyncDuckDB,
  id: number,
  alive: <T>(call: Promise<T>) => Promise<T>,
): DuckConnection {
  return {
    run: (sql) => alive(db.runQuery(id, sql)),
    async stream(sql, onPiece) {
      let piece = await alive(db.startPendingQuery(id, sql, false))
      while (piece === null) piece = await alive(db.pollPendingQuery(id))
      onPiece(piece)
      for (;;) {
        const next = await alive(db.fetchQueryResults(id))
        if (next === null || next.length === 0) return
        onPiece(next)
      }
    },
    cancel: async () => void (await alive(db.cancelPendingQuery(id))),
    insert: (schema, name, ipc) =>
      alive(db.insertArrowFromIPCStream(id, ipc, { schema, name, create: false })),
    close: () => alive(db.disconnect(id)),
  }
}
