import { randomUUID } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { systemClock } from '../../src/main/base/clock.ts'
import { createHttp } from '../../src/main/base/http.ts'
import { Secret } from '../../src/main/base/secret.ts'
import { s3Storage } from '../../src/main/storage/s3.ts'
import { bucketExists, createBucket } from '../../src/main/storage/s3-bucket.ts'
import type { S3Options } from '../../src/main/storage/s3-client.ts'
import { storageContract } from '../contract/storage.ts'
import { collect } from '../helpers/collect.ts'
import { proxyUpstream, startHttpScript } from '../helpers/http-script.ts'

const { s3 } = inject('services')

function connect(more: Partial<S3Options> = {}) {
  const http = createHttp({ connectTimeoutMs: 5_000, timeoutMs: 30_000 })
  const options: S3Options = {
    http,
    endpoint: s3.endpoint,
    region: s3.region,
    accessKey: new Secret(s3.accessKey),
    secretKey: new Secret(s3.secretKey),
    pathStyle: true,
    clock: systemClock,
    retry: { attempts: 3, baseMs: 1 },
    ...more,
  }
  return { http, options }
}

storageContract('MinIO', async () => {
  const { http, options } = connect()
  const bucket = `storage-${randomUUID()}`
  await createBucket(options, bucket)
  return { storage: s3Storage(options), folder: `s3a://${bucket}/warehouse/`, close: () => http.close() }
})

describe('MinIO', () => {
  async function withBucket(
    more: Partial<S3Options>,
    fn: (options: S3Options, bucket: string) => Promise<void>,
  ) {
    const { http, options } = connect(more)
    const bucket = `storage-${randomUUID()}`
    try {
      await createBucket({ ...options, endpoint: s3.endpoint }, bucket)
      await fn(options, bucket)
    } finally {
      await http.close()
    }
  }

  test('creates a bucket once and knows it afterwards', async () => {
    const { http, options } = connect()
    const bucket = `storage-${randomUUID()}`
    expect(await bucketExists(options, bucket)).toBe(false)
    expect(await createBucket(options, bucket)).toBe('created')
    expect(await createBucket(options, bucket)).toBe('existed')
    expect(await bucketExists(options, bucket)).toBe(true)
    await http.close()
  })

  test('says NO_BUCKET for objects of a bucket that is not there', async () => {
    const { http, options } = connect()
    const storage = s3Storage(options)
    const location = `s3://storage-${randomUUID()}/object`
    await expect(storage.read(location)).rejects.toMatchObject({ code: 'NO_BUCKET' })
    await expect(storage.stat(location)).rejects.toMatchObject({ code: 'NO_BUCKET' })
    await expect(storage.write(location, new Uint8Array(1))).rejects.toMatchObject({ code: 'NO_BUCKET' })
    await expect(collect(storage.list(location))).rejects.toMatchObject({ code: 'NO_BUCKET' })
    await http.close()
  })

  test.each([
    ['a wrong secret key', { secretKey: new Secret('not-the-key') }, 'UNAUTHORIZED', 'S3_SECRET_KEY'],
    ['an unknown access key', { accessKey: new Secret('nobody') }, 'UNAUTHORIZED', 'S3_ACCESS_KEY'],
    ['a clock an hour behind', { clock: () => Date.now() - 3_600_000 }, 'CLOCK_SKEW', 'clock'],
  ])('names the remedy for %s', async (_, more, code, remedy) => {
    const { http, options } = connect(more)
    const storage = s3Storage(options)
    const expected = { code, outcome: 'reject', remedy: expect.stringContaining(remedy) }
    await expect(bucketExists(options, 'any-bucket')).rejects.toMatchObject(expected)
    await expect(storage.read('s3://any-bucket/object')).rejects.toMatchObject(expected)
    await expect(storage.stat('s3://any-bucket/object')).rejects.toMatchObject(expected)
    await http.close()
  })

  test('stores an object in parts, with conditions', async () => {
    await withBucket({ partBytes: 5 * 2 ** 20 }, async (options, bucket) => {
      const storage = s3Storage(options)
      const bytes = new Uint8Array(11 * 2 ** 20).map((_, index) => index >> 10)
      const info = await storage.write(`s3://${bucket}/large`, bytes, { only: 'absent' })
      expect(info).toMatchObject({ size: bytes.byteLength, etag: expect.stringMatching(/-3$/) })
      expect(Buffer.compare(await storage.read(`s3://${bucket}/large`), bytes)).toBe(0)
      const again = storage.write(`s3://${bucket}/large`, bytes, { only: 'absent' })
      await expect(again).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
    })
  })

  test('takes a conditional write whose answer was lost for its own', async () => {
    await withBucket({}, async (options, bucket) => {
      const script = await startHttpScript(proxyUpstream(s3.endpoint))
      const storage = s3Storage({ ...options, endpoint: script.url })
      script.next({ cut: 'after' })
      const bytes = new TextEncoder().encode('mine')
      await storage.write(`s3://${bucket}/pointer`, bytes, { only: 'absent' })
      expect(script.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'HEAD'])
      script.next({ cut: 'before' })
      const lost = storage.write(`s3://${bucket}/pointer`, new TextEncoder().encode('other'), {
        only: 'absent',
      })
      await expect(lost).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
      expect(new TextDecoder().decode(await storage.read(`s3://${bucket}/pointer`))).toBe('mine')
      await script.close()
    })
  })

  test('does not take bytes that were changed on the way', async () => {
    await withBucket({}, async (options, bucket) => {
      const script = await startHttpScript(proxyUpstream(s3.endpoint))
      const storage = s3Storage({ ...options, endpoint: script.url })
      script.next({ request: (request) => ({ ...request, body: request.body.subarray(0, 3) }) })
      await storage.write(`s3://${bucket}/object`, new TextEncoder().encode('whole'))
      expect(script.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT'])
      expect(new TextDecoder().decode(await storage.read(`s3://${bucket}/object`))).toBe('whole')
      await script.close()
    })
  })

  test('joins parts once though the answer was lost, and leaves none behind after a failure', async () => {
    await withBucket({ partBytes: 5 * 2 ** 20 }, async (options, bucket) => {
      const script = await startHttpScript(proxyUpstream(s3.endpoint))
      const storage = s3Storage({ ...options, endpoint: script.url })
      const bytes = new Uint8Array(6 * 2 ** 20).fill(5)
      script.next({ match: ({ method, url }) => method === 'POST' && url.includes('uploadId'), cut: 'after' })
      expect((await storage.write(`s3://${bucket}/large`, bytes)).size).toBe(bytes.byteLength)
      const refuse = {
        match: ({ url }: { url: string }) => url.includes('partNumber=2'),
        answer: { status: 403 },
      }
      script.next(refuse)
      await expect(storage.write(`s3://${bucket}/other`, bytes)).rejects.toMatchObject({ code: 'FORBIDDEN' })
      expect(script.requests.at(-1)).toMatchObject({
        method: 'DELETE',
        url: expect.stringContaining('uploadId='),
      })
      expect(await storage.stat(`s3://${bucket}/other`)).toBeNull()
      await script.close()
    })
  })
})
