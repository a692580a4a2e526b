import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createDoctor } from '../../../../src/main/app/doctor/control.ts'
import { CHECKS, unasked, withDependents } from '../../../../src/main/app/doctor/doctor.ts'
import { redactor } from '../../../../src/main/app/doctor/words.ts'
import { resolveSettings } from '../../../../src/main/app/settings/settings.ts'
import { ensureTable } from '../../../../src/main/app/setup/tables.ts'
import { silentLog } from '../../../../src/main/base/log.ts'
import { openEmbedded } from '../../../../src/main/catalog/embedded.ts'
import { localPath } from '../../../../src/main/catalog/trust.ts'
import { liveFiles } from '../../../../src/main/iceberg/snapshot.ts'
import { commitSnapshot } from '../../../../src/main/iceberg/transaction.ts'
import { localStorage } from '../../../../src/main/storage/local.ts'
import { countStates } from '../../../../src/shared/doctor.ts'
import { TABLES } from '../../../../src/shared/tables.ts'
import { testApp } from '../../../helpers/app.ts'
import { selfSigned } from '../../../helpers/certificate.ts'
import { CANARIES, placed, type Surroundings, surroundings } from '../../../helpers/doctor.ts'
import { type Answer, fetchUpstream, startHttpScript, type Upstream } from '../../../helpers/http-script.ts'
import { appendRows, createTables } from '../../../renderer/query/lake-node.ts'
import { rawRows } from '../../../renderer/query/sample.ts'
import { FAULTS } from './faults.ts'

