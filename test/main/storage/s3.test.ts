import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHttp, type FetchInit, type Http } from '../../../src/main/base/http.ts'
import { Secret } from '../../../src/main/base/secret.ts'
import { s3Storage } from '../../../src/main/storage/s3.ts'
import { bucketExists, bucketFacts, createBucket } from '../../../src/main/storage/s3-bucket.ts'
import { createS3Client, type S3Options } from '../../../src/main/storage/s3-client.ts'
import type { Storage } from '../../../src/main/storage/storage.ts'
import { collect } from '../../helpers/collect.ts'
import { type Answer, type HttpScript, type SeenRequest, startHttpScript } from '../../helpers/http-script.ts'

const now = Date.UTC(2024, 0, 2, 3, 4, 5)
const bytes = new TextEncoder().encode('the whole object')
const location = 's3a://lake/a/object'

/** Answers like S3 for single objects, with the conditions and checksums that the storage relies on. */
function smallS3(): (request: SeenRequest) => Answer {
  const objects = new Map<string, Buffer>()
  const id = { 'x-amz-request-id': 'TEST' }
  const etag = (body: Buffer) => `"${createHash('md5').update(body).digest('hex')}"`
  const sum = (body: Buffer) => createHash('sha256').update(body).digest('base64')
  return ({ method, url, headers, body }) => {
    const found = objects.get(url)
    if (method === 'PUT') {
      if (headers['if-none-match'] === '*' && found !== undefined) return fault(412, 'PreconditionFailed')
      objects.set(url, body)
      return { status: 200, headers: { ...id, etag: etag(body), 'x-amz-checksum-sha256': sum(body) } }
    }
    if (method === 'DELETE') return { status: objects.delete(url) ? 204 : 204, headers: id }
    if (found === undefined) return fault(404, 'NoSuchKey')
    return {
      status: 200,
      headers: {
        ...id,
        etag: etag(found),
        'x-amz-checksum-sha256': sum(found),
        'content-length': String(found.length),
      },
      body: found,
    }
  }
}

function fault(status: number, code: string, more = '', headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': 'TEST', ...headers },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>said &quot;no&quot;</Message>${more}</Error>`,
  }
}

