import type { CheckResult, JobView, StepView } from '../../../shared/model.ts'
import type { App } from '../../app/app.ts'
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

const RULE = '='.repeat(80)
const MARKS = { pass: '✓ ', fail: '✗ ', info: '' } as const

/** Runs the ten steps and prints each as it ends, in the form of the specification. */
export async function runCheck(
  context: Context,
  app: App,
): Promise<CheckResult & { steps: readonly StepView[] }> {
  context.print(`${RULE}\nIceberg Catalog and Table Setup Test\n${RULE}`)
  const printed = new Set<number>()
  const print = (job: JobView) => {
    for (const step of job.steps) {
      if (printed.has(step.number) || step.state === 'running' || step.state === 'waiting') continue
      printed.add(step.number)
      printStep(context, step)
    }
  }
  const job = app.startCheck()
  const unsubscribe = app.events.subscribe((name, data) => {
    if (name === 'job' && (data as JobView).id === job.id) print(data as JobView)
  })
  try {
    const { kind: _, ...result } = await follow(context, app, job, 'check')
    const { steps } = app.jobs.get(job.id)
    print(app.jobs.get(job.id))
    context.print(`\n${RULE}\n${summary(app, result, steps)}\n${RULE}`)
    return { ...result, steps }
  } finally {
    unsubscribe()
  }
}

function printStep(context: Context, step: StepView): void {
  context.print(`\n${step.number}. ${step.title}`)
  for (const line of step.lines) context.print(`   ${MARKS[line.mark]}${line.text}`)
  if (!step.fault) return
  if (!step.lines.some((line) => line.mark === 'fail')) context.print(`   ✗ ${step.fault.title}`)
  if (step.fault.likely) context.print(`     Likely: ${step.fault.likely}`)
  if (step.fault.remedy) context.print(`     Next:   ${step.fault.remedy}`)
}

function summary(app: App, result: CheckResult, steps: readonly StepView[]): string {
  if (!result.passed) {
    const failed = steps.filter((step) => step.state === 'failed').map((step) => step.number)
    return `✗ ${failed.length} of ${steps.length} steps failed: ${failed.join(', ')}`
  }
  const { tables } = app.settings()
  return [
    '✓ All tests passed successfully!',
    `  - Raw data table: ${tables.raw}`,
    `  - Error table: ${tables.errors}`,
    `  - Daily aggregation table: ${tables.daily}`,
    `  - Weekly aggregation table: ${tables.weekly}`,
    `  - Monthly aggregation table: ${tables.monthly}`,
  ].join('\n')
}
