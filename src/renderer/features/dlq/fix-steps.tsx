import { type ReactNode, useCallback, useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import {
  type DryRun,
  type Fix,
  type FixPreview,
  fixText,
  type LetterDetail,
  type LetterFilterView,
  type LetterSample,
  type ReplayView,
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
  const start = async (run: () => Promise<{ id: string }>): Promise<string | null> => {
    setAsking(null)
    try {
      return (await run()).id
    } catch (error) {
      setAsking(error as Error)
      return null
    }
  }
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
    await start(() => answer(api.jobs[':id'].cancel.$post({ param: { id: job.id }, json: {} })))
    setStopping(false)
  }
  const send = async () => {
    if (current === null || fix === null) return
    const id = await start(() =>
      answer(api['dead-letters'].replays.$post({ json: { dryRun: current.id, fix: fix as never } })),
    )
    // A dry run is used once: what it judged has changed.
    if (id) setSent(current)
    if (id) setDryJob(null)
    if (id) navigate(['letters'], { ...(filter.group ? { group: filter.group } : {}), view: 'replay' })
  }
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
            <FixForm draft={draft} onDraft={onDraft} sample={sample} letter={letter} />
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
              {dry && !judging && (
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
              disabled={current === null || current.wouldLand === 0 || running !== null}
              onClick={() => void send()}
            >
              {current ? `Replay ${counted(current.wouldLand, 'letter')}` : 'Replay'}
            </Button>
            {fix && <CopyButton text={commandOf(filter, fix)} label="Copy command" />}
          </div>
          <p className="micro t2 note">
            {running
              ? 'A replay is running: one at a time.'
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

/** How the replay that runs fares; what can be done about it stands on its own page. */
function RunningFacts({ replay }: { replay: ReplayView }) {
  const done = replay.landed + replay.failed
  const share = done === 0 ? 0 : (replay.failed / done) * 100
  const landed = replay.batches.filter((batch) => batch.state === 'landed').length
  const facts = [
    ['Batches', `${count(landed)} of ${count(Math.ceil(replay.letters / replay.batchSize))} landed`],
    ['Failed again so far', `${count(replay.failed)}, ${share.toFixed(share < 1 ? 2 : 0)} %`],
    ['Guard', '3 tries with one fix at most'],
  ] as const
  return (
    <dl className="kv" style={{ marginBottom: 10 }}>
      {facts.map(([name, value]) => [<dt key={`${name} name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  )
}

function ReplayFacts({ dry, fix }: { dry: DryRun | null; fix: Fix | null }) {
  if (dry === null || fix === null) return null
  const sent = dry.wouldLand + dry.wouldFail
  const share = Math.round(((sent === 0 ? 0 : dry.wouldFail / sent) + 0.01) * 100)
  const facts = [
    ['Writes', `${counted(dry.rows, 'row')}, ${counted(dry.days, 'day')}`],
    ['New files, at least', count(dry.partitions)],
    ['Fix', fixText(fix)],
    ['Stops if', `over ${Math.min(100, share)} % fail again`],
    ['Guard', '3 tries with one fix at most'],
  ] as const
  return (
    <dl className="kv" style={{ marginBottom: 10 }}>
      {facts.map(([name, value]) => [<dt key={`${name} name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  )
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** The same on a command line. */
function commandOf(filter: LetterFilterView, fix: Fix): string {
  const where = Object.entries(filter).map(([key, value]) => `--where ${quoted(`${key}=${value}`)}`)
  const file = fix.kind === 'none' ? [] : [`--fix <(echo ${quoted(JSON.stringify(fix))})`]
  return ['tarn replay', ...where, ...file].join(' ')
}
