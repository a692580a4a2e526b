import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allMessages, type MessageSearch, searchMessages } from '../../../../src/main/app/thread/search.ts'
import { held, topicView } from '../../../../src/main/app/thread/topic.ts'
import {
  GENERATOR_DEFAULTS,
  generateMessage,
  generatorSource,
} from '../../../../src/main/source/generator.ts'
import type { TopicReader } from '../../../../src/main/source/reader.ts'
import { sourceReader } from '../../../../src/main/source/source-reader.ts'
import type { MessageFilter } from '../../../../src/shared/thread.ts'
import type { MessageLine, MessageRow, TopicView } from '../../../../src/shared/trace.ts'

const made = { ...GENERATOR_DEFAULTS, messages: 3_000, partitions: 3, badEvery: 20 }
const never = new AbortController().signal

/** Every message as it was made. */
const all = Array.from({ length: made.messages }, (_, index) => ({
  place: `${index % made.partitions}:${Math.floor(index / made.partitions)}`,
  partition: index % made.partitions,
  offset: Math.floor(index / made.partitions),
  ...generateMessage(made, index),
}))
const textOf = (value: Uint8Array | null) => Buffer.from(value ?? []).toString()

let reader: TopicReader
let topic: TopicView
beforeAll(async () => {
  reader = await sourceReader(async () => generatorSource(made))
  topic = await topicView(reader)
})
afterAll(() => reader.close())

async function search(filter: MessageFilter, more: Partial<MessageSearch> = {}) {
  const lines: MessageLine[] = []
  const asked = { filter, order: 'newest', limit: 1_000_000, ...more } as const
  await searchMessages(reader, topic, asked, (line) => lines.push(line), never)
  const messages = lines.flatMap((line) => (line.kind === 'messages' ? line.messages : []))
  const end = lines.find((line) => line.kind === 'end')
  return { lines, messages, end }
}
const placesOf = (rows: readonly MessageRow[]) =>
  rows.map(({ partition, offset }) => `${partition}:${offset}`)

describe('messages of a topic', () => {
  test('all of them, with no cap, each once and newest first', async () => {
    const { messages, end } = await search({})
    expect(placesOf(messages).sort()).toEqual(all.map(({ place }) => place).sort())
    expect(end).toMatchObject({ found: 3_000, read: 3_000, more: null })
    const { messages: first } = await search({ partition: '1' })
    expect(first.map(({ offset }) => Number(offset))).toEqual(
      Array.from({ length: 1_000 }, (_, i) => 999 - i),
    )
  })

  test('pauses after the limit and goes on where it was told, without a gap or a double', async () => {
    const seen: string[] = []
    let more: string | undefined
    let rounds = 0
    do {
      const part = await search({ text: 'heartRate' }, { limit: 50, ...(more === undefined ? {} : { more }) })
      seen.push(...placesOf(part.messages))
      more = part.end?.more ?? undefined
      rounds += 1
    } while (more !== undefined)
    const expected = all.filter(({ value }) => textOf(value).toLowerCase().includes('heartrate'))
    expect(rounds).toBeGreaterThan(1)
    expect([...seen].sort()).toEqual(expected.map(({ place }) => place).sort())
    expect(new Set(seen).size).toBe(seen.length)
  })

  test.each<[string, MessageFilter, (one: (typeof all)[number]) => boolean]>([
    ['text, case ignored', { text: 'USERID' }, ({ value }) => textOf(value).includes('userId')],
    ['text that is nowhere', { text: 'no such text' }, () => false],
    [
      'partition and offsets, half-open',
      { partition: '2', from: '10', to: '20' },
      ({ partition, offset }) => partition === 2 && offset >= 10 && offset < 20,
    ],
    [
      'a time, half-open',
      { since: String(all[900]?.timestamp), until: String(all[1500]?.timestamp) },
      ({ timestamp }) => timestamp >= (all[900]?.timestamp ?? 0) && timestamp < (all[1500]?.timestamp ?? 0),
    ],
  ])('by %s', async (_name, filter, keep) => {
    const { messages } = await search(filter)
    // The time index tells the first message at or after an instant; those made out of order lie beyond it.
    const lateAllowed = filter.until === undefined
    const expected = all.filter(keep).map(({ place }) => place)
    if (lateAllowed) expect(placesOf(messages).sort()).toEqual(expected.sort())
    else expect(expected).toEqual(expect.arrayContaining(placesOf(messages)))
    const exported: string[] = []
    for await (const { partition, offset } of allMessages(reader, topic, filter, never))
      exported.push(`${partition}:${offset}`)
    expect(exported.sort()).toEqual(placesOf(messages).sort())
  })

  test('shows the text that was looked for in the preview', async () => {
    const { messages } = await search({ text: '"appVersion"', partition: '0' }, { limit: 1 })
    expect(messages[0]?.preview).toContain('"appVersion"')
  })

  test('refuses a partition that is not there, and a place that it cannot read', async () => {
    await expect(search({ partition: '9' })).rejects.toMatchObject({ code: 'INVALID' })
    await expect(search({}, { more: 'nonsense' })).rejects.toMatchObject({ code: 'INVALID' })
  })

  test('says what the topic holds no more, and not yet', () => {
    const view = { ...topic, partitions: [{ partition: 0, low: '100', high: '200' }] }
    const ranges = [
      { partition: 0, from: 50n, to: 250n },
      { partition: 1, from: 0n, to: 5n },
    ]
    expect(held(view, ranges)).toEqual({
      ranges: [{ partition: 0, from: 100n, to: 200n }],
      gone: [
        { partition: 0, from: '50', to: '100' },
        { partition: 0, from: '200', to: '250' },
        { partition: 1, from: '0', to: '5' },
      ],
    })
  })

  test('ends when it is cancelled', async () => {
    const stop = new AbortController()
    const running = searchMessages(
      reader,
      topic,
      { filter: { text: 'x' }, order: 'newest', limit: 10 },
      () => stop.abort(),
      stop.signal,
    )
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})
