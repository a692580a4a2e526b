import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { FixPreview, LetterDetail } from '../../../shared/letters.ts'
import type { DeadLetter } from '../../../shared/model.ts'
import { Null } from '../../ui/badge.tsx'
import { IconButton } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, count, instant } from '../../ui/format.ts'
import { Payload, PlainText } from '../../ui/plain-text.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Status } from '../../ui/status.tsx'
import { useView } from '../../ui/view.ts'
import { LetterStatus } from './letter-table.tsx'
import { SnapshotLink } from './replay-list.tsx'

type Side = 'payload' | 'bytes' | 'message'
const HEX_BYTES = 4096

/** What is stored, as bytes: 16 to a line with its offset. */
export function hexOf(letter: Pick<DeadLetter, 'payload' | 'encoding'>): string {
  const { payload } = letter
  if (payload === null) return ''
  const all =
    letter.encoding === 'base64'
      ? Uint8Array.from(atob(payload.slice('base64:'.length)), (one) => one.charCodeAt(0))
      : new TextEncoder().encode(payload.slice(0, HEX_BYTES))
  const lines: string[] = []
  for (let at = 0; at < Math.min(all.length, HEX_BYTES); at += 16) {
    const row = [...all.subarray(at, at + 16)]
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${text}`)
  }
  return lines.join('\n')
}

function MessageSide({
  letter,
  onSelect,
}: {
  letter: DeadLetter & LetterDetail
  onSelect: (id: string) => void
}) {
  const { zone } = useView()
  const facts: readonly (readonly [string, string | null])[] = [
    ['Topic', letter.topic],
    ['Partition', letter.partition],
    ['Offset', letter.offset],
    ['Rejected', instant(Date.parse(letter.timestamp), zone)],
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
      </dl>
      <h3>What became of it</h3>
      {letter.marks.length === 0 && <p className="dense t2">Never replayed.</p>}
      <ul className="plain-list">
        {letter.marks.map((mark) => (
          <li key={`${mark.replay} ${mark.batch} ${mark.state} ${mark.at}`}>
            <span>
              {mark.state === 'split' ? 'Split off a payload that landed' : mark.state}
              {mark.reason && mark.state === 'failed' && (
                <span className="t2">
                  : <PlainText>{mark.reason}</PlainText>
                </span>
              )}
              {mark.firstLetter !== null && mark.firstLetter !== letter.id && (
                <button type="button" className="linkish" onClick={() => onSelect(mark.firstLetter ?? '')}>
                  its first letter
                </button>
              )}
            </span>
            <span className="row">
              <SnapshotLink table="raw" id={mark.snapshotId} />
              <span className="t3">{instant(mark.at, zone)}</span>
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

/** One letter: as it came at the left, as the fix leaves it at the right. Payloads are text, whatever they hold. */
export function LetterPane({
  letter,
  error,
  preview,
  onSelect,
  onStep,
}: {
  letter: (DeadLetter & LetterDetail) | undefined
  error: Error | null
  preview: FixPreview | undefined
  onSelect: (id: string) => void
  onStep: (by: 1 | -1) => void
}) {
  const [side, setSide] = useState<Side>('payload')
  if (error) return <FaultBlock fault={toFault(error)} plain />
  const tried = preview?.letters.find((one) => one.id === letter?.id)
  const valid = tried?.verdict.state === 'valid'
  return (
    <div className="ba" aria-busy={letter === undefined}>
      <section aria-label="Before">
        <header>
          <h3>Before</h3>
          {letter &&
            (letter.state === 'open' ? (
              <Status state="failed" word="Rejected" bare />
            ) : (
              <LetterStatus state={letter.state} />
            ))}
          <span className="grow" />
          <Segmented
            label="What of the letter is shown"
            value={side}
            choices={[
              { value: 'payload', word: 'Payload' },
              { value: 'bytes', word: 'Bytes' },
              { value: 'message', word: 'Message' },
            ]}
            onChange={setSide}
          />
        </header>
        {letter && side === 'message' && <MessageSide letter={letter} onSelect={onSelect} />}
        {letter &&
          side !== 'message' &&
          (letter.payload === null ? (
            <p className="dense t2" style={{ padding: 12 }}>
              The message had no value, or one too large to keep.
            </p>
          ) : side === 'payload' ? (
            <Payload view={tried?.before ?? letter.view} label="Payload as it came" />
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard
            <section className="letter-side" tabIndex={0} aria-label="Bytes as stored">
              <pre className="hex">{hexOf(letter)}</pre>
              <p className="micro t2">
                {bytes(letter.payloadBytes ?? 0)} as stored
                {(letter.payloadBytes ?? 0) > HEX_BYTES && `, the first ${count(HEX_BYTES)} shown`}
              </p>
            </section>
          ))}
      </section>
      <section aria-label="After the fix">
        <header>
          <h3>After the fix</h3>
          <span role="status">
            {tried && (
              <Status state={valid ? 'passed' : 'failed'} word={valid ? 'Valid' : 'Still rejected'} bare />
            )}
          </span>
          <span className="grow" />
          {letter && (
            <span className="mono micro t2">
              {letter.partition} @ {letter.offset}
            </span>
          )}
          <IconButton icon="back" label="Previous letter" onClick={() => onStep(-1)} />
          <IconButton icon="next" label="Next letter" onClick={() => onStep(1)} />
        </header>
        {tried?.verdict.reason && (
          <p className="dense t2" style={{ padding: '6px 12px', overflowWrap: 'anywhere', flex: 'none' }}>
            <PlainText>{tried.verdict.reason}</PlainText>
          </p>
        )}
        {tried &&
          (tried.after ? (
            <Payload view={tried.after} label="Payload after the fix" />
          ) : (
            <p className="dense t2" style={{ padding: 12 }}>
              This payload is no JSON object: no rule or patch can change it. Edit it, or mend its sender.
            </p>
          ))}
      </section>
    </div>
  )
}
