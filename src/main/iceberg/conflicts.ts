import { LakeError } from '../../shared/errors.ts'
import type { Storage } from '../storage/storage.ts'
import { ancestors, headSnapshot } from './metadata.ts'
import { DeleteIndex } from './scan.ts'
import { snapshotChanges } from './snapshot.ts'
import type { LiveFile, Snapshot, TableMetadata } from './types.ts'

/**
 * Checks that rows read of `files` at snapshot `since` may take their place on the table's present head (spec: Commit
 * Conflict Resolution and Retry): none was removed, and no position delete came that may name a row of them. Equality
 * deletes are none of it where the new files are added with the sequence number of `since`: they still apply. Only
 * manifests of the snapshots in between are read. Throws CONFLICT (reject).
 */
export async function assertUntouched(
  storage: Storage,
  metadata: TableMetadata,
  since: bigint,
  files: readonly LiveFile[],
  signal?: AbortSignal,
): Promise<void> {
  const between = snapshotsAfter(metadata, since)
  if (between === null) throw conflict('the table was set back, or its history was cut', null)
  const paths = new Set(files.map(({ file }) => file.path))
  const deletes = new DeleteIndex(metadata)
  let deleteFiles = 0
  for (const snapshot of between) {
    const { added, removed } = await snapshotChanges(storage, metadata, snapshot['snapshot-id'], signal)
    const gone = removed.find(({ file }) => paths.has(file.path))
    if (gone) throw conflict('another writer has removed or rewritten them', gone.file.path)
    for (const live of added) {
      if (live.file.content !== 'position-deletes') continue
      deletes.add(live)
      deleteFiles += 1
    }
  }
  const hit = deleteFiles === 0 ? undefined : files.find((live) => deletes.of(live).length > 0)
  if (hit) throw conflict('another writer has deleted rows of them', hit.file.path)
}

/** Snapshots of main after `since`, newest first; null where main does not descend from it. */
function snapshotsAfter(metadata: TableMetadata, since: bigint): Snapshot[] | null {
  const head = headSnapshot(metadata)
  const between: Snapshot[] = []
  for (const snapshot of head === null ? [] : ancestors(metadata, head['snapshot-id'])) {
    if (snapshot['snapshot-id'] === since) return between
    between.push(snapshot)
  }
  return null
}

function conflict(likely: string, file: string | null): LakeError {
  return new LakeError('CONFLICT', 'files of the plan changed since it was made', {
    context: { file },
    likely,
    remedy: 'Plan the change again on the current snapshot.',
  })
}
