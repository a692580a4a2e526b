import type { Fix } from '../../shared/letters.ts'
import type { ErrorRow } from '../decode/rejection.ts'
import type { DataFile, TableMetadata } from '../iceberg/types.ts'
import type { Letter, Verdict } from './judge.ts'

/** A dead letter split off a payload of which the rest landed. */
export interface SplitRow {
  readonly row: ErrorRow
  readonly letter: Letter
}

/** Letters judged between two looks at the signal. */
export const SLICE = 256

/** Where letters are fixed, judged and made into files: a thread of its own, so that the window stays at hand. */
export interface Bench {
  /** Of the fix that it works with. */
  readonly fixId: string
  /** One verdict for each letter, in their order. CANCELLED within `SLICE` letters after the signal fires. */
  judge(letters: readonly Letter[], signal?: AbortSignal): Promise<readonly Verdict[]>
  /** Stores the rows of `letters`, all of which land, for raw, and `split` for errors. Commits nothing. */
  store(
    commits: Readonly<Record<'raw' | 'errors', string>>,
    tables: Readonly<Record<'raw' | 'errors', TableMetadata>>,
    letters: readonly Letter[],
    split: readonly SplitRow[],
  ): Promise<Readonly<Record<'raw' | 'errors', DataFile[]>>>
  close(): Promise<void>
}

/** Throws INVALID where the fix makes no sense. */
export type OpenBench = (fix: Fix) => Promise<Bench>
