import { basename } from 'node:path'
import { LakeError } from '../../../shared/errors.ts'
import type { MissingRange, TopicView, TraceLedger } from '../../../shared/trace.ts'
import { fileSource } from '../../source/file.ts'
import { GENERATOR_DEFAULTS, generatorSource } from '../../source/generator.ts'
import { kafkaReader } from '../../source/kafka-reader.ts'
import type { TopicReader } from '../../source/reader.ts'
import { sourceReader } from '../../source/source-reader.ts'
import type { App } from '../app.ts'
import { SAMPLE_TOPIC } from '../paths.ts'
import { newestLedger } from './commit.ts'

/** Where a topic is: what a ledger says of it. */
export type TopicPlace = Pick<TraceLedger, 'topic' | 'cluster' | 'topicId'>

/** The topic as the newest commit that read it knew it; that of the settings where no commit names it. */
export async function placeOf(app: App, topic: string | undefined, signal: AbortSignal): Promise<TopicPlace> {
  const lake = await app.lake()
  const raw = await lake.io.catalog.loadTable(lake.tables.raw, signal).catch(() => null)
  const ledger = raw === null ? null : newestLedger(raw.metadata, topic ?? null)
  if (ledger !== null) return ledger
  return { topic: topic ?? app.settings().kafka.topic, cluster: '', topicId: null }
}

/**
 * Opens the topic, be it Kafka's, a file or the generator. NOT_FOUND for a file whose place is not known,
 * TOPIC_REPLACED and CLUSTER_REPLACED where offsets of the ledger are not those of what is there now.
 */
export async function openTopic(app: App, place: TopicPlace): Promise<TopicReader> {
  const reader = await openReader(app, place)
  const { cluster, topicId } = reader.identity
  const other = place.cluster !== '' && cluster !== place.cluster
  const renewed = place.topicId !== null && topicId !== null && topicId !== place.topicId
  if (!other && !renewed) return reader
  await reader.close()
  throw new LakeError(
    other ? 'CLUSTER_REPLACED' : 'TOPIC_REPLACED',
    `${place.topic} is no longer the topic that this commit read`,
    {
      context: {
        topic: place.topic,
        read: other ? place.cluster : (place.topicId ?? ''),
        now: other ? cluster : (topicId ?? ''),
      },
      likely: other ? 'another Kafka answers at the address' : 'the topic was deleted and made again',
      remedy: 'Its offsets name other messages now, so none is shown.',
    },
  )
}

async function openReader(app: App, { topic, cluster }: TopicPlace): Promise<TopicReader> {
  if (cluster === 'generator') return sourceReader(async () => generatorSource(GENERATOR_DEFAULTS))
  if (cluster === 'file') {
    const path = filePath(app, topic)
    return sourceReader(() => fileSource(path))
  }
  return kafkaReader({ ...app.settings().kafka, topic }, app.log)
}

/** A ledger keeps a file's name and hash, not its place. */
function filePath(app: App, topic: string): string {
  const asked = app.load.view().asked?.path ?? null
  for (const path of [asked, SAMPLE_TOPIC]) if (path !== null && basename(path) === topic) return path
  throw new LakeError('NOT_FOUND', `the place of the file ${topic} is not known`, {
    context: { file: topic },
    likely: 'It was loaded before Tarn was started this time, and the ledger keeps no folders.',
    remedy: 'Load the file again: rows that are there are skipped, and its messages can be read.',
  })
}

export async function topicView(reader: TopicReader): Promise<TopicView> {
  const { topic, cluster, topicId } = reader.identity
  const marks = await reader.watermarks()
  return {
    topic,
    cluster,
    topicId,
    source: cluster === 'file' || cluster === 'generator' ? cluster : 'kafka',
    partitions: Array.from(marks, ([partition, { low, high }]) => ({
      partition,
      low: String(low),
      high: String(high),
    })),
  }
}

/** A half-open range of offsets of one partition. */
export interface OffsetRange {
  readonly partition: number
  readonly from: bigint
  readonly to: bigint
}

/** `ranges` as far as the topic holds them, and what it does not. */
export function held(
  topic: TopicView,
  ranges: readonly OffsetRange[],
): { ranges: OffsetRange[]; gone: MissingRange[] } {
  const kept: OffsetRange[] = []
  const gone: MissingRange[] = []
  const missing = (partition: number, from: bigint, to: bigint): void => {
    if (from < to) gone.push({ partition, from: String(from), to: String(to) })
  }
  for (const { partition, from, to } of ranges) {
    const marks = topic.partitions.find((one) => one.partition === partition)
    if (marks === undefined) {
      missing(partition, from, to)
      continue
    }
    const [low, high] = [BigInt(marks.low), BigInt(marks.high)]
    const [start, end] = [from > low ? from : low, to < high ? to : high]
    missing(partition, from, to < low ? to : low)
    missing(partition, from > high ? from : high, to)
    if (start < end) kept.push({ partition, from: start, to: end })
  }
  return { ranges: kept, gone }
}
