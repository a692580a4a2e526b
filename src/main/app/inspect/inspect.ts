import { isLakeError, LakeError, toFault } from '../../../shared/errors.ts'
import type {
  FilePage,
  PartitionPage,
  SnapshotView,
  TableDetail,
  TableSummary,
} from '../../../shared/model.ts'
import { TABLE_ROLES, type TableRole, tableOf } from '../../../shared/tables.ts'
import type { LoadedTable } from '../../iceberg/catalog.ts'
import { layoutOf } from '../../iceberg/layout.ts'
import { currentSchema, currentSpec, headSnapshot, schemaById, specById } from '../../iceberg/metadata.ts'
import { partitionPath } from '../../iceberg/partition.ts'
import { pathById, printType } from '../../iceberg/schema.ts'
import { liveFiles } from '../../iceberg/snapshot.ts'
import type { DataFile, LiveFile, Snapshot, TableMetadata } from '../../iceberg/types.ts'
import type { Lake } from '../lake.ts'
import { tableDifferences } from '../setup/tables.ts'

export interface PageRequest {
  readonly page: number
  readonly pageSize: number
  /** Default: the head of main. */
  readonly snapshot?: string | undefined
}

const SNAPSHOTS_SHOWN = 500
/** Snapshots whose files are kept in memory, so that paging does not read manifests again. */
const KEPT = 6

/** One line per table; a table that is absent or cannot be read says so in its line. */
export async function tableSummaries(lake: Lake, signal: AbortSignal): Promise<TableSummary[]> {
  return Promise.all(
    TABLE_ROLES.map(async (role) => {
      try {
        return summaryOf(lake, role, await lake.io.catalog.loadTable(lake.tables[role], signal))
      } catch (error) {
        if (isLakeError(error, 'CANCELLED')) throw error
        const absent = isLakeError(error, 'NO_TABLE', 'NO_NAMESPACE')
        return {
          ...NOTHING,
          role,
          name: lake.tables[role].name,
          exists: !absent,
          fault: absent ? null : toFault(error),
        }
      }
    }),
  )
}

const NOTHING = {
  location: null,
  snapshotId: null,
  snapshots: 0,
  files: 0,
  rows: 0,
  bytes: 0,
  updatedAt: null,
}

function summaryOf(lake: Lake, role: TableRole, table: LoadedTable): TableSummary {
  const { metadata } = table
  const head = headSnapshot(metadata)
  const count = (key: string) => (head ? numberOf(head.summary[key]) : null) ?? 0
  return {
    role,
    name: lake.tables[role].name,
    exists: true,
    location: metadata.location,
    snapshotId: head ? String(head['snapshot-id']) : null,
    snapshots: metadata.snapshots.length,
    files: count('total-data-files'),
    rows: count('total-records'),
    bytes: count('total-files-size'),
    updatedAt: head?.['timestamp-ms'] ?? metadata['last-updated-ms'],
    fault: null,
  }
}

/** Everything of one table but its files. NO_TABLE where it is absent. */
export async function tableDetail(lake: Lake, role: TableRole, signal: AbortSignal): Promise<TableDetail> {
  const table = await lake.io.catalog.loadTable(lake.tables[role], signal)
  const { metadata } = table
  const schema = currentSchema(metadata)
  const head = headSnapshot(metadata)?.['snapshot-id']
  const identifier = new Set(schema['identifier-field-ids'] ?? [])
  return {
    ...summaryOf(lake, role, table),
    uuid: metadata['table-uuid'],
    formatVersion: metadata['format-version'],
    metadataLocation: table.metadataLocation,
    columns: schema.fields.map((field) => ({
      id: field.id,
      name: field.name,
      type: printType(field.type),
      required: field.required,
      identifier: identifier.has(field.id),
      doc: field.doc ?? null,
    })),
    partitionFields: currentSpec(metadata).fields.map((field) => ({
      name: field.name,
      source: pathById(schema, field['source-id']) ?? String(field['source-id']),
      transform: field.transform,
    })),
    properties: metadata.properties,
    recentSnapshots: [...metadata.snapshots]
      .sort((a, b) => b['sequence-number'] - a['sequence-number'] || b['timestamp-ms'] - a['timestamp-ms'])
      .slice(0, SNAPSHOTS_SHOWN)
      .map((snapshot) => snapshotView(snapshot, head)),
    differences: tableDifferences(tableOf(role, layoutOf(role, metadata) ?? 'specified'), metadata).map(
      ({ what, expected, found }) => `${what}: ${found}, specified ${expected}`,
    ),
  }
}

