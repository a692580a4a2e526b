/** A look at a cluster that joins no group, moves no position and creates nothing: its topics, and messages of one. */
import type { Broker } from 'kafkajs'
import kafkajs from 'kafkajs'
import type { Logger } from '../base/log.ts'
import { sleep } from '../base/retry.ts'
import { createKafka, type KafkaSettings } from './kafka-client.ts'
import { type ConnectedCluster, connectCluster, type KafkaCluster } from './kafka-cluster.ts'
import { kafkaError } from './kafka-errors.ts'
import { fetchMessages } from './kafka-fetch.ts'
import { fetchLogSizes } from './kafka-log-sizes.ts'
import { type Message, packMessages } from './pack.ts'
import type { MessageBatch, Watermark } from './source.ts'

export interface TopicFacts {
  readonly name: string
  readonly watermarks: ReadonlyMap<number, Watermark>
  /** One replica, bytes on disk; null where the brokers do not tell. */
  readonly bytes: number | null
  /** -1 keeps for ever; null where the brokers do not tell. */
  readonly retentionMs: number | null
}

export interface ClusterFacts {
  readonly clusterId: string
  readonly brokers: readonly string[]
  /** Names, those of Kafka itself left out. */
  readonly topics: readonly string[]
}

export interface KafkaLook {
  cluster(): Promise<ClusterFacts>
  topics(names: readonly string[]): Promise<TopicFacts[]>
  /**
   * Messages of one topic: per partition a run from each of `places` offsets, spread evenly over what it holds; each
   * run at most `bytes` long. Runs of one partition never overlap.
   */
  sample(topic: string, options: { readonly places: number; readonly bytes: number }): Promise<MessageBatch[]>
  /**
   * When the newest of a topic's last messages was produced, ms since the epoch: one small read at the end of its first 8
   * partitions. Null where they hold none.
   */
  newest(topic: string): Promise<number | null>
  /** FORBIDDEN where this user may not use the consumer group. It need not exist. */
  group(id: string): Promise<void>
  close(): Promise<void>
}

/** What is used of kafkajs' own broker object: its admin client loses the reason of a refusal. */
interface CoordinatorFinder {
  findGroupCoordinator(request: { groupId: string; coordinatorType: number }): Promise<unknown>
}

const RUNS_AT_ONCE = 8
const NEWEST_PARTITIONS = 8
/** Offsets before the end that are looked at: markers of transactions hold no message. */
const NEWEST_OFFSETS = 8n
const NEWEST_BYTES = 65_536

/**
 * Connects; all of its connections are cut when `signal` fires. Errors: NO_BROKER, UNAUTHORIZED, FORBIDDEN, TLS, SETTING,
 * KAFKA; NO_TOPIC from `topics` and `sample`.
 */
