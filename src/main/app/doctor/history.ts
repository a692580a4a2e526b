/** The last runs of the doctor, kept in the home folder for comparison. A history that cannot be kept is done without. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { DoctorRun } from '../../../shared/doctor.ts'
import { writePrivate } from '../../base/private-file.ts'

const KEPT = 20
const count = z.number().int().min(0)
const run = z.object({
  at: z.number(),
  ms: z.number(),
  passed: count,
  attention: count,
  failed: count,
  waiting: count,
  unset: count,
  states: z.record(z.string(), z.enum(['passed', 'attention', 'failed', 'waiting', 'running', 'unset'])),
})

const fileOf = (home: string): string => join(home, 'doctor.json')

/** Newest first. */
export function readRuns(home: string): readonly DoctorRun[] {
  try {
    return z
      .array(run)
      .max(KEPT)
      .parse(JSON.parse(readFileSync(fileOf(home), 'utf8')))
  } catch {
    return []
  }
}

export function keepRun(home: string, latest: DoctorRun): readonly DoctorRun[] {
  const runs = [latest, ...readRuns(home)].slice(0, KEPT)
  try {
    writePrivate(fileOf(home), `${JSON.stringify(runs)}\n`)
  } catch {
    // a folder that cannot be written is what the doctor itself reports
  }
  return runs
}
