import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '../../../src/main/base/log.ts'
import { Secret } from '../../../src/main/base/secret.ts'
import { catalogServer } from '../../../src/main/catalog/server.ts'
import { openStore, type Store } from '../../../src/main/catalog/store.ts'
import { memoryStorage } from '../../../src/main/storage/memory.ts'

let home: string
let store: Store
let app: Hono

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tarn-server-'))
  store = await openStore({
    folder: home,
    warehouse: 'memory://w',
    storage: memoryStorage(),
    clock: Date.now,
    log: silentLog,
  })
  app = catalogServer({ store, log: silentLog })
})
afterAll(async () => {
  await store.close()
  rmSync(home, { recursive: true })
})

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  app.request(`http://x${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
const errorOf = async (response: Response) => {
  const { error } = (await response.json()) as { error: { type: string; code: number } }
  expect(error.code).toBe(response.status)
  return `${response.status} ${error.type}`
}
const table = (name: string) => ({
  name,
  schema: { type: 'struct', fields: [{ id: 7, name: 'a', required: true, type: 'long' }] },
  properties: {},
})

test('the token guards every route', async () => {
  const guarded = catalogServer({ store, log: silentLog, token: new Secret('right') })
  for (const path of ['/v1/config', '/v1/namespaces', '/nowhere']) {
    for (const authorization of [undefined, 'Bearer wrong', 'Bearer ', 'right-not', 'Bearer right2']) {
      const response = await guarded.request(
        `http://x${path}`,
        authorization ? { headers: { authorization } } : {},
      )
      expect(response.status, `${path} ${authorization}`).toBe(401)
    }
  }
  expect(
    (await guarded.request('http://x/v1/config', { headers: { authorization: 'Bearer right' } })).status,
  ).toBe(200)
})

test('the configuration lists what is served and nothing secret', async () => {
  const config = (await (await send('GET', '/v1/config')).json()) as Record<string, unknown>
  expect(config).toMatchObject({
    defaults: {},
    overrides: { warehouse: 'memory://w' },
    'idempotency-key-lifetime': 'PT30M',
  })
  expect(config.endpoints).toContain('POST /v1/{prefix}/transactions/commit')
})

test('bad requests are refused as the specification says', async () => {
  await send('POST', '/v1/namespaces', { namespace: ['bad'] })
  await send('POST', '/v1/namespaces/bad/tables', table('t'))
  const to = '/v1/namespaces/bad/tables/t'
  expect(await errorOf(await send('GET', '/v2/config'))).toBe('404 NotFoundException')
  expect(await errorOf(await send('POST', '/v1/namespaces', '{"namespace":'))).toBe('400 BadRequestException')
  expect(await errorOf(await send('POST', '/v1/namespaces', '['.repeat(100_000)))).toBe(
    '400 BadRequestException',
  )
  expect(await errorOf(await send('POST', '/v1/namespaces', '[]'))).toBe('400 BadRequestException')
  const unknown = { requirements: [], updates: [{ action: 'set-fire' }] }
  expect(await errorOf(await send('POST', to, unknown))).toBe('400 BadRequestException')
  const requirement = { requirements: [{ type: 'assert-next-row-id' }], updates: [] }
  expect(await errorOf(await send('POST', to, requirement))).toBe('400 BadRequestException')
  expect(
    await errorOf(await send('POST', to, { requirements: [], updates: [] }, { 'idempotency-key': 'x' })),
  ).toBe('400 BadRequestException')
  expect(await errorOf(await send('GET', '/v1/namespaces/%FF'))).toBe('400 BadRequestException')
  const large = await send('POST', '/v1/namespaces', '{}', { 'content-length': String(2 ** 40) })
  expect(await errorOf(large)).toBe('400 BadRequestException')
  const both = { removals: ['a'], updates: { a: 'b' } }
  expect(await errorOf(await send('POST', '/v1/namespaces/bad/properties', both))).toBe(
    '422 UnprocessableEntityException',
  )
  const duplicate = {
    ...table('d'),
    schema: { type: 'struct', fields: [...table('d').schema.fields, ...table('d').schema.fields] },
  }
  expect(await errorOf(await send('POST', '/v1/namespaces/bad/tables', duplicate))).toBe(
    '400 BadRequestException',
  )
})

