import type { ReplayBatch, ReplayView } from '../../../shared/letters.ts'

/** A batch as listed; those that have not begun have a place only. */
export type Line =
  | ReplayBatch
  | { readonly number: number; readonly letters: number; readonly state: 'waiting' }

/** Batches to come that are listed one by one. */
const TO_COME = 50

/** What was, what is being written, and what is still to come. */
export function linesOf(replay: ReplayView): Line[] {
  if (replay.state !== 'running') return [...replay.batches]
  const begun = replay.batches.reduce((sum, batch) => sum + batch.letters, 0)
  const next = Math.max(-1, ...replay.batches.map(({ number }) => number)) + 1
  const left = Math.max(0, replay.letters - begun)
  const more = Math.min(TO_COME, Math.ceil(left / replay.batchSize))
  return [
    ...replay.batches,
    ...Array.from({ length: more }, (_, index) => ({
      number: next + index,
      letters: Math.min(replay.batchSize, left - index * replay.batchSize),
      state: 'waiting' as const,
    })),
  ]
}
