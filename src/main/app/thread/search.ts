import { LakeError } from '../../../shared/errors.ts'
import type { MessageFilter } from '../../../shared/thread.ts'
import type { MessageLine, MessageRow, TopicView } from '../../../shared/trace.ts'
import { throwIfCancelled } from '../../base/cancel.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import type { TopicMessage, TopicReader } from '../../source/reader.ts'
import { messageRow } from './message.ts'
import { held, type OffsetRange } from './topic.ts'

export interface MessageSearch {
  readonly filter: MessageFilter
  readonly order: 'newest' | 'oldest'
  /** Messages after which the search pauses, to be gone on with. */
  readonly limit: number
  /** From the `end` line of the search before. */
  readonly more?: string | undefined
}

const PARTITIONS_AT_ONCE = 8
/** Offsets of all partitions that one round reads, at first and at most. */
const FIRST_ROUND = 2_000
const LARGEST_ROUND = 100_000

/**
 * Messages that match, in rounds over all partitions from the newest or the oldest on; each round is merged by time.
 * Nothing is capped: the search pauses after `limit` and says where to go on.
 */
export async function searchMessages(
  reader: TopicReader,
  topic: TopicView,
  search: MessageSearch,
  emit: (line: MessageLine) => void,
  signal: AbortSignal,
): Promise<void> {
  const wanted =
    search.more === undefined ? await rangesOf(reader, topic, search.filter) : resume(search.more)
  const { ranges: all, gone } = held(topic, wanted)
  // Only a range that was asked for can miss something.
  emit({ kind: 'topic', topic, gone: search.filter.from || search.filter.to ? gone : [] })
  const match = matcher(search.filter)
  const narrow = search.filter.text !== undefined || search.filter.key !== undefined
  const total = sizeOf(all)
  let done = 0n
  const report = (): void =>
    emit({
      kind: 'progress',
      progress: {
        text: `reading ${topic.topic}`,
        done: Math.min(Number(done), Number(total)),
        of: Number(total),
        unit: 'offsets',
        bytes,
      },
    })
  let ranges = all
  let size = narrow ? FIRST_ROUND : search.limit
  let [found, read, bytes] = [0, 0, 0]
  while (ranges.length > 0 && found < search.limit) {
    const chunk = BigInt(Math.max(1, Math.ceil(size / ranges.length)))
    const step = ranges.map((range) => cut(range, chunk, search.order))
    const lists = await mapConcurrent(
      step,
      PARTITIONS_AT_ONCE,
      async ({ now }, _, stop) => {
        const matched: MessageRow[] = []
        let at = now.from
        for await (const { messages, next } of reader.read(now.partition, now.from, now.to, stop)) {
          done += next - at
          at = next
          for (const message of messages) {
            read += 1
            bytes += message.value?.length ?? 0
            const place = match(message)
            if (place !== null) matched.push(messageRow(message, place))
          }
          report()
        }
        return matched
      },
      signal,
    )
    throwIfCancelled(signal)
    const matched = merged(
      search.order === 'newest' ? lists.map((list) => list.reverse()) : lists,
      search.order,
    )
    found += matched.length
    ranges = step.flatMap(({ rest }) => (rest === null ? [] : [rest]))
    size = Math.min(LARGEST_ROUND, size * 2)
    emit({ kind: 'messages', messages: matched })
    done = total - sizeOf(ranges)
    report()
  }
  emit({ kind: 'end', found, read, bytes, more: ranges.length === 0 ? null : cursor(ranges) })
}

/** Every message that matches, partition after partition, in offset order. */
export async function* allMessages(
  reader: TopicReader,
  topic: TopicView,
  filter: MessageFilter,
  signal: AbortSignal,
): AsyncGenerator<TopicMessage> {
  const match = matcher(filter)
  const { ranges } = held(topic, await rangesOf(reader, topic, filter))
  for (const { partition, from, to } of ranges) {
    for await (const { messages } of reader.read(partition, from, to, signal))
      for (const message of messages) if (match(message) !== null) yield message
  }
}

