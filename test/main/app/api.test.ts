import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createApi, statusOf } from '../../../src/main/app/api.ts'
import { ERROR_CODES, LakeError } from '../../../src/shared/errors.ts'
import type { CheckResult, JobView, StepView } from '../../../src/shared/model.ts'
import { type TestApp, testApp } from '../../helpers/app.ts'

const ORIGIN = 'http://127.0.0.1:4000'
let pages: string
let one: TestApp
let api: ReturnType<typeof createApi>

beforeEach(() => {
  pages = mkdtempSync(join(tmpdir(), 'tarn-pages-'))
  one = testApp({
    check: async (_lake, control): Promise<CheckResult> => {
      const step: StepView = { number: 1, title: 'one', state: 'passed', lines: [], ms: 1, fault: null }
      control.step(step)
      return { passed: true, tables: [] }
    },
    verify: (_lake, control) =>
      new Promise((_, reject) => {
        control.signal.addEventListener('abort', () => reject(new LakeError('CANCELLED', 'stopped')))
      }),
    rollup: async () => {
      throw new LakeError('NO_TABLE', 'no raw table', { remedy: 'Run the check.' })
    },
  })
  api = createApi(one.app, { pages, hosts: ['127.0.0.1:4000'], origins: [ORIGIN] })
})
afterEach(async () => {
  await one.close()
  rmSync(pages, { recursive: true })
})

const get = (path: string, headers: Record<string, string> = {}) =>
  api.request(`${ORIGIN}${path}`, { headers: { Host: '127.0.0.1:4000', ...headers } })
const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  api.request(`${ORIGIN}${path}`, {
    method,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { Host: '127.0.0.1:4000', Origin: ORIGIN, 'Content-Type': 'application/json', ...headers },
  })

describe('who may ask', () => {
  test.each([
    ['another host', { Host: 'evil.test' }],
    ['a host that begins like ours', { Host: '127.0.0.1:4000.evil.test' }],
    ['our address without the port', { Host: '127.0.0.1' }],
    ['any address', { Host: '0.0.0.0:4000' }],
    ['a subdomain of localhost', { Host: 'localhost.evil.test:4000' }],
    ['another origin', { Origin: 'http://evil.test' }],
    ['no origin of its own', { Origin: 'null' }],
    ['another port of this machine', { Origin: 'http://127.0.0.1:4001' }],
    ['a page of another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a page of another port', { 'Sec-Fetch-Site': 'same-site' }],
  ])('refuses %s', async (_who, headers) => {
    for (const answer of [await get('/api/state', headers), await send('POST', '/api/check', {}, headers)]) {
      expect(answer.status).toBe(403)
      expect(await answer.text()).toBe('')
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
    expect(one.app.jobs.list()).toEqual([])
  })

  test('a change needs an origin and JSON', async () => {
    const bare = {
      method: 'POST',
      body: '{}',
      headers: { Host: '127.0.0.1:4000', 'Content-Type': 'application/json' },
    }
    expect((await api.request(`${ORIGIN}/api/check`, bare)).status).toBe(403)
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/jsonp',
    ]) {
      expect((await send('POST', '/api/check', '{}', { 'Content-Type': type })).status).toBe(415)
    }
    expect(one.app.jobs.list()).toEqual([])
  })

  test('no GET changes anything, and odd methods are refused', async () => {
    for (const path of [
      '/api/check',
      '/api/rollup',
      '/api/verify',
      '/api/load/start',
      '/api/settings/probe',
    ]) {
      expect((await get(path)).status).toBe(404)
    }
    expect((await send('PATCH', '/api/settings', {})).status).toBe(405)
    expect(one.app.jobs.list()).toEqual([])
  })
})

