import init, { ParquetFile, readParquet } from 'parquet-wasm/esm'
import wasmUrl from 'parquet-wasm/esm/parquet_wasm_bg.wasm?url'
import { toFault } from '../../shared/errors.ts'
import { queryApi, RequestFailed } from './api.ts'
import type { FromLoadWorker, ToLoadWorker } from './load-client.ts'
import { createLoader, type Loader } from './loader.ts'

/** Fetches packed reads, decodes Parquet and answers Arrow IPC, off the page's thread. */

let loader: Promise<Loader> | null = null
const running = new Map<number, AbortController>()
const acknowledged = new Map<number, () => void>()

const post = (message: FromLoadWorker, transfer: Transferable[] = []): void => {
  self.postMessage(message, { transfer })
}

async function start(cacheBytes: number, base: string): Promise<Loader> {
  await init({ module_or_path: new URL(wasmUrl, self.location.href) })
  const api = queryApi(base, (input, options) => fetch(input, options))
  return createLoader({ read: api.read, parquet: { readParquet, ParquetFile }, cacheBytes })
}

async function load(message: Extract<ToLoadWorker, { kind: 'load' }>): Promise<void> {
  const { id, request } = message
  const controller = new AbortController()
  running.set(id, controller)
  try {
    loader ??= start(message.cacheBytes, message.base)
    const emit = (ipc: Uint8Array): Promise<void> =>
      new Promise((resolve, reject) => {
        acknowledged.set(id, resolve)
        controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true })
        const own = ipc.byteLength === ipc.buffer.byteLength ? ipc : ipc.slice()
        post({ kind: 'chunk', id, ipc: own }, [own.buffer as ArrayBuffer])
      })
    const done = await (await loader).load(
      request,
      emit,
      (progress) => post({ kind: 'progress', id, progress }),
      controller.signal,
    )
    post({ kind: 'done', id, progress: done })
  } catch (error) {
    const fault = error instanceof RequestFailed ? error.fault : toFault(error)
    post({ kind: 'failed', id, fault, cancelled: controller.signal.aborted })
  } finally {
    running.delete(id)
    acknowledged.delete(id)
  }
}

self.addEventListener('message', (event: MessageEvent<ToLoadWorker>) => {
  const message = event.data
  if (message.kind === 'load') void load(message)
  else if (message.kind === 'cancel') running.get(message.id)?.abort()
  else acknowledged.get(message.id)?.()
})
