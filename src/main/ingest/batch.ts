import { batchBytes, nextOffset } from '../source/pack.ts'
import type { MessageBatch } from '../source/source.ts'
import type { AddResult } from './accumulator.ts'
import type { Range } from './offsets.ts'
import { Ages } from './waiting.ts'

/** What was read since the last commit and goes into the next one. */
export class OpenBatch {
  readonly ranges = new Map<number, Range>()
  readonly counts = { accepted: 0, rejected: 0, skipped: 0, messages: 0 }
  /** Calls of the encoder that this batch waits for. */
  readonly adds: Promise<void>[] = []
  /** Bytes of messages. */
  bytes = 0
  /** Bytes that the encoder holds. */
  bufferedBytes = 0
  /** When its first message was read, ms. */
  since: number | null = null
  /** When its messages were produced. */
  readonly ages = new Ages()
  /** Time of the encoding thread spent on it. */
  decodeMs = 0

  /** Takes note of messages read. `position` is where their partition stood before. */
  read(batch: MessageBatch, position: bigint, now: number): void {
    const { start } = this.ranges.get(batch.partition) ?? { start: position }
    this.ranges.set(batch.partition, { start, end: nextOffset(batch) })
    this.counts.messages += batch.count
    this.bytes += batchBytes(batch)
    this.since ??= now
  }

  /** Notes a position that was decided and not read up to: it is committed even if no message follows. */
  decided(partition: number, position: bigint, now: number): void {
    this.ranges.set(partition, { start: position, end: position })
    this.since ??= now
  }

  added({ rows, rejected, skipped, bufferedBytes, decodeMs = 0 }: AddResult): void {
    this.decodeMs += decodeMs
    this.counts.accepted += rows
    this.counts.rejected += rejected
    this.counts.skipped += skipped
    this.bufferedBytes = Math.max(this.bufferedBytes, bufferedBytes)
  }

  get empty(): boolean {
    return this.ranges.size === 0
  }
}
