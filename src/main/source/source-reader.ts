/** A file or the generator read by offset: each range is a source of its own, begun where the range does. */
import { throwIfCancelled } from '../base/cancel.ts'
import { nextOffset } from './pack.ts'
import type { MessageRun, TopicMessage, TopicReader } from './reader.ts'
import type { MessageBatch, Source } from './source.ts'

const WAIT_MS = 10

/** `open` is called for each range. Such sources keep no keys and no headers. */
export async function sourceReader(open: () => Promise<Source>): Promise<TopicReader> {
  const source = await open()
  const watermarks = await source.watermarks()

  async function* read(
    partition: number,
    from: bigint,
    to: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<MessageRun> {
    const high = watermarks.get(partition)?.high ?? 0n
    const end = to < high ? to : high
    if (from >= end) return
    const one = await open()
    try {
      // Partitions that are not asked for begin where they end.
      const others = Array.from(watermarks, ([other, mark]) => [other, mark.high] as const)
      await one.start(new Map([...others, [partition, from]]))
      let next = from
      while (next < end) {
        throwIfCancelled(signal)
        const batch = await one.next(WAIT_MS, signal)
        if (batch === null) return
        if (batch.partition !== partition) continue
        next = nextOffset(batch)
        yield { messages: messagesOf(batch).filter(({ offset }) => offset < end), next }
      }
    } finally {
      await one.close()
    }
  }

  return {
    identity: source.identity,
    watermarks: async () => watermarks,
    async offsetsAt(ms) {
      const signal = new AbortController().signal
      const found = new Map<number, bigint>()
      for (const [partition, { low, high }] of watermarks)
        found.set(partition, await firstAt(read(partition, low, high, signal), ms, high))
      return found
    },
    read,
    close: () => source.close(),
  }
}

async function firstAt(runs: AsyncGenerator<MessageRun>, ms: number, high: bigint): Promise<bigint> {
  for await (const { messages } of runs) {
    const first = messages.find(({ timestamp }) => timestamp >= ms)
    if (first !== undefined) return first.offset
  }
  return high
}

function messagesOf(batch: MessageBatch): TopicMessage[] {
  return Array.from({ length: batch.count }, (_, i) => ({
    partition: batch.partition,
    offset: batch.offsets[i] as bigint,
    timestamp: batch.timestamps[i] as number,
    key: null,
    value:
      batch.isNull[i] === 1
        ? null
        : batch.values.subarray(i === 0 ? 0 : (batch.ends[i - 1] as number), batch.ends[i] as number),
    headers: [],
  }))
}
