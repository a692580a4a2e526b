import type { SnapshotDetail, SnapshotPage, SnapshotView } from '../../../shared/inspect.ts'
import { headSnapshot } from '../../iceberg/metadata.ts'
import type { Snapshot, TableMetadata } from '../../iceberg/types.ts'
import type { Lake } from '../lake.ts'
import { loadingOf, shortLedger } from './ledger.ts'
import { matches, type OpenTable, type PageRequest, roleOf, slice, snapshotOf } from './table.ts'

/** A count of a summary; null where its writer left it out. */
export const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null

/** Newest first: by sequence number, which v1 tables lack, then by instant. */
export function newestFirst(metadata: TableMetadata): Snapshot[] {
  return [...metadata.snapshots].sort(
    (a, b) => b['sequence-number'] - a['sequence-number'] || b['timestamp-ms'] - a['timestamp-ms'],
  )
}

/** Snapshots whose id, operation, writer or reference holds every word of `find`. Reads the metadata file only. */
export function snapshotPage(
  table: OpenTable,
  request: PageRequest & { readonly find?: string | undefined },
): SnapshotPage {
  const view = viewer(table.lake, table)
  const all = newestFirst(table.metadata)
  const { find } = request
  if (!find) {
    const snapshots = slice(all, request).map(view)
    return { snapshots, total: all.length, page: request.page, pageSize: request.pageSize }
  }
  const found = all.map(view).filter((one) => matches(wordsOf(one), find))
  return {
    snapshots: slice(found, request),
    total: found.length,
    page: request.page,
    pageSize: request.pageSize,
  }
}

const wordsOf = (one: SnapshotView) =>
  `${one.id} ${one.operation} ${one.writer ?? ''} ${one.refs.join(' ')} ${new Date(one.at).toISOString()} ${one.ledger?.verdict ?? ''}`

/** Every snapshot, newest first. */
export function allSnapshots(table: OpenTable): SnapshotView[] {
  return newestFirst(table.metadata).map(viewer(table.lake, table))
}

/** One snapshot with its summary and the offsets it took. NOT_FOUND where it is gone. */
export function snapshotDetail(table: OpenTable, id: string): SnapshotDetail {
  const snapshot = snapshotOf(table, id)!
  return {
    ...viewer(table.lake, table)(snapshot),
    manifestList: snapshot['manifest-list'] ?? null,
    summary: snapshot.summary,
    loading: loadingOf(table.metadata, snapshot),
  }
}

/** Makes views of a table's snapshots. */
export function viewer(
  lake: Lake,
  { identifier, metadata }: OpenTable,
): (snapshot: Snapshot) => SnapshotView {
  const role = roleOf(lake, identifier)
  const head = headSnapshot(metadata)?.['snapshot-id']
  const refs = new Map<bigint, string[]>()
  for (const [name, ref] of Object.entries(metadata.refs)) {
    refs.set(ref['snapshot-id'], [...(refs.get(ref['snapshot-id']) ?? []), name])
  }
  return (snapshot) => {
    const { summary } = snapshot
    const parent = snapshot['parent-snapshot-id']
    return {
      id: String(snapshot['snapshot-id']),
      parentId: parent === undefined ? null : String(parent),
      sequenceNumber: snapshot['sequence-number'],
      at: snapshot['timestamp-ms'],
      operation: summary.operation ?? 'unknown',
      current: snapshot['snapshot-id'] === head,
      refs: refs.get(snapshot['snapshot-id']) ?? [],
      schemaId: snapshot['schema-id'] ?? null,
      addedFiles: numberOf(summary['added-data-files']),
      removedFiles: numberOf(summary['deleted-data-files']),
      addedDeleteFiles: numberOf(summary['added-delete-files']),
      addedRows: numberOf(summary['added-records']),
      removedRows: numberOf(summary['deleted-records']),
      addedBytes: numberOf(summary['added-files-size']),
      totalRows: numberOf(summary['total-records']),
      totalFiles: numberOf(summary['total-data-files']),
      totalBytes: numberOf(summary['total-files-size']),
      writer: writerOf(summary),
      ledger: shortLedger(snapshot, role),
    }
  }
}

/** Who wrote a snapshot, as far as its summary tells. */
function writerOf(summary: Readonly<Record<string, string>>): string | null {
  if (summary['tarn.pipeline'] !== undefined) return `tarn, ${summary['tarn.pipeline']}`
  if (summary['tarn.rollup.source-snapshot'] !== undefined) return 'tarn, rollup'
  if (summary['tarn.replay'] !== undefined) return 'tarn, replay'
  if (summary['tarn.commit'] !== undefined) return 'tarn'
  const engine = summary['engine-name']
  if (engine !== undefined) return [engine, summary['engine-version']].filter(Boolean).join(' ')
  if (summary['spark.app.id'] !== undefined) return 'spark'
  if (summary['flink.job-id'] !== undefined) return 'flink'
  if (summary.trino_query_id !== undefined) return 'trino'
  return summary['iceberg-version'] ?? null
}