test('names with slashes, blanks and levels reach the right table', async () => {
  await send('POST', '/v1/namespaces', { namespace: ['a'] })
  await send('POST', '/v1/namespaces', { namespace: ['a', 'b/c d'] })
  const created = await send('POST', '/v1/namespaces/a%1Fb%2Fc%20d/tables', table('x/y+z'))
  expect(created.status).toBe(200)
  // Java's client writes blanks as +
  expect((await send('HEAD', '/v1/namespaces/a%1Fb%2Fc+d/tables/x%2Fy%2Bz')).status).toBe(200)
  expect((await send('HEAD', '/v1/namespaces/a%1Fb%2Fc+d/tables/x')).status).toBe(404)
  expect(await (await send('GET', '/v1/namespaces?parent=a')).json()).toMatchObject({
    namespaces: [['a', 'b/c d']],
  })
  expect(await errorOf(await send('DELETE', '/v1/namespaces/a'))).toBe('409 NamespaceNotEmptyException')
})

test('listings come in pages where asked for', async () => {
  await send('POST', '/v1/namespaces', { namespace: ['many'] })
  for (const name of ['a', 'b', 'c', 'd', 'e']) await send('POST', '/v1/namespaces/many/tables', table(name))
  const names: string[] = []
  let token: string | null = ''
  while (token !== null) {
    const response = await send('GET', `/v1/namespaces/many/tables?pageSize=2&pageToken=${token}`)
    const page = (await response.json()) as {
      identifiers: { name: string }[]
      'next-page-token': string | null
    }
    expect(page.identifiers.length).toBeLessThanOrEqual(2)
    names.push(...page.identifiers.map((identifier) => identifier.name))
    token = page['next-page-token']
  }
  expect(names).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(await errorOf(await send('GET', '/v1/namespaces/many/tables?pageSize=2&pageToken=x'))).toBe(
    '400 BadRequestException',
  )
})

test('__proto__ is a property like another', async () => {
  await send(
    'POST',
    '/v1/namespaces',
    '{"namespace":["proto"],"properties":{"__proto__":"p","constructor":"c"}}',
  )
  const text = await (await send('GET', '/v1/namespaces/proto')).text()
  expect(text).toContain('"__proto__":"p"')
  expect(({} as Record<string, unknown>).p).toBeUndefined()
})

test('an unchanged table is answered with 304; refs can be asked for alone', async () => {
  await send('POST', '/v1/namespaces', { namespace: ['etag'] })
  await send('POST', '/v1/namespaces/etag/tables', table('t'))
  const first = await send('GET', '/v1/namespaces/etag/tables/t')
  const etag = first.headers.get('etag')!
  expect(
    (await send('GET', '/v1/namespaces/etag/tables/t', undefined, { 'if-none-match': etag })).status,
  ).toBe(304)
  const snapshot = (id: number, sequence: number) => ({
    action: 'add-snapshot',
    snapshot: {
      'snapshot-id': id,
      'sequence-number': sequence,
      'timestamp-ms': 1,
      'manifest-list': 'memory://w/m',
      summary: { operation: 'append' },
    },
  })
  const main = { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': 2 }
  await send('POST', '/v1/namespaces/etag/tables/t', {
    requirements: [],
    updates: [snapshot(1, 1), snapshot(2, 2), main],
  })
  expect(
    (await send('GET', '/v1/namespaces/etag/tables/t', undefined, { 'if-none-match': etag })).status,
  ).toBe(200)
  const refs = (await (await send('GET', '/v1/namespaces/etag/tables/t?snapshots=refs')).json()) as {
    metadata: { snapshots: { 'snapshot-id': number }[] }
  }
  expect(refs.metadata.snapshots.map((s) => s['snapshot-id'])).toEqual([2])
})