describe('answers', () => {
  test('every answer carries the policy, with a new nonce each', async () => {
    writeFileSync(join(pages, 'index.html'), '<html><head></head></html>')
    mkdirSync(join(pages, 'assets'))
    writeFileSync(join(pages, 'assets', 'worker-abc.js'), 'self.onmessage = () => {}')
    const nonces = new Set<string>()
    for (const path of ['/', '/assets/worker-abc.js', '/api/state', '/absent.js']) {
      const answer = await get(path)
      const policy = answer.headers.get('content-security-policy') ?? ''
      for (const part of [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval';",
        "worker-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]) {
        expect(policy).toContain(part)
      }
      expect(policy).not.toMatch(/unsafe-inline|unsafe-eval'[^;]*unsafe-eval|\*/)
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
      nonces.add(/'nonce-([^']+)'/.exec(policy)?.[1] ?? '')
    }
    expect(nonces.size).toBe(4)
  })

  test('the page is told the nonce of its own answer', async () => {
    writeFileSync(join(pages, 'index.html'), '<html><head><title>x</title></head></html>')
    const answer = await get('/')
    const nonce = /'nonce-([^']+)'/.exec(answer.headers.get('content-security-policy') ?? '')?.[1]
    expect(await answer.text()).toBe(
      `<html><head><meta property="csp-nonce" nonce="${nonce}"><title>x</title></head></html>`,
    )
  })

  test('failures are faults as JSON with the status of their code', async () => {
    expect((await send('POST', '/api/load/pause', {})).status).toBe(409)
    const bad = await send('POST', '/api/load/start', { source: { kind: 'ftp' } })
    expect(bad.status).toBe(400)
    expect(await bad.json()).toMatchObject({
      code: 'INVALID',
      outcome: 'reject',
      context: { path: 'source.kind' },
    })
    expect((await send('POST', '/api/check', '{')).status).toBe(400)
    expect((await send('POST', '/api/check', { extra: 1 })).status).toBe(400)
    expect((await get('/api/no-such')).status).toBe(404)
    expect(await (await get('/api/inspect/health_db/health_data_raw')).json()).toMatchObject({
      code: 'NO_TABLE',
    })
    expect((await get('/api/inspect/health_db/health_data_raw/files?sort=odd')).status).toBe(400)
    expect((await get('/api/dead-letters?offsetFrom=9223372036854775808')).status).toBe(400)
    expect((await get('/api/jobs/1')).status).toBe(400)
    expect((await send('POST', '/api/check', `{"x":"${'y'.repeat(5 * 1024 * 1024)}"}`)).status).toBe(413)
  })

  test('what another service did wrong is no 4xx of ours', () => {
    for (const code of ERROR_CODES) expect(statusOf(code)).toBeGreaterThanOrEqual(400)
    for (const code of ['UNAUTHORIZED', 'FORBIDDEN', 'REFUSED', 'DNS'] as const)
      expect(statusOf(code)).toBe(502)
  })
})

describe('files', () => {
  beforeEach(() => {
    writeFileSync(join(pages, 'index.html'), '<html><head></head></html>')
    mkdirSync(join(pages, 'assets'))
    writeFileSync(join(pages, 'assets', 'a.js'), 'ok')
    writeFileSync(join(pages, 'assets', 'notes.txt'), 'no')
    writeFileSync(join(pages, '.secret.js'), 'no')
    writeFileSync(join(one.home, 'secret.js'), 'no')
    symlinkSync(join(one.home, 'secret.js'), join(pages, 'assets', 'link.js'))
    symlinkSync(one.home, join(pages, 'home'))
  })

  test('what is there is served with its type', async () => {
    const answer = await get('/assets/a.js')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(answer.headers.get('cache-control')).toContain('immutable')
    expect((await get('/')).headers.get('cache-control')).toBe('no-cache')
  })

  test.each([
    '/../secret.js',
    '/assets/../../secret.js',
    '/%2e%2e/secret.js',
    '/%2e%2e%2fsecret.js',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.js',
    '/..%5csecret.js',
    '/assets%5ca.js',
    '/%252e%252e%252fsecret.js',
    '/assets/a.js%00',
    '/assets/a.js%00.html',
    '/%00',
    '//etc/passwd',
    '/etc/passwd',
    '/file:///etc/passwd',
    '/assets//a.js',
    '/assets/./a.js%2f',
    '/assets/',
    '/assets',
    '/ASSETS/A.JS',
    '/Index.HTML',
    '/assets/link.js',
    '/home/secret.js',
    '/.secret.js',
    '/assets/notes.txt',
    '/assets/a.js:$DATA',
    '/%E0%A4%A',
    `/${'a/'.repeat(200)}a.js`,
  ])('%s is not', async (path) => {
    const answer = await get(path)
    expect(answer.status).toBe(404)
    expect(await answer.text()).toBe('')
  })
})

