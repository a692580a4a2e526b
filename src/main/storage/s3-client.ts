import { createHash } from 'node:crypto'
import { Hash } from '@smithy/hash-node'
import { SignatureV4 } from '@smithy/signature-v4'
import { LakeError } from '../../shared/errors.ts'
import type { Clock } from '../base/clock.ts'
import type { Http } from '../base/http.ts'
import { readBody } from '../base/http-body.ts'
import { createLimiter } from '../base/limiter.ts'
import { type RetryOptions, retry } from '../base/retry.ts'
import type { Secret } from '../base/secret.ts'
import type { S3Location } from './location.ts'
import { isWebPage, s3Error } from './s3-errors.ts'

export interface S3Options {
  /** Not closed by the storage. */
  readonly http: Pick<Http, 'fetch'>
  /** Origin of the S3 API, with its scheme. */
  readonly endpoint: string
  readonly region: string
  readonly accessKey: Secret
  readonly secretKey: Secret
  readonly sessionToken?: Secret
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  readonly pathStyle: boolean
  readonly clock: Clock
  readonly retry?: Partial<Omit<RetryOptions, 'signal' | 'when'>>
  /** Requests at a time at most; halved by every SlowDown. */
  readonly concurrency?: number
  /** Objects above it are sent in parts of this many bytes; S3 wants at least 5 MiB. */
  readonly partBytes?: number
}

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly target: S3Location
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** SHA-256 of the body, where it is known already. */
  readonly sha256?: Uint8Array
  readonly signal?: AbortSignal | undefined
  /** Bytes allowed in the answer. */
  readonly maxBytes?: number
  /** Looks at a 2xx answer; what it throws counts like any other failure of the attempt. */
  readonly verify?: (answer: S3Answer) => Promise<void> | void
}

export interface S3Answer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface S3Client {
  /**
   * Sends `request` until it is answered with 2xx or fails for good. `accept` may take a thrown error for success or
   * replace it (`throw`); `doubtful` tells whether an earlier attempt may have had its effect.
   */
  call(
    request: S3Request,
    accept?: (error: LakeError, doubtful: boolean) => Promise<S3Answer | null>,
  ): Promise<S3Answer>
}

const xmlBytes = 8 * 2 ** 20
const noBody = new Uint8Array(0)

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

