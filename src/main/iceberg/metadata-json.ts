/**
 * Table metadata, updates and requirements between parsed JSON and plain data. Reading is lenient: format v1 shapes
 * (single `schema`, bare `partition-spec`, no refs), -1 and null for "none", absent optional lists; unknown members
 * are kept where they stood. Writing is strict (spec, Table Metadata and Appendix C).
 */
import { LakeError } from '../../shared/errors.ts'
import {
  array,
  boolean,
  integer,
  isRecord,
  type JsonRecord,
  long,
  member,
  optional,
  record,
  records,
  string,
  strings,
} from './fields.ts'
import { FIRST_PARTITION_FIELD_ID, parsePrimitive } from './schema.ts'
import type {
  NestedField,
  PartitionField,
  PartitionSpec,
  Requirement,
  Schema,
  Snapshot,
  SnapshotRef,
  SortOrder,
  StructType,
  TableMetadata,
  Type,
  Update,
} from './types.ts'

/** The members of TableMetadata, and the v1 ones that are rebuilt from them on writing. */
const KNOWN: ReadonlySet<string> = new Set([
  'format-version',
  'table-uuid',
  'location',
  'last-sequence-number',
  'last-updated-ms',
  'last-column-id',
  'schemas',
  'current-schema-id',
  'partition-specs',
  'default-spec-id',
  'last-partition-id',
  'properties',
  'current-snapshot-id',
  'snapshots',
  'snapshot-log',
  'metadata-log',
  'sort-orders',
  'default-sort-order-id',
  'refs',
  'schema',
  'partition-spec',
])

const UNSORTED: SortOrder = { 'order-id': 0, fields: [] }
const MAX_TYPE_DEPTH = 100

/** @throws LakeError INVALID naming the member that is missing or of the wrong kind. */
export function readMetadata(raw: unknown): TableMetadata {
  if (!isRecord(raw)) throw new LakeError('INVALID', 'table metadata must be an object')
  const version = integer(raw, 'format-version')
  if (version !== 1 && version !== 2 && version !== 3) {
    throw new LakeError('UNSUPPORTED', `table format version ${version} is not supported (1, 2 and 3 are)`)
  }
  const schemas = readSchemas(raw)
  const specs = readSpecs(raw)
  const orders = optional(raw, 'sort-orders', records, []).map(readSortOrder)
  const snapshots = optional(raw, 'snapshots', records, []).map(readSnapshot)
  const current = optional(raw, 'current-snapshot-id', long, -1n)
  const metadata: TableMetadata = {
    'format-version': version,
    'table-uuid': optional(raw, 'table-uuid', string, ''),
    location: string(raw, 'location'),
    'last-sequence-number': optional(raw, 'last-sequence-number', integer, 0),
    'last-updated-ms': integer(raw, 'last-updated-ms'),
    'last-column-id': integer(raw, 'last-column-id'),
    schemas,
    'current-schema-id': optional(raw, 'current-schema-id', integer, schemas[0]!['schema-id']),
    'partition-specs': specs,
    'default-spec-id': optional(raw, 'default-spec-id', integer, specs[0]!['spec-id']),
    'last-partition-id': optional(raw, 'last-partition-id', integer, highestPartitionId(specs)),
    properties: optional(raw, 'properties', strings, {}),
    ...(current === -1n ? {} : { 'current-snapshot-id': current }),
    snapshots,
    'snapshot-log': optional(raw, 'snapshot-log', records, []).map((entry) => ({
      'timestamp-ms': integer(entry, 'timestamp-ms'),
      'snapshot-id': long(entry, 'snapshot-id'),
    })),
    'metadata-log': optional(raw, 'metadata-log', records, []).map((entry) => ({
      'timestamp-ms': integer(entry, 'timestamp-ms'),
      'metadata-file': string(entry, 'metadata-file'),
    })),
    'sort-orders': orders.length === 0 ? [UNSORTED] : orders,
    'default-sort-order-id': optional(raw, 'default-sort-order-id', integer, 0),
    refs: readRefs(raw, current),
  }
  const extra = Object.entries(raw).filter(([key]) => !KNOWN.has(key))
  return extra.length === 0 ? metadata : { ...metadata, extra: Object.fromEntries(extra) }
}

