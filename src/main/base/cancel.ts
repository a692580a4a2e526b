import { LakeError, type Outcome } from '../../shared/errors.ts'

/** The error of an operation stopped by its caller. `unknown` where a write was under way. */
export function cancelled(signal?: AbortSignal, outcome: Outcome = 'reject'): LakeError {
  return new LakeError('CANCELLED', 'Stopped on request', { outcome, cause: signal?.reason })
}

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal)
}
