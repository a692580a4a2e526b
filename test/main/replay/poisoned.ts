import type { Fix } from '../../../src/shared/letters.ts'
import { payloadOf, sampleOf } from '../../helpers/letters.ts'

/** The fix of the replays that are killed: of the letters below it lands all but those of `HOPELESS`. */
export const FIX: Fix = { kind: 'merge', target: 'envelope', patch: { timestamp: '2026-01-01T08:00:01Z' } }

/** Enough letters for two batches. */
const LETTERS = 4_600
const GOOD = 300
const HOPELESS = 40

const right = (id: string, i: number) =>
  sampleOf({ id, value: 36 + (i % 40) / 10, unit: '°C', startDate: at(i), endDate: at(i) })
const at = (i: number) => `2026-01-0${1 + (i % 3)}T08:00:00Z`

/** Samples that are right, sent with a time of the envelope that lacks its zone; some beside one that no fix mends. */
export function poisonedMessages(): {
  readonly lines: string[]
  readonly good: string[]
  readonly fixed: string[]
} {
  const good = Array.from({ length: GOOD }, (_, i) => `good-${i}`)
  const fixed = Array.from({ length: LETTERS }, (_, i) => `fixed-${i}`)
  const lines = [
    ...good.map((id, i) => payloadOf([right(id, i)], { userId: `user-${i % 3}` })),
    ...fixed.map((id, i) =>
      payloadOf(i % 500 === 7 ? [right(id, i), sampleOf({ id: `split-${i}`, value: -1 })] : [right(id, i)], {
        timestamp: '2026-01-01T08:00:01',
        userId: `user-${i % 3}`,
      }),
    ),
    ...Array.from({ length: HOPELESS }, (_, i) => payloadOf([sampleOf({ id: `no-${i}`, value: -1 })])),
  ].map((payload) => JSON.stringify(payload))
  return { lines, good, fixed }
}

/** Dead letters after the load, and those that come off payloads that land in part. */
export const COUNTS = {
  letters: LETTERS + HOPELESS,
  hopeless: HOPELESS,
  split: Math.ceil((LETTERS - 7) / 500),
}
