import { isLakeError, LakeError, toFault } from '../../../shared/errors.ts'
import type { CommitView, JobView, LoadSummary, LoadView, PastCommit } from '../../../shared/model.ts'
import type { LedgerView, SeriesView } from '../../../shared/monitor.ts'
import type { TableRole } from '../../../shared/tables.ts'
import { unlessCancelled } from '../../base/cancel.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Acceptance } from '../../ingest/resume.ts'
import type { Pace } from '../../source/pace.ts'
import type { EventBus } from '../events.ts'
import type { CleanFault } from '../faults.ts'
import type { JobControl, Jobs } from '../jobs.ts'
import type { Lake } from '../lake.ts'
import type { MainSettings } from '../settings/settings.ts'
import { type LoadedTables, pastCommit, pastCommits } from './history.ts'
import { createLedgerWatch } from './ledger-watch.ts'
import { createLoadSeries } from './series.ts'

export type LoadSource =
  /** With `fill`, messages that retention took are read from that copy of the topic. */
  | { readonly kind: 'kafka'; readonly fill?: string }
  /** One payload a line; `.gz` too. With a pace it comes like a live topic. */
  | { readonly kind: 'file'; readonly path: string; readonly pace?: Pace }
  | { readonly kind: 'generator' }

export interface LoadRequest {
  readonly source: LoadSource
  /** Ends at the end offsets read at the start. */
  readonly untilCaughtUp: boolean
  readonly accept: Acceptance
}

/** A load under way, as `begin.ts` puts it together. */
export interface Run {
  view(): Omit<LoadView, 'state' | 'jobId' | 'startedAt' | 'endedAt' | 'fault'> & {
    readonly paused: boolean
    readonly fault: LoadView['fault']
  }
  pause(): void
  resume(): void
  /** Commits what is read, rolls up, then ends `done`. */
  stop(): void
  /** Ends at once, without a last commit. */
  abort(): void
  /** A recent commit with all its ranges. */
  commit?(snapshotId: string): CommitView | undefined
  readonly done: Promise<LoadSummary>
}

export type BeginLoad = (
  request: LoadRequest,
  lake: Lake,
  control: JobControl,
  tools: LoadTools,
) => Promise<Run>

export interface LoadTools {
  readonly log: Logger
  readonly clock: Clock
  /** To be called when a table has a new snapshot. */
  changed(role: TableRole, snapshotId: string): void
}

export interface LoadDeps {
  readonly lake: () => Promise<Lake>
  readonly settings: () => MainSettings
  readonly jobs: Jobs
  readonly events: EventBus
  readonly log: Logger
  readonly clock: Clock
  readonly begin: BeginLoad
  readonly cleanFault: CleanFault
}

export interface LoadControl {
  /** Starts a job of kind `load`; LOCKED where one runs. */
  start(request: LoadRequest): JobView
  view(): LoadView
  pause(): LoadView
  resume(): LoadView
  /** As if nothing had been loaded yet. Only while nothing runs. */
  forget(): void
  /** Resolves when what was read is committed and rolled up. A no-op while nothing runs. */
  stop(): Promise<LoadView>
  /** Ends at once, without a last commit; what was read and not committed is read again by the next load. */
  stopNow(): Promise<LoadView>
  /** The live series from step `from` on; all that is kept where that is gone, or of another `epoch`. */
  series(from: number, epoch: number): SeriesView
  /** A recent commit with all its ranges; NOT_FOUND where it is no longer known. */
  commit(snapshotId: string): CommitView
  /** The same, or else as the tables tell it, whichever run it is of; NOT_FOUND where they do not have it. */
  anyCommit(snapshotId: string): Promise<CommitView | PastCommit>
  /** The newest commits of this pipeline that the tables hold, read back from their snapshots; newest first, at most 50. */
  pastCommits(): Promise<PastCommit[]>
  /**
   * The tables' own ledger; null where there is none yet. Read anew where it is older than the last commit, or nothing
   * runs: then others may have loaded. Its sums are in the status from then on.
   */
  ledger(): Promise<LedgerView | null>
}

