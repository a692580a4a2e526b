import { useState } from 'react'
import type { RefusalView } from '../../../shared/monitor.ts'
import { Button } from '../../ui/button.tsx'
import { RadioChoice } from '../../ui/check.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { TextField } from '../../ui/field.tsx'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { type ChoiceId, choicesOf } from './choices.ts'
import { type Again, commandOf } from './refusal.ts'

/** The ways out of a refusal; the primary names what it records. */
export function StoppedInspector({
  refusal,
  onStart,
}: {
  refusal: RefusalView
  onStart: (again: Again) => void
}) {
  const choices = choicesOf(refusal)
  const [picked, setPicked] = useState<ChoiceId | null>(null)
  const [path, setPath] = useState('')
  const choice = choices.find(({ value }) => value === picked) ?? choices[0]
  if (!choice) return null
  const fills = choice.again.fill !== undefined
  const again = fills ? { ...choice.again, fill: path.trim() } : choice.again
  const command = commandOf(again)
  return (
    <Inspector title="What to do" subject={`${refusal.code} ${refusal.askedAt}`}>
      <RadioChoice<ChoiceId> label="What to do" value={choice.value} onChange={setPicked} picks={choices} />
      {fills && (
        <Section>
          <TextField
            label="Path on the computer that runs Tarn, .gz too"
            mono
            value={path}
            onChange={setPath}
          />
        </Section>
      )}
      <Section title="What this choice does">
        <dl className="kv">
          {choice.facts.map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          <dt>Kept in the ledger</dt>
          <dd>for good</dd>
        </dl>
      </Section>
      <Section>
        <div className="row wrap way-out">
          <Button kind="primary" disabled={fills && path.trim() === ''} onClick={() => onStart(again)}>
            {choice.primary}
          </Button>
        </div>
        <p className="micro t2" style={{ marginTop: 8 }}>
          {fills && path.trim() === '' ? (
            'Name the file first.'
          ) : (
            <>
              Nothing is changed until then. What you accept is listed by{' '}
              <code className="micro">tarn verify</code>.
            </>
          )}
        </p>
      </Section>
      <Section title="From a terminal">
        <pre className="env">{command}</pre>
        <div className="row" style={{ marginTop: 6 }}>
          <CopyButton text={command} label="Copy" />
        </div>
        <p className="micro t2">Ends with 3 without the flag, and if it is another number by then.</p>
      </Section>
    </Inspector>
  )
}
