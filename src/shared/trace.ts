/**
 * What the API says of one thread: where a row lies, which commit brought it, which messages it came from. Conventions as
 * in model.ts. Answers are streams of JSON lines: progress while it is looked for, then the answer or a fault.
 */
import type { Fault } from './errors.ts'
import type { PayloadView } from './letters.ts'
import type { TableRole } from './tables.ts'
import type { KeyValue } from './thread.ts'

/** One line of a streamed answer. */
export type Line<T> =
  | { readonly kind: 'progress'; readonly progress: TraceProgress }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | T

export interface TraceProgress {
  /** `reading data files`. */
  readonly text: string
  readonly done: number
  /** Null while unknown. */
  readonly of: number | null
  /** `files`, `offsets`. */
  readonly unit: string
  readonly bytes: number
}

// --- rows, files, commits ---

export interface TraceCell {
  readonly name: string
  /** The column's Iceberg type, `timestamp`. */
  readonly type: string
  /** As it is shown; null is null. */
  readonly text: string | null
  /** As `ThreadStart.keys` takes it; absent for types that cannot be searched by. */
  readonly key?: KeyValue
}

export interface TraceRow {
  /** Place in `ThreadView.files`. */
  readonly file: number
  /** Position in its file, from 0, deleted rows counted. */
  readonly position: number
  /** Index of the row group. */
  readonly group: number
  readonly cells: readonly TraceCell[]
}

export interface TraceFile {
  readonly path: string
  readonly bytes: number
  readonly rows: number
  /** `start_date_day=2026-03-02/data_type=heartRate`; empty for a table without partitions. */
  readonly partition: string
  readonly sequenceNumber: number
  /** The snapshot that added it. */
  readonly snapshotId: string
  readonly deleteFiles: number
  readonly columns: readonly {
    readonly name: string
    readonly lower: string | null
    readonly upper: string | null
    readonly nulls: number | null
    /** Bytes of the column's chunks. */
    readonly bytes: number | null
  }[]
  readonly manifest: TraceManifest | null
}

export interface TraceManifest {
  readonly path: string
  readonly bytes: number
  /** The snapshot that wrote it: later than the file's where manifests were merged. */
  readonly snapshotId: string
  readonly files: number
  readonly rows: number
}

/** Who wrote a snapshot, told by its summary. `maintenance` rewrote rows that were there. */
export type Writer = 'load' | 'replay' | 'rollup' | 'maintenance' | 'other'

export interface TraceCommit {
  readonly snapshotId: string
  /** Null where the snapshot has expired: then only what its files tell is known. */
  readonly at: number | null
  readonly parentId: string | null
  readonly operation: string | null
  readonly writer: Writer
  /** The engine as it names itself: `spark 3.5.1`. */
  readonly engine: string | null
  readonly commitId: string | null
  readonly addedRows: number | null
  readonly addedFiles: number | null
  readonly ledger: TraceLedger | null
  readonly replay: { readonly id: string; readonly batch: string | null } | null
  readonly rollup: { readonly sourceSnapshot: string; readonly timezone: string | null } | null
  /** What only the loader knows, and for recent commits. */
  readonly timing: {
    readonly ms: number
    /** When the oldest message was produced, ms since the epoch. */
    readonly oldestAt: number | null
  } | null
}

/** What a commit took from a topic. */
export interface TraceLedger {
  readonly pipeline: string
  readonly cluster: string
  readonly topic: string
  readonly topicId: string | null
  /** Half-open, by partition. */
  readonly ranges: readonly { readonly partition: number; readonly from: string; readonly to: string }[]
  readonly messages: number | null
  readonly accepted: number
  readonly rejected: number
  readonly skipped: number
}

/** A rewrite on the way back from the file that holds a row now to the commit that wrote it first. */
export interface TraceRewrite {
  readonly commit: TraceCommit
  /** The file before it. */
  readonly from: string
}

/** Rows of raw behind a row of an aggregate. */
export interface TraceAggregate {
  readonly sourceSnapshot: string
  /** False where that snapshot has expired: then raw is read as it is now. */
  readonly kept: boolean
  /** Rows, as raw has them. */
  readonly count: number
  /** As the aggregate's row says. */
  readonly said: number | null
  readonly lowest: number | null
  readonly highest: number | null
  /** Data files that hold them, and bytes of those files. */
  readonly files: number
  readonly bytes: number
  /** Half-open, as ISO 8601. */
  readonly from: string
  readonly to: string
  readonly commits: readonly {
    readonly snapshotId: string
    readonly at: number | null
    readonly rows: number
    readonly files: number
  }[]
  readonly order: RawOrder
  /** At most 500, in that order. */
  readonly rows: readonly RawRow[]
}

export const RAW_ORDERS = ['highest', 'lowest', 'newest', 'oldest'] as const
export type RawOrder = (typeof RAW_ORDERS)[number]

export interface RawRow {
  readonly sampleId: string
  /** ISO 8601 with microseconds, no zone: UTC. */
  readonly startDate: string
  readonly value: number
  readonly snapshotId: string
  readonly keys: Readonly<Record<string, KeyValue>>
}

/** From where a row came into the lake. */
export type TraceEnd =
  /** A load's commit: its messages can be read. */
  | { readonly kind: 'messages' }
  /** A replay's commit: the letter that it came from, where it could be told. */
  | { readonly kind: 'letter'; readonly letter: TraceLetter | null }
  /** Computed from raw. */
  | { readonly kind: 'rollup' }
  /** Written by another engine, which kept no ledger. */
  | { readonly kind: 'other' }
  /** The snapshot that wrote it has expired; the offsets of the next commit still there bound its own from above. */
  | { readonly kind: 'expired'; readonly before: TraceLedger | null }

