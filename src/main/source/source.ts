/**
 * Where messages come from: Kafka, a file, the generator. Pulled, never pushed: `next` gives one bounded batch at a
 * time, and whoever does not pull pauses the source. Messages are packed, with no object per message.
 */
export interface Source {
  /** Identity of what is read, recorded in every commit's ledger. */
  readonly identity: SourceIdentity
  /** Per partition, the first offset still held and the next offset to be produced: [low, high). */
  watermarks(signal?: AbortSignal): Promise<ReadonlyMap<number, Watermark>>
  /** Per partition the first offset of a message produced at `ms` (since the epoch) or later; absent where none can tell. */
  offsetsAt?(ms: number): Promise<ReadonlyMap<number, bigint>>
  /**
   * Starts reading every partition at `positions` (next offset to read); a partition without one starts at its low.
   * Kafka seeks here and ignores the group's own offsets.
   */
  start(positions: ReadonlyMap<number, bigint>): Promise<void>
  /** The next batch, or null when nothing came within `waitMs`. Ends with CANCELLED when `signal` fires. */
  next(waitMs: number, signal?: AbortSignal): Promise<MessageBatch | null>
  /** True where the source ends by itself (a file): a load over it ends at its end. */
  readonly finite?: boolean
  /** True where messages are made as they are asked for: the end of a watermark says nothing of what waits. */
  readonly endless?: boolean
  /** How the connection fares, for the live status; absent where there is none. */
  health?(): SourceHealth
  /** A hint to the broker after a commit landed; never relied on. A no-op where there is no broker. */
  acknowledge(positions: ReadonlyMap<number, bigint>): Promise<void>
  close(): Promise<void>
}

export interface SourceHealth {
  readonly connected: boolean
  /** When it last answered, ms since the epoch; null if never. */
  readonly lastAnswer: number | null
  /** Why it is not connected. */
  readonly trouble: Error | null
  /** How often the connection was built anew. */
  readonly rebuilds: number
}

export interface SourceIdentity {
  /** Kafka's cluster id; `file` or `generator` otherwise. */
  readonly cluster: string
  readonly topic: string
  /** Kafka's topic id where the broker tells it; for a file its content hash. */
  readonly topicId: string | null
}

export interface Watermark {
  readonly low: bigint
  readonly high: bigint
}

/**
 * Messages of one partition in offset order. `values` holds them back to back: message i is the half-open byte range
 * [ends[i-1] or 0, ends[i]); `isNull[i]` is 1 for a tombstone. All buffers are transferable.
 */
export interface MessageBatch {
  readonly partition: number
  readonly count: number
  readonly offsets: BigInt64Array
  /** Broker time, ms since the epoch. */
  readonly timestamps: Float64Array
  readonly values: Uint8Array
  readonly ends: Uint32Array
  readonly isNull: Uint8Array
  /**
   * The next offset to read after this batch where that is beyond the last message's plus one: control records, aborted
   * transactions and compacted offsets are passed over. A batch of no messages only moves the position.
   */
  readonly next?: bigint
}
