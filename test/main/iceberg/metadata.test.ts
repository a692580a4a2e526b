import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  ancestors,
  checkRequirements,
  currentSchema,
  currentSpec,
  headSnapshot,
  newMetadata,
  parseMetadata,
  serializeMetadata,
} from '../../../src/main/iceberg/metadata.ts'
import { schemaOf, specOf } from '../../../src/main/iceberg/schema.ts'
import type { Snapshot, TableMetadata } from '../../../src/main/iceberg/types.ts'
import { applyUpdates } from '../../../src/main/iceberg/update.ts'
import { isLakeError } from '../../../src/shared/errors.ts'
import { TABLES } from '../../../src/shared/tables.ts'

const T0 = 1_700_000_000_000
const schema = schemaOf(TABLES.raw)
const fresh = (): TableMetadata =>
  newMetadata(
    {
      uuid: '6f2b1e0a-0000-4000-8000-000000000001',
      location: 's3a://data-lake/warehouse/health_db/raw',
      schema,
      spec: specOf(TABLES.raw, schema),
      properties: { ...TABLES.raw.properties, 'format-version': '2' },
    },
    () => T0,
  )

const snapshot = (id: bigint, sequence: number, parent?: bigint): Snapshot => ({
  'snapshot-id': id,
  ...(parent === undefined ? {} : { 'parent-snapshot-id': parent }),
  'sequence-number': sequence,
  'timestamp-ms': T0 + sequence,
  'manifest-list': `s3a://data-lake/warehouse/health_db/raw/metadata/snap-${id}.avro`,
  summary: { operation: 'append' },
  'schema-id': 0,
})

