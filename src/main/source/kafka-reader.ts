/**
 * A Kafka topic read by offset with plain fetches: no group is joined, no offset committed. What belongs to aborted
 * transactions is left out, as the loader leaves it out.
 */
import type { Broker } from 'kafkajs'
import { throwIfCancelled } from '../base/cancel.ts'
import type { Logger } from '../base/log.ts'
import { createKafka, type KafkaSettings } from './kafka-client.ts'
import { kafkaError } from './kafka-errors.ts'
import { openProbe } from './kafka-probe.ts'
import type { TopicMessage, TopicReader } from './reader.ts'

const FETCH_BYTES = 1024 * 1024
/** The least that is asked for: a fetch has its own price. */
const SMALL_FETCH_BYTES = 32 * 1024
const WAIT_MS = 200
/** Answers without progress after which the rest of a range is taken to hold nothing for a reader. */
const EMPTY_ANSWERS = 3

/** Connects. Errors: NO_BROKER, NO_TOPIC, UNAUTHORIZED, FORBIDDEN, TLS, SETTING, KAFKA. */
export async function kafkaReader(settings: KafkaSettings, log: Logger): Promise<TopicReader> {
  const { topic } = settings
  const probe = await openProbe(await createKafka(settings, log), settings)
  // What a message takes on the wire, by the answers so far: a short range is not worth a whole MiB.
  let wireBytes: number | null = null
  const bytesFor = (offsets: bigint): number => {
    const guess = wireBytes === null ? FETCH_BYTES : Math.ceil(Number(offsets) * wireBytes * 1.2)
    return Math.min(FETCH_BYTES, Math.max(SMALL_FETCH_BYTES, guess))
  }

  return {
    identity: probe.identity,
    watermarks: probe.watermarks,
    offsetsAt: probe.offsetsAt,
    async *read(partition, from, to, signal) {
      const broker = await probe.leaderOf(partition)
      if (broker === null) return
      let next = from
      let empty = 0
      while (next < to) {
        throwIfCancelled(signal)
        let answer: FetchedPartition
        const bytes = bytesFor(to - next)
        try {
          answer = await fetchOnce(broker, topic, partition, next, bytes)
          if (answer.messages.length > 0 && bytes === FETCH_BYTES) wireBytes = bytes / answer.messages.length
        } catch (error) {
          // Retention, or a topic that ends before: there is nothing to read then.
          if (Reflect.get(error as object, 'type') === 'OFFSET_OUT_OF_RANGE') return
          throw kafkaError(error, settings)
        }
        throwIfCancelled(signal)
        const { messages, last } = visible(partition, answer, next, to)
        if (last === null || last < next) {
          empty += 1
          if (next >= BigInt(answer.highWatermark) || empty >= EMPTY_ANSWERS) return
          continue
        }
        empty = 0
        next = last + 1n
        yield { messages, next }
      }
    },
    close: probe.close,
  }
}

interface FetchedRecord {
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, Buffer | Buffer[] | string | undefined>>
  readonly isControlRecord?: boolean
  readonly batchContext?: {
    readonly producerId?: string
    readonly inTransaction?: boolean
    readonly firstOffset?: string
    readonly lastOffsetDelta?: number
  }
}

interface FetchedPartition {
  readonly highWatermark: string
  readonly abortedTransactions?: readonly { readonly producerId: string; readonly firstOffset: string }[]
  readonly messages: readonly FetchedRecord[]
}

async function fetchOnce(
  broker: Broker,
  topic: string,
  partition: number,
  from: bigint,
  bytes: number,
): Promise<FetchedPartition> {
  const answer = (await broker.fetch({
    isolationLevel: 1,
    maxWaitTime: WAIT_MS,
    minBytes: 1,
    maxBytes: bytes,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(from), maxBytes: bytes }] }],
  })) as { responses: readonly { partitions: readonly FetchedPartition[] }[] }
  return answer.responses[0]?.partitions[0] ?? { highWatermark: '0', messages: [] }
}

const ABORT = 0

/** Messages of [from, to) that a reader may see, and the last offset that came; null where none did. */
function visible(
  partition: number,
  { messages, abortedTransactions = [] }: FetchedPartition,
  from: bigint,
  to: bigint,
): { messages: TopicMessage[]; last: bigint | null } {
  const aborting = [...abortedTransactions].sort((a, b) =>
    Number(BigInt(a.firstOffset) - BigInt(b.firstOffset)),
  )
  const aborted = new Set<string>()
  const kept: TopicMessage[] = []
  let last: bigint | null = null
  for (const record of messages) {
    const offset = BigInt(record.offset)
    const producer = record.batchContext?.producerId ?? ''
    while (aborting[0] !== undefined && BigInt(aborting[0].firstOffset) <= offset)
      aborted.add((aborting.shift() as { producerId: string }).producerId)
    last = lastOf(record)
    if (record.isControlRecord === true) {
      // A control record's key is its version and its type, 16 bits each (KIP-98).
      if (record.key !== null && record.key.length >= 4 && record.key.readInt16BE(2) === ABORT)
        aborted.delete(producer)
      continue
    }
    if (record.batchContext?.inTransaction === true && aborted.has(producer)) continue
    // A batch comes whole: it may begin before the offset asked for.
    if (offset < from || offset >= to) continue
    kept.push({
      partition,
      offset,
      timestamp: Number(record.timestamp),
      key: record.key,
      value: record.value,
      headers: headersOf(record),
    })
  }
  return { messages: kept, last }
}

/** The last offset of the record's batch: where the log was compacted it lies beyond its last record. */
function lastOf({ offset, batchContext }: FetchedRecord): bigint {
  const { firstOffset, lastOffsetDelta } = batchContext ?? {}
  const own = BigInt(offset)
  if (firstOffset === undefined || lastOffsetDelta === undefined) return own
  const end = BigInt(firstOffset) + BigInt(lastOffsetDelta)
  return end > own ? end : own
}

function headersOf({ headers = {} }: FetchedRecord): [string, Uint8Array | null][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, Uint8Array | null] => [
      name,
      one === undefined || one === null ? null : typeof one === 'string' ? Buffer.from(one) : one,
    ]),
  )
}