describe('S3', () => {
  let http: Http
  let script: HttpScript
  let options: S3Options
  let storage: Storage
  let pauses: number[]

  beforeEach(async () => {
    http = createHttp({ connectTimeoutMs: 2_000, timeoutMs: 10_000 })
    script = await startHttpScript(smallS3())
    pauses = []
    options = {
      http,
      endpoint: script.url,
      region: 'us-east-1',
      accessKey: new Secret('AKIDEXAMPLE'),
      secretKey: new Secret('canary-secret'),
      pathStyle: true,
      clock: () => now,
      retry: {
        attempts: 4,
        random: () => 0.5,
        sleep: async (ms) => {
          pauses.push(ms)
        },
      },
    }
    storage = s3Storage(options)
  })
  afterEach(async () => {
    await http.close()
    await script.close()
  })

  const methods = () => script.requests.map(({ method }) => method)

  test('costs one request for a write, a read and a stat', async () => {
    await storage.write(location, bytes)
    await storage.stat(location)
    await storage.read(location)
    expect(methods()).toEqual(['PUT', 'HEAD', 'GET'])
    expect(script.requests[0]?.headers['x-amz-checksum-sha256']).toBe(
      createHash('sha256').update(bytes).digest('base64'),
    )
  })

  test.each([
    ['503 SlowDown', fault(503, 'SlowDown')],
    ['500 InternalError', fault(500, 'InternalError')],
    ['502 of a proxy', { status: 502, body: 'bad gateway' }],
    ['400 RequestTimeout', fault(400, 'RequestTimeout')],
  ])('tries again after %s', async (_, answer) => {
    script.next({ answer }, { answer })
    await storage.write(location, bytes)
    script.next({ answer })
    expect(await storage.read(location)).toEqual(bytes)
    expect(methods()).toEqual(['PUT', 'PUT', 'PUT', 'GET', 'GET'])
    expect(pauses).toEqual([50, 100, 50])
  })

  test.each(['before', 'body'] as const)('tries again when the connection is cut (%s)', async (cut) => {
    await storage.write(location, bytes)
    script.next({ cut })
    expect(await storage.read(location)).toEqual(bytes)
    expect(methods()).toEqual(['PUT', 'GET', 'GET'])
  })

  test('tries again when the service stays silent', async () => {
    const impatient = createHttp({ connectTimeoutMs: 2_000, timeoutMs: 100 })
    const patience = s3Storage({ ...options, http: impatient })
    await patience.write(location, bytes)
    script.next({ delayMs: 3_000 })
    expect(await patience.read(location)).toEqual(bytes)
    await impatient.close()
  })

  test('waits as long as Retry-After asks', async () => {
    script.next({ answer: fault(503, 'SlowDown', '', { 'retry-after': '3' }) })
    await storage.write(location, bytes)
    expect(pauses).toEqual([3_000])
  })

  test('gives up after its attempts and says how many there were', async () => {
    script.next(...Array.from({ length: 4 }, () => ({ answer: fault(503, 'SlowDown') })))
    await expect(storage.write(location, bytes)).rejects.toMatchObject({
      code: 'THROTTLED',
      outcome: 'retry',
      context: { attempts: 4, s3Code: 'SlowDown' },
    })
    expect(script.left()).toBe(0)
  })

  test('calls a write unknown if any attempt of it may have landed', async () => {
    script.next({ cut: 'after' }, ...Array.from({ length: 3 }, () => ({ answer: fault(503, 'SlowDown') })))
    await expect(storage.write(location, bytes)).rejects.toMatchObject({
      code: 'THROTTLED',
      outcome: 'unknown',
    })
  })

  test('takes a conditional write whose answer was lost for its own', async () => {
    script.next({ cut: 'after' })
    await storage.write(location, bytes, { only: 'absent' })
    expect(methods()).toEqual(['PUT', 'PUT', 'HEAD'])
  })

  test("does not take another writer's object for its own after a lost answer", async () => {
    await storage.write(location, new TextEncoder().encode('of another writer'))
    script.next({ cut: 'after' })
    const write = storage.write(location, bytes, { only: 'absent' })
    await expect(write).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
  })

  test('sends again what was stored short, and fails if it stays so', async () => {
    const shorten = (request: SeenRequest) => ({ ...request, body: request.body.subarray(0, 5) })
    script.next({ request: shorten })
    await storage.write(location, bytes)
    expect(await storage.read(location)).toEqual(bytes)
    script.next(...Array.from({ length: 4 }, () => ({ request: shorten })))
    await expect(storage.write(location, bytes)).rejects.toMatchObject({
      code: 'CORRUPT',
      outcome: 'unknown',
    })
  })

  test('compares MD5 where the service tells no checksum, and length where it tells neither', async () => {
    const without =
      (...names: string[]) =>
      (answer: Answer) => ({
        ...answer,
        headers: Object.fromEntries(
          Object.entries(answer.headers ?? {}).filter(([name]) => !names.includes(name)),
        ),
      })
    script.next({ change: without('x-amz-checksum-sha256') })
    await storage.write(location, bytes)
    expect(methods()).toEqual(['PUT'])
    script.next({ change: without('x-amz-checksum-sha256', 'etag') })
    await storage.write(location, bytes)
    expect(methods()).toEqual(['PUT', 'PUT', 'HEAD'])
  })

  test('cuts the range itself where the service ignores it', async () => {
    await storage.write(location, bytes)
    expect(await storage.read(location, { range: { start: 4, end: 9 } })).toEqual(bytes.slice(4, 9))
  })

  test('asks again when another range comes back', async () => {
    const partial = (range: string, body: string): Answer => ({
      status: 206,
      headers: { 'x-amz-request-id': 'TEST', 'content-range': range },
      body,
    })
    script.next({ answer: partial('bytes 0-4/16', 'the w') }, { answer: partial('bytes 4-8/16', 'whole') })
    expect(await storage.read(location, { range: { start: 4, end: 9 } })).toEqual(bytes.slice(4, 9))
  })

  test.each([
    [fault(403, 'SignatureDoesNotMatch'), 'UNAUTHORIZED', 'S3_SECRET_KEY'],
    [fault(403, 'InvalidAccessKeyId'), 'UNAUTHORIZED', 'S3_ACCESS_KEY'],
    [fault(403, 'AccessDenied'), 'FORBIDDEN', 'rights'],
    [
      fault(403, 'RequestTimeTooSkewed', '', { date: new Date(now + 7_200_000).toUTCString() }),
      'CLOCK_SKEW',
      'clock',
    ],
    [fault(404, 'NoSuchBucket'), 'NO_BUCKET', 'S3_BUCKET'],
    [fault(400, 'AuthorizationHeaderMalformed', '<Region>eu-west-1</Region>'), 'SETTING', 'eu-west-1'],
    [fault(301, 'PermanentRedirect', '', { 'x-amz-bucket-region': 'eu-west-1' }), 'SETTING', 'eu-west-1'],
    [{ status: 403, headers: { 'content-type': 'text/html' }, body: '<html>' }, 'BAD_RESPONSE', '9000'],
    [
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html>' },
      'BAD_RESPONSE',
      '9000',
    ],
  ])('explains %j as %s and names the remedy', async (answer, code, remedy) => {
    script.next({ answer })
    const error = await storage.read(location).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code, outcome: 'reject', remedy: expect.stringContaining(remedy) })
    expect(script.requests).toHaveLength(1)
    expect(JSON.stringify(error)).not.toContain('canary-secret')
  })

  test('tells by how much the clocks differ', async () => {
    script.next({
      answer: fault(403, 'RequestTimeTooSkewed', '', { date: new Date(now + 7_200_000).toUTCString() }),
    })
    await expect(storage.read(location)).rejects.toThrow('7200 s')
  })

  test('finds the reason that an answer to HEAD cannot tell', async () => {
    script.next(
      { answer: { status: 403, headers: { 'x-amz-request-id': 'TEST' } } },
      { answer: fault(403, 'InvalidAccessKeyId') },
    )
    await expect(storage.stat(location)).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(methods()).toEqual(['HEAD', 'GET'])
  })

  test('follows no redirect, so that no other host sees a signature', async () => {
    const other = await startHttpScript()
    script.next({ answer: { status: 307, headers: { location: `${other.url}/lake/a/object` } } })
    await expect(storage.read(location)).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
    expect(other.requests).toEqual([])
    await other.close()
  })

  test.each([
    ['', 'no root'],
    ['<Error>', 'unclosed'],
    ['<html><body>Console</body></html>', 'a page'],
    ['<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult/>', 'a document type'],
    ['<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>', 'no token'],
    ['<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>', 'no size'],
  ])('refuses %s as a listing (%s)', async (body) => {
    script.next({ answer: { status: 200, headers: { 'x-amz-request-id': 'TEST' }, body } })
    await expect(collect(storage.list('s3://lake/'))).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
  })

  test('does not list in circles', async () => {
    const body =
      '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>'
    const answer = { status: 200, headers: { 'x-amz-request-id': 'TEST' }, body }
    script.next({ answer }, { answer }, { answer })
    await expect(collect(storage.list('s3://lake/'))).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
    expect(script.requests).toHaveLength(2)
  })

  test.each([
    's3://lake',
    's3://lake/',
    's3://lake/a/../b',
    's3://lake/./b',
    's3:///key',
    's3://la ke/key',
    's3://user:pass@host/key',
    'file:///etc/passwd',
    's3://lake/\ud800',
  ])('refuses the location %j before any request', async (bad) => {
    await expect(storage.read(bad)).rejects.toMatchObject({ code: 'INVALID' })
    await expect(storage.write(bad, bytes)).rejects.toMatchObject({ code: 'INVALID' })
    expect(script.requests).toEqual([])
  })

  test.each(['localhost:9000', 'ftp://host', '', 'http://user:canary@host'])(
    'refuses the endpoint %j',
    (endpoint) => {
      expect(() => s3Storage({ ...options, endpoint })).toThrow(expect.objectContaining({ code: 'SETTING' }))
    },
  )

  test('asks for a bucket in its region', async () => {
    script.next({ answer: { status: 200, headers: { 'x-amz-request-id': 'TEST' } } })
    expect(await createBucket({ ...options, region: 'eu-west-1' }, 'lake')).toBe('created')
    expect(script.requests[0]?.body.toString()).toContain(
      '<LocationConstraint>eu-west-1</LocationConstraint>',
    )
    script.next(
      { answer: fault(409, 'BucketAlreadyOwnedByYou') },
      { answer: fault(409, 'BucketAlreadyExists') },
    )
    expect(await createBucket(options, 'lake')).toBe('existed')
    await expect(createBucket(options, 'lake')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await expect(createBucket(options, 'Not A Bucket')).rejects.toMatchObject({ code: 'SETTING' })
  })

  test('tells what a bucket does by itself to objects', async () => {
    const xml = (body: string): Answer => ({
      status: 200,
      headers: { 'content-type': 'application/xml', 'x-amz-request-id': 'TEST' },
      body,
    })
    const asking = (what: string) => (request: SeenRequest) => request.url.includes(`?${what}`)
    script.next(
      {
        match: asking('versioning'),
        answer: xml('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'),
      },
      {
        match: asking('object-lock'),
        answer: xml(
          '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>',
        ),
      },
      {
        match: asking('lifecycle'),
        answer: xml(
          `<LifecycleConfiguration>
             <Rule><ID>a</ID><Status>Enabled</Status><Filter><Prefix>warehouse/</Prefix></Filter><Expiration><Days>30</Days></Expiration></Rule>
             <Rule><ID>b</ID><Status>Disabled</Status><Filter></Filter><Expiration><Days>1</Days></Expiration></Rule>
             <Rule><ID>c</ID><Status>Enabled</Status><Filter></Filter><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration></Rule>
           </LifecycleConfiguration>`,
        ),
      },
    )
    expect(await bucketFacts(options, 'lake')).toEqual({
      versioning: 'on',
      lock: true,
      expiry: ['objects under warehouse/ after 30 days'],
    })
    script.next(
      { match: asking('versioning'), answer: xml('<VersioningConfiguration/>') },
      { match: asking('object-lock'), answer: fault(404, 'ObjectLockConfigurationNotFoundError') },
      { match: asking('lifecycle'), answer: fault(404, 'NoSuchLifecycleConfiguration') },
    )
    expect(await bucketFacts(options, 'lake')).toEqual({ versioning: 'off', lock: false, expiry: [] })
    script.next(
      ...['versioning', 'object-lock', 'lifecycle'].map((what) => ({
        match: asking(what),
        answer: fault(403, 'AccessDenied'),
      })),
    )
    expect(await bucketFacts(options, 'lake')).toEqual({ versioning: null, lock: null, expiry: null })
  })

  test('says that a web console is no S3', async () => {
    const answer = {
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>MinIO Console</html>',
    }
    script.next({ answer })
    await expect(bucketExists(options, 'lake')).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
  })

  test('says that a catalog is no S3', async () => {
    const body =
      '{"error":{"message":"No route for request: GET lake/","type":"BadRequestException","code":400}}'
    script.next({ answer: { status: 400, headers: { 'content-type': 'application/json' }, body } })
    await expect(collect(storage.list('s3a://lake/'))).rejects.toMatchObject({
      code: 'BAD_RESPONSE',
      message: /JSON instead of S3's XML/,
      likely: /catalog/,
      remedy: /S3_ENDPOINT/,
    })
  })

  test.each(['lake', 'Lake'])(
    'never asks for %s at an address that takes no bucket in front',
    async (bucket) => {
      const endpoint = bucket === 'lake' ? script.url : 'http://s3.example.test'
      const elsewhere = s3Storage({ ...options, endpoint, pathStyle: false })
      await expect(elsewhere.write(`s3a://${bucket}/warehouse/object`, bytes)).rejects.toMatchObject({
        code: 'SETTING',
        remedy: /S3_PATH_STYLE_ACCESS=true/,
      })
      expect(script.requests).toEqual([])
    },
  )

  test('stops at once when cancelled', async () => {
    const abort = new AbortController()
    const gate = Promise.withResolvers<void>()
    script.next({ until: gate.promise })
    const read = storage.read(location, { signal: abort.signal })
    setTimeout(() => abort.abort(), 20)
    await expect(read).rejects.toMatchObject({ code: 'CANCELLED' })
    gate.resolve()
  })

  test('sends fewer requests at a time after SlowDown', async () => {
    let running = 0
    let most = 0
    const gentle: Pick<Http, 'fetch'> = {
      fetch: async (url, init) => {
        most = Math.max(most, ++running)
        try {
          return await http.fetch(url, init)
        } finally {
          running--
        }
      },
    }
    const narrow = s3Storage({ ...options, http: gentle, concurrency: 8 })
    const many = () =>
      Promise.all(Array.from({ length: 24 }, (_, index) => narrow.write(`${location}${index}`, bytes)))
    await many()
    expect(most).toBe(8)
    script.next(...Array.from({ length: 2 }, () => ({ answer: fault(503, 'SlowDown') })))
    await Promise.all([narrow.write(location, bytes), narrow.write(`${location}x`, bytes)])
    most = 0
    await many()
    expect(most).toBeLessThan(8)
  })
})

