import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Lake } from '../../../../src/main/app/lake.ts'
import { deadLetter, deadLetterPage, isoMicros } from '../../../../src/main/app/letters/dead-letters.ts'
import { letterGroups } from '../../../../src/main/app/letters/groups.ts'
import type { DeadLetterFilter } from '../../../../src/main/app/letters/letter-index.ts'
import { type MemoryLake, memoryLake } from '../../../helpers/memory-lake.ts'

const DAY = 86_400_000_000n
const START = 1_767_225_600_000_000n
const signal = new AbortController().signal
let memory: MemoryLake
let lake: Lake

/** Letter `i` of 30: three types in turn, two partitions, one every six hours. */
const letter = (i: number) => ({
  error_id: `id-${i}`,
  error_type: ['VALIDATION_ERROR', 'DESERIALIZATION_ERROR', 'TRANSFORMATION_ERROR'][i % 3] ?? '',
  error_message: `$.samples[0].value: ${i} is out of range`,
  error_timestamp: START + (BigInt(i) * DAY) / 4n + 7n,
  raw_payload: i === 4 ? 'base64:AAEC' : i === 5 ? null : `{"n": ${i}, "name": "Zoë"}`,
  user_id: i % 2 === 0 ? `user-${i}` : null,
  device_id: null,
  sample_id: null,
  data_type: 'heartRate',
  kafka_topic: 'topic',
  kafka_partition: BigInt(i % 2),
  kafka_offset: BigInt(Math.floor(i / 2)),
})

beforeEach(async () => {
  memory = memoryLake()
  lake = memory as unknown as Lake
  for (let from = 0; from < 30; from += 10) {
    await memory.append(
      'errors',
      Array.from({ length: 10 }, (_, i) => letter(from + i)),
    )
  }
})

const ids = async (filter: DeadLetterFilter) =>
  (await deadLetterPage(lake, filter, 0, 500, signal)).rows.map((row) => row.id)
const expected = (keep: (i: number) => boolean) =>
  Array.from({ length: 30 }, (_, i) => 29 - i)
    .filter(keep)
    .map((i) => `id-${i}`)