export interface TraceLetter {
  readonly id: string
  readonly topic: string
  readonly partition: string
  readonly offset: string
}

export interface TraceTable {
  /** Null for a table that is none of the five. */
  readonly role: TableRole | null
  /** `health_db.health_data_raw` */
  readonly name: string
}

/** The thread of a row. */
export interface ThreadView {
  readonly kind: 'thread'
  readonly table: TraceTable
  /** The snapshot that was searched; null for a table without snapshots. */
  readonly snapshot: { readonly id: string; readonly at: number; readonly head: boolean } | null
  /** Newest first, at most 50. */
  readonly rows: readonly TraceRow[]
  readonly files: readonly TraceFile[]
  /** Which of the rows the rest is about. */
  readonly chosen: number
  readonly search: TraceSearch
  /** Newest first. */
  readonly rewrites: readonly TraceRewrite[]
  readonly origin: TraceCommit | null
  readonly end: TraceEnd | null
  readonly aggregate: TraceAggregate | null
  /** For a row of the errors table: the letter, and raw's snapshots where replays of it landed. */
  readonly letter:
    | (TraceLetter & { readonly landed: readonly { readonly snapshotId: string; readonly at: number }[] })
    | null
}

export interface TraceSearch {
  /** Data files of the snapshot, those left after bounds, and those read. */
  readonly files: number
  readonly candidates: number
  readonly read: number
  /** Objects read and their bytes, manifests included. */
  readonly requests: number
  readonly bytes: number
  /** Candidates that were not read, for the search had reached its bound. */
  readonly left: number
  readonly leftBytes: number
  /** Columns given that cannot be searched by, and so were not. */
  readonly ignored: readonly string[]
}

/** The thread of a commit, where no row was named. */
export interface CommitThread {
  readonly kind: 'commit'
  readonly table: TraceTable
  readonly commit: TraceCommit
  /** At most 500, largest first. */
  readonly files: readonly {
    readonly path: string
    readonly partition: string
    readonly rows: number
    readonly bytes: number
  }[]
  readonly filesInAll: number
  readonly removedFiles: number
  /** The first rows of it, at most 200. */
  readonly rows: readonly (readonly TraceCell[])[]
  /** A column and its bounds over the added files, that find these rows again: `processing_time`. */
  readonly span: { readonly column: string; readonly from: string; readonly to: string } | null
  readonly search: Pick<TraceSearch, 'requests' | 'bytes'>
}

// --- messages ---

export interface TopicPartition {
  readonly partition: number
  /** Half-open: what the topic still holds. */
  readonly low: string
  readonly high: string
}

export interface TopicView {
  readonly topic: string
  readonly source: 'kafka' | 'file' | 'generator'
  readonly cluster: string
  readonly topicId: string | null
  readonly partitions: readonly TopicPartition[]
}

/** A message in a list. */
export interface MessageRow {
  readonly partition: number
  readonly offset: string
  /** Broker time, ms since the epoch. */
  readonly at: number
  /** Of the payload; null for a tombstone. */
  readonly bytes: number | null
  readonly key: string | null
  /** The payload's first characters, or those round the text that was looked for. */
  readonly preview: string
}

/** What a decoder makes of a message: rows of raw and dead letters. */
export interface MessageRows {
  readonly accepted: readonly {
    readonly sampleId: string
    readonly dataType: string
    readonly value: number
    readonly unit: string
    readonly startDate: string
    readonly keys: Readonly<Record<string, KeyValue>>
  }[]
  /** How many in all; `accepted` holds at most 200. */
  readonly acceptedInAll: number
  readonly rejected: readonly { readonly letter: string; readonly type: string; readonly message: string }[]
}

export interface MessageView extends MessageRow {
  readonly topic: string
  readonly headers: readonly { readonly name: string; readonly value: string | null }[]
  /** UTF-8 text, at most 256 KiB of it; null for a tombstone and for bytes that are no UTF-8. */
  readonly text: string | null
  /** The same laid out; the lines of the sample that was looked for are marked. */
  readonly payload: PayloadView | null
  /** True where `text` was cut. */
  readonly cut: boolean
  readonly rows: MessageRows
}

/** Offsets that a search wanted and the topic holds no more, or not yet. */
export interface MissingRange {
  readonly partition: number
  readonly from: string
  readonly to: string
}

/** Lines of a search for messages. */
export type MessageLine = Line<
  | { readonly kind: 'topic'; readonly topic: TopicView; readonly gone: readonly MissingRange[] }
  | { readonly kind: 'messages'; readonly messages: readonly MessageRow[] }
  | {
      readonly kind: 'end'
      readonly found: number
      /** Messages read. */
      readonly read: number
      readonly bytes: number
      /** Where to go on, to be sent back as it is; null where all was read. */
      readonly more: string | null
    }
>

/** Lines of the search for the message of a row; `index` is the row's place among the message's samples. */
export type OriginLine = Line<
  | { readonly kind: 'topic'; readonly topic: TopicView; readonly gone: readonly MissingRange[] }
  | { readonly kind: 'message'; readonly message: MessageView; readonly index: number }
  | { readonly kind: 'end'; readonly found: number; readonly read: number; readonly bytes: number }
>
