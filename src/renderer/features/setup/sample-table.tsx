import type { SampledMessage, SampleView } from '../../../shared/setup.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Balance } from '../../ui/balance.tsx'
import { Button } from '../../ui/button.tsx'
import { bytes, count, counted, duration } from '../../ui/format.ts'
import type { Read } from '../../ui/read.ts'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'

/** Messages of the topic as a load would take them: the balance of their samples, then one by one. */
export function Sample({
  read,
  picked,
  onPick,
}: {
  read: Read<SampleView>
  picked: number
  onPick: (index: number) => void
}) {
  const sample = read.data
  if (!sample) return <Awaiting of={read} what="Reading 20 messages" again="Read again" />
  const accepted = sample.messages.reduce((sum, one) => sum + one.accepted, 0)
  const rejected = sample.messages.reduce((sum, one) => sum + one.rejected, 0)
  const partitions = new Set(sample.messages.map((one) => one.partition)).size
  if (sample.messages.length === 0)
    return <p className="attention-note dense t2">The topic is there and holds no message yet.</p>
  return (
    <>
      <div className="balance-pane">
        <div className="row" style={{ marginBottom: 8 }}>
          <h3>{counted(sample.messages.length, 'message')}, decoded and validated</h3>
          <span className="t2 dense">
            spread over {counted(partitions, 'partition')}, {duration(sample.ms)}
          </span>
          <span className="grow" />
          {rejected > 0 ? (
            <Status
              state="attention"
              word={`${count(rejected)} of ${counted(accepted + rejected, 'sample')} rejected`}
              bare
            />
          ) : (
            <Status state="passed" word={`All ${counted(accepted, 'sample')} valid`} bare />
          )}
          <Button
            small
            kind="quiet"
            icon="refresh"
            busy={read.isFetching ? 'Reading' : null}
            onClick={() => void read.refetch()}
          >
            Read again
          </Button>
        </div>
        <Balance
          name="Samples decoded"
          total={accepted + rejected}
          parts={[
            { name: 'would be rows', value: accepted, color: 'var(--c1)' },
            { name: 'would be dead letters', value: rejected, color: 'var(--c3)' },
          ]}
        />
      </div>
      <table className="grid">
        <thead>
          <tr>
            <th className="num">Partition</th>
            <th className="num">Offset</th>
            <th>Produced</th>
            <th>User</th>
            <th className="opt">App</th>
            <th className="num">Size</th>
            <th className="num">Samples</th>
            <th>Result</th>
          </tr>
        </thead>
        <tbody>
          {sample.messages.map((one, index) => (
            <tr key={`${one.partition}-${one.offset}`} aria-selected={index === picked}>
              <td className="num mono">{one.partition}</td>
              <td className="num">
                <button
                  type="button"
                  className="pickable num mono"
                  aria-label={`Message ${one.partition} at ${one.offset}`}
                  aria-pressed={index === picked}
                  onClick={() => onPick(index)}
                >
                  {one.offset}
                </button>
              </td>
              <td>
                <Time at={one.timestamp} as="iso" />
              </td>
              <td>{one.userId ?? <span className="t3">none</span>}</td>
              <td className="mono opt">{one.appVersion}</td>
              <td className="num">{bytes(one.bytes)}</td>
              <td className="num">{count(one.accepted + one.rejected)}</td>
              <td>
                <Result message={one} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function Result({ message }: { message: SampledMessage }) {
  if (message.rejected === 0) return <Status state="passed" word="Valid" bare />
  if (message.encoding === 'avro')
    return <Status state="attention" word={`Avro, schema ${message.schemaId}`} bare />
  const path = message.problems[0]?.path ?? '$'
  const words =
    message.accepted === 0 && path === '$'
      ? 'Rejected whole'
      : `${message.rejected} of ${message.accepted + message.rejected} rejected, ${path.replace(/^\$\.?/, '') || 'payload'}`
  return <Status state="attention" word={words} bare />
}
