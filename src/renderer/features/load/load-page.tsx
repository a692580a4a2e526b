import { useEffect, useState } from 'react'
import type { LoadView } from '../../../shared/model.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { useCommand } from '../../ui/commands.ts'
import { DestroyDialog } from '../../ui/dialog.tsx'
import { Empty } from '../../ui/empty.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { counted, duration } from '../../ui/format.ts'
import { Menu } from '../../ui/menu.tsx'
import { useNow } from '../../ui/now.ts'
import { showPane, togglePane, usePane } from '../../ui/pane.ts'
import { href } from '../../ui/route.ts'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Announcer } from './announcer.tsx'
import { CommitInspector } from './commit-inspector.tsx'
import { type CommitRow, commitRows } from './commit-rows.ts'
import { CommitTable } from './commit-table.tsx'
import { LoadCharts } from './load-charts.tsx'
import { LoadFigures } from './load-figures.tsx'
import { LoadLedger } from './load-ledger.tsx'
import { LoaderList } from './loader-list.tsx'
import type { Again } from './refusal.ts'
import { STATE } from './states.ts'
import { StoppedInspector } from './stopped-inspector.tsx'
import { StoppedWork } from './stopped-page.tsx'
import { useAskedCommit } from './use-asked-commit.ts'
import { usePastCommits } from './use-past-commits.ts'
import { useSeries } from './use-series.ts'
import './load.css'

export interface LoadActions {
  /** Opens the choice of the source. */
  readonly start: () => void
  /** Starts as before, with what the user accepts of a refusal. */
  readonly again: (again: Again) => void
  readonly pause: () => void
  readonly resume: () => void
  readonly stop: () => void
  readonly stopNow: () => void
}

/** Start and stop a load, and watch it: what was read, what became of it, how far behind it is. */
export function LoadPage({ load, host, actions }: { load: LoadView; host: string; actions: LoadActions }) {
  const [picked, setPicked] = useState<CommitRow | null>(null)
  const [table, setTable] = useState(false)
  const refusal = load.state === 'failed' ? (load.refusal ?? null) : null
  const active = ['running', 'paused', 'starting', 'stopping'].includes(load.state)
  const series = useSeries(active)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a load of its own has commits of its own
  useEffect(() => setPicked(null), [load.jobId])
  const asked = useAskedCommit(load)
  const past = usePastCommits(load)
  const newest = asked.row ?? (past ?? commitRows(load)).find((row) => row.commit?.role === 'raw') ?? null
  const followed = newest !== null
  // Nothing is picked yet: a narrow window keeps the list, also when the newest commit comes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the inspector comes with the first commit
  useEffect(() => showPane(refusal ? 'inspector' : 'list'), [refusal, followed])
  return (
    <>
      <LoaderList load={load} host={host} refusal={refusal} />
      <main className="work">
        <Bar load={load} active={active} actions={actions} table={table} onTable={setTable} />
        <Announcer load={load} held={picked !== null} />
        {refusal ? (
          <StoppedWork load={load} refusal={refusal} />
        ) : load.state === 'idle' ? (
          <>
            {asked.gone !== null && <GoneCommit snapshotId={asked.gone} />}
            <LoadLedger load={load} />
            {past ? (
              <div className="load-scroll">
                <p className="load-note dense t2">
                  Nothing is being loaded: {load.pipeline} has not run since Tarn was started. Below is what
                  it committed before; a load goes on where the newest ends.
                </p>
                <CommitTable
                  load={load}
                  past={past}
                  picked={(picked ?? asked.row)?.key ?? null}
                  onPick={setPicked}
                />
              </div>
            ) : (
              <Empty
                title="Nothing is being loaded"
                action={
                  <Button small icon="play" onClick={actions.start}>
                    Start loading
                  </Button>
                }
              >
                The loader {load.pipeline} has not run since Tarn was started. What it reads, writes and
                rejects is shown here as it happens.
              </Empty>
            )}
          </>
        ) : (
          <div className="load-scroll">
            {load.fault && <FaultBlock fault={load.fault} plain={active} />}
            {asked.gone !== null && <GoneCommit snapshotId={asked.gone} />}
            <LoadFigures load={load} />
            <LoadLedger load={load} />
            <LoadCharts series={series} table={table} />
            <CommitTable load={load} picked={(picked ?? asked.row)?.key ?? null} onPick={setPicked} />
          </div>
        )}
      </main>
      {refusal ? (
        <StoppedInspector refusal={refusal} onStart={actions.again} />
      ) : (
        (load.state !== 'idle' || newest !== null) && (
          <CommitInspector
            load={load}
            row={picked ?? newest}
            {...(picked === null
              ? {}
              : {
                  onClose: () => {
                    setPicked(null)
                    showPane('list')
                  },
                })}
          />
        )
      )}
    </>
  )
}

