import { randomUUID } from 'node:crypto'
import { isLakeError, LakeError, toFault } from '../../shared/errors.ts'
import type { JobKind, JobResult, JobView, ProgressView, StepView } from '../../shared/model.ts'
import type { Clock } from '../base/clock.ts'
import { type EventBus, throttle } from './events.ts'
import type { CleanFault } from './faults.ts'

/** What a running job is given. */
export interface JobControl {
  readonly id: string
  /** Fires on cancel; the job ends with CANCELLED, or with a result if it could end in order. */
  readonly signal: AbortSignal
  progress(progress: ProgressView): void
  /** Adds the step, or replaces the one with its number. */
  step(step: StepView): void
}

/** Everything long that the app does, in one table. */
export interface Jobs {
  /** LOCKED where a job runs that this one would disturb. */
  start(kind: JobKind, run: (control: JobControl) => Promise<JobResult>): JobView
  get(id: string): JobView
  /** Newest first; ended ones are kept up to 50. */
  list(): readonly JobView[]
  cancel(id: string): JobView
  /** The job when it has ended. Never rejects. */
  wait(id: string): Promise<JobView>
  /** Cancels all and waits for them. */
  close(): Promise<void>
}

/** A load rolls up too, so a separate rollup would race it for the aggregates. */
const DISTURBS: Readonly<Record<JobKind, readonly JobKind[]>> = {
  check: ['check', 'prove'],
  prove: ['check', 'prove', 'load', 'rollup', 'verify', 'maintain'],
  load: ['load', 'rollup'],
  rollup: ['load', 'rollup'],
  verify: ['verify', 'maintain'],
  'dry-run': [],
  replay: ['replay'],
  export: [],
  doctor: ['doctor'],
  // Loads and rollups go on: each commits on top of the other's snapshots.
  maintain: ['maintain', 'prove', 'verify'],
}
const KEPT = 50
/** Ms between two events of one job. */
const PACE = 500

interface Entry {
  view: JobView
  /** Says so to every page at once, then lets the work know. */
  cancel(): void
  readonly ended: Promise<JobView>
}

export function createJobs(events: EventBus, clock: Clock, cleanFault: CleanFault = (fault) => fault): Jobs {
  const entries = new Map<string, Entry>()

  function find(id: string): Entry {
    const entry = entries.get(id)
    if (!entry) throw new LakeError('NOT_FOUND', `there is no job ${id}`, { context: { job: id } })
    return entry
  }

  function forgetOld(): void {
    const ended = [...entries.values()].filter((entry) => entry.view.state !== 'running')
    for (const entry of ended.slice(0, Math.max(0, ended.length - KEPT))) entries.delete(entry.view.id)
  }

  return {
    start(kind, run) {
      const rival = [...entries.values()].find(
        (one) => one.view.state === 'running' && DISTURBS[kind].includes(one.view.kind),
      )
      if (rival) {
        throw new LakeError('LOCKED', `a ${rival.view.kind} is running`, {
          outcome: 'retry',
          context: { job: rival.view.id, kind: rival.view.kind },
          remedy: 'Wait for it, or stop it first.',
        })
      }
      const id = randomUUID()
      const controller = new AbortController()
      const pace = throttle<JobView>(PACE, (view) => events.emit('job', view))
      const { promise, resolve } = Promise.withResolvers<JobView>()
      const entry: Entry = {
        view: {
          id,
          kind,
          state: 'running',
          startedAt: clock(),
          endedAt: null,
          progress: null,
          steps: [],
          result: null,
          fault: null,
        },
        cancel() {
          if (entry.view.state === 'running' && !controller.signal.aborted) {
            update({ cancelling: true })
            pace.flush()
          }
          controller.abort()
        },
        ended: promise,
      }
      entries.set(id, entry)
      const update = (change: Partial<JobView>) => {
        entry.view = { ...entry.view, ...change }
        pace.push(entry.view)
      }
      const end = (change: Partial<JobView>) => {
        const { cancelling: _, ...view } = entry.view
        entry.view = view
        update({ ...change, endedAt: clock() })
        pace.flush()
        forgetOld()
        resolve(entry.view)
      }
      const control: JobControl = {
        id,
        signal: controller.signal,
        progress: (progress) => update({ progress }),
        step(told) {
          const step = { ...told, fault: told.fault && cleanFault(told.fault) }
          const others = entry.view.steps.filter((one) => one.number !== step.number)
          update({ steps: [...others, step].sort((a, b) => a.number - b.number) })
        },
      }
      update({})
      // Started in a later turn, so that the caller has the id before the first event of the work itself.
      Promise.resolve()
        .then(() => run(control))
        .then(
          (result) => end({ state: 'done', result }),
          (error) =>
            end({
              state: controller.signal.aborted && isLakeError(error, 'CANCELLED') ? 'cancelled' : 'failed',
              fault: cleanFault(toFault(error)),
            }),
        )
      return entry.view
    },
    get: (id) => find(id).view,
    list: () => [...entries.values()].map((entry) => entry.view).reverse(),
    cancel(id) {
      const entry = find(id)
      entry.cancel()
      return entry.view
    },
    wait: (id) => find(id).ended,
    async close() {
      const running = [...entries.values()].filter((entry) => entry.view.state === 'running')
      for (const entry of running) entry.cancel()
      await Promise.all(running.map((entry) => entry.ended))
    },
  }
}
