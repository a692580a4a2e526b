import { useSyncExternalStore } from 'react'
import { LONGEST_RUN, MOST_RUNS, type PastRun } from '../../../shared/workbench.ts'
import { keepRun } from './kept.ts'

let past: readonly PastRun[] = []
const listeners = new Set<() => void>()

function publish(next: readonly PastRun[]): void {
  past = next
  for (const listener of listeners) listener()
}

/** Takes over what was run in earlier windows, newest first. */
export function recall(runs: readonly PastRun[]): void {
  publish(runs)
}

/** Newest first; a text run before moves to the top. */
export function remember(run: PastRun): void {
  if (run.text.length > LONGEST_RUN) return
  publish([run, ...past.filter((one) => one.text !== run.text)].slice(0, MOST_RUNS))
  keepRun(run)
}

export function useHistory(): readonly PastRun[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => past,
  )
}
