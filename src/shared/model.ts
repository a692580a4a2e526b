/**
 * What the API says and the pages read. Plain JSON: 64-bit ids and offsets are decimal strings, instants are ms since the
 * epoch, times of rows are ISO 8601 UTC with microseconds, sizes are bytes. Never a secret.
 */
import type { DoctorCounts } from './doctor.ts'
import type { Fault } from './errors.ts'
import type { FinishedExport } from './export.ts'
import type { LetterState, ReplaySummary } from './letters.ts'
import type { MaintenanceSummary } from './maintenance.ts'
import type { CommitAge, CommitPath, LedgerSums, RefusalView, RollupCommit, TroubleView } from './monitor.ts'
import type { Origin, SettingGroup, SettingKind } from './settings.ts'
import type { ProveResult } from './setup.ts'
import type { TableRole } from './tables.ts'

// --- settings ---

export interface SettingView {
  readonly key: string
  readonly group: SettingGroup
  readonly env: string
  readonly flag: string | null
  readonly kind: SettingKind
  readonly choices: readonly string[]
  readonly help: string
  readonly secret: boolean
  /** Null for a secret, whatever it is, and where there is no value. */
  readonly value: string | null
  readonly set: boolean
  /** Beside the other values in force; null for a secret, and where there is none. */
  readonly default: string | null
  readonly origin: Origin | null
  /** All that was given, what rules first; without the default. */
  readonly layers: readonly SettingLayer[]
  /** True where a flag or the environment decides, so that saving here has no effect. */
  readonly fixed: boolean
}

/** One place that gives a value: the first of them rules. */
export interface SettingLayer {
  readonly origin: Origin
  /** Null for a secret. */
  readonly value: string | null
  /** When it was given, in ms; null where that is not known. */
  readonly at: number | null
}

export interface SettingsView {
  readonly file: string
  /** When the file was last written, in ms; null where there is none. */
  readonly fileChangedAt: number | null
  /** When Tarn was started, and with it flags and environment read. */
  readonly startedAt: number
  /** The key store of the system that keeps secrets; null: they are in the file, which only its owner may read. */
  readonly secretStore: string | null
  readonly settings: readonly SettingView[]
}

export type ProbeTarget = 'catalog' | 'storage' | 'kafka' | 'registry'

/** One connection tried out; nothing is created. */
export interface ProbeView {
  readonly target: ProbeTarget
  readonly state: 'passed' | 'failed' | 'skipped'
  /** What was found: `Apache Kafka, 1 broker, topic with 4 partitions`. */
  readonly text: string
  readonly ms: number
  readonly fault: Fault | null
}

// --- jobs ---

export type JobKind =
  | 'check'
  | 'prove'
  | 'load'
  | 'rollup'
  | 'verify'
  | 'dry-run'
  | 'replay'
  | 'export'
  | 'doctor'
  | 'maintain'
export type JobState = 'running' | 'done' | 'failed' | 'cancelled'

export interface ProgressView {
  readonly done: number
  /** Null while unknown. */
  readonly total: number | null
  /** `rows`, `partitions`, `files`, `steps`. */
  readonly unit: string
  readonly text: string
}

/** One of the ten steps of `check`, or one comparison of `verify`. */
export interface StepView {
  readonly number: number
  readonly title: string
  readonly state: 'waiting' | 'running' | 'passed' | 'failed' | 'skipped'
  /** Lines under the title, in order, without indent or mark. */
  readonly lines: readonly { readonly mark: 'pass' | 'fail' | 'info'; readonly text: string }[]
  readonly ms: number | null
  readonly fault: Fault | null
}

export interface JobView {
  readonly id: string
  readonly kind: JobKind
  readonly state: JobState
  /** Asked to end, and on its way to it. */
  readonly cancelling?: true
  readonly startedAt: number
  readonly endedAt: number | null
  readonly progress: ProgressView | null
  readonly steps: readonly StepView[]
  readonly result: JobResult | null
  readonly fault: Fault | null
}

export type JobResult =
  | ({ readonly kind: 'check' } & CheckResult)
  | ({ readonly kind: 'prove' } & ProveResult)
  | ({ readonly kind: 'load' } & LoadSummary)
  | ({ readonly kind: 'rollup' } & RollupSummary)
  | ({ readonly kind: 'verify' } & VerifySummary)
  | ({ readonly kind: 'dry-run' } & ReplaySummary)
  | ({ readonly kind: 'replay' } & ReplaySummary)
  | ({ readonly kind: 'export' } & FinishedExport)
  | ({ readonly kind: 'doctor' } & DoctorCounts)
  | ({ readonly kind: 'maintain' } & MaintenanceSummary)