const hostOf = (url: string): string => new URL(url).host
const xml = (status: number, code: string, more = ''): Answer => ({
  status,
  headers: { 'content-type': 'application/xml', server: 'MinIO', 'x-amz-request-id': 'TEST' },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no ${CANARIES.S3_SECRET_KEY}</Message>${more}</Error>`,
})
const json = (status: number, body: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
const html: Answer = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><h1>Sign in</h1>',
}
const listing: Answer = {
  status: 200,
  headers: { 'content-type': 'application/xml', server: 'MinIO', 'x-amz-request-id': 'TEST' },
  body: '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>data-lake</Name></ListBucketResult>',
}
const iceberg = (status: number, type: string, message: string): Answer =>
  json(status, { error: { type, message, code: status } })

/** A server of the test's own, in the place of a service. */
async function serve(at: Surroundings, name: string, upstream: Upstream): Promise<string> {
  const script = await startHttpScript(upstream)
  at.defer(() => script.close())
  at.names.set(name, hostOf(script.url))
  return script.url
}

async function catalogThat(at: Surroundings, upstream: Upstream): Promise<void> {
  at.env.ICEBERG_CATALOG_URI = await serve(at, 'catalog', upstream)
}

/** `then` for everything but the configuration. */
const afterConfig =
  (then: Upstream): Upstream =>
  (request) =>
    request.url.startsWith('/v1/config') ? json(200, { defaults: {}, overrides: {} }) : then(request)

/** A REST catalog whose warehouse is in object storage, and storage that does as told. */
async function storageThat(at: Surroundings, upstream: Upstream): Promise<void> {
  await catalogThat(
    at,
    afterConfig(() => json(200, { namespaces: [] })),
  )
  at.env.S3_ENDPOINT = await serve(at, 'storage', upstream)
}

/** An unsigned request gets S3's refusal, a signed one `then`. */
const signed =
  (then: Answer): Upstream =>
  (request) =>
    request.headers.authorization === undefined ? xml(403, 'AccessDenied') : then

async function tlsServer(at: Surroundings, pair: ReturnType<typeof selfSigned>): Promise<string> {
  const server = createTlsServer({ cert: pair.certificate, key: pair.key }, (_, answer) => answer.end('{}'))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  at.defer(() => {
    server.closeAllConnections()
    return new Promise((closed) => server.close(closed))
  })
  const { port } = server.address() as AddressInfo
  at.names.set('catalog', `127.0.0.1:${port}`)
  return `https://127.0.0.1:${port}`
}

/** A server whose certificate would do if it were not for what is wrong with it. */
async function trusted(at: Surroundings, pair: ReturnType<typeof selfSigned>): Promise<void> {
  at.env.ICEBERG_CATALOG_URI = await tlsServer(at, pair)
  at.caFile = join(at.home, 'ca.pem')
  writeFileSync(at.caFile, pair.certificate)
}

async function freePort(): Promise<string> {
  const script = await startHttpScript()
  await script.close()
  return hostOf(script.url)
}

/** The five tables on the embedded default, with rows in raw. */
async function lakeWithRows(at: Surroundings) {
  const lake = await at.lake()
  await createTables(lake.io)
  await appendRows(lake.io, lake, 'raw', rawRows(2, 3))
  return lake
}

const fail = (code: string) => async () => {
  throw Object.assign(new Error(code), { code })
}
const GIB = 2 ** 30

/** How each fault of the table is provoked on the loopback address. */
const PROVOKE: Readonly<Record<string, (at: Surroundings) => Promise<void> | void>> = {
  'kafka: unknown name': (at) => {
    at.env.KAFKA_BROKERS = 'broker.invalid:9092'
  },
  'kafka: nothing listens': async (at) => {
    at.env.KAFKA_BROKERS = await freePort()
    at.names.set('kafka', at.env.KAFKA_BROKERS)
  },
  'kafka: one broker of two': async (at) => {
    const url = await serve(at, 'other', () => json(200, {}))
    at.env.KAFKA_BROKERS = `${hostOf(url)},kafka.invalid:9092`
  },
  'kafka: no Kafka there': async (at) => {
    const silent = await serve(at, 'kafka', () => new Promise(() => {}))
    at.env.KAFKA_BROKERS = hostOf(silent)
  },
  'catalog: unknown name': (at) => {
    at.env.ICEBERG_CATALOG_URI = 'http://catalog.invalid:8181'
  },
  'catalog: name of a container': (at) => {
    at.env.ICEBERG_CATALOG_URI = 'http://iceberg-rest:8181'
    at.machine.addresses = fail('ENOTFOUND')
  },
  'catalog: no name server': (at) => {
    at.env.ICEBERG_CATALOG_URI = 'http://catalog.example.com'
    at.machine.addresses = fail('EAI_AGAIN')
  },
  'catalog: nothing listens': async (at) => {
    const place = await freePort()
    at.env.ICEBERG_CATALOG_URI = `http://${place}`
    at.names.set('catalog', place)
  },
  'catalog: closed port': (at) => {
    at.env.ICEBERG_CATALOG_URI = 'http://127.0.0.1:6000'
  },
  'catalog: silent': (at) => {
    at.limits = { connectMs: 300, silenceMs: 300, kafkaMs: 300 }
    return catalogThat(at, () => new Promise(() => {}))
  },
  'catalog: self-signed': async (at) => {
    at.env.ICEBERG_CATALOG_URI = await tlsServer(at, selfSigned())
  },
  'catalog: certificate expired': (at) =>
    trusted(at, selfSigned(Date.now() - 7_200_000, Date.now() - 3_600_000)),
  'catalog: certificate of tomorrow': (at) => trusted(at, selfSigned(Date.now() + 3_600_000)),
  'catalog: certificate of another': (at) => trusted(at, selfSigned(undefined, undefined, [127, 0, 0, 9])),
  'catalog: TLS at a plain port': async (at) => {
    await catalogThat(at, () => json(200, {}))
    at.env.ICEBERG_CATALOG_URI = String(at.env.ICEBERG_CATALOG_URI).replace('http:', 'https:')
  },
  'catalog: plain HTTP at a TLS port': async (at) => {
    at.env.ICEBERG_CATALOG_URI = (await tlsServer(at, selfSigned())).replace('https:', 'http:')
  },
  'catalog: web page': (at) => catalogThat(at, () => html),
  'catalog: object storage': (at) => {
    at.names.set('status', '403')
    return catalogThat(at, () => xml(403, 'AccessDenied'))
  },
  'catalog: wrong base path': async (at) => {
    await catalogThat(at, () => json(404, { message: 'Not Found' }))
    at.env.ICEBERG_CATALOG_URI = `${at.env.ICEBERG_CATALOG_URI}/api`
  },
  'catalog: redirect': (at) =>
    catalogThat(at, () => ({ status: 302, headers: { location: 'https://login.example.com/start?next=1' } })),
  'catalog: unknown warehouse': (at) =>
    catalogThat(at, () => iceberg(400, 'BadRequestException', 'Warehouse does not exist')),
  'catalog: down behind a proxy': (at) => catalogThat(at, () => ({ status: 503 })),
  'catalog: token refused': (at) =>
    catalogThat(at, (request) =>
      iceberg(401, 'NotAuthorizedException', `no ${request.headers.authorization ?? ''}`),
    ),
  'catalog: no login set': (at) => {
    at.env.ICEBERG_CATALOG_TOKEN = ''
    return catalogThat(at, () => iceberg(401, 'NotAuthorizedException', 'who are you'))
  },
  'catalog: client refused': (at) => {
    at.env.ICEBERG_CATALOG_TOKEN = ''
    at.env.ICEBERG_CATALOG_CREDENTIAL = 'loader:canary/of the client'
    return catalogThat(at, (request) =>
      request.url.includes('oauth')
        ? json(400, { error: 'invalid_client', error_description: `bad ${String(request.body)}` })
        : iceberg(401, 'NotAuthorizedException', 'no'),
    )
  },
  'catalog: no right': (at) =>
    catalogThat(
      at,
      afterConfig(() => iceberg(403, 'ForbiddenException', 'not yours')),
    ),
  'catalog: wrong prefix': (at) =>
    catalogThat(at, (request) =>
      request.url.startsWith('/v1/config')
        ? json(200, { defaults: {}, overrides: { prefix: 'gone' } })
        : { status: 404, headers: { 'content-type': 'text/plain' }, body: 'no route' },
    ),
  'catalog: no namespace': (at) =>
    catalogThat(
      at,
      afterConfig((request) =>
        request.url.startsWith('/v1/namespaces/health_db') || request.method === 'HEAD'
          ? iceberg(404, 'NoSuchNamespaceException', 'Namespace does not exist: health_db')
          : json(200, { namespaces: [['sales']] }),
      ),
    ),
  'catalog: open in another instance': async (at) => {
    const { settings, io } = await at.lake()
    // the app's own lake holds the lock: a second one is opened in its place
    const warehouse = settings.catalog.warehouse
    const second = await openEmbedded({
      folder: join(localPath(warehouse) ?? '', '.catalog'),
      warehouse,
      storage: io.storage,
      clock: Date.now,
      log: silentLog,
    })
    at.defer(() => second.close())
    const lake = await at.lake()
    at.lake = async () => ({ ...lake, embedded: second })
    at.names.set('owner', `process ${process.pid} on ${hostname()}`)
  },
  'storage: web console': (at) => storageThat(at, () => html),
  'storage: a catalog there': (at) => storageThat(at, () => json(404, { error: {} })),
  'storage: path style off, address': async (at) => {
    await storageThat(at, signed(listing))
    at.env.S3_PATH_STYLE_ACCESS = 'false'
  },
  'storage: path style off, name': async (at) => {
    await storageThat(at, signed(listing))
    at.env.S3_ENDPOINT = String(at.env.S3_ENDPOINT).replace('127.0.0.1', 'localhost')
    at.env.S3_PATH_STYLE_ACCESS = 'false'
    at.names.set('storage', hostOf(String(at.env.S3_ENDPOINT)))
    at.machine.addresses = async (host) => {
      if (host === 'localhost') return ['127.0.0.1']
      throw Object.assign(new Error(host), { code: 'ENOTFOUND' })
    }
  },
  'storage: wrong region': (at) =>
    storageThat(at, signed(xml(400, 'AuthorizationHeaderMalformed', '<Region>eu-west-1</Region>'))),
  'storage: wrong access key': (at) => storageThat(at, signed(xml(403, 'InvalidAccessKeyId'))),
  'storage: wrong secret key': (at) => storageThat(at, signed(xml(403, 'SignatureDoesNotMatch'))),
  'storage: clock skew': (at) => {
    at.now = () => Date.now() + 17 * 60_000
    return storageThat(at, signed(xml(403, 'RequestTimeTooSkewed')))
  },
  'storage: no bucket': (at) => {
    at.names.set('bucket', 'data-lake')
    return storageThat(at, signed(xml(404, 'NoSuchBucket')))
  },
  'storage: no right': (at) => storageThat(at, signed(xml(403, 'AccessDenied'))),
  'registry: no such path': async (at) => {
    at.env.SCHEMA_REGISTRY_URL = await serve(at, 'registry', () => json(404, {}))
  },
  'registry: nothing listens': async (at) => {
    const place = await freePort()
    at.env.SCHEMA_REGISTRY_URL = `http://${place}`
    at.names.set('registry', place)
  },
  'registry: asks for a login': async (at) => {
    at.env.SCHEMA_REGISTRY_URL = await serve(at, 'registry', () => json(401, {}))
  },
  'computer: old Node': (at) => {
    at.machine = { node: '20.19.0' }
  },
  'computer: little memory': (at) => {
    at.machine.memory = () => GIB / 2
  },
  'computer: home of another user': (at) => {
    at.machine.writable = fail('EACCES')
  },
  'computer: home read-only': (at) => {
    at.machine.writable = fail('EROFS')
  },
  'computer: network share': (at) => {
    at.machine.fileSystem = async () => 'nfs4'
  },
  'computer: disk full': (at) => {
    at.machine.space = async () => ({ free: 2 ** 20, whole: 100 * GIB })
  },
  'computer: low space': (at) => {
    at.machine.space = async () => ({ free: GIB / 2, whole: 100 * GIB })
  },
  'computer: clock ahead': (at) => {
    at.now = () => Date.now() + 17 * 60_000
    return storageThat(at, signed(listing))
  },
  'computer: settings for all to read': (at) => {
    writeFileSync(join(at.home, 'settings.json'), '{}')
    chmodSync(join(at.home, 'settings.json'), 0o644)
  },
  'lake: no table': async (at) => {
    const { io } = await at.lake()
    await io.catalog.createNamespace(['health_db'], {})
  },
  'lake: column differs': async (at) => {
    const { io } = await at.lake()
    await io.catalog.createNamespace(['health_db'], {})
    const other = { ...TABLES.raw, columns: TABLES.raw.columns.filter(({ name }) => name !== 'unit') }
    await ensureTable(io.catalog, ['health_db'], other, 'health_data_raw')
  },
  'lake: property differs': async (at) => {
    const { io } = await at.lake()
    await io.catalog.createNamespace(['health_db'], {})
    const properties = { ...TABLES.daily.properties, 'write.upsert.enabled': 'false' }
    await ensureTable(io.catalog, ['health_db'], { ...TABLES.daily, properties }, 'health_data_daily_agg')
  },
  'lake: metadata elsewhere': async (at) => {
    // a catalog whose tables lie in another folder than the storage that is asked
    const warehouse = `file://${at.home}/theirs`
    const storage = localStorage({ root: at.home })
    const embedded = await openEmbedded({
      folder: join(at.home, 'catalog'),
      warehouse,
      storage,
      clock: Date.now,
      log: silentLog,
    })
    at.defer(() => embedded.close())
    await createTables({ catalog: embedded.catalog, storage, clock: Date.now, log: silentLog })
    const { metadataLocation } = await embedded.catalog.loadTable({
      namespace: ['health_db'],
      name: 'health_data_raw',
    })
    await catalogThat(
      at,
      fetchUpstream((request) => embedded.server().fetch(request)),
    )
    at.env.ICEBERG_WAREHOUSE = warehouse
    await storage.delete(metadataLocation ?? '')
    at.names.set('warehouse', warehouse)
  },
  'lake: file missing': async (at) => {
    const lake = await lakeWithRows(at)
    const { metadata } = await lake.io.catalog.loadTable(lake.tables.raw)
    const [first] = await liveFiles(lake.io.storage, metadata, metadata['current-snapshot-id'] ?? 0n)
    await lake.io.storage.delete(first?.file.path ?? '')
  },
  'lake: other layout': async (at) => {
    await createTables((await at.lake()).io)
    at.env.TARN_TABLE_LAYOUT = 'compact'
  },
  'lake: many small files': async (at) => {
    const { io, tables } = await lakeWithRows(at)
    const loaded = await io.catalog.loadTable(tables.raw)
    const [first] = await liveFiles(io.storage, loaded.metadata, loaded.metadata['current-snapshot-id'] ?? 0n)
    if (!first) throw new Error('no file')
    const bytes = await io.storage.read(first.file.path)
    const add = Array.from({ length: 1_000 }, (_, i) => ({
      ...first.file,
      path: first.file.path.replace('.parquet', `-${i}.parquet`),
    }))
    await Promise.all(add.map(({ path }) => io.storage.write(path, bytes)))
    const change = { commitId: 'small', operation: 'append', add, summary: {} } as const
    await commitSnapshot(io, loaded, change)
  },
  'lake: orphan': async (at) => {
    const lake = await lakeWithRows(at)
    const { metadata } = await lake.io.catalog.loadTable(lake.tables.raw)
    await lake.io.storage.write(`${metadata.location}/data/left-behind.parquet`, new Uint8Array(2048))
    at.now = () => Date.now() + 3 * 24 * 3_600_000
  },
}

/** Servers tell the time in whole seconds. */
const told = (text: string | null | undefined) => text?.replace('17 min 1 s', '17 min 0 s') ?? null

let open: Surroundings | null = null
afterEach(async () => {
  await open?.close()
  open = null
})
const start = (env: Readonly<Record<string, string>> = {}): Surroundings => {
  open = surroundings(env)
  return open
}

describe('each fault', () => {
  const rows = FAULTS.filter((fault) => fault.on === 'loopback')

  test('of the table is provoked, and none besides', () => {
    expect(Object.keys(PROVOKE).sort()).toEqual(rows.map(({ name }) => name).sort())
    expect(rows.length).toBeGreaterThan(20)
  })

  test.each(rows)('$name', async (expected) => {
    const at = start()
    await PROVOKE[expected.name]?.(at)
    const checks = await at.run()
    const check = checks.find(({ id }) => id === expected.check)
    expect({
      state: check?.state,
      title: told(check?.fault?.title),
      likely: told(check?.fault?.likely),
      remedy: told(check?.fault?.remedy),
    }).toEqual({
      state: expected.state,
      title: placed(expected.title, at.names),
      likely: placed(expected.likely, at.names),
      remedy: placed(expected.remedy, at.names),
    })
    // what was seen is said
    expect(check?.fault?.evidence.length).toBeGreaterThan(0)
    // what needs it waits and says for what; nothing else does
    const dependents = withDependents([expected.check])
    for (const one of checks) {
      if (
        one.id !== expected.check &&
        expected.state === 'failed' &&
        dependents.has(one.id) &&
        one.state === 'waiting'
      )
        expect(one.waitsFor.length).toBeGreaterThan(0)
      if (one.state === 'waiting') expect(one.text).toMatch(/^Waiting for checks? \d/)
      if (one.state !== 'waiting' && one.state !== 'unset') expect(one.ms).toBeTypeOf('number')
    }
    expect(checks.map(({ number }) => number)).toEqual(CHECKS.map((_, index) => index + 1))
    const said = JSON.stringify(checks)
    expect(said.match(/canary[^"]{0,20}/)?.[0]).toBeUndefined()
  })
})

const byNumber = (a: string, b: string) =>
  CHECKS.findIndex(({ id }) => id === a) - CHECKS.findIndex(({ id }) => id === b)

describe('a run', () => {
  test('of a whole lake on the embedded default passes, and reads only', async () => {
    const at = start()
    const lake = await lakeWithRows(at)
    const before = readdirSync(at.home, { recursive: true }).sort()
    const checks = await at.run()
    expect(checks.filter(({ group, state }) => group !== 'kafka' && state === 'failed')).toEqual([])
    expect(checks.filter(({ group }) => group === 'lake').map(({ id, state }) => [id, state])).toEqual([
      ['lake.raw', 'passed'],
      ['lake.errors', 'passed'],
      ['lake.daily', 'passed'],
      ['lake.weekly', 'passed'],
      ['lake.monthly', 'passed'],
      ['lake.place', 'passed'],
      ['lake.files', 'passed'],
      ['lake.orphans', 'passed'],
      ['lake.sizes', 'passed'],
      // Kafka cannot be reached here
      ['lake.positions', 'waiting'],
    ])
    expect(lake.embedded?.readOnly()).toBe(false)
    expect(readdirSync(at.home, { recursive: true }).sort()).toEqual(before)
  })

  test('before any set-up makes no folder', async () => {
    const at = start()
    at.env.TARN_HOME = join(at.home, 'new')
    const checks = await at.run()
    expect(checks.find(({ id }) => id === 'catalog.database')?.state).toBe('failed')
    expect(existsSync(join(at.home, 'new'))).toBe(false)
  })

  test('names failures of one cause by each other', async () => {
    const at = start()
    await PROVOKE['storage: clock skew']?.(at)
    const checks = await at.run()
    const [signing, clock] = ['storage.signed', 'computer.clock'].map((id) => checks.find((c) => c.id === id))
    expect(signing?.sameAs).toEqual([clock?.number])
    expect(clock?.sameAs).toEqual([signing?.number])
    const other = start()
    other.env.ICEBERG_CATALOG_URI = 'http://one.invalid:8181'
    other.env.S3_ENDPOINT = 'http://one.invalid:9000'
    const unknown = (await other.run()).filter(({ id }) => id === 'catalog.name' || id === 'storage.name')
    expect(unknown.map(({ sameAs }) => sameAs)).toEqual([[unknown[1]?.number], [unknown[0]?.number]])
    await at.close()
  })

  test('goes on past a failure, and what depends on it names the first cause', async () => {
    const at = start()
    await storageThat(at, signed(listing))
    at.env.ICEBERG_CATALOG_URI = 'http://catalog.invalid:8181'
    const checks = await at.run()
    const name = checks.find(({ id }) => id === 'catalog.name')
    for (const id of ['catalog.port', 'catalog.login', 'lake.raw', 'lake.files'])
      expect(checks.find((one) => one.id === id)).toMatchObject({
        state: 'waiting',
        text: `Waiting for check ${name?.number}, Name resolves`,
        waitsFor: [name?.number],
      })
    expect(checks.filter(({ id }) => /^storage\.|^computer\.h/.test(id)).map(({ state }) => state)).toEqual(
      Array(10).fill('passed'),
    )
  })

  test('asks a service little: one plain request, one signed', async () => {
    const at = start()
    const script = await startHttpScript(signed(listing))
    at.defer(() => script.close())
    await storageThat(at, signed(listing))
    at.env.S3_ENDPOINT = script.url
    await at.run()
    expect(script.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /',
      'GET /data-lake/?list-type=2&max-keys=1',
    ])
  })

  test('of a few checks leaves the others as they are', async () => {
    const at = start()
    await storageThat(at, signed(xml(403, 'InvalidAccessKeyId')))
    const before = await at.run()
    at.env.S3_ENDPOINT = await serve(at, 'mended', signed(listing))
    const only = withDependents(['storage.signed'])
    const after = await at.run(only, before)
    expect(after.filter((check, index) => check !== before[index]).map(({ id }) => id)).toEqual(
      [...only].sort(byNumber),
    )
    expect(after.find(({ id }) => id === 'storage.rights')?.state).toBe('passed')
  })
})

describe('in the app', () => {
  test('is a job with progress whose result is kept, and starts once at a time', async () => {
    const tarn = testApp({}, { KAFKA_BROKERS: '127.0.0.1:1', S3_ENDPOINT: 'http://127.0.0.1:1' })
    try {
      const doctor = createDoctor(tarn.app)
      expect(doctor.view()).toEqual({ running: null, asked: false, checks: unasked(), runs: [] })
      const job = doctor.start(null)
      expect(() => doctor.start(null)).toThrow(expect.objectContaining({ code: 'LOCKED' }))
      const ended = await tarn.app.jobs.wait(job.id)
      expect(ended).toMatchObject({ state: 'done', progress: { done: CHECKS.length, total: CHECKS.length } })
      const { asked, checks, runs } = doctor.view()
      expect(asked).toBe(true)
      expect(ended.result).toEqual({ kind: 'doctor', ...countStates(checks) })
      expect(runs).toHaveLength(1)
      expect(runs[0]).toMatchObject(countStates(checks))
      // some checks again: the run is no whole one, so it is not kept
      const again = await tarn.app.jobs.wait(doctor.start(['kafka.port']).id)
      expect(again.progress?.total).toBe(withDependents(['kafka.port']).size)
      expect(doctor.view().runs).toHaveLength(1)
      expect(() => doctor.start(['no.such'])).toThrow(expect.objectContaining({ code: 'INVALID' }))
    } finally {
      await tarn.close()
    }
  })

  test('asks nothing of Kafka on the sample, which has none', async () => {
    const tarn = testApp({}, { KAFKA_BROKERS: '127.0.0.1:1' })
    try {
      const doctor = createDoctor({ ...tarn.app, state: () => ({ ...tarn.app.state(), sample: true }) })
      await tarn.app.jobs.wait(doctor.start(null).id)
      const kafka = doctor.view().checks.filter(({ group }) => group === 'kafka')
      expect(new Set(kafka.map(({ state }) => state))).toEqual(new Set(['unset']))
      expect(new Set(kafka.map(({ text }) => text)).size).toBe(1)
      expect(kafka[0]?.text).toContain('recorded file')
    } finally {
      await tarn.close()
    }
  })

  test('can be cancelled while a service hangs, and keeps what it knew', async () => {
    const script = await startHttpScript(() => new Promise(() => {}))
    const tarn = testApp(
      {},
      { KAFKA_BROKERS: '127.0.0.1:1', ICEBERG_CATALOG_URI: script.url, S3_ENDPOINT: 'http://127.0.0.1:1' },
    )
    try {
      const doctor = createDoctor(tarn.app)
      const job = doctor.start(null)
      await vi.waitFor(() => expect(script.requests.length).toBeGreaterThan(0))
      const asked = performance.now()
      tarn.app.jobs.cancel(job.id)
      expect((await tarn.app.jobs.wait(job.id)).state).toBe('cancelled')
      expect(performance.now() - asked).toBeLessThan(2_000)
      expect(doctor.view()).toEqual({ running: null, asked: false, checks: unasked(), runs: [] })
    } finally {
      await tarn.close()
      await script.close()
    }
  })
})

test('secrets are hidden however a server echoes them', () => {
  const env = {
    TARN_HOME: '/nowhere',
    ...CANARIES,
    ICEBERG_CATALOG_CREDENTIAL: 'loader:canary of the client',
  }
  const hide = redactor(resolveSettings({ flags: new Map(), env }).settings)
  for (const value of [...Object.values(CANARIES), 'canary of the client']) {
    for (const form of [
      value,
      encodeURIComponent(value),
      Buffer.from(value).toString('base64'),
      Buffer.from(value).toString('hex'),
      JSON.stringify(value),
      new URLSearchParams({ secret: value }).toString(),
    ]) {
      const said = hide(`the server said ${form} of loader`)
      expect(said).toContain('[secret]')
      expect(said).not.toContain(form)
      expect(said).toMatch(/^the server said .* of loader$/)
    }
  }
})
