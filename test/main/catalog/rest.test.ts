import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createHttp, type Fetch, type FetchInit } from '../../../src/main/base/http.ts'
import { Secret } from '../../../src/main/base/secret.ts'
import type { RestCatalogOptions } from '../../../src/main/catalog/connection.ts'
import { restCatalog } from '../../../src/main/catalog/rest.ts'
import { stringifyJson } from '../../../src/main/iceberg/json.ts'
import { newMetadata } from '../../../src/main/iceberg/metadata.ts'
import { writeMetadata } from '../../../src/main/iceberg/metadata-json.ts'
import { schemaOf, specOf } from '../../../src/main/iceberg/schema.ts'
import type { TableMetadata } from '../../../src/main/iceberg/types.ts'
import { type ErrorCode, LakeError, type Outcome } from '../../../src/shared/errors.ts'
import { TABLES } from '../../../src/shared/tables.ts'

interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const json = (value: unknown, status = 200): Response =>
  new Response(stringifyJson(value), { status, headers: { 'content-type': 'application/json' } })
const refusal = (status: number, type: string, message = 'because'): Response =>
  json({ error: { message, type, code: status } }, status)
const CONFIG = { defaults: {}, overrides: {} }

/** A catalog whose answers are scripted: `/v1/config` has its own, all else are taken in order. */
function scripted(answers: ((sent: Sent) => Response)[], config: unknown = CONFIG) {
  const sent: Sent[] = []
  const fetch: Fetch = async (url, init: FetchInit) => {
    const { pathname, search, origin } = new URL(url)
    if (origin !== 'http://catalog.test') throw new Error(`a request left for ${origin}`)
    const one = {
      method: init.method,
      path: pathname + search,
      headers: init.headers,
      body: String(init.body ?? ''),
    }
    if (pathname === '/v1/config') return json(config)
    sent.push(one)
    const next = answers.shift()
    if (next === undefined) throw new Error(`unexpected request ${one.method} ${one.path}`)
    return next(one)
  }
  const open = (more: Partial<RestCatalogOptions> = {}) =>
    restCatalog({ uri: 'http://catalog.test/', fetch, clock: () => 1_700_000_000_000, ...more })
  return { sent, open }
}

const schema = schemaOf(TABLES.raw)
const table = (change: Partial<TableMetadata> = {}): TableMetadata => ({
  ...newMetadata(
    { uuid: 'u', location: 's3a://lake/w/t', schema, spec: specOf(TABLES.raw, schema), properties: {} },
    () => 0,
  ),
  ...change,
})
const loaded = (metadata = table(), more: object = {}) =>
  json({
    'metadata-location': `${metadata.location}/metadata/0.metadata.json`,
    metadata: writeMetadata(metadata),
    ...more,
  })
const id = { namespace: ['db'], name: 't' }

async function errorOf(work: Promise<unknown>): Promise<LakeError> {
  try {
    await work
  } catch (error) {
    if (error instanceof LakeError) return error
    throw error
  }
  throw new Error('no error')
}

describe('paths and configuration', () => {
  test('prefix, separator and names are encoded once', async () => {
    const config = {
      defaults: { prefix: 'lost' },
      overrides: { prefix: 'my catalog', 'namespace-separator': '%2E' },
    }
    const { sent, open } = scripted([() => loaded()], config)
    await open().loadTable({ namespace: ['a b', 'ü/'], name: 'x%?#' })
    expect(sent[0]?.path).toBe('/v1/my%20catalog/namespaces/a%20b.%C3%BC%2F/tables/x%25%3F%23')
  })

  test('levels are joined by the unit separator where the server names none', async () => {
    const { sent, open } = scripted([() => json({ namespaces: [] })])
    await open().listNamespaces(['a', 'b'])
    expect(sent[0]?.path).toBe('/v1/namespaces?parent=a%1Fb&pageSize=1000&pageToken=')
  })

  test('names that no path can carry are refused before anything is sent', async () => {
    const { sent, open } = scripted([])
    for (const name of ['', '..', 'a\u001fb']) {
      expect((await errorOf(open().loadTable({ namespace: ['db'], name }))).code).toBe('INVALID')
    }
    expect(sent).toEqual([])
  })

  test('an address that is none is a setting to correct', () => {
    expect(() =>
      restCatalog({ uri: 'localhost:8181', fetch: async () => json({}), clock: Date.now }),
    ).toThrow(/ICEBERG_CATALOG_URI|not an http/)
  })

  test('pages are followed to the end, and not in circles', async () => {
    const page = (names: string[], next: string | null) => () =>
      json({ identifiers: names.map((name) => ({ namespace: ['db'], name })), 'next-page-token': next })
    const { sent, open } = scripted([page(['a', 'b'], 't1'), page(['c'], null)])
    expect((await open().listTables(['db'])).map((t) => t.name)).toEqual(['a', 'b', 'c'])
    expect(sent.map((s) => new URLSearchParams(s.path.split('?')[1]).get('pageToken'))).toEqual(['', 't1'])
    const circle = scripted([page(['a'], 't1'), page(['a'], 't1')])
    expect((await errorOf(circle.open().listTables(['db']))).code).toBe('BAD_RESPONSE')
  })

  test('what is not offered is not asked for', async () => {
    const endpoints = ['GET /v1/{prefix}/namespaces/{namespace}/tables/{table}']
    const { sent, open } = scripted([() => loaded()], { ...CONFIG, endpoints })
    expect((await errorOf(open().commitTables([]))).code).toBe('UNSUPPORTED')
    expect(await open().tableExists(id)).toBe(true)
    expect(sent.map((s) => s.method)).toEqual(['GET'])
  })
})