describe('settings', () => {
  test('secrets go in and never come out', async () => {
    const put = await send('PUT', '/api/settings', {
      changes: { 's3.secretKey': 'hunter2-canary', 'kafka.topic': 't2' },
    })
    expect(put.status).toBe(200)
    const shown = await (await get('/api/settings')).text()
    expect(`${await put.text()}${shown}${await (await get('/api/state')).text()}`).not.toContain(
      'hunter2-canary',
    )
    const { settings } = JSON.parse(shown) as {
      settings: { key: string; value: string | null; set: boolean; origin: { from: string } }[]
    }
    expect(settings.find((s) => s.key === 's3.secretKey')).toMatchObject({
      value: null,
      set: true,
      origin: { from: 'file' },
    })
    expect(settings.find((s) => s.key === 'catalog.token')).toMatchObject({ value: null, set: false })
    expect(settings.find((s) => s.key === 'kafka.topic')).toMatchObject({
      value: 't2',
      origin: { from: 'file' },
    })
    expect(one.app.settings().s3.secretKey.reveal()).toBe('hunter2-canary')
  })

  test('a change that does not fit, alone or with the others, changes nothing', async () => {
    const before = await (await get('/api/settings')).text()
    for (const changes of [
      { 'kafka.brokers': 'nowhere' },
      { nonsense: 'x' },
      { home: '/x' },
      { 'kafka.securityProtocol': 'SASL_SSL' },
    ]) {
      const answer = await send('PUT', '/api/settings', { changes })
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ code: 'SETTING' })
    }
    expect(await (await get('/api/settings')).text()).toBe(before)
  })

  test('they stay while a job runs', async () => {
    const job = (await (await send('POST', '/api/verify', {})).json()) as JobView
    expect((await send('PUT', '/api/settings', { changes: { pipeline: 'p' } })).status).toBe(409)
    await send('POST', `/api/jobs/${job.id}/cancel`, {})
    await one.app.jobs.wait(job.id)
    expect((await send('PUT', '/api/settings', { changes: { pipeline: 'p' } })).status).toBe(200)
    expect(one.app.settings().pipeline).toBe('p')
  })
})

describe('jobs', () => {
  test('run, end with their result, and can be asked for', async () => {
    const answer = await send('POST', '/api/check', {})
    expect(answer.status).toBe(202)
    const { id } = (await answer.json()) as JobView
    await one.app.jobs.wait(id)
    expect(await (await get(`/api/jobs/${id}`)).json()).toMatchObject({
      state: 'done',
      steps: [{ number: 1 }],
      result: { kind: 'check', passed: true },
    })
  })

  test('fail with a fault, are cancelled, and do not disturb each other', async () => {
    const failed = (await (await send('POST', '/api/rollup', {})).json()) as JobView
    await one.app.jobs.wait(failed.id)
    expect(one.app.jobs.get(failed.id)).toMatchObject({
      state: 'failed',
      fault: { code: 'NO_TABLE', remedy: 'Run the check.' },
    })
    const running = (await (await send('POST', '/api/verify', {})).json()) as JobView
    expect((await send('POST', '/api/verify', {})).status).toBe(409)
    await send('POST', `/api/jobs/${running.id}/cancel`, {})
    expect(await one.app.jobs.wait(running.id)).toMatchObject({ state: 'cancelled' })
  })

  test('their course comes as server-sent events, the present state first', async () => {
    const answer = await get('/api/events')
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    let text = ''
    const until = async (wanted: string) => {
      while (!text.includes(wanted)) text += new TextDecoder().decode((await reader.read()).value)
    }
    await until('event: load')
    one.app.startCheck()
    await until('"state":"done"')
    expect(text).toContain('event: job')
    await reader.cancel()
  })
})
