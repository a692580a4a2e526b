/**
 * How much disk each partition takes, which kafkajs cannot ask: DescribeLogDirs v1 over one of its connections.
 * Layout: https://kafka.apache.org/protocol.html#The_Messages_DescribeLogDirs (v1 is not "flexible").
 */
import type { Broker } from 'kafkajs'
import { sendRequest } from './kafka-request.ts'

export interface LogSize {
  readonly topic: string
  readonly partition: number
  readonly bytes: number
}

const DESCRIBE_LOG_DIRS = 35
const VERSION = 1

/** All partitions that this broker holds. Throws where it refuses. */
export function fetchLogSizes(broker: Broker): Promise<LogSize[]> {
  return sendRequest(broker, {
    apiKey: DESCRIBE_LOG_DIRS,
    apiName: 'DescribeLogDirs',
    apiVersion: VERSION,
    body: Buffer.from([0xff, 0xff, 0xff, 0xff]), // a null list: every topic
    decode: decodeLogSizes,
  })
}

export function decodeLogSizes(bytes: Buffer): LogSize[] {
  let at = 4 // throttle time
  const int16 = (): number => {
    at += 2
    return bytes.readInt16BE(at - 2)
  }
  const int32 = (): number => {
    at += 4
    return bytes.readInt32BE(at - 4)
  }
  const text = (): string => {
    const length = int16()
    at += length
    return bytes.toString('utf8', at - length, at)
  }
  const sizes: LogSize[] = []
  for (let folders = int32(); folders > 0; folders--) {
    int16() // error
    text() // path
    for (let topics = int32(); topics > 0; topics--) {
      const topic = text()
      for (let partitions = int32(); partitions > 0; partitions--) {
        const partition = int32()
        const size = Number(bytes.readBigInt64BE(at))
        at += 8 + 8 // and the lag of a replica
        const future = bytes[at] === 1
        at += 1
        if (!future) sizes.push({ topic, partition, bytes: size })
      }
    }
  }
  return sizes
}
