import type { JobView, StepView } from '../../../shared/model.ts'
import { FaultBlock } from '../../ui/fault.tsx'
import { duration } from '../../ui/format.ts'
import { type State, Status } from '../../ui/status.tsx'

const STATES: Readonly<Record<StepView['state'], { state: State; word: string }>> = {
  waiting: { state: 'waiting', word: 'Waiting' },
  running: { state: 'running', word: 'Checking' },
  passed: { state: 'passed', word: 'Passed' },
  failed: { state: 'failed', word: 'Failed' },
  skipped: { state: 'waiting', word: 'Skipped' },
}

function Step({ step }: { step: StepView }) {
  return (
    <li>
      <div className={step.state === 'failed' ? 'ck bad' : 'ck'}>
        <span className="ix">{step.number}</span>
        <span>{step.title}</span>
        <span className="ev cut">{step.lines.map((line) => line.text).join(', ')}</span>
        <span className="num t3">{step.ms === null ? '' : duration(step.ms)}</span>
        <Status {...STATES[step.state]} bare />
      </div>
      {step.fault && <FaultBlock fault={step.fault} plain />}
    </li>
  )
}

/** The ten steps in the specification's order, each with its result in words. */
export function CheckSteps({ job }: { job: JobView }) {
  const passed = job.steps.filter((step) => step.state === 'passed').length
  return (
    <section aria-label="The ten steps">
      <div className="head">
        <h3>The ten steps</h3>
        <span className="t2 dense" role="status">
          {passed} of {job.steps.length} passed
        </span>
      </div>
      <ol>
        {job.steps.map((step) => (
          <Step key={step.number} step={step} />
        ))}
      </ol>
      {job.fault && <FaultBlock fault={job.fault} />}
    </section>
  )
}
