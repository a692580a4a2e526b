/** When the aggregates are brought up to raw: at their own pace while loading, and once more at the end. */
import { isLakeError } from '../../shared/errors.ts'
import type { LakeIo } from '../iceberg/transaction.ts'
import type { Meter } from './meter.ts'
import type { RolledUp } from './pipeline.ts'
import type { TroubleLog } from './trouble.ts'
import { patiently } from './upload.ts'
import { Ages } from './waiting.ts'

export interface RollupsOptions {
  readonly io: LakeIo
  readonly rollUp: ((signal: AbortSignal) => Promise<RolledUp>) | undefined
  readonly seconds: number
  /** ms for which the last one is tried again. */
  readonly patienceMs: number
  readonly meter: Meter
  readonly troubles: TroubleLog
  readonly signal: AbortSignal
}

export class Rollups {
  readonly #options: RollupsOptions
  /** Messages committed and not rolled up. */
  #ages = new Ages()
  #running: Promise<void> | null = null
  #endedAt = performance.now()
  #wanted = false
  #trouble: unknown = null

  constructor(options: RollupsOptions) {
    this.#options = options
  }

  /** Why the last one failed; null where none did since. */
  get trouble(): unknown {
    return this.#trouble
  }

  /** A commit to raw landed, with messages of these ages. */
  committed(ages: Ages): void {
    this.#ages.join(ages)
    this.#wanted = true
  }

  /** Begins one where raw changed and the time has come. Aggregates can always be made up later; loading goes on. */
  beginInTime(): void {
    const waited = performance.now() - this.#endedAt >= this.#options.seconds * 1000
    if (!this.#wanted || !waited || this.#running !== null) return
    const { io, troubles } = this.#options
    this.#running = this.#rollUp()
      .then(
        () => {
          this.#trouble = null
          troubles.back('rollup-failed')
        },
        (error) => {
          this.#trouble = error
          troubles.away('rollup-failed', error)
          io.log.warn({ error }, 'The rollup failed, trying again in its time')
        },
      )
      .finally(() => {
        this.#running = null
      })
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await this.#running
  }

  /** The last one has no next time to be made up in: it is tried again for as long as the load is patient. */
  async last(): Promise<void> {
    const { troubles, signal, patienceMs } = this.#options
    await this.#running
    const deadline = performance.now() + patienceMs
    await patiently(() => this.#rollUp(), patienceMs, {
      signal,
      onRetry: (error) => troubles.away('rollup-failed', error),
      // A rollup looks first for what the one before it committed, so one that was cut is begun anew.
      also: (error) => isLakeError(error) && error.outcome === 'unknown' && performance.now() < deadline,
    })
    troubles.back('rollup-failed')
  }

  async #rollUp(): Promise<void> {
    const { io, meter, rollUp, signal } = this.#options
    if (rollUp === undefined) return
    this.#wanted = false
    const ages = this.#ages
    this.#ages = new Ages()
    const started = performance.now()
    try {
      const { commits, rowsWritten = 0, sourceSnapshot = null } = await rollUp(signal)
      for (const role of ['daily', 'weekly', 'monthly'] as const) meter.commits[role] += commits[role]
      const snapshots = commits.daily + commits.weekly + commits.monthly
      const at = io.clock()
      const ms = Math.round(performance.now() - started)
      const oldestMs = ages.at(at)?.oldestMs ?? null
      if (snapshots > 0 || oldestMs !== null)
        meter.rolledUp({ at, snapshots, rows: rowsWritten, ms, sourceSnapshot, oldestMs })
    } catch (error) {
      this.#ages.join(ages)
      throw error
    } finally {
      this.#endedAt = performance.now()
    }
  }
}
