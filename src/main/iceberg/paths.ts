import { hash } from 'node:crypto'
import { LakeError } from '../../shared/errors.ts'
import { mapConcurrent } from '../base/concurrent.ts'
import type { Storage } from '../storage/storage.ts'
import { readManifest } from './manifest.ts'
import { READ_LANES } from './manifest-list.ts'
import { specById } from './metadata.ts'
import { partitionTypes } from './partition.ts'
import { hasLive, mayHoldPartition } from './snapshot.ts'
import type { DataFile, ManifestEntry, ManifestFile, TableMetadata } from './types.ts'

/**
 * A path may be live once only (spec, Scan Planning). Manifests never change, so the paths of each are read once and
 * kept as 48-bit hashes, 8 bytes a file; manifests that we wrote are known without a read.
 */
const known = new WeakMap<Storage, Map<string, Float64Array>>()
/** Hashes kept per storage; the longest unused are dropped. */
const BUDGET = 1_000_000

/** Remembers the live paths of a manifest just written or read. */
export function rememberPaths(
  storage: Storage,
  manifest: string,
  entries: readonly ManifestEntry[],
): Float64Array {
  const hashes = Float64Array.from(
    entries.filter((entry) => entry.status !== 'deleted').map((entry) => hashPath(entry.file.path)),
  ).sort()
  let cache = known.get(storage)
  if (!cache) {
    cache = new Map()
    known.set(storage, cache)
  }
  cache.delete(manifest)
  cache.set(manifest, hashes)
  let held = 0
  for (const list of cache.values()) held += list.length
  for (const [oldest, list] of cache) {
    if (held <= BUDGET || oldest === manifest) break
    cache.delete(oldest)
    held -= list.length
  }
  return hashes
}

/**
 * Throws INVALID where one of `files` is named twice or is live in one of `manifests` already. Manifests that cannot
 * hold a file's partition are not read.
 */
export async function assertNotLive(
  storage: Storage,
  metadata: TableMetadata,
  manifests: readonly ManifestFile[],
  files: readonly DataFile[],
  signal?: AbortSignal,
): Promise<void> {
  const paths = new Set(files.map((file) => file.path))
  if (paths.size !== files.length)
    throw twice(files.find((f, i) => files.findIndex((g) => g.path === f.path) < i)?.path)
  await mapConcurrent(
    manifests.filter(hasLive),
    READ_LANES,
    async (manifest, _index, stop) => {
      const candidates = filesThatMayBeIn(metadata, manifest, files)
      if (candidates.length === 0) return
      const cached = known.get(storage)?.get(manifest.path)
      if (cached && !candidates.some((file) => includes(cached, hashPath(file.path)))) return
      const entries = await readManifest(storage, manifest, metadata, stop)
      rememberPaths(storage, manifest.path, entries)
      const live = entries.find((entry) => entry.status !== 'deleted' && paths.has(entry.file.path))
      if (live) throw twice(live.file.path)
    },
    signal,
  )
}

function filesThatMayBeIn(
  metadata: TableMetadata,
  manifest: ManifestFile,
  files: readonly DataFile[],
): readonly DataFile[] {
  const types = partitionTypes(metadata, specById(metadata, manifest.specId))
  return files.filter(
    (file) => file.specId !== manifest.specId || mayHoldPartition(manifest, types, file.partition),
  )
}

function includes(sorted: Float64Array, value: number): boolean {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return sorted[low] === value
}

function hashPath(path: string): number {
  return hash('sha1', path, 'buffer').readUIntBE(0, 6)
}

function twice(path: string | undefined): LakeError {
  return new LakeError('INVALID', 'a file would be live twice in one snapshot', {
    context: { file: path ?? null },
    likely: 'the same file was committed before',
    remedy: 'Do not repeat this commit: its rows are in the table already.',
  })
}
