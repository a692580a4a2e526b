import type { JobView, LoadView } from '../../shared/model.ts'
import { bytes, count, counted, duration, instant } from './format.ts'
import { Icon } from './icon.tsx'
import { useNow } from './now.ts'
import { href } from './route.ts'
import { type State, Status } from './status.tsx'
import { useView } from './view.ts'

interface Facts {
  readonly load: LoadView
  readonly jobs: readonly JobView[]
}

const LOAD: Readonly<Record<LoadView['state'], { state: State; word: string }>> = {
  idle: { state: 'waiting', word: 'Load not started' },
  starting: { state: 'running', word: 'Starting' },
  running: { state: 'running', word: 'Loading' },
  paused: { state: 'attention', word: 'Paused' },
  stopping: { state: 'running', word: 'Committing' },
  done: { state: 'passed', word: 'Load stopped' },
  failed: { state: 'failed', word: 'Load stopped by a fault' },
}

/** What the ledger read back by the load says; without one, what the last verify said. */
function ledgerOf(load: LoadView, jobs: readonly JobView[]): { state: State; word: string } {
  if (load.ledger) {
    const { gap } = load.ledger
    if (gap !== 0) return { state: 'failed', word: `Ledger gap of ${count(Math.abs(gap))}` }
    if (load.ledger.problems === 0) return { state: 'passed', word: 'Ledger balanced' }
    return { state: 'attention', word: `Ledger with ${counted(load.ledger.problems, 'problem')}` }
  }
  const last = jobs.find((job) => job.kind === 'verify')
  if (last?.state === 'running') return { state: 'running', word: 'Ledger being checked' }
  if (last?.state !== 'done' || last.result?.kind !== 'verify')
    return { state: 'waiting', word: 'Ledger not verified' }
  const { clean, ledger, differences } = last.result
  const odd = ledger.filter((line) => !line.balanced).length
  if (clean) return { state: 'passed', word: 'Ledger balanced' }
  return {
    state: 'failed',
    word: odd > 0 ? `Ledger off in ${counted(odd, 'partition')}` : counted(differences.length, 'difference'),
  }
}

function LoadFacts({ load, jobs, now }: Facts & { now: number }) {
  const active = load.state === 'running' || load.state === 'paused'
  return (
    <>
      <span className="pace">
        <Status {...LOAD[load.state]} bare />
        {load.state === 'running' && (
          <>
            <b>{count(Math.round(load.messagesPerSecond))}</b> messages/s
          </>
        )}
        {load.state === 'done' && (
          <>
            <b>{count(load.rows)}</b> rows written
          </>
        )}
      </span>
      <span className="lag">
        {load.lag === null ? (
          'Lag not known'
        ) : (
          <>
            Lag <b>{count(load.lag)}</b> {load.lag === '1' ? 'message' : 'messages'}
            {load.lagMs !== null && load.lagMs !== undefined && (
              <>
                , <b>{duration(load.lagMs)}</b>
              </>
            )}
          </>
        )}
      </span>
      <span className="fresh">
        {load.freshness?.committedMs !== null && load.freshness?.committedMs !== undefined ? (
          <>
            Queryable <b>{duration(load.freshness.committedMs)}</b> after produced
          </>
        ) : load.lastCommitAt === null ? (
          'No commit in this run'
        ) : (
          <>
            Last commit <b>{duration(Math.max(0, now - load.lastCommitAt))}</b> ago
          </>
        )}
      </span>
      <span>
        <Status {...ledgerOf(load, jobs)} bare />
      </span>
      <Replaying jobs={jobs} />
      <span className="gap" />
      {active && (
        <span className="may-go">
          Buffered <b>{bytes(load.bufferedBytes)}</b> of {bytes(load.budgetBytes)}
        </span>
      )}
    </>
  )
}

/** How far a replay of dead letters is, wherever the window is. */
function Replaying({ jobs }: { jobs: readonly JobView[] }) {
  const job = jobs.find((one) => one.kind === 'replay' && one.state === 'running')
  if (job === undefined) return null
  const { done = 0, total = null } = job.progress ?? {}
  const share = total ? ` ${Math.floor((done / total) * 100)} %` : ''
  return (
    <span>
      <a className="plain" href={href(['letters'], { view: 'replay' })}>
        <Status state="running" word={`Replaying${share}`} bare />
      </a>
    </span>
  )
}

/**
 * Connection, load, lag, freshness and ledger, always and in this order; the clock at the right. `facts` is null while no
 * lake is open.
 */
export function StatusBar({
  facts,
  connected,
  version,
}: {
  facts: Facts | null
  connected: boolean
  version: string | null
}) {
  const now = useNow(1000)
  const { zone } = useView()
  return (
    <footer className="status">
      <span>
        {!connected ? (
          <Status state="attention" word="Reconnecting" bare />
        ) : facts === null ? (
          <>
            <Icon name="unplug" />
            No lake open
          </>
        ) : (
          <Status state="passed" word="Connected" bare />
        )}
      </span>
      {facts === null ? <span className="gap" /> : <LoadFacts {...facts} now={now} />}
      {facts === null && version !== null && <span>Tarn {version}</span>}
      <span>
        {zone === 'utc' ? 'UTC' : 'Local'} <b>{instant(now, zone)}</b>
      </span>
    </footer>
  )
}