const append = (m: TableMetadata, s: Snapshot): TableMetadata =>
  applyUpdates(
    m,
    [
      { action: 'add-snapshot', snapshot: s },
      { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': s['snapshot-id'] },
    ],
    () => T0 + 1000,
  )

const A = 9_223_372_036_854_775_001n
const B = 9_223_372_036_854_775_002n
const C = 9_223_372_036_854_775_003n

describe('metadata files', () => {
  test('a round trip keeps 63-bit snapshot ids, refs and unknown members', () => {
    const table = append(append(fresh(), snapshot(A, 1)), snapshot(B, 2, A))
    const withExtra: TableMetadata = { ...table, extra: { statistics: [], 'some-later-key': { id: C } } }
    const text = serializeMetadata(withExtra)
    expect(text).toContain(`"current-snapshot-id":${B}`)
    expect(parseMetadata(text)).toEqual(withExtra)
    expect(parseMetadata(gzipSync(text))).toEqual(withExtra)
  })

  test('no snapshot: written as -1, read back as absent', () => {
    const text = serializeMetadata(fresh())
    expect(text).toContain('"current-snapshot-id":-1')
    expect(parseMetadata(text)['current-snapshot-id']).toBeUndefined()
    expect(headSnapshot(parseMetadata(text))).toBeNull()
  })

  test('v1 with a single schema, a bare spec, no refs and inline manifests', () => {
    const v1 = {
      'format-version': 1,
      location: 'file:///w/t',
      'last-updated-ms': T0,
      'last-column-id': 2,
      schema: {
        type: 'struct',
        fields: [
          { id: 1, name: 'a', required: true, type: 'long' },
          { id: 2, name: 'b', required: false, type: 'decimal(4,1)' },
        ],
      },
      'partition-spec': [{ 'source-id': 1, name: 'a_bucket', transform: 'bucket[4]' }],
      'current-snapshot-id': 5,
      snapshots: [
        { 'snapshot-id': 5, 'parent-snapshot-id': -1, 'timestamp-ms': T0, manifests: ['file:///w/m.avro'] },
      ],
    }
    const table = parseMetadata(JSON.stringify(v1))
    expect(currentSchema(table).fields[1]?.type).toBe('decimal(4, 1)')
    expect(currentSpec(table).fields[0]).toMatchObject({ 'field-id': 1000, transform: 'bucket[4]' })
    expect(headSnapshot(table)).toMatchObject({ 'snapshot-id': 5n, manifests: ['file:///w/m.avro'] })
    expect(headSnapshot(table)).not.toHaveProperty('parent-snapshot-id')
    const again = JSON.parse(serializeMetadata(table)) as Record<string, unknown>
    expect(again.schema).toMatchObject({ fields: [{ name: 'a' }, { name: 'b' }] })
    expect(again['partition-spec']).toHaveLength(1)
    expect(again).not.toHaveProperty('last-sequence-number')
  })

  test('what is not metadata is CORRUPT, a later version UNSUPPORTED', () => {
    const code = (text: string): string => {
      try {
        parseMetadata(text)
      } catch (error) {
        return isLakeError(error) ? error.code : 'other'
      }
      return 'none'
    }
    expect(code('<html>')).toBe('CORRUPT')
    expect(code('{"format-version":2}')).toBe('CORRUPT')
    expect(code('{"format-version":9}')).toBe('UNSUPPORTED')
    const twice = JSON.parse(serializeMetadata(fresh())) as { schemas: { fields: { id: number }[] }[] }
    twice.schemas[0]!.fields[1]!.id = 1
    expect(code(JSON.stringify(twice))).toBe('CORRUPT')
  })
})

describe('rule 20: snapshots', () => {
  test('sequence numbers rise; the log and last-updated-ms follow', () => {
    const table = append(append(fresh(), snapshot(A, 1)), snapshot(B, 2, A))
    expect(table['last-sequence-number']).toBe(2)
    expect(table['snapshot-log'].map((e) => e['snapshot-id'])).toEqual([A, B])
    expect([...ancestors(table, B)].map((s) => s['snapshot-id'])).toEqual([B, A])
    expect(() => append(table, snapshot(C, 2, B))).toThrow(/older than last sequence number/)
    expect(() => append(table, snapshot(B, 3, B))).toThrow(/already exists/)
  })

  test('last-updated-ms never falls when the clock does', () => {
    const table = fresh()
    const later = applyUpdates(table, [{ action: 'set-properties', updates: { a: 'b' } }], () => T0 - 120_000)
    expect(later['last-updated-ms']).toBe(T0)
    expect(table.properties).not.toHaveProperty('a')
  })

  test('a snapshot that was the head only inside one commit leaves no log entry', () => {
    const set = (s: Snapshot) =>
      [
        { action: 'add-snapshot', snapshot: s },
        { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': s['snapshot-id'] },
      ] as const
    const table = applyUpdates(fresh(), [...set(snapshot(A, 1)), ...set(snapshot(B, 2, A))], () => T0)
    expect(table['snapshot-log'].map((e) => e['snapshot-id'])).toEqual([B])
    expect(table.snapshots).toHaveLength(2)
  })

  test('removing snapshots cuts the log, drops refs and statistics', () => {
    const table = append(append(append(fresh(), snapshot(A, 1)), snapshot(B, 2, A)), snapshot(C, 3, B))
    const tagged = applyUpdates(
      table,
      [
        { action: 'set-snapshot-ref', 'ref-name': 'keep', type: 'tag', 'snapshot-id': B },
        { action: 'set-statistics', statistics: { 'snapshot-id': B, 'statistics-path': 'x' } },
      ],
      () => T0,
    )
    const less = applyUpdates(tagged, [{ action: 'remove-snapshots', 'snapshot-ids': [B] }], () => T0)
    expect(less['snapshot-log'].map((e) => e['snapshot-id'])).toEqual([C])
    expect(Object.keys(less.refs)).toEqual(['main'])
    expect(less.extra).toEqual({ statistics: [] })
    expect([...ancestors(less, C)].map((s) => s['snapshot-id'])).toEqual([C])
  })
})

describe('rules 22 to 24: requirements', () => {
  const table = append(fresh(), snapshot(A, 1))
  const holds = (
    requirement: Parameters<typeof checkRequirements>[1][number],
    m: TableMetadata | null = table,
  ) => {
    try {
      checkRequirements(m, [requirement])
      return true
    } catch (error) {
      expect(isLakeError(error, 'CONFLICT') && error.outcome).toBe('retry')
      return false
    }
  }
  test('each of the eight holds and fails as it should', () => {
    expect(holds({ type: 'assert-create' })).toBe(false)
    expect(holds({ type: 'assert-create' }, null)).toBe(true)
    expect(holds({ type: 'assert-table-uuid', uuid: table['table-uuid'].toUpperCase() })).toBe(true)
    expect(holds({ type: 'assert-table-uuid', uuid: 'other' })).toBe(false)
    expect(holds({ type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': A })).toBe(true)
    expect(holds({ type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': null })).toBe(false)
    expect(holds({ type: 'assert-ref-snapshot-id', ref: 'toString', 'snapshot-id': null })).toBe(true)
    expect(holds({ type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': A + 1n })).toBe(false)
    expect(holds({ type: 'assert-last-assigned-field-id', 'last-assigned-field-id': 17 })).toBe(true)
    expect(holds({ type: 'assert-last-assigned-field-id', 'last-assigned-field-id': 15 })).toBe(false)
    expect(holds({ type: 'assert-current-schema-id', 'current-schema-id': 0 })).toBe(true)
    expect(holds({ type: 'assert-last-assigned-partition-id', 'last-assigned-partition-id': 1001 })).toBe(
      true,
    )
    expect(holds({ type: 'assert-default-spec-id', 'default-spec-id': 1 })).toBe(false)
    expect(holds({ type: 'assert-default-sort-order-id', 'default-sort-order-id': 0 })).toBe(true)
  })
})

describe('rule 23 and 10: schema and spec changes', () => {
  test('an added schema gets the next id, an equal one is reused', () => {
    const table = fresh()
    const wider = {
      ...schema,
      fields: [...schema.fields, { id: 18, name: 'x', required: false, type: 'int' as const }],
    }
    const changed = applyUpdates(
      table,
      [
        { action: 'add-schema', schema: wider },
        { action: 'set-current-schema', 'schema-id': -1 },
      ],
      () => T0,
    )
    expect([changed['current-schema-id'], changed['last-column-id'], changed.schemas.length]).toEqual([
      1, 18, 2,
    ])
    const back = applyUpdates(
      changed,
      [
        { action: 'add-schema', schema },
        { action: 'set-current-schema', 'schema-id': -1 },
      ],
      () => T0,
    )
    expect([back['current-schema-id'], back['last-column-id'], back.schemas.length]).toEqual([0, 18, 2])
  })

  test('partition fields keep their ids over evolutions, new ones go past the last', () => {
    const table = fresh()
    const spec = {
      'spec-id': 0,
      fields: [
        { 'source-id': 4, 'field-id': 0, name: 'data_type', transform: 'identity' },
        { 'source-id': 2, 'field-id': 0, name: 'user_bucket', transform: 'bucket[8]' },
      ],
    }
    const changed = applyUpdates(
      table,
      [
        { action: 'add-spec', spec },
        { action: 'set-default-spec', 'spec-id': -1 },
      ],
      () => T0,
    )
    expect(currentSpec(changed).fields.map((f) => f['field-id'])).toEqual([1001, 1002])
    expect([changed['default-spec-id'], changed['last-partition-id']]).toEqual([1, 1002])
  })

  test('a partition source cannot be dropped from the current schema', () => {
    const narrower = { ...schema, fields: schema.fields.filter((f) => f.name !== 'data_type') }
    expect(() =>
      applyUpdates(
        fresh(),
        [
          { action: 'add-schema', schema: narrower },
          { action: 'set-current-schema', 'schema-id': -1 },
        ],
        () => T0,
      ),
    ).toThrow(/Cannot find source column/)
  })

  test('a creation by updates gives the same table as newMetadata', () => {
    const table = fresh()
    const created = applyUpdates(
      null,
      [
        { action: 'assign-uuid', uuid: table['table-uuid'] },
        { action: 'upgrade-format-version', 'format-version': 2 },
        { action: 'add-schema', schema, 'last-column-id': 17 },
        { action: 'set-current-schema', 'schema-id': -1 },
        { action: 'add-spec', spec: specOf(TABLES.raw, schema) },
        { action: 'set-default-spec', 'spec-id': -1 },
        { action: 'add-sort-order', 'sort-order': { 'order-id': 0, fields: [] } },
        { action: 'set-default-sort-order', 'sort-order-id': -1 },
        { action: 'set-location', location: `${table.location}/` },
        { action: 'set-properties', updates: TABLES.raw.properties },
      ],
      () => T0,
    )
    expect(created).toEqual(table)
  })
})

test('rule 27: newMetadata assigns field ids itself', () => {
  const odd = { ...schema, fields: schema.fields.map((f) => ({ ...f, id: f.id + 500 })) }
  const spec = {
    'spec-id': 3,
    fields: [{ 'source-id': 504, 'field-id': 7, name: 'data_type', transform: 'identity' }],
  }
  const table = newMetadata({ uuid: 'u', location: 'file:///t', schema: odd, spec, properties: {} }, () => T0)
  expect(currentSchema(table).fields.map((f) => f.id)).toEqual(schema.fields.map((f) => f.id))
  expect(currentSpec(table).fields).toEqual([
    { 'source-id': 4, 'field-id': 1000, name: 'data_type', transform: 'identity' },
  ])
})