/** The JSON members of `metadata` in the spec's order; `stringifyJson` makes text of it. */
export function writeMetadata(metadata: TableMetadata): Record<string, unknown> {
  const { extra, 'current-snapshot-id': current, snapshots, ...rest } = metadata
  const version = metadata['format-version']
  const none = version >= 3 ? null : -1
  const v1 = version === 1 ? v1Members(metadata) : {}
  const out: Record<string, unknown> = {
    ...rest,
    ...v1,
    'current-snapshot-id': current ?? none,
    snapshots: snapshots.map(writeSnapshot),
    ...extra,
  }
  if (version === 1) delete out['last-sequence-number']
  if (metadata['table-uuid'] === '') delete out['table-uuid']
  return out
}

/** What readers of format v1 look for beside the lists. */
function v1Members(metadata: TableMetadata): Record<string, unknown> {
  const spec = metadata['partition-specs'].find((s) => s['spec-id'] === metadata['default-spec-id'])
  return {
    schema: metadata.schemas.find((s) => s['schema-id'] === metadata['current-schema-id']),
    'partition-spec': spec?.fields ?? [],
  }
}

function writeSnapshot(snapshot: Snapshot): Record<string, unknown> {
  const { summary, 'sequence-number': sequence, ...rest } = snapshot
  return {
    ...(sequence > 0 ? { 'sequence-number': sequence } : {}),
    ...rest,
    ...(Object.keys(summary).length > 0 ? { summary } : {}),
  }
}

function readSchemas(raw: JsonRecord): readonly Schema[] {
  const listed = optional(raw, 'schemas', records, [])
  return (listed.length > 0 ? listed : [record(raw, 'schema')]).map(readSchema)
}

/** A schema with canonical type spellings; `schema-id` 0 where absent (v1). */
export function readSchema(raw: JsonRecord): Schema {
  const struct = readStruct(raw, 0)
  const identifiers =
    member(raw, 'identifier-field-ids') === undefined ? [] : array(raw, 'identifier-field-ids')
  if (!identifiers.every((id) => Number.isSafeInteger(id))) {
    throw new LakeError('INVALID', 'identifier-field-ids must be integers')
  }
  const schema: Schema = { ...raw, ...struct, 'schema-id': optional(raw, 'schema-id', integer, 0) }
  countIds(schema, new Set())
  return schema
}

/** Refuses a field id that is used twice: every lookup by id would be ambiguous. */
function countIds(type: Type, seen: Set<number>): void {
  const add = (id: number) => {
    if (seen.has(id)) throw new LakeError('INVALID', `field id ${id} is used twice in one schema`)
    seen.add(id)
  }
  if (typeof type === 'string') return
  if (type.type === 'struct') {
    for (const field of type.fields) {
      add(field.id)
      countIds(field.type, seen)
    }
  } else if (type.type === 'list') {
    add(type['element-id'])
    countIds(type.element, seen)
  } else {
    add(type['key-id'])
    add(type['value-id'])
    countIds(type.key, seen)
    countIds(type.value, seen)
  }
}

function readStruct(raw: JsonRecord, depth: number): StructType {
  const fields = records(raw, 'fields').map(
    (field): NestedField => ({
      ...field,
      id: integer(field, 'id'),
      name: string(field, 'name'),
      required: boolean(field, 'required'),
      type: readType(field, 'type', depth + 1),
    }),
  )
  return { type: 'struct', fields }
}

function readType(holder: JsonRecord, key: string, depth: number): Type {
  const raw = member(holder, key)
  if (typeof raw === 'string') return parsePrimitive(raw)
  if (depth > MAX_TYPE_DEPTH)
    throw new LakeError('INVALID', `types nested deeper than ${MAX_TYPE_DEPTH} levels`)
  const type = record(holder, key)
  switch (string(type, 'type')) {
    case 'struct':
      return { ...type, ...readStruct(type, depth) }
    case 'list':
      return {
        ...type,
        type: 'list',
        'element-id': integer(type, 'element-id'),
        'element-required': boolean(type, 'element-required'),
        element: readType(type, 'element', depth + 1),
      }
    case 'map':
      return {
        ...type,
        type: 'map',
        'key-id': integer(type, 'key-id'),
        key: readType(type, 'key', depth + 1),
        'value-id': integer(type, 'value-id'),
        'value-required': boolean(type, 'value-required'),
        value: readType(type, 'value', depth + 1),
      }
    default:
      throw new LakeError('INVALID', `unknown type ${JSON.stringify(type.type)}`)
  }
}

