import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MessageBatch, Source } from '../../src/main/source/source.ts'

export interface SourceFixture {
  open(): Promise<Source>
  /** What the source holds: per partition its low, and its messages in offset order. */
  readonly held: ReadonlyMap<number, readonly HeldMessage[]>
  close(): Promise<void>
}

export interface HeldMessage {
  readonly offset: bigint
  readonly value: Uint8Array | null
}

/** What every source must do, whatever it reads from. */
export function sourceContract(name: string, prepare: () => Promise<SourceFixture>): void {
  describe(`${name}, as a source`, () => {
    let fixture: SourceFixture
    beforeAll(async () => {
      fixture = await prepare()
    })
    afterAll(async () => {
      await fixture?.close()
    })

    async function using<T>(use: (source: Source) => Promise<T>): Promise<T> {
      const source = await fixture.open()
      try {
        return await use(source)
      } finally {
        await source.close()
      }
    }

    test('tells the same identity and watermarks every time', async () => {
      const first = await using(async (source) => [source.identity, await source.watermarks()])
      const second = await using(async (source) => [source.identity, await source.watermarks()])
      expect(second).toEqual(first)
      const ends = new Map(Array.from(fixture.held, ([partition, held]) => [partition, endOf(held)]))
      const watermarks = await using((source) => source.watermarks())
      expect(new Map(Array.from(watermarks, ([partition, { high }]) => [partition, high]))).toEqual(ends)
    })

    test('gives every message once, whole and in offset order', async () => {
      await using(async (source) => {
        await source.start(new Map())
        const read = await drain(source, fixture.held)
        for (const [partition, held] of fixture.held) {
          expect(texts(read.get(partition) ?? [])).toEqual(texts(held))
        }
      })
    })

    test('starts exactly at the positions it is given', async () => {
      await using(async (source) => {
        const positions = new Map(
          Array.from(fixture.held, ([partition, held]) => [partition, held[held.length >> 1]?.offset ?? 0n]),
        )
        await source.start(positions)
        const read = await drain(source, fixture.held)
        for (const [partition, held] of fixture.held) {
          const from = positions.get(partition) ?? 0n
          expect(texts(read.get(partition) ?? [])).toEqual(texts(held.filter(({ offset }) => offset >= from)))
        }
      })
    })

    test('gives null, and no message, when it starts at its end', async () => {
      await using(async (source) => {
        await source.start(new Map(Array.from(fixture.held, ([partition, held]) => [partition, endOf(held)])))
        expect(await source.next(300)).toBeNull()
      })
    })

    test('stops waiting when it is cancelled', async () => {
      await using(async (source) => {
        await source.start(new Map(Array.from(fixture.held, ([partition, held]) => [partition, endOf(held)])))
        const stop = new AbortController()
        setTimeout(() => stop.abort(), 50)
        await expect(source.next(60_000, stop.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
      })
    })

    test('loses nothing while nobody pulls', async () => {
      await using(async (source) => {
        await source.start(new Map())
        const first = await nextBatch(source)
        await new Promise((resolve) => setTimeout(resolve, 400))
        const read = await drain(source, fixture.held, first)
        for (const [partition, held] of fixture.held) expect(read.get(partition)?.length).toBe(held.length)
      })
    })

    test('does not let an acknowledgement decide where the next one starts', async () => {
      await using(async (source) => {
        await source.start(new Map())
        await drain(source, fixture.held)
        await source.acknowledge(
          new Map(Array.from(fixture.held, ([partition, held]) => [partition, endOf(held)])),
        )
      })
      await using(async (source) => {
        await source.start(new Map())
        const read = await drain(source, fixture.held)
        for (const [partition, held] of fixture.held) expect(read.get(partition)?.length).toBe(held.length)
      })
    })

    test('hands out buffers that can be transferred', async () => {
      await using(async (source) => {
        await source.start(new Map())
        const batch = await nextBatch(source)
        const buffers = [batch.offsets, batch.timestamps, batch.values, batch.ends, batch.isNull].map(
          ({ buffer }) => buffer as ArrayBuffer,
        )
        expect(new Set(buffers).size).toBe(5)
        const copy = structuredClone(batch, { transfer: buffers })
        expect(copy.count).toBe(batch.count)
        expect(copy.values.length).toBe(copy.ends[copy.count - 1])
      })
    })
  })
}

async function nextBatch(source: Source): Promise<MessageBatch> {
  for (let tries = 0; tries < 100; tries++) {
    const batch = await source.next(200)
    if (batch !== null && batch.count > 0) return batch
  }
  throw new Error('no batch came')
}

/** Reads until every partition is at its end; fails after a minute. */
async function drain(
  source: Source,
  held: SourceFixture['held'],
  first?: MessageBatch,
): Promise<Map<number, HeldMessage[]>> {
  const read = new Map<number, HeldMessage[]>()
  const open = new Map(Array.from(held, ([partition, messages]) => [partition, endOf(messages)]))
  const take = (batch: MessageBatch) => {
    const list = read.get(batch.partition) ?? []
    for (let i = 0; i < batch.count; i++) {
      const value = batch.values.subarray(i === 0 ? 0 : batch.ends[i - 1], batch.ends[i])
      list.push({ offset: batch.offsets[i] as bigint, value: batch.isNull[i] === 1 ? null : value })
    }
    read.set(batch.partition, list)
    const last = batch.next ?? (batch.offsets[batch.count - 1] as bigint) + 1n
    if (last >= (open.get(batch.partition) ?? 0n)) open.delete(batch.partition)
  }
  if (first !== undefined) take(first)
  for (const [partition, messages] of held) if (messages.length === 0) open.delete(partition)
  const deadline = Date.now() + 60_000
  let quiet = 0
  while (open.size > 0 && quiet < 30) {
    if (Date.now() > deadline) throw new Error(`partitions ${Array.from(open.keys())} did not end`)
    const batch = await source.next(100)
    if (batch === null) quiet += 1
    else {
      quiet = 0
      take(batch)
    }
  }
  return read
}

function endOf(held: readonly HeldMessage[]): bigint {
  return held.length === 0 ? 0n : (held[held.length - 1] as HeldMessage).offset + 1n
}

function texts(messages: readonly HeldMessage[]): [bigint, string | null][] {
  return messages.map(({ offset, value }) => [
    offset,
    value === null ? null : Buffer.from(value).toString('latin1'),
  ])
}
