import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '../../../src/main/base/log.ts'
import { openStore, type Store } from '../../../src/main/catalog/store.ts'
import type { StoredTable } from '../../../src/main/catalog/table-files.ts'
import { parseMetadata } from '../../../src/main/iceberg/metadata.ts'
import { schemaOf, specOf } from '../../../src/main/iceberg/schema.ts'
import type { Update } from '../../../src/main/iceberg/types.ts'
import type { StorageFault } from '../../../src/main/storage/faults.ts'
import { type MemoryStorage, memoryStorage } from '../../../src/main/storage/memory.ts'
import { LakeError } from '../../../src/shared/errors.ts'
import { TABLES } from '../../../src/shared/tables.ts'
import { codeOf } from '../../contract/catalog.ts'

let home: string
let faults: StorageFault[]
let storage: MemoryStorage
const opened: Store[] = []

async function open(): Promise<Store> {
  const store = await openStore({
    folder: join(home, 'catalog'),
    warehouse: 'memory://w/',
    storage,
    clock: Date.now,
    log: silentLog,
  })
  opened.push(store)
  return store
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tarn-store-'))
  faults = []
  storage = memoryStorage({ faults })
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  rmSync(home, { recursive: true })
})

const schema = schemaOf(TABLES.raw)
const request = (name: string, properties: Record<string, string> = TABLES.raw.properties) => ({
  name,
  schema,
  spec: specOf(TABLES.raw, schema),
  properties,
})
const id = (name: string) => ({ namespace: ['db'], name })
const set = (key: string): Update => ({ action: 'set-properties', updates: { [key]: 'x' } })
const commit = (store: Store, name: string, key: string, idempotency: string | null = null) =>
  store.commit([{ identifier: id(name), requirements: [], updates: [set(key)] }], idempotency)

async function withTable(properties?: Record<string, string>): Promise<{ store: Store; table: StoredTable }> {
  const store = await open()
  await store.createNamespace(['db'], {})
  const table = (await store.create(['db'], request('t', properties), false)) as StoredTable
  return { store, table }
}

describe('metadata files', () => {
  test('lie in LOCATION/metadata, gzip where the table asks, one write and no read a commit', async () => {
    const { store, table } = await withTable()
    expect(table.metadataLocation).toMatch(
      /^memory:\/\/w\/db\/t\/metadata\/00000-[0-9a-f-]{36}\.gz\.metadata\.json$/,
    )
    storage.reset()
    const [next] = await commit(store, 't', 'a')
    expect(next?.metadataLocation).toMatch(/\/00001-[0-9a-f-]{36}\.gz\.metadata\.json$/)
    expect(storage.counts).toMatchObject({ writes: 1, reads: 0, lists: 0, deletes: 0 })
    const bytes = storage.objects.get(next!.metadataLocation)!.bytes
    expect(parseMetadata(gunzipSync(bytes))).toEqual(next?.metadata)
    expect(next?.metadata['metadata-log'].map((e) => e['metadata-file'])).toEqual([table.metadataLocation])
  })

  test('plain where the table does not ask for gzip', async () => {
    const { table } = await withTable({})
    expect(table.metadataLocation).toMatch(/00000-[0-9a-f-]{36}\.metadata\.json$/)
    expect(
      JSON.parse(new TextDecoder().decode(storage.objects.get(table.metadataLocation)!.bytes)),
    ).toMatchObject({
      'format-version': 2,
    })
  })

  test('old ones go after the commit, as many as the table keeps stay; without the property all stay', async () => {
    const keep = { 'write.metadata.previous-versions-max': '2' }
    const { store } = await withTable({ ...keep, 'write.metadata.delete-after-commit.enabled': 'true' })
    for (const key of ['a', 'b', 'c', 'd']) await commit(store, 't', key)
    expect(storage.objects.size).toBe(3)
    const { metadata } = await store.load(id('t'))
    for (const entry of metadata['metadata-log'])
      expect(storage.objects.has(entry['metadata-file'])).toBe(true)
    await store.create(['db'], request('all', keep), false)
    for (const key of ['a', 'b', 'c', 'd']) await commit(store, 'all', key)
    expect([...storage.objects.keys()].filter((l) => l.includes('/all/'))).toHaveLength(5)
    expect((await store.load(id('all'))).metadata['metadata-log']).toHaveLength(2)
  })
})

