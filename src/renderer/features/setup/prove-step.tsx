import { useEffect, useState } from 'react'
import { type Fault, toFault } from '../../../shared/errors.ts'
import type { JobView, StepView } from '../../../shared/model.ts'
import { proofSteps, SPECIFIED_STEPS, withPlanned } from '../../../shared/proof.ts'
import { TABLE_ROLES } from '../../../shared/tables.ts'
import { answer, api } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { duration } from '../../ui/format.ts'
import { navigate } from '../../ui/route.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { type State, Status } from '../../ui/status.tsx'
import { readForProof, startProof } from './proof.ts'
import { ProvePane } from './prove-pane.tsx'
import { Foot } from './step-frame.tsx'
import { useRefreshAfter, type Wizard } from './wizard.ts'

const STATES: Readonly<Record<StepView['state'], { state: State; word: string }>> = {
  waiting: { state: 'waiting', word: 'Waiting' },
  running: { state: 'running', word: 'Checking' },
  passed: { state: 'passed', word: 'Passed' },
  failed: { state: 'failed', word: 'Failed' },
  skipped: { state: 'waiting', word: 'Waiting' },
}

/** The last proof, however it ended. */
export function lastProof(jobs: readonly JobView[]): JobView | null {
  return jobs.find((job) => job.kind === 'prove') ?? null
}

export function proofState(job: JobView | null): { state: State; word: string } {
  if (!job) return { state: 'waiting', word: 'Not run yet' }
  const of = (state: StepView['state']) => job.steps.filter((step) => step.state === state).length
  if (job.state === 'running') return { state: 'running', word: `${of('passed')} checks passed` }
  if (job.result?.kind === 'prove' && job.result.passed)
    return { state: 'passed', word: `${job.steps.length} of ${job.steps.length} passed` }
  if (job.state === 'cancelled') return { state: 'attention', word: 'Cancelled' }
  return {
    state: 'failed',
    word: `${Math.max(1, of('failed'))} of ${Math.max(14, job.steps.length)} checks failed`,
  }
}

/** False where settings that the proof depended on are others by now, whoever changed them. */
export function holds(job: JobView | null, mark: string): boolean {
  return job?.result?.kind !== 'prove' || job.result.mark === undefined || job.result.mark === mark
}

/** Why loading may not start yet; null when it may. */
function reasonAgainst(job: JobView | null, saved: boolean, mark: string): string | null {
  if (!saved) return 'Something was edited since: save it in Review, then it is proved anew'
  if (!holds(job, mark)) return 'Settings were changed elsewhere since: check everything again'
  if (!job) return 'Loading can start once the probe has been written and read back'
  if (job.state === 'running') return 'The probe is on its way'
  if (job.result?.kind === 'prove' && job.result.passed) return null
  const failed = job.steps.filter((step) => step.state === 'failed').map((step) => step.number)
  if (failed.length === 0) return 'Loading can start once all checks have passed'
  return `Loading can start once check ${failed.join(' and ')} has passed`
}

