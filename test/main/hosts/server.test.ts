import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RunningServer, startServer, TOKEN_FILE } from '../../../src/main/hosts/server/server.ts'
import { type TestApp, testApp } from '../../helpers/app.ts'

let one: TestApp
let pages: string
let server: RunningServer

beforeEach(async () => {
  one = testApp()
  pages = mkdtempSync(join(tmpdir(), 'tarn-pages-'))
  writeFileSync(join(pages, 'index.html'), '<html><head></head></html>')
  server = await startServer(one.app, { port: 0, pages, home: one.home })
})
afterEach(async () => {
  await server.close()
  await one.close()
  rmSync(pages, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
}

/** Raw, so that Host can be anything. */
function ask(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  host = '127.0.0.1',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host, port: server.port, path, method, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
    })
    call.on('error', reject).end()
  })
}

async function enter(): Promise<string> {
  const answer = await ask(server.url.slice(server.origin.length))
  return String(answer.headers['set-cookie']).split(';')[0] ?? ''
}

describe('the one-time address', () => {
  test('lets in once, into a cookie that scripts and other sites do not get', async () => {
    const path = server.url.slice(server.origin.length)
    const answer = await ask(path)
    expect(answer.status).toBe(303)
    expect(answer.headers.location).toBe('/')
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^tarn-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/,
    )
    expect(answer.headers['referrer-policy']).toBe('no-referrer')
    expect((await ask(path)).status).toBe(401)
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
    expect((await ask('/', { Cookie: cookie })).status).toBe(200)
    expect((await ask('/api/state', { Cookie: `other=1; ${cookie}` })).status).toBe(200)
  })

  test.each(['', 'x', 'A'.repeat(43)])('refuses the token %j', async (token) => {
    expect((await ask(`/?token=${token}`)).status).toBe(401)
    expect((await ask('/api/state', { Authorization: `Bearer ${token}` })).status).toBe(401)
    expect((await ask('/api/state', { Cookie: `tarn-${server.port}=${token}` })).status).toBe(401)
    expect((await enter()).length).toBeGreaterThan(43)
  })

  test('nothing is served without it, pages neither', async () => {
    for (const path of ['/', '/api/state', '/api/events', '/index.html'])
      expect((await ask(path)).status).toBe(401)
  })

  test('holds more than 128 random bits, new at each start', async () => {
    const token = new URL(server.url).searchParams.get('token') ?? ''
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    const other = await startServer(one.app, { port: 0, pages, home: null })
    expect(new URL(other.url).searchParams.get('token')).not.toBe(token)
    await other.close()
  })
})

describe('the token file', () => {
  test('is for its owner only, works as bearer, and goes with the server', async () => {
    const file = join(one.home, TOKEN_FILE)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const { origin, token } = JSON.parse(readFileSync(file, 'utf8')) as { origin: string; token: string }
    expect(origin).toBe(server.origin)
    expect((await ask('/api/state', { Authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await ask(`/?token=${token}`)).status).toBe(401)
    await server.close()
    expect(existsSync(file)).toBe(false)
  })
})

test('listens on the loopback address only', async () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .filter((address) => address?.family === 'IPv4' && !address.internal)
  for (const address of outside)
    await expect(ask('/', {}, 'GET', address?.address)).rejects.toThrow(/ECONNREFUSED/)
  expect((await ask('/')).status).toBe(401)
})

test.each(['evil.test', '0.0.0.0', 'localhost.evil.test', '127.0.0.1', '127.0.0.1:1', '[::1]'])(
  'refuses Host %j, with no body',
  async (host) => {
    const cookie = await enter()
    const answer = await ask('/api/state', { Host: host, Cookie: cookie })
    expect([400, 403]).toContain(answer.status)
    expect(answer.text).toBe('')
  },
)

test('refuses a foreign or missing Origin on a change, whatever the cookie', async () => {
  const cookie = await enter()
  const type = { 'Content-Type': 'application/json', Cookie: cookie }
  for (const origin of [
    {},
    { Origin: 'null' },
    { Origin: 'http://evil.test' },
    { Origin: `https://127.0.0.1:${server.port}` },
  ]) {
    const answer = await ask('/api/load/stop', { ...type, ...(origin as Record<string, string>) }, 'POST')
    expect([answer.status, answer.text]).toEqual([403, ''])
  }
})

test('frees its port where the token file cannot be written', async () => {
  const { port } = server
  await server.close()
  const home = join(pages, 'index.html')
  await expect(startServer(one.app, { port, pages, home })).rejects.toThrow()
  server = await startServer(one.app, { port, pages, home: null })
  expect(server.port).toBe(port)
})

test('a taken port is told as such', async () => {
  await expect(startServer(one.app, { port: server.port, pages, home: null })).rejects.toMatchObject({
    code: 'LOCKED',
    context: { port: server.port },
  })
})
