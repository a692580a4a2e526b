import { type ErrorContext, LakeError, type Outcome } from '../../shared/errors.ts'
import { childText, parseXml } from './xml.ts'

/** A failed answer of S3 with all the evidence there is. */
export interface S3Failure {
  readonly method: string
  /** Without its query. */
  readonly url: string
  readonly bucket: string
  readonly location: string
  readonly status: number
  readonly headers: Headers
  readonly body: string
  readonly region: string
  /** Milliseconds since the epoch, of this machine. */
  readonly now: number
}

interface Reason {
  readonly code: string
  readonly message: string
  readonly region: string | null
}

/** Codes that say: come again later, nothing was done. */
const throttled = new Set([
  'SlowDown',
  'SlowDownRead',
  'SlowDownWrite',
  'ServiceUnavailable',
  'TooManyRequests',
  'Throttling',
  'RequestLimitExceeded',
  'XMinioServerNotInitialized',
])
const transient = new Set([
  'RequestTimeout',
  'OperationAborted',
  'ConditionalRequestConflict',
  'IncompleteBody',
  'BadDigest',
  'XAmzContentChecksumMismatch',
  'XAmzContentSHA256Mismatch',
])

/** The LakeError of a failed answer, its likely cause read from status, headers and body. */
export function s3Error(failure: S3Failure): LakeError {
  const { status, headers, method } = failure
  const reason = reasonOf(failure)
  const context: ErrorContext = {
    url: failure.url,
    method,
    status,
    s3Code: reason.code,
    requestId: headers.get('x-amz-request-id') ?? '',
    ...retryAfter(headers),
  }
  const make = (
    code: LakeError['code'],
    title: string,
    more: { outcome?: Outcome; likely?: string; remedy?: string } = {},
  ) => new LakeError(code, title, { context, ...more })

  if (isWebPage(failure)) {
    return make(
      'BAD_RESPONSE',
      `${originOf(failure.url)} answered with a web page instead of S3's XML (status ${status})`,
      {
        likely:
          'The address is that of a web console or a proxy; the console of MinIO has a port of its own.',
        remedy: "Set S3_ENDPOINT to the address of the S3 API (MinIO's default port is 9000).",
      },
    )
  }
  if (isJson(failure)) {
    return make(
      'BAD_RESPONSE',
      `${originOf(failure.url)} answered JSON instead of S3's XML (status ${status})`,
      {
        likely: 'Another service listens there, such as the catalog.',
        remedy: "Set S3_ENDPOINT to the address of the S3 API (MinIO's default port is 9000).",
      },
    )
  }
  const region = reason.region ?? headers.get('x-amz-bucket-region')
  if ((status === 301 || status === 307 || status === 400) && region !== null && region !== failure.region) {
    return make('SETTING', `The bucket ${failure.bucket} is not in region ${failure.region}`, {
      likely: `It is in region ${region}.`,
      remedy: `Set S3_REGION to ${region}.`,
    })
  }
  if (throttled.has(reason.code) || status === 503 || status === 429) {
    return make('THROTTLED', `S3 asks to slow down (status ${status} ${reason.code})`, {
      outcome: 'retry',
      likely: 'The store is overloaded or still starting.',
      remedy: 'Wait; lower the load if it lasts.',
    })
  }
  if (transient.has(reason.code)) {
    return make('SERVER', `S3 did not take the request: ${reason.message || reason.code}`, {
      outcome: 'retry',
    })
  }
  switch (reason.code) {
    case 'NoSuchBucket':
      return make('NO_BUCKET', `The bucket ${failure.bucket} does not exist`, {
        remedy: 'Create the bucket (the check does it), or correct S3_BUCKET.',
      })
    case 'SignatureDoesNotMatch':
      return make('UNAUTHORIZED', 'S3 refused the signature of the request', {
        likely: 'The secret key does not belong to the access key, or a proxy rewrites the address.',
        remedy: 'Correct S3_SECRET_KEY.',
      })
    case 'InvalidAccessKeyId':
      return make('UNAUTHORIZED', 'S3 does not know the access key', {
        likely: 'The access key is mistyped or belongs to another store.',
        remedy: 'Correct S3_ACCESS_KEY.',
      })
    case 'ExpiredToken':
    case 'InvalidToken':
      return make('UNAUTHORIZED', 'The credentials for S3 have expired', { remedy: 'Get new credentials.' })
    case 'RequestTimeTooSkewed':
      return make(
        'CLOCK_SKEW',
        `The clock of this machine and that of S3 differ by ${skewSeconds(failure)}`,
        {
          likely: 'One of the two clocks is wrong; S3 refuses a signature that is more than 15 minutes off.',
          remedy: 'Switch on time synchronisation where the clock is wrong.',
        },
      )
    case 'AccessDenied':
    case 'AllAccessDisabled':
    case 'AccountProblem':
      return make('FORBIDDEN', `S3 refused ${method} on ${failure.location}`, {
        likely: 'The access key lacks the permission for it.',
        remedy: `Grant the access key rights on bucket ${failure.bucket}.`,
      })
    case 'NoSuchKey':
    case 'NoSuchUpload':
    case 'NoSuchVersion':
      return make('NOT_FOUND', `${failure.location} does not exist`)
    case 'PreconditionFailed':
      return make('PRECONDITION_FAILED', `${failure.location} was changed by another writer`)
    case 'BucketAlreadyOwnedByYou':
    case 'BucketAlreadyExists':
      return make('ALREADY_EXISTS', `The bucket ${failure.bucket} exists already`)
    case 'NotImplemented':
      return make('UNSUPPORTED', `S3 does not offer this: ${reason.message}`)
    case 'XMinioStorageFull':
    case 'QuotaExceeded':
    case 'EntityTooLarge':
      return make('SERVER', `S3 cannot store it: ${reason.message || reason.code}`, {
        remedy: 'Free space in the store.',
      })
    default:
      return byStatus(failure, reason, make)
  }
}