function snapshotView(snapshot: Snapshot, head: bigint | undefined): SnapshotView {
  const { summary } = snapshot
  return {
    id: String(snapshot['snapshot-id']),
    parentId: snapshot['parent-snapshot-id'] === undefined ? null : String(snapshot['parent-snapshot-id']),
    at: snapshot['timestamp-ms'],
    operation: summary.operation ?? 'unknown',
    current: snapshot['snapshot-id'] === head,
    addedFiles: numberOf(summary['added-data-files']),
    removedFiles: numberOf(summary['deleted-data-files']),
    addedRows: numberOf(summary['added-records']),
    removedRows: numberOf(summary['deleted-records']),
    totalRows: numberOf(summary['total-records']),
    totalFiles: numberOf(summary['total-data-files']),
    summary,
  }
}

const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null

/** Partitions with live files, most bytes first. */
export async function tablePartitions(
  lake: Lake,
  role: TableRole,
  request: PageRequest,
): Promise<PartitionPage> {
  const { metadata, files } = await filesOf(lake, role, request.snapshot)
  const partitions = new Map<
    string,
    { path: string; files: number; rows: number; bytes: number; deleteFiles: number }
  >()
  const pathOf = partitionPaths(metadata)
  for (const { file } of files) {
    const path = pathOf(file)
    const entry = partitions.get(path) ?? { path, files: 0, rows: 0, bytes: 0, deleteFiles: 0 }
    partitions.set(path, entry)
    entry.bytes += file.fileSize
    if (file.content === 'data') {
      entry.files += 1
      entry.rows += file.recordCount
    } else entry.deleteFiles += 1
  }
  const all = [...partitions.values()].sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
  return {
    partitions: slice(all, request),
    total: all.length,
    page: request.page,
    pageSize: request.pageSize,
  }
}

/** Live files, newest first. */
export async function tableFiles(lake: Lake, role: TableRole, request: PageRequest): Promise<FilePage> {
  const { metadata, files } = await filesOf(lake, role, request.snapshot)
  const pathOf = partitionPaths(metadata)
  return {
    files: slice(files, request).map(({ file, snapshotId, sequenceNumber }) => ({
      path: file.path,
      content: file.content,
      partition: pathOf(file),
      rows: file.recordCount,
      bytes: file.fileSize,
      snapshotId: String(snapshotId),
      sequenceNumber,
    })),
    total: files.length,
    page: request.page,
    pageSize: request.pageSize,
  }
}

const slice = <T>(all: readonly T[], { page, pageSize }: PageRequest): T[] =>
  all.slice(page * pageSize, (page + 1) * pageSize)

function partitionPaths(metadata: TableMetadata): (file: DataFile) => string {
  const schema = currentSchema(metadata)
  return (file) => {
    const spec = specById(metadata, file.specId)
    return spec.fields.length === 0
      ? '(whole table)'
      : partitionPath(spec, schemaFor(metadata, schema, spec), file.partition)
  }
}

/** A dropped column is still the source of partitions written before: then the schema that had it is used. */
function schemaFor(
  metadata: TableMetadata,
  current: ReturnType<typeof currentSchema>,
  spec: ReturnType<typeof specById>,
) {
  const has = (schema: typeof current) =>
    spec.fields.every((field) => pathById(schema, field['source-id']) !== null)
  if (has(current)) return current
  return metadata.schemas.map((one) => schemaById(metadata, one['schema-id'])).findLast(has) ?? current
}

const caches = new WeakMap<Lake, Map<string, Promise<LiveFile[]>>>()

/** The live files of a snapshot, newest first; kept, so that asking again reads no manifest. NOT_FOUND without it. */
export async function filesOf(
  lake: Lake,
  role: TableRole,
  snapshot: string | undefined,
): Promise<{ metadata: TableMetadata; files: readonly LiveFile[] }> {
  const { metadata } = await lake.io.catalog.loadTable(lake.tables[role])
  const id = snapshot === undefined ? headSnapshot(metadata)?.['snapshot-id'] : BigInt(snapshot)
  if (id === undefined) return { metadata, files: [] }
  if (!metadata.snapshots.some((one) => one['snapshot-id'] === id)) {
    throw new LakeError('NOT_FOUND', `${lake.tables[role].name} has no snapshot ${id}`, {
      remedy: 'Reload the table: the snapshot may have expired.',
    })
  }
  const cache = caches.get(lake) ?? new Map<string, Promise<LiveFile[]>>()
  caches.set(lake, cache)
  const key = `${metadata['table-uuid']} ${id}`
  let files = cache.get(key)
  if (!files) {
    files = liveFiles(lake.io.storage, metadata, id).then((found) =>
      found.sort((a, b) => b.sequenceNumber - a.sequenceNumber || (a.file.path < b.file.path ? -1 : 1)),
    )
    cache.set(key, files)
    files.catch(() => cache.delete(key))
    for (const old of [...cache.keys()].slice(0, Math.max(0, cache.size - KEPT))) cache.delete(old)
  }
  return { metadata, files: await files }
}
