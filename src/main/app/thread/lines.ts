import { toFault } from '../../../shared/errors.ts'
import type { Line } from '../../../shared/trace.ts'

/**
 * An answer as JSON lines while it is worked out: what `work` emits, then the end; a failure is a line of its own.
 * Ceases where the reader goes away.
 */
export function lineStream<T>(
  work: (emit: (line: Line<T>) => void, signal: AbortSignal) => Promise<void>,
  asked: AbortSignal,
): ReadableStream<Uint8Array> {
  const stop = new AbortController()
  const signal = AbortSignal.any([asked, stop.signal])
  const utf8 = new TextEncoder()
  return new ReadableStream({
    async start(controller) {
      const emit = (line: Line<T>): void => {
        if (!signal.aborted) controller.enqueue(utf8.encode(`${JSON.stringify(line)}\n`))
      }
      try {
        await work(emit, signal)
      } catch (error) {
        emit({ kind: 'fault', fault: toFault(error) })
      }
      if (!stop.signal.aborted) controller.close()
    },
    cancel() {
      stop.abort()
    },
  })
}
