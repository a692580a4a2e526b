/** What the API says of the doctor: checks that read only, each with its result, its evidence and what it waits for. */
import type { ErrorCode } from './errors.ts'

export const DOCTOR_GROUPS = ['kafka', 'catalog', 'storage', 'registry', 'computer', 'lake'] as const
export type DoctorGroup = (typeof DOCTOR_GROUPS)[number]

/** `waiting`: not asked yet, or a check that it needs failed. `unset`: there is nothing to ask. */
export type DoctorState = 'passed' | 'attention' | 'failed' | 'waiting' | 'running' | 'unset'

export interface DoctorFault {
  readonly code: ErrorCode
  /** What failed. */
  readonly title: string
  /** The likely cause; null where the evidence names none. */
  readonly likely: string | null
  /** What was seen, line by line. */
  readonly evidence: readonly string[]
  /** What to do next. */
  readonly remedy: string | null
  /** To look closer or to mend it, for a terminal. */
  readonly command: string | null
}

export interface DoctorCheck {
  readonly number: number
  /** `storage.signed`. */
  readonly id: string
  readonly group: DoctorGroup
  readonly title: string
  readonly state: DoctorState
  /** What was found, in a few words. */
  readonly text: string
  readonly ms: number | null
  readonly fault: DoctorFault | null
  /** Numbers of the failed checks without which this one makes no sense. */
  readonly waitsFor: readonly number[]
  /** Numbers of other failed checks with the same cause. */
  readonly sameAs: readonly number[]
  /** What does not work while this check fails. */
  readonly stops: readonly DoctorEffect[]
}

export type DoctorEffect = 'loading' | 'queries'

export interface DoctorCounts {
  readonly passed: number
  readonly attention: number
  readonly failed: number
  readonly waiting: number
  readonly unset: number
}

/** A run that ended, as kept: for comparison with the next one. */
export interface DoctorRun extends DoctorCounts {
  /** ms since the epoch. */
  readonly at: number
  readonly ms: number
  /** By id. */
  readonly states: Readonly<Record<string, DoctorState>>
}

export interface DoctorView {
  /** The job of the run under way, or null. */
  readonly running: string | null
  /** False where no check was asked since the start of Tarn or since the settings changed: all of them wait. */
  readonly asked: boolean
  /** Every check, in order. */
  readonly checks: readonly DoctorCheck[]
  /** Newest first, at most 20. Runs of single checks are not kept. */
  readonly runs: readonly DoctorRun[]
}

export function countStates(checks: readonly Pick<DoctorCheck, 'state'>[]): DoctorCounts {
  const of = (state: DoctorState) => checks.filter((check) => check.state === state).length
  return {
    passed: of('passed'),
    attention: of('attention'),
    failed: of('failed'),
    waiting: of('waiting') + of('running'),
    unset: of('unset'),
  }
}
