import { bytes, count, counted, duration, shortId } from '../../ui/format.ts'
import { type State, StatusIcon } from '../../ui/status.tsx'
import { cancelRun } from './runs.ts'
import type { RunState, Tab } from './tab.ts'
import { useSeconds } from './use-seconds.ts'

type Running = Extract<RunState, { state: 'running' }>

interface Step {
  /** Tells two steps of one name apart. */
  readonly key: string
  readonly name: string
  readonly state: State
  readonly about: string
  /** From 0 to 1; null where it is not measured. */
  readonly done: number | null
}

/** The steps of a statement that runs, those that wait for others too. */
export function stepsOf({ progress }: Pick<Running, 'progress'>): readonly Step[] {
  const forecast = progress?.forecast ?? null
  const stage = progress?.stage ?? 'plan'
  const steps: Step[] = [
    {
      key: 'plan',
      name: 'Plan the scans',
      state: forecast === null ? 'running' : 'passed',
      about:
        forecast === null
          ? 'which files may hold a row that is needed'
          : forecast.tables.length === 0
            ? 'nothing of the lake is read'
            : `${counted(forecast.files, 'file')}, ${bytes(forecast.bytes)} of ${counted(forecast.tables.length, 'table')}`,
      done: null,
    },
  ]
  const twice = (name: string) => (forecast?.tables ?? []).filter((one) => one.name === name).length > 1
  let before = 0
  for (const table of forecast?.tables ?? []) {
    const read = Math.max(0, Math.min(table.bytes, (progress?.read.plannedBytes ?? 0) - before))
    before += table.bytes
    const over = stage === 'run' || stage === 'fetch' || (read >= table.bytes && table.bytes > 0)
    const earlier = steps.every((step) => step.state === 'passed')
    steps.push({
      key: `${table.name}@${table.snapshotId}`,
      name: twice(table.name)
        ? `Read ${table.name} at ${shortId(table.snapshotId ?? '')}`
        : `Read ${table.name}`,
      state: over ? 'passed' : stage === 'read' && earlier ? 'running' : 'waiting',
      about: `${count(table.files)} of ${counted(table.totals.files, 'file')}, about ${counted(table.rows, 'row')}; ${table.columns.join(', ') || 'rows counted'}`,
      done: over || table.bytes === 0 ? null : read / table.bytes,
    })
  }
  steps.push({
    key: 'run',
    name: 'Join, group and sort',
    state: stage === 'run' ? 'running' : stage === 'fetch' ? 'passed' : 'waiting',
    about:
      stage === 'run'
        ? 'in the engine, in memory'
        : stage === 'fetch'
          ? 'first rows are there'
          : 'waits for the rows',
    done: null,
  })
  steps.push({
    key: 'take',
    name: 'Take the answer',
    state: stage === 'fetch' ? 'running' : 'waiting',
    about: stage === 'fetch' ? `${bytes(progress?.resultBytes ?? 0)} so far` : 'waits for the engine',
    done: null,
  })
  return steps
}

/** What the statement is at, step by step, and what Cancel does. */
export function RunningPlan({ run, tab, tabs }: { run: Running; tab: Tab; tabs: readonly Tab[] }) {
  const missed = run.progress?.forecast?.tables.flatMap((table) => table.missed) ?? []
  return (
    <>
      {stepsOf(run).map((step) => (
        <div key={step.key} className="sql-step">
          <StatusIcon state={step.state} word={step.state} />
          <span className={step.state === 'running' ? 'named' : undefined}>{step.name}</span>
          <span className="about">{step.about}</span>
          {step.done !== null && step.state === 'running' && (
            <span className="meter thin">
              <i style={{ width: `${Math.round(step.done * 100)}%` }} />
            </span>
          )}
        </div>
      ))}
      {missed.length > 0 && (
        <div className="sect">
          <h3>Not pushed down</h3>
          <div className="sql-missed">
            {missed.map((text, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no identity
              <code key={i}>{text}</code>
            ))}
          </div>
        </div>
      )}
      <div className="sect">
        <h3>Cancel</h3>
        <p className="dense t2">Stops within 2 s. Tab, session and the result before are kept.</p>
      </div>
      <OtherTabs tabs={tabs.filter((one) => one.id !== tab.id)} />
    </>
  )
}

/** Statements that run in other tabs, with their way out. */
export function OtherTabs({ tabs }: { tabs: readonly Tab[] }) {
  const busy = tabs.filter((tab) => tab.run.state === 'running')
  if (busy.length === 0) return null
  return (
    <div className="sect">
      <h3>Other tabs</h3>
      {busy.map((tab) => (
        <div className="row dense" key={tab.id}>
          <StatusIcon state="running" word="running" />
          <Clock since={tab.run.state === 'running' ? tab.run.since : 0} />
          <span className="t2 cut grow">{tab.title}</span>
          <button type="button" className="btn s" onClick={() => cancelRun(tab.id)}>
            Cancel
          </button>
        </div>
      ))}
    </div>
  )
}

function Clock({ since }: { since: number }) {
  return <span>{duration(useSeconds(since)).replace(/\.\d/, '')}</span>
}
