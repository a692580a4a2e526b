/** The ten steps as the specification prints them. */
import type { CheckResult, StepView } from '../../../shared/model.ts'

const RULE = '='.repeat(80)
const MARKS = { pass: '✓ ', fail: '✗ ', info: '' } as const

export const checkHeader = `${RULE}\nIceberg Catalog and Table Setup Test\n${RULE}`

/** One step with its lines; of a failed one also the likely cause and what to do. Starts with an empty line. */
export function printStep(step: StepView): string {
  const lines = step.lines.map((line) => `${MARKS[line.mark]}${line.text}`)
  if (step.fault !== null) {
    if (!step.lines.some((line) => line.mark === 'fail')) lines.push(`✗ ${step.fault.title}`)
    if (step.fault.likely !== undefined) lines.push(`  Likely: ${step.fault.likely}`)
    if (step.fault.remedy !== undefined) lines.push(`  Next:   ${step.fault.remedy}`)
  }
  return [`\n${step.number}. ${step.title}`, ...lines.map((line) => `   ${line}`)].join('\n')
}

/** The closing summary between its rules. Starts with an empty line. */
export function checkSummary(result: CheckResult, steps: readonly StepView[]): string {
  return `\n${RULE}\n${result.passed ? success(result) : failure(steps)}\n${RULE}`
}

function success(result: CheckResult): string {
  const name = (role: string): string => result.tables.find((table) => table.role === role)?.name ?? ''
  return [
    '✓ All tests passed successfully!',
    `  - Raw data table: ${name('raw')}`,
    `  - Error table: ${name('errors')}`,
    `  - Daily aggregation table: ${name('daily')}`,
    `  - Weekly aggregation table: ${name('weekly')}`,
    `  - Monthly aggregation table: ${name('monthly')}`,
  ].join('\n')
}

function failure(steps: readonly StepView[]): string {
  const of = (state: StepView['state']) =>
    steps.filter((step) => step.state === state).map((step) => step.number)
  const [failed, skipped] = [of('failed'), of('skipped')]
  const tail = skipped.length === 0 ? '' : `; skipped: ${skipped.join(', ')}`
  return `✗ ${failed.length} of ${steps.length} steps failed: ${failed.join(', ')}${tail}`
}
