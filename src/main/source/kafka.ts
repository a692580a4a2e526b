/**
 * Kafka as a source. Every partition is fetched by offset from its leader: the table, not a consumer group, says what was
 * loaded, so no group is joined and two loaders under one name both read everything, the second to be refused by its
 * first commit. A client that hangs or dies is replaced by a new one that goes on at the next offset.
 */
import { type ErrorCode, LakeError } from '../../shared/errors.ts'
import { cancelled, unlessCancelled } from '../base/cancel.ts'
import type { Logger } from '../base/log.ts'
import { sleep } from '../base/retry.ts'
import { createKafka, type KafkaClient, type KafkaSettings } from './kafka-client.ts'
import { type ConnectedCluster, connectCluster, type KafkaCluster } from './kafka-cluster.ts'
import { kafkaError } from './kafka-errors.ts'
import { fetchMessages } from './kafka-fetch.ts'
import { openProbe, type Probe } from './kafka-probe.ts'
import { packMessages } from './pack.ts'
import { BatchQueue } from './queue.ts'
import type { MessageBatch, Source, SourceHealth, Watermark } from './source.ts'

export interface KafkaOptions {
  readonly log: Logger
  /** Bytes read and not yet pulled, above which the source stops fetching. */
  readonly bufferBytes?: number
  /** ms without an answer after which the client is replaced. */
  readonly stallMs?: number
  /** ms that one view of who leads what is used: partitions that are added are seen after it. */
  readonly roundMs?: number
}

const WAIT_MS = 250
/** Packed bytes of one answer: fewer while its batches unpack to too much. */
const FETCH_BYTES = 4 * 1024 * 1024
const LEAST_FETCH_BYTES = 16 * 1024
const FETCH_PARTITION_BYTES = 1024 * 1024
/** A topic can seem absent while brokers restart; absent this often in a row, it is gone. */
const TOPIC_CHECKS = 5

