import { LakeError } from '../../shared/errors.ts'
import type { S3Location } from './location.ts'
import { createS3Client, type S3Options } from './s3-client.ts'
import { parseAnswer } from './s3-list.ts'
import { childrenOf, childText, parseXml, type XmlElement } from './xml.ts'

/** Whether `bucket` exists. Errors as those of a read: UNAUTHORIZED, FORBIDDEN, CLOCK_SKEW, BAD_RESPONSE, REFUSED... */
export async function bucketExists(
  options: S3Options,
  bucket: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const query = { 'list-type': '2', 'max-keys': '1' }
  try {
    // a listing, since its XML proves that S3 answers, and tells why if not
    const answer = await createS3Client(options).call({
      method: 'GET',
      target: target(bucket),
      query,
      signal,
    })
    parseAnswer(answer.bytes, 'ListBucketResult')
    return true
  } catch (error) {
    if (error instanceof LakeError && error.code === 'NO_BUCKET') return false
    throw error
  }
}

/** Creates `bucket` in the region of `options`; `existed` where it is ours already, ALREADY_EXISTS where another's. */
export async function createBucket(
  options: S3Options,
  bucket: string,
  signal?: AbortSignal,
): Promise<'created' | 'existed'> {
  const { region } = options
  const body =
    region === 'us-east-1'
      ? new Uint8Array(0)
      : new TextEncoder().encode(
          `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`,
        )
  try {
    await createS3Client(options).call({ method: 'PUT', target: target(bucket), body, signal })
    return 'created'
  } catch (error) {
    if (error instanceof LakeError && error.context.s3Code === 'BucketAlreadyOwnedByYou') return 'existed'
    throw error
  }
}

/** What a bucket does by itself to objects; null where this user may not ask. */
export interface BucketFacts {
  /** Old states of objects are kept. */
  readonly versioning: 'on' | 'suspended' | 'off' | null
  /** Objects cannot be deleted for a time. */
  readonly lock: boolean | null
  /** Rules in force that delete objects by age, one a text: `all objects after 30 days`. */
  readonly expiry: readonly string[] | null
}

/** Asks for versioning, object lock and lifecycle of a bucket that exists, side by side. Throws only what ends the connection. */
export async function bucketFacts(
  options: S3Options,
  bucket: string,
  signal?: AbortSignal,
): Promise<BucketFacts> {
  const client = createS3Client(options)
  const ask = async (what: string, none: string): Promise<XmlElement | 'none' | null> => {
    try {
      const { bytes } = await client.call({
        method: 'GET',
        target: target(bucket),
        query: { [what]: '' },
        signal,
      })
      return parseXml(new TextDecoder().decode(bytes))
    } catch (error) {
      if (!(error instanceof LakeError)) throw error
      return error.context.s3Code === none ? 'none' : null
    }
  }
  const [versioning, lock, lifecycle] = await Promise.all([
    ask('versioning', ''),
    ask('object-lock', 'ObjectLockConfigurationNotFoundError'),
    ask('lifecycle', 'NoSuchLifecycleConfiguration'),
  ])
  return {
    versioning: versioning === null || versioning === 'none' ? null : versioningOf(versioning),
    lock: lock === null ? null : lock !== 'none' && childText(lock, 'ObjectLockEnabled') === 'Enabled',
    expiry: lifecycle === null ? null : lifecycle === 'none' ? [] : expiryOf(lifecycle),
  }
}

function versioningOf(answer: XmlElement): BucketFacts['versioning'] {
  const status = childText(answer, 'Status')
  return status === 'Enabled' ? 'on' : status === 'Suspended' ? 'suspended' : 'off'
}

function expiryOf(answer: XmlElement): string[] {
  return childrenOf(answer, 'Rule').flatMap((rule) => {
    const [expiration] = childrenOf(rule, 'Expiration')
    if (childText(rule, 'Status') !== 'Enabled' || expiration === undefined) return []
    const days = childText(expiration, 'Days')
    const date = childText(expiration, 'Date')
    if (days === null && date === null) return []
    const [filter] = childrenOf(rule, 'Filter')
    const prefix = childText(rule, 'Prefix') ?? (filter ? childText(filter, 'Prefix') : null) ?? ''
    return [
      `${prefix === '' ? 'all objects' : `objects under ${prefix}`} ${days === null ? `on ${date}` : `after ${days} days`}`,
    ]
  })
}

function target(bucket: string): S3Location {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new LakeError('SETTING', `"${bucket}" is no bucket name`, {
      remedy: 'Use 3 to 63 lower-case letters, digits, dots and hyphens for S3_BUCKET.',
    })
  }
  return { scheme: 's3', bucket, key: '' }
}
