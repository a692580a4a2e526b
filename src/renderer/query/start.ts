import { exportApi, queryApi } from './api.ts'
import { openDuckDb } from './duckdb.ts'
import { Engine } from './engine.ts'
import { loadClient } from './load-client.ts'

/** Bytes that DuckDB may hold, and bytes of decoded columns kept for the next statement. */
export const ENGINE_MEMORY_BYTES = 1_536 << 20
const CACHE_BYTES = 256 << 20

/**
 * The page's engine, with its two workers; nothing is started before it is used. `cacheBytes`: decoded columns that are
 * kept for the next statement.
 */
export function startEngine(cacheBytes: number = CACHE_BYTES): Engine {
  const base = '/api'
  const worker = () => new Worker(new URL('./load-worker.ts', import.meta.url), { type: 'module' })
  return new Engine({
    openDuck: () => openDuckDb(ENGINE_MEMORY_BYTES),
    loader: loadClient(worker, base, cacheBytes),
    api: queryApi(base, (input, options) => fetch(input, options)),
    exports: exportApi(base, (input, options) => fetch(input, options)),
    clock: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    token: () =>
      crypto.getRandomValues(new Uint32Array(2)).reduce((text, word) => text + word.toString(36), ''),
  })
}

let engine: Engine | null = null

/** The page's one engine; started on first use and kept while the window is open. */
export function theEngine(): Engine {
  engine ??= startEngine()
  return engine
}