export async function lookAtKafka(
  settings: KafkaSettings,
  log: Logger,
  signal?: AbortSignal,
): Promise<KafkaLook> {
  const client = await createKafka(settings, log)
  signal?.addEventListener('abort', client.destroy, { once: true })
  const admin = client.kafka.admin({ retry: { retries: 1, initialRetryTime: 200 } })
  let connected: ConnectedCluster | undefined
  const close = async (): Promise<void> => {
    const gone = Promise.all([admin.disconnect().catch(() => {}), connected?.disconnect().catch(() => {})])
    const limit = new AbortController()
    await Promise.race([gone, sleep(2_000, limit.signal).catch(() => {})])
    limit.abort()
    signal?.removeEventListener('abort', client.destroy)
    client.destroy()
  }
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw kafkaError(error, settings)
    }
  }
  try {
    await admin.connect()
    connected = await connectCluster(client.kafka, settings.groupId, { retries: 1, initialRetryTime: 200 })
  } catch (error) {
    await close()
    throw kafkaError(error, settings)
  }
  const { cluster } = connected

  const watermarks = async (topic: string): Promise<Map<number, Watermark>> =>
    new Map(
      (await admin.fetchTopicOffsets(topic))
        .map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }] as const)
        .sort(([a], [b]) => a - b),
    )

  return {
    cluster: () =>
      guarded(async () => {
        const { clusterId, brokers } = await admin.describeCluster()
        const topics = (await admin.listTopics()).filter((name) => !name.startsWith('__')).sort()
        return { clusterId, brokers: brokers.map(({ host, port }) => `${host}:${port}`), topics }
      }),
    topics: (names) =>
      guarded(async () => {
        const { brokers } = await admin.describeCluster()
        // The cluster object knows only brokers of topics that it was told of.
        if (names.length > 0) await cluster.addMultipleTargetTopics([...names])
        const [sizes, retention] = await Promise.all([
          logSizes(
            cluster,
            brokers.map(({ nodeId }) => nodeId),
          ),
          retentionOf(admin, names),
        ])
        return Promise.all(
          names.map(async (name) => ({
            name,
            watermarks: await watermarks(name),
            bytes: sizes === null ? null : (sizes.get(name) ?? 0),
            retentionMs: retention.get(name) ?? null,
          })),
        )
      }),
    sample: (topic, { places, bytes }) =>
      guarded(async () => {
        const marks = await watermarks(topic)
        return fetchAll(cluster, topic, marks, bytes, ({ low, high }) => spread(low, high, places))
      }),
    newest: (topic) =>
      guarded(async () => {
        const marks = new Map([...(await watermarks(topic))].slice(0, NEWEST_PARTITIONS))
        const batches = await fetchAll(cluster, topic, marks, NEWEST_BYTES, ({ low, high }) => [
          [later(low, high - NEWEST_OFFSETS), high],
        ])
        const times = batches.flatMap(({ timestamps }) => Array.from(timestamps)).filter((time) => time > 0)
        return times.length === 0 ? null : Math.max(...times)
      }),
    group: (id) =>
      guarded(async () => {
        await cluster.refreshMetadataIfNecessary()
        const broker = (await cluster.findControllerBroker()) as unknown as CoordinatorFinder
        try {
          await broker.findGroupCoordinator({ groupId: id, coordinatorType: 0 })
        } catch (error) {
          // the first group of a cluster waits for its coordinator to be made: that is no refusal
          if (Reflect.get(error as object, 'type') !== 'GROUP_COORDINATOR_NOT_AVAILABLE') throw error
        }
      }),
    close,
  }
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** What the ranges of each partition hold, up to `bytes` of each; only what holds messages. */
async function fetchAll(
  cluster: KafkaCluster,
  topic: string,
  marks: ReadonlyMap<number, Watermark>,
  bytes: number,
  rangesOf: (mark: Watermark) => readonly (readonly [bigint, bigint])[],
): Promise<MessageBatch[]> {
  await cluster.addTargetTopic(topic)
  const leaders = cluster.findLeaderForPartitions(topic, [...marks.keys()])
  const runs: (() => Promise<MessageBatch>)[] = []
  for (const [nodeId, partitions] of Object.entries(leaders)) {
    const broker = await cluster.findBroker({ nodeId })
    for (const partition of partitions) {
      const mark = marks.get(partition)
      if (mark === undefined || mark.high <= mark.low) continue
      for (const [from, to] of rangesOf(mark))
        runs.push(() => fetchRun(broker, topic, partition, from, to, bytes))
    }
  }
  const batches: MessageBatch[] = []
  for (let at = 0; at < runs.length; at += RUNS_AT_ONCE)
    batches.push(...(await Promise.all(runs.slice(at, at + RUNS_AT_ONCE).map((run) => run()))))
  return batches.filter((batch) => batch.count > 0)
}

/** Half-open ranges that part [low, high) into `places` equal ones; fewer where it holds fewer offsets. */
export function spread(low: bigint, high: bigint, places: number): [bigint, bigint][] {
  const held = high - low
  const count = held < BigInt(places) ? held : BigInt(places)
  return Array.from({ length: Number(count) }, (_, index) => [
    low + (held * BigInt(index)) / count,
    low + (held * BigInt(index + 1)) / count,
  ])
}

async function fetchRun(
  broker: Broker,
  topic: string,
  partition: number,
  from: bigint,
  to: bigint,
  bytes: number,
): Promise<MessageBatch> {
  const limits = { bytes, waitMs: 500 }
  const { fetched } = await fetchMessages(broker, topic, [{ partition, from, bytes }], limits)
  const messages: Message[] = []
  let held = 0
  for (const message of fetched[0]?.messages ?? []) {
    if (message.offset >= to || held > bytes) break
    held += message.value?.length ?? 0
    messages.push(message)
  }
  return packMessages(partition, messages)
}

async function logSizes(
  cluster: KafkaCluster,
  nodes: readonly number[],
): Promise<Map<string, number> | null> {
  try {
    const largest = new Map<string, Map<number, number>>()
    for (const node of nodes) {
      const broker = await cluster.findBroker({ nodeId: String(node) })
      for (const { topic, partition, bytes } of await fetchLogSizes(broker)) {
        const partitions = largest.get(topic) ?? new Map<number, number>()
        partitions.set(partition, Math.max(bytes, partitions.get(partition) ?? 0))
        largest.set(topic, partitions)
      }
    }
    return new Map(
      [...largest].map(([topic, partitions]) => [topic, [...partitions.values()].reduce((a, b) => a + b, 0)]),
    )
  } catch {
    return null
  }
}

async function retentionOf(
  admin: ReturnType<Awaited<ReturnType<typeof createKafka>>['kafka']['admin']>,
  names: readonly string[],
): Promise<Map<string, number>> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map((name) => ({
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name,
        configNames: ['retention.ms'],
      })),
    })
    return new Map(
      resources.flatMap(({ resourceName, configEntries }) => {
        const value = configEntries.find(({ configName }) => configName === 'retention.ms')?.configValue
        return value === undefined ? [] : [[resourceName, Number(value)] as const]
      }),
    )
  } catch {
    return new Map()
  }
}
