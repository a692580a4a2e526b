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

const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 4 })
/** From eight figures on a card has no room for all of them: they stand in the line below it. */
const MANY = 10_000_000n
const isMany = (lag: string) => BigInt(lag) >= MANY

/** `78.9 M` */
const short = (lag: string): string => compact.format(BigInt(lag)).replace(/[A-Z]$/, ' $&')

function lagWords(load: LoadView): string {
  const { lagMs, lag } = load
  if (lag !== null && isMany(lag)) return `${count(lag)} in full`
  if (load.lag === '0') return 'all that is there is in the table'
  if (lagMs === null || lagMs === undefined) return 'age not known yet'
  return `the oldest waits ${duration(lagMs)}`
}

/** Over the whole of a run that has ended, per second. */
function meanPace(load: LoadView): Pick<LoadView, 'messagesPerSecond' | 'rowsPerSecond' | 'bytesPerSecond'> {
  const seconds = Math.max(1, ((load.endedAt ?? 0) - (load.startedAt ?? 0)) / 1000)
  return {
    messagesPerSecond: load.messages / seconds,
    rowsPerSecond: load.rows / seconds,
    bytesPerSecond: load.bytes / seconds,
  }
}

/** The five figures of a load. */
export function LoadFigures({ load }: { load: LoadView }) {
  const ended = load.state === 'done' || load.state === 'failed'
  const buffered = parts(bytes(load.bufferedBytes))
  const next = load.nextCommitInMs
  const every = (load.commitSeconds ?? 0) * 1000
  const fresh = spent(load.freshness?.committedMs, 'no commit')
  const rolled = load.freshness?.rolledUpMs
  const pace = ended ? meanPace(load) : load
  return (
    <Stats label="Figures">
      <Stat
        name={ended ? 'Throughput, mean' : 'Throughput'}
        value={count(Math.round(pace.messagesPerSecond))}
        unit="messages/s"
      >
        {count(Math.round(pace.rowsPerSecond))} samples/s, {bytes(pace.bytesPerSecond)}/s
      </Stat>
      <Stat
        name="Lag"
        value={load.lag === null ? 'unknown' : isMany(load.lag) ? short(load.lag) : count(load.lag)}
        {...(load.lag === null ? {} : { unit: load.lag === '1' ? 'message' : 'messages' })}
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
        name={next === null ? 'Next commit' : 'Next commit in'}
        value={next === null ? 'none due' : count(Math.ceil(next / 1000))}
        {...(next === null ? {} : { unit: 's' })}
      >
        <Meter label="Time to the next commit" value={next === null ? 0 : every - next} of={every} />
        every {count(load.commitSeconds ?? 0)} s, or at {bytes(load.commitBytes ?? 0)}
      </Stat>
    </Stats>
  )
}
