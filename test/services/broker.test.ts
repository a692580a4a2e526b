import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { afterAll, expect, test } from 'vitest'
import { silentLog } from '../../src/main/base/log.ts'
import { kafkaSource } from '../../src/main/source/kafka.ts'
import type { Source } from '../../src/main/source/source.ts'
import { freePort } from './process.ts'
import { startKafka } from './services.ts'

const folder = mkdtempSync(join(tmpdir(), 'tarn-broker-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const topic = 'interrupted'

async function produce(brokers: string[], from: number, to: number): Promise<void> {
  const producer = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).producer({
    createPartitioner: kafkajs.Partitioners.LegacyPartitioner,
  })
  await producer.connect()
  const values = Array.from({ length: to - from }, (_, i) => String(from + i))
  await producer.send({ topic, messages: values.map((value) => ({ value, partition: Number(value) % 2 })) })
  await producer.disconnect()
}

/** Reads until `count` messages came; what came is added to `seen`. */
async function read(source: Source, seen: number[], count: number, limitMs: number): Promise<void> {
  const deadline = Date.now() + limitMs
  while (seen.length < count && Date.now() < deadline) {
    const batch = await source.next(250)
    for (let i = 0; batch !== null && i < batch.count; i++) {
      const value = batch.values.subarray(i === 0 ? 0 : batch.ends[i - 1], batch.ends[i])
      seen.push(Number(Buffer.from(value).toString()))
    }
  }
}

test('a broker that goes away or hangs, and comes back, costs time, no message and no double', async () => {
  const port = await freePort()
  const brokers = [`127.0.0.1:${port}`]
  let server = await startKafka(folder, port)
  let source: Source | null = null
  try {
    const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 2 }] })
    await admin.disconnect()
    await produce(brokers, 0, 500)
    source = await kafkaSource(
      {
        brokers,
        topic,
        groupId: 'tarn',
        securityProtocol: 'PLAINTEXT',
        saslMechanism: 'PLAIN',
        saslUsername: null,
        saslPassword: null,
        sslCaFile: null,
      },
      { log: silentLog, stallMs: 3_000 },
    )
    await source.start(new Map())
    const seen: number[] = []
    await read(source, seen, 500, 20_000)
    expect(seen.length).toBe(500)

    await server.stop()
    const lost = Date.now() + 40_000
    while (source.health?.().connected === true && Date.now() < lost)
      expect(await source.next(250)).toBeNull()
    expect(source.health?.()).toMatchObject({ connected: false, trouble: { code: 'NO_BROKER' } })

    server = await startKafka(folder, port)
    await produce(brokers, 500, 1_000)
    await read(source, seen, 1_000, 60_000)
    await read(source, seen, 1_001, 1_500)
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, i) => i))
    expect(source.health?.()).toMatchObject({ connected: true, trouble: null })

    // It hangs, its connections open.
    process.kill(server.pid, 'SIGSTOP')
    await expect
      .poll(() => source?.health?.(), { timeout: 20_000 })
      .toMatchObject({ connected: false, trouble: { code: 'NO_BROKER' } })
    process.kill(server.pid, 'SIGCONT')
    await produce(brokers, 1_000, 1_500)
    await read(source, seen, 1_500, 60_000)
    await read(source, seen, 1_501, 1_500)
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_500 }, (_, i) => i))
    await expect
      .poll(() => source?.health?.(), { timeout: 20_000 })
      .toMatchObject({ connected: true, trouble: null })
  } finally {
    await source?.close()
    await server.stop()
  }
})
