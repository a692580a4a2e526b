import type { MessageBatch } from './source.ts'

/** One message before packing; `value` null is a tombstone. */
export interface Message {
  readonly offset: bigint
  /** ms since the epoch. */
  readonly timestamp: number
  readonly value: Uint8Array | null
}

/** Packs messages of one partition, copying every value once. Offsets must ascend. */
export function packMessages(partition: number, messages: readonly Message[], next?: bigint): MessageBatch {
  let bytes = 0
  for (const message of messages) bytes += message.value?.length ?? 0
  const count = messages.length
  const batch = {
    partition,
    count,
    offsets: new BigInt64Array(count),
    timestamps: new Float64Array(count),
    values: new Uint8Array(bytes),
    ends: new Uint32Array(count),
    isNull: new Uint8Array(count),
    ...(next === undefined ? {} : { next }),
  }
  let at = 0
  for (let i = 0; i < count; i++) {
    const { offset, timestamp, value } = messages[i] as Message
    batch.offsets[i] = offset
    batch.timestamps[i] = timestamp
    if (value === null) batch.isNull[i] = 1
    else {
      batch.values.set(value, at)
      at += value.length
    }
    batch.ends[i] = at
  }
  return batch
}

/** The next offset to read after `batch`. */
export function nextOffset(batch: MessageBatch): bigint {
  const last = batch.count === 0 ? -1n : (batch.offsets[batch.count - 1] as bigint) + 1n
  return batch.next !== undefined && batch.next > last ? batch.next : last
}

/** Bytes that a batch holds in memory. */
export function batchBytes(batch: MessageBatch): number {
  return batch.values.byteLength + batch.count * 21
}

/** The messages of `batch` below the offset `end`; the batch itself where all are. */
export function cutBatch(batch: MessageBatch, end: bigint): MessageBatch {
  if (nextOffset(batch) <= end) return batch
  let count = batch.count
  while (count > 0 && (batch.offsets[count - 1] as bigint) >= end) count -= 1
  return {
    partition: batch.partition,
    count,
    offsets: batch.offsets.slice(0, count),
    timestamps: batch.timestamps.slice(0, count),
    values: batch.values.slice(0, count === 0 ? 0 : (batch.ends[count - 1] as number)),
    ends: batch.ends.slice(0, count),
    isNull: batch.isNull.slice(0, count),
    next: end,
  }
}