/** Step 6: the ten steps and the probe, live. */
export function ProveStep({ wizard }: { wizard: Wizard }) {
  const { app } = useLive()
  const [fault, setFault] = useState<Fault | null>(null)
  const job = lastProof(app?.jobs ?? [])
  const running = job?.state === 'running'
  const raw = app?.tables.raw ?? wizard.value('tables.raw')
  useEffect(() => {
    void readForProof(job, raw)
  }, [job, raw])
  useRefreshAfter(job && job.state !== 'running' ? job.id : null)
  const attempt = (work: () => Promise<unknown>) => {
    setFault(null)
    work().catch((error) => setFault(toFault(error)))
  }
  const again = () =>
    attempt(async () => {
      if (!wizard.saved) await wizard.apply()
      await startProof()
    })
  const against = reasonAgainst(job, wizard.saved, wizard.draft.mark)
  const planned = proofSteps({
    database: wizard.value('catalog.database'),
    raw,
    errors: app?.tables.errors ?? wizard.value('tables.errors'),
  })
  const passed = job?.steps.filter((step) => step.state === 'passed') ?? []
  const took = job && job.endedAt !== null ? job.endedAt - job.startedAt : null
  return (
    <>
      <main className="work prove" aria-label="Prove">
        <div className="bar">
          <h2>Prove</h2>
          <span role="status">
            <Status
              {...(holds(job, wizard.draft.mark)
                ? proofState(job)
                : { state: 'attention', word: 'Void, settings changed since' })}
            />
          </span>
          <span className="t2 dense cut grow">
            {took !== null && `${passed.length} passed in ${duration(took)}`}
            {job === null && 'rows are written, read back and removed; nothing else is changed'}
          </span>
          {running ? (
            <Button
              small
              onClick={() =>
                attempt(() => answer(api.jobs[':id'].cancel.$post({ param: { id: job.id }, json: {} })))
              }
            >
              Cancel
            </Button>
          ) : job ? (
            <Button small icon="refresh" onClick={again}>
              Check everything again
            </Button>
          ) : (
            <Button small kind="primary" icon="play" onClick={again}>
              Run the checks and the probe
            </Button>
          )}
        </div>
        <Scroll label="Checks">
          {fault && <FaultBlock fault={fault} />}
          {job?.fault && <FaultBlock fault={job.fault} />}
          <Checks steps={withPlanned(job?.steps ?? [], planned)} onAgain={again} />
        </Scroll>
        <Foot
          step="prove"
          wizard={wizard}
          note={against ?? 'The probe was written, read back and removed: loading can start'}
          primary
        >
          <Button onClick={() => navigate(['load'])}>
            {against === null ? 'Finish without loading' : 'Finish without proof'}
          </Button>
          <Button
            kind="primary"
            disabled={against !== null}
            onClick={() =>
              attempt(async () => {
                await answer(
                  api.load.start.$post({
                    json: { source: { kind: 'kafka' }, untilCaughtUp: false, accept: {} },
                  }),
                )
                navigate(['load'])
              })
            }
          >
            Start loading
          </Button>
        </Foot>
      </main>
      <ProvePane job={job} roles={TABLE_ROLES} wizard={wizard} />
    </>
  )
}

function Checks({ steps, onAgain }: { steps: readonly StepView[]; onAgain: () => void }) {
  const spec = steps.filter((step) => step.number <= SPECIFIED_STEPS)
  const probe = steps.filter((step) => step.number > SPECIFIED_STEPS)
  return (
    <>
      <div className="ck gh one">Specification, ten steps</div>
      <ol aria-label="The ten steps">
        {spec.map((step) => (
          <Row key={step.number} step={step} onAgain={onAgain} />
        ))}
      </ol>
      {probe.length > 0 && (
        <>
          <div className="ck gh one">Probe, rows written and read back</div>
          <ol aria-label="The probe" start={11}>
            {probe.map((step) => (
              <Row key={step.number} step={step} onAgain={onAgain} />
            ))}
          </ol>
        </>
      )}
    </>
  )
}

function Row({ step, onAgain }: { step: StepView; onAgain: () => void }) {
  const waits = step.state === 'waiting' || step.state === 'skipped'
  const lines = step.lines.map((line) => line.text)
  return (
    <li>
      <div className={step.state === 'failed' ? 'ck bad' : 'ck'}>
        <span className="ix">{step.number}</span>
        <span className={waits ? 'wait cut' : step.state === 'failed' ? 'named cut' : 'cut'}>
          {step.title.replace(/\.\.\.$/, '')}
        </span>
        <span className="ev cut" title={lines.join('\n')}>
          {lines.join(', ')}
        </span>
        <span className="num t3 took">{step.ms === null ? '' : duration(step.ms)}</span>
        <Status {...STATES[step.state]} bare />
      </div>
      {step.fault && (
        <FaultBlock fault={step.fault} plain>
          <Button kind="primary" onClick={onAgain}>
            Check again
          </Button>
          <Button onClick={() => navigate(['setup', placeOf(step)])}>
            {placeOf(step) === 'source' ? 'Edit source' : 'Edit connections'}
          </Button>
        </FaultBlock>
      )}
    </li>
  )
}

/** The step of the wizard where the cause of a failed check is mended. */
function placeOf(step: StepView): 'connect' | 'source' | 'tables' {
  if (step.fault?.code === 'NO_TOPIC') return 'source'
  if (step.fault?.code === 'TABLE_DIFFERS') return 'tables'
  return 'connect'
}
