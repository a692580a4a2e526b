/**
 * Maintenance of a table: what is wished, the plan that shows what it would do, and what became of it. As in model.ts:
 * 64-bit ids are decimal strings, instants are ms since the epoch, sizes are bytes.
 */

export const MAINTENANCE_KINDS = ['compact', 'expire', 'orphans', 'manifests'] as const
export type MaintenanceKind = (typeof MAINTENANCE_KINDS)[number]

export type MaintenanceWish =
  | { readonly kind: 'compact' }
  /** Snapshots older than `days` go, but never the newest `keep`. */
  | { readonly kind: 'expire'; readonly days: number; readonly keep: number }
  /** Files that nothing refers to, older than `days`. */
  | { readonly kind: 'orphans'; readonly days: number }
  | { readonly kind: 'manifests' }

export const EXPIRE_DAYS = 5
export const EXPIRE_KEEP = 10
export const ORPHAN_DAYS = 3
/** A younger file may belong to a commit under way. */
export const LEAST_ORPHAN_DAYS = 1

/** Upper bounds of the steps in which file sizes are counted, bytes; a last step has no bound. */
export const SIZE_STEPS = [1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 23, 1 << 25, 1 << 27] as const

/** Files by size: one count for each of SIZE_STEPS, and one for what is larger. */
export type SizeCounts = readonly number[]

/** Counts sizes, bytes, by SIZE_STEPS. */
export function sizeCounts(sizes: Iterable<number>): number[] {
  const counts: number[] = new Array(SIZE_STEPS.length + 1).fill(0)
  for (const size of sizes) {
    const step = SIZE_STEPS.findIndex((bound) => size < bound)
    counts[step < 0 ? SIZE_STEPS.length : step]! += 1
  }
  return counts
}

export interface PlanTable {
  readonly namespace: readonly string[]
  readonly name: string
}

interface PlanBase {
  /** Names the plan for a run, once. */
  readonly id: string
  readonly table: PlanTable
  readonly at: number
  /** The snapshot it was planned on; null for a table without any. */
  readonly snapshotId: string | null
  /** True where there is nothing to do. */
  readonly nothing: boolean
}

export interface CompactPlanView extends PlanBase {
  readonly kind: 'compact'
  readonly partitions: number
  /** Data files to rewrite, their bytes and rows (deleted ones included), and the files they become at least. */
  readonly files: number
  readonly bytes: number
  readonly rows: number
  readonly outputs: number
  /** Delete files that have served by it. */
  readonly deleteFiles: number
  /** All data files of the table now, and as the plan foresees them. */
  readonly before: SizeCounts
  readonly after: SizeCounts
}

export interface FileTally {
  readonly kind: 'data' | 'deletes' | 'manifest' | 'manifest-list' | 'statistics' | 'metadata'
  readonly files: number
  readonly bytes: number
}

export interface ExpirePlanView extends PlanBase {
  readonly kind: 'expire'
  readonly snapshots: number
  /** Instants of the oldest and newest that go; null where none does. */
  readonly from: number | null
  readonly to: number | null
  /** Instant of the oldest snapshot that stays: time travel reaches back to it. */
  readonly reachesTo: number | null
  /** Old enough to go, but needed. */
  readonly spared: readonly { readonly reason: string; readonly snapshots: number }[]
  readonly files: number
  readonly bytes: number
  readonly tallies: readonly FileTally[]
}

export interface OrphanPlanView extends PlanBase {
  readonly kind: 'orphans'
  readonly days: number
  readonly location: string
  readonly listed: number
  readonly files: number
  readonly bytes: number
  readonly tallies: readonly FileTally[]
  /** The first of them. */
  readonly first: readonly { readonly path: string; readonly bytes: number; readonly modified: number }[]
  /** Without a reference too, but too young, of an open commit, or of another table. */
  readonly spared: { readonly young: number; readonly pending: number; readonly foreign: number }
}

export interface ManifestPlanView extends PlanBase {
  readonly kind: 'manifests'
  readonly manifests: number
  readonly bytes: number
  readonly outputs: number
  /** Manifests of the table now. */
  readonly all: number
}

export type MaintenancePlanView = CompactPlanView | ExpirePlanView | OrphanPlanView | ManifestPlanView

interface Done {
  readonly table: PlanTable
  readonly seconds: number
}

export type MaintenanceSummary =
  | (Done & {
      readonly work: 'compact'
      /** Oldest first. */
      readonly snapshots: readonly string[]
      readonly filesBefore: number
      readonly filesAfter: number
      readonly deleteFiles: number
      readonly bytesBefore: number
      readonly bytesAfter: number
      readonly rows: number
      readonly deletedRows: number
    })
  | (Done & {
      readonly work: 'expire'
      readonly snapshots: number
      /** Planned, but taken out by others since the plan. */
      readonly gone: number
      readonly files: number
      readonly bytes: number
      /** Planned files that stay, as snapshots that came since hold them. */
      readonly held: number
      readonly failed: number
    })
  | (Done & {
      readonly work: 'orphans'
      readonly files: number
      readonly bytes: number
      /** Planned files that stay, as snapshots that came since hold them. */
      readonly held: number
      readonly failed: number
    })
  | (Done & {
      readonly work: 'manifests'
      readonly snapshot: string | null
      readonly before: number
      readonly after: number
    })

/** The way back to the snapshot before the maintenance that a table ends with. */
export interface WayBackView {
  /** Main's head now. */
  readonly from: string
  readonly to: string
  readonly at: number
  readonly work: string
}
