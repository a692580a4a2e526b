import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { FixPreview, LetterDetail } from '../../../shared/letters.ts'
import { IconButton } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { Payload, PlainText } from '../../ui/plain-text.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Status } from '../../ui/status.tsx'
import { LetterBytes } from './letter-bytes.tsx'
import { LetterMessage } from './letter-message.tsx'
import { LetterStatus } from './letter-table.tsx'

type Side = 'payload' | 'bytes' | 'message'

const SIDES = [
  { value: 'payload', word: 'Payload' },
  { value: 'bytes', word: 'Bytes' },
  { value: 'message', word: 'Message' },
] as const

/** One letter: as it came at the left, as the fix leaves it at the right. Payloads are text, whatever they hold. */
export function LetterPane({
  letter,
  error,
  preview,
  onSelect,
  onStep,
}: {
  letter: LetterDetail | undefined
  error: Error | null
  preview: FixPreview | undefined
  onSelect: (id: string) => void
  onStep: (by: 1 | -1) => void
}) {
  const [side, setSide] = useState<Side>('payload')
  if (error) return <FaultBlock fault={toFault(error)} plain />
  const tried = preview?.letters.find((one) => one.id === letter?.id)
  const valid = tried?.verdict.state === 'valid'
  const nothing = letter && letter.encoding === null
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
          <Segmented label="What of the letter is shown" value={side} choices={SIDES} onChange={setSide} />
        </header>
        {letter && side === 'message' && <LetterMessage letter={letter} onSelect={onSelect} />}
        {nothing && side !== 'message' && (
          <p className="dense t2" style={{ padding: 12 }}>
            The message had no value, or one too large to keep.
          </p>
        )}
        {letter && !nothing && side === 'payload' && (
          <Payload view={tried?.before ?? letter.view} label="Payload as it came" />
        )}
        {letter && !nothing && side === 'bytes' && <LetterBytes key={letter.id} id={letter.id} />}
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
          <IconButton icon="up" label="Previous letter" onClick={() => onStep(-1)} />
          <IconButton icon="dn" label="Next letter" onClick={() => onStep(1)} />
        </header>
        {tried &&
          (tried.after ? (
            <Payload view={tried.after} label="Payload after the fix" />
          ) : (
            <p className="dense t2 grow" style={{ padding: 12 }}>
              This payload is no JSON object: no rule or patch can change it. Edit it, or mend its sender.
            </p>
          ))}
        {tried?.verdict.reason && (
          <footer className="letter-foot dense t2">
            <PlainText>{tried.verdict.reason}</PlainText>
          </footer>
        )}
      </section>
    </div>
  )
}