describe('signing in', () => {
  test('a bearer token goes with every request; a refusal is not repeated', async () => {
    const { sent, open } = scripted([() => refusal(401, 'NotAuthorizedException')])
    const error = await errorOf(open({ token: new Secret('t0k') }).loadTable(id))
    expect(sent.map((s) => s.headers.authorization)).toEqual(['Bearer t0k'])
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', outcome: 'reject' })
    expect(error.likely).toMatch(/expired/)
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('t0k')
  })

  test('without a login the remedy names the settings', async () => {
    const { open } = scripted([() => refusal(401, 'NotAuthorizedException')])
    expect((await errorOf(open().loadTable(id))).remedy).toMatch(
      /ICEBERG_CATALOG_TOKEN.*ICEBERG_CATALOG_CREDENTIAL/,
    )
  })

  for (const status of [401, 419]) {
    test(`an OAuth2 client renews its token once on ${status}, commits included`, async () => {
      const tokens = ['one', 'two', 'three']
      const give = () => json({ access_token: tokens.shift(), token_type: 'bearer', expires_in: 3600 })
      const { sent, open } = scripted([
        give,
        () => refusal(status, 'AuthenticationTimeoutException'),
        give,
        () => loaded(),
        () => refusal(status, 'x'),
        give,
        () => refusal(status, 'x'),
      ])
      // the token is fetched before the configuration is asked for
      const catalog = open({ credential: new Secret('client:se:cret') })
      await catalog.commitTable({ identifier: id, requirements: [], updates: [] })
      expect(sent[0]).toMatchObject({ method: 'POST', path: '/v1/oauth/tokens' })
      expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toEqual({
        grant_type: 'client_credentials',
        client_id: 'client',
        client_secret: 'se:cret',
        scope: 'catalog',
      })
      expect([1, 3].map((i) => sent[i]?.headers.authorization)).toEqual(['Bearer one', 'Bearer two'])
      const error = await errorOf(catalog.commitTable({ identifier: id, requirements: [], updates: [] }))
      expect(error).toMatchObject({ code: 'UNAUTHORIZED', outcome: 'reject' })
    })
  }

  test('an expired token is renewed before it is refused; requests at once share one', async () => {
    let now = 0
    let given = 0
    const give = () => json({ access_token: `t${++given}`, token_type: 'bearer', expires_in: 600 })
    const { sent, open } = scripted([give, () => loaded(), () => loaded(), give, () => loaded()])
    const catalog = open({ credential: new Secret('a:b'), clock: () => now })
    await Promise.all([catalog.loadTable(id), catalog.loadTable(id)])
    now = 541_000
    await catalog.loadTable(id)
    expect(sent.filter((s) => s.path.endsWith('tokens'))).toHaveLength(2)
    expect(sent.at(-1)?.headers.authorization).toBe('Bearer t2')
  })

  test('a client the server does not know is told apart from a fault', async () => {
    const { open } = scripted([() => json({ error: 'invalid_client', error_description: 'unknown' }, 400)])
    const error = await errorOf(open({ credential: new Secret('a:b') }).config())
    expect(error).toMatchObject({ code: 'UNAUTHORIZED' })
    expect(error.likely).toMatch(/unknown to the catalog/)
  })

  test('another scope is tried where the server refuses the first', async () => {
    const { sent, open } = scripted([
      () => json({ error: 'invalid_scope' }, 400),
      () => json({ access_token: 't', token_type: 'bearer' }),
      () => loaded(),
    ])
    await open({ credential: new Secret('a:b') }).loadTable(id)
    expect(new URLSearchParams(sent[1]?.body).get('scope')).toBe('PRINCIPAL_ROLE:ALL')
  })

  test('redirects are not followed: no credential reaches another origin', async () => {
    let reached = 0
    const sniffer = createServer((_request, response) => {
      reached++
      response.end('{}')
    })
    await new Promise<void>((resolve) => sniffer.listen(0, '127.0.0.1', resolve))
    const target = `http://127.0.0.1:${(sniffer.address() as AddressInfo).port}/v1/config`
    const server = createServer((_request, response) => {
      response.writeHead(302, { location: target }).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const http = createHttp({ connectTimeoutMs: 2_000, timeoutMs: 2_000 })
    try {
      const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const error = await errorOf(
        restCatalog({ uri, fetch: http.fetch, clock: Date.now, token: new Secret('t') }).config(),
      )
      expect(error.likely).toContain(target)
      expect(reached).toBe(0)
    } finally {
      await http.close()
      server.close()
      sniffer.close()
    }
  })
})

describe('refusals become errors with cause and remedy', () => {
  const html = (status: number) => () =>
    new Response('<!DOCTYPE html><html>Sign in</html>', { status, headers: { 'content-type': 'text/html' } })
  const s3 = () =>
    new Response('<?xml version="1.0"?>\n<Error><Code>MethodNotAllowed</Code></Error>', { status: 400 })
  const load: [string, () => Response, ErrorCode, Outcome, RegExp][] = [
    ['a web page for JSON', html(200), 'BAD_RESPONSE', 'reject', /web page answered/],
    ['a web page with 404', html(404), 'NOT_FOUND', 'reject', /web page answered/],
    ['an object storage', s3, 'BAD_RESPONSE', 'reject', /object storage/],
    ['a wrong path', () => new Response('nope', { status: 404 }), 'NOT_FOUND', 'reject', /base path/],
    ['no such table', () => refusal(404, 'NoSuchTableException'), 'NO_TABLE', 'reject', /^$/],
    ['no such namespace', () => refusal(404, 'NoSuchNamespaceException'), 'NO_NAMESPACE', 'reject', /^$/],
    ['forbidden', () => refusal(403, 'ForbiddenException'), 'FORBIDDEN', 'reject', /needs a login/],
    ['unsupported', () => refusal(406, 'UnsupportedOperationException'), 'UNSUPPORTED', 'reject', /^$/],
    ['locked', () => refusal(423, 'CatalogLockedException'), 'LOCKED', 'reject', /Another instance/],
    ['throttled', () => refusal(429, 'TooManyRequests'), 'THROTTLED', 'retry', /limits the rate/],
    ['a proxy whose catalog is down', html(502), 'SERVER', 'retry', /down behind its proxy/],
    ['a fault inside', () => refusal(500, 'RuntimeException'), 'SERVER', 'retry', /fault inside/],
    [
      'a missing bucket',
      () => refusal(500, 'NoSuchBucketException', 'The specified bucket does not exist'),
      'NO_BUCKET',
      'reject',
      /bucket of the warehouse/,
    ],
    [
      'keys of the catalog',
      () => refusal(500, 'S3Exception', 'Access Denied'),
      'FORBIDDEN',
      'reject',
      /keys that the catalog itself/,
    ],
    ['not JSON', () => new Response('{"metadata":', { status: 200 }), 'BAD_RESPONSE', 'reject', /^$/],
    ['not table metadata', () => json({ metadata: { 'format-version': 2 } }), 'BAD_RESPONSE', 'reject', /^$/],
  ]
  test.each(load)('%s', async (_name, answer, code, outcome, likely) => {
    const { open } = scripted([answer])
    const error = await errorOf(open().loadTable(id))
    expect([error.code, error.outcome]).toEqual([code, outcome])
    expect(error.likely ?? '').toMatch(likely)
  })

  const creations: [number, ErrorCode, Outcome][] = [
    [409, 'ALREADY_EXISTS', 'reject'],
    [500, 'SERVER', 'unknown'],
    [503, 'SERVER', 'unknown'],
  ]
  test.each(creations)('creation answered with %i', async (status, code, outcome) => {
    const { open } = scripted([() => refusal(status, 'X')])
    const request = { name: 't', schema, spec: specOf(TABLES.raw, schema), properties: {} }
    expect(await errorOf(open().createTable(['db'], request))).toMatchObject({ code, outcome })
  })
})

describe('rule 25: what is known of a commit', () => {
  const commit = { identifier: id, requirements: [], updates: [] }
  const lost = () => {
    throw new LakeError('NETWORK', 'The connection was cut', { outcome: 'unknown' })
  }
  const refused = () => {
    throw new LakeError('REFUSED', 'refused', { outcome: 'retry' })
  }
  const cases: [string, () => Response, ErrorCode, Outcome][] = [
    ['409', () => refusal(409, 'CommitFailedException'), 'CONFLICT', 'retry'],
    ['400', () => refusal(400, 'BadRequestException'), 'INVALID', 'reject'],
    ['404', () => refusal(404, 'NoSuchTableException'), 'NO_TABLE', 'reject'],
    ['500', () => refusal(500, 'CommitStateUnknownException'), 'COMMIT_UNKNOWN', 'unknown'],
    ['502', () => new Response('<html>', { status: 502 }), 'COMMIT_UNKNOWN', 'unknown'],
    ['503', () => refusal(503, 'ServiceUnavailableException'), 'COMMIT_UNKNOWN', 'unknown'],
    ['504', () => new Response('', { status: 504 }), 'COMMIT_UNKNOWN', 'unknown'],
    ['200 that is no answer', () => new Response('<html>', { status: 200 }), 'COMMIT_UNKNOWN', 'unknown'],
    ['a lost answer', lost, 'COMMIT_UNKNOWN', 'unknown'],
    ['a refused connection', refused, 'REFUSED', 'retry'],
  ]
  test.each(cases)('%s', async (_name, answer, code, outcome) => {
    for (const several of [false, true]) {
      if (several && _name.startsWith('200')) continue
      const { sent, open } = scripted([answer])
      const work = several ? open().commitTables([commit]) : open().commitTable(commit)
      expect(await errorOf(work)).toMatchObject({ code, outcome })
      expect(sent).toHaveLength(1)
    }
  })

  test('row 9: a key is sent only where offered, is repeated for a lost answer, and is new for the next commit', async () => {
    const offers = { ...CONFIG, 'idempotency-key-lifetime': 'PT30M' }
    const { sent, open } = scripted([lost, () => loaded(), () => loaded(), lost, lost], offers)
    const catalog = open()
    await catalog.commitTable(commit)
    await catalog.commitTable(commit)
    const keys = sent.map((s) => s.headers['idempotency-key'])
    expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(keys[1]).toBe(keys[0])
    expect(keys[2]).not.toBe(keys[0])
    expect(await errorOf(catalog.commitTable(commit))).toMatchObject({
      code: 'COMMIT_UNKNOWN',
      outcome: 'unknown',
    })
    const plain = scripted([() => loaded()])
    await plain.open().commitTable(commit)
    expect(plain.sent[0]?.headers).not.toHaveProperty('idempotency-key')
  })
})

describe('a hostile catalog cannot widen access', () => {
  test('endpoints, keys and addresses in its configuration are dropped', async () => {
    const hostile = {
      uri: 'http://169.254.169.254/',
      'oauth2-server-uri': 'http://evil.test/',
      token: 'x',
      credential: 'a:b',
      's3.endpoint': 'http://evil.test',
      's3.access-key-id': 'k',
      's3.secret-access-key': 's',
      'client.region': 'x',
      'io-impl': 'x',
      'header.authorization': 'x',
      'rest.sigv4-enabled': 'true',
      'signer.uri': 'http://evil.test',
    }
    const { sent, open } = scripted(
      [() => loaded(table(), { config: { ...hostile, 'write.note': 'kept' } })],
      {
        defaults: hostile,
        overrides: { ...hostile, warehouse: 'w' },
      },
    )
    const catalog = open({ token: new Secret('mine') })
    expect(await catalog.config()).toEqual({ warehouse: 'w' })
    expect((await catalog.loadTable(id)).config).toEqual({ 'write.note': 'kept' })
    expect(sent.map((s) => s.headers.authorization)).toEqual(['Bearer mine'])
  })

  const snapshot = (list: string) => ({
    snapshots: [
      {
        'snapshot-id': 1n,
        'sequence-number': 1,
        'timestamp-ms': 0,
        'manifest-list': list,
        summary: { operation: 'append' },
      },
    ],
  })
  const locations: [string, Partial<TableMetadata>][] = [
    ['a file', { location: 'file:///etc' }],
    ['a bare path', { location: '/etc' }],
    ['http', { location: 'http://169.254.169.254/latest' }],
    ['no bucket', { location: 's3:///x' }],
    ['a manifest list elsewhere', snapshot('file:///etc/passwd')],
    ['a data path elsewhere', { properties: { 'write.data.path': 'file:///root/.ssh' } }],
  ]
  test.each(locations)('location: %s', async (_name, change) => {
    const { open } = scripted([() => loaded(table(change))])
    const error = await errorOf(open({ warehouse: 's3a://lake/w' }).loadTable(id))
    expect(error.code).toBe('FORBIDDEN')
  })

  test('local files only inside a local warehouse', async () => {
    const open = (location: string) =>
      scripted([() => loaded(table({ location }))])
        .open({ warehouse: 'file:///home/me/warehouse' })
        .loadTable(id)
    expect((await open('file:///home/me/warehouse/db/t')).metadata.location).toContain('warehouse/db')
    expect((await open('file:/home/me/warehouse/db/t')).metadata.location).toContain('warehouse/db')
    expect((await errorOf(open('file:///home/me/warehouse2/t'))).code).toBe('FORBIDDEN')
    expect((await errorOf(open('file:///home/me/warehouse/../x'))).code).toBe('FORBIDDEN')
  })
})
