/**
 * At most `max` calls at a time, fewer after `slower()`: the limit halves when a service asks for mercy and grows back
 * by one for every round of successes. Waiting calls start in the order they came.
 */
export interface Limiter {
  run<T>(fn: () => Promise<T>): Promise<T>
  slower(): void
  /** Calls allowed at a time now. */
  readonly limit: number
}

export function createLimiter(max: number): Limiter {
  const waiting: (() => void)[] = []
  let limit = max
  let running = 0

  function startWaiting(): void {
    while (running < Math.floor(limit) && waiting.length > 0) {
      running++
      waiting.shift()?.()
    }
  }

  return {
    async run(fn) {
      if (running < Math.floor(limit)) running++
      else await new Promise<void>((start) => waiting.push(start))
      try {
        const result = await fn()
        limit = Math.min(max, limit + 1 / limit)
        return result
      } finally {
        running--
        startWaiting()
      }
    },
    slower() {
      limit = Math.max(1, limit / 2)
    },
    get limit() {
      return Math.floor(limit)
    },
  }
}
