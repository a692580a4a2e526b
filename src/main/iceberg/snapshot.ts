import { LakeError } from '../../shared/errors.ts'
import { mapConcurrent } from '../base/concurrent.ts'
import type { Storage } from '../storage/storage.ts'
import { readManifest } from './manifest.ts'
import { READ_LANES, readManifestList } from './manifest-list.ts'
import { snapshotById } from './metadata.ts'
import type {
  LiveFile,
  ManifestEntry,
  ManifestFile,
  PrimitiveType,
  Snapshot,
  TableMetadata,
  Value,
} from './types.ts'
import { compareValues, decodeValue, isNan } from './values.ts'

export interface LiveFilesOptions {
  /** Manifests of data files or of delete files only; both by default. */
  readonly content?: 'data' | 'deletes'
  /** Manifests for which this is false are not read. */
  readonly keepManifest?: (manifest: ManifestFile) => boolean
  readonly signal?: AbortSignal
}

/** Files that a snapshot holds, with their data sequence numbers, in the manifests' order. */
export async function liveFiles(
  storage: Storage,
  metadata: TableMetadata,
  snapshotId: bigint,
  options: LiveFilesOptions = {},
): Promise<LiveFile[]> {
  const { content, keepManifest, signal } = options
  const manifests = await readManifestList(storage, requireSnapshot(metadata, snapshotId), signal)
  const wanted = manifests.filter(
    (manifest) =>
      hasLive(manifest) &&
      (content === undefined || manifest.content === content) &&
      (keepManifest === undefined || keepManifest(manifest)),
  )
  const entries = await readEntries(storage, metadata, wanted, signal)
  return entries.filter((entry) => entry.status !== 'deleted').map(liveFile)
}

export interface SnapshotChanges {
  /** Files that this snapshot added, data and delete files. */
  readonly added: readonly LiveFile[]
  /** Files that this snapshot removed. */
  readonly removed: readonly LiveFile[]
}

/** What one snapshot changed against its parent, read from its own manifests only. */
export async function snapshotChanges(
  storage: Storage,
  metadata: TableMetadata,
  snapshotId: bigint,
  signal?: AbortSignal,
): Promise<SnapshotChanges> {
  const manifests = await readManifestList(storage, requireSnapshot(metadata, snapshotId), signal)
  const own = manifests.filter(
    (manifest) => manifest.addedSnapshotId === snapshotId && manifest.addedFiles + manifest.deletedFiles > 0,
  )
  const entries = await readEntries(storage, metadata, own, signal)
  const mine = entries.filter((entry) => entry.snapshotId === snapshotId)
  return {
    added: mine.filter((entry) => entry.status === 'added').map(liveFile),
    removed: mine.filter((entry) => entry.status === 'deleted').map(liveFile),
  }
}

/** Files that one snapshot added. */
export async function addedFiles(
  storage: Storage,
  metadata: TableMetadata,
  snapshotId: bigint,
  signal?: AbortSignal,
): Promise<readonly LiveFile[]> {
  return (await snapshotChanges(storage, metadata, snapshotId, signal)).added
}

/** True where a manifest has entries that are not deleted. */
export function hasLive(manifest: Pick<ManifestFile, 'addedFiles' | 'existingFiles'>): boolean {
  return manifest.addedFiles + manifest.existingFiles > 0
}

/**
 * False only where a manifest's partition summaries prove that it holds no file of `partition`; `types` are the result
 * types of the manifest's spec, null where unknown.
 */
export function mayHoldPartition(
  manifest: Pick<ManifestFile, 'partitions'>,
  types: readonly (PrimitiveType | null)[],
  partition: readonly Value[],
): boolean {
  if (manifest.partitions.length !== partition.length) return true
  return manifest.partitions.every((summary, i) => {
    const value = partition[i] ?? null
    const type = types[i] ?? null
    if (value === null) return summary.containsNull
    if (isNan(value)) return summary.containsNan !== false
    if (type === null) return true
    if (summary.lower === undefined || summary.upper === undefined) return false
    return (
      compareValues(type, decodeValue(type, summary.lower), value) <= 0 &&
      compareValues(type, value, decodeValue(type, summary.upper)) <= 0
    )
  })
}

async function readEntries(
  storage: Storage,
  metadata: TableMetadata,
  manifests: readonly ManifestFile[],
  signal?: AbortSignal,
): Promise<ManifestEntry[]> {
  const lists = await mapConcurrent(
    manifests,
    READ_LANES,
    (manifest, _index, stop) => readManifest(storage, manifest, metadata, stop),
    signal,
  )
  return lists.flat()
}

function liveFile(entry: ManifestEntry): LiveFile {
  return {
    file: entry.file,
    sequenceNumber: entry.sequenceNumber ?? 0,
    snapshotId: entry.snapshotId ?? 0n,
  }
}

function requireSnapshot(metadata: TableMetadata, id: bigint): Snapshot {
  const snapshot = snapshotById(metadata, id)
  if (snapshot) return snapshot
  throw new LakeError('NOT_FOUND', `the table has no snapshot ${id}`, {
    likely: 'it has expired',
    context: { snapshot: String(id) },
  })
}
