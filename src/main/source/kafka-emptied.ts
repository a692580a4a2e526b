/**
 * Where batches end that hold no record any more. Compaction keeps the last batch of a producer, emptied, and kafkajs
 * leaves such a batch out of its answer, so that a reader that stands before one cannot tell how to get past it. This
 * fetches once more and reads nothing but the headers of the batches.
 * Layout: https://kafka.apache.org/protocol.html#The_Messages_Fetch (v4), of a batch
 * https://kafka.apache.org/documentation/#recordbatch
 */
import type { Broker } from 'kafkajs'
import { sendRequest } from './kafka-request.ts'

const FETCH = 1
const VERSION = 4
const BYTES = 64 * 1024

/** Bytes of a batch before its records. */
const HEADER = 61
/** Bytes of a batch before what its length counts. */
const BEFORE_LENGTH_ENDS = 12

/** The offset after the emptied batches that stand at `from`; `from` where there is none. */
export function afterEmptied(
  broker: Broker,
  topic: string,
  partition: number,
  from: bigint,
): Promise<bigint> {
  return sendRequest(broker, {
    apiKey: FETCH,
    apiName: 'Fetch',
    apiVersion: VERSION,
    body: encodeRequest(topic, partition, from),
    decode: (bytes) => afterEmptiedIn(recordsOf(bytes), from),
  })
}

function encodeRequest(topic: string, partition: number, from: bigint): Buffer {
  const name = Buffer.from(topic)
  const head = Buffer.alloc(4 * 4 + 1 + 4 + 2)
  let at = head.writeInt32BE(-1) // not a replica
  at = head.writeInt32BE(0, at) // waits for nothing
  at = head.writeInt32BE(1, at) // least bytes
  at = head.writeInt32BE(BYTES, at)
  at = head.writeInt8(1, at) // committed transactions only
  at = head.writeInt32BE(1, at) // one topic
  head.writeInt16BE(name.length, at)
  const tail = Buffer.alloc(4 + 4 + 8 + 4)
  at = tail.writeInt32BE(1) // one partition
  at = tail.writeInt32BE(partition, at)
  at = tail.writeBigInt64BE(from, at)
  tail.writeInt32BE(BYTES, at)
  return Buffer.concat([head, name, tail])
}

/** The record batches in an answer for one partition. */
function recordsOf(bytes: Buffer): Buffer {
  let at = 4 + 4 // throttle time, one topic
  at += 2 + bytes.readInt16BE(at) // its name
  at += 4 + 4 + 2 + 8 + 8 // one partition: its id, error, high watermark, last stable offset
  const aborted = bytes.readInt32BE(at)
  at += 4 + Math.max(0, aborted) * 16
  const length = Math.max(0, bytes.readInt32BE(at))
  return bytes.subarray(at + 4, at + 4 + length)
}

/** @param records record batches back to back, the last of them perhaps cut */
export function afterEmptiedIn(records: Buffer, from: bigint): bigint {
  let next = from
  for (let at = 0; at + HEADER <= records.length; ) {
    const count = records.readInt32BE(at + 57)
    if (records[at + 16] !== 2 || count !== 0) break
    const end = records.readBigInt64BE(at) + BigInt(records.readInt32BE(at + 23)) + 1n
    if (end > next) next = end
    at += BEFORE_LENGTH_ENDS + records.readInt32BE(at + 8)
  }
  return next
}
