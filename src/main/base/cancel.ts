import { LakeError, type Outcome } from '../../shared/errors.ts'

/** The error of an operation stopped by its caller. `unknown` where a write was under way. */
export function cancelled(signal?: AbortSignal, outcome: Outcome = 'reject'): LakeError {
  return new LakeError('CANCELLED', 'Stopped on request', { outcome, cause: signal?.reason })
}

/** What `promise` gives; CANCELLED at once where the signal fires before. The work behind it goes on for others. */
export async function unlessCancelled<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  throwIfCancelled(signal)
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  const stop = () => reject(cancelled(signal))
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([promise, stopped])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal)
}
