import type { TraceCommit, TraceLedger, Writer } from '../../../shared/trace.ts'
import { headSnapshot, snapshotById } from '../../iceberg/metadata.ts'
import { COMMIT_KEY } from '../../iceberg/transaction.ts'
import type { Snapshot, TableMetadata } from '../../iceberg/types.ts'
import { SOURCE_SNAPSHOT_KEY, TIMEZONE_KEY } from '../../rollup/write.ts'

/** What a snapshot says of itself: who wrote it, and what it took from where. `path` is a file that it added. */
export function commitOf(metadata: TableMetadata, snapshotId: bigint, path?: string): TraceCommit {
  const snapshot = snapshotById(metadata, snapshotId)
  if (snapshot === null) return { ...NOTHING, snapshotId: String(snapshotId), commitId: commitInName(path) }
  const { summary } = snapshot
  const parent = snapshot['parent-snapshot-id']
  const source = summary[SOURCE_SNAPSHOT_KEY]
  const replay = summary['tarn.replay']
  return {
    snapshotId: String(snapshotId),
    at: snapshot['timestamp-ms'],
    parentId: parent === undefined ? null : String(parent),
    operation: summary.operation ?? null,
    writer: writerOf(snapshot),
    engine: engineOf(summary),
    commitId: summary[COMMIT_KEY] ?? null,
    addedRows: numberOf(summary['added-records']),
    addedFiles: numberOf(summary['added-data-files']),
    ledger: ledgerOf(summary),
    replay: replay === undefined ? null : { id: replay, batch: summary['tarn.replay.batch'] ?? null },
    rollup: source === undefined ? null : { sourceSnapshot: source, timezone: summary[TIMEZONE_KEY] ?? null },
    timing: null,
  }
}

const NOTHING = {
  at: null,
  parentId: null,
  operation: null,
  writer: 'other' as Writer,
  engine: null,
  addedRows: null,
  addedFiles: null,
  ledger: null,
  replay: null,
  rollup: null,
  timing: null,
}

function writerOf({ summary }: Snapshot): Writer {
  if (summary[SOURCE_SNAPSHOT_KEY] !== undefined) return 'rollup'
  if (summary['tarn.replay'] !== undefined) return 'replay'
  if (summary['tarn.kafka.offsets'] !== undefined) return 'load'
  return summary.operation === 'replace' ? 'maintenance' : 'other'
}

/** True for a snapshot that may hold rows of files it removed: a compaction, a delete or an update by others. */
export function mayRewrite(snapshot: Snapshot): boolean {
  const writer = writerOf(snapshot)
  return writer !== 'rollup' && (snapshot.summary.operation ?? 'append') !== 'append'
}

function engineOf(summary: Readonly<Record<string, string>>): string | null {
  const name = summary['engine-name'] ?? (summary['spark.app.id'] === undefined ? undefined : 'spark')
  const version = summary['engine-version']
  if (name === undefined) return summary['iceberg-version'] ?? null
  return version === undefined ? name : `${name} ${version}`
}

/** The ledger of a summary; null where it has none, or another tool spoilt it. */
export function ledgerOf(summary: Readonly<Record<string, string>>): TraceLedger | null {
  const ranges = rangesOf(summary['tarn.kafka.offsets'])
  const topic = summary['tarn.kafka.topic']
  if (ranges === null || topic === undefined) return null
  return {
    pipeline: summary['tarn.pipeline'] ?? '',
    cluster: summary['tarn.kafka.cluster'] ?? '',
    topic,
    topicId: summary['tarn.kafka.topic-id'] ?? null,
    ranges,
    messages: numberOf(summary['tarn.messages']),
    accepted: numberOf(summary['tarn.rows.accepted']) ?? 0,
    rejected: numberOf(summary['tarn.rows.rejected']) ?? 0,
    skipped: numberOf(summary['tarn.rows.skipped']) ?? 0,
  }
}

function rangesOf(text: string | undefined): TraceLedger['ranges'] | null {
  if (text === undefined) return null
  try {
    return Object.entries(JSON.parse(text) as Record<string, readonly [string, string]>)
      .map(([partition, [from, to]]) => {
        if (BigInt(from) > BigInt(to)) throw new RangeError(partition)
        return { partition: Number(partition), from: String(from), to: String(to) }
      })
      .sort((a, b) => a.partition - b.partition)
  } catch {
    return null
  }
}

/** The first ledger still kept after a sequence number: what an expired commit took lies before its offsets. */
export function ledgerAfter(metadata: TableMetadata, sequenceNumber: number): TraceLedger | null {
  const later = metadata.snapshots
    .filter((snapshot) => snapshot['sequence-number'] > sequenceNumber)
    .sort((a, b) => a['sequence-number'] - b['sequence-number'])
  for (const { summary } of later) {
    const ledger = ledgerOf(summary)
    if (ledger !== null) return ledger
  }
  return null
}

/** The newest ledger of a topic: it tells where that topic is. */
export function newestLedger(metadata: TableMetadata, topic: string | null): TraceLedger | null {
  const head = headSnapshot(metadata)
  for (let at: Snapshot | null = head; at !== null; ) {
    const ledger = ledgerOf(at.summary)
    if (ledger !== null && (topic === null || ledger.topic === topic)) return ledger
    const parent: bigint | undefined = at['parent-snapshot-id']
    at = parent === undefined ? null : snapshotById(metadata, parent)
  }
  return null
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/

/** A loader's data files begin with the id of their commit. */
function commitInName(path: string | undefined): string | null {
  return UUID.exec(path?.split('/').at(-1) ?? '')?.[0] ?? null
}

const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
