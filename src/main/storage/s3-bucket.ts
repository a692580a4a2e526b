import { LakeError } from '../../shared/errors.ts'
import type { S3Location } from './location.ts'
import { createS3Client, type S3Options } from './s3-client.ts'
import { parseAnswer } from './s3-list.ts'

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

function target(bucket: string): S3Location {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new LakeError('SETTING', `"${bucket}" is no bucket name`, {
      remedy: 'Use 3 to 63 lower-case letters, digits, dots and hyphens for S3_BUCKET.',
    })
  }
  return { scheme: 's3', bucket, key: '' }
}
