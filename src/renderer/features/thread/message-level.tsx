import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { messagesPath } from '../../../shared/thread.ts'
import type { MissingRange } from '../../../shared/trace.ts'
import { amountOf } from '../../api/lines.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, count, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Loading } from '../../ui/loading.tsx'
import { Status } from '../../ui/status.tsx'
import { hrefTo, rangeFilter } from './commit-level.tsx'
import { LevelBar } from './level-bar.tsx'
import type { LevelProps } from './level-detail.tsx'
import { ledgerOf, messagePlace } from './levels.ts'
import { MessageDetail } from './message-detail.tsx'
import { useMessage, useOrigin } from './queries.ts'

/** Offsets that are read without being asked to. */
const AT_ONCE = 100_000n
/** Messages shown to either side of one. */
const AROUND = 20n

/** The message that a row came from: known by its offset, or looked for in what the commit took. */
export function MessageLevel(props: LevelProps) {
  const place = messagePlace(props.view)
  return place ? <KnownMessage {...props} place={place} /> : <SearchedMessage {...props} />
}

function around(topic: string, partition: string | number, offset: string): string {
  const at = BigInt(offset)
  const from = at > AROUND ? at - AROUND : 0n
  return hrefTo(
    messagesPath(
      { topic, partition: String(partition), from: String(from), to: String(at + AROUND + 1n) },
      `${partition}:${offset}`,
    ),
  )
}

function KnownMessage({
  place,
  heading,
}: LevelProps & { place: { topic: string; partition: string; offset: string } }) {
  const message = useMessage(place)
  return (
    <>
      <LevelBar
        title="Message"
        about={
          <span className="mono">
            {place.topic} {place.partition} @ {place.offset}
          </span>
        }
        heading={heading}
      >
        <a className="btn s" href={around(place.topic, place.partition, place.offset)}>
          <Icon name="tree" />
          Messages around it
        </a>
      </LevelBar>
      <Awaiting of={message} what="Reading the message">
        {(data) => <MessageDetail key={data.offset} message={data} />}
      </Awaiting>
    </>
  )
}

function SearchedMessage({ view, heading }: LevelProps) {
  const ledger = ledgerOf(view)
  const size = (ledger?.ranges ?? []).reduce((sum, { from, to }) => sum + BigInt(to) - BigInt(from), 0n)
  const [asked, setAsked] = useState(size <= AT_ONCE)
  const [shown, setShown] = useState(0)
  const row = view.rows[view.chosen]
  const { origin, progress, error, isFetching, cancel } = useOrigin(ledger, row?.cells ?? [], asked)
  const found = origin.messages[Math.min(shown, origin.messages.length - 1)]
  if (ledger === null)
    return (
      <>
        <LevelBar title="Message" heading={heading} />
        <p className="dense t2 thread-prose pad">
          The snapshot that wrote this row has expired, and no later commit keeps a ledger: which messages it
          took can no longer be told. The browser of messages can look for the sample by its id.
        </p>
      </>
    )
  const cell = (name: string) => row?.cells.find((one) => one.name === name)?.text ?? ''
  return (
    <>
      <LevelBar
        title="Message"
        about={
          found ? (
            <span className="mono">
              {ledger.topic} {found.message.partition} @ {found.message.offset}
            </span>
          ) : (
            `${ledger.topic}, ${counted(size, 'offset')} of ${counted(ledger.ranges.length, 'partition')}`
          )
        }
        heading={heading}
      >
        {origin.messages.length > 1 && (
          <>
            <span className="t2 dense nw">
              {count(shown + 1)} of {count(origin.messages.length)} that hold this sample
            </span>
            <IconButton
              icon="back"
              label="Message before"
              disabled={shown === 0}
              onClick={() => setShown(shown - 1)}
            />
            <IconButton
              icon="next"
              label="Next message"
              disabled={shown >= origin.messages.length - 1}
              onClick={() => setShown(shown + 1)}
            />
          </>
        )}
        {isFetching && found && (
          <Status state="running" word={`Looking for others, ${words(progress)}`} bare />
        )}
        {found && (
          <a className="btn s" href={around(ledger.topic, found.message.partition, found.message.offset)}>
            <Icon name="tree" />
            Messages around it
          </a>
        )}
        <a
          className="btn s quiet"
          href={hrefTo(messagesPath({ topic: ledger.topic, text: cell('sample_id') }))}
        >
          <Icon name="search" />
          Find in the whole topic
        </a>
      </LevelBar>
      {error && <FaultBlock fault={toFault(error)} />}
      {origin.gone.length > 0 && <Gone gone={origin.gone} topic={ledger.topic} />}
      {!asked && (
        <div className="pad">
          <p className="dense t2 thread-prose">
            This commit took {counted(size, 'offset')}. Which of them holds the row is found by reading and
            decoding them; nothing is changed by it.
          </p>
          <Button icon="search" kind="primary" onClick={() => setAsked(true)}>
            Look through {counted(size, 'offset')}
          </Button>
        </div>
      )}
      {found && (
        <MessageDetail
          key={`${found.message.partition} ${found.message.offset}`}
          message={found.message}
          sample={cell('sample_id')}
        />
      )}
      {asked && !found && isFetching && (
        <Loading
          what={progress?.text ?? `Reading ${ledger.topic}`}
          amount={amountOf(progress)}
          onCancel={() => {
            setAsked(false)
            cancel()
          }}
        />
      )}
      {asked && !found && !isFetching && !error && origin.end && (
        <div className="pad">
          <Status state="attention" word="No message that is still there gives this row" bare />
          <p className="dense t2 thread-prose">
            {counted(origin.end.read, 'message')} ({bytes(origin.end.bytes)}) of this commit were read and
            decoded.{' '}
            {origin.gone.length > 0
              ? 'The topic no longer holds the others.'
              : 'The rules may have changed since: what was accepted then may be rejected now.'}
          </p>
          {ledger.ranges.slice(0, 1).map((range) => (
            <a
              key={range.partition}
              className="btn s"
              href={hrefTo(messagesPath(rangeFilter(ledger.topic, range)))}
            >
              <Icon name="tree" />
              Messages of this commit
            </a>
          ))}
        </div>
      )}
    </>
  )
}

const words = (progress: { done: number; of: number | null } | null): string =>
  progress === null ? 'begun' : `${count(progress.done)} of ${count(progress.of ?? 0)} offsets`

/** Offsets that are wanted and not there: said, never passed over. */
export function Gone({ gone, topic }: { gone: readonly MissingRange[]; topic: string }) {
  const sum = gone.reduce((all, { from, to }) => all + BigInt(to) - BigInt(from), 0n)
  const [first] = gone
  return (
    <div className="thread-gone dense" role="status">
      <Status state="attention" word={`${counted(sum, 'offset')} not in ${topic}`} bare />
      <span className="t2">
        {first &&
          `partition ${first.partition}: ${first.from} to ${first.to}${gone.length > 1 ? `, and ${counted(gone.length - 1, 'range')} more` : ''}. `}
        Retention has deleted them, or the topic was made anew.
      </span>
    </div>
  )
}