describe('dead letters', () => {
  test('are grouped by reason with counts over time', async () => {
    const { groups, total, open, bucketMs, buckets, bucketFrom } = await letterGroups(lake, {}, signal)
    expect({ total, open, bucketMs }).toEqual({ total: 30, open: 30, bucketMs: 6 * 3_600_000 })
    expect(
      groups.map(({ errorType, path, count, firstSeen, lastSeen }) => [
        errorType,
        path,
        count,
        firstSeen,
        lastSeen,
      ]),
    ).toEqual(
      [2, 1, 0].map((i) => [
        letter(i).error_type,
        '$.samples[*].value',
        10,
        isoMicros(letter(i).error_timestamp),
        isoMicros(letter(27 + i).error_timestamp),
      ]),
    )
    for (const group of groups) {
      expect(group.counts).toHaveLength(buckets)
      expect(group.counts.reduce((sum, n) => sum + n, 0)).toBe(10)
    }
    expect(BigInt(bucketFrom) * 1000n <= START).toBe(true)
  })

  test('come newest first, a page at a time, all once', async () => {
    const seen: string[] = []
    for (let page = 0; page < 4; page++) {
      const answer = await deadLetterPage(lake, {}, page, 8, signal)
      expect(answer).toMatchObject({ total: 30, page, pageSize: 8 })
      expect(JSON.stringify(answer)).not.toContain('Zoë')
      seen.push(...answer.rows.map((row) => row.id))
    }
    expect(seen).toEqual(expected(() => true))
  })

  test.each<[string, DeadLetterFilter, (i: number) => boolean]>([
    ['type', { errorType: 'VALIDATION_ERROR' }, (i) => i % 3 === 0],
    ['partition', { partition: 1n }, (i) => i % 2 === 1],
    ['offset range', { partition: 0n, offsetFrom: 3n, offsetTo: 6n }, (i) => i % 2 === 0 && i >= 6 && i < 12],
    ['time range', { from: START + DAY, to: START + 2n * DAY }, (i) => i >= 4 && i < 8],
    ['text in the message', { text: 'VALUE: 17 IS' }, (i) => i === 17],
    ['text in the payload', { text: 'zoë' }, (i) => i !== 4 && i !== 5],
    ['text in an id', { text: 'user-8' }, (i) => i === 8],
    [
      'several at once',
      { errorType: 'VALIDATION_ERROR', partition: 0n, text: 'user-1' },
      (i) => i === 12 || i === 18,
    ],
    ['what is nowhere', { text: 'nothing has this' }, () => false],
  ])('are filtered by %s', async (_what, filter, keep) => {
    expect(await ids(filter)).toEqual(expected(keep))
  })

  test('a filter reads only the files that can match', async () => {
    const all = await deadLetterPage(lake, {}, 0, 1, signal)
    const some = await deadLetterPage(
      lake,
      { errorType: 'VALIDATION_ERROR', from: START, to: START + DAY },
      0,
      1,
      signal,
    )
    expect(some.read.files).toBeLessThan(all.read.files / 5)
    expect(some.read.bytes).toBeLessThan(all.read.bytes / 5)
  })

  test('a filter by a name that spells out another filter is not taken for it', async () => {
    expect(await ids({ user: 'user-4', dataType: 'heartRate' })).toEqual(['id-4'])
    expect(await ids({ user: 'user-4 dataType=heartRate' })).toEqual([])
  })

  test('turning pages reads the files of the page only', async () => {
    await deadLetterPage(lake, {}, 0, 3, signal)
    const before = memory.storage.counts.reads
    await deadLetterPage(lake, {}, 1, 3, signal)
    expect(memory.storage.counts.reads - before).toBeLessThanOrEqual(3)
  })

  test('a list reads no payload, and one letter no more than the chunks that hold it', async () => {
    const big = randomBytes(1_500_000).toString('hex')
    await memory.append('errors', [{ ...letter(3), error_id: 'big', raw_payload: big }])
    const { storage } = lake.io
    let bytes = 0
    const counted = {
      ...lake,
      io: {
        ...lake.io,
        storage: {
          ...storage,
          async read(...args: Parameters<typeof storage.read>) {
            const read = await storage.read(...args)
            bytes += read.byteLength
            return read
          },
        },
      },
    } as Lake
    await letterGroups(counted, {}, signal)
    await deadLetterPage(counted, {}, 0, 500, signal)
    expect(bytes).toBeLessThan(500_000)
    await deadLetter(counted, 'big', signal)
    expect(bytes).toBeGreaterThan(big.length / 2)
  })

  test('new ones show as soon as they are committed', async () => {
    expect((await ids({})).length).toBe(30)
    await memory.append('errors', [{ ...letter(3), error_id: 'late' }])
    expect((await ids({})).length).toBe(31)
  })

  test('one opens with its payload as stored', async () => {
    expect(await deadLetter(lake, 'id-12', signal)).toMatchObject({
      id: 'id-12',
      payload: '{"n": 12, "name": "Zoë"}',
      encoding: 'text',
      payloadBytes: 25,
      partition: '0',
      offset: '6',
      userId: 'user-12',
      timestamp: '2026-01-04T00:00:00.000007Z',
    })
    expect(await deadLetter(lake, 'id-4', signal)).toMatchObject({
      payload: 'base64:AAEC',
      encoding: 'base64',
    })
    expect(await deadLetter(lake, 'id-5', signal)).toMatchObject({
      payload: null,
      encoding: null,
      payloadBytes: null,
    })
    await expect(deadLetter(lake, 'id-99', signal)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

test.each([
  [0n, '1970-01-01T00:00:00.000000Z'],
  [-1n, '1969-12-31T23:59:59.999999Z'],
  [1_767_225_600_123_456n, '2026-01-01T00:00:00.123456Z'],
])('%s microseconds are %s', (micros, text) => {
  expect(isoMicros(micros)).toBe(text)
})
