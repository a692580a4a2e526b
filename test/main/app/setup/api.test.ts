import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createApi } from '../../../../src/main/app/api.ts'
import type {
  DraftView,
  FoundAddress,
  PlanView,
  RightsView,
  ServiceView,
} from '../../../../src/shared/setup.ts'
import { type TestApp, testApp } from '../../../helpers/app.ts'

const ORIGIN = 'http://127.0.0.1:4000'
const CANARY = 'canary-of-the-wizard'
let one: TestApp
let api: ReturnType<typeof createApi>
const servers: Server[] = []

function begin(env: Readonly<Record<string, string>> = {}): void {
  one = testApp({}, env)
  api = createApi(one.app, { pages: tmpdir(), hosts: ['127.0.0.1:4000'], origins: [ORIGIN] })
}
beforeEach(() => begin())
afterEach(async () => {
  await one.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
})

async function send<T>(path: string, body: unknown, method = 'POST'): Promise<{ status: number; body: T }> {
  const answer = await api.request(`${ORIGIN}/api/setup/${path}`, {
    method,
    ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
    headers: { Host: '127.0.0.1:4000', Origin: ORIGIN, 'Content-Type': 'application/json' },
  })
  return { status: answer.status, body: (await answer.json()) as T }
}
const put = (changes: Record<string, string | null>) => send<DraftView>('draft', { changes }, 'PUT')

/** An HTTP server on a free port of 127.0.0.1 that answers everything alike. */
async function serve(type: string, text: string, headers: Record<string, string> = {}): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': type, ...headers })
    response.end(text)
  })
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the draft', () => {
  test('keeps what is entered over restarts, and gives no secret back', async () => {
    const entered = await put({ 'kafka.topic': 'mine', 's3.secretKey': CANARY })
    expect(entered.body).toEqual({
      mark: expect.any(String),
      changes: { 'kafka.topic': 'mine' },
      secrets: ['s3.secretKey'],
      step: 'connect',
    })
    await send('draft', { step: 'source' }, 'PUT')
    const again = createApi(one.app, { pages: tmpdir(), hosts: ['127.0.0.1:4000'], origins: [ORIGIN] })
    const read = await again.request(`${ORIGIN}/api/setup/draft`, { headers: { Host: '127.0.0.1:4000' } })
    const text = await read.text()
    expect(JSON.parse(text)).toMatchObject({ step: 'source', secrets: ['s3.secretKey'] })
    expect(text).not.toContain(CANARY)
    const file = join(one.home, 'setup.json')
    expect(readFileSync(file, 'utf8')).toContain(CANARY)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('is tried out without being in force, and put into force as a whole', async () => {
    await put({ 'catalog.database': 'mine', 's3.secretKey': CANARY })
    expect(one.app.settings().catalog.database).toBe('health_db')
    const plan = await send<PlanView>('plan', {})
    expect(plan.body.names.namespace).toMatchObject({ name: 'mine', exists: false })
    expect(JSON.stringify(plan.body)).not.toContain(CANARY)
    expect(plan.body.environment).toContain('ICEBERG_DATABASE=mine')
    expect(plan.body.tables.map((table) => table.state)).toEqual(Array(5).fill('make'))
    const applied = await send<{ draft: DraftView }>('apply', {})
    expect(applied.body.draft).toMatchObject({ changes: {}, secrets: [] })
    expect(JSON.stringify(applied.body)).not.toContain(CANARY)
    expect(one.app.settings().catalog.database).toBe('mine')
    expect(one.app.settings().s3.secretKey.reveal()).toBe(CANARY)
    expect(readFileSync(join(one.home, 'setup.json'), 'utf8')).not.toContain(CANARY)
  })

  test('refuses a value that does not parse, with the setting by its name, and keeps the others', async () => {
    await put({ 'kafka.topic': 'mine' })
    const bad = await put({ 'kafka.brokers': 'no port here' })
    expect(bad).toMatchObject({
      status: 400,
      body: { code: 'SETTING', context: { setting: 'KAFKA_BROKERS' } },
    })
    expect((await put({ nonsense: 'x' })).status).toBe(400)
    expect((await send<DraftView>('draft', null, 'GET')).body.changes).toEqual({ 'kafka.topic': 'mine' })
  })

  test('lets a form be half filled: fields that need each other are judged when they are tried', async () => {
    expect((await put({ 'kafka.securityProtocol': 'SASL_SSL' })).status).toBe(200)
    const refused = await send('check', { service: 'kafka' })
    expect(refused).toMatchObject({ status: 400, body: { code: 'SETTING' } })
    await put({ 'kafka.saslUsername': 'me' })
    expect((await send('topics', {})).body).not.toMatchObject({ context: { setting: 'KAFKA_SASL_USERNAME' } })
  })

  test('does not touch what the environment rules', async () => {
    await one.close()
    begin({ KAFKA_TOPIC: 'theirs' })
    const refused = await put({ 'kafka.topic': 'mine' })
    expect(refused).toMatchObject({ status: 400, body: { code: 'SETTING' } })
    expect(JSON.stringify(refused.body)).toContain('KAFKA_TOPIC')
    writeFileSync(join(one.home, 'setup.json'), '{"changes":{"kafka.topic":"mine"},"step":"source"}')
    expect((await send<PlanView>('plan', {})).body.environment).toContain('KAFKA_TOPIC=theirs')
  })

  test('an unreadable one counts as none', async () => {
    writeFileSync(join(one.home, 'setup.json'), '{')
    expect((await send<DraftView>('draft', null, 'GET')).body).toMatchObject({
      changes: {},
      secrets: [],
      step: 'connect',
    })
  })
})

