import type { DoctorCheck, DoctorView } from '../../../shared/doctor.ts'
import { countStates } from '../../../shared/doctor.ts'
import { LakeError } from '../../../shared/errors.ts'
import type { JobView } from '../../../shared/model.ts'
import type { App } from '../app.ts'
import { CHECKS, examine, unasked, withDependents } from './doctor.ts'
import { keepRun, readRuns } from './history.ts'
import { type Machine, thisMachine } from './machine.ts'
import { openPatient } from './patient.ts'

export interface DoctorControl {
  /** All checks, or those with these ids and what needs them. LOCKED while it runs already. */
  start(only: readonly string[] | null): JobView
  view(): DoctorView
}

/** The doctor of one app: a job that reads only, and its last results. */
export function createDoctor(app: App, machine: Machine = thisMachine): DoctorControl {
  let checks: readonly DoctorCheck[] = []
  let about = app.settings()
  let running: string | null = null

  return {
    start(only) {
      const unknown = only?.find((id) => !CHECKS.some((check) => check.id === id))
      if (unknown !== undefined) throw new LakeError('INVALID', `there is no check ${unknown}`)
      return app.jobs.start('doctor', async (control) => {
        const settings = app.settings()
        const started = app.clock()
        // results about other settings say nothing of these
        const known = settings === about ? checks : []
        const some = only !== null && known.length > 0 ? withDependents(only) : null
        const before = checks
        checks = some === null ? unasked() : known
        about = settings
        running = control.id
        const total = some?.size ?? CHECKS.length
        const done = new Set<string>()
        const patient = openPatient({
          settings,
          settingsFile: app.settingsView().file,
          sample: app.state().sample,
          lake: app.lake,
          machine,
          clock: app.clock,
          signal: control.signal,
        })
        const onCheck = (check: DoctorCheck): void => {
          checks = checks.map((one) => (one.id === check.id ? check : one))
          if (check.state !== 'running') done.add(check.id)
          control.progress({ done: done.size, total, unit: 'checks', text: check.title })
        }
        control.progress({ done: 0, total, unit: 'checks', text: '' })
        try {
          checks = await examine(patient, onCheck, known, some)
        } catch (error) {
          checks = before.length > 0 ? before : []
          throw error
        } finally {
          running = null
          await patient
            .close()
            .catch((error) => app.log.debug({ error }, 'The doctor did not close in order'))
        }
        const counts = countStates(checks)
        if (some === null) {
          const states = Object.fromEntries(checks.map(({ id, state }) => [id, state]))
          keepRun(settings.home, { at: started, ms: app.clock() - started, ...counts, states })
        }
        return { kind: 'doctor', ...counts }
      })
    },
    view() {
      const asked = checks.length > 0 && (about === app.settings() || running !== null)
      const runs = readRuns(app.settings().home)
      return { running, asked, checks: asked ? checks : unasked(), runs }
    },
  }
}
