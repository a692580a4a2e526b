/** What a check is and what it finds. */
import type { DoctorEffect, DoctorGroup, DoctorState } from '../../../shared/doctor.ts'
import { isLakeError, toFault } from '../../../shared/errors.ts'
import type { Patient } from './patient.ts'

/** What a check found. `unset` where there is nothing to ask. */
export interface Finding {
  readonly state: Exclude<DoctorState, 'waiting' | 'running'>
  readonly text: string
  readonly fault?: unknown
  readonly evidence?: readonly string[]
  readonly command?: string
  /** Failures with the same one have one cause. */
  readonly cause?: string
}

export interface CheckDefinition {
  readonly id: string
  readonly group: DoctorGroup
  readonly title: string
  /** Ids of the checks without which this one makes no sense. */
  readonly needs: readonly string[]
  /** True where one of the needs that is set is enough: of two ways, the settings choose one. */
  readonly eitherNeed?: boolean
  readonly stops: readonly DoctorEffect[]
  /** What it throws is a failure of the check. */
  run(patient: Patient): Promise<Finding>
}

export const passed = (text: string): Finding => ({ state: 'passed', text })
export const unset = (text: string): Finding => ({ state: 'unset', text })

/** A failure as a finding, with the cause that its code and its place give it. */
export function failed(error: unknown, rest: Partial<Finding> = {}): Finding {
  const cause = causeOf(error)
  return {
    state: 'failed',
    text: toFault(error).title,
    fault: error,
    ...(cause === null ? {} : { cause }),
    ...rest,
  }
}

/** One cause for all that fails by it: a clock, a name, a port. */
function causeOf(error: unknown): string | null {
  if (!isLakeError(error)) return null
  const { url, host, address } = error.context
  const place = typeof url === 'string' && URL.canParse(url) ? new URL(url) : null
  switch (error.code) {
    case 'CLOCK_SKEW':
      return 'clock'
    case 'DNS': {
      const name = host ?? place?.hostname
      return name === undefined ? null : `name ${name}`
    }
    case 'REFUSED':
    case 'TIMEOUT': {
      const port = address ?? place?.host
      return port === undefined ? null : `port ${port}`
    }
    default:
      return null
  }
}
