import type { ReadingView } from '../../../shared/inspect.ts'
import { cancelled, throwIfCancelled } from '../../base/cancel.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import { readManifest } from '../../iceberg/manifest.ts'
import { READ_LANES, readManifestList } from '../../iceberg/manifest-list.ts'
import { snapshotById } from '../../iceberg/metadata.ts'
import { hasLive } from '../../iceberg/snapshot.ts'
import type { DataFile, LiveFile, ManifestEntry, ManifestFile, TableMetadata } from '../../iceberg/types.ts'
import type { Lake } from '../lake.ts'

/** A live file with the manifest that lists it. Column counts and bounds are left out of data files: they are most of it. */
export interface ListedFile extends LiveFile {
  readonly manifest: string
}

export interface SnapshotFiles {
  /** Newest first. */
  readonly files: readonly ListedFile[]
  readonly manifests: number
}

/** Snapshots whose files are kept in memory, so that paging does not read manifests again. */
const SNAPSHOTS_KEPT = 4
/** Entries of manifests kept: manifests never change, and neighbouring snapshots share most of them. */
const ENTRIES_KEPT = 250_000

/** One read of manifests, shared by all who wait for it and given up when the last of them leaves. */
interface Read {
  readonly answer: Promise<SnapshotFiles>
  readonly stop: AbortController
  waiting: number
  progress: ReadingView | null
}

class Kept {
  readonly reads = new Map<string, Read>()
  readonly #manifests = new Map<string, { entries: number; files: Promise<readonly ListedFile[]> }>()
  #entries = 0

  /** The live files of one manifest, read at most once while it is kept. */
  async manifest(
    lake: Lake,
    metadata: TableMetadata,
    manifest: ManifestFile,
    signal: AbortSignal,
  ): Promise<readonly ListedFile[]> {
    const key = `${metadata['table-uuid']} ${manifest.path}`
    const had = this.#manifests.get(key)
    if (had) {
      this.#manifests.delete(key)
      this.#manifests.set(key, had)
      return had.files
    }
    const entries = await readManifest(lake.io.storage, manifest, metadata, signal)
    const files = entries
      .filter((entry) => entry.status !== 'deleted')
      .map((entry) => listed(entry, manifest))
    this.#manifests.set(key, { entries: files.length, files: Promise.resolve(files) })
    this.#entries += files.length
    for (const [old, { entries: freed }] of this.#manifests) {
      if (this.#entries <= ENTRIES_KEPT || old === key) break
      this.#manifests.delete(old)
      this.#entries -= freed
    }
    return files
  }
}

const kept = new WeakMap<Lake, Kept>()

function keptOf(lake: Lake): Kept {
  const had = kept.get(lake)
  if (had) return had
  const made = new Kept()
  kept.set(lake, made)
  return made
}

const keyOf = (metadata: TableMetadata, id: bigint) => `${metadata['table-uuid']} ${id}`

/**
 * The live files of a snapshot. Manifests are read side by side and once: a second question, another page or a snapshot
 * that shares them costs no request. CANCELLED where `signal` fires; the reading stops when nobody waits for it.
 */
export async function snapshotFiles(
  lake: Lake,
  metadata: TableMetadata,
  id: bigint,
  signal?: AbortSignal,
): Promise<SnapshotFiles> {
  throwIfCancelled(signal)
  const { reads } = keptOf(lake)
  const key = keyOf(metadata, id)
  const read = reads.get(key) ?? begin(lake, metadata, id, key)
  read.waiting += 1
  let leave = () => {}
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(cancelled(signal))
    signal?.addEventListener('abort', leave, { once: true })
  })
  try {
    return await Promise.race([read.answer, left])
  } finally {
    signal?.removeEventListener('abort', leave)
    read.waiting -= 1
    if (read.waiting === 0 && read.progress !== null) {
      reads.delete(key)
      read.stop.abort()
    }
  }
}

/** How far the reading of a snapshot's manifests is; null where none is under way. */
export function readingOf(lake: Lake, metadata: TableMetadata, id: bigint): ReadingView | null {
  return keptOf(lake).reads.get(keyOf(metadata, id))?.progress ?? null
}

function begin(lake: Lake, metadata: TableMetadata, id: bigint, key: string): Read {
  const { reads } = keptOf(lake)
  const stop = new AbortController()
  const read: Read = {
    stop,
    waiting: 0,
    progress: { done: 0, total: null },
    answer: Promise.resolve()
      .then(() =>
        readFiles(lake, metadata, id, stop.signal, (progress) => {
          read.progress = progress
        }),
      )
      .then((files) => {
        read.progress = null
        return files
      }),
  }
  reads.set(key, read)
  read.answer.catch(() => {
    if (reads.get(key) === read) reads.delete(key)
  })
  for (const old of [...reads].filter(([, one]) => one.progress === null).slice(0, -SNAPSHOTS_KEPT)) {
    reads.delete(old[0])
  }
  return read
}

async function readFiles(
  lake: Lake,
  metadata: TableMetadata,
  id: bigint,
  signal: AbortSignal,
  onProgress: (progress: ReadingView) => void,
): Promise<SnapshotFiles> {
  const snapshot = snapshotById(metadata, id)
  if (snapshot === null) return { files: [], manifests: 0 }
  const manifests = await readManifestList(lake.io.storage, snapshot, signal)
  const live = manifests.filter(hasLive)
  let done = 0
  onProgress({ done, total: live.length })
  const lists = await mapConcurrent(
    live,
    READ_LANES,
    async (manifest, _, lane) => {
      const files = await keptOf(lake).manifest(lake, metadata, manifest, lane)
      done += 1
      onProgress({ done, total: live.length })
      return files
    },
    signal,
  )
  const files = lists.flat()
  files.sort((a, b) => b.sequenceNumber - a.sequenceNumber || (a.file.path < b.file.path ? -1 : 1))
  return { files, manifests: manifests.length }
}

function listed(entry: ManifestEntry, manifest: ManifestFile): ListedFile {
  return {
    file: entry.file.content === 'data' ? slim(entry.file) : entry.file,
    sequenceNumber: entry.sequenceNumber ?? 0,
    snapshotId: entry.snapshotId ?? 0n,
    manifest: manifest.path,
  }
}

function slim(file: DataFile): DataFile {
  const {
    columnSizes: _sizes,
    valueCounts: _values,
    nullCounts: _nulls,
    nanCounts: _nans,
    lowerBounds: _lower,
    upperBounds: _upper,
    splitOffsets: _offsets,
    ...rest
  } = file
  return rest
}
