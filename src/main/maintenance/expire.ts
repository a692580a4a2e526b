import { LakeError } from '../../shared/errors.ts'
import { mapConcurrent } from '../base/concurrent.ts'
import type { LoadedTable } from '../iceberg/catalog.ts'
import { ancestors } from '../iceberg/metadata.ts'
import { commitMetadata, type LakeIo } from '../iceberg/transaction.ts'
import type { Requirement, Snapshot, TableMetadata } from '../iceberg/types.ts'
import { locationKey, type Reached, reachOf } from './reach.ts'
import { assertMayDelete, assertOurs } from './refuse.ts'

export interface ExpireWish {
  /** Snapshots made before it go: ms since the epoch. */
  readonly before: number
  /** Snapshots of main's history, and of every branch, that stay whatever their age; at least 1. */
  readonly keep: number
  /** Further snapshots that stay, and what for. */
  readonly needed: ReadonlyMap<bigint, string>
}

export interface ExpirePlan {
  readonly kind: 'expire'
  readonly table: LoadedTable
  /** What goes, oldest first. */
  readonly snapshots: readonly Snapshot[]
  /** Old enough to go, but needed: by a branch or tag, or for the reason given. */
  readonly spared: readonly { readonly snapshot: Snapshot; readonly reason: string }[]
  /** Files that only those snapshots hold. */
  readonly files: readonly Reached[]
}

/**
 * What expiring would take: snapshots made before a time, but none that a branch or tag points to, that is among the
 * newest `keep` of a branch, or that is needed; and the files that no other snapshot holds. A branch's own retention
 * settings are honoured where they keep more (spec: Snapshot Retention Policy). UNSUPPORTED for a table not ours to write.
 */
export async function planExpire(
  io: LakeIo,
  table: LoadedTable,
  wish: ExpireWish,
  signal?: AbortSignal,
): Promise<ExpirePlan> {
  const { metadata } = table
  assertOurs(metadata)
  assertMayDelete(metadata)
  const kept = keptByBranches(metadata, wish, io.clock())
  const old = metadata.snapshots.filter(
    (one) => !kept.has(one['snapshot-id']) && one['timestamp-ms'] < wish.before,
  )
  const spared = old.flatMap((snapshot) => {
    const reason = wish.needed.get(snapshot['snapshot-id'])
    return reason === undefined ? [] : [{ snapshot, reason }]
  })
  const snapshots = old
    .filter((one) => !wish.needed.has(one['snapshot-id']))
    .toSorted((a, b) => a['timestamp-ms'] - b['timestamp-ms'])
  if (snapshots.length === 0) return { kind: 'expire', table, snapshots, spared, files: [] }
  const gone = new Set(snapshots)
  const options = signal === undefined ? {} : { signal }
  const rest = metadata.snapshots.filter((one) => !gone.has(one))
  const held = await reachOf(io.storage, metadata, rest, options)
  const lost = await reachOf(io.storage, metadata, snapshots, { ...options, without: held.manifests })
  const files = [...lost.files].flatMap(([key, file]) => (held.files.has(key) ? [] : [file]))
  return { kind: 'expire', table, snapshots, spared, files }
}

/** Snapshots that a branch or tag keeps. */
function keptByBranches(metadata: TableMetadata, { before, keep }: ExpireWish, now: number): Set<bigint> {
  const kept = new Set<bigint>()
  for (const ref of Object.values(metadata.refs)) {
    kept.add(ref['snapshot-id'])
    if (ref.type === 'tag') continue
    const least = Math.max(1, keep, ref['min-snapshots-to-keep'] ?? 1)
    const age = ref['max-snapshot-age-ms']
    const since = age === undefined ? before : Math.min(before, now - age)
    let count = 0
    for (const snapshot of ancestors(metadata, ref['snapshot-id'])) {
      if (count >= least && snapshot['timestamp-ms'] < since) break
      kept.add(snapshot['snapshot-id'])
      count += 1
    }
  }
  return kept
}

export interface Deleted {
  readonly files: number
  readonly bytes: number
  /** Planned files that stay, as snapshots that came since hold them. */
  readonly held: number
  /** Files that could not be deleted; an orphan search finds them. */
  readonly failed: number
}

