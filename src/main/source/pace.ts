/** A source slowed down, so that a recorded topic arrives like a live one. */
import { sleep as realSleep, type Sleep } from '../base/retry.ts'
import type { MessageBatch, Source } from './source.ts'

export interface Pace {
  /** Messages that come at once, before the pace holds. */
  readonly burst: number
  /** Messages per second after that. */
  readonly perSecond: number
}

/** `now` counts in ms from any point. A batch comes when all its messages are due. */
export function pacedSource(
  source: Source,
  pace: Pace,
  now: () => number = () => performance.now(),
  sleep: Sleep = realSleep,
): Source {
  let waiting: MessageBatch | null = null
  let given = 0
  let since: number | null = null
  return {
    ...source,
    async next(waitMs, signal) {
      waiting ??= await source.next(waitMs, signal)
      if (waiting === null) return null
      if (given >= pace.burst) {
        since ??= now()
        const due = since + ((given - pace.burst + waiting.count) / pace.perSecond) * 1000
        const left = due - now()
        if (left > waitMs) {
          await sleep(waitMs, signal)
          return null
        }
        if (left > 0) await sleep(left, signal)
      }
      const batch = waiting
      waiting = null
      given += batch.count
      return batch
    },
  }
}
