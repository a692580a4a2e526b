import { LakeError } from '../../shared/errors.ts'
import type { TableIdentifier } from '../iceberg/catalog.ts'
import { ancestors, headSnapshot, snapshotById } from '../iceberg/metadata.ts'
import { commitMetadata, type LakeIo } from '../iceberg/transaction.ts'
import type { Snapshot, TableMetadata } from '../iceberg/types.ts'
import { MAINTENANCE_KEY } from './compact.ts'

/** The way back from maintenance: main's head, and the snapshot that it rewrote. */
export interface WayBack {
  readonly from: Snapshot
  readonly to: Snapshot
}

/**
 * The snapshot before the maintenance that main ends with. Only snapshots that changed no row are stepped over, so the
 * table says the same on both sides, and a load's positions hold. Null where main's head is another commit, or where the
 * snapshot before has expired.
 */
export function wayBack(metadata: TableMetadata): WayBack | null {
  const from = headSnapshot(metadata)
  if (from === null) return null
  for (const snapshot of ancestors(metadata, from['snapshot-id'])) {
    const ours = snapshot.summary.operation === 'replace' && snapshot.summary[MAINTENANCE_KEY] !== undefined
    if (!ours) return snapshot === from ? null : { from, to: snapshot }
  }
  return null
}

/**
 * Sets main back to `to` while `from` is still its head. CONFLICT where something was committed since, as that would be
 * lost; NOT_FOUND where `to` has expired; INVALID where more than maintenance lies between.
 */
export async function goBack(
  io: LakeIo,
  identifier: TableIdentifier,
  { from, to }: { readonly from: bigint; readonly to: bigint },
  signal?: AbortSignal,
): Promise<void> {
  await commitMetadata(
    io,
    identifier,
    ({ metadata }) => {
      const head = headSnapshot(metadata)?.['snapshot-id']
      if (head === to) return null
      if (head !== from) throw committedSince(metadata, from)
      if (snapshotById(metadata, to) === null)
        throw new LakeError('NOT_FOUND', `snapshot ${to} has expired`, { context: { snapshot: String(to) } })
      if (wayBack(metadata)?.to['snapshot-id'] !== to)
        throw new LakeError('INVALID', 'more than maintenance lies between these snapshots')
      const { main } = metadata.refs
      return {
        requirements: [
          { type: 'assert-table-uuid', uuid: metadata['table-uuid'] },
          { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': from },
        ],
        updates: [
          { ...main, action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': to },
        ],
      }
    },
    signal,
  )
}

function committedSince(metadata: TableMetadata, from: bigint): LakeError {
  const since: Snapshot[] = []
  const head = headSnapshot(metadata)
  for (const snapshot of head === null ? [] : ancestors(metadata, head['snapshot-id'])) {
    if (snapshot['snapshot-id'] === from) break
    since.push(snapshot)
  }
  return new LakeError('CONFLICT', 'The table cannot be set back: it was committed to since', {
    context: { commits: since.length, newest: String(head?.['snapshot-id'] ?? '') },
    likely: 'a load or another engine wrote to it; setting it back would lose that',
    remedy: 'Leave it: no row is different for the maintenance.',
  })
}