function byStatus(
  { status, location, method }: S3Failure,
  reason: Reason,
  make: (code: LakeError['code'], title: string, more?: { outcome?: Outcome }) => LakeError,
): LakeError {
  const detail = reason.message || reason.code || `status ${status}`
  if (status === 404) return make('NOT_FOUND', `${location} does not exist`)
  if (status === 412) return make('PRECONDITION_FAILED', `${location} was changed by another writer`)
  if (status === 401) return make('UNAUTHORIZED', `S3 refused the credentials: ${detail}`)
  if (status === 403) return make('FORBIDDEN', `S3 refused ${method} on ${location}: ${detail}`)
  if (status === 408)
    return make('TIMEOUT', `S3 gave up waiting for the request: ${detail}`, { outcome: 'retry' })
  if (status >= 500) {
    const reads = method === 'GET' || method === 'HEAD'
    return make('SERVER', `S3 failed: ${detail}`, { outcome: reads ? 'retry' : 'unknown' })
  }
  return make('BAD_RESPONSE', `S3 refused ${method} on ${location}: ${detail}`)
}

/** The body's `<Error>`; MinIO repeats it in headers, which is all that an answer to HEAD has. */
function reasonOf({ headers, body }: S3Failure): Reason {
  const fromHeaders = {
    code: headers.get('x-minio-error-code') ?? '',
    message: (headers.get('x-minio-error-desc') ?? '').replace(/^"|"$/g, ''),
    region: null,
  }
  if (body.trim() === '') return fromHeaders
  try {
    const error = parseXml(body)
    if (error.name !== 'Error') return fromHeaders
    return {
      code: childText(error, 'Code') ?? fromHeaders.code,
      message: childText(error, 'Message') ?? fromHeaders.message,
      region: childText(error, 'Region'),
    }
  } catch {
    return fromHeaders
  }
}

/** Whether an answer is a page for people: S3 answers XML, and names itself in a request id. */
export function isWebPage({ headers, body }: { readonly headers: Headers; readonly body: string }): boolean {
  if (headers.has('x-amz-request-id')) return false
  return (
    /^\s*(<!doctype html|<html)/i.test(body) || (headers.get('content-type') ?? '').startsWith('text/html')
  )
}

/** Whether an answer is of a service that speaks JSON, which S3 never does. */
function isJson({ headers, body }: S3Failure): boolean {
  return !headers.has('x-amz-request-id') && /^\s*[{[]/.test(body)
}

function retryAfter(headers: Headers): { retryAfterMs?: number } {
  const seconds = headers.get('retry-after')
  return seconds !== null && /^\d{1,5}$/.test(seconds) ? { retryAfterMs: Number(seconds) * 1000 } : {}
}

function skewSeconds({ headers, now }: S3Failure): string {
  const theirs = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(theirs) ? 'more than is allowed' : `${Math.round(Math.abs(theirs - now) / 1000)} s`
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url
}
