import { isLakeError, toFault } from '../../../shared/errors.ts'
import type {
  ColumnView,
  LimitView,
  NamespaceView,
  SchemaView,
  TableDetail,
  TableSummary,
} from '../../../shared/inspect.ts'
import { TABLE_ROLES, type TableRole, tableOf } from '../../../shared/tables.ts'
import type { Namespace } from '../../iceberg/catalog.ts'
import { stringifyJson } from '../../iceberg/json.ts'
import { layoutOf } from '../../iceberg/layout.ts'
import { headSnapshot } from '../../iceberg/metadata.ts'
import { innerFields, isPrimitive, isStruct, pathById, printType } from '../../iceberg/schema.ts'
import { parseTransform } from '../../iceberg/transform.ts'
import type { NestedField, Schema, TableMetadata } from '../../iceberg/types.ts'
import type { Lake } from '../lake.ts'
import { tableDifferences } from '../setup/tables.ts'
import { newestFirst, numberOf } from './snapshots.ts'
import { type OpenTable, roleOf } from './table.ts'

/** Commits whose pace is told. */
const PACED = 20

/** What lies in a namespace; the top level without one. NO_NAMESPACE where it is not there. */
export async function namespaceView(
  lake: Lake,
  namespace: Namespace,
  signal: AbortSignal,
): Promise<NamespaceView> {
  const { catalog } = lake.io
  const [namespaces, tables, views] = await Promise.all([
    catalog.listNamespaces(namespace, signal).catch((error: unknown) => {
      // Servers without nested namespaces may refuse to look below one.
      if (namespace.length > 0 && isLakeError(error) && error.outcome === 'reject') return []
      throw error
    }),
    namespace.length === 0 ? [] : catalog.listTables(namespace, signal),
    namespace.length === 0 ? [] : catalog.listViews(namespace, signal),
  ])
  const names = (all: readonly { readonly name: string }[]) =>
    all.map((one) => one.name).sort((a, b) => (a < b ? -1 : 1))
  return {
    namespaces: namespaces
      .map((levels) => (levels.length > namespace.length ? levels : [...namespace, ...levels]))
      .sort((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1)),
    tables: names(tables),
    views: names(views),
  }
}

/** One line per table of the five; a table that is absent or cannot be read says so in its line. */
export async function tableSummaries(lake: Lake, signal: AbortSignal): Promise<TableSummary[]> {
  return Promise.all(TABLE_ROLES.map((role) => tableSummary(lake, role, signal)))
}

async function tableSummary(lake: Lake, role: TableRole, signal: AbortSignal): Promise<TableSummary> {
  const { namespace, name } = lake.tables[role]
  const nothing = {
    role,
    namespace,
    name,
    location: null,
    snapshotId: null,
    snapshots: 0,
    files: 0,
    rows: 0,
    bytes: 0,
    updatedAt: null,
  }
  try {
    const { metadata } = await lake.io.catalog.loadTable(lake.tables[role], signal)
    const totals = totalsOf(metadata)
    return {
      ...nothing,
      exists: true,
      location: metadata.location,
      snapshotId: totals.snapshotId,
      snapshots: metadata.snapshots.length,
      files: totals.files ?? 0,
      rows: totals.rows ?? 0,
      bytes: totals.bytes ?? 0,
      updatedAt: totals.updatedAt,
      fault: null,
    }
  } catch (error) {
    if (isLakeError(error, 'CANCELLED')) throw error
    const absent = isLakeError(error, 'NO_TABLE', 'NO_NAMESPACE')
    return { ...nothing, exists: !absent, fault: absent ? null : toFault(error) }
  }
}

function totalsOf(metadata: TableMetadata) {
  const head = headSnapshot(metadata)
  const total = (key: string) => (head === null ? 0 : numberOf(head.summary[key]))
  return {
    rows: total('total-records'),
    bytes: total('total-files-size'),
    files: total('total-data-files'),
    deleteFiles: total('total-delete-files'),
    snapshotId: head === null ? null : String(head['snapshot-id']),
    updatedAt: head?.['timestamp-ms'] ?? metadata['last-updated-ms'],
    addedRows: head === null ? null : numberOf(head.summary['added-records']),
  }
}