export interface ExpireResult extends Deleted {
  /** Taken out of the table by this run. */
  readonly snapshots: number
  /** Planned, but taken out by others since the plan. */
  readonly gone: number
}

/**
 * Takes the planned snapshots out of the table, then deletes exactly the planned files, but for those that the table as
 * it is then holds again. Cut in between, it leaves files without a snapshot, never a snapshot without its files.
 * CONFLICT where a branch or tag came to point to one of the snapshots since.
 */
export async function runExpire(
  io: LakeIo,
  plan: ExpirePlan,
  options: { readonly signal: AbortSignal; readonly onProgress?: (done: number, total: number) => void },
): Promise<ExpireResult> {
  const { signal } = options
  const ids = new Set(plan.snapshots.map((one) => one['snapshot-id']))
  if (ids.size === 0) return { snapshots: 0, gone: 0, files: 0, bytes: 0, held: 0, failed: 0 }
  /** Of every attempt: where an answer was lost, the next one finds none of them. */
  const taken = new Set<bigint>()
  const uuid = plan.table.metadata['table-uuid']
  const { metadata } = await commitMetadata(
    io,
    plan.table.identifier,
    ({ metadata: current }) => {
      if (current['table-uuid'] !== uuid) {
        throw new LakeError('TABLE_REPLACED', `table ${plan.table.identifier.name} is another table now`, {
          remedy: 'Plan the change again.',
        })
      }
      const there = current.snapshots.map((one) => one['snapshot-id']).filter((id) => ids.has(id))
      if (there.length === 0) return null
      for (const id of there) taken.add(id)
      assertUnreferenced(current, ids)
      return {
        requirements: [{ type: 'assert-table-uuid', uuid }, ...refsAsTheyAre(current)],
        updates: [{ action: 'remove-snapshots', 'snapshot-ids': there }],
      }
    },
    signal,
  )
  // Snapshots that came since may hold a planned file again; those of the plan do not.
  const planned = new Set(plan.table.metadata.snapshots.map((one) => one['snapshot-id']))
  const fresh = metadata.snapshots.filter((one) => !planned.has(one['snapshot-id']))
  const counts = { snapshots: taken.size, gone: ids.size - taken.size }
  return { ...counts, ...(await deletePlanned(io, metadata, plan.files, fresh, options)) }
}

/** No branch may move while its snapshots are taken away. */
function refsAsTheyAre({ refs }: TableMetadata): Requirement[] {
  return Object.entries(refs).map(([ref, { 'snapshot-id': id }]) => ({
    type: 'assert-ref-snapshot-id',
    ref,
    'snapshot-id': id,
  }))
}

function assertUnreferenced(metadata: TableMetadata, ids: ReadonlySet<bigint>): void {
  for (const [name, ref] of Object.entries(metadata.refs)) {
    if (!ids.has(ref['snapshot-id'])) continue
    throw new LakeError('CONFLICT', `${ref.type} ${name} points to snapshot ${ref['snapshot-id']} now`, {
      likely: 'it was made or set back since the plan',
      remedy: 'Plan the change again.',
    })
  }
}

const LANES = 16

/** Deletes files of a plan, but for those that `fresh` snapshots hold. Absent files count as deleted. */
export async function deletePlanned(
  io: LakeIo,
  metadata: TableMetadata,
  files: readonly Reached[],
  fresh: readonly Snapshot[],
  options: { readonly signal: AbortSignal; readonly onProgress?: (done: number, total: number) => void },
): Promise<Deleted> {
  const { signal, onProgress } = options
  const held = await reachOf(io.storage, metadata, fresh, { signal })
  const wanted = files.filter((file) => !held.files.has(locationKey(file.path)))
  const deleted = { files: 0, bytes: 0, held: files.length - wanted.length, failed: 0 }
  await mapConcurrent(
    wanted,
    LANES,
    async ({ path, bytes }, _, stop) => {
      try {
        await io.storage.delete(path, { signal: stop })
        deleted.files += 1
        deleted.bytes += bytes ?? 0
      } catch (error) {
        if (stop.aborted) throw error
        io.log.warn({ file: path, error }, 'A file could not be deleted')
        deleted.failed += 1
      }
      onProgress?.(deleted.files + deleted.failed, wanted.length)
    },
    signal,
  )
  return deleted
}
