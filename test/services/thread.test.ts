import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parts } from '../../src/main/app/compose.ts'
import { decoderOf, messageView } from '../../src/main/app/thread/message.ts'
import { findOrigin } from '../../src/main/app/thread/origin.ts'
import { threadOf } from '../../src/main/app/thread/thread.ts'
import { openTopic, topicView } from '../../src/main/app/thread/topic.ts'
import { silentLog } from '../../src/main/base/log.ts'
import { kafkaReader } from '../../src/main/source/kafka-reader.ts'
import type { TopicReader } from '../../src/main/source/reader.ts'
import type { OriginLine } from '../../src/shared/trace.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { runTarn } from '../helpers/tarn.ts'
import { python } from './install.ts'
import { run } from './process.ts'

const services = inject('services')
const name = `thread_${Date.now().toString(36)}`
const folder = mkdtempSync(join(tmpdir(), 'tarn-thread-'))
const never = new AbortController().signal
const env = {
  ICEBERG_CATALOG_URI: services.catalog.uri,
  ICEBERG_WAREHOUSE: 's3://data-lake/warehouse',
  ICEBERG_DATABASE: name,
  S3_ENDPOINT: services.s3.endpoint,
  S3_ACCESS_KEY: services.s3.accessKey,
  S3_SECRET_KEY: services.s3.secretKey,
  KAFKA_BROKERS: services.kafka.brokers,
  KAFKA_TOPIC: name,
  KAFKA_GROUP_ID: name,
  TARN_COMMIT_BYTES: '300000',
}

interface Row {
  readonly sample_id: string
  readonly user_id: string
  readonly data_type: string
  readonly value: number
  readonly start_date: number
}
interface Place {
  readonly sample_id: string
  readonly partition: number
  readonly offset: number
}

let tarn: TestApp
let rows: Row[]
let places: Map<string, Place>
let letters: { error_id: string; kafka_partition: number; kafka_offset: number }[]

const script = (file: string) => join(import.meta.dirname, 'python', file)
const read = <T>(file: string): T[] =>
  readFileSync(join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)

beforeAll(async () => {
  const where = ['--brokers', services.kafka.brokers, '--topic', name, '--out', folder]
  run(await python(), [script('produce.py'), ...where, '--payloads', '1200', '--users', '3', '--days', '5'])
  rows = read<Row>('rows.jsonl')
  places = new Map(read<Place>('places.jsonl').map((place) => [place.sample_id, place]))
  letters = read('letters.jsonl')
  const loaded = await runTarn(['load', '--until-caught-up', '--json'], {
    ...env,
    TARN_HOME: join(folder, 'home'),
  })
  expect(loaded.code, loaded.stderr).toBe(0)
  tarn = testApp(parts, env)
}, 300_000)
afterAll(async () => {
  await tarn?.close()
  rmSync(folder, { recursive: true, force: true })
})

const keysOf = (row: Row) => ({
  sample_id: row.sample_id,
  user_id: row.user_id,
  data_type: row.data_type,
  start_date: String(BigInt(Math.round(row.start_date))),
})