describe('failures', () => {
  const write = (kind: StorageFault['kind'], outcome: 'reject' | 'unknown'): StorageFault => ({
    operation: 'write',
    kind,
    error: new LakeError('DISK', 'no space', { outcome }),
  })

  test('a metadata file that cannot be written leaves the table as it was', async () => {
    const { store, table } = await withTable()
    faults.push(write('fail', 'reject'))
    expect(await codeOf(commit(store, 't', 'a'))).toBe('DISK reject')
    expect((await store.load(id('t'))).metadataLocation).toBe(table.metadataLocation)
    await commit(store, 't', 'a')
  })

  test('one that may have been written is not deleted and not used', async () => {
    const { store, table } = await withTable()
    faults.push(write('lose-reply', 'unknown'))
    expect(await codeOf(commit(store, 't', 'a'))).toBe('DISK unknown')
    expect(storage.objects.size).toBe(2)
    expect((await store.load(id('t'))).metadataLocation).toBe(table.metadataLocation)
  })

  test('several tables: the second write failing undoes the first', async () => {
    const { store } = await withTable()
    await store.create(['db'], request('u'), false)
    const before = [...storage.objects.keys()]
    faults.push({ ...write('fail', 'reject'), nth: 2 })
    const change = (name: string) => ({ identifier: id(name), requirements: [], updates: [set('a')] })
    expect(await codeOf(store.commit([change('t'), change('u')], null))).toBe('DISK reject')
    expect([...storage.objects.keys()]).toEqual(before)
    expect(await codeOf(store.commit([change('t'), change('t')], null))).toBe('INVALID reject')
    await store.commit([change('t'), change('u')], null)
    expect((await store.load(id('u'))).metadata.properties).toMatchObject({ a: 'x' })
  })

  test('old files that cannot be removed are no failure of the commit', async () => {
    const { store } = await withTable({
      'write.metadata.previous-versions-max': '1',
      'write.metadata.delete-after-commit.enabled': 'true',
    })
    faults.push({ operation: 'delete', kind: 'fail', times: 99 })
    for (const key of ['a', 'b', 'c']) await commit(store, 't', key)
    expect(storage.objects.size).toBe(4)
  })

  test('row 9: a key that was used changes nothing again, over a restart too', async () => {
    const { store } = await withTable()
    const key = '0192f5a0-0000-7000-8000-000000000001'
    const [first] = await commit(store, 't', 'a', key)
    await store.close()
    const again = await open()
    const [second] = await commit(again, 't', 'b', key)
    expect(second?.metadataLocation).toBe(first?.metadataLocation)
    expect(second?.metadata.properties).not.toHaveProperty('b')
    await commit(again, 't', 'b', '0192f5a0-0000-7000-8000-000000000002')
    expect((await again.load(id('t'))).metadata.properties).toHaveProperty('b')
  })
})

