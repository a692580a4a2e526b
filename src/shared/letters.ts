/** What the API says of dead letters, their fixes and their replays. Conventions as in model.ts. */
import type { Fault } from './errors.ts'
import type { DeadLetterRow } from './model.ts'

// --- fixes ---

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

/** How letters are changed before they are decoded again. Plain data: the same fix has the same id everywhere. */
export type Fix =
  /** As they are: for letters that a change of settings lets pass. */
  | { readonly kind: 'none' }
  /** JSON merge patch (RFC 7396) of the envelope, or of every sample. */
  | { readonly kind: 'merge'; readonly target: 'envelope' | 'sample'; readonly patch: Json }
  /** Samples in unit `from` (and of `type`, where given): value by `formula` over `value`, unit becomes `to`. */
  | {
      readonly kind: 'convert'
      readonly type: string | null
      readonly from: string
      readonly to: string
      readonly formula: string
    }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  /** Timestamps that lack a zone get `offset`: `Z` or `+HH:MM`. */
  | { readonly kind: 'zone'; readonly offset: string }
  /** The range accepted for one data type in this replay; nothing is changed in the payload. */
  | { readonly kind: 'range'; readonly type: string; readonly min: number; readonly max: number }
  /** A field that is missing or null gets `value`. */
  | {
      readonly kind: 'default'
      readonly target: 'envelope' | 'sample'
      readonly field: string
      readonly value: Json
    }
  /** Another payload for one letter. */
  | { readonly kind: 'edit'; readonly letter: string; readonly payload: string }

export interface Conversion {
  readonly from: string
  readonly to: string
  readonly formula: string
}

/** Conversions offered; any other can be written. `to` is spelled as the data types spell their units. */
export const CONVERSIONS: readonly Conversion[] = [
  { from: 'degF', to: '°C', formula: '(value - 32) / 1.8' },
  { from: 'lb', to: 'kg', formula: 'value * 0.45359237' },
  { from: 'g', to: 'kg', formula: 'value / 1000' },
  { from: 'in', to: 'cm', formula: 'value * 2.54' },
  { from: 'm', to: 'cm', formula: 'value * 100' },
  { from: 'ft', to: 'cm', formula: 'value * 30.48' },
  { from: 'km', to: 'm', formula: 'value * 1000' },
  { from: 'mi', to: 'm', formula: 'value * 1609.344' },
  { from: 'kJ', to: 'kcal', formula: 'value / 4.184' },
  { from: 'cal', to: 'kcal', formula: 'value / 1000' },
  { from: 'mmol/L', to: 'mg/dL', formula: 'value * 18.016' },
  { from: 'fraction', to: '%', formula: 'value * 100' },
  { from: 'count/s', to: 'count/min', formula: 'value * 60' },
  { from: 'h', to: 'min', formula: 'value * 60' },
  { from: 's', to: 'min', formula: 'value / 60' },
  { from: 'min', to: 's', formula: 'value * 60' },
  { from: 's', to: 'ms', formula: 'value * 1000' },
  { from: 'L', to: 'mL', formula: 'value * 1000' },
]

/** A fix in a few words: `degF to °C`. */
export function fixText(fix: Fix): string {
  switch (fix.kind) {
    case 'none':
      return 'as it is'
    case 'merge':
      return `patch of ${fix.target}`
    case 'convert':
      return `${fix.from} to ${fix.to}`
    case 'rename':
      return `type ${fix.from} to ${fix.to}`
    case 'zone':
      return `zone ${fix.offset}`
    case 'range':
      return `${fix.type} from ${fix.min} to ${fix.max}`
    case 'default':
      return `default ${fix.field}`
    case 'edit':
      return 'edit of one'
  }
}

// --- groups ---

export interface LetterFilterView {
  readonly group?: string
  readonly errorType?: string
  readonly partition?: string
  readonly offsetFrom?: string
  readonly offsetTo?: string
  readonly from?: string
  readonly to?: string
  readonly text?: string
  readonly user?: string
  readonly dataType?: string
  readonly state?: LetterState
}

/** Letters that may be sent, and for how many reasons; null where the lake does not tell now. */
export interface OpenLetters {
  readonly open: number | null
  readonly reasons: number
}

/** A fix kept by name. `path` is its file, which the command line takes too. */
export interface SavedFix {
  readonly name: string
  readonly path: string
  readonly fix: Fix
}

export interface SavedFilter {
  readonly name: string
  readonly filter: LetterFilterView
}

/** `open` was never replayed; `failed` was, and failed again; `pending` is in a commit whose end is not known yet. */
export type LetterState = 'open' | 'landed' | 'failed' | 'pending'

/** Letters of one reason. */
export interface LetterGroup {
  readonly key: string
  readonly errorType: string
  /** `$.samples[*].value` */
  readonly path: string
  readonly rule: string
  /** `bodyTemperature outside 30 to 45` */
  readonly title: string
  readonly count: number
  /** `open` and `failed` ones. */
  readonly open: number
  readonly landed: number
  /** Replayed and failed again. */
  readonly failed: number
  readonly firstSeen: string
  readonly lastSeen: string
  readonly users: number
  readonly dataTypes: readonly string[]
  /** Raw's snapshot in which letters of this group landed last. */
  readonly landedSnapshot: string | null
  readonly landedAt: number | null
  readonly counts: readonly number[]
}

