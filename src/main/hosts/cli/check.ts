import type { CheckResult, JobView, StepView } from '../../../shared/model.ts'
import type { App } from '../../app/app.ts'
import { checkHeader, checkSummary, printStep } from '../../app/setup/check-report.ts'
import type { Command, Context } from './command.ts'
import { follow } from './job.ts'

export const check: Command = {
  name: 'check',
  summary: 'the ten steps: create what is missing, verify what is there',
  options: {},
  async run(context) {
    const app = context.openApp()
    const result = await runCheck(context, app)
    return { code: result.passed ? 0 : 1, result }
  },
}

/** Runs the ten steps and prints each as it ends, in the form of the specification. */
export async function runCheck(
  context: Context,
  app: App,
): Promise<CheckResult & { steps: readonly StepView[] }> {
  context.print(checkHeader)
  const printed = new Set<number>()
  const print = ({ steps }: JobView) => {
    for (const step of steps) {
      if (printed.has(step.number) || step.state === 'running' || step.state === 'waiting') continue
      printed.add(step.number)
      context.print(printStep(step))
    }
  }
  const job = app.startCheck()
  const unsubscribe = app.events.subscribe((name, data) => {
    if (name === 'job' && (data as JobView).id === job.id) print(data as JobView)
  })
  try {
    const { kind: _, ...result } = await follow(context, app, job, 'check')
    const ended = app.jobs.get(job.id)
    print(ended)
    context.print(checkSummary(result, ended.steps))
    return { ...result, steps: ended.steps }
  } finally {
    unsubscribe()
  }
}
