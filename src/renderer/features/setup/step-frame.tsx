import type { ReactNode } from 'react'
import { STEPS, type StepId } from '../../../shared/setup.ts'
import { Icon } from '../../ui/icon.tsx'
import { href, navigate } from '../../ui/route.ts'
import { type State, StatusIcon } from '../../ui/status.tsx'
import type { Wizard } from './wizard.ts'

const STEP_NAMES: Readonly<Record<StepId, string>> = {
  connect: 'Connect',
  names: 'Namespace and bucket',
  tables: 'Tables',
  source: 'Source',
  review: 'Review',
  prove: 'Prove',
}

export interface StepState {
  readonly step: StepId
  readonly state: State
  readonly text: string
}

/** The six steps, each with its result in words. */
export function StepList({
  name,
  steps,
  current,
}: {
  name: string
  steps: readonly StepState[]
  current: StepId
}) {
  return (
    <aside className="list setup-list" aria-label="Set-up steps">
      <div className="head">
        <h3 className="cut">Set up {name}</h3>
      </div>
      <nav aria-label="Steps" className="steps">
        {steps.map(({ step, state, text }) => (
          <a
            key={step}
            className="st"
            href={href(['setup', step])}
            aria-current={step === current ? 'step' : undefined}
          >
            <StatusIcon state={state} word={state} />
            <b className={step === current ? 'on' : ''}>{STEP_NAMES[step]}</b>
            <small>{text}</small>
          </a>
        ))}
      </nav>
      <div className="grow" />
      <div className="sect dense t2 closing">
        Closing keeps what you entered. Running again is safe: what exists is verified, not made twice.{' '}
        <a className="plain" href={href(['doctor'])}>
          Open the doctor
        </a>
      </div>
    </aside>
  )
}

/** The way on and back, with a word on what the next step needs. */
export function Foot({
  step,
  note,
  primary,
  children,
}: {
  step: StepId
  wizard: Wizard
  note: string
  /** True where this step is done. */
  primary: boolean
  /** In place of Continue. */
  children?: ReactNode
}) {
  const at = STEPS.indexOf(step)
  const [before, next] = [STEPS[at - 1], STEPS[at + 1]]
  return (
    <div className="foot">
      {before ? (
        <button type="button" className="btn quiet" onClick={() => navigate(['setup', before])}>
          Back
        </button>
      ) : (
        <button type="button" className="btn quiet" onClick={() => navigate(['load'])}>
          Leave set-up
        </button>
      )}
      <span className="grow" />
      <span className="t2 dense cut">{note}</span>
      {children ??
        (next && (
          <button
            type="button"
            className={primary ? 'btn primary' : 'btn'}
            onClick={() => navigate(['setup', next])}
          >
            Continue
            <Icon name="next" />
          </button>
        ))}
    </div>
  )
}