describe('from rows to messages, against what the producer wrote down', () => {
  test('rows lead to exactly the message that the producer put them in', async () => {
    const lake = await tarn.app.lake()
    const chosen = rows.filter((_, index) => index % 97 === 0)
    expect(chosen.length).toBeGreaterThan(20)
    let commits = new Set<string>()
    for (const row of chosen) {
      const view = await threadOf(
        lake,
        { table: 'raw', keys: keysOf(row), pick: 0, order: 'highest', all: false },
        never,
        () => {},
      )
      expect(view.rows, row.sample_id).toHaveLength(1)
      expect(view.search.read).toBeLessThanOrEqual(8)
      const { origin } = view
      if (!origin?.ledger) throw new Error('no ledger')
      commits = commits.add(origin.snapshotId)
      const reader = await openTopic(tarn.app, origin.ledger)
      const lines: OriginLine[] = []
      await findOrigin(
        reader,
        await topicView(reader),
        origin.ledger.ranges.map(({ partition, from, to }) => ({
          partition,
          from: BigInt(from),
          to: BigInt(to),
        })),
        {
          sampleId: row.sample_id,
          userId: row.user_id,
          dataType: row.data_type,
          start: BigInt(row.start_date),
          value: row.value,
        },
        () => decoderOf(tarn.app.settings(), name),
        (line) => lines.push(line),
        never,
      )
      await reader.close()
      const place = places.get(row.sample_id)
      const found = lines.flatMap((line) => (line.kind === 'message' ? [line.message] : []))
      expect(found.map(({ partition, offset }) => [partition, Number(offset)])).toEqual([
        [place?.partition, place?.offset],
      ])
    }
    expect(commits.size).toBeGreaterThan(1)
  }, 180_000)

  test('every message tells all its rows and all its dead letters', async () => {
    const reader = await kafkaReader(tarn.app.settings().kafka, silentLog)
    const decoder = decoderOf(tarn.app.settings(), name)
    const found: string[] = []
    const rejected: string[] = []
    for (const [partition, { low, high }] of await reader.watermarks()) {
      for await (const { messages } of reader.read(partition, low, high, never)) {
        for (const message of messages) {
          const view = messageView(message, name, decoder)
          found.push(
            ...view.rows.accepted.map(({ sampleId }) => `${sampleId} ${partition} ${message.offset}`),
          )
          rejected.push(...view.rows.rejected.map(({ letter }) => letter))
        }
      }
    }
    await reader.close()
    expect(found.sort()).toEqual(
      [...places.values()].map((one) => `${one.sample_id} ${one.partition} ${one.offset}`).sort(),
    )
    expect(rejected.sort()).toEqual(letters.map(({ error_id }) => error_id).sort())
  }, 120_000)

  test('a dead letter leads to its own message', async () => {
    const [letter] = letters
    const view = await threadOf(
      await tarn.app.lake(),
      {
        table: 'errors',
        keys: { error_id: letter?.error_id ?? '' },
        pick: 0,
        order: 'highest',
        all: false,
      },
      never,
      () => {},
    )
    expect(view.letter).toMatchObject({
      topic: name,
      partition: String(letter?.kafka_partition),
      offset: String(letter?.kafka_offset),
    })
  })

  test('offsets of another topic are refused, not shown', async () => {
    const place = { topic: name, cluster: 'another', topicId: null }
    await expect(openTopic(tarn.app, place)).rejects.toMatchObject({ code: 'CLUSTER_REPLACED' })
    const reader = await kafkaReader(tarn.app.settings().kafka, silentLog)
    const { cluster } = reader.identity
    await reader.close()
    const renewed = { topic: name, cluster, topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }
    await expect(openTopic(tarn.app, renewed)).rejects.toMatchObject({ code: 'TOPIC_REPLACED' })
  })
})

describe('a topic by offset', () => {
  const topic = `${name}_marked`
  let expected: {
    offset: number
    timestamp: number
    key: string | null
    value: string | null
    headers: [string, string | null][]
  }[]
  let reader: TopicReader
  beforeAll(async () => {
    const printed = run(await python(), [
      script('marked.py'),
      ...['--brokers', services.kafka.brokers, '--topic', topic],
    ])
    expected = JSON.parse(printed) as typeof expected
    reader = await kafkaReader({ ...tarn.app.settings().kafka, topic }, silentLog)
  }, 120_000)
  afterAll(() => reader?.close())

  const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString())
  async function all(from: bigint, to: bigint) {
    const found: typeof expected = []
    let next = from
    for await (const run of reader.read(0, from, to, never)) {
      next = run.next
      found.push(
        ...run.messages.map((one) => ({
          offset: Number(one.offset),
          timestamp: one.timestamp,
          key: text(one.key),
          value: text(one.value),
          headers: one.headers.map(([header, value]): [string, string | null] => [header, text(value)]),
        })),
      )
    }
    return { found, next }
  }

  test('has keys, headers and tombstones, and nothing of an aborted transaction', async () => {
    const high = (await reader.watermarks()).get(0)?.high ?? 0n
    const { found, next } = await all(0n, high)
    // kafkajs gives an absent header value as empty.
    const plain = (rows: typeof expected) =>
      rows.map((row) => ({ ...row, headers: row.headers.map(([header, value]) => [header, value ?? '']) }))
    expect(plain(found)).toEqual(plain(expected))
    expect(found.some(({ key }) => key === 'undone')).toBe(false)
    expect(next).toBe(high)
  })

  test('is read from any offset to any other', async () => {
    expect((await all(1n, 3n)).found.map(({ offset }) => offset)).toEqual([1, 2])
    expect((await all(1_000n, 2_000n)).found).toEqual([])
  })

  test('tells the first offset at or after a time', async () => {
    const [, second] = expected
    expect(await reader.offsetsAt(second?.timestamp ?? 0)).toEqual(
      new Map([[0, BigInt(second?.offset ?? 0)]]),
    )
  })

  test('ends when it is cancelled', async () => {
    const stop = new AbortController()
    stop.abort()
    const reading = reader.read(0, 0n, 10n, stop.signal).next()
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})
