import { memo } from 'react'
import type { Forecast } from '../../query/cost.ts'
import type { RunProgress } from '../../query/session.ts'
import { ENGINE_MEMORY_BYTES } from '../../query/start.ts'
import { bytes, count, counted, duration } from '../../ui/format.ts'
import { Status } from '../../ui/status.tsx'
import { CheaperWays } from './cheaper-ways.tsx'
import type { RunState, Tab } from './tab.ts'
import { useSeconds } from './use-seconds.ts'

/** Decoded rows take about this many times the bytes of their Parquet. */
const SWELL = 5

/** Whether what a statement reads is expected to fit beside the engine's own needs. */
function fitsInMemory(forecast: Forecast): boolean {
  return forecast.bytes * SWELL < ENGINE_MEMORY_BYTES
}

/** Between editor and result, always there: the forecast before a run, progress while it runs. */
export function CostLine({ tab }: { tab: Tab }) {
  if (tab.run.state === 'running') return <RunningLine run={tab.run} />
  return <ForecastLine id={tab.id} forecast={tab.forecast} />
}

const ForecastLine = memo(function ForecastLine({ id, forecast }: { id: string; forecast: Forecast | null }) {
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
  const fits = fitsInMemory(forecast)
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
          <span className="t2 cut">{pruned.length > 0 ? `pruned in ${pruned.join(' and ')}` : ''}</span>
          {fits ? (
            <Status state="passed" word="Fits in memory" bare />
          ) : (
            <span className="row">
              <Status
                state="attention"
                word={`May take ${bytes(forecast.bytes * SWELL)}, more than the ${bytes(ENGINE_MEMORY_BYTES)} of memory`}
                bare
              />
              <CheaperWays id={id} forecast={forecast} />
            </span>
          )}
        </>
      )}
    </section>
  )
})

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
const ORDER: readonly RunProgress['stage'][] = ['plan', 'read', 'run', 'fetch']

/** The table whose files are being read, told from the bytes read so far: tables are read one after the other. */
function tableBeingRead(progress: RunProgress | null): string | null {
  let before = 0
  for (const table of progress?.forecast?.tables ?? []) {
    before += table.bytes
    if ((progress?.read.plannedBytes ?? 0) < before) return table.name
  }
  return null
}

/** Ms after which the pace of reading is worth telling. */
const PACE_MS = 2_000

function RunningLine({ run }: { run: Extract<RunState, { state: 'running' }> }) {
  const elapsed = useSeconds(run.since)
  const { progress, turn } = run
  const forecast = progress?.forecast ?? null
  const read = progress?.read
  const stage = progress?.stage ?? 'plan'
  const planned = forecast?.bytes ?? 0
  const done = Math.min(read?.plannedBytes ?? 0, planned)
  const table = stage === 'read' ? tableBeingRead(progress) : null
  const pace = done / Math.max(1, elapsed / 1_000)
  const left = pace > 0 ? ((planned - done) / pace) * 1_000 : null
  return (
    <section className="sql-cost running" aria-label="Progress">
      <div className="row">
        <Status state="running" word={duration(elapsed)} />
        <b role="status">{run.stopping ? 'Stopping' : table === null ? STAGES[stage] : `Reading ${table}`}</b>
        <span className="t2">
          step {ORDER.indexOf(stage) + 1} of {ORDER.length}
          {turn && `, statement ${turn[0]} of ${turn[1]}`}
        </span>
        <span className="grow" />
        {forecast !== null && forecast.files > 0 && read !== undefined && (
          <span>
            <b>
              {bytes(done)} of {bytes(planned)}
            </b>
            , {count(read.files)} of {counted(forecast.files, 'file')}
          </span>
        )}
      </div>
      <span className="meter">
        <i style={{ width: `${planned === 0 ? 0 : Math.round((done / planned) * 100)}%` }} />
      </span>
      <div className="row t2">
        <span>
          {stage === 'read' && elapsed > PACE_MS && left !== null
            ? `about ${duration(left)} more, at ${bytes(pace)}/s`
            : stage === 'fetch' && progress !== null
              ? `${bytes(progress.resultBytes)} of the answer so far`
              : stage === 'run'
                ? 'All rows are read; the engine joins, groups and sorts'
                : 'Cancel stops it within 2 s; the tab and the rows before are kept'}
        </span>
      </div>
    </section>
  )
}
