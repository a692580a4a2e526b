/**
 * Kafka as a source. kafkajs has no `assign()`: it joins a group, and every partition is sought inside the GROUP_JOIN
 * handler, so that the group's own offsets never matter. A client that hangs or dies is replaced by a new one that goes
 * on at the next offset.
 */
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs'
import { type ErrorCode, LakeError } from '../../shared/errors.ts'
import type { Logger } from '../base/log.ts'
import { sleep } from '../base/retry.ts'
import { createKafka, everyPartition, type KafkaSettings } from './kafka-client.ts'
import { kafkaError } from './kafka-errors.ts'
import { openProbe, type Probe } from './kafka-probe.ts'
import { BatchQueue } from './queue.ts'
import type { MessageBatch, Source, SourceHealth, Watermark } from './source.ts'

export interface KafkaOptions {
  readonly log: Logger
  /** Bytes read and not yet pulled, above which the source stops fetching. */
  readonly bufferBytes?: number
  /** ms without an answer after which the client is replaced. */
  readonly stallMs?: number
  /** ms after which the broker forgets a member that was killed; a restart waits for that. */
  readonly sessionTimeoutMs?: number
}

const SUBSCRIBE_EARLIEST = '-2'
/** A group first waits for a member that was killed, for as long as its session lasts. */
const JOIN_MS = 60_000
const MAX_WAIT_MS = 250
const FETCH_BYTES = 4 * 1024 * 1024
const FETCH_PARTITION_BYTES = 1 * 1024 * 1024
/** A topic can seem absent while brokers restart; absent this often in a row, it is gone. */
const TOPIC_CHECKS = 5

/**
 * Connects and learns cluster, topic and partitions; reading begins with `start`. Errors: NO_BROKER, NO_TOPIC,
 * UNAUTHORIZED, FORBIDDEN, TLS, SETTING, KAFKA; later from `next` also GAP, TOPIC_REPLACED and CLUSTER_REPLACED, when
 * what is to be read next is no longer there.
 */
export async function kafkaSource(settings: KafkaSettings, options: KafkaOptions): Promise<Source> {
  const probe = await openProbe(await createKafka(settings, options.log), settings)
  return new KafkaSource(settings, options, probe)
}

class KafkaSource implements Source {
  readonly identity: Source['identity']
  readonly #settings: KafkaSettings
  readonly #log: Logger
  readonly #queue: BatchQueue
  readonly #stallMs: number
  readonly #sessionTimeoutMs: number
  readonly #probe: Probe
  /** Per partition the next offset to hand on. */
  readonly #next = new Map<number, bigint>()
  readonly #stop = new AbortController()
  #consumer: Consumer | null = null
  #supervisor: Promise<void> | null = null
  #lastAnswer = Date.now()
  #waitingForRoom = 0
  #trouble: Error | null = null
  #rebuilds = 0

  constructor(settings: KafkaSettings, options: KafkaOptions, probe: Probe) {
    this.#settings = settings
    this.#log = options.log
    this.#queue = new BatchQueue(options.bufferBytes ?? 16 * 1024 * 1024)
    this.#stallMs = options.stallMs ?? 20_000
    this.#sessionTimeoutMs = options.sessionTimeoutMs ?? 10_000
    this.#probe = probe
    this.identity = probe.identity
  }

  async watermarks(): Promise<ReadonlyMap<number, Watermark>> {
    const watermarks = await this.#probe.watermarks()
    await this.#probe.verifyIdentity()
    return watermarks
  }

  offsetsAt(ms: number): Promise<ReadonlyMap<number, bigint>> {
    return this.#probe.offsetsAt(ms)
  }

