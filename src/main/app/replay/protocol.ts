import type { Fault } from '../../../shared/errors.ts'
import type { Fix } from '../../../shared/letters.ts'
import type { Validation } from '../../decode/validate.ts'
import type { EncodedFile, TableShape } from '../../ingest/accumulator.ts'
import type { SplitRow } from '../../replay/bench.ts'
import type { Letter, Verdict } from '../../replay/judge.ts'

/** What bench.ts and worker.ts say to each other: every request is answered once, in order. */

/** `workerData` of the thread: the fix and the rules that it judges by. */
export interface BenchOptions {
  readonly fix: Fix
  readonly validation: Validation
  readonly maxMessageBytes: number
}

export type Request =
  | { readonly kind: 'judge'; readonly letters: readonly Letter[] }
  /** How many of the letters land under each of some other fixes. */
  | { readonly kind: 'try'; readonly letters: readonly Letter[]; readonly fixes: readonly Fix[] }
  /** Begins files of letters that land, and of what is split off them. */
  | {
      readonly kind: 'encode'
      readonly letters: readonly Letter[]
      readonly split: readonly SplitRow[]
      readonly tables: Readonly<Record<'raw' | 'errors', TableShape>>
      /** Ms since the epoch: the moment of processing. */
      readonly now: number
    }
  /** The next of those files, null after the last. */
  | { readonly kind: 'next' }

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'verdicts'; readonly verdicts: readonly Verdict[] }
  | { readonly kind: 'tried'; readonly lands: readonly number[] }
  | { readonly kind: 'file'; readonly file: EncodedFile | null }
  | { readonly kind: 'failed'; readonly fault: Fault }
