import { isLakeError } from '../../../shared/errors.ts'
import { HEALTH_TYPES } from '../../../shared/health.ts'
import type { Encoding, SampledMessage, SampleView, TopicsView } from '../../../shared/setup.ts'
import { unlessCancelled } from '../../base/cancel.ts'
import { silentLog } from '../../base/log.ts'
import { createDecoder } from '../../decode/decode.ts'
import { readPositions } from '../../ingest/offsets.ts'
import { type KafkaLook, lookAtKafka } from '../../source/kafka-look.ts'
import type { MessageBatch } from '../../source/source.ts'
import type { Lake } from '../lake.ts'
import type { MainSettings } from '../settings/settings.ts'

/** Topics listed with their facts at most. */
const TOPICS = 200
/** Bytes of a payload that a page gets. */
const SHOWN = 16_384
/** Bytes fetched at one place of a partition. */
const RUN_BYTES = 262_144

/** What `work` finds in the cluster; CANCELLED at once when `signal` fires, the connections being cut. */
export async function withLook<T>(
  settings: MainSettings,
  signal: AbortSignal,
  work: (look: KafkaLook) => Promise<T>,
): Promise<T> {
  const looked = async () => {
    const look = await lookAtKafka(settings.kafka, silentLog, signal)
    try {
      return await work(look)
    } finally {
      await look.close()
    }
  }
  return unlessCancelled(looked(), signal)
}

/** The topics of the cluster, and where this loader would go on. `lake` is null where it cannot be opened. */
export async function topics(
  settings: MainSettings,
  lake: Lake | null,
  signal: AbortSignal,
): Promise<TopicsView> {
  const started = performance.now()
  const [{ facts, holds, newest }, positions] = await Promise.all([
    withLook(settings, signal, async (look) => {
      const facts = await look.topics((await look.cluster()).topics.slice(0, TOPICS))
      const { topic } = settings.kafka
      const looked = facts
        .filter(({ watermarks }) => [...watermarks.values()].some(({ low, high }) => high > low))
        .toSorted((a, b) => Number(b.name === topic) - Number(a.name === topic))
        .slice(0, PEEKED)
        .map(({ name }) => name)
      return { facts, holds: await peek(settings, look, looked), newest: await newestOf(look, looked) }
    }),
    lake === null ? null : positionsOf(lake),
  ])
  return {
    topics: facts.map(({ name, watermarks, bytes, retentionMs }) => ({
      name,
      partitions: watermarks.size,
      messages: String([...watermarks.values()].reduce((sum, { low, high }) => sum + high - low, 0n)),
      bytes,
      retentionMs,
      newestAt: newest.get(name) ?? null,
      holds: holds.get(name) ?? null,
    })),
    ms: Math.round(performance.now() - started),
    positions,
    pipeline: settings.pipeline,
  }
}

/** A few messages of each topic: enough to tell payloads from other things. */
async function peek(
  settings: MainSettings,
  look: KafkaLook,
  topics: readonly string[],
): Promise<Map<string, TopicsView['topics'][number]['holds']>> {
  const found = new Map<string, TopicsView['topics'][number]['holds']>()
  for (const name of topics) {
    const batches = await look.sample(name, { places: 1, bytes: PEEK_BYTES }).catch(() => [])
    const { messages } = judge(settings, pick(batches, PEEKED_MESSAGES))
    const [message] = messages
    if (!message) continue
    const { encoding, schemaId } = messages.find((one) => one.accepted > 0) ?? message
    const payload = messages.some((one) => one.accepted > 0 || isPayload(one))
    found.set(name, { encoding, schemaId, payload })
  }
  return found
}

/** One small fetch at the end of a few partitions of each topic. */
async function newestOf(look: KafkaLook, topics: readonly string[]): Promise<Map<string, number | null>> {
  const found = new Map<string, number | null>()
  for (const name of topics) found.set(name, await look.newest(name).catch(() => null))
  return found
}

/** JSON whose envelope is a payload's, even if every sample of it is refused. */
const isPayload = ({ encoding, problems }: SampledMessage): boolean =>
  encoding === 'json' && !problems.some((one) => WHOLE.includes(one.path))
/** Paths of refusals that say that a message is no payload at all. */
const WHOLE = ['$', '$.deviceId', '$.userId', '$.samples', '$.timestamp', '$.appVersion']
/** Topics that hold messages and are looked into: the chosen one, and the first others. */
const PEEKED = 20
const PEEKED_MESSAGES = 6
const PEEK_BYTES = 16_384

