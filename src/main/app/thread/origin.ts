import type { OriginLine, TopicView } from '../../../shared/trace.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import type { Decoder } from '../../decode/decode.ts'
import type { TopicMessage, TopicReader } from '../../source/reader.ts'
import { messageView, startOf } from './message.ts'
import { held, type OffsetRange } from './topic.ts'

/** What a row of raw keeps of its sample: enough to know it again. */
export interface SampleKey {
  readonly sampleId: string
  readonly userId: string
  readonly dataType: string
  /** Microseconds since the epoch. */
  readonly start: bigint
  readonly value: number
}

const PARTITIONS_AT_ONCE = 4

/**
 * Reads the offsets that a commit took and finds the messages whose decoding gives the row: the loader's own decoder
 * decides. Messages that do not even hold the sample's id are passed over at first, as long as that finds one.
 */
export async function findOrigin(
  reader: TopicReader,
  topic: TopicView,
  ranges: readonly OffsetRange[],
  key: SampleKey,
  newDecoder: () => Decoder,
  emit: (line: OriginLine) => void,
  signal: AbortSignal,
): Promise<void> {
  const { ranges: kept, gone } = held(topic, ranges)
  emit({ kind: 'topic', topic, gone })
  const total = kept.reduce((sum, { from, to }) => sum + to - from, 0n)
  const needle = Buffer.from(key.sampleId)
  let [found, read, bytes] = [0, 0, 0]

  async function pass(begins: (message: TopicMessage) => boolean): Promise<void> {
    let done = 0n
    await mapConcurrent(
      kept,
      PARTITIONS_AT_ONCE,
      async ({ partition, from, to }, _, stop) => {
        const decoder = newDecoder()
        let at = from
        for await (const { messages, next } of reader.read(partition, from, to, stop)) {
          for (const message of messages) {
            read += 1
            bytes += message.value?.length ?? 0
            const index = begins(message) ? indexOf(message, key, decoder) : null
            if (index === null) continue
            found += 1
            const view = messageView(message, topic.topic, newDecoder(), index)
            emit({ kind: 'message', message: view, index })
          }
          done += next - at
          at = next
          const progress = {
            done: Math.min(Number(done), Number(total)),
            of: Number(total),
            unit: 'offsets',
            bytes,
          }
          emit({ kind: 'progress', progress: { text: `reading ${topic.topic}`, ...progress } })
        }
      },
      signal,
    )
  }

  await pass(
    ({ value }) =>
      value !== null && Buffer.from(value.buffer, value.byteOffset, value.byteLength).indexOf(needle) >= 0,
  )
  // JSON can spell an id in escapes.
  if (found === 0) await pass(() => true)
  emit({ kind: 'end', found, read, bytes })
}

/** Which of the message's samples is the row; null where none is. */
function indexOf(message: TopicMessage, key: SampleKey, decoder: Decoder): number | null {
  let index = 0
  let found: number | null = null
  decoder.decode(message.value, message, {
    accept(envelope, sample) {
      const same =
        sample.id === key.sampleId &&
        envelope.userId === key.userId &&
        sample.type === key.dataType &&
        sample.value === key.value &&
        startOf(sample) === key.start
      if (same) found ??= index
      index += 1
    },
    reject() {
      index += 1
    },
  })
  return found
}
