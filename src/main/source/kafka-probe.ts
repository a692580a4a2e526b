/** What is asked of Kafka beside reading: which cluster and topic this is, and what a partition holds. */
import type { Admin, Broker } from 'kafkajs'
import { LakeError } from '../../shared/errors.ts'
import { sleep } from '../base/retry.ts'
import type { KafkaClient, KafkaSettings } from './kafka-client.ts'
import { type ConnectedCluster, connectCluster, type KafkaCluster } from './kafka-cluster.ts'
import { kafkaError, noTopic } from './kafka-errors.ts'
import { fetchTopicId } from './kafka-topic-id.ts'
import type { SourceIdentity, Watermark } from './source.ts'

export interface Probe {
  readonly identity: SourceIdentity
  watermarks(): Promise<Map<number, Watermark>>
  /** Per partition the first offset at or after `ms`; its high where there is none. */
  offsetsAt(ms: number): Promise<Map<number, bigint>>
  /** The broker that leads a partition; null where there is none now. */
  leaderOf(partition: number): Promise<Broker | null>
  /** CLUSTER_REPLACED or TOPIC_REPLACED unless both are still those of `identity`. */
  verifyIdentity(): Promise<void>
  close(): Promise<void>
}

/** @param timeoutMs after which an address that does not speak Kafka is given up as NO_BROKER */
export async function openProbe(
  client: KafkaClient,
  settings: KafkaSettings,
  timeoutMs = 12_000,
): Promise<Probe> {
  const { kafka } = client
  const admin = kafka.admin()
  let connected: ConnectedCluster | undefined
  try {
    const connect = async () => {
      await admin.connect()
      connected = await connectCluster(kafka, settings.groupId)
      return [connected.cluster, await identify(admin, connected.cluster, settings)] as const
    }
    const [cluster, identity] = await within(timeoutMs, connect(), settings)
    return {
      identity,
      watermarks: () => guarded(settings, () => watermarks(admin, settings.topic)),
      offsetsAt: (ms) => guarded(settings, () => offsetsAt(admin, settings.topic, ms)),
      leaderOf: (partition) => guarded(settings, () => leaderOf(cluster, settings.topic, partition)),
      verifyIdentity: async () => {
        const now = await guarded(settings, () => identify(admin, cluster, settings))
        compare(identity, now)
      },
      close: () => close(client, admin, connected),
    }
  } catch (error) {
    await close(client, admin, connected)
    throw kafkaError(error, settings)
  }
}

async function identify(
  admin: Admin,
  cluster: KafkaCluster,
  settings: KafkaSettings,
): Promise<SourceIdentity> {
  const { topic } = settings
  const { clusterId } = await admin.describeCluster()
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    if ((topics[0]?.partitions.length ?? 0) === 0) throw noTopic(settings)
  } catch (error) {
    throw kafkaError(error, settings)
  }
  return { cluster: clusterId, topic, topicId: await topicId(cluster, topic) }
}

async function topicId(cluster: KafkaCluster, topic: string): Promise<string | null> {
  if (cluster === undefined) return null
  try {
    await cluster.addTargetTopic(topic)
    return await fetchTopicId(await cluster.findControllerBroker(), topic)
  } catch {
    return null
  }
}

async function watermarks(admin: Admin, topic: string): Promise<Map<number, Watermark>> {
  const offsets = await admin.fetchTopicOffsets(topic)
  return new Map(
    offsets
      .map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }] as const)
      .sort(([a], [b]) => a - b),
  )
}

async function offsetsAt(admin: Admin, topic: string, ms: number): Promise<Map<number, bigint>> {
  // Below zero Kafka takes a time for a name: -1 is the end, -2 the beginning.
  const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, Math.max(0, ms))
  return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]))
}

async function leaderOf(cluster: KafkaCluster, topic: string, partition: number): Promise<Broker | null> {
  await cluster.addTargetTopic(topic)
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
  return nodeId === undefined ? null : cluster.findBroker({ nodeId })
}

function compare(was: SourceIdentity, now: SourceIdentity): void {
  if (was.cluster !== now.cluster) {
    throw new LakeError(
      'CLUSTER_REPLACED',
      `the brokers belong to cluster ${now.cluster}, no longer ${was.cluster}`,
      {
        context: { was: was.cluster, now: now.cluster, topic: was.topic },
        likely: 'another Kafka answers at the same address',
        remedy: 'start the load again: it tells how to accept the new cluster',
      },
    )
  }
  if (was.topicId !== null && now.topicId !== null && was.topicId !== now.topicId) {
    throw new LakeError(
      'TOPIC_REPLACED',
      `topic ${was.topic} has the id ${now.topicId}, no longer ${was.topicId}`,
      {
        context: { topic: was.topic, was: was.topicId, now: now.topicId },
        likely: 'the topic was deleted and made again while it was read',
        remedy: 'start the load again: it tells how to accept the new topic',
      },
    )
  }
}

async function guarded<T>(settings: KafkaSettings, fn: () => Promise<T>): Promise<T> {
  try {
    return await fn()
  } catch (error) {
    throw kafkaError(error, settings)
  }
}

async function within<T>(ms: number, work: Promise<T>, settings: KafkaSettings): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const brokers = settings.brokers.join(',')
      reject(
        new LakeError('NO_BROKER', `no Kafka broker answers at ${brokers} within ${ms} ms`, {
          outcome: 'retry',
          context: { brokers, topic: settings.topic },
          likely: 'something else than Kafka listens there, or it expects another KAFKA_SECURITY_PROTOCOL',
          remedy: 'check KAFKA_BROKERS and KAFKA_SECURITY_PROTOCOL',
        }),
      )
    }, ms)
  })
  work.catch(() => {})
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A client that lost its broker may never finish its good-bye. */
async function close(
  client: KafkaClient,
  admin: Admin,
  connected: ConnectedCluster | undefined,
): Promise<void> {
  const gone = Promise.all([admin.disconnect().catch(() => {}), connected?.disconnect().catch(() => {})])
  const stop = new AbortController()
  await Promise.race([gone, sleep(2_000, stop.signal).catch(() => {})])
  stop.abort()
  client.destroy()
}
