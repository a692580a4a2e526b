import { randomUUID } from 'node:crypto'
import { LakeError } from '../../../shared/errors.ts'
import type { DryRun, Fix, LetterFilterView, ReplaySummary, ReplayView } from '../../../shared/letters.ts'
import { fixText } from '../../../shared/letters.ts'
import type { JobView } from '../../../shared/model.ts'
import { fixId } from '../../decode/fix.ts'
import type { CrashPoint } from '../../replay/batch.ts'
import { replayRecords } from '../../replay/record.ts'
import { type ReplayResult, replay } from '../../replay/replay.ts'
import { MARKS } from '../../replay/table.ts'
import type { EventBus } from '../events.ts'
import type { JobControl, Jobs } from '../jobs.ts'
import type { Lake } from '../lake.ts'
import { findLetters, keptOf, marksIn, marksTable } from '../letters/letter-index.ts'
import { ensureTable } from '../setup/tables.ts'
import { openBenches } from './bench.ts'
import { dryRun, judging } from './dry.ts'
import { BATCH, filterFor, letterBatches, lettersById } from './source.ts'
import { type Asked, askedOf, canResume, type LiveReplay, replayViews } from './views.ts'

export interface ReplayDeps {
  readonly lake: () => Promise<Lake>
  readonly jobs: Jobs
  readonly events: EventBus
  /** Brings the aggregates up to what landed, where nothing else does. */
  readonly rollUp: () => void
  /** For tests: ends the process between two effects. */
  readonly crash?: (point: CrashPoint) => void
}

export interface ReplayControl {
  startDryRun(filter: LetterFilterView, fix: Fix): JobView
  /** Replays what a dry run judged, with its fix. CONFLICT where there is no such dry run, or it no longer holds. */
  start(dryRunId: string, fix: Fix): JobView
  /** Goes on with a replay that was cut or cancelled. */
  resume(replayId: string): JobView
  list(signal: AbortSignal): Promise<ReplayView[]>
}

interface KeptDryRun {
  readonly run: DryRun
  readonly snapshotId: bigint | null
  readonly lake: Lake
  /** The rules it was judged by. */
  readonly rules: string
}

const DRY_RUNS_KEPT = 20
/** How far beyond the dry run's share letters may fail again before the replay ends by itself. */
const TOLERANCE = 0.01

