/**
 * The one way messages are fetched: by offset from the leader of a partition, no group joined. What belongs to aborted
 * transactions is left out here, since kafkajs lets some of it through: its own filter opens one transaction a record,
 * and takes a record whose key is four zero bytes for the end of one.
 */
import type { Broker } from 'kafkajs'
import { afterEmptied } from './kafka-emptied.ts'
import { withUnpackedBound } from './unpacked.ts'

export interface FetchRange {
  readonly partition: number
  /** The first offset that is asked for. */
  readonly from: bigint
  /** At most this many bytes; a first batch above it comes whole. */
  readonly bytes: number
}

export interface FetchLimits {
  /** Bytes of the whole answer. */
  readonly bytes: number
  /** ms that the broker may hold an answer back while it has nothing. */
  readonly waitMs: number
}

export interface FetchedMessage {
  readonly offset: bigint
  /** ms since the epoch. */
  readonly timestamp: number
  readonly key: Buffer | null
  /** Null is a tombstone. */
  readonly value: Buffer | null
  readonly headers: FetchedHeaders
}

export type FetchedHeaders = Readonly<Record<string, Buffer | Buffer[] | string | undefined>>

export interface Fetched {
  readonly partition: number
  /** In offset order, from the offset that was asked for. */
  readonly messages: readonly FetchedMessage[]
  /** The offset after all that came, whether seen or passed over; the one asked for where nothing came. */
  readonly next: bigint
  /** The offset after the last that a reader may see. */
  readonly end: bigint
}

/** Bytes that one answer may unpack to, and the batch that passes them. */
const UNPACKED_BYTES = 16 * 1024 * 1024

/**
 * One fetch from one broker, its answers in the order asked; `cut` where it was asked for more than can be unpacked at
 * once. Throws what kafkajs throws.
 */
export async function fetchMessages(
  broker: Broker,
  topic: string,
  ranges: readonly FetchRange[],
  { bytes, waitMs }: FetchLimits,
): Promise<{ readonly fetched: Fetched[]; readonly cut: boolean }> {
  const asked = ranges.map((range) => ({
    partition: range.partition,
    fetchOffset: String(range.from),
    maxBytes: range.bytes,
  }))
  const { answer, cut } = await withUnpackedBound(
    UNPACKED_BYTES,
    (): Promise<FetchAnswer> =>
      broker.fetch({
        isolationLevel: 1,
        maxWaitTime: waitMs,
        minBytes: 1,
        maxBytes: bytes,
        topics: [{ topic, partitions: asked }],
      }),
  )
  const partitions = new Map(answer.responses[0]?.partitions.map((one) => [one.partition, one]))
  const fetched: Fetched[] = []
  let gave = false
  for (const { partition, from } of ranges) {
    const one = partitions.get(partition)
    if (one === undefined) continue
    const { messages, next } = visible(one, from)
    const end = endOf(one)
    // A broker fills its answer in the order asked: until one has given, nothing comes empty for want of room.
    const emptied = !gave && one.messages.length === 0 && next < end
    gave ||= one.messages.length > 0
    fetched.push({
      partition,
      messages,
      next: emptied ? await afterEmptied(broker, topic, partition, from) : next,
      end,
    })
  }
  return { fetched, cut }
}

interface FetchAnswer {
  readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[]
}

interface FetchedPartition {
  readonly partition: number
  readonly highWatermark: string
  /** -1 where the broker is too old to tell. */
  readonly lastStableOffset?: string
  readonly abortedTransactions?: readonly { readonly producerId: string; readonly firstOffset: string }[]
  readonly messages: readonly FetchedRecord[]
}

interface FetchedRecord {
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: FetchedHeaders
  readonly isControlRecord?: boolean
  readonly batchContext?: {
    readonly producerId?: string
    readonly inTransaction?: boolean
    readonly firstOffset?: string
    readonly lastOffsetDelta?: number
  }
}

function endOf({ lastStableOffset, highWatermark }: FetchedPartition): bigint {
  const stable = BigInt(lastStableOffset ?? -1)
  return stable < 0n ? BigInt(highWatermark) : stable
}

/** The type of a marker that ends an aborted transaction (KIP-98). */
const ABORT = 0

function visible(
  { messages, abortedTransactions }: FetchedPartition,
  from: bigint,
): { messages: FetchedMessage[]; next: bigint } {
  const aborting = (abortedTransactions ?? [])
    .map(({ producerId, firstOffset }) => ({ producerId, first: BigInt(firstOffset) }))
    .sort((a, b) => (a.first < b.first ? -1 : 1))
  const aborted = new Set<string>()
  const kept: FetchedMessage[] = []
  let opened = 0
  let next = from
  for (const record of messages) {
    const offset = BigInt(record.offset)
    const producer = record.batchContext?.producerId ?? ''
    for (let one = aborting[opened]; one !== undefined && one.first <= offset; one = aborting[++opened])
      aborted.add(one.producerId)
    const after = afterBatch(record, offset)
    if (after > next) next = after
    if (record.isControlRecord === true) {
      // A control record's key is its version and its type, 16 bits each.
      if (record.key !== null && record.key.length >= 4 && record.key.readInt16BE(2) === ABORT)
        aborted.delete(producer)
      continue
    }
    if (record.batchContext?.inTransaction === true && aborted.has(producer)) continue
    // A batch comes whole: it may begin before the offset asked for.
    if (offset < from) continue
    const { timestamp, key, value, headers = {} } = record
    kept.push({ offset, timestamp: Number(timestamp), key, value, headers })
  }
  return { messages: kept, next }
}

/** The offset after the record's batch: where the log was compacted it lies beyond its last record. */
function afterBatch({ batchContext }: FetchedRecord, offset: bigint): bigint {
  const { firstOffset, lastOffsetDelta } = batchContext ?? {}
  if (firstOffset === undefined || lastOffsetDelta === undefined) return offset + 1n
  const end = BigInt(firstOffset) + BigInt(lastOffsetDelta)
  return (end > offset ? end : offset) + 1n
}
