/** A Kafka topic read by offset, for looking at. */
import type { Broker } from 'kafkajs'
import { throwIfCancelled } from '../base/cancel.ts'
import type { Logger } from '../base/log.ts'
import { createKafka, type KafkaSettings } from './kafka-client.ts'
import { kafkaError } from './kafka-errors.ts'
import { type Fetched, type FetchedHeaders, type FetchedMessage, fetchMessages } from './kafka-fetch.ts'
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

  const fetchFrom = async (
    broker: Broker,
    partition: number,
    from: bigint,
    bytes: number,
  ): Promise<Fetched> => {
    const nothing = { partition, messages: [], next: from, end: from }
    try {
      const ranges = [{ partition, from, bytes }]
      const { fetched } = await fetchMessages(broker, topic, ranges, { bytes, waitMs: WAIT_MS })
      return fetched[0] ?? nothing
    } catch (error) {
      // Retention, or a topic that ends before: there is nothing to read then.
      if (Reflect.get(error as object, 'type') === 'OFFSET_OUT_OF_RANGE') return nothing
      throw kafkaError(error, settings)
    }
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
        const bytes = bytesFor(to - next)
        const { messages, next: after, end } = await fetchFrom(broker, partition, next, bytes)
        throwIfCancelled(signal)
        if (messages.length > 0 && bytes === FETCH_BYTES) wireBytes = bytes / messages.length
        if (after === next) {
          empty += 1
          if (next >= end || empty >= EMPTY_ANSWERS) return
          continue
        }
        empty = 0
        next = after
        yield { messages: messages.filter(({ offset }) => offset < to).map(toMessage(partition)), next }
      }
    },
    close: probe.close,
  }
}

function toMessage(partition: number): (message: FetchedMessage) => TopicMessage {
  return ({ headers, ...message }) => ({ partition, ...message, headers: headersOf(headers) })
}

function headersOf(headers: FetchedHeaders): [string, Uint8Array | null][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, Uint8Array | null] => [
      name,
      one === undefined || one === null ? null : typeof one === 'string' ? Buffer.from(one) : one,
    ]),
  )
}
