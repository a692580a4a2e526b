import type { LoadView } from '../../../shared/model.ts'
import { Empty } from '../../ui/empty.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { clock, count } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Status } from '../../ui/status.tsx'
import { useView } from '../../ui/view.ts'
import { CommitTable } from './commit-table.tsx'
import { LoadBalance } from './load-balance.tsx'
import { LoadFigures } from './load-figures.tsx'
import { PartitionTable } from './partition-table.tsx'

export interface LoadActions {
  readonly start: () => void
  readonly pause: () => void
  readonly resume: () => void
  readonly stop: () => void
}

const STATE = {
  idle: { state: 'waiting', word: 'Not started' },
  starting: { state: 'running', word: 'Starting' },
  running: { state: 'running', word: 'Running' },
  paused: { state: 'attention', word: 'Paused' },
  stopping: { state: 'running', word: 'Committing' },
  done: { state: 'passed', word: 'Stopped' },
  failed: { state: 'failed', word: 'Stopped by a fault' },
} as const

/** Start and stop a load, and watch it: what was read, what became of it, how far behind it is. */
export function LoadPage({ load, actions }: { load: LoadView; actions: LoadActions }) {
  const { zone } = useView()
  const active =
    load.state === 'running' ||
    load.state === 'paused' ||
    load.state === 'starting' ||
    load.state === 'stopping'
  return (
    <>
      <aside className="list" aria-label="Partitions">
        <div className="head">
          <h3>
            Partitions{' '}
            <span className="t3">{load.partitions.length > 0 ? count(load.partitions.length) : ''}</span>
          </h3>
        </div>
        <PartitionTable partitions={load.partitions} />
        {load.source && (
          <div className="sect dense t2" style={{ borderTop: '1px solid var(--line)' }}>
            <div className="mono micro cut">{load.source.topic}</div>
            {load.source.cluster && (
              <>
                Cluster <span className="mono micro">{load.source.cluster}</span>
              </>
            )}
          </div>
        )}
      </aside>
      <main className="work">
        <div className="bar">
          <h2>{load.pipeline}</h2>
          <Status {...STATE[load.state]} />
          {load.startedAt !== null && <span className="t2 dense">since {clock(load.startedAt, zone)}</span>}
          <span className="grow" />
          {load.state === 'running' && (
            <button type="button" className="btn s" onClick={actions.pause}>
              <Icon name="pause" />
              Pause
            </button>
          )}
          {load.state === 'paused' && (
            <button type="button" className="btn s primary" onClick={actions.resume}>
              <Icon name="play" />
              Resume
            </button>
          )}
          {active ? (
            <button
              type="button"
              className="btn s"
              title="Commits what is read, rolls up, then stops"
              disabled={load.state === 'stopping'}
              onClick={actions.stop}
            >
              <Icon name="stop" />
              Stop
            </button>
          ) : (
            <button type="button" className="btn s primary" onClick={actions.start}>
              <Icon name="play" />
              Start loading
            </button>
          )}
        </div>
        {load.fault && <FaultBlock fault={load.fault} />}
        {load.state === 'idle' ? (
          <Empty
            title="Nothing loaded yet"
            action={
              <button type="button" className="btn s" onClick={actions.start}>
                Start loading
              </button>
            }
          >
            The loader {load.pipeline} has not run since this window opened. What it reads, writes and rejects
            is shown here as it happens.
          </Empty>
        ) : (
          <>
            <LoadFigures load={load} />
            <LoadBalance load={load} />
            <CommitTable commits={load.recentCommits} />
          </>
        )}
      </main>
    </>
  )
}
