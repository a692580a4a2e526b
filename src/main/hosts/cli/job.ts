import { LakeError } from '../../../shared/errors.ts'
import type { JobResult, JobView } from '../../../shared/model.ts'
import type { App } from '../../app/app.ts'
import type { Context } from './command.ts'

/**
 * Follows a job to its end, showing its progress. An interrupt cancels it, or calls `interrupt` where the job has an end
 * of its own. A job that failed throws what it failed with.
 */
export async function follow<K extends JobResult['kind']>(
  context: Context,
  app: App,
  job: JobView,
  kind: K,
  interrupt: () => void = () => app.jobs.cancel(job.id),
): Promise<Extract<JobResult, { kind: K }>> {
  const unsubscribe = app.events.subscribe((name, data) => {
    if (name !== 'job' || (data as JobView).id !== job.id) return
    const { progress } = data as JobView
    if (progress) context.progress.show(progress.text, progress.total ? progress.done / progress.total : null)
  })
  context.interrupted.addEventListener('abort', interrupt, { once: true })
  if (context.interrupted.aborted) interrupt()
  try {
    const ended = await app.jobs.wait(job.id)
    if (ended.fault) {
      const { code, title, ...rest } = ended.fault
      throw new LakeError(code, title, rest)
    }
    if (ended.result?.kind !== kind) throw new LakeError('INTERNAL', `the ${job.kind} ended without a result`)
    return ended.result as Extract<JobResult, { kind: K }>
  } finally {
    unsubscribe()
    context.interrupted.removeEventListener('abort', interrupt)
    context.progress.clear()
  }
}
