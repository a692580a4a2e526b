import type { Broker } from 'kafkajs'
import { expect, test } from 'vitest'
import { fetchMessages } from '../../../src/main/source/kafka-fetch.ts'

const LIMITS = { bytes: 1_000, waitMs: 0 }

interface Held {
  readonly partition: number
  readonly end: number
  readonly records?: readonly number[]
  /** Offsets, half open, of batches that hold no record. */
  readonly emptied?: readonly (readonly [number, number])[]
  /** Of batches with a record that came only with the headers. */
  readonly later?: readonly number[]
}

/** A broker that answers each fetch with all it holds; `asked` are the partitions whose headers were read. */
function brokerOf(held: readonly Held[]): { broker: Broker; asked: number[] } {
  const asked: number[] = []
  const fetch = async () => ({
    responses: [
      {
        partitions: held.map(({ partition, end, records = [] }) => ({
          partition,
          highWatermark: String(end + 5),
          lastStableOffset: String(end),
          abortedTransactions: [],
          messages: records.map((offset) => ({
            offset: String(offset),
            timestamp: '0',
            key: null,
            value: null,
          })),
        })),
      },
    ],
  })
  const send = async (one: {
    request: { encode(): Promise<{ buf: Buffer }> }
    response: { decode(bytes: Buffer): Promise<unknown> }
  }) => {
    const { buf } = await one.request.encode()
    const partition = buf.readInt32BE(buf.length - 16)
    asked.push(partition)
    const { emptied = [], later = [] } = held.find((each) => each.partition === partition) as Held
    const batches = [
      ...emptied.map(([from, to]) => batch(from, to, 0)),
      ...later.map((at) => batch(at, at + 1, 1)),
    ]
    return one.response.decode(answer(partition, Buffer.concat(batches)))
  }
  return { broker: { fetch, connectionPool: { send } } as unknown as Broker, asked }
}

/** Fetch v4 of topic `t`, one aborted transaction named. */
function answer(partition: number, records: Buffer): Buffer {
  const head = Buffer.alloc(4 + 4 + 2 + 1 + 4 + 4 + 2 + 8 + 8 + 4 + 16 + 4)
  head.writeInt32BE(1, 4)
  head.writeInt16BE(1, 8)
  head.write('t', 10)
  head.writeInt32BE(1, 11)
  head.writeInt32BE(partition, 15)
  head.writeInt32BE(1, 37)
  head.writeInt32BE(records.length, head.length - 4)
  return Buffer.concat([head, records])
}

/** The header of a record batch, and a byte for each record. */
function batch(from: number, to: number, count: number): Buffer {
  const bytes = Buffer.alloc(61 + count)
  bytes.writeBigInt64BE(BigInt(from))
  bytes.writeInt32BE(49 + count, 8)
  bytes[16] = 2
  bytes.writeInt32BE(to - from - 1, 23)
  bytes.writeInt32BE(count, 57)
  return bytes
}

const from = (...partitions: number[]) =>
  partitions.map((partition) => ({ partition, from: 3n, bytes: 1_000 }))

test('passes over emptied batches of a partition, also behind one that is at its end', async () => {
  const { broker, asked } = brokerOf([
    { partition: 0, end: 3 },
    {
      partition: 1,
      end: 9,
      emptied: [
        [2, 4],
        [4, 7],
      ],
    },
  ])
  const { fetched } = await fetchMessages(broker, 't', from(0, 1), LIMITS)
  expect(fetched.map(({ partition, next, end }) => [partition, next, end])).toEqual([
    [0, 3n, 3n],
    [1, 7n, 9n],
  ])
  expect(asked).toEqual([1])
})

test('stops before the first batch with a record', async () => {
  const { broker } = brokerOf([{ partition: 0, end: 9, emptied: [[3, 5]], later: [5] }])
  const { fetched } = await fetchMessages(broker, 't', from(0), LIMITS)
  expect(fetched[0]?.next).toBe(5n)
})

test('takes nothing for emptied that may have had no room in the answer', async () => {
  const { broker, asked } = brokerOf([
    { partition: 0, end: 9, records: [3, 4] },
    { partition: 1, end: 9, emptied: [[3, 9]] },
  ])
  const { fetched } = await fetchMessages(broker, 't', from(0, 1), LIMITS)
  expect(fetched.map(({ next }) => next)).toEqual([5n, 3n])
  expect(asked).toEqual([])
})
