import { randomUUID } from 'node:crypto'
import kafkajs, { type Admin, type Kafka, type Producer, type Transaction } from 'kafkajs'
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
const options = { log: silentLog }

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

  test('hands on nothing of aborted transactions, however they overlap and whatever their keys', async () => {
    const topic = await createTopic(1)
    const a = await transactions()
    const b = await transactions()
    const say = async (transaction: Transaction, value: string, key: Buffer | null = null) => {
      await transaction.send({ topic, messages: [{ key, value, partition: 0 }] })
    }
    const first = await a.transaction()
    const second = await b.transaction()
    await say(first, 'aborted')
    await say(second, 'aborted')
    await say(second, 'aborted')
    // The key of a marker that ends an aborted transaction, on a plain message.
    await say(first, 'aborted', Buffer.alloc(4))
    await say(first, 'aborted')
    await first.abort()
    await say(second, 'aborted')
    await second.abort()
    const third = await a.transaction()
    await say(third, 'kept')
    await third.commit()
    await Promise.all([a.disconnect(), b.disconnect()])
    for (let from = 0n; from <= 8n; from++) {
      expect([from, await textsFrom(topic, from, 10n)]).toEqual([from, ['kept']])
    }
  })

  test('ends before a transaction that is still open', async () => {
    const topic = await createTopic(1)
    await produce(topic, 0, numbers(0, 3))
    const producer = await transactions()
    const open = await producer.transaction()
    await open.send({ topic, messages: [{ value: 'open', partition: 0 }] })
    const source = await kafkaSource(settings(topic), options)
    expect((await source.watermarks()).get(0)).toEqual({ low: 0n, high: 3n })
    await source.close()
    expect(await textsFrom(topic, 0n, 3n)).toEqual(['m0', 'm1', 'm2'])
    await open.commit()
    expect(await textsFrom(topic, 0n, 5n)).toEqual(['m0', 'm1', 'm2', 'open'])
    await producer.disconnect()
  })

  test('passes over batches that compaction emptied', async () => {
    const topic = await createTopic(1, {
      'cleanup.policy': 'compact',
      'segment.bytes': String(1_048_576),
      'min.cleanable.dirty.ratio': '0.01',
    })
    // Each by a producer of its own, whose last batch is kept for its sequence number, whatever it holds; and each too
    // large for its segment to become one with the next, so that nothing follows an emptied batch in its own.
    const say = async (key: string, value: string) => {
      const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
      await producer.connect()
      const filled = Buffer.alloc(700_000, value)
      await producer.send({ topic, acks: -1, messages: [{ key, value: filled, partition: 0 }] })
      await producer.disconnect()
    }
    for (const value of ['1', '2', '3']) await say('a', value)
    for (const key of ['b', 'c']) await say(key, key)
    const held = async () => (await textsFrom(topic, 0n, 5n)).map((text) => text[0])
    await expect.poll(held, { timeout: 60_000, interval: 500 }).toEqual(['3', 'b', 'c'])
  })

  test('holds no more than its buffer while nobody pulls, and goes on afterwards', async () => {
    const topic = await createTopic(1)
    const big = Buffer.alloc(400_000, 'x')
    for (let i = 0; i < 30; i++) await produce(topic, 0, [big])
    const stallMs = 1_000
    const source = await kafkaSource(settings(topic), { ...options, bufferBytes: 1_000_000, stallMs })
    await source.start(new Map())
    const started = Date.now()
    const waited = () => (source.health?.().lastAnswer ?? 0) - started
    await expect.poll(waited, { timeout: 20_000 }).toBeGreaterThan(2 * stallMs)
    // A source that waits for room is not one that lost its broker.
    expect(source.health?.()).toMatchObject({ connected: true, rebuilds: 0 })
    let count = 0
    // What it held, before it can fetch more: its buffer, and the one answer that filled it.
    for (let batch = await source.next(0); batch !== null; batch = await source.next(0)) count += batch.count
    expect(count * big.length).toBeLessThan(1_000_000 + 1_048_576 + big.length)
    for (let tries = 0; tries < 100 && count < 30; tries++) count += (await source.next(200))?.count ?? 0
    expect(count).toBe(30)
    expect(source.health?.().rebuilds).toBe(0)
    await source.close()
  })

  test('unpacks no more at once than is taken at once, however small its batches are packed', async () => {
    const topic = await createTopic(2)
    const message = Buffer.alloc(1_000_000, 'x')
    // Kilobytes on disk, and 4 MB each unpacked.
    for (let i = 0; i < 20; i++) await produce(topic, i % 2, Array(4).fill(message), CompressionTypes.ZSTD)
    const source = await kafkaSource(settings(topic), { ...options, bufferBytes: 1 })
    await source.start(new Map())
    const answers: number[] = []
    await expect
      .poll(
        async () => {
          let count = 0
          // What one answer brought: nothing can be fetched between these turns.
          for (let batch = await source.next(0); batch !== null; batch = await source.next(0))
            count += batch.count
          answers.push(count)
          return answers.reduce((sum, one) => sum + one, 0)
        },
        { timeout: 20_000 },
      )
      .toBe(80)
    expect(Math.max(...answers) * message.length).toBeLessThanOrEqual(16 * 1_048_576 + 4 * message.length)
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

    for (let i = 0; i < 6; i++) await produce(topic, 0, [Buffer.alloc(400_000)])
    const source = await kafkaSource(settings(topic), { ...options, bufferBytes: 1 })
    await source.start(new Map([[0, 50n]]))
    const first = await source.next(5_000)
    expect(first?.count).toBeLessThan(6)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '56' }] })
    // Nothing new is produced: what is gone is told all the same.
    const rest = async () => {
      for (;;) await source.next(200)
    }
    await expect(rest()).rejects.toMatchObject({ code: 'GAP', context: { to: '56' } })
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

  test('leaves in its group what it is told was committed, and reads on while another has the group', async () => {
    const topic = await createTopic(2)
    await produce(topic, 1, numbers(0, 20))
    const source = await kafkaSource(settings(topic), options)
    await source.start(new Map())
    await source.acknowledge(
      new Map([
        [0, 0n],
        [1, 20n],
      ]),
    )
    const { groupId } = settings(topic)
    const stored = async () =>
      (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions.map((one) => [
        one.partition,
        one.offset,
      ])
    const both = [
      [0, '0'],
      [1, '20'],
    ]
    expect((await stored())?.sort()).toEqual(both)
    const other = kafka.consumer({ groupId })
    const joined = Promise.withResolvers<void>()
    other.on('consumer.group_join', () => joined.resolve())
    await other.connect()
    await other.subscribe({ topic })
    await other.run({ eachMessage: async () => {} })
    await joined.promise
    await source.acknowledge(new Map([[1, 7n]]))
    await other.disconnect()
    expect((await stored())?.sort()).toEqual(both)
    let count = 0
    for (let tries = 0; tries < 50 && count < 20; tries++) count += (await source.next(200))?.count ?? 0
    expect(count).toBe(20)
    await source.close()
  })

  test('reads partitions that are added while it reads from their first offset', async () => {
    const topic = await createTopic(1)
    await produce(topic, 0, numbers(0, 5))
    const source = await kafkaSource(settings(topic), { ...options, roundMs: 500 })
    await source.start(new Map([[0, 5n]]))
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
    await expect.poll(async () => (await admin.fetchTopicOffsets(topic)).length).toBe(3)
    await produce(topic, 2, numbers(0, 4))
    const read: unknown[] = []
    await expect
      .poll(
        async () => {
          const batch = await source.next(200)
          if (batch !== null) read.push([batch.partition, batch.offsets[0], batch.count])
          return read
        },
        { timeout: 20_000 },
      )
      .toEqual([[2, 0n, 4]])
    await source.close()
  })

  test('takes no instant before 1970 for a name of an offset, and makes no topic by asking for it', async () => {
    const topic = await createTopic(1)
    await produce(topic, 0, numbers(0, 3))
    const source = await kafkaSource(settings(topic), options)
    for (const ms of [-1, -2, -315_619_200_000])
      expect(await source.offsetsAt?.(ms)).toEqual(new Map([[0, 0n]]))
    await source.start(new Map())
    await admin.deleteTopics({ topics: [topic] })
    const rest = async () => {
      for (;;) await source.next(200)
    }
    await expect(rest()).rejects.toMatchObject({
      code: 'NO_TOPIC',
      likely: 'the topic was deleted while it was read',
    })
    await source.close()
    expect(await admin.listTopics()).not.toContain(topic)
  })

  test('two loaders under one name both read everything', async () => {
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

  async function transactions(): Promise<Producer> {
    const producer = kafka.producer({
      transactionalId: randomUUID(),
      maxInFlightRequests: 1,
      idempotent: true,
    })
    await producer.connect()
    return producer
  }

  /** What a source that starts at `from` hands on until its next offset is `end`. */
  async function textsFrom(topic: string, from: bigint, end: bigint): Promise<string[]> {
    const source = await kafkaSource(settings(topic), options)
    const texts: string[] = []
    try {
      await source.start(new Map([[0, from]]))
      await expect
        .poll(
          async () => {
            const batch = await source.next(200)
            for (let i = 0; batch !== null && i < batch.count; i++) {
              const value = batch.values.subarray(i === 0 ? 0 : batch.ends[i - 1], batch.ends[i])
              texts.push(Buffer.from(value).toString())
            }
            return batch === null ? null : (batch.next ?? (batch.offsets[batch.count - 1] as bigint) + 1n)
          },
          { timeout: 20_000, interval: 0 },
        )
        .toBe(end)
    } finally {
      await source.close()
    }
    return texts
  }

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
