import { cancelled, throwIfCancelled } from './cancel.ts'

/**
 * Runs `fn` over `items`, at most `limit` at a time, and gives the results in the items' order. Items are pulled only
 * when there is room. After the first failure nothing more is started, the signal given to the running calls fires, all
 * of them are waited for, and that first failure is thrown; CANCELLED if `signal` fired.
 */
export async function mapConcurrent<T, R>(
  items: Iterable<T>,
  limit: number,
  fn: (item: T, index: number, signal: AbortSignal) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  throwIfCancelled(signal)
  const stop = new AbortController()
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  const results: R[] = []
  const failures: unknown[] = []
  const iterator = items[Symbol.iterator]()
  let next = 0

  async function lane(): Promise<void> {
    while (!both.aborted) {
      try {
        const item = iterator.next()
        if (item.done) return
        const index = next++
        results[index] = await fn(item.value, index, both)
      } catch (error) {
        failures.push(error)
        stop.abort()
        return
      }
    }
  }

  await Promise.all(Array.from({ length: Math.max(1, limit) }, lane))
  if (signal?.aborted) throw cancelled(signal)
  if (failures.length > 0) throw failures[0]
  return results
}