/** Ms between two live status events. */
const PACE = 500
/** What holds once nothing runs. */
const ENDED = {
  bufferedBytes: 0,
  nextCommitInMs: null,
  messagesPerSecond: 0,
  rowsPerSecond: 0,
  bytesPerSecond: 0,
}
/** Past commits that are listed. */
const PAST = 50
const NONE = { raw: 0, errors: 0, daily: 0, weekly: 0, monthly: 0 }
/** Of a load that was stopped before it was put together. */
const NOTHING: LoadSummary = {
  messages: 0,
  rows: 0,
  rejected: 0,
  skipped: 0,
  commits: NONE,
  bytes: 0,
  seconds: 0,
  positions: {},
  peakRssBytes: 0,
}

export function createLoadControl(deps: LoadDeps): LoadControl {
  let run: Run | null = null
  let jobId: string | null = null
  let stopping = false
  let cut = false
  /** Gives up a load that is still being put together: nothing was read by then. */
  let opening = new AbortController()
  let last: LoadView = idle(deps.settings())
  const series = createLoadSeries()
  const ledger = createLedgerWatch(deps)

  function current(): LoadView {
    if (!run) return last
    const { paused, fault, troubles, ...rest } = run.view()
    last = { ...last, ...rest, fault: fault && deps.cleanFault(fault) }
    if (troubles)
      last = {
        ...last,
        troubles: troubles.map((one) => ({ ...one, fault: one.fault && deps.cleanFault(one.fault) })),
      }
    last = { ...last, state: stopping ? 'stopping' : paused ? 'paused' : 'running' }
    last = { ...last, ledger: ledger.sums(last) }
    return last
  }
  function tick(): void {
    const view = current()
    series.take(view, deps.clock())
    ledger.tick(view)
    deps.events.emit('load', view)
  }
  function change(next: Partial<LoadView>): void {
    last = { ...last, ...next }
    deps.events.emit('load', last)
  }

  async function work(request: LoadRequest, control: JobControl): Promise<LoadSummary> {
    let timer: NodeJS.Timeout | null = null
    try {
      const signal = AbortSignal.any([control.signal, opening.signal])
      const lake = await unlessCancelled(deps.lake(), signal)
      run = await deps.begin(
        request,
        lake,
        { ...control, signal },
        {
          log: deps.log,
          clock: deps.clock,
          changed: (role, snapshotId) => deps.events.emit('table', { role, snapshotId }),
        },
      )
      const end = () => (cut ? run?.abort() : run?.stop())
      if (signal.aborted) end()
      else control.signal.addEventListener('abort', end, { once: true })
      timer = setInterval(tick, PACE)
      deps.events.emit('load', current())
      const summary = await run.done
      current()
      run = null
      await ledger.read().catch(() => {})
      change({ ...ENDED, state: 'done', endedAt: deps.clock(), ledger: ledger.sums(last) })
      return summary
    } catch (error) {
      if (run) current()
      run = null
      const endedAt = deps.clock()
      if (opening.signal.aborted && isLakeError(error, 'CANCELLED')) {
        change({ ...ENDED, state: 'done', endedAt })
        return NOTHING
      }
      if (cut && isLakeError(error, 'CANCELLED')) change({ ...ENDED, state: 'done', endedAt, cut })
      else change({ ...ENDED, state: 'failed', endedAt, fault: deps.cleanFault(toFault(error)) })
      throw error
    } finally {
      if (timer) clearInterval(timer)
      stopping = false
    }
  }

  function commitOf(snapshotId: string): CommitView | undefined {
    return run?.commit?.(snapshotId) ?? last.recentCommits.find((one) => one.snapshotId === snapshotId)
  }

  /** Both tables as they are now; null where there are none yet. */
  async function loadTables(): Promise<LoadedTables | null> {
    const { io, tables } = await deps.lake()
    try {
      const [raw, errors] = await Promise.all([
        io.catalog.loadTable(tables.raw),
        io.catalog.loadTable(tables.errors),
      ])
      return { raw: raw.metadata, errors: errors.metadata }
    } catch (error) {
      if (isLakeError(error, 'NO_TABLE', 'NO_NAMESPACE')) return null
      throw error
    }
  }

  function gone(snapshotId: string): LakeError {
    return new LakeError('NOT_FOUND', `commit ${snapshotId} is no longer kept`, {
      remedy: 'Open the table: its snapshots hold their offsets for good.',
    })
  }

  function running(): Run {
    if (run) return run
    throw new LakeError('CONFLICT', 'no load is running', { remedy: 'Start one first.' })
  }

  return {
    start(request) {
      const job = deps.jobs.start('load', async (control) => ({
        kind: 'load',
        ...(await work(request, control)),
      }))
      jobId = job.id
      stopping = false
      cut = false
      opening = new AbortController()
      series.begin(deps.clock())
      ledger.begin()
      last = idle(deps.settings())
      change({
        state: 'starting',
        jobId,
        startedAt: deps.clock(),
        asked: {
          kind: request.source.kind,
          path: request.source.kind === 'file' ? request.source.path : null,
          untilCaughtUp: request.untilCaughtUp,
        },
      })
      return job
    },
    view: () =>
      run || last.state !== 'idle' ? current() : { ...idle(deps.settings()), ledger: ledger.sums(last) },
    pause() {
      running().pause()
      return current()
    },
    resume() {
      running().resume()
      return current()
    },
    forget() {
      jobId = null
      ledger.forget()
      last = idle(deps.settings())
      change({})
    },
    async stop() {
      const job = jobId === null ? null : deps.jobs.list().find((one) => one.id === jobId)
      if (job?.state !== 'running') return current()
      stopping = true
      if (run) run.stop()
      else opening.abort()
      deps.events.emit('load', current())
      await deps.jobs.wait(job.id)
      return last
    },
    async stopNow() {
      const job = jobId === null ? null : deps.jobs.list().find((one) => one.id === jobId)
      if (job?.state !== 'running') return current()
      stopping = true
      cut = true
      deps.jobs.cancel(job.id)
      run?.abort()
      await deps.jobs.wait(job.id)
      return last
    },
    series: series.view,
    commit(snapshotId) {
      const found = commitOf(snapshotId)
      if (found) return found
      throw gone(snapshotId)
    },
    async anyCommit(snapshotId) {
      const known = commitOf(snapshotId)
      if (known) return known
      const tables = await loadTables()
      const found = tables && pastCommit(tables, deps.settings().pipeline, snapshotId)
      if (found) return found
      throw gone(snapshotId)
    },
    async pastCommits() {
      const tables = await loadTables()
      return tables === null ? [] : pastCommits(tables, deps.settings().pipeline, PAST)
    },
    async ledger() {
      if (run) return ledger.fresh(last)
      const read = await ledger.read()
      if (!run) change({ ledger: ledger.sums(last) })
      return read
    },
  }
}

function idle(settings: MainSettings): LoadView {
  return {
    state: 'idle',
    jobId: null,
    pipeline: settings.pipeline,
    source: null,
    startedAt: null,
    endedAt: null,
    messages: 0,
    rows: 0,
    rejected: 0,
    skipped: 0,
    warnings: 0,
    bytes: 0,
    messagesPerSecond: 0,
    rowsPerSecond: 0,
    bytesPerSecond: 0,
    bufferedBytes: 0,
    budgetBytes: settings.memoryBytes,
    commitSeconds: settings.commit.seconds,
    commitBytes: settings.commit.bytes,
    commits: NONE,
    lastCommitAt: null,
    nextCommitInMs: null,
    recentCommits: [],
    partitions: [],
    lag: null,
    fault: null,
  }
}
