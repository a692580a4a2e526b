/**
 * Table metadata between parsed JSON and plain data. Reading is lenient: format v1 shapes
 * (single `schema`, bare `partition-spec`, no refs), -1 and null for "none", absent optional lists; unknown members
 * are kept where they stood. Writing is strict (spec, Table Metadata and Appendix C).
 */
import { LakeError } from '../../shared/errors.ts'
import {
  integer,
  isRecord,
  type JsonRecord,
  long,
  optional,
  record,
  records,
  string,
  strings,
} from './fields.ts'
import { FIRST_PARTITION_FIELD_ID } from './schema.ts'
import { oneOf, readSchema, readSortOrder, readSpecs } from './schema-json.ts'
import type { PartitionSpec, Schema, Snapshot, SnapshotRef, SortOrder, TableMetadata } from './types.ts'

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

export function readRef(raw: JsonRecord): SnapshotRef {
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
