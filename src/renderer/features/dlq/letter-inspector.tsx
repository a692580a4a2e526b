import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { DeadLetter } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Loading } from '../../ui/loading.tsx'

/** Indented where it is JSON, as it came otherwise. Shown as text, whatever it holds. */
function readable(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2)
  } catch {
    return payload
  }
}

function Facts({ letter }: { letter: DeadLetter }) {
  const facts: readonly (readonly [string, string | null])[] = [
    ['Topic', letter.topic],
    ['Partition', letter.partition],
    ['Offset', letter.offset],
    ['User', letter.userId],
    ['Device', letter.deviceId],
    ['Sample', letter.sampleId],
    ['Data type', letter.dataType],
    ['Rejected', `${letter.timestamp.slice(0, 19).replace('T', ' ')} UTC`],
    ['Letter', letter.id],
  ]
  return (
    <dl className="kv">
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd className="mono" title={value ?? undefined}>
            {value ?? <span className="null" title="null" />}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** One dead letter: why, from where, and its payload as it was sent. Esc closes it. */
export function LetterInspector({ id, onClose }: { id: string; onClose: () => void }) {
  const answered = useQuery({
    queryKey: ['letter', id],
    queryFn: () => answer(api['dead-letters'][':id'].$get({ param: { id } })),
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && onClose()
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [onClose])
  const letter = answered.data
  return (
    <aside className="insp" aria-label="Dead letter">
      <div className="head">
        <h3 className="mono">{letter?.errorType ?? 'Dead letter'}</h3>
        <button type="button" className="btn quiet icon s" aria-label="Close the letter" onClick={onClose}>
          <Icon name="x" />
        </button>
      </div>
      {answered.error && <FaultBlock fault={toFault(answered.error)} />}
      {!letter && !answered.error && <Loading what="Reading the letter" />}
      {letter && (
        <div className="scroll">
          <div className="sect">
            <h3>Why</h3>
            <p className="dense">{letter.message}</p>
          </div>
          <div className="sect">
            <h3>Where</h3>
            <Facts letter={letter} />
          </div>
          <div className="sect">
            <div className="row between">
              <h3>
                Payload{' '}
                <span className="t3">{letter.payloadBytes === null ? '' : bytes(letter.payloadBytes)}</span>
              </h3>
              {letter.payload !== null && <CopyButton text={letter.payload} label="Copy as sent" />}
            </div>
            {letter.payload === null ? (
              <p className="dense t2">The message had no payload, or one too large to keep.</p>
            ) : (
              <pre className="env" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                {letter.encoding === 'base64' ? letter.payload : readable(letter.payload)}
              </pre>
            )}
          </div>
        </div>
      )}
    </aside>
  )
}
