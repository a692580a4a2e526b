import type { SampledMessage, SampleView } from '../../../shared/setup.ts'
import { IconButton } from '../../ui/button.tsx'
import { count, counted } from '../../ui/format.ts'
import { showPane } from '../../ui/pane.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'

interface Props {
  readonly sample: SampleView | null
  readonly message: SampledMessage | null
  readonly registry: boolean
  readonly onMove: (by: number) => void
}

/** One message of the sample: why it was refused, its payload as text, and what the whole sample holds. */
export function MessagePane({ sample, message, registry, onMove }: Props) {
  return (
    <aside className="insp" aria-label="Message">
      <div className="head">
        <h3>{message ? `Message ${message.partition} at ${message.offset}` : 'Message'}</h3>
        <IconButton icon="back" label="Previous message" disabled={!message} onClick={() => onMove(-1)} />
        <IconButton icon="next" label="Next message" disabled={!message} onClick={() => onMove(1)} />
        <span className="only-narrow">
          <IconButton icon="x" label="Show the steps" onClick={() => showPane('list')} />
        </span>
      </div>
      <Scroll label="Message and sample">
        {message && <Message message={message} registry={registry} />}
        {sample && sample.messages.length > 0 && <Seen sample={sample} />}
        {!sample && (
          <p className="sect dense t2">A message opens here once a topic with messages is chosen.</p>
        )}
      </Scroll>
    </aside>
  )
}

function Message({ message, registry }: { message: SampledMessage; registry: boolean }) {
  const [problem] = message.problems
  const leaf = problem?.path.split('.').at(-1)?.replace(/\[.*$/, '')
  return (
    <>
      {message.encoding === 'avro' && (
        <div className="fault attention">
          <div>
            <Status state="attention" word={`Avro, schema ${message.schemaId}`} bare />
          </div>
          <p className="dense">
            The first byte says Confluent framing.{' '}
            {registry
              ? 'A schema registry is set, and this version reads JSON only: such messages become dead letters, with their bytes kept.'
              : 'No schema registry is set: such messages become dead letters, with their bytes kept.'}
          </p>
        </div>
      )}
      {problem && message.encoding !== 'avro' && (
        <div className="fault attention">
          <div>
            <Status
              state="attention"
              word={`${counted(message.rejected, 'dead letter')}, ${problem.type}`}
              bare
            />
          </div>
          <p className="dense">{problem.message}</p>
          {message.accepted > 0 && (
            <p className="dense t2">The other {counted(message.accepted, 'sample')} are loaded.</p>
          )}
        </div>
      )}
      <div className="head">
        <h3>Payload</h3>
        <span className="t2 dense">{counted(message.bytes, 'byte')}</span>
      </div>
      {message.payload === null ? (
        <p className="sect dense t2">{message.encoding === 'empty' ? 'It has no value.' : 'Not text.'}</p>
      ) : (
        <div className="diff payload">
          {pretty(message.payload).map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text never change places
            <div key={index} className={leaf && line.includes(`"${leaf}":`) ? 'was' : ''}>
              {line}
            </div>
          ))}
          {message.cut && <div>The rest is not shown.</div>}
        </div>
      )}
    </>
  )
}

/** Laid out where it is JSON; as it stands where not. At most 400 lines. */
function pretty(payload: string): string[] {
  let text = payload
  try {
    text = JSON.stringify(JSON.parse(payload), null, 2)
  } catch {
    // Cut or no JSON: as sent.
  }
  return text.split('\n').slice(0, 400)
}

function Seen({ sample }: { sample: SampleView }) {
  const of = (encoding: SampledMessage['encoding']) =>
    sample.messages.filter((one) => one.encoding === encoding).length
  const sizes = sample.messages.map((one) => one.accepted + one.rejected)
  const { from, to, types, unknownTypes } = sample.seen
  const mean = sizes.reduce((a, b) => a + b, 0) / Math.max(1, sizes.length)
  return (
    <div className="sect">
      <h3>Seen in the sample</h3>
      <dl className="kv">
        <dt>Encoding</dt>
        <dd>
          JSON {of('json')}, Avro {of('avro')}
          {of('other') + of('empty') > 0 && `, other ${of('other') + of('empty')}`}
        </dd>
        <dt>Samples a message</dt>
        <dd>
          {Math.min(...sizes)} to {Math.max(...sizes)}, mean {mean.toFixed(2)}
        </dd>
        {from !== null && to !== null && (
          <>
            <dt>start_date</dt>
            <dd>
              <Time at={from} /> to <Time at={to} />
            </dd>
          </>
        )}
        <dt>Data types</dt>
        <dd>
          {count(types.length)}, {unknownTypes === 0 ? 'all known' : `${count(unknownTypes)} unknown`}
        </dd>
      </dl>
    </div>
  )
}
