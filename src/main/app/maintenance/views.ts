import {
  type CompactPlanView,
  type ExpirePlanView,
  type FileTally,
  type MaintenancePlanView,
  type ManifestPlanView,
  type OrphanPlanView,
  sizeCounts,
  type WayBackView,
} from '../../../shared/maintenance.ts'
import { headSnapshot } from '../../iceberg/metadata.ts'
import { partitionKey } from '../../iceberg/partition.ts'
import type { TableMetadata } from '../../iceberg/types.ts'
import { type CompactPlan, MAINTENANCE_KEY } from '../../maintenance/compact.ts'
import type { ExpirePlan } from '../../maintenance/expire.ts'
import type { ManifestPlan } from '../../maintenance/manifests.ts'
import type { OrphanPlan } from '../../maintenance/orphans.ts'
import type { Reached } from '../../maintenance/reach.ts'
import { wayBack } from '../../maintenance/restore.ts'

export type Plan = CompactPlan | ExpirePlan | (OrphanPlan & { readonly days: number }) | ManifestPlan

const FIRST = 100

/** A plan as it is shown. `at` is the instant it was made. */
export function planView(plan: Plan, id: string, at: number): MaintenancePlanView {
  const head = headSnapshot(plan.table.metadata)
  const { namespace, name } = plan.table.identifier
  const base = { id, at, table: { namespace, name }, snapshotId: head && String(head['snapshot-id']) }
  switch (plan.kind) {
    case 'compact':
      return { ...base, ...compactView(plan) }
    case 'expire':
      return { ...base, ...expireView(plan) }
    case 'orphans':
      return { ...base, ...orphanView(plan) }
    case 'manifests':
      return { ...base, ...manifestView(plan) }
  }
}

type Own<T> = Omit<T, 'id' | 'at' | 'table' | 'snapshotId'>

function compactView({ groups, deletes, sizes }: CompactPlan): Own<CompactPlanView> {
  const inputs = groups.flatMap((group) => group.files.map(({ file }) => file.fileSize))
  const before = sizeCounts(sizes)
  const taken = sizeCounts(inputs)
  // Joined files are mostly smaller than their parts together: an upper bound.
  const made = sizeCounts(groups.map((group) => group.bytes))
  return {
    kind: 'compact',
    nothing: groups.length === 0 && deletes.length === 0,
    partitions: new Set(groups.map((group) => `${group.specId}:${partitionKey(group.partition)}`)).size,
    files: inputs.length,
    bytes: groups.reduce((sum, group) => sum + group.bytes, 0),
    rows: groups.reduce((sum, group) => sum + group.rows, 0),
    outputs: groups.length,
    deleteFiles: deletes.length,
    before,
    after: before.map((count, step) => count - (taken[step] ?? 0) + (made[step] ?? 0)),
  }
}

function expireView({ table, snapshots, spared, files }: ExpirePlan): Own<ExpirePlanView> {
  const gone = new Set(snapshots)
  const kept = table.metadata.snapshots.filter((one) => !gone.has(one)).map((one) => one['timestamp-ms'])
  return {
    kind: 'expire',
    nothing: snapshots.length === 0,
    snapshots: snapshots.length,
    from: snapshots[0]?.['timestamp-ms'] ?? null,
    to: snapshots.at(-1)?.['timestamp-ms'] ?? null,
    reachesTo: kept.length === 0 ? null : kept.reduce((least, one) => Math.min(least, one)),
    spared: [...Map.groupBy(spared, (one) => one.reason)].map(([reason, all]) => ({
      reason,
      snapshots: all.length,
    })),
    ...totalOf(files),
  }
}

function orphanView({
  table,
  days,
  files,
  listed,
  spared,
}: OrphanPlan & { days: number }): Own<OrphanPlanView> {
  return {
    kind: 'orphans',
    nothing: files.length === 0,
    days,
    location: table.metadata.location,
    listed,
    spared,
    first: files.slice(0, FIRST).map(({ path, bytes, modified }) => ({ path, bytes, modified })),
    ...totalOf(files),
  }
}

function manifestView({ manifests, after, sizes }: ManifestPlan): Own<ManifestPlanView> {
  return {
    kind: 'manifests',
    nothing: manifests.length === 0,
    manifests: manifests.length,
    bytes: manifests.reduce((sum, one) => sum + one.length, 0),
    outputs: after,
    all: sizes.length,
  }
}

function totalOf(files: readonly Reached[]): {
  readonly files: number
  readonly bytes: number
  readonly tallies: FileTally[]
} {
  const bytesOf = (some: readonly Reached[]) => some.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)
  return {
    files: files.length,
    bytes: bytesOf(files),
    tallies: [...Map.groupBy(files, (file) => file.kind)].map(([kind, some]) => ({
      kind,
      files: some.length,
      bytes: bytesOf(some),
    })),
  }
}

/** The way back from the maintenance that a table ends with; null where there is none. */
export function wayBackView(metadata: TableMetadata): WayBackView | null {
  const way = wayBack(metadata)
  if (way === null) return null
  return {
    from: String(way.from['snapshot-id']),
    to: String(way.to['snapshot-id']),
    at: way.from['timestamp-ms'],
    work: way.from.summary[MAINTENANCE_KEY] ?? '',
  }
}