  async start(positions: ReadonlyMap<number, bigint>): Promise<void> {
    for (const [partition, { low }] of await this.watermarks()) {
      this.#next.set(partition, positions.get(partition) ?? low)
    }
    await this.#checkRange()
    const first = Promise.withResolvers<void>()
    this.#supervisor = this.#supervise(first)
    const timer = setTimeout(() => first.reject(this.#trouble ?? this.#notJoined()), JOIN_MS)
    try {
      await first.promise
    } finally {
      clearTimeout(timer)
    }
  }

  #notJoined(): LakeError {
    const { groupId } = this.#settings
    return new LakeError('TIMEOUT', `Kafka did not let Tarn into group ${groupId} within ${JOIN_MS} ms`, {
      outcome: 'retry',
      context: { group: groupId, topic: this.identity.topic },
      likely: 'the broker that coordinates the group is overloaded or away',
      remedy: 'look into the log of the broker, then start again',
    })
  }

  next(waitMs: number, signal?: AbortSignal): Promise<MessageBatch | null> {
    return this.#queue.take(waitMs, signal)
  }

  health(): SourceHealth {
    return {
      connected: this.#trouble === null && this.#consumer !== null,
      lastAnswer: this.#lastAnswer,
      trouble: this.#trouble,
      rebuilds: this.#rebuilds,
    }
  }

  async acknowledge(positions: ReadonlyMap<number, bigint>): Promise<void> {
    const consumer = this.#consumer
    if (consumer === null || this.#trouble !== null) return
    const { topic } = this.#settings
    const offsets = Array.from(positions, ([partition, next]) => ({ topic, partition, offset: String(next) }))
    const limit = new AbortController()
    try {
      await Promise.race([consumer.commitOffsets(offsets), sleep(5_000, limit.signal).catch(() => {})])
    } catch (error) {
      this.#log.debug({ error }, 'group offsets were not stored; they are a hint only')
    } finally {
      limit.abort()
    }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#queue.close()
    await this.#supervisor
    await this.#probe.close()
  }

  /** Runs one client after another until closed or failed for good. `first` settles with the first one's fate. */
  async #supervise(first: PromiseWithResolvers<void>): Promise<void> {
    let pauseMs = 500
    let absent = 0
    while (!this.#stop.signal.aborted) {
      try {
        await this.#runConsumer(() => {
          first.resolve()
          pauseMs = 500
          absent = 0
          this.#trouble = null
        })
        return
      } catch (thrown) {
        const error = kafkaError(thrown, this.#settings)
        if (this.#stop.signal.aborted) break
        absent = error.code === 'NO_TOPIC' ? absent + 1 : 0
        this.#trouble = error
        if (isFinal(error) || absent >= TOPIC_CHECKS) {
          first.reject(error)
          this.#queue.fail(error)
          return
        }
        this.#rebuilds += 1
        this.#log.warn({ error, pauseMs }, 'lost Kafka, trying again')
        await sleep(pauseMs, this.#stop.signal).catch(() => {})
        pauseMs = Math.min(10_000, pauseMs * 2)
      }
    }
    first.reject(new LakeError('CANCELLED', 'the source was closed'))
    first.promise.catch(() => {})
  }

  /** One client's whole life. Returns when the source is closed, throws when the client is of no more use. */
  async #runConsumer(joined: () => void): Promise<void> {
    if (this.#rebuilds > 0) {
      await this.#probe.verifyIdentity()
      await this.#checkRange()
    }
    const { topic, groupId } = this.#settings
    const client = await createKafka(this.#settings, this.#log)
    const consumer = client.kafka.consumer({
      groupId,
      partitionAssigners: [everyPartition()],
      sessionTimeout: this.#sessionTimeoutMs,
      rebalanceTimeout: this.#sessionTimeoutMs,
      heartbeatInterval: Math.floor(this.#sessionTimeoutMs / 4),
      maxWaitTimeInMs: MAX_WAIT_MS,
      maxBytes: FETCH_BYTES,
      maxBytesPerPartition: FETCH_PARTITION_BYTES,
      allowAutoTopicCreation: false,
    })
    const end = Promise.withResolvers<void>()
    const onStop = () => end.resolve()
    this.#stop.signal.addEventListener('abort', onStop)
    this.#lastAnswer = Date.now()
    const watchdog = setInterval(() => {
      if (this.#waitingForRoom > 0) this.#lastAnswer = Date.now()
      if (Date.now() - this.#lastAnswer > this.#stallMs) {
        end.reject(
          new LakeError('NO_BROKER', `Kafka gave no answer for ${this.#stallMs} ms`, { outcome: 'retry' }),
        )
      }
    }, 500)
    consumer.on('consumer.crash', ({ payload }) => end.reject(payload.error))
    consumer.on('consumer.group_join', ({ payload }) => {
      this.#lastAnswer = Date.now()
      for (const partition of payload.memberAssignment[topic] ?? []) {
        const next = this.#next.get(partition)
        consumer.seek({ topic, partition, offset: next === undefined ? SUBSCRIBE_EARLIEST : String(next) })
      }
      joined()
    })
    consumer.on('consumer.fetch', () => {
      this.#lastAnswer = Date.now()
    })
    consumer.on('consumer.end_batch_process', ({ payload }) => {
      if (payload.batchSize === 0) this.#passOver(payload.partition, payload.firstOffset, payload.lastOffset)
    })
    try {
      // A listener may end this before anyone awaits it.
      end.promise.catch(() => {})
      await Promise.race([
        end.promise,
        consumer.connect().then(() => consumer.subscribe({ topic, fromBeginning: true })),
      ])
      if (!this.#stop.signal.aborted) {
        this.#consumer = consumer
        await Promise.race([
          end.promise,
          consumer
            .run({
              autoCommit: false,
              eachBatchAutoResolve: false,
              eachBatch: (payload) => this.#onBatch(payload, (error) => end.reject(error)),
            })
            .then(() => end.promise),
        ])
      }
    } finally {
      this.#consumer = null
      clearInterval(watchdog)
      this.#stop.signal.removeEventListener('abort', onStop)
      // A client that lost its broker can hang here for minutes.
      const limit = new AbortController()
      await Promise.race([consumer.disconnect().catch(() => {}), sleep(3_000, limit.signal).catch(() => {})])
      limit.abort()
      client.destroy()
    }
  }

  async #onBatch(payload: EachBatchPayload, fail: (error: Error) => void): Promise<void> {
    const { batch, heartbeat, resolveOffset, isRunning, isStale } = payload
    const { partition } = batch
    const next = this.#next.get(partition)
    const first = BigInt(batch.firstOffset() ?? batch.lastOffset())
    if (next !== undefined && first !== next) {
      try {
        await this.#checkRange(partition)
      } catch (error) {
        fail(error as Error)
        return
      }
    }
    await this.#waitForRoom(heartbeat)
    if (this.#stop.signal.aborted || !isRunning() || isStale()) return
    const packed = packBatch(partition, batch.messages, next ?? 0n, BigInt(batch.lastOffset()) + 1n)
    if (packed !== null) {
      this.#next.set(partition, packed.next as bigint)
      this.#queue.push(packed)
    }
    resolveOffset(batch.lastOffset())
  }

  /** Holds the client's fetch loop still, alive in its group, until someone has pulled. */
  async #waitForRoom(heartbeat: () => Promise<void>): Promise<void> {
    this.#waitingForRoom += 1
    try {
      while (this.#queue.full && !this.#stop.signal.aborted) {
        await this.#queue.room(1_000)
        await heartbeat()
      }
    } finally {
      this.#waitingForRoom -= 1
      this.#lastAnswer = Date.now()
    }
  }

  /** Offsets that hold nothing for a reader: markers of transactions, aborted messages. */
  #passOver(partition: number, firstOffset: string | null, lastOffset: string): void {
    const next = this.#next.get(partition)
    const after = BigInt(lastOffset) + 1n
    if (next === undefined || after <= next || (firstOffset !== null && BigInt(firstOffset) !== next)) return
    this.#next.set(partition, after)
    this.#queue.push(packBatch(partition, [], next, after) as MessageBatch)
  }

  /**
   * A client told OFFSET_OUT_OF_RANGE goes on elsewhere without a word. So whenever offsets do not follow each other, it
   * is asked whether the next offset is still inside the log: GAP or TOPIC_REPLACED if not.
   */
  async #checkRange(only?: number): Promise<void> {
    for (const [partition, { low, high }] of await this.#probe.watermarks()) {
      if (only !== undefined && only !== partition) continue
      const next = this.#next.get(partition)
      if (next === undefined) continue
      if (next < low) {
        throw new LakeError(
          'GAP',
          `offsets ${next} to ${low - 1n} of partition ${partition} of ${this.identity.topic} are gone`,
          {
            context: { topic: this.identity.topic, partition, from: String(next), to: String(low) },
            likely: 'retention deleted them before they were read',
            remedy: 'start the load again: it names the whole range and how to accept the loss',
          },
        )
      }
      if (next > high) {
        throw new LakeError(
          'TOPIC_REPLACED',
          `partition ${partition} of ${this.identity.topic} ends at ${high}, before the next offset to read, ${next}`,
          {
            context: { topic: this.identity.topic, partition, next: String(next), high: String(high) },
            likely: 'the topic was deleted and made again',
            remedy: 'start the load again: it tells how to accept the new topic',
          },
        )
      }
    }
  }
}

const FINAL: readonly ErrorCode[] = [
  'GAP',
  'TOPIC_REPLACED',
  'CLUSTER_REPLACED',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'SETTING',
]

function isFinal(error: LakeError): boolean {
  return FINAL.includes(error.code) || error.context.kafka === 'INCONSISTENT_GROUP_PROTOCOL'
}

/** Packs what is at or above `from`; null where `after` is not beyond it. The one copy of each value. */
function packBatch(
  partition: number,
  messages: readonly KafkaMessage[],
  from: bigint,
  after: bigint,
): MessageBatch | null {
  if (after <= from) return null
  let skip = 0
  while (skip < messages.length && BigInt((messages[skip] as KafkaMessage).offset) < from) skip += 1
  let bytes = 0
  for (let i = skip; i < messages.length; i++) bytes += (messages[i] as KafkaMessage).value?.length ?? 0
  const count = messages.length - skip
  const offsets = new BigInt64Array(count)
  const timestamps = new Float64Array(count)
  const values = new Uint8Array(bytes)
  const ends = new Uint32Array(count)
  const isNull = new Uint8Array(count)
  let at = 0
  for (let i = 0; i < count; i++) {
    const { offset, timestamp, value } = messages[skip + i] as KafkaMessage
    offsets[i] = BigInt(offset)
    timestamps[i] = Number(timestamp)
    if (value === null) isNull[i] = 1
    else {
      values.set(value, at)
      at += value.length
    }
    ends[i] = at
  }
  return { partition, count, offsets, timestamps, values, ends, isNull, next: after }
}
