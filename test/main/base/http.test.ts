import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHttp, type Http, type HttpOptions } from '../../../src/main/base/http.ts'
import { discardBody, readBody, readText } from '../../../src/main/base/http-body.ts'
import { selfSigned } from '../../helpers/certificate.ts'
import { type HttpScript, startHttpScript } from '../../helpers/http-script.ts'

const limits: HttpOptions = { connectTimeoutMs: 1_000, timeoutMs: 5_000 }
const get = { method: 'GET', headers: {} }
const post = { method: 'POST', headers: {}, body: 'x' }

async function listen(server: Server): Promise<number> {
  await new Promise<void>((started) => server.listen(0, '127.0.0.1', started))
  return (server.address() as AddressInfo).port
}

async function fetchOnce(url: string, init = get, options: Partial<HttpOptions> = {}): Promise<unknown> {
  const http = createHttp({ ...limits, ...options })
  try {
    return await readText(await http.fetch(url, init), { maxBytes: 1_000 })
  } finally {
    await http.close()
  }
}

describe('http', () => {
  let script: HttpScript
  let http: Http

  beforeEach(async () => {
    script = await startHttpScript(({ body }) => ({ status: 200, body }))
    http = createHttp(limits)
  })
  afterEach(async () => {
    await http.close()
    await script.close()
  })

  test('sends method, headers and body, and gives any status as an answer', async () => {
    script.next({ answer: { status: 503, body: 'no', headers: { 'x-reason': 'busy' } }, apply: true })
    const init = { method: 'PUT', headers: { 'x-a': 'b' }, body: new Uint8Array([1, 2, 3]) }
    const response = await http.fetch(`${script.url}/path?q=1`, init)
    expect([response.status, response.headers.get('x-reason')]).toEqual([503, 'busy'])
    expect(await readText(response, { maxBytes: 10 })).toBe('no')
    expect(script.requests[0]).toMatchObject({ method: 'PUT', url: '/path?q=1', headers: { 'x-a': 'b' } })
    expect(script.requests[0]?.body).toEqual(Buffer.from([1, 2, 3]))
  })

  test('follows no redirect', async () => {
    const other = await startHttpScript()
    script.next({ answer: { status: 302, headers: { location: `${other.url}/` } } })
    const response = await http.fetch(script.url, {
      method: 'GET',
      headers: { authorization: 'Bearer canary' },
    })
    expect(response.status).toBe(302)
    await discardBody(response)
    expect(other.requests).toEqual([])
    await other.close()
  })

  test('says REFUSED, to be tried again, where nothing listens', async () => {
    const server = createTcpServer()
    const port = await listen(server)
    await new Promise((closed) => server.close(closed))
    const error: unknown = await fetchOnce(`http://127.0.0.1:${port}/a?token=canary`, post).catch(
      (thrown) => thrown,
    )
    expect(error).toMatchObject({
      code: 'REFUSED',
      outcome: 'retry',
      likely: expect.any(String),
      remedy: expect.any(String),
    })
    expect(error).toMatchObject({ context: { url: `http://127.0.0.1:${port}/a` } })
  })

  test.each(['http://user:canary@127.0.0.1/', 'file:///etc/passwd', 'localhost:9000', '::'])(
    'refuses the address %s',
    async (url) => {
      const error: unknown = await fetchOnce(url).catch((thrown) => thrown)
      expect(error).toMatchObject({ code: 'SETTING' })
      expect(String(error)).not.toContain('canary')
    },
  )

  test('says DNS where the name is unknown', async () => {
    const lookup: HttpOptions['lookup'] = (_, __, done) => {
      done(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), '', 4)
    }
    await expect(fetchOnce('http://lake.example:9000/', post, { lookup })).rejects.toMatchObject({
      code: 'DNS',
      outcome: 'retry',
      message: expect.stringContaining('lake.example'),
    })
  })

  test.each([
    ['GET', get, 'retry'],
    ['POST', post, 'unknown'],
  ])('says TIMEOUT for a silent service: %s is %s', async (_, init, outcome) => {
    script.next({ delayMs: 5_000 })
    await expect(fetchOnce(script.url, init, { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      outcome,
    })
  })

  test.each([
    ['before', get, 'retry'],
    ['before', post, 'unknown'],
    ['after', post, 'unknown'],
    ['body', get, 'retry'],
  ] as const)('says NETWORK for a connection cut (%s)', async (cut, init, outcome) => {
    script.next({ cut, change: () => ({ status: 200, body: 'a longer body' }) })
    await expect(fetchOnce(script.url, init)).rejects.toMatchObject({ code: 'NETWORK', outcome })
  })

  test('says BAD_RESPONSE where another protocol is spoken', async () => {
    const server = createTcpServer((socket) => {
      socket.once('data', () => socket.end('\x00\x00\x00\x05kafka'))
    })
    const url = `http://127.0.0.1:${await listen(server)}/`
    await expect(fetchOnce(url)).rejects.toMatchObject({ code: 'BAD_RESPONSE', outcome: 'reject' })
    await new Promise((closed) => server.close(closed))
  })

  test('says CANCELLED when the caller stops, before or while', async () => {
    await expect(http.fetch(script.url, { ...get, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    expect(script.requests).toHaveLength(0)
    const abort = new AbortController()
    script.next({ delayMs: 5_000 })
    const exchange = http.fetch(script.url, { ...post, signal: abort.signal })
    setTimeout(() => abort.abort(), 20)
    await expect(exchange).rejects.toMatchObject({ code: 'CANCELLED', outcome: 'unknown' })
  })

  test('reads no more of a body than is allowed, compressed or not', async () => {
    const body = gzipSync(Buffer.alloc(50_000_000))
    script.next(
      { answer: { status: 200, body, headers: { 'content-encoding': 'gzip' } } },
      { answer: { status: 200, body } },
    )
    const bomb = await http.fetch(script.url, get)
    await expect(readBody(bomb, { maxBytes: 1_000_000 })).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
    const long = await http.fetch(script.url, get)
    await expect(readBody(long, { maxBytes: 1_000 })).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
    script.next({ answer: { status: 200, body: 'x'.repeat(1_000) } })
    expect(await readBody(await http.fetch(script.url, get), { maxBytes: 1_000 })).toHaveLength(1_000)
  })
})

describe('TLS', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tarn-tls-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function withServer(
    pair: ReturnType<typeof selfSigned>,
    fn: (url: string, caFile: string) => Promise<void>,
  ) {
    const server = createTlsServer({ cert: pair.certificate, key: pair.key }, (_, answer) =>
      answer.end('safe'),
    )
    const port = await listen(server)
    const caFile = join(folder, 'ca.pem')
    await writeFile(caFile, pair.certificate)
    await fn(`https://127.0.0.1:${port}/`, caFile)
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }

  test('refuses a self-signed certificate until its authority is chosen', async () => {
    await withServer(selfSigned(), async (url, caFile) => {
      await expect(fetchOnce(url)).rejects.toMatchObject({
        code: 'TLS',
        outcome: 'reject',
        remedy: expect.stringContaining('CA file'),
      })
      expect(await fetchOnce(url, get, { caFile })).toBe('safe')
    })
  })

  test('refuses a certificate that has expired', async () => {
    const pair = selfSigned(Date.now() - 7_200_000, Date.now() - 3_600_000)
    await withServer(pair, async (url, caFile) => {
      await expect(fetchOnce(url, get, { caFile })).rejects.toThrow('has expired')
    })
  })

  test('refuses a certificate that is not valid yet, and suspects the clock', async () => {
    await withServer(selfSigned(Date.now() + 3_600_000), async (url, caFile) => {
      await expect(fetchOnce(url, get, { caFile })).rejects.toMatchObject({
        code: 'TLS',
        remedy: 'Compare the clock with the real time first; if it is right, renew the certificate.',
      })
    })
  })

  test('refuses a certificate for another address', async () => {
    const pair = selfSigned(undefined, undefined, [127, 0, 0, 9])
    await withServer(pair, async (url, caFile) => {
      await expect(fetchOnce(url, get, { caFile })).rejects.toThrow('is for another name')
    })
  })

  test('tells a service without TLS', async () => {
    const script = await startHttpScript()
    await expect(fetchOnce(script.url.replace('http:', 'https:'))).rejects.toMatchObject({
      code: 'TLS',
      remedy: expect.stringContaining('http://'),
    })
    await script.close()
  })

  test('refuses a CA file that is missing or no certificate', async () => {
    const path = join(folder, 'other.pem')
    await writeFile(path, 'hello')
    for (const caFile of [path, join(folder, 'none.pem')]) {
      expect(() => createHttp({ ...limits, caFile })).toThrow(expect.objectContaining({ code: 'SETTING' }))
    }
  })
})
