import type { Fix, LetterFilterView, ReplayBatch, ReplayState, ReplayView } from '../../../shared/letters.ts'
import { createFixer } from '../../decode/fix.ts'
import type { KeptMark, Marks } from '../../replay/marks.ts'
import { type ReplayRecord, replayRecords } from '../../replay/record.ts'
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
  return [...replayRecords(marks)]
    .flatMap(([id, record]) => replayView(id, record, live?.id === id ? live : null, tookMs))
    .sort((a, b) => b.startedAt - a.startedAt)
}

function replayView(
  id: string,
  record: ReplayRecord,
  live: LiveReplay | null,
  tookMs: ReadonlyMap<string, number>,
): ReplayView[] {
  const { begun, ended } = record
  const asked = askedOf(begun?.detail ?? null)
  if (begun === null || asked === null) return []
  const batches = batchesOf(id, record, live, tookMs)
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
      endedAt: ended === null ? null : Number(ended.at / 1000n),
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
  record: ReplayRecord,
  live: LiveReplay | null,
  tookMs: ReadonlyMap<string, number>,
): ReplayBatch[] {
  const batches = [...record.batches.values()].map(
    ({ rawSnapshot, marksSnapshot, ...batch }): ReplayBatch => {
      const writing = live?.batch?.number === batch.number
      return {
        ...batch,
        rawSnapshot: rawSnapshot === null ? null : String(rawSnapshot),
        marksSnapshot: marksSnapshot === null ? null : String(marksSnapshot),
        ms: tookMs.get(`${id}:${batch.number}`) ?? null,
        state: writing ? 'writing' : batch.landed + batch.failed >= batch.letters ? 'landed' : 'pending',
      }
    },
  )
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

function stateOf(ended: KeptMark | null, live: LiveReplay | null): ReplayState {
  if (live !== null) return 'running'
  if (ended === null) return 'interrupted'
  try {
    const { state } = JSON.parse(ended.detail ?? '{}') as { state?: ReplayState }
    return state ?? 'landed'
  } catch {
    return 'landed'
  }
}

/** Whether letters were left that nobody decided about: it was cut, or cancelled. */
export function canResume({ ended }: ReplayRecord): boolean {
  const state = stateOf(ended, null)
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
