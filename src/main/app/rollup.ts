import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { RollupSummary } from '../../shared/model.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { type RollupProgress, type RollupResult, rollUp } from '../rollup/rollup.ts'
import type { JobControl } from './jobs.ts'
import type { Lake } from './lake.ts'
import type { MainSettings } from './settings.ts'

/** The rollup's cache of this lake. Each lake has one of its own, so that going to and fro rebuilds nothing. */
export function rollupState({ home, catalog, tables }: MainSettings): string {
  const lake = [
    catalog.type,
    catalog.type === 'rest' ? catalog.uri : '',
    catalog.warehouse,
    catalog.database,
    tables.raw,
  ]
  const name = createHash('sha256').update(JSON.stringify(lake)).digest('hex').slice(0, 16)
  const folder = join(home, 'rollup')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return join(folder, `${name}.db`)
}

/** Brings the aggregates of `lake` up to raw's current snapshot. */
export function rollUpLake(
  lake: Lake,
  options: {
    readonly rebuild: boolean
    readonly log: Logger
    readonly clock: Clock
    readonly signal?: AbortSignal
    readonly onProgress?: (progress: RollupProgress) => void
  },
): Promise<RollupResult> {
  const { settings, io, tables } = lake
  const { rebuild, log, clock, signal, onProgress } = options
  return rollUp({
    io,
    tables,
    statePath: rollupState(settings),
    timezone: settings.rollup.timezone,
    clock,
    log,
    rebuild,
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  })
}

/** The same as a job. */
export async function rollupJob(
  lake: Lake,
  control: JobControl,
  rebuild: boolean,
  log: Logger,
  clock: Clock,
): Promise<RollupSummary> {
  const {
    rebuilt: _r,
    filesRead: _f,
    ...summary
  } = await rollUpLake(lake, {
    rebuild,
    log,
    clock,
    signal: control.signal,
    onProgress: ({ stage, done, total, unit }) =>
      control.progress({
        done,
        total,
        unit,
        text: stage === 'reading' ? 'reading raw' : `publishing ${stage}`,
      }),
  })
  return summary
}