export interface LetterGroups {
  readonly groups: readonly LetterGroup[]
  readonly total: number
  readonly open: number
  readonly users: number
  /** Start of the first bucket and width of each, ms. */
  readonly bucketFrom: number
  readonly bucketMs: number
  readonly buckets: number
  readonly snapshotId: string | null
}

/** What the payloads of a group say, from a sample of them. */
export interface LetterSample {
  readonly sampled: number
  readonly of: number
  readonly apps: readonly { readonly name: string; readonly count: number }[]
  readonly units: readonly { readonly name: string; readonly count: number }[]
  readonly suggestion: { readonly fix: Fix; readonly lands: number; readonly of: number } | null
}

// --- one letter ---

/** Half-open range of characters. */
export type Span = readonly [number, number]

export interface PayloadLine {
  readonly text: string
  /** Where the offending value stands in it. */
  readonly hit: Span | null
  readonly change: 'was' | 'now' | null
}

/** A payload as lines of text. Whatever it holds, it is to be shown as text only. */
export interface PayloadView {
  readonly lines: readonly PayloadLine[]
  /** True where parts are left out for their length. */
  readonly cut: boolean
}

export interface LetterMark {
  readonly replay: string
  readonly batch: number
  readonly state: 'intended' | 'landed' | 'failed' | 'split'
  readonly at: number
  readonly fixId: string
  readonly rows: number
  readonly snapshotId: string | null
  readonly reason: string | null
  readonly commit: string | null
  readonly firstLetter: string | null
}

/** One letter with what surrounds it. Its payload comes laid out; the bytes are asked for apart. */
export interface LetterDetail extends DeadLetterRow {
  /** UTF-8 bytes as stored; null where there is no payload. */
  readonly payloadBytes: number | null
  readonly encoding: 'text' | 'base64' | null
  readonly view: PayloadView
  readonly reason: {
    readonly path: string
    readonly rule: string
    readonly title: string
    readonly key: string
  }
  readonly state: LetterState
  readonly marks: readonly LetterMark[]
  /** Same topic and partition, by offset. */
  readonly neighbours: readonly DeadLetterRow[]
}

// --- preview, dry run, replay ---

export interface Verdict {
  readonly state: 'valid' | 'failed'
  /** Rows that would be written. */
  readonly rows: number
  /** The decoder's own words where it failed. */
  readonly reason: string | null
}

export interface FixPreview {
  readonly fixId: string
  readonly sampled: number
  readonly valid: number
  readonly failed: number
  readonly letters: readonly {
    readonly id: string
    readonly partition: string
    readonly offset: string
    readonly before: PayloadView
    /** Null where the payload could not be changed: it is not JSON. */
    readonly after: PayloadView | null
    readonly verdict: Verdict
  }[]
}

export interface DryRun {
  readonly id: string
  readonly fixId: string
  readonly filter: LetterFilterView
  readonly fix: Fix
  readonly at: number
  readonly ms: number
  readonly letters: number
  readonly wouldLand: number
  readonly wouldFail: number
  readonly landedBefore: number
  /** Tried too often with this fix: left out. */
  readonly held: number
  readonly rows: number
  /** Partitions of raw that would be written. */
  readonly partitions: number
  readonly days: number
  /** Why letters would fail again, most first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number; readonly letter: string }[]
}

export type ReplayState = 'running' | 'landed' | 'stopped' | 'cancelled' | 'interrupted' | 'failed'

export interface ReplayBatch {
  readonly number: number
  readonly letters: number
  readonly landed: number
  readonly failed: number
  readonly rows: number
  readonly rawSnapshot: string | null
  readonly marksSnapshot: string | null
  readonly ms: number | null
  readonly state: 'writing' | 'landed' | 'pending'
}

export interface ReplayView {
  readonly id: string
  readonly state: ReplayState
  readonly title: string
  readonly filter: LetterFilterView
  readonly fix: Fix
  readonly fixId: string
  readonly startedAt: number
  readonly endedAt: number | null
  readonly letters: number
  readonly landed: number
  readonly failed: number
  readonly rows: number
  readonly batchSize: number
  readonly batches: readonly ReplayBatch[]
  /** Raw's last snapshot of this replay. */
  readonly snapshotId: string | null
  readonly jobId: string | null
  readonly fault: Fault | null
}

export interface ReplaySummary {
  readonly dryRun: boolean
  readonly replay: string | null
  readonly state: ReplayState | null
  readonly letters: number
  readonly landed: number
  readonly failed: number
  readonly landedBefore: number
  readonly held: number
  readonly rows: number
  readonly snapshots: readonly string[]
  readonly dry: DryRun | null
  readonly seconds: number
}
