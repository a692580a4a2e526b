/**
 * Kafka's topic id, which changes when a topic is deleted and made again under its old name. kafkajs stops at Metadata
 * v6 and the id came with v10, so this sends that one request over a connection of kafkajs.
 * Layout: https://kafka.apache.org/protocol.html#The_Messages_Metadata (v10 is "flexible": compact strings, tags).
 */

import type { Broker } from 'kafkajs'
import { sendRequest } from './kafka-request.ts'

const METADATA = 3
const VERSION = 10

/** The id as Kafka prints it (base64url), or null where the broker is too old or tells none. */
export async function fetchTopicId(broker: Broker, topic: string): Promise<string | null> {
  try {
    return await sendRequest(broker, {
      apiKey: METADATA,
      apiName: 'Metadata',
      apiVersion: VERSION,
      body: encodeRequest(topic),
      decode: (bytes) => decodeTopicId(bytes, topic),
    })
  } catch {
    return null
  }
}

function encodeRequest(topic: string): Buffer {
  const name = Buffer.from(topic)
  return Buffer.concat([
    Buffer.from([0]), // tags of the request header
    uvarint(2), // one topic
    Buffer.alloc(16), // no id: asked by name
    uvarint(name.length + 1),
    name,
    Buffer.from([0]), // tags of the topic
    Buffer.from([0, 0, 0]), // no creation, no authorized operations
    Buffer.from([0]), // tags of the request
  ])
}

function decodeTopicId(bytes: Buffer, topic: string): string | null {
  const reader = new Reader(bytes)
  reader.tags()
  reader.skip(4) // throttle time
  for (let brokers = reader.uvarint() - 1; brokers > 0; brokers--) {
    reader.skip(4)
    reader.string()
    reader.skip(4)
    reader.string()
    reader.tags()
  }
  reader.string() // cluster id
  reader.skip(4) // controller
  if (reader.uvarint() - 1 !== 1) return null
  const error = reader.bytes(2).readInt16BE(0)
  const name = reader.string()
  const id = reader.bytes(16)
  if (error !== 0 || name !== topic || id.every((byte) => byte === 0)) return null
  return id.toString('base64url')
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  bytes(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new RangeError('the answer ends early')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  skip(length: number): void {
    this.bytes(length)
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes(1)[0] as number
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new RangeError('a varint is too long')
  }

  /** A compact nullable string. */
  string(): string | null {
    const length = this.uvarint() - 1
    return length < 0 ? null : this.bytes(length).toString()
  }

  tags(): void {
    for (let tags = this.uvarint(); tags > 0; tags--) {
      this.uvarint()
      this.skip(this.uvarint())
    }
  }
}

function uvarint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}
