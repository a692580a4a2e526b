import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { fixText, type ReplayBatch, type ReplayView } from '../../../shared/letters.ts'
import { answer, api } from '../../api/client.ts'
import { Balance } from '../../ui/balance.tsx'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { clock, count, counted, duration, shortId } from '../../ui/format.ts'
import { Progress } from '../../ui/meter.tsx'
import { useNow } from '../../ui/now.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { href } from '../../ui/route.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { Status } from '../../ui/status.tsx'
import { useView } from '../../ui/view.ts'
import { useJob } from './queries.ts'
import { ReplayStatus, SnapshotLink } from './replay-list.tsx'
import { ReplaysBefore } from './replays-before.tsx'

function Batches({ replay }: { replay: ReplayView }) {
  return (
    <Scroll label="Batches">
      <table className="grid">
        <thead>
          <tr>
            <th scope="col" className="num">
              Batch
            </th>
            <th scope="col" className="num">
              Letters
            </th>
            <th scope="col" className="num">
              Landed
            </th>
            <th scope="col" className="num">
              Failed again
            </th>
            <th scope="col">Rows in snapshot</th>
            <th scope="col">Marks in snapshot</th>
            <th scope="col" className="num">
              Took
            </th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {replay.batches.map((batch) => (
            <tr key={batch.number} aria-selected={batch.state === 'writing'}>
              <td className="num">{batch.number + 1}</td>
              <td className="num">{count(batch.letters)}</td>
              <td className="num">{batch.state === 'writing' ? '' : count(batch.landed)}</td>
              <td className="num">{batch.state === 'writing' ? '' : count(batch.failed)}</td>
              <td>
                <SnapshotLink table="raw" id={batch.rawSnapshot} />
              </td>
              <td className="mono" title={batch.marksSnapshot ?? undefined}>
                {batch.marksSnapshot && shortId(batch.marksSnapshot)}
              </td>
              <td className="num">{batch.ms === null ? '' : duration(batch.ms)}</td>
              <td>
                <BatchStatus batch={batch} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function BatchStatus({ batch }: { batch: ReplayBatch }) {
  if (batch.state === 'writing') return <Status state="running" word="Writing" bare />
  if (batch.state === 'pending') return <Status state="attention" word="End not known" bare />
  return batch.landed > 0 ? (
    <Status state="passed" word="Landed" bare />
  ) : (
    <Status state="failed" word="Failed again" bare />
  )
}

/** One replay: how far it is and what Cancel leaves, what became of its letters, its batches as commits. */
export function ReplayProgress({ replay, all }: { replay: ReplayView; all: readonly ReplayView[] }) {
  const { zone } = useView()
  const now = useNow(1000)
  const job = useJob(replay.jobId)
  const [error, setError] = useState<Error | null>(null)
  const [cancelling, setCancelling] = useState(false)
  const running = replay.state === 'running'
  const writing = replay.batches.find((batch) => batch.state === 'writing')
  const done = replay.landed + replay.failed
  const pending = replay.batches.reduce(
    (sum, batch) => sum + (batch.state === 'landed' ? 0 : batch.letters - batch.landed - batch.failed),
    0,
  )
  const rest = Math.max(0, replay.letters - done - pending)
  const elapsed = now - replay.startedAt
  const perMs = done / Math.max(1, elapsed)
  const batches = Math.max(replay.batches.length, Math.ceil(replay.letters / replay.batchSize))
  const ask = (request: Promise<unknown>) => {
    setError(null)
    request.catch((failure: Error) => setError(failure))
  }
  const cancel = () => {
    if (replay.jobId === null) return
    setCancelling(true)
    ask(answer(api.jobs[':id'].cancel.$post({ param: { id: replay.jobId }, json: {} })))
  }
  const resume = () =>
    ask(answer(api['dead-letters'].replays[':id'].resume.$post({ param: { id: replay.id }, json: {} })))
  return (
    <>
      <div className="bar">
        <h2 className="cut">
          <PlainText>{replay.title}</PlainText>
        </h2>
        <ReplayStatus replay={replay} bare={false} />
        <span className="t2 dense">
          since {clock(replay.startedAt, zone)}, {fixText(replay.fix)}
        </span>
        <span className="grow" />
        {running ? (
          <Button small busy={cancelling ? 'Cancelling' : null} onClick={cancel}>
            Cancel replay
          </Button>
        ) : (
          <>
            {replay.state === 'interrupted' && (
              <Button small kind="primary" onClick={resume}>
                Resume, {counted(rest + pending, 'letter')} left
              </Button>
            )}
            <a
              className="btn s"
              href={href(['letters'], replay.filter.group ? { group: replay.filter.group } : {})}
            >
              Back to the letters
            </a>
          </>
        )}
      </div>
      {error && <FaultBlock fault={toFault(error)} plain />}
      {job?.fault && <FaultBlock fault={job.fault} plain />}
      {running && (
        <div className="sect" style={{ flex: 'none' }}>
          <Progress
            what={
              writing ? `Batch ${writing.number + 1} of ${batches}, commits to raw` : 'Between two batches'
            }
            amount={`${count(done)} of ${counted(replay.letters, 'letter')}, ${duration(elapsed)}`}
            done={done}
            of={replay.letters}
            rest={
              done > 0
                ? `about ${duration((replay.letters - done) / perMs)} more; Cancel lets the batch under way commit, ${counted(rest, 'letter')} then stay as they are`
                : 'Cancel lets the batch under way commit, then stops'
            }
          />
        </div>
      )}
      {replay.state === 'stopped' && (
        <div className="fault attention" role="status">
          <Status state="attention" word={`${replay.title}: the fix was not enough`} bare />
          <p className="dense">
            {count(done)} of {counted(replay.letters, 'letter')} were tried, then it stopped:{' '}
            {count(replay.failed)} failed again, more than the dry run said. {count(replay.landed)} landed;
            those that failed are linked to their first letters.
          </p>
          <div className="row">
            <a
              className="btn s"
              href={href(['letters'], {
                ...(replay.filter.group ? { group: replay.filter.group } : {}),
                state: 'failed',
              })}
            >
              Open the {counted(replay.failed, 'letter')}
            </a>
          </div>
        </div>
      )}
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
      <div className="head">
        <h3>Batches</h3>
        <span className="t2 dense cut">
          {count(replay.batchSize)} letters each; after a crash it goes on with those that have no mark
        </span>
      </div>
      <Batches replay={replay} />
      <ReplaysBefore replays={all.filter((one) => one.id !== replay.id)} />
    </>
  )
}