export interface CheckResult {
  readonly passed: boolean
  readonly tables: readonly {
    readonly role: TableRole
    readonly name: string
    readonly state: 'created' | 'verified' | 'differs' | 'failed'
  }[]
}

/** `load --json` of contract.md. */
export interface LoadSummary {
  readonly messages: number
  readonly rows: number
  readonly rejected: number
  readonly skipped: number
  readonly commits: Readonly<Record<TableRole, number>>
  readonly bytes: number
  readonly seconds: number
  /** Topic, then partition, to the next offset to read. */
  readonly positions: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly peakRssBytes: number
}

export interface RollupSummary {
  readonly commits: { readonly daily: number; readonly weekly: number; readonly monthly: number }
  /** Rows of raw read, and rows of the aggregates written. */
  readonly rowsRead: number
  readonly rowsWritten: number
  readonly sourceSnapshot: string | null
  readonly seconds: number
}

export interface VerifySummary {
  readonly clean: boolean
  /** Each difference in words. */
  readonly differences: readonly string[]
  readonly ledger: readonly LedgerLine[]
  readonly checked: Readonly<Record<string, number>>
}

/** consumed = written + dead-lettered + skipped, or the gap. */
export interface LedgerLine {
  readonly topic: string
  readonly partition: number
  readonly from: string
  readonly to: string
  readonly consumed: string
  readonly rows: string
  readonly rejected: string
  readonly skipped: string
  readonly balanced: boolean
}

// --- load ---

export type LoadState = 'idle' | 'starting' | 'running' | 'paused' | 'stopping' | 'done' | 'failed'

export interface LoadView {
  readonly state: LoadState
  readonly jobId: string | null
  readonly pipeline: string
  readonly source: {
    readonly kind: 'kafka' | 'file' | 'generator'
    readonly topic: string
    readonly cluster: string | null
  } | null
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly messages: number
  readonly rows: number
  readonly rejected: number
  readonly skipped: number
  readonly warnings: number
  readonly bytes: number
  readonly messagesPerSecond: number
  readonly rowsPerSecond: number
  readonly bytesPerSecond: number
  readonly bufferedBytes: number
  readonly budgetBytes: number
  readonly commits: Readonly<Record<TableRole, number>>
  readonly lastCommitAt: number | null
  readonly nextCommitInMs: number | null
  /** Dead letters committed, by error type. */
  readonly rejects?: Readonly<Record<string, number>>
  /** Newest first, at most 50. */
  readonly recentCommits: readonly CommitView[]
  readonly partitions: readonly LoadPartition[]
  /** Messages not yet committed, over all partitions. */
  readonly lag: string | null
  /** What went wrong last. Present while `failed`; kept after a retry that worked. */
  readonly fault: Fault | null
  /** Age of the oldest message that waits, the most of all partitions; null where not known. */
  readonly lagMs?: number | null
  /** Samples of this run in commits that landed. */
  readonly landed?: number
  /** Produced to committed and to rolled up, ms, of the newest commit's and rollup's oldest message. */
  readonly freshness?: { readonly committedMs: number | null; readonly rolledUpMs: number | null }
  /** Newest first, at most 50. */
  readonly rollups?: readonly RollupCommit[]
  /** Newest first, at most 20. */
  readonly troubles?: readonly TroubleView[]
  readonly refusal?: RefusalView | null
  readonly ledger?: LedgerSums | null
  /** What the load was asked for. */
  readonly asked?: {
    readonly kind: 'kafka' | 'file' | 'generator'
    readonly path: string | null
    readonly untilCaughtUp: boolean
  } | null
  readonly commitSeconds?: number
  readonly commitBytes?: number
  /** True where the user ended it without a last commit. */
  readonly cut?: boolean
}

export interface LoadPartition {
  readonly partition: number
  /** Next offset to read, as committed in the table. */
  readonly committed: string | null
  /** Next offset to read, in memory. */
  readonly position: string | null
  readonly high: string | null
  /** high - committed. */
  readonly lag: string | null
  /** Age of the oldest message that waits, ms: at most so much where it was not read yet. */
  readonly lagMs?: number | null
  readonly messages: number
  readonly rows: number
  readonly rejected: number
  readonly skipped: number
}