describe('the signature', () => {
  // the examples of "Signature Calculations for the Authorization Header" in the reference of the S3 API
  const seen: { url: string; init: FetchInit }[] = []
  const client = createS3Client({
    http: {
      fetch: async (url, init) => {
        seen.push({ url, init })
        return new Response('', { headers: { 'x-amz-request-id': 'TEST' } })
      },
    },
    endpoint: 'https://s3.amazonaws.com',
    region: 'us-east-1',
    accessKey: new Secret('AKIAIOSFODNN7EXAMPLE'),
    secretKey: new Secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
    pathStyle: false,
    clock: () => Date.UTC(2013, 4, 24),
  })

  test.each([
    [
      'test.txt',
      {},
      { range: 'bytes=0-9' },
      'https://examplebucket.s3.amazonaws.com/test.txt',
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      '',
      { 'max-keys': '2', prefix: 'J' },
      {},
      'https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('is that of the published example for %j %j', async (key, query, headers, url, signature) => {
    await client.call({
      method: 'GET',
      target: { scheme: 's3', bucket: 'examplebucket', key },
      query,
      headers,
    })
    const last = seen.at(-1)
    expect(last?.url).toBe(url)
    expect(last?.init.headers.authorization).toContain(`Signature=${signature}`)
  })
})
