import { randomUUID } from 'node:crypto'
import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { silentLog } from '../../src/main/base/log.ts'
import { GENERATOR_DEFAULTS, generateMessage } from '../../src/main/source/generator.ts'
import { kafkaSource } from '../../src/main/source/kafka.ts'
import { type HeldMessage, sourceContract } from '../contract/source.ts'

const { brokers: brokerList } = inject('services').kafka
const brokers = String(brokerList).split(',')

let kafka: Kafka
let admin: Admin
beforeAll(async () => {
  kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING })
  admin = kafka.admin()
  await admin.connect()
})
afterAll(async () => {
  await admin?.disconnect()
})

const settings = (topic: string) => ({
  brokers,
  topic,
  groupId: `group-${topic}`,
  securityProtocol: 'PLAINTEXT' as const,
  saslMechanism: 'PLAIN' as const,
  saslUsername: null,
  saslPassword: null,
  sslCaFile: null,
})
const options = { log: silentLog, sessionTimeoutMs: 6_000 }

// Importing the source completes kafkajs' codecs, for producers too.
const { CompressionTypes } = kafkajs
const CODECS = [
  CompressionTypes.None,
  CompressionTypes.GZIP,
  CompressionTypes.Snappy,
  CompressionTypes.LZ4,
  CompressionTypes.ZSTD,
]

async function createTopic(
  partitions: number,
  config: Record<string, string> = {},
  name = `source-${randomUUID()}`,
) {
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      {
        topic: name,
        numPartitions: partitions,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      },
    ],
  })
  return name
}

async function produce(
  topic: string,
  partition: number,
  values: (Buffer | null)[],
  compression = CompressionTypes.None,
) {
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.LegacyPartitioner })
  await producer.connect()
  await producer.send({ topic, compression, messages: values.map((value) => ({ value, partition })) })
  await producer.disconnect()
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => Buffer.from(`m${from + i}`))

sourceContract('Kafka', async () => {
  const topic = await createTopic(4)
  const made = { ...GENERATOR_DEFAULTS, messages: 6_000, partitions: 4 }
  const held = new Map<number, HeldMessage[]>()
  for (let partition = 0; partition < 4; partition++) {
    const values = Array.from({ length: 1_500 }, (_, offset) => {
      const { value } = generateMessage(made, offset * 4 + partition)
      return value === null ? null : Buffer.from(value)
    })
    for (const [turn, codec] of CODECS.entries()) {
      await produce(topic, partition, values.slice(turn * 300, turn * 300 + 300), codec)
    }
    held.set(
      partition,
      values.map((value, offset) => ({ offset: BigInt(offset), value })),
    )
  }
  return { open: () => kafkaSource(settings(topic), options), held, close: async () => {} }
})

