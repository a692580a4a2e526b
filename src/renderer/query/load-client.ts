import type { Fault } from '../../shared/errors.ts'
import { RequestFailed } from './api.ts'
import type { LoadClient } from './engine.ts'
import { Cancelled } from './errors.ts'
import type { LoadProgress, LoadRequest } from './loader.ts'

export type ToLoadWorker =
  | {
      readonly kind: 'load'
      readonly id: number
      readonly request: LoadRequest
      readonly cacheBytes: number
      readonly base: string
    }
  | { readonly kind: 'taken'; readonly id: number }
  | { readonly kind: 'cancel'; readonly id: number }

export type FromLoadWorker =
  | { readonly kind: 'chunk'; readonly id: number; readonly ipc: Uint8Array }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: LoadProgress }
  | { readonly kind: 'done'; readonly id: number; readonly progress: LoadProgress }
  | { readonly kind: 'failed'; readonly id: number; readonly fault: Fault; readonly cancelled: boolean }

/** What is used of a `Worker`. */
export interface WorkerPort {
  postMessage(message: ToLoadWorker): void
  addEventListener(type: 'message', listener: (event: MessageEvent<FromLoadWorker>) => void): void
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void
  terminate(): void
}

interface Pending {
  readonly emit: (ipc: Uint8Array) => Promise<void>
  readonly onProgress: (progress: LoadProgress) => void
  readonly resolve: (progress: LoadProgress) => void
  readonly reject: (error: unknown) => void
}

/**
 * Wasm memory never shrinks: after this many bytes of files the worker is ended and a new one started. Its cache of
 * decoded columns goes with it.
 */
const RECYCLE_BYTES = 4 * 2 ** 30

/** The loader in a worker of its own, started on first use and again after it failed. */
export function loadClient(start: () => WorkerPort, base: string, cacheBytes: number): LoadClient {
  const pending = new Map<number, Pending>()
  let port: WorkerPort | null = null
  let serial = 0
  let readBytes = 0

  const end = (error: unknown): void => {
    port?.terminate()
    port = null
    readBytes = 0
    for (const one of pending.values()) one.reject(error)
    pending.clear()
  }

  const open = (): WorkerPort => {
    const worker = start()
    worker.addEventListener('error', (event) => end(new Error(`the Parquet worker failed: ${event.message}`)))
    worker.addEventListener('message', ({ data }) => {
      const one = pending.get(data.id)
      if (one === undefined) return
      switch (data.kind) {
        case 'chunk':
          one.emit(data.ipc).then(
            () => worker.postMessage({ kind: 'taken', id: data.id }),
            (error: unknown) => {
              pending.delete(data.id)
              worker.postMessage({ kind: 'cancel', id: data.id })
              one.reject(error)
            },
          )
          return
        case 'progress':
          one.onProgress(data.progress)
          return
        case 'done':
          pending.delete(data.id)
          readBytes += data.progress.readBytes
          one.resolve(data.progress)
          break
        case 'failed':
          pending.delete(data.id)
          one.reject(data.cancelled ? new Cancelled() : new RequestFailed(data.fault))
      }
      if (readBytes > RECYCLE_BYTES && pending.size === 0) end(null)
    })
    return worker
  }

  return {
    load: (request, emit, onProgress, signal) =>
      new Promise((resolve, reject) => {
        const id = ++serial
        port ??= open()
        pending.set(id, { emit, onProgress, resolve, reject })
        signal.addEventListener('abort', () => port?.postMessage({ kind: 'cancel', id }), { once: true })
        port.postMessage({ kind: 'load', id, request, cacheBytes, base })
        if (signal.aborted) port.postMessage({ kind: 'cancel', id })
      }),
  }
}