function readSpecs(raw: JsonRecord): readonly PartitionSpec[] {
  const listed = optional(raw, 'partition-specs', records, [])
  if (listed.length > 0) return listed.map(readSpec)
  return [readSpec({ 'spec-id': 0, fields: optional(raw, 'partition-spec', array, []) })]
}

/** A partition spec; field ids from 1000 in order where absent (v1). */
export function readSpec(raw: JsonRecord): PartitionSpec {
  return {
    'spec-id': optional(raw, 'spec-id', integer, 0),
    fields: records(raw, 'fields').map((field, index) => ({
      ...readSpecField(field),
      'field-id': optional(field, 'field-id', integer, FIRST_PARTITION_FIELD_ID + index),
    })),
  }
}

function readSpecField(field: JsonRecord): Omit<PartitionField, 'field-id'> {
  return {
    ...field,
    'source-id': readSource(field),
    name: string(field, 'name'),
    transform: string(field, 'transform'),
  }
}

/** v3 may name several sources; all transforms that exist take the first. */
function readSource(field: JsonRecord): number {
  const many = optional(field, 'source-ids', array, [])
  return (
    optional(field, 'source-id', integer, Number.isSafeInteger(many[0]) ? (many[0] as number) : null) ??
    integer(field, 'source-id')
  )
}

export function readSortOrder(raw: JsonRecord): SortOrder {
  return {
    'order-id': optional(raw, 'order-id', integer, 0),
    fields: records(raw, 'fields').map((field) => ({
      ...field,
      transform: string(field, 'transform'),
      'source-id': readSource(field),
      direction: oneOf(string(field, 'direction'), ['asc', 'desc']),
      'null-order': oneOf(string(field, 'null-order'), ['nulls-first', 'nulls-last']),
    })),
  }
}

function oneOf<T extends string>(value: string, allowed: readonly T[]): T {
  const found = allowed.find((item) => item === value)
  if (found === undefined)
    throw new LakeError('INVALID', `${JSON.stringify(value)} must be ${allowed.join(' or ')}`)
  return found
}

export function readSnapshot(raw: JsonRecord): Snapshot {
  const { 'parent-snapshot-id': _parent, ...rest } = raw
  const parent = optional(raw, 'parent-snapshot-id', long, -1n)
  return {
    ...rest,
    'snapshot-id': long(raw, 'snapshot-id'),
    ...(parent === -1n ? {} : { 'parent-snapshot-id': parent }),
    'sequence-number': optional(raw, 'sequence-number', integer, 0),
    'timestamp-ms': integer(raw, 'timestamp-ms'),
    summary: optional(raw, 'summary', strings, {}),
  }
}

function readRef(raw: JsonRecord): SnapshotRef {
  return {
    ...raw,
    'snapshot-id': long(raw, 'snapshot-id'),
    type: oneOf(string(raw, 'type'), ['branch', 'tag']),
  }
}

/** Refs by name; metadata from before refs existed has its current snapshot as the branch `main`. */
function readRefs(raw: JsonRecord, current: bigint): Readonly<Record<string, SnapshotRef>> {
  const listed = optional(raw, 'refs', record, {})
  const refs: Record<string, SnapshotRef> = Object.fromEntries(
    Object.keys(listed).map((name) => [name, readRef(record(listed, name))]),
  )
  if (current === -1n || Object.hasOwn(refs, 'main')) return refs
  return { ...refs, main: { 'snapshot-id': current, type: 'branch' } }
}

function highestPartitionId(specs: readonly PartitionSpec[]): number {
  const ids = specs.flatMap((spec) => spec.fields.map((field) => field['field-id']))
  return Math.max(FIRST_PARTITION_FIELD_ID - 1, ...ids)
}

/**
 * An update as a client sent it. A field of `add-spec` without id keeps `field-id` 0, for `applyUpdates` to assign.
 * @throws LakeError INVALID for an unknown action or a malformed member.
 */
