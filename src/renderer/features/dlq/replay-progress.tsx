import { useCallback, useEffect, useRef, useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { fixText, type ReplayView } from '../../../shared/letters.ts'
import { answer, api } from '../../api/client.ts'
import { Balance } from '../../ui/balance.tsx'
import { Button } from '../../ui/button.tsx'
import { useCommand } from '../../ui/commands.ts'
import { FaultBlock } from '../../ui/fault.tsx'
import { count, counted, duration } from '../../ui/format.ts'
import { CommandKey } from '../../ui/key.tsx'
import { Progress } from '../../ui/meter.tsx'
import { useNow } from '../../ui/now.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { href, navigate } from '../../ui/route.ts'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { useJob } from './queries.ts'
import { ReplayBatches } from './replay-batches.tsx'
import { ReplayLetters } from './replay-letters.tsx'
import { ReplayStatus } from './replay-list.tsx'
import { ReplaysBefore } from './replays-before.tsx'

/** Letters of a replay by what became of them. */
function partsOf(replay: ReplayView) {
  const done = replay.landed + replay.failed
  const pending = replay.batches.reduce(
    (sum, batch) => sum + (batch.state === 'landed' ? 0 : batch.letters - batch.landed - batch.failed),
    0,
  )
  return { done, pending, rest: Math.max(0, replay.letters - done - pending) }
}

/** ms between two announcements of figures. */
const PACE = 5_000

/** Tells a screen reader how the replay fares: a change of state at once, figures at most every 5 s. */
function Announcer({ replay }: { replay: ReplayView }) {
  const [said, setSaid] = useState('')
  const latest = useRef(replay)
  latest.current = replay
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of state is told at once
  useEffect(() => {
    const say = () => {
      const { state, landed, failed, letters } = latest.current
      const figures = `${count(landed)} of ${counted(letters, 'letter')} landed, ${count(failed)} failed again`
      setSaid(state === 'running' ? `Replaying, ${figures}` : `Replay ${state}, ${figures}`)
    }
    say()
    if (latest.current.state !== 'running') return
    const timer = setInterval(() => !document.hidden && say(), PACE)
    return () => clearInterval(timer)
  }, [replay.state])
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {said}
    </div>
  )
}

