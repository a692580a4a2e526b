/**
 * A Kafka topic whose first messages are gone, with a copy of them in a file: one source. The copy is as `kcat -C -J`
 * prints it, one JSON object a line with `partition`, `offset`, `ts` and `payload` (text), `.gz` too; or with
 * `payload64` where a payload is no text. Only the missing offsets are taken, and all of them have to be there.
 */
import { LakeError } from '../../shared/errors.ts'
import { parseJson } from '../iceberg/json.ts'
import { readLines } from './file.ts'
import { type Message, packMessages } from './pack.ts'
import type { MessageBatch, Source, Watermark } from './source.ts'

const BATCH_BYTES = 1024 * 1024
const BATCH_MESSAGES = 10_000
const LINE_BYTES = 512 * 1024 * 1024

/** Offsets of one partition, half-open. */
export interface Missing {
  readonly partition: number
  readonly from: bigint
  readonly to: bigint
}

/**
 * `source` with its missing offsets read from the file at `path` first. Throws GAP where the file lacks some of them,
 * INVALID where a line cannot be understood or offsets of a partition do not ascend; NOT_FOUND, DISK, CORRUPT.
 */
export async function filledSource(
  source: Source,
  path: string,
  missing: readonly Missing[],
): Promise<Source> {
  await checkHolds(path, missing)
  const starts = new Map(missing.map(({ partition, from }) => [partition, from]))
  let filling: AsyncGenerator<MessageBatch, void> | null = null
  return {
    identity: source.identity,
    ...(source.finite === undefined ? {} : { finite: source.finite }),
    ...(source.health === undefined ? {} : { health: source.health.bind(source) }),
    watermarks: async (signal) => {
      const marks = new Map<number, Watermark>(await source.watermarks(signal))
      for (const [partition, from] of starts) {
        const { low, high } = marks.get(partition) ?? { low: from, high: from }
        marks.set(partition, { low: [from, low].sort((a, b) => Number(a - b))[0] ?? low, high })
      }
      return marks
    },
    start: async (positions) => {
      const later = new Map(positions)
      for (const { partition, from, to } of missing) {
        if ((positions.get(partition) ?? from) < to) later.set(partition, to)
      }
      filling = batches(path, missing, positions)
      await source.start(later)
    },
    next: async (waitMs, signal) => {
      if (filling !== null) {
        const { value, done } = await filling.next()
        if (!done) return value
        filling = null
      }
      return source.next(waitMs, signal)
    },
    acknowledge: (positions) => source.acknowledge(positions),
    close: async () => {
      await filling?.return()
      await source.close()
    },
  }
}

interface Line {
  readonly partition: number
  readonly offset: bigint
  readonly timestamp: number
  readonly value: Uint8Array | null
}

/** Every missing offset has to be in the file, each partition's in order. */
async function checkHolds(path: string, missing: readonly Missing[]): Promise<void> {
  const next = new Map(missing.map(({ partition, from }) => [partition, from]))
  const absent: Missing[] = []
  for await (const { partition, offset } of wanted(path, missing)) {
    const expected = next.get(partition) as bigint
    if (offset < expected) {
      throw new LakeError(
        'INVALID',
        `${path} holds offset ${offset} of partition ${partition} after ${expected - 1n}`,
        {
          context: { path, partition, offset: String(offset) },
          remedy: 'Sort the file by partition and offset, each message once.',
        },
      )
    }
    if (offset > expected) absent.push({ partition, from: expected, to: offset })
    next.set(partition, offset + 1n)
  }
  for (const { partition, to } of missing) {
    const reached = next.get(partition) as bigint
    if (reached < to) absent.push({ partition, from: reached, to })
  }
  if (absent.length === 0) return
  const count = absent.reduce((sum, { from, to }) => sum + to - from, 0n)
  const ranges = absent.map(({ partition, from, to }) => `partition ${partition}: [${from}, ${to})`)
  throw new LakeError(
    'GAP',
    `${path} lacks ${count} of the missing messages: ${ranges.slice(0, 20).join(', ')}`,
    {
      context: { path, missing: String(count) },
      likely: 'the copy was made later, or of other partitions',
      remedy: 'Use a copy that holds all of the missing offsets, or go on without them.',
    },
  )
}

async function* batches(
  path: string,
  missing: readonly Missing[],
  positions: ReadonlyMap<number, bigint>,
): AsyncGenerator<MessageBatch, void> {
  let partition = -1
  let pending: Message[] = []
  let bytes = 0
  for await (const line of wanted(path, missing)) {
    if (line.offset < (positions.get(line.partition) ?? 0n)) continue
    const full = bytes >= BATCH_BYTES || pending.length >= BATCH_MESSAGES
    if (pending.length > 0 && (full || line.partition !== partition)) {
      yield packMessages(partition, pending)
      pending = []
      bytes = 0
    }
    partition = line.partition
    pending.push(line)
    bytes += line.value?.length ?? 0
  }
  if (pending.length > 0) yield packMessages(partition, pending)
}

/** The file's messages that are missing, in its order. */
async function* wanted(path: string, missing: readonly Missing[]): AsyncGenerator<Line, void> {
  const ranges = new Map(missing.map((one) => [one.partition, one]))
  let number = 0
  for await (const text of readLines(path, LINE_BYTES)) {
    number += 1
    if (text.length === 0) continue
    const line = parse(text, path, number)
    const range = ranges.get(line.partition)
    if (range !== undefined && line.offset >= range.from && line.offset < range.to) yield line
  }
}

function parse(text: Buffer, path: string, number: number): Line {
  const invalid = (why: string): LakeError =>
    new LakeError('INVALID', `line ${number} of ${path} ${why}`, {
      context: { path, line: number },
      remedy:
        'Make the copy with `kcat -C -J`: one JSON object a line with partition, offset, ts and payload.',
    })
  let object: Record<string, unknown>
  try {
    object = parseJson(text.toString('utf8'), { maxLength: LINE_BYTES }) as Record<string, unknown>
  } catch {
    throw invalid('is no JSON')
  }
  const { partition, offset, ts, payload, payload64 } = object
  if (typeof partition !== 'number' || !/^\d{1,19}$/.test(String(offset)))
    throw invalid('names no partition and offset')
  if (typeof payload64 === 'string')
    return {
      partition,
      offset: BigInt(String(offset)),
      timestamp: Number(ts ?? 0),
      value: Buffer.from(payload64, 'base64'),
    }
  if (typeof payload !== 'string' && payload !== null) throw invalid('has no payload')
  const value = payload === null ? null : Buffer.from(payload, 'utf8')
  return { partition, offset: BigInt(String(offset)), timestamp: Number(ts ?? 0), value }
}
