import { Hono } from 'hono'
import { z } from 'zod'
import { isLakeError, LakeError } from '../../../shared/errors.ts'
import { messageFilter, threadStart } from '../../../shared/thread.ts'
import {
  type CommitThread,
  type MessageLine,
  type MessageView,
  type OriginLine,
  RAW_ORDERS,
  type ThreadView,
  type TraceCommit,
} from '../../../shared/trace.ts'
import type { TopicMessage, TopicReader } from '../../source/reader.ts'
import type { App } from '../app.ts'
import { int64, jsonBody, queryOf } from '../validate.ts'
import { commitThread } from './commit-thread.ts'
import { exportMessages } from './export.ts'
import { lineStream } from './lines.ts'
import { decoderOf, messageView } from './message.ts'
import { filterFields } from './message-filters.ts'
import { findOrigin } from './origin.ts'
import { allMessages, searchMessages } from './search.ts'
import { threadOf } from './thread.ts'
import { openTopic, placeOf, topicView } from './topic.ts'

const LINES = { 'Content-Type': 'application/x-ndjson' }
const name = z.string().min(1).max(500)
const offset = z.string().regex(/^\d{1,19}$/)
const thread = z.object({
  table: name,
  snapshot: int64.optional(),
  file: z.string().max(4096).optional(),
  row: z.string().max(20_000).optional(),
  pick: z.coerce.number().int().min(0).max(1000).default(0),
  order: z.enum(RAW_ORDERS).default('highest'),
  all: z.enum(['0', '1']).default('0'),
})
const filter = { topic: name.optional(), ...filterFields }
const origin = z.strictObject({
  topic: name,
  cluster: z.string().max(300),
  topicId: z.string().max(300).nullable(),
  ranges: z
    .array(z.strictObject({ partition: z.number().int().min(0), from: offset, to: offset }))
    .max(10_000),
  sample: z.strictObject({
    sampleId: z.string().max(10_000),
    userId: z.string().max(10_000),
    dataType: z.string().max(10_000),
    start: int64,
    value: z.number(),
  }),
})
const one = z.object({ topic: name.optional(), partition: z.coerce.number().int().min(0), offset })

