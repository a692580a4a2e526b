import { ERROR_CODES, type ErrorCode, type Fault, LakeError } from '../../shared/errors.ts'
import type { MessageBatch } from '../source/source.ts'
import type { AccumulatorOptions, AddResult, EncodedFile, FirstOffsets } from './accumulator.ts'

/** What encoder.ts and worker.ts say to each other: every request is answered once, in order. */

/** `workerData` of the thread. */
export interface WorkerOptions extends Omit<AccumulatorOptions, 'avro'> {
  readonly registryUrl: string | null
}

export type Request =
  | { readonly kind: 'add'; readonly batch: MessageBatch; readonly from: FirstOffsets; readonly now: number }
  /** Begins a flush: what was added so far is set apart. */
  | { readonly kind: 'flush' }
  /** The next file of the flush under way, null after the last. */
  | { readonly kind: 'next' }
  /** Drops what is left of the flush under way. */
  | { readonly kind: 'drop' }

/** `ms` is the time that the thread took. */
export type Answer =
  | { readonly kind: 'added'; readonly result: AddResult; readonly ms: number }
  | { readonly kind: 'file'; readonly file: EncodedFile | null; readonly ms: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly fault: Fault }

/** The error that a fault of the other thread stands for. */
export function toError(fault: Fault): LakeError {
  const code: ErrorCode = ERROR_CODES.includes(fault.code) ? fault.code : 'INTERNAL'
  return new LakeError(code, fault.title, {
    outcome: fault.outcome,
    context: fault.context,
    ...(fault.likely === undefined ? {} : { likely: fault.likely }),
    ...(fault.remedy === undefined ? {} : { remedy: fault.remedy }),
  })
}
