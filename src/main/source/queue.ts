import { cancelled } from '../base/cancel.ts'
import { batchBytes } from './pack.ts'
import type { MessageBatch } from './source.ts'

/** What a pushing client has read and nobody has pulled yet, bounded by bytes. */
export class BatchQueue {
  readonly #limit: number
  readonly #batches: MessageBatch[] = []
  #bytes = 0
  #failure: Error | null = null
  #closed = false
  #takers: (() => void)[] = []
  #pushers: (() => void)[] = []

  /** @param limit bytes; one batch above it still passes when the queue is empty */
  constructor(limit: number) {
    this.#limit = limit
  }

  get bytes(): number {
    return this.#bytes
  }

  get full(): boolean {
    return !this.#closed && this.#failure === null && this.#bytes >= this.#limit
  }

  push(batch: MessageBatch): void {
    if (this.#closed) return
    this.#batches.push(batch)
    this.#bytes += batchBytes(batch)
    wake(this.#takers)
  }

  /** Every taker from now on gets this error, after what was read before it. */
  fail(error: Error): void {
    this.#failure ??= error
    wake(this.#takers)
    wake(this.#pushers)
  }

  close(): void {
    this.#closed = true
    this.#batches.length = 0
    this.#bytes = 0
    wake(this.#takers)
    wake(this.#pushers)
  }

  /** Resolves when there is room, or after `waitMs`. */
  async room(waitMs: number): Promise<void> {
    if (this.full) await pause(this.#pushers, waitMs)
  }

  /** The oldest batch; null after `waitMs` without one. Throws what `fail` was given, CANCELLED when `signal` fires. */
  async take(waitMs: number, signal?: AbortSignal): Promise<MessageBatch | null> {
    const deadline = performance.now() + waitMs
    for (;;) {
      if (signal?.aborted) throw cancelled(signal)
      const batch = this.#batches.shift()
      if (batch !== undefined) {
        this.#bytes -= batchBytes(batch)
        if (!this.full) wake(this.#pushers)
        return batch
      }
      if (this.#failure !== null) throw this.#failure
      const left = deadline - performance.now()
      if (this.#closed || left <= 0) return null
      await pause(this.#takers, left, signal)
    }
  }
}

function wake(waiting: (() => void)[]): void {
  for (const resume of waiting.splice(0)) resume()
}

function pause(list: (() => void)[], ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const resume = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', resume)
      const at = list.indexOf(resume)
      if (at >= 0) list.splice(at, 1)
      resolve()
    }
    const timer = setTimeout(resume, ms)
    signal?.addEventListener('abort', resume)
    list.push(resume)
  })
}