/** Everything of one table that its metadata file tells, but its snapshots. */
export function tableDetail({ lake, identifier, loaded, metadata }: OpenTable): TableDetail {
  const role = roleOf(lake, identifier)
  const source = (id: number) =>
    metadata.schemas.map((schema) => pathById(schema, id)).findLast((path) => path !== null) ?? String(id)
  return {
    role,
    namespace: identifier.namespace,
    name: identifier.name,
    uuid: metadata['table-uuid'],
    formatVersion: metadata['format-version'],
    location: metadata.location,
    metadataLocation: loaded.metadataLocation,
    lastSequenceNumber: metadata['last-sequence-number'],
    lastColumnId: metadata['last-column-id'],
    ...totalsOf(metadata),
    snapshots: metadata.snapshots.length,
    commitEveryMs: paceOf(metadata),
    schemas: metadata.schemas.map((schema) => schemaView(metadata, schema)),
    specs: metadata['partition-specs'].map((spec) => ({
      id: spec['spec-id'],
      current: spec['spec-id'] === metadata['default-spec-id'],
      fields: spec.fields.map((field) => ({
        id: field['field-id'],
        name: field.name,
        source: source(field['source-id']),
        transform: field.transform,
      })),
    })),
    sortOrders: metadata['sort-orders'].map((order) => ({
      id: order['order-id'],
      current: order['order-id'] === metadata['default-sort-order-id'],
      fields: order.fields.map((field) => ({
        source: source(field['source-id']),
        transform: field.transform,
        direction: field.direction,
        nulls: field['null-order'],
      })),
    })),
    refs: refsOf(metadata),
    properties: metadata.properties,
    metadataLog: [...metadata['metadata-log']]
      .map((one) => ({ file: one['metadata-file'], at: one['timestamp-ms'] }))
      .reverse(),
    differences:
      role === null
        ? []
        : tableDifferences(tableOf(role, layoutOf(role, metadata) ?? 'specified'), metadata).map(
            ({ what, expected, found }) => `${what}: ${found}, specified ${expected}`,
          ),
    limits: limitsOf(metadata),
  }
}

function refsOf(metadata: TableMetadata): TableDetail['refs'] {
  const at = new Map(metadata.snapshots.map((one) => [one['snapshot-id'], one['timestamp-ms']]))
  return Object.entries(metadata.refs)
    .map(([name, ref]) => ({
      name,
      type: ref.type,
      snapshotId: String(ref['snapshot-id']),
      at: at.get(ref['snapshot-id']) ?? null,
      minSnapshots: ref['min-snapshots-to-keep'] ?? null,
      maxSnapshotAgeMs: ref['max-snapshot-age-ms'] ?? null,
      maxRefAgeMs: ref['max-ref-age-ms'] ?? null,
    }))
    .sort((a, b) => (a.type === b.type ? (a.name < b.name ? -1 : 1) : a.type === 'branch' ? -1 : 1))
}

/** Middle of the times between the newest commits. */
function paceOf(metadata: TableMetadata): number | null {
  const times = newestFirst(metadata)
    .slice(0, PACED + 1)
    .map((one) => one['timestamp-ms'])
  const between = times.slice(1).map((time, i) => (times[i] ?? time) - time)
  return between.length < 2 ? null : (between.sort((a, b) => a - b)[between.length >> 1] ?? null)
}

function schemaView(metadata: TableMetadata, schema: Schema): SchemaView {
  const id = schema['schema-id']
  const identifier = new Set(schema['identifier-field-ids'] ?? [])
  const columns: ColumnView[] = []
  const visit = (field: NestedField, path: string, depth: number): void => {
    const initial = (field as { 'initial-default'?: unknown })['initial-default']
    columns.push({
      id: field.id,
      path,
      name: field.name,
      depth,
      type: isPrimitive(field.type) ? field.type : isStruct(field.type) ? 'struct' : printType(field.type),
      required: field.required,
      identifier: identifier.has(field.id),
      doc: field.doc ?? null,
      initialDefault: initial === undefined ? null : stringifyJson(initial),
    })
    for (const inner of innerFields(field.type)) visit(inner, `${path}.${inner.name}`, depth + 1)
  }
  for (const field of schema.fields) visit(field, field.name, 0)
  const written = metadata.snapshots
    .filter((one) => one['schema-id'] === id)
    .sort((a, b) => a['timestamp-ms'] - b['timestamp-ms'])
  const [first] = written
  return {
    id,
    current: id === metadata['current-schema-id'],
    columns,
    since: first ? { snapshotId: String(first['snapshot-id']), at: first['timestamp-ms'] } : null,
    snapshots: written.length,
  }
}

const TRANSFORMS = /^(identity|void|year|month|day|hour|bucket|truncate)$/

/** What of the table's metadata Tarn does not act on, by name. */
function limitsOf(metadata: TableMetadata): LimitView[] {
  const limits: LimitView[] = []
  const later = new Set<string>()
  const visit = (field: NestedField): void => {
    if (isPrimitive(field.type) && /^(variant|geometry|geography|unknown)/.test(field.type)) {
      later.add(`${field.name} (${field.type})`)
    }
    innerFields(field.type).forEach(visit)
  }
  for (const schema of metadata.schemas) {
    if (schema['schema-id'] === metadata['current-schema-id']) schema.fields.forEach(visit)
  }
  if (later.size > 0) {
    limits.push({
      title: `Types of format v3: ${[...later].join(', ')}`,
      detail: 'Values of these columns cannot be read. All else of the table can.',
    })
  }
  const odd = metadata['partition-specs']
    .flatMap((spec) => spec.fields)
    .filter((field) => !TRANSFORMS.test(parseTransform(field.transform).name))
  if (odd.length > 0) {
    limits.push({
      title: `Partition transforms: ${[...new Set(odd.map((field) => field.transform))].join(', ')}`,
      detail: 'Partitions by them are shown as stored, and leave no file out of a query.',
    })
  }
  if (metadata.properties['encryption.key-id'] !== undefined || metadata.extra?.['encryption-keys']) {
    limits.push({
      title: 'Encryption (format v3)',
      detail: 'Its files need keys that Tarn does not hold. What the metadata tells is shown.',
    })
  }
  return limits
}