/** Null where the table is not there, or holds no position of this loader for this topic. */
async function positionsOf({ io, tables, settings }: Lake): Promise<Record<string, string> | null> {
  try {
    const found = readPositions((await io.catalog.loadTable(tables.raw)).metadata, settings.pipeline)
    if (found === null || found.topic !== settings.kafka.topic) return null
    return Object.fromEntries([...found.next].map(([partition, next]) => [String(partition), String(next)]))
  } catch (error) {
    if (isLakeError(error)) return null
    throw error
  }
}

/** `count` messages spread over the topic, decoded and validated as a load would; nothing is written. */
export async function sampleTopic(
  settings: MainSettings,
  count: number,
  signal: AbortSignal,
): Promise<SampleView> {
  const started = performance.now()
  const { topic } = settings.kafka
  const batches = await withLook(settings, signal, (look) =>
    look.sample(topic, { places: 4, bytes: RUN_BYTES }),
  )
  const picked = pick(batches, count)
  const { messages, seen } = judge(settings, picked)
  return { topic, messages, seen, ms: Math.round(performance.now() - started) }
}

export interface Picked {
  readonly partition: number
  readonly offset: bigint
  readonly timestamp: number
  readonly value: Uint8Array | null
}

/** Every message of `batch`. */
export function messagesOf(batch: MessageBatch): Picked[] {
  return Array.from({ length: batch.count }, (_, i) => ({
    partition: batch.partition,
    offset: batch.offsets[i]!,
    timestamp: batch.timestamps[i]!,
    value:
      batch.isNull[i] === 1 ? null : batch.values.subarray(i === 0 ? 0 : batch.ends[i - 1]!, batch.ends[i]!),
  }))
}

/** The newest first: in turn one of each run, so that all partitions and times are among them. */
function pick(batches: readonly MessageBatch[], count: number): Picked[] {
  const runs = batches.map((batch) => messagesOf(batch).reverse())
  const picked: Picked[] = []
  for (let round = 0; picked.length < count && runs.some((run) => run.length > round); round++) {
    for (const run of runs) if (run[round] !== undefined && picked.length < count) picked.push(run[round]!)
  }
  return picked.sort((a, b) => b.timestamp - a.timestamp || a.partition - b.partition)
}

const KNOWN = new Set(HEALTH_TYPES.map(({ type }) => type))

function judge(settings: MainSettings, picked: readonly Picked[]): Pick<SampleView, 'messages' | 'seen'> {
  const { validation, maxMessageBytes, kafka } = settings
  const decoder = createDecoder({ topic: kafka.topic, validation, maxMessageBytes, avro: null })
  const types = new Set<string>()
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const messages = picked.map(({ partition, offset, timestamp, value }): SampledMessage => {
    const problems: SampledMessage['problems'][number][] = []
    let userId: string | null = null
    let appVersion: string | null = null
    const outcome = decoder.decode(
      value,
      { partition, offset },
      {
        accept(envelope, sample) {
          userId = envelope.userId
          appVersion = envelope.appVersion
          types.add(sample.type)
          from = Math.min(from, sample.start.ms)
          to = Math.max(to, sample.start.ms)
        },
        reject(row) {
          userId ??= row.userId
          problems.push({
            type: row.errorType,
            message: row.errorMessage,
            path: /^\$[^:]*/.exec(row.errorMessage)?.[0] ?? '$',
          })
        },
      },
    )
    const encoding = encodingOf(value)
    const text = encoding === 'json' && value !== null ? Buffer.from(value).toString('utf8') : null
    return {
      partition,
      offset: String(offset),
      timestamp,
      bytes: value?.length ?? 0,
      encoding,
      schemaId:
        encoding === 'avro' && value !== null && value.length >= 5
          ? Buffer.from(value).readUInt32BE(1)
          : null,
      userId,
      appVersion,
      accepted: outcome.accepted,
      rejected: outcome.rejected,
      problems: problems.slice(0, 20),
      payload: text === null ? null : text.slice(0, SHOWN),
      cut: (text?.length ?? 0) > SHOWN,
    }
  })
  return {
    messages,
    seen: {
      from: Number.isFinite(from) ? from : null,
      to: Number.isFinite(to) ? to : null,
      types: [...types].sort(),
      unknownTypes: [...types].filter((type) => !KNOWN.has(type)).length,
    },
  }
}

/** What a message looks like from its first bytes: the framing of Confluent's serializers begins with 0x00. */
function encodingOf(value: Uint8Array | null): Encoding {
  if (value === null || value.length === 0) return 'empty'
  if (value[0] === 0) return 'avro'
  const start = Buffer.from(value.subarray(0, 64))
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
  return start.startsWith('{') || start.startsWith('[') ? 'json' : 'other'
}