export interface CommitView {
  readonly at: number
  readonly role: TableRole
  readonly snapshotId: string
  readonly files: number
  readonly rows: number
  readonly bytes: number
  readonly ms: number
  /** Half-open. Left out of the live status where they are many: `GET /load/commits/ID` has them. */
  readonly ranges: readonly { readonly partition: number; readonly start: string; readonly end: string }[]
  /** Of the whole batch, whichever table. */
  readonly taken?: { readonly partitions: number; readonly messages: number }
  readonly commitId?: string
  readonly counts?: { readonly accepted: number; readonly rejected: number; readonly skipped: number }
  readonly path?: CommitPath
  readonly age?: CommitAge | null
  /** Commit requests sent; `found` where an answer was lost and the commit was found in the table. */
  readonly attempts?: number
  readonly found?: boolean
}

/** A commit as its snapshot tells it, whichever run made it: how long it took is not told. */
export type PastCommit = Omit<CommitView, 'ms'>

// --- dead letters ---

export interface DeadLetterRow {
  readonly id: string
  readonly errorType: string
  readonly message: string
  readonly timestamp: string
  readonly userId: string | null
  readonly deviceId: string | null
  readonly sampleId: string | null
  readonly dataType: string | null
  readonly topic: string
  readonly partition: string
  readonly offset: string
  /** What became of it by replay. In lists. */
  readonly state?: LetterState
  /** The value that was refused, as the message shows it. In lists. */
  readonly found?: string
}

export interface DeadLetter extends DeadLetterRow {
  /** UTF-8 bytes; null where there is no payload. */
  readonly payloadBytes: number | null
  /** As stored. Show it as text only. */
  readonly payload: string | null
  /** Bytes that were no UTF-8 are stored as `base64:` and base64. */
  readonly encoding: 'text' | 'base64' | null
}

/** Rows newest first. `page` starts at 0. */
export interface DeadLetterPage {
  readonly rows: readonly DeadLetterRow[]
  readonly total: number
  readonly page: number
  readonly pageSize: number
  readonly snapshotId: string | null
  /** What was read for this answer. */
  readonly read: { readonly files: number; readonly bytes: number }
}

// --- first run ---

/** What the sample lake is made of, and what it holds by now. */
export interface SampleView {
  /** Messages of the recorded topic. */
  readonly messages: number
  readonly recordedBytes: number
  readonly folder: string
  /** What leaving deletes; null where there is no sample. */
  readonly held: { readonly files: number; readonly bytes: number } | null
}

/** How the window was left, kept in the home folder: a page's own storage goes with its port. */
export interface WindowView {
  /** `#/tables/raw?tab=files`. */
  readonly route: string | null
  readonly theme: 'light' | 'dark' | null
  readonly density: 'compact' | 'comfortable' | null
  readonly zone: 'utc' | 'local' | null
}

/** Names and values that the window keeps for its pages. */
export interface KeptView {
  readonly kept: Readonly<Record<string, string>>
}

// --- the whole, and its changes ---

export interface AppState {
  readonly version: string
  readonly host: 'electron' | 'server'
  /** True while the sample lake is open, be it that of `demo` or the one behind the welcome page's door. */
  readonly sample: boolean
  /** True where the sample can be left from the page; that of `demo` goes with the program. */
  readonly leavable: boolean
  /** True where nothing is set up and no lake was made yet: the welcome page's case. */
  readonly fresh: boolean
  readonly window: WindowView
  readonly home: string
  readonly catalog: {
    readonly type: 'rest' | 'embedded'
    readonly name: string
    /** Null for the embedded one. */
    readonly uri: string | null
    readonly warehouse: string
    readonly database: string
  }
  readonly tables: Readonly<Record<TableRole, string>>
  readonly kafka: { readonly brokers: readonly string[]; readonly topic: string }
  readonly load: LoadView
  readonly jobs: readonly JobView[]
}

/** What `GET /api/events` sends, by the name of the event. Live status comes at most twice a second. */
export interface AppEvents {
  readonly load: LoadView
  readonly job: JobView
  /** A table got a new snapshot through us. */
  readonly table: { readonly role: TableRole; readonly snapshotId: string }
  readonly settings: { readonly changedAt: number }
}
export type AppEventName = keyof AppEvents