export function createReplayControl(deps: ReplayDeps): ReplayControl {
  const dryRuns = new Map<string, KeptDryRun>()
  const tookMs = new Map<string, number>()
  let live: LiveReplay | null = null

  async function send(lake: Lake, control: JobControl, id: string, asked: Asked): Promise<ReplayResult> {
    const { io, tables } = lake
    const { table } = await ensureTable(
      io.catalog,
      marksTable(lake).namespace,
      MARKS,
      marksTable(lake).name,
      control.signal,
    )
    const search = await findLetters(
      lake,
      filterFor(asked.filter, asked.fix),
      control.signal,
      await snapshotIn(lake, asked.snapshot),
    )
    const record = replayRecords(await marksIn(lake, control.signal)).get(id)
    let done = [...(record?.batches.values() ?? [])].reduce((sum, { letters }) => sum + letters, 0)
    const progress = () =>
      control.progress({
        done,
        total: asked.letters,
        unit: 'letters',
        text: `replaying, ${fixText(asked.fix)}`,
      })
    progress()
    const mine: LiveReplay = { id, jobId: control.id, batch: null }
    live = mine
    try {
      return await replay(
        {
          io,
          tables,
          marksTable: table,
          cache: keptOf(lake).marks,
          bench: openBenches(io.storage, io.clock, judging(lake)),
          letters: (ids) => lettersById(lake, ids),
          ...(deps.crash === undefined ? {} : { crash: deps.crash }),
        },
        {
          id,
          fix: asked.fix,
          detail: JSON.stringify(asked),
          source: letterBatches(lake, search, BATCH, control.signal),
          stopAbove: asked.stopAbove,
          signal: control.signal,
          onStart: (number, letters) => {
            mine.batch = { number, letters }
          },
          onBatch: (batch) => {
            mine.batch = null
            tookMs.set(`${id}:${batch.batch}`, batch.ms)
            done += batch.letters
            progress()
            if (batch.rawSnapshot !== null)
              deps.events.emit('table', { role: 'raw', snapshotId: String(batch.rawSnapshot) })
          },
        },
      )
    } finally {
      live = null
    }
  }

  async function run(control: JobControl, id: string, asked: Asked): Promise<ReplaySummary> {
    const started = performance.now()
    const lake = await deps.lake()
    const result = await send(lake, control, id, asked)
    const view = (await views(lake)).find((one) => one.id === id)
    if (result.rows > 0) deps.rollUp()
    return {
      dryRun: false,
      replay: id,
      ...result,
      landedBefore: 0,
      held: 0,
      snapshots: (view?.batches ?? []).flatMap((batch) => batch.rawSnapshot ?? []),
      dry: null,
      seconds: (performance.now() - started) / 1000,
    }
  }

  async function views(lake: Lake, signal?: AbortSignal): Promise<ReplayView[]> {
    return replayViews(await marksIn(lake, signal), live, tookMs)
  }

  return {
    startDryRun: (filter, fix) =>
      deps.jobs.start('dry-run', async (control) => {
        const lake = await deps.lake()
        const { run, snapshotId } = await dryRun(lake, filter, fix, control.signal, (done, total) =>
          control.progress({ done, total, unit: 'letters', text: 'dry run' }),
        )
        dryRuns.set(run.id, { run, snapshotId, lake, rules: JSON.stringify(judging(lake)) })
        for (const old of [...dryRuns.keys()].slice(0, Math.max(0, dryRuns.size - DRY_RUNS_KEPT)))
          dryRuns.delete(old)
        return {
          kind: 'dry-run',
          dryRun: true,
          replay: null,
          state: null,
          letters: run.letters,
          landed: run.wouldLand,
          failed: run.wouldFail,
          landedBefore: run.landedBefore,
          held: run.held,
          rows: run.rows,
          snapshots: [],
          dry: run,
          seconds: run.ms / 1000,
        }
      }),
    start(dryRunId, fix) {
      const kept = dryRuns.get(dryRunId)
      if (kept === undefined || kept.run.fixId !== fixId(fix)) throw noDryRun()
      const job = deps.jobs.start('replay', async (control) => {
        const lake = await deps.lake()
        if (kept.lake !== lake || kept.rules !== JSON.stringify(judging(lake))) throw noDryRun()
        const { filter, letters, wouldFail, wouldLand } = kept.run
        const sending = wouldFail + wouldLand
        const asked: Asked = {
          fix,
          filter,
          title: await titleOf(lake, filter, fix, letters),
          letters: sending,
          snapshot: kept.snapshotId === null ? null : String(kept.snapshotId),
          stopAbove: Math.min(1, (sending === 0 ? 0 : wouldFail / sending) + TOLERANCE),
        }
        return { kind: 'replay', ...(await run(control, randomUUID(), asked)) }
      })
      // Used once: what it judged is about to change.
      dryRuns.delete(dryRunId)
      return job
    },
    resume: (replayId) =>
      deps.jobs.start('replay', async (control) => {
        const lake = await deps.lake()
        const record = replayRecords(await marksIn(lake, control.signal)).get(replayId)
        const asked = askedOf(record?.begun?.detail ?? null)
        if (record === undefined || asked === null)
          throw new LakeError('NOT_FOUND', `there is no replay ${replayId}`, {
            context: { replay: replayId },
          })
        if (!canResume(record))
          throw new LakeError('CONFLICT', 'this replay has ended', {
            remedy: 'Make a dry run of the letters that are still open.',
          })
        return { kind: 'replay', ...(await run(control, replayId, asked)) }
      }),
    list: async (signal) => views(await deps.lake(), signal),
  }
}

function noDryRun(): LakeError {
  return new LakeError('CONFLICT', 'there is no dry run of exactly this fix', {
    likely: 'the fix, the letters, the settings or the lake changed since',
    remedy: 'Make a dry run, then replay.',
  })
}

/** The snapshot that the letters were found in; the current one where it has expired since. */
async function snapshotIn(lake: Lake, wanted: string | null): Promise<bigint | undefined> {
  if (wanted === null) return undefined
  const { metadata } = await lake.io.catalog.loadTable(lake.tables.errors)
  return metadata.snapshots.some((one) => String(one['snapshot-id']) === wanted) ? BigInt(wanted) : undefined
}

async function titleOf(lake: Lake, filter: LetterFilterView, fix: Fix, letters: number): Promise<string> {
  const { letters: found } = await findLetters(lake, filterFor(filter, fix))
  const [first] = found.slice(0, 1)
  if (
    first !== undefined &&
    (filter.group !== undefined || found.filter((one) => one.reason !== first.reason).length === 0)
  )
    return first.reason.title
  return filter.errorType ?? `${letters} letters`
}