/** The offsets that a filter asks for; those of a time are told by the topic's time index. */
async function rangesOf(
  reader: TopicReader,
  topic: TopicView,
  filter: MessageFilter,
): Promise<OffsetRange[]> {
  const [since, until] = [
    filter.since === undefined ? null : await reader.offsetsAt(Number(filter.since)),
    filter.until === undefined ? null : await reader.offsetsAt(Number(filter.until)),
  ]
  const chosen = topic.partitions.filter(
    ({ partition }) => filter.partition === undefined || String(partition) === filter.partition,
  )
  if (filter.partition !== undefined && chosen.length === 0) {
    throw new LakeError('INVALID', `${topic.topic} has no partition ${filter.partition}`, {
      context: { topic: topic.topic, partition: filter.partition, partitions: topic.partitions.length },
    })
  }
  return chosen.flatMap(({ partition, low, high }) => {
    const from = most(BigInt(filter.from ?? low), since?.get(partition))
    const end = BigInt(filter.to ?? high)
    const bound = until?.get(partition)
    const to = bound !== undefined && bound < end ? bound : end
    return from < to ? [{ partition, from, to }] : []
  })
}

const most = (a: bigint, b: bigint | undefined): bigint => (b !== undefined && b > a ? b : a)

/** Where in the payload's text a message matches; null where it does not. */
function matcher(filter: MessageFilter): (message: TopicMessage) => number | null {
  const text = filter.text?.toLowerCase()
  const key = filter.key?.toLowerCase()
  const since = filter.since === undefined ? Number.NEGATIVE_INFINITY : Number(filter.since)
  const until = filter.until === undefined ? Number.POSITIVE_INFINITY : Number(filter.until)
  const lower = (bytes: Uint8Array | null): string =>
    bytes === null
      ? ''
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString().toLowerCase()
  return (message) => {
    if (message.timestamp < since || message.timestamp >= until) return null
    if (key !== undefined && !lower(message.key).includes(key)) return null
    if (text === undefined) return 0
    const at = lower(message.value).indexOf(text)
    return at < 0 ? null : at
  }
}

function cut(
  { partition, from, to }: OffsetRange,
  chunk: bigint,
  order: MessageSearch['order'],
): { now: OffsetRange; rest: OffsetRange | null } {
  if (to - from <= chunk) return { now: { partition, from, to }, rest: null }
  return order === 'newest'
    ? { now: { partition, from: to - chunk, to }, rest: { partition, from, to: to - chunk } }
    : { now: { partition, from, to: from + chunk }, rest: { partition, from: from + chunk, to } }
}

const sizeOf = (ranges: readonly OffsetRange[]): bigint =>
  ranges.reduce((sum, { from, to }) => sum + to - from, 0n)

/** Lists of one partition each as one by time; within a partition its own order stays. */
function merged(lists: readonly MessageRow[][], order: MessageSearch['order']): MessageRow[] {
  const all: MessageRow[] = []
  const at = lists.map(() => 0)
  const total = lists.reduce((sum, { length }) => sum + length, 0)
  while (all.length < total) {
    let best = -1
    let bestTime = 0
    lists.forEach((list, i) => {
      const next = list[at[i] ?? 0]
      if (next === undefined) return
      if (best >= 0 && (order === 'newest' ? next.at <= bestTime : next.at >= bestTime)) return
      best = i
      bestTime = next.at
    })
    all.push(lists[best]?.[at[best] ?? 0] as MessageRow)
    at[best] = (at[best] ?? 0) + 1
  }
  return all
}

function cursor(ranges: readonly OffsetRange[]): string {
  const plain = ranges.map(({ partition, from, to }) => [partition, String(from), String(to)])
  return Buffer.from(JSON.stringify(plain)).toString('base64url')
}

function resume(text: string): OffsetRange[] {
  try {
    const plain = JSON.parse(Buffer.from(text, 'base64url').toString()) as [number, string, string][]
    return plain.map(([partition, from, to]) => ({ partition, from: BigInt(from), to: BigInt(to) }))
  } catch (cause) {
    throw new LakeError('INVALID', 'the place to go on at cannot be read', { cause })
  }
}
