import { join } from 'node:path'
import type { RollupSummary } from '../../shared/model.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { type RollupProgress, type RollupResult, rollUp } from '../rollup/rollup.ts'
import type { JobControl } from './jobs.ts'
import type { Lake } from './lake.ts'
import type { MainSettings } from './settings/settings.ts'
import { stateFolder } from './state-folder.ts'

/** The file of the rollup's state. */
export function rollupStatePath(settings: MainSettings): string {
  return join(stateFolder(settings), 'rollup.db')
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
    statePath: rollupStatePath(settings),
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
