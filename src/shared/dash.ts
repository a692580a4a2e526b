/**
 * What the dashboards and main say to each other. Days, weeks and months are named by their first day, `YYYY-MM-DD`, in
 * the calendar of the rollup's time zone; 64-bit ids are decimal strings, instants are ms since the epoch.
 */

export type Grain = 'day' | 'week' | 'month'
export const GRAINS: readonly Grain[] = ['day', 'week', 'month']

/** The aggregate table of a grain. */
export const ROLE_OF = { day: 'daily', week: 'weekly', month: 'monthly' } as const

/** How far the aggregates follow raw, told by snapshots alone: nothing of the data is read for it. */
export interface DashLake {
  /** Zone that the aggregates' days are in; the setting's before the first rollup. */
  readonly timezone: string
  /** Raw's newest snapshot. */
  readonly raw: { readonly snapshotId: string; readonly at: number; readonly rows: number | null } | null
  /** The snapshot of raw that the daily aggregate was computed from, and when it was published. */
  readonly rolledUp: { readonly snapshotId: string; readonly at: number } | null
  /** Changes with every snapshot of the aggregates: what was read before is stale then. */
  readonly version: string
  readonly users: number
  /** The subject with the most months, the first of them: what is shown where nothing was asked for. */
  readonly first: { readonly user: string; readonly type: string } | null
}

/** Users by name; told by partition values. */
export interface DashUsers {
  readonly users: readonly { readonly user: string; readonly types: number }[]
  /** How many match the search in all. */
  readonly total: number
}

export interface DashTypes {
  readonly types: readonly {
    readonly type: string
    /** First and last month with data, `YYYY-MM`. */
    readonly from: string
    readonly to: string
    readonly months: number
  }[]
}

/** Days of a subject that have a row in the daily aggregate, ascending; told by partition values. */
export interface DashDays {
  readonly days: readonly string[]
  /** What telling it took: manifests read and left out. */
  readonly manifests: { readonly read: number; readonly skipped: number }
}

/** Rows that reached raw after the snapshot that the aggregates hold. */
export interface DashNewer {
  /** Exact counts of added rows by day. */
  readonly days: readonly { readonly day: string; readonly rows: number }[]
  /** Days (both inclusive) in which rows were removed or replaced since. */
  readonly changed: readonly { readonly from: string; readonly to: string }[]
  /** Why it cannot be told, or null. */
  readonly unknown: string | null
  readonly read: { readonly files: number; readonly bytes: number }
}

/** One statistic that is not what raw gives. Numbers as text, with NaN and infinities. */
export interface DashDifference {
  readonly column: string
  readonly found: string
  readonly recomputed: string
}

/** One row of an aggregate against the rows of raw in its window. */
export interface DashCheck {
  readonly period: string
  /** `stale`: raw holds other rows than were rolled up. `differs`: as many, yet a statistic is another. `none`: no row on either side. */
  readonly state: 'matches' | 'stale' | 'differs' | 'none'
  /** Rows of raw less rows rolled up. */
  readonly rows: number
  readonly rawRows: number
  readonly differences: readonly DashDifference[]
  /** The window, UTC: `2026-05-09 00:00:00`; half-open. */
  readonly from: string
  readonly to: string
}

export interface DashChecks {
  readonly checks: readonly DashCheck[]
  /** The snapshot of raw that was read. */
  readonly snapshotId: string | null
  readonly read: { readonly files: number; readonly bytes: number; readonly rows: number }
}

/** A view kept as a file of its own: the address of the dashboard without the area. */
export interface SavedView {
  /** The file's name without `.json`. */
  readonly name: string
  readonly query: Readonly<Record<string, string>>
}
