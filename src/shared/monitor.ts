/**
 * What the load monitor shows beside the live status. As in model.ts: offsets and ids are decimal strings, instants are
 * ms since the epoch, ranges are half-open.
 */
import type { Fault } from './errors.ts'

/** Where the time from a batch's first message to its commit went, in ms; the parts sum up to the whole. */
export interface CommitPath {
  /** Waiting for more messages, until the batch was due. */
  readonly waitMs: number
  /** Decoding and validating, in the encoding thread. */
  readonly decodeMs: number
  /** Encoding Parquet, in the encoding thread. */
  readonly encodeMs: number
  /** What storing the files took beyond encoding them: both run side by side. */
  readonly uploadMs: number
  /** Manifests and commit requests of both tables. */
  readonly catalogMs: number
}

/** Produced to committed, in ms. Messages of a file or the generator count from when they were read. */
export interface CommitAge {
  readonly oldestMs: number
  readonly meanMs: number
}

export interface RollupCommit {
  readonly at: number
  /** Snapshots published. */
  readonly snapshots: number
  readonly rows: number
  readonly ms: number
  /** Raw's snapshot that the aggregates match by now. */
  readonly sourceSnapshot: string | null
  /** Produced to rolled up, ms, of the oldest message since the rollup before; null where nothing was new. */
  readonly oldestMs: number | null
}

export type TroubleKind =
  | 'commit-retried'
  | 'commit-found'
  | 'catalog-away'
  | 'storage-away'
  | 'source-away'
  | 'rollup-failed'
  | 'lag-high'

/** Something that went wrong while loading, and what was done about it. */
export interface TroubleView {
  readonly kind: TroubleKind
  /** When it began. */
  readonly at: number
  /** Null while it lasts. */
  readonly endedAt: number | null
  /** `Catalog answered 503`. */
  readonly title: string
  /** What happened, what Tarn did, what became of the data: sentences. */
  readonly text: string
  readonly fault: Fault | null
}

/** Why a load was refused, partition by partition. */
export interface RefusalView {
  readonly code: 'GAP' | 'TOPIC_REPLACED' | 'CLUSTER_REPLACED' | 'TABLE_REPLACED' | 'TABLE_ROLLED_BACK'
  readonly askedAt: number
  /** What the flag or the choice has to name: a number of messages, a topic's, cluster's or table's id. */
  readonly accept: string
  readonly was: string | null
  readonly now: string | null
  /** Of the snapshot that holds our positions; null where there is none. */
  readonly positionsAt: number | null
  /** The source makes its messages: what waits and where it ends are no numbers to show. */
  readonly endless?: true
  readonly partitions: readonly RefusedPartition[]
}

export interface RefusedPartition {
  readonly partition: number
  /** Next offset as the table has it; null where it has none. */
  readonly position: string | null
  /** First offset that the source still holds, and its end. */
  readonly low: string
  readonly high: string
  /** Offsets gone: from position to low from the source, or up to position from a table that was set back. */
  readonly missing: string
  /** The first of them; null where none is missing. */
  readonly missingFrom: string | null
  /** Offsets that are there and not loaded. */
  readonly waiting: string
}

/**
 * What the tables' own ledgers say, read back from the catalog. In samples: consumed = written + deadLettered + skipped,
 * or the gap. Written and dead-lettered are rows as the tables count them, consumed as the loader counted them.
 */
export interface LedgerView {
  /** When it was read. */
  readonly at: number
  /** The newest commit of raw that it holds. */
  readonly head: string
  readonly pipeline: string
  readonly topic: string
  /** Commits of raw that it sums up. */
  readonly commits: number
  /** The first of them. */
  readonly since: number | null
  /** False where older snapshots have expired: the sums begin with `since`, not with the first offset. */
  readonly whole: boolean
  readonly consumed: number
  readonly written: number
  readonly deadLettered: number
  readonly skipped: number
  /** consumed - written - deadLettered - skipped; 0 where it balances. */
  readonly gap: number
  readonly messages: number
  /** Messages that a user gave up. */
  readonly accepted: string
  /** Each thing that does not add up, in words. */
  readonly problems: readonly string[]
  readonly partitions: readonly LedgerPartition[]
}

export interface LedgerPartition {
  readonly partition: number
  readonly from: string
  readonly to: string
  /** Offsets covered by commits. */
  readonly consumed: string
  /** Offsets between commits that no commit covers and no user gave up. */
  readonly missing: string
  /** Offsets that a user gave up. */
  readonly accepted: string
}

/** The ledger's line for the status: sums only. `pending` are samples read and not yet found in the table. */
export interface LedgerSums
  extends Pick<
    LedgerView,
    'at' | 'consumed' | 'written' | 'deadLettered' | 'skipped' | 'gap' | 'since' | 'whole' | 'commits'
  > {
  readonly pending: number
  readonly problems: number
}

/** Live series, oldest first: one value per step, null where nothing was measured. */
export interface SeriesView {
  /** Number of the first step told here, and of the first not yet complete; they only grow while one load lasts. */
  readonly from: number
  readonly next: number
  /** Changes when all was begun anew: what the reader holds is then worth nothing. */
  readonly epoch: number
  /** Start of step `from`, and the length of a step in ms. */
  readonly at: number
  readonly stepMs: number
  /** Steps that are kept. */
  readonly kept: number
  /** Messages per second. */
  readonly consumed: readonly (number | null)[]
  /** Seconds from produced to committed, and to rolled up, of the oldest message. */
  readonly committed: readonly (number | null)[]
  readonly rolledUp: readonly (number | null)[]
  /** Partitions of each row of `lag`: [first, last]. */
  readonly rows: readonly (readonly [number, number])[]
  /** Per row seconds of lag, the most of its partitions. */
  readonly lag: readonly (readonly (number | null)[])[]
  /** Dead letters committed in the step, by error type. */
  readonly rejects: Readonly<Record<string, readonly number[]>>
  readonly events: readonly { readonly at: number; readonly text: string }[]
}
