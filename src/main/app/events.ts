import type { AppEventName, AppEvents } from '../../shared/model.ts'

export type Listener = <N extends AppEventName>(name: N, data: AppEvents[N]) => void

/** Everything that happens in the app and that a page may want to know. Listeners are called at once, in order. */
export interface EventBus {
  emit<N extends AppEventName>(name: N, data: AppEvents[N]): void
  /** Returns what ends the subscription. */
  subscribe(listener: Listener): () => void
}

export function createEventBus(): EventBus {
  const listeners = new Set<Listener>()
  return {
    emit(name, data) {
      for (const listener of [...listeners]) listener(name, data)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/**
 * Calls `send` with the newest value, at most once per `everyMs`: the first at once, later ones together at the end of
 * the pause. `flush` sends what is waiting and stops the timer.
 */
export function throttle<T>(
  everyMs: number,
  send: (value: T) => void,
): { push(value: T): void; flush(): void } {
  let timer: NodeJS.Timeout | null = null
  let waiting: { value: T } | null = null
  const release = () => {
    timer = null
    if (!waiting) return
    const { value } = waiting
    waiting = null
    timer = setTimeout(release, everyMs)
    timer.unref()
    send(value)
  }
  return {
    push(value) {
      waiting = { value }
      if (timer === null) release()
    },
    flush() {
      if (timer !== null) clearTimeout(timer)
      timer = null
      if (waiting) send(waiting.value)
      waiting = null
    },
  }
}