/** From a row to its message and back; messages of a topic. Long answers are streams of JSON lines. */
export function threadRoutes(app: App) {
  return new Hono()
    .get('/thread', queryOf(thread), (context) => {
      const query = context.req.valid('query')
      const { pick, order, all } = query
      const start = threadStart(stringsOf(query))
      if (start === null) throw new LakeError('INVALID', 'a thread begins at a table')
      const body = lineStream<ThreadView | CommitThread>(async (emit, signal) => {
        const lake = await app.lake()
        const report = (progress: Parameters<Parameters<typeof threadOf>[3]>[0]) =>
          emit({ kind: 'progress', progress })
        if (start.snapshot !== undefined && start.keys === undefined && start.file === undefined) {
          const view = await commitThread(lake, start.table, start.snapshot, signal, report)
          emit({ ...view, commit: timed(app, view.commit) })
        } else {
          const view = await threadOf(lake, { ...start, pick, order, all: all === '1' }, signal, report)
          emit({ ...view, origin: view.origin && timed(app, view.origin) })
        }
      }, context.req.raw.signal)
      return context.body(body, 200, LINES)
    })
    .post('/thread/origin', jsonBody(origin), (context) => {
      const { ranges, sample, ...place } = context.req.valid('json')
      const body = lineStream<Exclude<OriginLine, { kind: 'progress' | 'fault' }>>(
        (emit, signal) =>
          withTopic(app, place, async (reader) => {
            const wanted = ranges.map(({ partition, from, to }) => ({
              partition,
              from: BigInt(from),
              to: BigInt(to),
            }))
            const key = { ...sample, start: BigInt(sample.start) }
            const decoder = () => decoderOf(app.settings(), place.topic)
            await findOrigin(reader, await topicView(reader), wanted, key, decoder, emit, signal)
          }),
        context.req.raw.signal,
      )
      return context.body(body, 200, LINES)
    })
    .get(
      '/messages',
      queryOf(
        z.object({
          ...filter,
          order: z.enum(['newest', 'oldest']).default('newest'),
          limit: z.coerce.number().int().min(1).max(10_000).default(500),
          more: z.string().max(200_000).optional(),
        }),
      ),
      (context) => {
        const { order, limit, more, ...rest } = context.req.valid('query')
        const body = lineStream<Exclude<MessageLine, { kind: 'progress' | 'fault' }>>(
          async (emit, signal) =>
            withTopic(app, await placeOf(app, rest.topic, signal), async (reader) => {
              const search = { filter: messageFilter(rest), order, limit, more }
              await searchMessages(reader, await topicView(reader), search, emit, signal)
            }),
          context.req.raw.signal,
        )
        return context.body(body, 200, LINES)
      },
    )
    .get(
      '/messages/export',
      queryOf(z.object({ ...filter, format: z.enum(['jsonl', 'csv']) })),
      async (context) => {
        const { format, ...rest } = context.req.valid('query')
        const { signal } = context.req.raw
        const reader = await openTopic(app, await placeOf(app, rest.topic, signal))
        const topic = await topicView(reader)
        const messages = allMessages(reader, topic, messageFilter(rest), signal)
        return context.body(
          exportMessages(messages, topic.topic, format, () => reader.close()),
          200,
          {
            'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
            'Content-Disposition': `attachment; filename="${fileName(topic.topic)}.${format}"`,
          },
        )
      },
    )
    .get('/messages/one', queryOf(one), async (context) => {
      const { topic, partition, offset: at } = context.req.valid('query')
      const { signal } = context.req.raw
      const place = await placeOf(app, topic, signal)
      const message = await withTopic(app, place, (reader) => readOne(reader, partition, BigInt(at), signal))
      const decoder = decoderOf(app.settings(), place.topic)
      return context.json(messageView(message, place.topic, decoder) satisfies MessageView)
    })
    .get('/messages/bytes', queryOf(one), async (context) => {
      const { topic, partition, offset: at } = context.req.valid('query')
      const { signal } = context.req.raw
      const place = await placeOf(app, topic, signal)
      const { value } = await withTopic(app, place, (reader) =>
        readOne(reader, partition, BigInt(at), signal),
      )
      return context.body(new Uint8Array(value ?? []), 200, {
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': `attachment; filename="${fileName(place.topic)}-${partition}-${at}.bin"`,
      })
    })
}

async function withTopic<T>(
  app: App,
  place: Parameters<typeof openTopic>[1],
  work: (reader: TopicReader) => Promise<T>,
): Promise<T> {
  const reader = await openTopic(app, place)
  try {
    return await work(reader)
  } finally {
    await reader.close()
  }
}

async function readOne(
  reader: TopicReader,
  partition: number,
  at: bigint,
  signal: AbortSignal,
): Promise<TopicMessage> {
  for await (const { messages } of reader.read(partition, at, at + 1n, signal)) {
    const [message] = messages
    if (message) return message
  }
  const marks = (await reader.watermarks()).get(partition)
  const { topic } = reader.identity
  throw new LakeError('NOT_FOUND', `${topic} holds no message at partition ${partition}, offset ${at}`, {
    context: {
      topic,
      partition,
      offset: String(at),
      ...(marks ? { low: String(marks.low), high: String(marks.high) } : {}),
    },
    likely:
      marks && at < marks.low
        ? 'Retention has deleted it.'
        : 'It was compacted, is the marker of a transaction, or has not been produced.',
  })
}

/** What the load monitor still knows of a commit. */
function timed(app: App, commit: TraceCommit): TraceCommit {
  try {
    const { at, ms, age } = app.load.commit(commit.snapshotId)
    return { ...commit, timing: { ms, oldestAt: age ? Math.round(at - age.oldestMs) : null } }
  } catch (error) {
    if (isLakeError(error, 'NOT_FOUND')) return commit
    throw error
  }
}

const stringsOf = (query: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )

const fileName = (topic: string): string => topic.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 80)
