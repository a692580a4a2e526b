import { fixText, type ReplayState, type ReplayView } from '../../../shared/letters.ts'
import { useLive } from '../../api/live.ts'
import { count, shortId } from '../../ui/format.ts'
import { href } from '../../ui/route.ts'
import { type State, Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'

const WORDS: Readonly<Record<ReplayState, readonly [State, string]>> = {
  running: ['running', 'Replaying'],
  landed: ['passed', 'Landed'],
  stopped: ['failed', 'Stopped, too many failed again'],
  cancelled: ['waiting', 'Cancelled'],
  interrupted: ['attention', 'Interrupted'],
  failed: ['failed', 'Failed'],
}

export function ReplayStatus({ replay, bare = true }: { replay: ReplayView; bare?: boolean }) {
  const [state, word] =
    replay.state === 'landed' && replay.failed > 0
      ? replay.landed === 0
        ? (['failed', 'Failed again'] as const)
        : (['attention', `${count(replay.failed)} failed again`] as const)
      : WORDS[replay.state]
  return <Status state={state} word={word} bare={bare} />
}

/** How many failed again, leading to them. */
export function FailedLink({ replay, failed }: { replay: ReplayView; failed: number }) {
  if (failed === 0) return '0'
  return (
    <a
      href={href(['letters'], { ...replay.filter, group: replay.filter.group ?? 'all', state: 'failed' })}
      title="Letters that failed again"
    >
      {count(failed)}
    </a>
  )
}

/** The snapshot of raw, or of the table of marks, in the inspector of tables. */
export function SnapshotLink({ table, id }: { table: 'raw' | 'replays'; id: string | null }) {
  const { app } = useLive()
  if (id === null || app === null) return null
  const marks = `${app.tables.errors.replace(/_errors$/, '')}_replays`
  const path = table === 'raw' ? ['tables', 'raw'] : ['tables', app.catalog.database, marks]
  return (
    <a className="mono" href={href(path, { tab: 'snapshots', snapshot: id })} title={`Snapshot ${id}`}>
      {shortId(id)}
    </a>
  )
}

/** Replays that were, newest first, each with the snapshot where it landed. */
export function ReplayList({ replays, title }: { replays: readonly ReplayView[]; title: string }) {
  if (replays.length === 0)
    return <p className="dense t2">None yet. A replay is listed here with its snapshot.</p>
  return (
    <ul className="plain-list">
      {replays.slice(0, 20).map((replay) => (
        <li key={replay.id}>
          <span style={{ display: 'grid', gap: 2 }}>
            <ReplayStatus replay={replay} />
            <span className="t2">
              {count(replay.landed)} of {count(replay.letters)} landed, {fixText(replay.fix)}
            </span>
          </span>
          <span className="num" style={{ display: 'grid', gap: 2, justifyItems: 'end' }}>
            <a
              href={href(['letters'], {
                ...(replay.filter.group ? { group: replay.filter.group } : {}),
                view: 'replay',
                replay: replay.id,
              })}
            >
              <Time at={replay.endedAt ?? replay.startedAt} as="ago" />
              <span className="visually-hidden">, replay of {title}</span>
            </a>
            <SnapshotLink table="raw" id={replay.snapshotId} />
          </span>
        </li>
      ))}
    </ul>
  )
}