describe('row 22: two instances on one warehouse', () => {
  test('the second reads, says why it does not write, and takes over when the first has gone', async () => {
    const { store } = await withTable()
    const second = await open()
    expect([store.readOnly(), second.readOnly()]).toEqual([false, true])
    await commit(store, 't', 'a')
    expect((await second.load(id('t'))).metadata.properties).toMatchObject({ a: 'x' })
    const refused = commit(second, 't', 'b')
    await expect(refused).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining(`process ${process.pid}`),
    })
    await store.close()
    await commit(second, 't', 'b')
    expect(second.readOnly()).toBe(false)
    expect((await second.load(id('t'))).metadata.properties).toMatchObject({ a: 'x', b: 'x' })
  })

  test('a lock that was not taken in whole does not keep its own process out', async () => {
    const owner = join(home, 'catalog', 'owner.json')
    mkdirSync(owner, { recursive: true })
    await expect(open()).rejects.toThrow('EISDIR')
    rmSync(owner, { recursive: true })
    const store = await open()
    await store.createNamespace(['a'], {})
    expect(store.readOnly()).toBe(false)
  })

  test('a killed process leaves no lock behind', async () => {
    const { store } = await withTable()
    await store.close()
    const lock = fileURLToPath(new URL('../../../src/main/catalog/lock.ts', import.meta.url))
    const script = `import { takeLock } from ${JSON.stringify(lock)}
      console.log(takeLock(process.argv[1]) !== null); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, join(home, 'catalog')])
    const first = await new Promise((resolve) =>
      child.stdout.once('data', (data: Buffer) => resolve(String(data).trim())),
    )
    expect(first).toBe('true')
    const second = await open()
    expect(await codeOf(commit(second, 't', 'a'))).toBe('LOCKED reject')
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
    await commit(second, 't', 'a')
    expect(second.readOnly()).toBe(false)
  })
})

describe('places', () => {
  test('names become folders inside the warehouse, whatever they hold', async () => {
    const store = await open()
    const odd = ['a/../b', 'ü *', '%2E', '.catalog']
    await store.createNamespace(odd, {})
    const table = (await store.create(odd, request('x/y'), false)) as StoredTable
    expect(table.metadata.location).toBe('memory://w/a%2F..%2Fb/%C3%BC%20%2A/%252E/%2Ecatalog/x%2Fy')
    for (const name of ['', '.', '..', 'a\\b', 'a\u0000', 'x'.repeat(201)]) {
      expect(await codeOf(store.createNamespace([name], {}))).toBe('INVALID reject')
    }
  })

  test('a client cannot choose a place outside the warehouse', async () => {
    const { store } = await withTable()
    const places = ['file:///etc', '/etc', 'memory://w2/t', 'memory://w/../x', 's3://bucket/t']
    for (const location of places) {
      const create = store.create(['db'], { ...request('x'), location }, false)
      expect(await codeOf(create), location).toBe('FORBIDDEN reject')
      const move = store.commit(
        [{ identifier: id('t'), requirements: [], updates: [{ action: 'set-location', location }] }],
        null,
      )
      expect(await codeOf(move), location).toBe('FORBIDDEN reject')
      expect(await codeOf(store.register(id('y'), `${location}/m.json`, false)), location).toBe(
        'FORBIDDEN reject',
      )
    }
    const path: Update = { action: 'set-properties', updates: { 'write.metadata.path': 'file:///root' } }
    expect(
      await codeOf(store.commit([{ identifier: id('t'), requirements: [], updates: [path] }], null)),
    ).toBe('FORBIDDEN reject')
  })

  test('two tables never share a place, and a purge takes only its own files', async () => {
    const { store, table } = await withTable()
    await storage.write(`${table.metadata.location}/data/a.parquet`, new Uint8Array([1]))
    await store.rename(id('t'), id('moved'))
    const fresh = (await store.create(['db'], request('t'), false)) as StoredTable
    expect(fresh.metadata.location).toMatch(/^memory:\/\/w\/db\/t-[0-9a-f]{8}$/)
    await store.drop(id('t'), true)
    expect([...storage.objects.keys()].every((l) => l.startsWith('memory://w/db/t/'))).toBe(true)
    expect(storage.objects.size).toBe(2)
    await store.drop(id('moved'), false)
    expect(storage.objects.size).toBe(2)
    // a dropped table that was not purged keeps its place to itself
    expect(((await store.create(['db'], request('t'), false)) as StoredTable).metadata.location).toMatch(
      /t-[0-9a-f]{8}$/,
    )
  })
})

test('a creation can be staged: nothing is written until it is committed', async () => {
  const { store } = await withTable()
  const before = storage.objects.size
  const staged = await store.create(['db'], request('staged'), true)
  expect('metadataLocation' in staged).toBe(false)
  expect(storage.objects.size).toBe(before)
  expect(await codeOf(store.load(id('staged')))).toBe('NO_TABLE reject')
})

test('commits at once are made one after another', async () => {
  const { store } = await withTable()
  await Promise.all(Array.from({ length: 20 }, (_, i) => commit(store, 't', `k${i}`)))
  const { metadata } = await store.load(id('t'))
  expect(Object.keys(metadata.properties).filter((key) => /^k\d+$/.test(key))).toHaveLength(20)
  expect(metadata['metadata-log']).toHaveLength(20)
})
