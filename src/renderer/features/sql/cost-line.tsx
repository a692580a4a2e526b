import { useEffect, useState } from 'react'
import type { Forecast } from '../../query/cost.ts'
import type { RunProgress } from '../../query/session.ts'
import { ENGINE_MEMORY_BYTES } from '../../query/start.ts'
import { bytes, count, counted, duration } from '../../ui/format.ts'
import { Status } from '../../ui/status.tsx'
import type { RunState } from './workbench.ts'

/** Decoded rows take about this many times the bytes of their Parquet. */
const SWELL = 5

/** Between editor and result, always there: the forecast before a run, progress while it runs. */
export function CostLine({ forecast, run }: { forecast: Forecast | null; run: RunState }) {
  if (run.state === 'running') return <RunningLine run={run} />
  if (forecast === null) {
    return (
      <section className="sql-cost" aria-label="Cost before running">
        <span className="t2">What a statement will read is shown here before it runs</span>
      </section>
    )
  }
  const totals = forecast.tables.reduce(
    (sum, table) => ({ files: sum.files + table.totals.files, bytes: sum.bytes + table.totals.bytes }),
    { files: 0, bytes: 0 },
  )
  const fits = forecast.bytes * SWELL < ENGINE_MEMORY_BYTES
  const pruned = forecast.tables.filter((table) => table.pruned).map((table) => table.name)
  return (
    <section className="sql-cost" aria-label="Cost before running">
      {forecast.tables.length === 0 ? (
        <b>Reads nothing of the lake</b>
      ) : (
        <>
          <b>
            {forecast.files === 0
              ? 'Reads no data file'
              : `Will read ${count(forecast.files)} of ${counted(totals.files, 'file')}`}
          </b>
          <Share part={forecast.files} of={totals.files} />
          <span>
            <b>{bytes(forecast.bytes)}</b> of {bytes(totals.bytes)}, {forecast.files === 0 ? '' : 'about '}
            {counted(forecast.rows, 'row')}
          </span>
          <span className="t2 cut" title={missedText(forecast)}>
            {pruned.length > 0 ? `pruned in ${pruned.join(' and ')}` : ''}
          </span>
          <Status
            state={fits ? 'passed' : 'attention'}
            word={fits ? 'Fits in memory' : 'May not fit in memory: narrow the time or the columns'}
            bare
          />
        </>
      )}
    </section>
  )
}

function missedText(forecast: Forecast): string {
  const missed = forecast.tables.flatMap((table) => table.missed)
  return missed.length === 0 ? '' : `Not used for leaving out files: ${missed.join('; ')}`
}

function Share({ part, of }: { part: number; of: number }) {
  const width = of === 0 ? 0 : Math.max(part > 0 ? 2 : 0, Math.round((72 * part) / of))
  return (
    <svg width="72" height="8" aria-hidden="true">
      <rect width="72" height="8" fill="var(--press)" />
      <rect width={width} height="8" fill="var(--accent)" />
    </svg>
  )
}

const STAGES: Readonly<Record<RunProgress['stage'], string>> = {
  plan: 'Planning the scans',
  read: 'Reading the lake',
  run: 'Running in the engine',
  fetch: 'Taking the answer',
}

function RunningLine({ run }: { run: Extract<RunState, { state: 'running' }> }) {
  const elapsed = useElapsed(run.since)
  const { progress } = run
  const forecast = progress?.forecast ?? null
  const read = progress?.read
  const done =
    forecast === null || forecast.bytes === 0 ? 0 : Math.min(1, (read?.plannedBytes ?? 0) / forecast.bytes)
  return (
    <section className="sql-cost running" aria-label="Progress" aria-live="polite">
      <Status state="running" word={duration(elapsed)} />
      <b>{run.stopping ? 'Stopping' : STAGES[progress?.stage ?? 'plan']}</b>
      <span className="grow">
        <span className="meter">
          <i style={{ width: `${Math.round(done * 100)}%` }} />
        </span>
      </span>
      {forecast !== null && forecast.files > 0 && read !== undefined && (
        <span>
          <b>
            {bytes(Math.min(read.plannedBytes, forecast.bytes))} of {bytes(forecast.bytes)}
          </b>
          , {count(read.files)} of {counted(forecast.files, 'file')}
        </span>
      )}
    </section>
  )
}

function useElapsed(since: number): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 100)
    return () => clearInterval(timer)
  }, [])
  return Math.max(0, now - since)
}
