import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Catalog, TableIdentifier } from '../../src/main/iceberg/catalog.ts'
import { currentSchema, currentSpec, headSnapshot } from '../../src/main/iceberg/metadata.ts'
import { schemaOf, specOf } from '../../src/main/iceberg/schema.ts'
import type { Snapshot, Update } from '../../src/main/iceberg/types.ts'
import { LakeError } from '../../src/shared/errors.ts'
import { TABLES } from '../../src/shared/tables.ts'

/** The code of the error that `work` ends with, `none` where it ends well. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'none'
  } catch (error) {
    if (error instanceof LakeError) return `${error.code} ${error.outcome}`
    throw error
  }
}

/** A snapshot as an append would make it; its manifest list is never opened by a catalog. */
export function appendUpdates(
  location: string,
  id: bigint,
  sequence: number,
  parent: bigint | null,
  now: number,
): Update[] {
  const snapshot: Snapshot = {
    'snapshot-id': id,
    ...(parent === null ? {} : { 'parent-snapshot-id': parent }),
    'sequence-number': sequence,
    'timestamp-ms': now,
    'manifest-list': `${location}/metadata/snap-${id}.avro`,
    summary: { operation: 'append', 'tarn.commit': randomUUID() },
    'schema-id': 0,
  }
  return [
    { action: 'add-snapshot', snapshot },
    { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': id },
  ]
}

/** What every catalog must do behind the interface, whoever serves it. `open` is called once. */
export function catalogContract(
  name: string,
  open: () => Promise<{ catalog: Catalog; close(): Promise<void> }>,
): void {
  describe(`catalog contract: ${name}`, () => {
    let catalog: Catalog
    let close: () => Promise<void>
    const namespace = [`c_${randomUUID().slice(0, 8)}`]
    const schema = schemaOf(TABLES.raw)
    const request = (table: string) => ({
      name: table,
      schema,
      spec: specOf(TABLES.raw, schema),
      properties: { ...TABLES.raw.properties, 'format-version': '2' },
    })
    const id = (table: string): TableIdentifier => ({ namespace, name: table })

    beforeAll(async () => {
      const opened = await open()
      catalog = opened.catalog
      close = opened.close
      await catalog.createNamespace(namespace, { owner: 'contract' })
    })
    afterAll(async () => {
      for (const table of await catalog.listTables(namespace))
        await catalog.dropTable(table, { purge: false })
      await catalog.dropNamespace(namespace)
      await close()
    })

    test('namespaces: properties, listing, absence, double creation, a name with odd characters', async () => {
      expect(await catalog.loadNamespace(namespace)).toMatchObject({ owner: 'contract' })
      expect(await catalog.loadNamespace(['c_absent'])).toBeNull()
      expect((await catalog.listNamespaces()).map((n) => n.join('.'))).toContain(namespace[0])
      expect(await codeOf(catalog.createNamespace(namespace, {}))).toBe('ALREADY_EXISTS reject')
      const odd = [`c ${randomUUID().slice(0, 8)} ü+&?=#`]
      await catalog.createNamespace(odd, {})
      expect(await catalog.loadNamespace(odd)).not.toBeNull()
      await catalog.dropNamespace(odd)
      expect(await catalog.loadNamespace(odd)).toBeNull()
      expect(await codeOf(catalog.dropNamespace(odd))).toBe('NO_NAMESPACE reject')
    })

    test('a created table comes back as asked, with the ids of the server', async () => {
      const created = await catalog.createTable(namespace, request('created'))
      const loaded = await catalog.loadTable(id('created'))
      expect(loaded.metadata).toEqual(created.metadata)
      expect(loaded.metadataLocation).toBe(created.metadataLocation)
      const { metadata } = loaded
      expect(metadata['format-version']).toBe(2)
      const shown = currentSchema(metadata).fields.map((f) => [f.name, f.required, f.doc])
      expect(shown).toEqual(schema.fields.map((f) => [f.name, f.required, f.doc]))
      expect(currentSpec(metadata).fields.map((f) => [f.name, f.transform])).toEqual([
        ['start_date_day', 'day'],
        ['data_type', 'identity'],
      ])
      expect(metadata.properties).toMatchObject(TABLES.raw.properties)
      expect(metadata.properties).not.toHaveProperty('format-version')
      expect(headSnapshot(metadata)).toBeNull()
      expect(await codeOf(catalog.createTable(namespace, request('created')))).toBe('ALREADY_EXISTS reject')
    })

    test('exists, list, load of what is not there', async () => {
      expect(await catalog.tableExists(id('created'))).toBe(true)
      expect(await catalog.tableExists(id('absent'))).toBe(false)
      expect(await catalog.tableExists({ namespace: ['c_absent'], name: 't' })).toBe(false)
      expect((await catalog.listTables(namespace)).map((t) => t.name)).toContain('created')
      expect(await codeOf(catalog.listTables(['c_absent']))).toBe('NO_NAMESPACE reject')
      expect(await codeOf(catalog.loadTable(id('absent')))).toBe('NO_TABLE reject')
      expect(await codeOf(catalog.dropNamespace(namespace))).toBe('CONFLICT reject')
    })

    test('a commit keeps 63-bit snapshot ids; a stale one is a conflict that may be retried', async () => {
      const table = await catalog.createTable(namespace, request('commits'))
      const uuid = { type: 'assert-table-uuid', uuid: table.metadata['table-uuid'] } as const
      const first = 9_223_372_036_854_770_001n
      const now = Date.now()
      const commit = {
        identifier: id('commits'),
        requirements: [uuid, { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': null } as const],
        updates: appendUpdates(table.metadata.location, first, 1, null, now),
      }
      const committed = await catalog.commitTable(commit)
      expect(headSnapshot(committed.metadata)?.['snapshot-id']).toBe(first)
      const loaded = await catalog.loadTable(id('commits'))
      expect(loaded.metadata.refs.main?.['snapshot-id']).toBe(first)
      expect(loaded.metadata['last-sequence-number']).toBe(1)
      expect(loaded.metadata['metadata-log']).toHaveLength(1)
      expect(await codeOf(catalog.commitTable(commit))).toBe('CONFLICT retry')
      const stranger = { ...commit, requirements: [{ ...uuid, uuid: randomUUID() }], updates: [] }
      expect(await codeOf(catalog.commitTable(stranger))).toBe('CONFLICT retry')
      expect(await codeOf(catalog.commitTable({ ...commit, identifier: id('absent') }))).toBe(
        'NO_TABLE reject',
      )
    })

    test('of racing commits on one head exactly one wins', async () => {
      const table = await catalog.createTable(namespace, request('race'))
      const now = Date.now()
      const attempts = Array.from({ length: 6 }, (_, i) =>
        codeOf(
          catalog.commitTable({
            identifier: id('race'),
            requirements: [{ type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': null }],
            updates: appendUpdates(
              table.metadata.location,
              7_000_000_000_000_000_000n + BigInt(i),
              1,
              null,
              now,
            ),
          }),
        ),
      )
      const codes = await Promise.all(attempts)
      expect(codes.filter((code) => code === 'none')).toHaveLength(1)
      expect(codes.filter((code) => code === 'CONFLICT retry')).toHaveLength(5)
      expect((await catalog.loadTable(id('race'))).metadata.snapshots).toHaveLength(1)
    })

    test('properties and schema change by updates', async () => {
      const table = await catalog.createTable(namespace, request('evolves'))
      const next = {
        ...currentSchema(table.metadata),
        fields: [
          ...currentSchema(table.metadata).fields,
          {
            id: table.metadata['last-column-id'] + 1,
            name: 'note',
            required: false,
            type: 'string' as const,
          },
        ],
      }
      const { metadata } = await catalog.commitTable({
        identifier: id('evolves'),
        requirements: [{ type: 'assert-current-schema-id', 'current-schema-id': 0 }],
        updates: [
          { action: 'add-schema', schema: next, 'last-column-id': table.metadata['last-column-id'] + 1 },
          { action: 'set-current-schema', 'schema-id': -1 },
          { action: 'set-properties', updates: { 'tarn.offsets.health': '{"next":{"0":"250"}}' } },
        ],
      })
      expect(currentSchema(metadata).fields.at(-1)).toMatchObject({ name: 'note', type: 'string' })
      expect(metadata['current-schema-id']).toBe(1)
      expect(metadata.properties['tarn.offsets.health']).toBe('{"next":{"0":"250"}}')
    })

    test('several tables commit together or not at all', async () => {
      const [a, b] = [
        await catalog.createTable(namespace, request('both_a')),
        await catalog.createTable(namespace, request('both_b')),
      ]
      const now = Date.now()
      const change = (table: typeof a, uuid: string, snapshot: bigint) => ({
        identifier: table.identifier,
        requirements: [{ type: 'assert-table-uuid', uuid } as const],
        updates: appendUpdates(table.metadata.location, snapshot, 1, null, now),
      })
      const stale = [change(a, a.metadata['table-uuid'], 11n), change(b, randomUUID(), 12n)]
      expect(await codeOf(catalog.commitTables(stale))).toBe('CONFLICT retry')
      expect((await catalog.loadTable(a.identifier)).metadata.snapshots).toHaveLength(0)
      await catalog.commitTables([
        change(a, a.metadata['table-uuid'], 13n),
        change(b, b.metadata['table-uuid'], 14n),
      ])
      expect((await catalog.loadTable(a.identifier)).metadata['current-snapshot-id']).toBe(13n)
      expect((await catalog.loadTable(b.identifier)).metadata['current-snapshot-id']).toBe(14n)
    })

    test('rename, drop and register again', async () => {
      const table = await catalog.createTable(namespace, request('before'))
      await catalog.renameTable(id('before'), id('after'))
      expect(await catalog.tableExists(id('before'))).toBe(false)
      expect((await catalog.loadTable(id('after'))).metadata['table-uuid']).toBe(table.metadata['table-uuid'])
      expect(await codeOf(catalog.renameTable(id('before'), id('x')))).toBe('NO_TABLE reject')
      expect(await codeOf(catalog.renameTable(id('after'), id('created')))).toBe('ALREADY_EXISTS reject')
      await catalog.dropTable(id('after'), { purge: false })
      expect(await codeOf(catalog.dropTable(id('after'), { purge: false }))).toBe('NO_TABLE reject')
      const registered = await catalog.registerTable(id('again'), table.metadataLocation!)
      expect(registered.metadata['table-uuid']).toBe(table.metadata['table-uuid'])
      expect(await codeOf(catalog.registerTable(id('again'), table.metadataLocation!))).toBe(
        'ALREADY_EXISTS reject',
      )
    })
  })
}