describe('services', () => {
  test('the checks after a failed one wait, and the cause is named', async () => {
    await put({ 'catalog.type': 'rest', 'catalog.uri': 'http://127.0.0.1:9' })
    const { body } = await send<ServiceView>('check', { service: 'catalog' })
    expect(body.checks).toEqual([
      { id: 'catalog.name', state: 'passed' },
      { id: 'catalog.port', state: 'failed' },
      { id: 'catalog.answers', state: 'waiting' },
      { id: 'catalog.login', state: 'waiting' },
      { id: 'catalog.namespaces', state: 'waiting' },
    ])
    expect(body.fault).toMatchObject({ code: 'REFUSED', title: 'nothing listens at 127.0.0.1:9' })
  })

  test('another service in the place of storage is told by its answer', async () => {
    const page = await serve('text/html', '<html>console</html>')
    await put({ 'catalog.type': 'rest', 's3.endpoint': `http://${page}`, 'catalog.warehouse': 's3://b1x/w' })
    const { body } = await send<ServiceView>('check', { service: 'storage' })
    expect(body.checks.map((check) => check.state)).toEqual([
      'passed',
      'passed',
      'failed',
      'waiting',
      'waiting',
    ])
    expect(body.fault?.likely).toContain('console of MinIO')
  })

  test('only what is asked for is asked', async () => {
    await put({ 'catalog.type': 'rest', 'catalog.uri': 'http://127.0.0.1:9' })
    const { body } = await send<ServiceView>('check', { service: 'catalog', checks: ['catalog.name'] })
    expect(body).toMatchObject({ state: 'passed', checks: [{ id: 'catalog.name', state: 'passed' }] })
    expect((await send('check', { service: 'catalog', checks: ['catalog.nonsense'] })).status).toBe(400)
  })

  test('a registry that is not set is no failure', async () => {
    expect((await send<ServiceView>('check', { service: 'registry' })).body).toMatchObject({
      state: 'unset',
      fault: null,
    })
  })

  test('each address is told by its own protocol, side by side', async () => {
    const catalog = await serve('application/json', '{"defaults":{},"overrides":{}}')
    const storage = await serve('application/xml', '<Error><Code>AccessDenied</Code></Error>', {
      Server: 'MinIO',
    })
    const html = await serve('text/html', '<html></html>')
    await put({
      'catalog.type': 'rest',
      'catalog.uri': `http://${catalog}`,
      's3.endpoint': `http://${storage}`,
      'registry.url': `http://${html}`,
      'kafka.brokers': html,
    })
    const { body } = await send<{ found: FoundAddress[] }>('discover', {})
    const at = (address: string) => body.found.find((found) => found.address === address)
    expect(at(catalog)).toMatchObject({ service: 'catalog', text: 'Iceberg REST' })
    expect(at(storage)).toMatchObject({ service: 'storage', text: 'MinIO, S3' })
    expect(at(html)).toMatchObject({ service: null })
  })
})

describe('what a proof stands on', () => {
  const mark = async () => (await send<DraftView>('draft', null, 'GET')).body.mark

  test('is another after a change saved elsewhere, a secret too, and not after one that it does not need', async () => {
    const first = await mark()
    one.app.saveSettings({ 'commit.seconds': '7', 'rollup.timezone': 'Europe/Berlin' })
    expect(await mark()).toBe(first)
    one.app.saveSettings({ 's3.secretKey': CANARY })
    const second = await mark()
    expect(second).not.toBe(first)
    one.app.saveSettings({ 'tables.layout': 'compact' })
    expect(await mark()).not.toBe(second)
    expect(await mark()).not.toContain(CANARY)
  })
})

describe('rights', () => {
  test('are proved with one object that does not stay', async () => {
    const { body } = await send<RightsView>('rights', {})
    expect(body.rights.map(({ right, state }) => `${right} ${state}`)).toEqual([
      'write passed',
      'read passed',
      'list passed',
      'delete passed',
    ])
    expect(existsSync(body.location.replace('file://', ''))).toBe(false)
  })

  test('after a refused write the rest is not tried', async () => {
    mkdirSync(join(one.home, 'warehouse'))
    writeFileSync(join(one.home, 'warehouse', '.tarn-probe'), 'a file in the place of the folder')
    const { body } = await send<RightsView>('rights', {})
    expect(body.rights[0]).toMatchObject({ right: 'write', state: 'failed' })
    expect(body.rights[0]?.fault?.title).toBeTruthy()
    expect(body.rights.slice(1).every(({ state }) => state === 'waiting')).toBe(true)
  })
})

describe('guards', () => {
  test('a reading that nobody waits for is refused', async () => {
    const id = '00000000-0000-4000-8000-000000000000'
    expect((await send(`prove/${id}/read`, { rows: 3, ms: 1, fault: null })).status).toBe(409)
    expect((await send('prove', { page: 'yes' })).status).toBe(400)
  })
})
