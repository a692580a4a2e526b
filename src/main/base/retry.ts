import { setTimeout as wait } from 'node:timers/promises'
import { LakeError } from '../../shared/errors.ts'
import { cancelled, throwIfCancelled } from './cancel.ts'

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>

export interface RetryOptions {
  /** Calls in all, the first included. */
  readonly attempts: number
  /** Upper bound of the first pause; doubles with every further one. */
  readonly baseMs: number
  /** Upper bound of any pause. */
  readonly maxMs: number
  readonly signal?: AbortSignal | undefined
  /** A number in [0, 1). */
  readonly random?: () => number
  readonly sleep?: Sleep
  /** Whether to call again after `error`; by default a LakeError of outcome `retry`. CANCELLED never is. */
  readonly when?: (error: unknown) => boolean
  /** Told before every pause; `attempt` counts from 1. */
  readonly onRetry?: (error: unknown, attempt: number, pauseMs: number) => void
}

/** Waits `ms` milliseconds; CANCELLED as soon as `signal` fires. */
export const sleep: Sleep = async (ms, signal) => {
  throwIfCancelled(signal)
  try {
    await wait(ms, undefined, signal === undefined ? {} : { signal })
  } catch {
    throw cancelled(signal)
  }
}

/**
 * Calls `fn` until it succeeds, fails for good, or has used its attempts; then the last error is thrown. Pauses are
 * full jitter: even between 0 and min(maxMs, baseMs * 2^n), and no shorter than a `retryAfterMs` in the error's context
 * (itself cut at maxMs). `fn` gets the attempt, from 1.
 */
export async function retry<T>(fn: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts, baseMs, maxMs, signal } = options
  const random = options.random ?? Math.random
  const pauseFor = options.sleep ?? sleep
  const when = options.when ?? mayRetry
  for (let attempt = 1; ; attempt++) {
    throwIfCancelled(signal)
    try {
      return await fn(attempt)
    } catch (error) {
      if (attempt >= attempts || isCancelled(error) || !when(error)) throw error
      const jitter = random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1))
      const pause = Math.max(jitter, Math.min(maxMs, retryAfter(error)))
      options.onRetry?.(error, attempt, pause)
      await pauseFor(pause, signal)
    }
  }
}

/** The default of `when`: the request had no effect and may succeed later. */
function mayRetry(error: unknown): boolean {
  return error instanceof LakeError && error.outcome === 'retry'
}

function isCancelled(error: unknown): boolean {
  return error instanceof LakeError && error.code === 'CANCELLED'
}

function retryAfter(error: unknown): number {
  const value = error instanceof LakeError ? error.context.retryAfterMs : undefined
  return typeof value === 'number' ? value : 0
}
