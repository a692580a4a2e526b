import type { LetterDetail } from '../../../shared/letters.ts'
import { messagesPath, threadPath } from '../../../shared/thread.ts'
import { bytes } from '../../ui/format.ts'
import { Null } from '../../ui/null.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { href } from '../../ui/route.ts'
import { Time } from '../../ui/time.tsx'
import { LetterStatus } from './letter-table.tsx'
import { SnapshotLink } from './replay-list.tsx'

const MARKS = {
  intended: 'Sent, its commit not yet marked',
  landed: 'Landed',
  failed: 'Failed again',
  split: 'Split off a payload that landed',
} as const

/** From the letter up to its file and commit, down to its message, and to where its replays landed. */
function threadHref({ id }: LetterDetail): string {
  const { path, query } = threadPath({ table: 'errors', keys: { error_id: id } })
  return href(path, { ...query, level: 'letter' })
}

function messageHref({ topic, partition, offset }: LetterDetail): string {
  const next = String(BigInt(offset) + 1n)
  const { path, query } = messagesPath({ topic, partition, from: offset, to: next }, `${partition}:${offset}`)
  return href(path, query)
}

/** Where a letter came from, what became of it, and who lies beside it. */
export function LetterMessage({
  letter,
  onSelect,
}: {
  letter: LetterDetail
  onSelect: (id: string) => void
}) {
  const facts: readonly (readonly [string, string | null])[] = [
    ['Topic', letter.topic],
    ['Partition', letter.partition],
    ['Offset', letter.offset],
    ['User', letter.userId],
    ['Device', letter.deviceId],
    ['Sample', letter.sampleId],
    ['Data type', letter.dataType],
    ['Path', letter.reason.path],
    ['Letter', letter.id],
  ]
  return (
    <section className="letter-side" aria-label="Kafka coordinates, history and neighbours">
      <p className="dense" style={{ marginBottom: 10, overflowWrap: 'anywhere' }}>
        <PlainText>{letter.message}</PlainText>
      </p>
      <dl className="kv">
        {facts.map(([name, value]) => [
          <dt key={`${name} name`}>{name}</dt>,
          <dd key={name} className="mono">
            {value === null ? <Null /> : <PlainText>{value}</PlainText>}
          </dd>,
        ])}
        <dt>Rejected</dt>
        <dd>
          <Time at={Date.parse(letter.timestamp)} as="iso" />
        </dd>
        <dt>Payload</dt>
        <dd>{letter.payloadBytes === null ? <Null /> : bytes(letter.payloadBytes)}</dd>
      </dl>
      <p className="row" style={{ marginTop: 8 }}>
        <a className="btn s quiet" href={threadHref(letter)}>
          Follow its thread
        </a>
        <a className="btn s quiet" href={messageHref(letter)}>
          Open its message
        </a>
      </p>
      <h3>What became of it</h3>
      {letter.marks.length === 0 && <p className="dense t2">Never replayed.</p>}
      <ul className="plain-list">
        {letter.marks.map((mark) => (
          <li key={`${mark.replay} ${mark.batch} ${mark.state} ${mark.at}`}>
            <span>
              {MARKS[mark.state]}
              {mark.reason && mark.state === 'failed' && (
                <span className="t2">
                  : <PlainText>{mark.reason}</PlainText>
                </span>
              )}{' '}
              {mark.firstLetter !== null && mark.firstLetter !== letter.id && (
                <button type="button" className="linkish" onClick={() => onSelect(mark.firstLetter ?? '')}>
                  its first letter
                </button>
              )}
            </span>
            <span className="row">
              <SnapshotLink table="raw" id={mark.snapshotId} />
              <span className="t3">
                <Time at={mark.at} as="iso" />
              </span>
            </span>
          </li>
        ))}
      </ul>
      <h3 style={{ marginTop: 12 }}>Beside it in partition {letter.partition}</h3>
      {letter.neighbours.length === 0 && <p className="dense t2">No other letter of this partition.</p>}
      <ul className="plain-list">
        {letter.neighbours.map((one) => (
          <li key={one.id}>
            <button type="button" className="linkish mono" onClick={() => onSelect(one.id)}>
              {one.offset}
            </button>
            <span className="cut t2">
              <PlainText>{one.message}</PlainText>
            </span>
            <LetterStatus state={one.state} />
          </li>
        ))}
      </ul>
    </section>
  )
}
