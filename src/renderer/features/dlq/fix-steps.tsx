import { type ReactNode, useCallback, useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type {
  DryRun,
  FixPreview,
  LetterDetail,
  LetterFilterView,
  LetterSample,
  ReplayView,
} from '../../../shared/letters.ts'
import { answer, api } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { useCommand } from '../../ui/commands.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { clock, count, counted, duration } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { navigate } from '../../ui/route.ts'
import { Status } from '../../ui/status.tsx'
import { useView } from '../../ui/view.ts'
import { DryBalance } from './dry-balance.tsx'
import { type Draft, fixOf, sameFix } from './fix-draft.ts'
import { FixForm } from './fix-form.tsx'
import { dryRunOf, useJob } from './queries.ts'
import { commandOf, ReplayFacts, RunningFacts } from './replay-facts.tsx'
import { ReplayList } from './replay-list.tsx'

function Step({
  number,
  title,
  on,
  aside,
  children,
}: {
  number: number
  title: string
  on: boolean
  aside?: ReactNode
  children: ReactNode
}) {
  return (
    <section className={on ? 'step on' : 'step'} aria-label={title}>
      <span className="n" aria-hidden="true">
        {number}
      </span>
      <div>
        <div className="row between">
          <h3>{title}</h3>
          {aside && <span className="t3 dense aside">{aside}</span>}
        </div>
        {children}
      </div>
    </section>
  )
}

/** Right of the evidence: fix, dry run of exactly this fix, replay. */
export function FixSteps({
  filter,
  title,
  open,
  draft,
  onDraft,
  sample,
  letter,
  preview,
  previewError,
  running,
  replays,
  onShow,
}: {
  filter: LetterFilterView
  title: string
  /** Letters that can be sent. */
  open: number
  draft: Draft
  onDraft: (draft: Draft) => void
  sample: LetterSample | undefined
  letter: LetterDetail | null
  preview: FixPreview | undefined
  previewError: Error | null
  running: ReplayView | null
  replays: readonly ReplayView[]
  onShow: (letter: string) => void
}) {
  const { zone } = useView()
  const [dryJob, setDryJob] = useState<string | null>(null)
  const [stopping, setStopping] = useState(false)
  const [sent, setSent] = useState<DryRun | null>(null)
  const [asking, setAsking] = useState<Error | null>(null)
  const job = useJob(dryJob)
  const drafted = fixOf(draft)
  // The edit of a payload is for its letter alone.
  const sending = draft.way === 'edit' ? Math.min(1, open) : open
  const fix = 'fix' in drafted ? drafted.fix : null
  const dry = dryRunOf(job)
  const current =
    fix !== null && dry !== null && sameFix(dry.fix, fix) && sameFix(dry.filter, filter) ? dry : null
  // While a replay runs, the dry run that it was started from stays in view.
  const shown = running && sent && sameFix(sent.fix, running.fix) ? sent : current
  const judging = job?.state === 'running'
  const asked = JSON.stringify({ filter, fix })
  const tryOut = useCallback(async () => {
    setAsking(null)
    try {
      const { id } = await answer(api['dead-letters']['dry-run'].$post({ json: JSON.parse(asked) as never }))
      setDryJob(id)
    } catch (error) {
      setAsking(error as Error)
    }
  }, [asked])
  const dryNow = fix === null || sending === 0 || judging || running !== null ? null : tryOut
  useCommand('letters.dry', dryNow)
  const stopDry = async () => {
    if (job === null) return
    setStopping(true)
    setAsking(null)
    await answer(api.jobs[':id'].cancel.$post({ param: { id: job.id }, json: {} })).catch(setAsking)
    setStopping(false)
  }
  const { group } = filter
  const send = useCallback(async () => {
    if (current === null) return
    setAsking(null)
    try {
      const { fix: judged } = JSON.parse(asked)
      await answer(api['dead-letters'].replays.$post({ json: { dryRun: current.id, fix: judged as never } }))
    } catch (error) {
      return setAsking(error as Error)
    }
    // A dry run is used once: what it judged has changed.
    setSent(current)
    setDryJob(null)
    navigate(['letters'], { ...(group ? { group } : {}), view: 'replay' })
  }, [current, asked, group])
  const off = current === null || current.wouldLand === 0 || running !== null
  useCommand('letters.replay', off ? null : send)
  return (
    <Inspector title="Fix and replay" subject={filter.group ?? 'all'}>
      <div className="fix-steps">
        <Step
          number={1}
          title="Fix"
          on={fix !== null}
          aside={
            running && (
              <span className="row">
                <Icon name="lock" small />
                held while it runs
              </span>
            )
          }
        >
          <fieldset disabled={running !== null}>
            <FixForm
              draft={draft}
              onDraft={onDraft}
              sample={sample}
              letter={letter}
              held={running !== null}
            />
          </fieldset>
          <p className="dense note" role="status">
            {'lacks' in drafted ? (
              <span className="t2">{drafted.lacks}</span>
            ) : previewError ? (
              <Status state="failed" word={previewError.message} bare />
            ) : (
              preview && (
                <Status
                  state={preview.failed === 0 ? 'passed' : 'attention'}
                  word={`${count(preview.valid)} of ${counted(preview.sampled, 'letter')} tried are valid`}
                  bare
                />
              )
            )}
          </p>
        </Step>
        <Step
          number={2}
          title="Dry run"
          on={shown !== null}
          aside={shown && `${clock(shown.at, zone)}, ${duration(shown.ms)}, nothing written`}
        >
          {running ? (
            <>
              {shown && <DryBalance dry={shown} onShow={onShow} />}
              <p className="micro t2 note">Another one can be made when the replay that runs has ended.</p>
            </>
          ) : current ? (
            <DryBalance dry={current} onShow={onShow} />
          ) : (
            <>
              <Button
                small
                command="letters.dry"
                busy={judging ? 'Judging letters' : null}
                disabled={fix === null || sending === 0}
                onClick={() => void tryOut()}
              >
                Dry run of {counted(sending, 'letter')}
              </Button>
              {judging && job && (
                <div className="row dry-wait">
                  <span className="micro t2">
                    {job.progress
                      ? `${count(job.progress.done)} of ${counted(job.progress.total ?? 0, 'letter')}`
                      : 'Finding letters'}
                  </span>
                  <Button small onClick={() => void stopDry()} busy={stopping ? 'Cancelling' : null}>
                    Cancel dry run
                  </Button>
                </div>
              )}
              {sending === 0 && (
                <p className="micro t2 note">No letter of this selection is open: none can be sent.</p>
              )}
              {dry && !judging && sending > 0 && (
                <p className="micro t2 note">The last dry run was of another fix or another selection.</p>
              )}
            </>
          )}
          {job?.fault && job.state === 'failed' && <FaultBlock fault={job.fault} plain />}
        </Step>
        <Step number={3} title="Replay" on={running !== null}>
          {running ? <RunningFacts replay={running} /> : <ReplayFacts dry={current} fix={fix} />}
          <div className="row wrap">
            <Button
              kind="primary"
              {...(off ? {} : { command: 'letters.replay' as const })}
              disabled={off}
              onClick={() => void send()}
            >
              {current ? `Replay ${counted(current.wouldLand, 'letter')}` : 'Replay'}
            </Button>
            {fix && <CopyButton text={commandOf(filter, fix)} label="Copy command" />}
          </div>
          <p className="micro t2 note">
            {running
              ? 'A replay is running: one at a time.'
              : current === null && sending === 0
                ? 'Off: there is nothing to replay.'
                : current === null
                  ? 'Off until there is a dry run of exactly this fix.'
                  : current.wouldLand === 0
                    ? 'Off: with this fix no letter would land.'
                    : 'A letter lands once: replaying again adds nothing.'}
          </p>
          {asking && <FaultBlock fault={toFault(asking)} plain />}
        </Step>
        <Section title={`Replays of ${filter.group ? 'this group' : 'letters'}`}>
          <ReplayList replays={replays} title={title} />
        </Section>
      </div>
    </Inspector>
  )
}
