/** Messages of a topic by offset, for looking at: nothing is joined, committed or moved by it. */
import type { SourceIdentity, Watermark } from './source.ts'

export interface TopicMessage {
  readonly partition: number
  readonly offset: bigint
  /** Broker time, ms since the epoch. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  /** Null is a tombstone. */
  readonly value: Uint8Array | null
  readonly headers: readonly (readonly [name: string, value: Uint8Array | null])[]
}

/** Messages that came together, in offset order. */
export interface MessageRun {
  readonly messages: readonly TopicMessage[]
  /** All below this offset has been read: beyond the last message where others were passed over. */
  readonly next: bigint
}

export interface TopicReader {
  readonly identity: SourceIdentity
  /** Per partition what is held: [low, high). */
  watermarks(): Promise<ReadonlyMap<number, Watermark>>
  /** Per partition the first offset at or after `ms`; its high where there is none. */
  offsetsAt(ms: number): Promise<ReadonlyMap<number, bigint>>
  /**
   * Messages of the half-open range [from, to) in runs of about a MiB. Ends early where the topic does. Ends with
   * CANCELLED when `signal` fires.
   */
  read(partition: number, from: bigint, to: bigint, signal: AbortSignal): AsyncGenerator<MessageRun>
  close(): Promise<void>
}