describe('Kafka', () => {
  test('tells cluster and topic id, and another id for a topic made again', async () => {
    const topic = await createTopic(1)
    const first = await kafkaSource(settings(topic), options)
    await first.close()
    expect(first.identity.cluster).toBe((await admin.describeCluster()).clusterId)
    expect(first.identity.topicId).toMatch(/^[\w-]{22}$/)
    await admin.deleteTopics({ topics: [topic] })
    await recreate(topic)
    const second = await kafkaSource(settings(topic), options)
    await second.close()
    expect(second.identity.topicId).toMatch(/^[\w-]{22}$/)
    expect(second.identity.topicId).not.toBe(first.identity.topicId)
  })

  test('moves its position over aborted transactions and their markers', async () => {
    const topic = await createTopic(1)
    const producer = kafka.producer({
      transactionalId: randomUUID(),
      maxInFlightRequests: 1,
      idempotent: true,
    })
    await producer.connect()
    for (const commit of [true, false, false]) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: numbers(0, 5).map((value) => ({ value, partition: 0 })) })
      await (commit ? transaction.commit() : transaction.abort())
    }
    await producer.disconnect()
    const source = await kafkaSource(settings(topic), options)
    const { high } = (await source.watermarks()).get(0) ?? { high: 0n }
    await source.start(new Map())
    let count = 0
    let next = 0n
    for (let tries = 0; tries < 50 && next < high; tries++) {
      const batch = await source.next(200)
      count += batch?.count ?? 0
      next = batch?.next ?? next
    }
    await source.close()
    expect(count).toBe(5)
    expect(next).toBe(high)
    expect(high).toBe(18n)
  })

  test('holds no more than its buffer while nobody pulls, and goes on afterwards', async () => {
    const topic = await createTopic(1)
    const big = Buffer.alloc(400_000, 'x')
    for (let i = 0; i < 30; i++) await produce(topic, 0, [big])
    const source = await kafkaSource(settings(topic), { ...options, bufferBytes: 1_000_000 })
    await source.start(new Map())
    await new Promise((resolve) => setTimeout(resolve, 8_000))
    let count = 0
    for (let tries = 0; tries < 100 && count < 30; tries++) count += (await source.next(200))?.count ?? 0
    expect(count).toBe(30)
    expect(source.health?.().rebuilds).toBe(0)
    await source.close()
  })

  test('says GAP when the messages to be read next were deleted, before and after it started', async () => {
    const topic = await createTopic(1)
    await produce(topic, 0, numbers(0, 50))
    await admin.fetchTopicOffsets(topic) // loads the metadata that deleteTopicRecords wants
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '20' }] })
    const late = await kafkaSource(settings(topic), options)
    expect((await late.watermarks()).get(0)).toEqual({ low: 20n, high: 50n })
    await expect(late.start(new Map([[0, 10n]]))).rejects.toMatchObject({
      code: 'GAP',
      context: { from: '10', to: '20' },
    })
    await late.close()

    const source = await kafkaSource(settings(topic), options)
    await source.start(new Map([[0, 50n]]))
    expect(await source.next(500)).toBeNull()
    await source.close()
  })

  test('says TOPIC_REPLACED when the topic was made again under a running load', async () => {
    const topic = await createTopic(1)
    await produce(topic, 0, numbers(0, 50))
    const source = await kafkaSource(settings(topic), options)
    await source.start(new Map())
    expect((await source.next(5_000))?.count).toBe(50)
    await admin.deleteTopics({ topics: [topic] })
    await recreate(topic)
    await produce(topic, 0, numbers(100, 110))
    const read = (async () => {
      for (let tries = 0; tries < 200; tries++) {
        const batch = await source.next(200)
        if (batch !== null && batch.count > 0) return batch.count
        if (tries % 10 === 9) await source.watermarks()
      }
      return null
    })()
    await expect(read).rejects.toMatchObject({ code: 'TOPIC_REPLACED' })
    await source.close()
  })

  test('two members of one group both read everything', async () => {
    const topic = await createTopic(2)
    for (const partition of [0, 1]) await produce(topic, partition, numbers(0, 20))
    const sources = await Promise.all([
      kafkaSource(settings(topic), options),
      kafkaSource(settings(topic), options),
    ])
    await Promise.all(sources.map((source) => source.start(new Map())))
    for (const source of sources) {
      let count = 0
      for (let tries = 0; tries < 100 && count < 40; tries++) count += (await source.next(200))?.count ?? 0
      expect(count).toBe(40)
    }
    await Promise.all(sources.map((source) => source.close()))
  })

  test('names what is wrong with an address or a name', async () => {
    await expect(kafkaSource(settings('no-such-topic'), options)).rejects.toMatchObject({ code: 'NO_TOPIC' })
    const closed = { ...settings('any'), brokers: ['127.0.0.1:1'] }
    await expect(kafkaSource(closed, options)).rejects.toMatchObject({ code: 'NO_BROKER', outcome: 'retry' })
    const secure = { ...settings('any'), securityProtocol: 'SSL' as const }
    await expect(kafkaSource(secure, options)).rejects.toMatchObject({ code: 'TLS' })
    const login = { ...settings('any'), securityProtocol: 'SASL_PLAINTEXT' as const }
    await expect(kafkaSource(login, options)).rejects.toMatchObject({ code: 'SETTING' })
  })

  async function recreate(topic: string): Promise<void> {
    for (let tries = 0; tries < 40; tries++) {
      try {
        await createTopic(1, {}, topic)
        return
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    }
    throw new Error('the topic was not made again')
  }
})
