import { mapConcurrent } from '../base/concurrent.ts'
import { readManifest } from '../iceberg/manifest.ts'
import { READ_LANES, readManifestList } from '../iceberg/manifest-list.ts'
import type { ManifestFile, Snapshot, TableMetadata } from '../iceberg/types.ts'
import { parseFileLocation, schemeOf } from '../storage/location.ts'
import type { Storage } from '../storage/storage.ts'

export type FileKind = 'data' | 'deletes' | 'manifest' | 'manifest-list' | 'statistics' | 'metadata'

/** A file that a snapshot or the metadata refers to. */
export interface Reached {
  readonly path: string
  readonly kind: FileKind
  /** Null where nothing tells. */
  readonly bytes: number | null
}

/** Files by `locationKey`. */
export type Reach = Map<string, Reached>

/**
 * A location as a key by which two spellings of one place are equal: s3, s3a and s3n are one scheme, as are `file:/a`,
 * `file:///a` and `/a`.
 */
export function locationKey(location: string): string {
  if (schemeOf(location) === 'file') return `file:${parseFileLocation(location)}`
  return location.replace(/^s3[an]?:\/\//i, 's3://')
}

export interface ReachOptions {
  /** Manifests by path that are known not to matter: they are neither read nor told. */
  readonly without?: ReadonlySet<string>
  readonly signal?: AbortSignal
  /** Manifests read, of those listed. */
  readonly onProgress?: (done: number, total: number) => void
}

/** All files that the snapshots hold: their lists, manifests, live data and delete files, and statistics. */
export async function reachOf(
  storage: Storage,
  metadata: TableMetadata,
  snapshots: readonly Snapshot[],
  { without, signal, onProgress }: ReachOptions = {},
): Promise<{ readonly files: Reach; readonly manifests: ReadonlySet<string> }> {
  const files: Reach = new Map()
  const note = (path: string, kind: FileKind, bytes: number | null) =>
    files.set(locationKey(path), { path, kind, bytes })
  const manifests = new Map<string, ManifestFile>()
  await mapConcurrent(
    snapshots,
    READ_LANES,
    async (snapshot, _, stop) => {
      for (const manifest of await readManifestList(storage, snapshot, stop)) {
        if (!without?.has(manifest.path)) manifests.set(manifest.path, manifest)
      }
    },
    signal,
  )
  let done = 0
  await mapConcurrent(
    manifests.values(),
    READ_LANES,
    async (manifest, _, stop) => {
      note(manifest.path, 'manifest', manifest.length)
      for (const { status, file } of await readManifest(storage, manifest, metadata, stop)) {
        if (status !== 'deleted') note(file.path, file.content === 'data' ? 'data' : 'deletes', file.fileSize)
      }
      done += 1
      onProgress?.(done, manifests.size)
    },
    signal,
  )
  const ids = new Set(snapshots.map((one) => String(one['snapshot-id'])))
  for (const snapshot of snapshots) {
    if (snapshot['manifest-list'] !== undefined) note(snapshot['manifest-list'], 'manifest-list', null)
  }
  for (const { snapshot, path, bytes } of statisticsOf(metadata))
    if (ids.has(snapshot)) note(path, 'statistics', bytes)
  return { files, manifests: new Set(manifests.keys()) }
}

function statisticsOf(metadata: TableMetadata): { snapshot: string; path: string; bytes: number | null }[] {
  return ['statistics', 'partition-statistics'].flatMap((key) => {
    const listed = metadata.extra?.[key]
    if (!Array.isArray(listed)) return []
    return (listed as Record<string, unknown>[]).flatMap((one) => {
      const path = one['statistics-path']
      const bytes = one['file-size-in-bytes']
      return typeof path === 'string'
        ? [{ snapshot: String(one['snapshot-id']), path, bytes: typeof bytes === 'number' ? bytes : null }]
        : []
    })
  })
}