/** One replay: how far it is and what Cancel leaves, what became of its letters, its batches as commits. */
export function ReplayProgress({ replay, all }: { replay: ReplayView; all: readonly ReplayView[] }) {
  const now = useNow(1000)
  const job = useJob(replay.jobId)
  const [error, setError] = useState<Error | null>(null)
  const [asked, setAsked] = useState<'cancel' | 'resume' | null>(null)
  const running = replay.state === 'running'
  const writing = replay.batches.find((batch) => batch.state === 'writing')
  const { done, pending, rest } = partsOf(replay)
  const elapsed = (running ? now : (replay.endedAt ?? now)) - replay.startedAt
  const perMs = done / Math.max(1, elapsed)
  const batches = Math.max(replay.batches.length, Math.ceil(replay.letters / replay.batchSize))
  const ask = (what: 'cancel' | 'resume', request: Promise<unknown>) => {
    setError(null)
    setAsked(what)
    request.catch((failure: Error) => {
      setError(failure)
      setAsked(null)
    })
  }
  // What was asked for has come about.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the state is what is waited for
  useEffect(() => setAsked(null), [replay.state])
  const { jobId } = replay
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rest is setters
  const cancel = useCallback(() => {
    if (jobId === null) return
    ask('cancel', answer(api.jobs[':id'].cancel.$post({ param: { id: jobId }, json: {} })))
  }, [jobId])
  const resume = () =>
    ask(
      'resume',
      answer(api['dead-letters'].replays[':id'].resume.$post({ param: { id: replay.id }, json: {} })),
    )
  useCommand('letters.cancel', running ? cancel : null)
  const { group = 'all' } = replay.filter
  useCommand(
    'letters.back',
    useCallback(() => navigate(['letters'], { group }), [group]),
  )
  const resumable = replay.state === 'interrupted' || (replay.state === 'cancelled' && rest + pending > 0)
  return (
    <>
      <div className="bar">
        <h2 className="cut">
          <PlainText>{replay.title}</PlainText>
        </h2>
        <ReplayStatus replay={replay} bare={false} />
        <span className="t2 dense cut since">
          {running ? 'since' : 'at'} <Time at={replay.startedAt} />,{' '}
          <PlainText>{fixText(replay.fix)}</PlainText>
        </span>
        <span className="grow" />
        {running ? (
          <Button
            small
            busy={asked === 'cancel' ? 'Cancelling' : null}
            command="letters.cancel"
            onClick={cancel}
          >
            Cancel replay
          </Button>
        ) : (
          <>
            {resumable && (
              <Button small kind="primary" busy={asked === 'resume' ? 'Resuming' : null} onClick={resume}>
                Resume, {counted(rest + pending, 'letter')} left
              </Button>
            )}
            <a className="btn s" href={href(['letters'], { group })}>
              Back to the letters
              <CommandKey id="letters.back" />
            </a>
          </>
        )}
      </div>
      <Announcer replay={replay} />
      {error && <FaultBlock fault={toFault(error)} plain />}
      {job?.fault && <FaultBlock fault={job.fault} plain />}
      {/* It stays when the replay is over: what is read below keeps its place. */}
      <div className="sect" style={{ flex: 'none' }}>
        <Progress
          what={
            !running
              ? `${counted(replay.batches.length, 'batch', 'batches')} tried`
              : writing
                ? `Batch ${writing.number + 1} of ${batches}, commits to raw`
                : 'Between two batches'
          }
          amount={`${count(done)} of ${counted(replay.letters, 'letter')}, ${duration(elapsed)}`}
          done={done}
          of={replay.letters}
          rest={
            !running
              ? `${counted(replay.rows, 'row')} written; nothing is tried any more`
              : done > 0
                ? `about ${duration((replay.letters - done) / perMs)} more; Cancel lets the batch under way commit, ${counted(rest, 'letter')} then stay as they are`
                : 'Cancel lets the batch under way commit, then stops'
          }
        />
      </div>
      {replay.state === 'stopped' && <Stopped replay={replay} done={done} />}
      <section className="ledger" aria-label="Letters of this replay">
        <Balance
          name="Letters"
          title="Letters of this replay"
          note="marks as read back from the lake"
          total={replay.letters}
          unit="letters"
          parts={[
            { name: 'Landed', value: replay.landed, color: 'var(--c1)' },
            { name: 'Failed again', value: replay.failed, color: 'var(--c3)' },
            ...(running || pending > 0
              ? [
                  {
                    name: writing ? `In batch ${writing.number + 1}` : 'End not known',
                    value: pending,
                    kind: 'pending' as const,
                  },
                ]
              : []),
            ...(running || rest > 0
              ? [{ name: running ? 'Not tried yet' : 'Not tried', value: rest, kind: 'gone' as const }]
              : []),
          ]}
        />
      </section>
      <div className="replay-lists">
        <ReplayBatches replay={replay} />
        {!running && <ReplayLetters replay={replay} />}
        <ReplaysBefore replays={all.filter((one) => one.id !== replay.id)} />
      </div>
    </>
  )
}

/** Why a replay ended by itself, and where to go on. */
function Stopped({ replay, done }: { replay: ReplayView; done: number }) {
  const { group } = replay.filter
  return (
    <div className="fault attention" role="status">
      <Status state="attention" word={`${replay.title}: the fix was not enough`} bare />
      <p className="dense">
        {count(done)} of {counted(replay.letters, 'letter')} were tried, then it stopped:{' '}
        {count(replay.failed)} failed again, more than the dry run said. {count(replay.landed)} landed; those
        that failed are linked to their first letters.
      </p>
      <div className="row">
        <a className="btn s" href={href(['letters'], { group: group ?? 'all', state: 'failed' })}>
          Open the {counted(replay.failed, 'letter')}
        </a>
        <a className="btn s quiet" href={href(['letters'], { group: group ?? 'all' })}>
          Edit the fix
        </a>
      </div>
    </div>
  )
}
