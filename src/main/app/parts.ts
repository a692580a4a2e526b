import type { CheckResult, ProbeTarget, ProbeView, RollupSummary, VerifySummary } from '../../shared/model.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { JobControl } from './jobs.ts'
import type { Lake } from './lake.ts'
import type { BeginLoad } from './load/load.ts'
import type { MainSettings } from './settings/settings.ts'

/** The work behind the app's commands, passed in so that routes and hosts can be tried without a lake. */
export interface Parts {
  openLake(settings: MainSettings, log: Logger, clock: Clock): Promise<Lake>
  readonly begin: BeginLoad
  /** The ten steps. A step that fails is in the result, not thrown. */
  check(lake: Lake, control: JobControl): Promise<CheckResult>
  rollup(lake: Lake, control: JobControl, rebuild: boolean, log: Logger, clock: Clock): Promise<RollupSummary>
  verify(lake: Lake, control: JobControl): Promise<VerifySummary>
  probe(settings: MainSettings, targets: readonly ProbeTarget[], signal: AbortSignal): Promise<ProbeView[]>
}
