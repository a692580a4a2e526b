/** A file of payloads, one a line, `.gz` too. Partition 0; the offset is the index of the line. Read in a stream. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { LakeError } from '../../shared/errors.ts'
import { cancelled } from '../base/cancel.ts'
import { sleep } from '../base/retry.ts'
import { type Message, packMessages } from './pack.ts'
import type { MessageBatch, Source } from './source.ts'

const BATCH_BYTES = 1024 * 1024
const BATCH_MESSAGES = 10_000
const CHUNK_BYTES = 256 * 1024
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

export interface FileOptions {
  /** Bytes of one line; a longer one is INVALID. */
  readonly maxLineBytes?: number
  /** Messages of one batch, at most. */
  readonly batchMessages?: number
}

/**
 * Opens the file: reads it once for its hash and its number of lines. A blank line is passed over, with its offset. The
 * topic is the file's name, the topic id the SHA-256 of its bytes. Errors: NOT_FOUND, DISK, CORRUPT (bad gzip), INVALID.
 */
export async function fileSource(path: string, options: FileOptions = {}): Promise<Source> {
  const maxLineBytes = options.maxLineBytes ?? 512 * 1024 * 1024
  const batchMessages = options.batchMessages ?? BATCH_MESSAGES
  const info = await stat(path).catch((cause) => {
    throw fileError(path, cause)
  })
  if (!info.isFile()) throw new LakeError('INVALID', `${path} is not a file`, { context: { path } })
  const [topicId, lines] = await Promise.all([hashOf(path), countLines(path, maxLineBytes)])
  const high = BigInt(lines)

  let reader: AsyncGenerator<MessageBatch> | null = null
  let ended = false
  return {
    identity: { cluster: 'file', topic: basename(path), topicId },
    finite: true,
    watermarks: async () => new Map([[0, { low: 0n, high }]]),
    start: async (positions) => {
      reader = readBatches(path, positions.get(0) ?? 0n, info.mtimeMs, maxLineBytes, batchMessages)
    },
    next: async (waitMs, signal) => {
      if (signal?.aborted) throw cancelled(signal)
      if (reader !== null && !ended) {
        const { value, done } = await reader.next()
        if (!done) return value
        ended = true
      }
      await sleep(waitMs, signal)
      return null
    },
    acknowledge: async () => {},
    close: async () => {
      ended = true
      await reader?.return(undefined)
    },
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }))
      hash.update(chunk as Buffer)
  } catch (error) {
    throw fileError(path, error)
  }
  return hash.digest('hex')
}

async function countLines(path: string, maxLineBytes: number): Promise<number> {
  let lines = 0
  let length = 0
  for await (const chunk of readChunks(path)) {
    let from = 0
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      lines += 1
      from = at + 1
      length = 0
    }
    length += chunk.length - from
    if (length > maxLineBytes) throw longLine(path, lines, maxLineBytes)
  }
  return lines + (length > 0 ? 1 : 0)
}

async function* readBatches(
  path: string,
  start: bigint,
  timestamp: number,
  maxLineBytes: number,
  batchMessages: number,
): AsyncGenerator<MessageBatch> {
  let line = 0n
  let bytes = 0
  let pending: Message[] = []
  for await (const value of readLines(path, maxLineBytes)) {
    const offset = line
    line += 1n
    if (offset < start || value.length === 0) continue
    pending.push({ offset, timestamp, value })
    bytes += value.length
    if (bytes >= BATCH_BYTES || pending.length >= batchMessages) {
      yield packMessages(0, pending, line)
      pending = []
      bytes = 0
    }
  }
  if (line > start) yield packMessages(0, pending, line)
}

/** Lines without their line feed (and carriage return); the last one may lack it. Views into chunks where possible. */
export async function* readLines(path: string, maxLineBytes: number): AsyncGenerator<Buffer> {
  let parts: Buffer[] = []
  let length = 0
  let lines = 0
  for await (const chunk of readChunks(path)) {
    let from = 0
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      const rest = chunk.subarray(from, at)
      yield trimReturn(parts.length === 0 ? rest : Buffer.concat([...parts, rest]))
      parts = []
      length = 0
      lines += 1
      from = at + 1
    }
    if (from < chunk.length) {
      parts.push(chunk.subarray(from))
      length += chunk.length - from
      if (length > maxLineBytes) throw longLine(path, lines, maxLineBytes)
    }
  }
  if (parts.length > 0) yield trimReturn(Buffer.concat(parts))
}

async function* readChunks(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const gunzip = path.endsWith('.gz') ? createGunzip({ chunkSize: CHUNK_BYTES }) : null
  const stream: Readable = gunzip === null ? file : file.pipe(gunzip)
  if (gunzip !== null) file.on('error', (error) => gunzip.destroy(error))
  try {
    for await (const chunk of stream) yield chunk as Buffer
  } catch (error) {
    throw fileError(path, error)
  } finally {
    stream.destroy()
    file.destroy()
  }
}

function trimReturn(line: Buffer): Buffer {
  return line[line.length - 1] === CARRIAGE_RETURN ? line.subarray(0, line.length - 1) : line
}

function longLine(path: string, line: number, maxLineBytes: number): LakeError {
  return new LakeError('INVALID', `line ${line + 1} of ${path} is longer than ${maxLineBytes} bytes`, {
    context: { path, line: line + 1 },
    likely: 'the file does not hold one payload a line',
    remedy: 'write one JSON payload a line',
  })
}

function fileError(path: string, cause: unknown): LakeError {
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'ENOENT') {
    return new LakeError('NOT_FOUND', `there is no file ${path}`, {
      context: { path },
      remedy: 'check the path',
      cause,
    })
  }
  if (code?.startsWith('Z_')) {
    return new LakeError('CORRUPT', `${path} is not a whole gzip file: ${(cause as Error).message}`, {
      context: { path },
      remedy: 'make the file anew, or name it without .gz if it is plain text',
      cause,
    })
  }
  return new LakeError('DISK', `${path} cannot be read: ${(cause as Error).message}`, {
    context: { path, errno: code ?? '' },
    cause,
  })
}
