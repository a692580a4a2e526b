import type { ReactNode } from 'react'
import type { LoadView } from '../../../shared/model.ts'
import { ago, bytes, count, duration } from '../../ui/format.ts'
import { useNow } from '../../ui/now.ts'

function Figure({
  name,
  value,
  unit,
  children,
}: {
  name: string
  value: string
  unit: string
  children: ReactNode
}) {
  return (
    <div className="stat">
      <div className="k">{name}</div>
      <div className="v">
        {value}
        <small>{unit}</small>
      </div>
      <div className="d">{children}</div>
    </div>
  )
}

/** A value of `of` as a thin bar; both in one unit. */
function Meter({ value, of }: { value: number; of: number }) {
  return (
    <div className="meter" style={{ margin: '2px 0 4px' }}>
      <i style={{ width: `${Math.min(100, (value / Math.max(1, of)) * 100)}%` }} />
    </div>
  )
}

/** The five figures of a running load. */
export function LoadFigures({ load }: { load: LoadView }) {
  const now = useNow(1000)
  const [buffered = '0', unit = 'B'] = bytes(load.bufferedBytes).split(' ')
  const next = load.nextCommitInMs
  return (
    <section className="stats" aria-label="Figures">
      <Figure name="Throughput" value={count(Math.round(load.messagesPerSecond))} unit="messages/s">
        {count(Math.round(load.rowsPerSecond))} samples/s, {bytes(load.bytesPerSecond)}/s
      </Figure>
      <Figure
        name="Lag"
        value={load.lag === null ? 'unknown' : count(load.lag)}
        unit={load.lag === null ? '' : 'messages'}
      >
        not yet committed, over {count(load.partitions.length)} partitions
      </Figure>
      <Figure
        name="Last commit"
        value={load.lastCommitAt === null ? 'none' : ago(load.lastCommitAt, now)}
        unit=""
      >
        {count(load.commits.raw)} to raw, {count(load.commits.errors)} to errors
      </Figure>
      <Figure name="Buffered" value={buffered} unit={unit}>
        <Meter value={load.bufferedBytes} of={load.budgetBytes} />
        of a budget of {bytes(load.budgetBytes)}
      </Figure>
      <Figure
        name="Next commit in"
        value={next === null ? 'idle' : (duration(Math.max(0, next)).split(' ')[0] ?? '')}
        unit={next === null ? '' : (duration(Math.max(0, next)).split(' ')[1] ?? '')}
      >
        daily {count(load.commits.daily)}, weekly {count(load.commits.weekly)}, monthly{' '}
        {count(load.commits.monthly)} published
      </Figure>
    </section>
  )
}