/** A commit that the tables of this lake do not have, or that another loader made. */
function GoneCommit({ snapshotId }: { snapshotId: string }) {
  return (
    <p className="load-note dense t2">
      Commit <span className="mono">{snapshotId}</span> is none of this loader's in the tables of this lake.{' '}
      <a href={href(['tables', 'raw'], { tab: 'snapshots', snapshot: snapshotId })}>
        Look for it in the raw table
      </a>
      , or it has expired.
    </p>
  )
}

function Since({ load, active }: { load: LoadView; active: boolean }) {
  const now = useNow(5_000)
  if (load.startedAt === null) return null
  const end = active ? now : (load.endedAt ?? now)
  const length = duration(Math.max(0, end - load.startedAt))
  return (
    <span className="t2 dense cut">
      {active ? (
        <>
          since <Time at={load.startedAt} />, {length}
        </>
      ) : (
        <>
          <Time at={end} as="ago" />, after {length}
          {load.cut && ', without a last commit'}
        </>
      )}
      {load.asked?.untilCaughtUp && active ? ', ends once caught up' : ''}
    </span>
  )
}

/** In a window with room for one of them: from the choices to the partitions and back. */
function OtherPane({ partitions }: { partitions: number }) {
  const pane = usePane()
  return (
    <span className="only-narrow">
      <Button small icon={pane === 'list' ? 'next' : 'tree'} onClick={togglePane}>
        {pane === 'list' ? 'What to do' : counted(partitions, 'partition')}
      </Button>
    </span>
  )
}

function Bar({
  load,
  active,
  actions,
  table,
  onTable,
}: {
  load: LoadView
  active: boolean
  actions: LoadActions
  table: boolean
  onTable: (table: boolean) => void
}) {
  const [asking, setAsking] = useState(false)
  const { state } = load
  const refused = state === 'failed' && load.refusal !== null && load.refusal !== undefined
  useCommand('load.start', active ? null : actions.start)
  useCommand('load.pause', state === 'running' ? actions.pause : null)
  useCommand('load.resume', state === 'paused' ? actions.resume : null)
  useCommand('load.stop', active && state !== 'stopping' ? actions.stop : null)
  const unlanded = Math.max(0, load.rows + load.rejected + load.skipped - (load.landed ?? 0))
  return (
    <div className="bar">
      <h2>{load.pipeline}</h2>
      <Status {...STATE[state]} />
      <Since load={load} active={active} />
      <span className="grow" />
      {state === 'running' && (
        <Button small icon="pause" onClick={actions.pause}>
          Pause
        </Button>
      )}
      {state === 'paused' && (
        <Button small kind="primary" icon="play" onClick={actions.resume}>
          Resume
        </Button>
      )}
      {active && state !== 'stopping' && (
        <Button small icon="stop" title="Commits what is read, rolls up, then stops" onClick={actions.stop}>
          Stop
        </Button>
      )}
      {state === 'stopping' && (
        <Button small kind="danger" icon="stop" onClick={() => setAsking(true)}>
          End at once
        </Button>
      )}
      {refused && (
        <>
          <span className="t2 dense">resumes once you choose</span>
          <OtherPane partitions={load.refusal?.partitions.length ?? 0} />
        </>
      )}
      {!active && !refused && (
        <Button small kind="primary" icon="play" onClick={actions.start}>
          Start loading
        </Button>
      )}
      {state !== 'idle' && !refused && (
        <Menu
          trigger={<IconButton icon="more" label="More" />}
          entries={[
            {
              name: table ? 'Show charts' : 'Show charts as a table',
              icon: table ? 'dash' : 'tables',
              onChoose: () => onTable(!table),
            },
          ]}
        />
      )}
      <DestroyDialog
        open={asking && state === 'stopping'}
        title="End without a last commit"
        keep="Wait for the commit"
        destroy={`End, leave ${counted(unlanded, 'sample')} for the next load`}
        counts={[
          { name: 'Read and not committed', value: counted(unlanded, 'sample') },
          { name: 'Committed, stays', value: counted(load.landed ?? 0, 'sample') },
          { name: 'Lag then', value: load.lag === null ? 'not known' : counted(load.lag, 'message') },
        ]}
        onClose={() => setAsking(false)}
        onDestroy={() => {
          setAsking(false)
          actions.stopNow()
        }}
      >
        What was read and not committed is dropped here and read again by the next load. Nothing is lost or
        doubled; the aggregates catch up then.
      </DestroyDialog>
    </div>
  )
}
