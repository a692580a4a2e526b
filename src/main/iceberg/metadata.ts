/**
 * Table metadata: files, creation, the requirements of a commit, and lookups. All functions return new data and leave their arguments as they are.
 */
import { gunzipSync } from 'node:zlib'
import { assertNever } from '../../shared/assert.ts'
import { LakeError } from '../../shared/errors.ts'
import { parseJson, stringifyJson } from './json.ts'
import { readMetadata, writeMetadata } from './metadata-json.ts'
import { assignFreshIds, FIRST_PARTITION_FIELD_ID, fieldById } from './schema.ts'
import type { PartitionSpec, Requirement, Schema, Snapshot, SortOrder, TableMetadata } from './types.ts'

/** Unpacked metadata larger than this is refused. */
const MAX_METADATA_BYTES = 256 * 1024 * 1024

/**
 * Reads a metadata file, gzip or plain, told apart by its first bytes.
 * @throws LakeError CORRUPT for what is not table metadata, UNSUPPORTED for a later format version.
 */
export function parseMetadata(file: string | Uint8Array): TableMetadata {
  try {
    return readMetadata(parseJson(typeof file === 'string' ? file : unpack(file)))
  } catch (error) {
    if (error instanceof LakeError && error.code === 'UNSUPPORTED') throw error
    throw new LakeError('CORRUPT', `not readable as table metadata: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

function unpack(bytes: Uint8Array): string {
  const gzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  const plain = gzip ? gunzipSync(bytes, { maxOutputLength: MAX_METADATA_BYTES }) : bytes
  return new TextDecoder('utf-8', { fatal: true }).decode(plain)
}

/** The text of a metadata file. */
export function serializeMetadata(metadata: TableMetadata): string {
  return stringifyJson(writeMetadata(metadata))
}

// --- lookups ---

export function schemaById(metadata: TableMetadata, id: number): Schema {
  const schema = metadata.schemas.find((s) => s['schema-id'] === id)
  if (schema === undefined) throw new LakeError('CORRUPT', `the table has no schema ${id}`)
  return schema
}

export function currentSchema(metadata: TableMetadata): Schema {
  return schemaById(metadata, metadata['current-schema-id'])
}

export function specById(metadata: TableMetadata, id: number): PartitionSpec {
  const spec = metadata['partition-specs'].find((s) => s['spec-id'] === id)
  if (spec === undefined) throw new LakeError('CORRUPT', `the table has no partition spec ${id}`)
  return spec
}

export function currentSpec(metadata: TableMetadata): PartitionSpec {
  return specById(metadata, metadata['default-spec-id'])
}

const snapshotIndexes = new WeakMap<TableMetadata, ReadonlyMap<bigint, Snapshot>>()

/** Null where the snapshot is not (or no longer) in the table. */
export function snapshotById(metadata: TableMetadata, id: bigint): Snapshot | null {
  let index = snapshotIndexes.get(metadata)
  if (index === undefined) {
    index = new Map(metadata.snapshots.map((snapshot) => [snapshot['snapshot-id'], snapshot]))
    snapshotIndexes.set(metadata, index)
  }
  return index.get(id) ?? null
}

/** The snapshot a branch or tag points to; null for a table (or ref) without one. */
export function headSnapshot(metadata: TableMetadata, ref = 'main'): Snapshot | null {
  const at = Object.hasOwn(metadata.refs, ref) ? metadata.refs[ref] : undefined
  return at === undefined ? null : snapshotById(metadata, at['snapshot-id'])
}

/** The snapshot `id` and its parents, newest first, as far back as the table still holds them. */
export function* ancestors(metadata: TableMetadata, id: bigint): Generator<Snapshot> {
  let at = snapshotById(metadata, id)
  for (let left = metadata.snapshots.length; at !== null && left > 0; left--) {
    yield at
    const parent: bigint | undefined = at['parent-snapshot-id']
    at = parent === undefined ? null : snapshotById(metadata, parent)
  }
}

// --- creation ---

export interface NewTable {
  readonly uuid: string
  /** Absolute, without a trailing slash. */
  readonly location: string
  readonly schema: Schema
  readonly spec: PartitionSpec
  readonly order?: SortOrder
  readonly properties: Readonly<Record<string, string>>
}

/** Properties that ask for something rather than being stored. */
const RESERVED: ReadonlySet<string> = new Set([
  'format-version',
  'uuid',
  'snapshot-count',
  'current-snapshot-summary',
  'current-snapshot-id',
  'current-snapshot-timestamp-ms',
  'current-schema',
  'default-partition-spec',
  'default-sort-order',
])

/**
 * Metadata of a table that does not exist yet. All field ids are assigned anew, as servers do (rule 27); the property
 * `format-version` chooses the version (default 2) and is not stored.
 */
export function newMetadata(table: NewTable, clock: () => number): TableMetadata {
  const version = Number(table.properties['format-version'] ?? 2)
  if (version !== 1 && version !== 2 && version !== 3) {
    throw new LakeError('INVALID', `unsupported format-version ${table.properties['format-version']}`)
  }
  let lastColumn = 0
  const { schema, ids } = assignFreshIds(table.schema, 0, () => ++lastColumn)
  const source = (id: number): number => {
    const fresh = ids.get(id)
    if (fresh === undefined) throw new LakeError('INVALID', `source field ${id} is not a field of the schema`)
    return fresh
  }
  const spec: PartitionSpec = {
    'spec-id': 0,
    fields: table.spec.fields.map((field, index) => ({
      ...field,
      'source-id': source(field['source-id']),
      'field-id': FIRST_PARTITION_FIELD_ID + index,
    })),
  }
  const orderFields = (table.order?.fields ?? []).map((f) => ({ ...f, 'source-id': source(f['source-id']) }))
  const order: SortOrder = { 'order-id': orderFields.length === 0 ? 0 : 1, fields: orderFields }
  const properties = Object.entries(table.properties).filter(([key]) => !RESERVED.has(key))
  checkSpec(spec, schema)
  checkOrder(order, schema)
  return {
    'format-version': version,
    'table-uuid': table.uuid,
    location: table.location,
    'last-sequence-number': 0,
    'last-updated-ms': clock(),
    'last-column-id': lastColumn,
    schemas: [schema],
    'current-schema-id': 0,
    'partition-specs': [spec],
    'default-spec-id': 0,
    'last-partition-id': FIRST_PARTITION_FIELD_ID - 1 + spec.fields.length,
    properties: Object.fromEntries(properties),
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
    'sort-orders': [order],
    'default-sort-order-id': order['order-id'],
    refs: {},
    ...(version === 3 ? { extra: { 'next-row-id': 0 } } : {}),
  }
}

/** @throws LakeError INVALID for a field whose source is absent or nested, or a name used twice. */
export function checkSpec(spec: PartitionSpec, schema: Schema): void {
  const names = new Set<string>()
  for (const field of spec.fields) {
    if (names.has(field.name)) throw new LakeError('INVALID', `partition field ${field.name} appears twice`)
    names.add(field.name)
    if (field.transform !== 'void') checkSource('partition', field['source-id'], schema)
  }
}

/** @throws LakeError INVALID for a field whose source is absent or nested. */
export function checkOrder(order: SortOrder, schema: Schema): void {
  for (const field of order.fields) checkSource('sort', field['source-id'], schema)
}

function checkSource(kind: string, id: number, schema: Schema): void {
  const source = fieldById(schema, id)
  if (source === null) throw new LakeError('INVALID', `Cannot find source column ${id} of a ${kind} field`)
  if (typeof source.type !== 'string') {
    throw new LakeError('INVALID', `Invalid ${kind} source ${source.name}: not a primitive type`)
  }
}

// --- requirements ---

/**
 * Checks a commit's requirements against the table as it is; null means the table does not exist.
 * @throws LakeError CONFLICT (outcome retry) for the first that does not hold.
 */
export function checkRequirements(
  metadata: TableMetadata | null,
  requirements: readonly Requirement[],
): void {
  for (const requirement of requirements) {
    const failure = metadata === null ? absentTable(requirement) : unmet(metadata, requirement)
    if (failure === null) continue
    throw new LakeError('CONFLICT', `Requirement failed: ${failure}`, {
      outcome: 'retry',
      context: { requirement: requirement.type },
    })
  }
}

function absentTable(requirement: Requirement): string | null {
  if (requirement.type === 'assert-create') return null
  if (requirement.type === 'assert-ref-snapshot-id' && requirement['snapshot-id'] === null) return null
  return 'table does not exist'
}

function unmet(metadata: TableMetadata, requirement: Requirement): string | null {
  const differs = (what: string, expected: number, found: number): string | null =>
    expected === found ? null : `${what} changed: expected id ${expected} != ${found}`
  switch (requirement.type) {
    case 'assert-create':
      return 'table already exists'
    case 'assert-table-uuid': {
      const same = requirement.uuid.toLowerCase() === metadata['table-uuid'].toLowerCase()
      return same ? null : `UUID does not match: expected ${metadata['table-uuid']} != ${requirement.uuid}`
    }
    case 'assert-ref-snapshot-id': {
      const ref = Object.hasOwn(metadata.refs, requirement.ref) ? metadata.refs[requirement.ref] : undefined
      const expected = requirement['snapshot-id']
      const found = ref?.['snapshot-id'] ?? null
      if (expected === found) return null
      const name = `${ref?.type ?? 'branch'} ${requirement.ref}`
      if (expected === null) return `${name} was created concurrently`
      return found === null
        ? `${name} is missing, expected ${expected}`
        : `${name} has changed: expected id ${expected} != ${found}`
    }
    case 'assert-last-assigned-field-id':
      return differs(
        'last assigned field id',
        requirement['last-assigned-field-id'],
        metadata['last-column-id'],
      )
    case 'assert-current-schema-id':
      return differs('current schema', requirement['current-schema-id'], metadata['current-schema-id'])
    case 'assert-last-assigned-partition-id':
      return differs(
        'last assigned partition id',
        requirement['last-assigned-partition-id'],
        metadata['last-partition-id'],
      )
    case 'assert-default-spec-id':
      return differs('default partition spec', requirement['default-spec-id'], metadata['default-spec-id'])
    case 'assert-default-sort-order-id':
      return differs(
        'default sort order',
        requirement['default-sort-order-id'],
        metadata['default-sort-order-id'],
      )
    default:
      return assertNever(requirement)
  }
}
