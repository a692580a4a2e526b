import { LakeError } from '../../shared/errors.ts'
import { cutRange, parseS3Location, preconditionFailed, type S3Location } from './location.ts'
import { createS3Client, md5Hex, type S3Answer, type S3Client, type S3Options, sha256 } from './s3-client.ts'
import { listObjects } from './s3-list.ts'
import { defaultPartBytes, uploadParts } from './s3-upload.ts'
import type { ObjectInfo, Storage, WriteOptions } from './storage.ts'

const maxReadBytes = 2 ** 31

/**
 * Objects of S3 and of what speaks like it. Writes carry a SHA-256 that the server verifies; what it acknowledges is
 * compared with what was sent. Everything is retried with jitter; a conditional write whose answer was lost is looked
 * up before it counts as lost.
 */
export function s3Storage(options: S3Options): Storage {
  const client = createS3Client(options)
  const partBytes = options.partBytes ?? defaultPartBytes

  return {
    async read(location, { range, signal } = {}) {
      const target = parseObject(location)
      const [start, end] = range === undefined ? [0, 0] : cutRange(range, Number.MAX_SAFE_INTEGER)
      if (range !== undefined && start === end) return new Uint8Array(0)
      const headers: Record<string, string> =
        range === undefined ? {} : { range: `bytes=${start}-${end - 1}` }
      const verify = (answer: S3Answer) => {
        if (answer.status === 206) checkRange(answer, start, end, location)
      }
      const answer = await client.call(
        { method: 'GET', target, headers, signal, maxBytes: maxReadBytes, verify },
        async (error) => (error.context.status === 416 ? pastTheEnd : null),
      )
      if (range === undefined || answer === pastTheEnd) return answer.bytes
      // a server may ignore the range and send all
      return answer.status === 206 ? answer.bytes : answer.bytes.slice(start, end)
    },

    async write(location, bytes, writeOptions = {}) {
      const target = parseObject(location)
      const { signal, only } = writeOptions
      try {
        if (bytes.byteLength > partBytes) {
          const etag = await uploadParts(client, target, bytes, {
            partBytes,
            headers: conditions(only),
            signal,
          })
          const info = await statObject(client, target, location, signal)
          if (info?.size === bytes.byteLength && (etag === null || info.etag === etag)) return info
          throw differs(location)
        }
        return await put(client, target, location, bytes, writeOptions, options.clock)
      } catch (error) {
        const lost = error instanceof LakeError && only !== undefined
        if (lost && error.code === 'PRECONDITION_FAILED')
          throw preconditionFailed(location, only, error.outcome)
        if (lost && error.code === 'NOT_FOUND' && only !== 'absent')
          throw preconditionFailed(location, only, error.outcome)
        throw error
      }
    },

    stat: (location, { signal } = {}) => statObject(client, parseObject(location), location, signal),

    list: (prefix, { signal } = {}) => listObjects(client, parseS3Location(prefix), signal),

    async delete(location, { signal } = {}) {
      await client.call({ method: 'DELETE', target: parseObject(location), signal }, async (error) =>
        error.code === 'NOT_FOUND' ? nothing : null,
      )
    },

    async close() {},
  }
}

const nothing: S3Answer = { status: 204, headers: new Headers(), bytes: new Uint8Array(0) }
const pastTheEnd: S3Answer = { status: 416, headers: new Headers(), bytes: new Uint8Array(0) }

function parseObject(location: string): S3Location {
  const target = parseS3Location(location)
  if (target.key !== '') return target
  throw new LakeError('INVALID', `The location ${location} names a bucket, not an object`, {
    context: { location },
  })
}

function conditions(only: WriteOptions['only']): Record<string, string> {
  if (only === undefined) return {}
  return only === 'absent' ? { 'if-none-match': '*' } : { 'if-match': `"${only.etag}"` }
}

