import { createHash } from 'node:crypto'
import { LakeError } from '../../shared/errors.ts'
import { mapConcurrent } from '../base/concurrent.ts'
import type { S3Location } from './location.ts'
import { type S3Answer, type S3Client, sha256 } from './s3-client.ts'
import { parseAnswer } from './s3-list.ts'
import { childText, escapeXml, parseXml } from './xml.ts'

/** S3 wants parts of at least 5 MiB and takes at most 10,000 of them. */
export const defaultPartBytes = 16 * 2 ** 20
const maxParts = 10_000
const partsAtATime = 4

export interface UploadOptions {
  readonly partBytes: number
  /** Conditions, checked by S3 when the parts become an object. */
  readonly headers: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

interface Part {
  readonly number: number
  readonly etag: string
  readonly checksum: string
}

/**
 * Stores `bytes` in parts, each verified by its SHA-256, and gives the ETag that the object must have (null where it
 * cannot be told). After a failure the parts are thrown away; nothing of them is ever visible as an object.
 */
export async function uploadParts(
  client: S3Client,
  target: S3Location,
  bytes: Uint8Array,
  { partBytes, headers, signal }: UploadOptions,
): Promise<string | null> {
  const size = Math.max(partBytes, Math.ceil(bytes.byteLength / maxParts))
  const numbers = Array.from({ length: Math.ceil(bytes.byteLength / size) }, (_, index) => index + 1)
  const uploadId = await begin(client, target, signal)
  try {
    const send = (number: number, _: number, stop: AbortSignal) =>
      sendPart(client, target, uploadId, number, bytes.subarray((number - 1) * size, number * size), stop)
    const parts = await mapConcurrent(numbers, partsAtATime, send, signal)
    const etag = etagOfParts(parts)
    await complete(client, target, uploadId, parts, headers, etag, signal)
    return etag
  } catch (error) {
    await abandon(client, target, uploadId)
    throw error
  }
}

async function begin(client: S3Client, target: S3Location, signal: AbortSignal | undefined): Promise<string> {
  const headers = { 'content-type': 'application/octet-stream', 'x-amz-checksum-algorithm': 'SHA256' }
  const answer = await client.call({ method: 'POST', target, query: { uploads: '' }, headers, signal })
  const id = childText(parseAnswer(answer.bytes, 'InitiateMultipartUploadResult'), 'UploadId')
  if (id) return id
  throw new LakeError('BAD_RESPONSE', 'S3 gave an upload no id')
}

async function sendPart(
  client: S3Client,
  target: S3Location,
  uploadId: string,
  number: number,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<Part> {
  const digest = sha256(body)
  const checksum = Buffer.from(digest).toString('base64')
  const query = { partNumber: String(number), uploadId }
  const headers = { 'x-amz-checksum-sha256': checksum }
  const verify = (answer: S3Answer) => {
    const theirs = answer.headers.get('x-amz-checksum-sha256')
    if (answer.headers.has('etag') && (theirs === null || theirs === checksum)) return
    throw new LakeError('CORRUPT', `Part ${number} of ${target.key} was not stored as it was sent`, {
      outcome: 'retry',
    })
  }
  const answer = await client.call({
    method: 'PUT',
    target,
    query,
    headers,
    body,
    sha256: digest,
    signal,
    verify,
  })
  const etag = answer.headers.get('etag') ?? ''
  return { number, etag, checksum }
}

/** S3 answers 200 before it is done, so a failure may come in the body; and a lost answer may hide a success. */
async function complete(
  client: S3Client,
  target: S3Location,
  uploadId: string,
  parts: readonly Part[],
  headers: Readonly<Record<string, string>>,
  etag: string | null,
  signal: AbortSignal | undefined,
): Promise<void> {
  const list = parts.map(
    ({ number, etag, checksum }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag><ChecksumSHA256>${checksum}</ChecksumSHA256></Part>`,
  )
  const body = new TextEncoder().encode(`<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`)
  const answer = await client.call(
    {
      method: 'POST',
      target,
      query: { uploadId },
      headers: { ...headers, 'content-type': 'application/xml' },
      body,
      signal,
    },
    async (error, doubtful) => {
      const mayBeOurs = error.code === 'NOT_FOUND' || error.code === 'PRECONDITION_FAILED'
      return doubtful && mayBeOurs && (await isStored(client, target, etag, signal)) ? assembled : null
    },
  )
  if (answer === assembled) return
  const root = parseXml(new TextDecoder().decode(answer.bytes))
  if (root.name === 'CompleteMultipartUploadResult') return
  const code = childText(root, 'Code') ?? root.name
  throw new LakeError(
    code === 'PreconditionFailed' ? 'PRECONDITION_FAILED' : 'SERVER',
    `S3 could not join the parts: ${code}`,
    {
      outcome: code === 'PreconditionFailed' ? 'reject' : 'unknown',
      context: { s3Code: code },
    },
  )
}

const assembled: S3Answer = { status: 200, headers: new Headers(), bytes: new Uint8Array(0) }

async function isStored(
  client: S3Client,
  target: S3Location,
  etag: string | null,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (etag === null) return false
  const answer = await client.call({ method: 'HEAD', target, signal })
  return (answer.headers.get('etag') ?? '').replaceAll('"', '') === etag
}

async function abandon(client: S3Client, target: S3Location, uploadId: string): Promise<void> {
  try {
    await client.call({ method: 'DELETE', target, query: { uploadId } })
  } catch {
    // the failure that brought us here is the one to tell; S3 drops unfinished uploads by its own rule
  }
}

/** MD5 over the parts' MD5s, with their number: how S3 makes the ETag of an unencrypted object in parts. */
function etagOfParts(parts: readonly Part[]): string | null {
  const hashes = parts.map((part) => part.etag.replaceAll('"', ''))
  if (!hashes.every((hash) => /^[0-9a-f]{32}$/.test(hash))) return null
  const joined = createHash('md5')
    .update(Buffer.from(hashes.join(''), 'hex'))
    .digest('hex')
  return `${joined}-${parts.length}`
}
