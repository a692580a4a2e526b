import type { LoadView } from '../../shared/model.ts'
import { bytes, count, duration, instant } from './format.ts'
import { useNow } from './now.ts'
import { Status } from './status.tsx'
import { useView } from './view.ts'

function LoadFacts({ load, now }: { load: LoadView; now: number }) {
  switch (load.state) {
    case 'idle':
      return (
        <span>
          <Status state="waiting" word="Load not started" bare />
        </span>
      )
    case 'failed':
      return (
        <span>
          <Status state="failed" word="Load stopped by a fault" bare />
        </span>
      )
    case 'done':
      return (
        <span>
          <Status state="passed" word="Load stopped" bare />
          <b>{count(load.rows)}</b> rows written
        </span>
      )
    default:
      return (
        <>
          <span>
            <Status
              state={load.state === 'paused' ? 'attention' : 'running'}
              word={load.state === 'paused' ? 'Paused' : 'Loading'}
              bare
            />
            <b>{count(Math.round(load.messagesPerSecond))}</b> messages/s
          </span>
          {load.lag !== null && (
            <span>
              Lag <b>{count(load.lag)}</b> messages
            </span>
          )}
          {load.lastCommitAt !== null && (
            <span>
              Committed <b>{duration(Math.max(0, now - load.lastCommitAt))}</b> ago
            </span>
          )}
        </>
      )
  }
}

/** Connection, load, lag and freshness, always; the clock and the memory of the load at the right. */
export function StatusBar({ load, connected }: { load: LoadView | null; connected: boolean }) {
  const now = useNow(1000)
  const { zone } = useView()
  return (
    <footer className="status">
      <span>
        {connected ? (
          <Status state="passed" word="Connected" bare />
        ) : (
          <Status state="attention" word="Reconnecting" bare />
        )}
      </span>
      {load && <LoadFacts load={load} now={now} />}
      <span className="gap" />
      {load && load.state !== 'idle' && (
        <span>
          Buffered <b>{bytes(load.bufferedBytes)}</b> of {bytes(load.budgetBytes)}
        </span>
      )}
      <span>
        {zone === 'utc' ? 'UTC' : 'Local'} <b>{instant(now, zone)}</b>
      </span>
    </footer>
  )
}
