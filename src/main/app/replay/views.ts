import type { Fix, LetterFilterView, ReplayBatch, ReplayState, ReplayView } from '../../../shared/letters.ts'
import { createFixer } from '../../decode/fix.ts'
import type { KeptMark, Marks } from '../../replay/marks.ts'
import { BATCH } from './source.ts'

/** What was asked, kept as JSON in the first mark of a replay. */
export interface Asked {
  readonly fix: Fix
  readonly filter: LetterFilterView
  readonly title: string
  /** Letters to send. */
  readonly letters: number
  /** Snapshot of errors that the letters were found in. */
  readonly snapshot: string | null
  readonly stopAbove: number
}

/** What only the running app knows of its replay. */
export interface LiveReplay {
  readonly id: string
  readonly jobId: string
  /** The batch being written, null between two. */
  batch: { readonly number: number; readonly letters: number } | null
}

/** Every replay the marks tell of, newest first. */
export function replayViews(
  marks: Marks,
  live: LiveReplay | null,
  tookMs: ReadonlyMap<string, number>,
): ReplayView[] {
  const replays = Map.groupBy(marks.all, (mark) => mark.replay)
  return [...replays]
    .flatMap(([id, mine]) => replayView(id, mine, live?.id === id ? live : null, tookMs))
    .sort((a, b) => b.startedAt - a.startedAt)
}

function replayView(
  id: string,
  mine: readonly KeptMark[],
  live: LiveReplay | null,
  tookMs: ReadonlyMap<string, number>,
): ReplayView[] {
  const begun = mine.find((mark) => mark.state === 'begun')
  const asked = begun === undefined ? null : askedOf(begun.detail)
  if (begun === undefined || asked === null) return []
  const ended = endOf(mine)
  const batches = batchesOf(id, mine, live, tookMs)
  const sum = (pick: (batch: ReplayBatch) => number) => batches.reduce((total, one) => total + pick(one), 0)
  return [
    {
      id,
      state: stateOf(ended, live),
      title: asked.title,
      filter: asked.filter,
      fix: asked.fix,
      fixId: begun.fixId,
      startedAt: Number(begun.at / 1000n),
      endedAt: ended === undefined ? null : Number(ended.at / 1000n),
      letters: asked.letters,
      landed: sum((one) => one.landed),
      failed: sum((one) => one.failed),
      rows: sum((one) => one.rows),
      batchSize: BATCH,
      batches,
      snapshotId: batches.findLast((one) => one.rawSnapshot !== null)?.rawSnapshot ?? null,
      jobId: live?.jobId ?? null,
      fault: null,
    },
  ]
}

function batchesOf(
  id: string,
  mine: readonly KeptMark[],
  live: LiveReplay | null,
  tookMs: ReadonlyMap<string, number>,
): ReplayBatch[] {
  const sent = mine.filter((mark) => mark.letter !== null && mark.state !== 'split')
  const batches = [...Map.groupBy(sent, (mark) => mark.batch)].map(([number, marks]): ReplayBatch => {
    const landed = marks.filter((mark) => mark.state === 'landed')
    const letters = new Set(marks.map((mark) => mark.letter)).size
    const failed = marks.filter((mark) => mark.state === 'failed').length
    const writing = live?.batch?.number === number
    return {
      number,
      letters,
      landed: landed.length,
      failed,
      rows: landed.reduce((sum, mark) => sum + mark.rows, 0),
      rawSnapshot: landed[0]?.snapshot == null ? null : String(landed[0].snapshot),
      marksSnapshot: marks.at(-1)?.marksSnapshot == null ? null : String(marks.at(-1)?.marksSnapshot),
      ms: tookMs.get(`${id}:${number}`) ?? null,
      state: writing ? 'writing' : landed.length + failed >= letters ? 'landed' : 'pending',
    }
  })
  const { batch = null } = live ?? {}
  if (batch !== null && !batches.some(({ number }) => number === batch.number)) {
    batches.push({
      ...batch,
      landed: 0,
      failed: 0,
      rows: 0,
      rawSnapshot: null,
      marksSnapshot: null,
      ms: null,
      state: 'writing',
    })
  }
  return batches.sort((a, b) => a.number - b.number)
}

function stateOf(ended: KeptMark | undefined, live: LiveReplay | null): ReplayState {
  if (live !== null) return 'running'
  if (ended === undefined) return 'interrupted'
  try {
    const { state } = JSON.parse(ended.detail ?? '{}') as { state?: ReplayState }
    return state ?? 'landed'
  } catch {
    return 'landed'
  }
}

/** How a replay ended; undefined where it was cut, or cancelled, resumed and cut then. */
function endOf(mine: readonly KeptMark[]): KeptMark | undefined {
  const last = mine.findLast((mark) => mark.state === 'ended' || mark.letter !== null)
  return last?.state === 'ended' ? last : undefined
}

/** Whether letters were left that nobody decided about: it was cut, or cancelled. */
export function canResume(mine: readonly KeptMark[]): boolean {
  const state = stateOf(endOf(mine), null)
  return state === 'interrupted' || state === 'cancelled'
}

/** Null where it cannot be read, or asks for a fix that this version does not know. */
export function askedOf(detail: string | null): Asked | null {
  try {
    const asked = JSON.parse(detail ?? '') as Asked
    createFixer(asked.fix)
    return asked
  } catch {
    return null
  }
}