export function readUpdate(raw: JsonRecord): Update {
  const action = string(raw, 'action')
  switch (action) {
    case 'assign-uuid':
      return { action, uuid: string(raw, 'uuid') }
    case 'upgrade-format-version':
      return { action, 'format-version': integer(raw, 'format-version') }
    case 'add-schema': {
      const last = optional(raw, 'last-column-id', integer, null)
      return {
        action,
        schema: readSchema(record(raw, 'schema')),
        ...(last === null ? {} : { 'last-column-id': last }),
      }
    }
    case 'set-current-schema':
      return { action, 'schema-id': integer(raw, 'schema-id') }
    case 'add-spec': {
      const spec = record(raw, 'spec')
      const fields = records(spec, 'fields').map((field) => ({
        ...readSpecField(field),
        'field-id': optional(field, 'field-id', integer, 0),
      }))
      return { action, spec: { 'spec-id': optional(spec, 'spec-id', integer, 0), fields } }
    }
    case 'set-default-spec':
      return { action, 'spec-id': integer(raw, 'spec-id') }
    case 'add-sort-order':
      return { action, 'sort-order': readSortOrder(record(raw, 'sort-order')) }
    case 'set-default-sort-order':
      return { action, 'sort-order-id': integer(raw, 'sort-order-id') }
    case 'add-snapshot':
      return { action, snapshot: readSnapshot(record(raw, 'snapshot')) }
    case 'set-snapshot-ref':
      return { ...readRef(raw), action, 'ref-name': string(raw, 'ref-name') }
    case 'remove-snapshots': {
      return { action, 'snapshot-ids': array(raw, 'snapshot-ids').map((id) => long({ id }, 'id')) }
    }
    case 'remove-snapshot-ref':
      return { action, 'ref-name': string(raw, 'ref-name') }
    case 'set-location':
      return { action, location: string(raw, 'location') }
    // older clients spell the two lists `updated` and `removed`
    case 'set-properties': {
      return { action, updates: strings(raw, member(raw, 'updates') === undefined ? 'updated' : 'updates') }
    }
    case 'remove-properties': {
      const names = array(raw, member(raw, 'removals') === undefined ? 'removed' : 'removals')
      return { action, removals: names.map((name) => string({ name }, 'name')) }
    }
    case 'set-statistics':
      return { action, statistics: record(raw, 'statistics') }
    case 'remove-statistics':
      return { action, 'snapshot-id': long(raw, 'snapshot-id') }
    case 'set-partition-statistics': {
      return { action, 'partition-statistics': record(raw, 'partition-statistics') }
    }
    case 'remove-partition-statistics':
      return { action, 'snapshot-id': long(raw, 'snapshot-id') }
    case 'remove-partition-specs':
      return { action, 'spec-ids': integers(raw, 'spec-ids') }
    case 'remove-schemas':
      return { action, 'schema-ids': integers(raw, 'schema-ids') }
    case 'add-encryption-key':
      return { action, 'encryption-key': record(raw, 'encryption-key') }
    case 'remove-encryption-key':
      return { action, 'key-id': string(raw, 'key-id') }
    default:
      throw new LakeError('INVALID', `unknown update action ${JSON.stringify(action)}`)
  }
}

function integers(raw: JsonRecord, key: string): readonly number[] {
  return array(raw, key).map((id) => integer({ [key]: id }, key))
}

/** @throws LakeError INVALID for an unknown type or a malformed member. */
export function readRequirement(raw: JsonRecord): Requirement {
  const type = string(raw, 'type')
  switch (type) {
    case 'assert-create':
      return { type }
    case 'assert-table-uuid':
      return { type, uuid: string(raw, 'uuid') }
    case 'assert-ref-snapshot-id': {
      return { type, ref: string(raw, 'ref'), 'snapshot-id': optional(raw, 'snapshot-id', long, null) }
    }
    case 'assert-last-assigned-field-id': {
      return { type, 'last-assigned-field-id': integer(raw, 'last-assigned-field-id') }
    }
    case 'assert-current-schema-id':
      return { type, 'current-schema-id': integer(raw, 'current-schema-id') }
    case 'assert-last-assigned-partition-id': {
      return { type, 'last-assigned-partition-id': integer(raw, 'last-assigned-partition-id') }
    }
    case 'assert-default-spec-id':
      return { type, 'default-spec-id': integer(raw, 'default-spec-id') }
    case 'assert-default-sort-order-id': {
      return { type, 'default-sort-order-id': integer(raw, 'default-sort-order-id') }
    }
    default:
      throw new LakeError('INVALID', `unknown requirement ${JSON.stringify(type)}`)
  }
}