/** A client and its cluster, connected. */
interface Session {
  readonly client: KafkaClient
  readonly connected: ConnectedCluster
}

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
  readonly #roundMs: number
  readonly #probe: Probe
  /** Per partition the next offset to hand on. */
  readonly #next = new Map<number, bigint>()
  readonly #stop = new AbortController()
  #session: Session | null = null
  #supervisor: Promise<void> | null = null
  #lastAnswer = Date.now()
  #trouble: Error | null = null
  #rebuilds = 0

  constructor(settings: KafkaSettings, options: KafkaOptions, probe: Probe) {
    this.#settings = settings
    this.#log = options.log
    this.#queue = new BatchQueue(options.bufferBytes ?? 16 * 1024 * 1024)
    this.#stallMs = options.stallMs ?? 20_000
    this.#roundMs = options.roundMs ?? 60_000
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
    try {
      await this.#connect()
    } catch (error) {
      throw kafkaError(error, this.#settings)
    }
    this.#supervisor = this.#supervise()
  }

  next(waitMs: number, signal?: AbortSignal): Promise<MessageBatch | null> {
    return this.#queue.take(waitMs, signal)
  }

  health(): SourceHealth {
    return {
      connected: this.#trouble === null && this.#session !== null,
      lastAnswer: this.#lastAnswer,
      trouble: this.#trouble,
      rebuilds: this.#rebuilds,
    }
  }

  async acknowledge(positions: ReadonlyMap<number, bigint>): Promise<void> {
    if (this.#session === null || this.#trouble !== null) return
    const limit = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(5_000)])
    try {
      await unlessCancelled(this.#storeOffsets(this.#session.connected.cluster, positions), limit)
    } catch (error) {
      this.#log.debug({ error }, 'group offsets were not stored; they are a hint only')
    }
  }

  /** As one who is no member of the group; refused while the group has members. */
  async #storeOffsets(cluster: KafkaCluster, positions: ReadonlyMap<number, bigint>): Promise<void> {
    const { topic, groupId } = this.#settings
    const partitions = Array.from(positions, ([partition, next]) => ({ partition, offset: String(next) }))
    const coordinator = await cluster.findGroupCoordinator({ groupId })
    await coordinator.offsetCommit({
      groupId,
      groupGenerationId: -1,
      memberId: '',
      topics: [{ topic, partitions }],
    })
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#queue.close()
    await this.#supervisor
    await this.#disconnect()
    await this.#probe.close()
  }

  async #connect(): Promise<void> {
    const client = await createKafka(this.#settings, this.#log)
    try {
      const connected = await unlessCancelled(
        connectCluster(client.kafka, this.#settings.groupId),
        this.#stop.signal,
      )
      await connected.cluster.addTargetTopic(this.#settings.topic)
      this.#session = { client, connected }
      this.#lastAnswer = Date.now()
    } catch (error) {
      client.destroy()
      throw error
    }
  }

  /** A client that lost its broker can hang for minutes over its good-bye. */
  async #disconnect(): Promise<void> {
    if (this.#session === null) return
    const { client, connected } = this.#session
    this.#session = null
    const limit = AbortSignal.timeout(3_000)
    await unlessCancelled(connected.disconnect(), limit).catch(() => {})
    client.destroy()
  }

  /** Reads with one client after another until closed or failed for good. */
  async #supervise(): Promise<void> {
    const { signal } = this.#stop
    let pauseMs = 500
    let absent = 0
    while (!signal.aborted) {
      try {
        if (this.#session === null) {
          await this.#probe.verifyIdentity()
          await this.#checkRange()
          await this.#connect()
        }
        await this.#read(() => {
          pauseMs = 500
          absent = 0
          this.#trouble = null
        })
      } catch (thrown) {
        if (signal.aborted) return
        let error = kafkaError(thrown, this.#settings)
        absent = error.code === 'NO_TOPIC' ? absent + 1 : 0
        if (absent > 0) error = goneTopic(error)
        this.#trouble = error
        if (FINAL.includes(error.code) || absent >= TOPIC_CHECKS) {
          this.#queue.fail(error)
          return
        }
        this.#rebuilds += 1
        this.#log.warn({ error, pauseMs }, 'lost Kafka, trying again')
        await this.#disconnect()
        await sleep(pauseMs, signal).catch(() => {})
        pauseMs = Math.min(10_000, pauseMs * 2)
      }
    }
  }

  /**
   * One client's whole life, in rounds: each reads under one view of who leads what. Returns when the source is closed,
   * throws when the client is of no more use. `answered` is called with every answer.
   */
  async #read(answered: () => void): Promise<void> {
    const { topic } = this.#settings
    const { cluster } = (this.#session as Session).connected
    while (!this.#stop.signal.aborted) {
      const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
      await this.#startNew(partitions)
      const round = new AbortController()
      const signal = AbortSignal.any([round.signal, this.#stop.signal])
      const until = performance.now() + this.#roundMs
      const leaders = Object.entries(cluster.findLeaderForPartitions(topic, partitions))
      let failure: unknown
      const follow = async ([nodeId, led]: [string, number[]]) => {
        try {
          await this.#follow(cluster, nodeId, led, until, signal, answered)
        } catch (error) {
          if (!signal.aborted) failure = error
          round.abort()
        }
      }
      await Promise.all(leaders.map(follow))
      if (this.#stop.signal.aborted) return
      if (failure !== undefined && !this.#leaderMoved(failure)) throw failure
      if (failure !== undefined) await sleep(WAIT_MS, this.#stop.signal)
      await unlessCancelled(cluster.refreshMetadata(), this.#stop.signal)
      await this.#probe.verifyIdentity()
    }
  }

  /** Partitions that were added while the source read begin at their first offset. */
  async #startNew(partitions: readonly number[]): Promise<void> {
    if (partitions.every((partition) => this.#next.has(partition))) return
    for (const [partition, { low }] of await this.#probe.watermarks()) {
      if (!this.#next.has(partition)) this.#next.set(partition, low)
    }
  }

  /** Fetches what one broker leads, until `until` (of performance.now()) or `signal`. */
  async #follow(
    cluster: KafkaCluster,
    nodeId: string,
    led: readonly number[],
    until: number,
    signal: AbortSignal,
    answered: () => void,
  ): Promise<void> {
    let order = led
    let bytes = FETCH_BYTES
    while (performance.now() < until && !signal.aborted) {
      if (this.#queue.full) {
        await this.#queue.room(1_000)
        this.#lastAnswer = Date.now()
        continue
      }
      const { fetched, cut } = await this.#fetch(cluster, nodeId, order, bytes, signal)
      bytes = cut ? Math.max(LEAST_FETCH_BYTES, bytes / 2) : Math.min(FETCH_BYTES, bytes * 2)
      this.#lastAnswer = Date.now()
      answered()
      const gave = new Set<number>()
      for (const { partition, messages, next } of fetched) {
        if (next === this.#next.get(partition)) continue
        gave.add(partition)
        this.#next.set(partition, next)
        this.#queue.push(packMessages(partition, messages, next))
      }
      // An answer is filled in the order asked: who had none goes first.
      order = [...order.filter((one) => !gave.has(one)), ...gave]
    }
  }

  async #fetch(
    cluster: KafkaCluster,
    nodeId: string,
    order: readonly number[],
    bytes: number,
    signal: AbortSignal,
  ): ReturnType<typeof fetchMessages> {
    const ask = async () =>
      fetchMessages(
        await cluster.findBroker({ nodeId }),
        this.#settings.topic,
        order.map((partition) => ({
          partition,
          from: this.#next.get(partition) ?? 0n,
          bytes: Math.min(FETCH_PARTITION_BYTES, bytes),
        })),
        { bytes, waitMs: WAIT_MS },
      )
    const stall = new AbortController()
    const timer = setTimeout(() => stall.abort(), this.#stallMs)
    try {
      return await unlessCancelled(ask(), AbortSignal.any([signal, stall.signal]))
    } catch (error) {
      if (signal.aborted) throw cancelled(signal)
      if (stall.signal.aborted) {
        throw new LakeError('NO_BROKER', `Kafka gave no answer for ${this.#stallMs} ms`, { outcome: 'retry' })
      }
      if (typeOf(error) === 'OFFSET_OUT_OF_RANGE') await this.#checkRange()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Whether another view of the cluster can mend it; not when that has been so for too long. */
  #leaderMoved(error: unknown): boolean {
    return MOVED.includes(typeOf(error)) && Date.now() - this.#lastAnswer < this.#stallMs
  }

  /** GAP or TOPIC_REPLACED unless every next offset is still inside the log. */
  async #checkRange(): Promise<void> {
    for (const [partition, { low, high }] of await this.#probe.watermarks()) {
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

/** Answers of a broker that does not lead what it was asked for, or no longer knows it. */
const MOVED: readonly string[] = [
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'UNKNOWN_TOPIC_OR_PARTITION',
]

const FINAL: readonly ErrorCode[] = [
  'GAP',
  'TOPIC_REPLACED',
  'CLUSTER_REPLACED',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'SETTING',
]

function goneTopic(error: LakeError): LakeError {
  return new LakeError('NO_TOPIC', error.message, {
    context: error.context,
    likely: 'the topic was deleted while it was read',
    remedy: 'what was read of it is kept; start the load again when the topic is back',
    cause: error,
  })
}

function typeOf(error: unknown): string {
  return String(Reflect.get(Object(error), 'type') ?? '')
}