async function put(
  client: S3Client,
  target: S3Location,
  location: string,
  bytes: Uint8Array,
  { only, signal }: WriteOptions,
  clock: () => number,
): Promise<ObjectInfo> {
  const digest = sha256(bytes)
  const checksum = Buffer.from(digest).toString('base64')
  const headers = {
    ...conditions(only),
    'content-type': 'application/octet-stream',
    'x-amz-checksum-sha256': checksum,
  }
  const verify = async (answer: S3Answer): Promise<void> => {
    const held = holds(answer, bytes, checksum)
    if (held === true) return
    if (held === false || sizeOf(await head(client, target, signal)) !== bytes.byteLength)
      throw differs(location)
  }
  const answer = await client.call(
    { method: 'PUT', target, headers, body: bytes, sha256: digest, signal, verify },
    async (error, doubtful) => {
      // the write that came first may be our own, its answer lost
      if (!doubtful || error.code !== 'PRECONDITION_FAILED') return null
      const found = await head(client, target, signal)
      return found !== null && holds(found, bytes, checksum) === true ? found : null
    },
  )
  return { location, size: bytes.byteLength, modified: clock(), etag: etagOf(answer.headers) }
}

/** Whether an answer is about `bytes`, by checksum, else by ETag where it is an MD5; null where it does not tell. */
function holds({ headers }: S3Answer, bytes: Uint8Array, checksum: string): boolean | null {
  const theirs = headers.get('x-amz-checksum-sha256')
  if (theirs !== null) return theirs === checksum
  const etag = etagOf(headers)
  const encrypted = headers.has('x-amz-server-side-encryption')
  return /^[0-9a-f]{32}$/.test(etag) && !encrypted ? etag === md5Hex(bytes) : null
}

async function statObject(
  client: S3Client,
  target: S3Location,
  location: string,
  signal: AbortSignal | undefined,
): Promise<ObjectInfo | null> {
  const answer = await head(client, target, signal)
  if (answer === null) return null
  const size = sizeOf(answer)
  if (size === null) throw new LakeError('BAD_RESPONSE', `S3 does not tell the length of ${location}`)
  const modified = Date.parse(answer.headers.get('last-modified') ?? '')
  return { location, size, modified: Number.isNaN(modified) ? 0 : modified, etag: etagOf(answer.headers) }
}

async function head(
  client: S3Client,
  target: S3Location,
  signal: AbortSignal | undefined,
): Promise<S3Answer | null> {
  const headers = { 'x-amz-checksum-mode': 'ENABLED' }
  try {
    return await client.call({ method: 'HEAD', target, headers, signal })
  } catch (error) {
    if (!(error instanceof LakeError)) throw error
    if (error.code === 'NOT_FOUND') return null
    // an answer to HEAD has no body: ask again in a way that tells the reason
    if (error.outcome === 'reject' && error.context.s3Code === '' && error.context.status !== undefined) {
      await client.call({ method: 'GET', target, headers: { range: 'bytes=0-0' }, signal })
    }
    throw error
  }
}

function checkRange(answer: S3Answer, start: number, end: number, location: string): void {
  const [, first, last, size] =
    /^bytes (\d+)-(\d+)\/(\d+)$/.exec(answer.headers.get('content-range') ?? '') ?? []
  const wanted = Math.min(end, Number(size)) - start
  const complete = Number(last) === start + wanted - 1 && answer.bytes.byteLength === wanted
  if (Number(first) === start && complete) return
  throw new LakeError('BAD_RESPONSE', `S3 answered another range of ${location} than was asked for`, {
    outcome: 'retry',
    context: { location, start, end, bytes: answer.bytes.byteLength },
  })
}

function sizeOf(answer: S3Answer | null): number | null {
  const length = answer?.headers.get('content-length')
  return length == null || !/^\d+$/.test(length) ? null : Number(length)
}

function etagOf(headers: Headers): string {
  return (headers.get('etag') ?? '').replace(/^(?:W\/)?"|"$/g, '')
}

function differs(location: string): LakeError {
  return new LakeError('CORRUPT', `${location} was not stored as it was sent`, {
    outcome: 'unknown',
    context: { location },
    likely: 'The store, or a proxy before it, lost part of the upload.',
    remedy: 'Write it again under another name, and examine the store.',
  })
}