export function md5Hex(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

/** Signs, sends and reads requests to one S3 endpoint. SETTING for an endpoint that is no address. */
export function createS3Client(options: S3Options): S3Client {
  const endpoint = parseEndpoint(options.endpoint)
  const limiter = createLimiter(options.concurrency ?? 32)
  const signer = new SignatureV4({
    service: 's3',
    region: options.region,
    uriEscapePath: false,
    applyChecksum: true,
    sha256: Hash.bind(null, 'sha256'),
    credentials: async () => ({
      accessKeyId: options.accessKey.reveal(),
      secretAccessKey: options.secretKey.reveal(),
      ...(options.sessionToken === undefined ? {} : { sessionToken: options.sessionToken.reveal() }),
    }),
  })

  function address({ bucket, key }: S3Location): URL {
    const url = new URL(endpoint)
    const base = url.pathname.replace(/\/$/, '')
    if (options.pathStyle) url.pathname = `${base}/${bucket}/${encodeKey(key)}`
    else {
      const name = `${bucket}.${url.hostname}`
      url.hostname = name
      // What is no host name, such as an IP address with a name in front, is passed over without a word.
      if (url.hostname !== name) throw notInHostName(bucket, options.endpoint)
      url.pathname = `${base}/${encodeKey(key)}`
    }
    return url
  }

  async function send(request: S3Request): Promise<S3Answer> {
    const { method, target, signal } = request
    const url = address(target)
    const body = request.body ?? noBody
    const digest = request.sha256 ?? sha256(body)
    const query = request.query ?? {}
    const signed = await signer.sign(
      {
        method,
        protocol: url.protocol,
        hostname: url.host,
        path: url.pathname,
        query,
        headers: {
          ...request.headers,
          host: url.host,
          'accept-encoding': 'identity',
          'x-amz-content-sha256': Buffer.from(digest).toString('hex'),
        },
      },
      { signingDate: new Date(options.clock()), unsignableHeaders: new Set(['accept-encoding']) },
    )
    const { host: _, ...headers } = signed.headers
    const response = await options.http.fetch(`${url.href}${queryString(query)}`, {
      method,
      headers,
      ...(body.byteLength === 0 && method !== 'PUT' && method !== 'POST' ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    })
    const maxBytes = response.ok ? (request.maxBytes ?? xmlBytes) : xmlBytes
    const bytes =
      method === 'HEAD' ? new Uint8Array(0) : await readBody(response, { maxBytes, signal, method })
    const { status, headers: answered } = response
    if (response.ok && !isWebPage({ headers: answered, body: '' }))
      return { status, headers: answered, bytes }
    throw s3Error({
      method,
      url: url.href,
      bucket: target.bucket,
      location: `${target.scheme}://${target.bucket}/${target.key}`,
      status,
      headers: answered,
      body: new TextDecoder().decode(bytes),
      region: options.region,
      now: options.clock(),
    })
  }

  async function call(
    request: S3Request,
    accept?: (error: LakeError, doubtful: boolean) => Promise<S3Answer | null>,
  ) {
    const started = options.clock()
    let doubtful = false
    let attempts = 0
    const once = async (): Promise<S3Answer> => {
      attempts++
      try {
        const answer = await limiter.run(() => send(request))
        await request.verify?.(answer)
        return answer
      } catch (error) {
        if (!(error instanceof LakeError)) throw error
        if (error.code === 'THROTTLED') limiter.slower()
        const accepted = await accept?.(error, doubtful)
        if (accepted) return accepted
        if (error.outcome === 'unknown') doubtful = true
        throw error
      }
    }
    try {
      return await retry(once, {
        attempts: 6,
        baseMs: 100,
        maxMs: 10_000,
        ...options.retry,
        signal: request.signal,
        // every request here may be sent twice: a second PUT stores the same bytes, and conditions are looked into
        when: (error) => error instanceof LakeError && error.outcome !== 'reject',
      })
    } catch (error) {
      if (!(error instanceof LakeError) || (attempts === 1 && !doubtful)) throw error
      throw new LakeError(error.code, error.message, {
        outcome: doubtful ? 'unknown' : error.outcome,
        context: { ...error.context, attempts, elapsedMs: options.clock() - started },
        ...(error.likely === undefined ? {} : { likely: error.likely }),
        ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
        cause: error,
      })
    }
  }

  return { call }
}

function parseEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null
  if (url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '') {
    if (url.username !== '' || url.password !== '') {
      throw new LakeError('SETTING', 'S3_ENDPOINT must not hold credentials', {
        remedy: 'Set S3_ACCESS_KEY and S3_SECRET_KEY instead.',
      })
    }
    return `${url.origin}${url.pathname}`
  }
  throw new LakeError('SETTING', `S3_ENDPOINT is no http:// or https:// address: ${endpoint}`, {
    remedy: 'Write it like http://localhost:9000.',
  })
}

function notInHostName(bucket: string, endpoint: string): LakeError {
  return new LakeError(
    'SETTING',
    `The bucket ${bucket} cannot stand in front of the address ${new URL(endpoint).host}`,
    {
      context: { endpoint, pathStyle: false },
      likely:
        'S3_PATH_STYLE_ACCESS is false, which puts the bucket in front of the host name: an IP address takes no name in front, and a host name no capitals.',
      remedy: 'Set S3_PATH_STYLE_ACCESS=true, which MinIO needs.',
    },
  )
}

/** Encodes segment by segment, as the signature wants it: only unreserved characters stay. */
function encodeKey(key: string): string {
  return key.split('/').map(encode).join('/')
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

function queryString(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`)
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
