import { LakeError } from '../../../shared/errors.ts'
import type { EntryPage, EntryView, ManifestPage, ManifestView } from '../../../shared/inspect.ts'
import { humanValue } from '../../iceberg/human.ts'
import { readManifest } from '../../iceberg/manifest.ts'
import { specById } from '../../iceberg/metadata.ts'
import { transformResultType } from '../../iceberg/partition.ts'
import type { FieldSummary, PartitionField, TableMetadata } from '../../iceberg/types.ts'
import { decodeValue } from '../../iceberg/values.ts'
import { manifestLines } from './file-lists.ts'
import { partitionPaths, sourceOf } from './paths.ts'
import { type OpenTable, type PageRequest, slice, snapshotOf } from './table.ts'

/** The manifests of a snapshot, as its list has them: one request, whatever their number. */
export async function manifestPage(
  table: OpenTable,
  request: PageRequest & { readonly snapshot?: string | undefined },
  signal?: AbortSignal,
): Promise<ManifestPage> {
  const { metadata } = table
  const snapshot = snapshotOf(table, request.snapshot)
  const lines = await manifestLines(table, snapshot?.['snapshot-id'], signal)
  const manifests = lines.map(
    (line, index): ManifestView => ({
      index,
      path: line.path,
      bytes: line.length,
      content: line.content,
      specId: line.specId,
      sequenceNumber: line.sequenceNumber,
      snapshotId: String(line.addedSnapshotId),
      addedFiles: line.counted ? line.addedFiles : null,
      existingFiles: line.counted ? line.existingFiles : null,
      removedFiles: line.counted ? line.deletedFiles : null,
      rows: line.counted ? line.addedRows + line.existingRows : null,
      encrypted: line.keyMetadata !== undefined,
      partitions: specById(metadata, line.specId).fields.flatMap((field, i) => {
        const summary = line.partitions[i]
        return summary === undefined ? [] : [summaryView(metadata, field, summary)]
      }),
    }),
  )
  return {
    list: snapshot?.['manifest-list'] ?? null,
    manifests: slice(manifests, request),
    total: manifests.length,
    page: request.page,
    pageSize: request.pageSize,
  }
}

function summaryView(
  metadata: TableMetadata,
  field: PartitionField,
  summary: FieldSummary,
): ManifestView['partitions'][number] {
  const source = sourceOf(metadata, field)
  const text = (bytes: Uint8Array | undefined): string | null => {
    if (bytes === undefined || source === null) return null
    try {
      return humanValue(
        field.transform,
        source,
        decodeValue(transformResultType(field.transform, source), bytes),
      )
    } catch {
      return null
    }
  }
  return {
    field: field.name,
    from: text(summary.lower),
    to: text(summary.upper),
    nulls: summary.containsNull,
  }
}

/** The entries of one manifest, deleted ones among them: two requests. */
export async function entryPage(
  table: OpenTable,
  request: PageRequest & { readonly snapshot?: string | undefined; readonly manifest: number },
  signal?: AbortSignal,
): Promise<EntryPage> {
  const { metadata, lake } = table
  const snapshot = snapshotOf(table, request.snapshot)
  const manifest = (await manifestLines(table, snapshot?.['snapshot-id'], signal))[request.manifest]
  if (manifest === undefined) {
    throw new LakeError('NOT_FOUND', `the snapshot has no manifest ${request.manifest}`)
  }
  const pathOf = partitionPaths(metadata)
  const entries = await readManifest(lake.io.storage, manifest, metadata, signal)
  const views = entries.map(
    ({ file, status, snapshotId, sequenceNumber }, index): EntryView => ({
      index,
      status,
      path: file.path,
      content: file.content,
      format: file.format,
      partition: pathOf(file),
      rows: file.recordCount,
      bytes: file.fileSize,
      snapshotId: String(snapshotId ?? 0n),
      sequenceNumber,
    }),
  )
  return {
    entries: slice(views, request),
    total: views.length,
    page: request.page,
    pageSize: request.pageSize,
  }
}
