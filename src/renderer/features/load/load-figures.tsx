import type { LoadView } from '../../../shared/model.ts'
import { bytes, count, duration } from '../../ui/format.ts'
import { Meter } from '../../ui/meter.tsx'
import { Stat, Stats } from '../../ui/stat.tsx'

/** `3.4 s` as its value and its unit. */
function parts(text: string): { value: string; unit: string } {
  const [value = '', ...unit] = text.split(' ')
  return { value, unit: unit.join(' ') }
}

const spent = (ms: number | null | undefined, none: string) =>
  ms === null || ms === undefined ? { value: none, unit: '' } : parts(duration(ms))

function lagWords(load: LoadView): string {
  const { lagMs } = load
  if (load.lag === '0') return 'all that is there is in the table'
  if (lagMs === null || lagMs === undefined) return 'age not known yet'
  return `the oldest waits ${duration(lagMs)}`
}

/** The five figures of a load. */
export function LoadFigures({ load }: { load: LoadView }) {
  const active = load.state === 'running' || load.state === 'paused' || load.state === 'stopping'
  const buffered = parts(bytes(load.bufferedBytes))
  const next = load.nextCommitInMs
  const every = (load.commitSeconds ?? 0) * 1000
  const fresh = spent(load.freshness?.committedMs, 'no commit')
  const rolled = load.freshness?.rolledUpMs
  return (
    <Stats label="Figures">
      <Stat name="Throughput" value={count(Math.round(load.messagesPerSecond))} unit="messages/s">
        {count(Math.round(load.rowsPerSecond))} samples/s, {bytes(load.bytesPerSecond)}/s
      </Stat>
      <Stat
        name="Lag"
        value={load.lag === null ? 'unknown' : count(load.lag)}
        {...(load.lag === null ? {} : { unit: 'messages' })}
      >
        {lagWords(load)}
      </Stat>
      <Stat name="Queryable after" value={fresh.value} unit={fresh.unit}>
        {rolled === null || rolled === undefined
          ? 'not rolled up yet'
          : `rolled up after ${duration(rolled)}`}
      </Stat>
      <Stat name="Buffered" value={buffered.value} unit={buffered.unit}>
        <Meter label="Buffered, share of the budget" value={load.bufferedBytes} of={load.budgetBytes} />
        {Math.round((load.bufferedBytes / Math.max(1, load.budgetBytes)) * 100)} % of the{' '}
        {bytes(load.budgetBytes)} budget
      </Stat>
      <Stat
        name="Next commit in"
        value={next === null ? (active ? 'nothing read' : 'stopped') : String(Math.ceil(next / 1000))}
        {...(next === null ? {} : { unit: 's' })}
      >
        <Meter label="Time to the next commit" value={next === null ? 0 : every - next} of={every} />
        every {count(load.commitSeconds ?? 0)} s, or at {bytes(load.commitBytes ?? 0)}
      </Stat>
    </Stats>
  )
}
