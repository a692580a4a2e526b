import { useSyncExternalStore } from 'react'
import type { Explanation } from '../../query/explanation.ts'
import { theEngine } from '../../query/start.ts'
import { optionsOf } from './runs.ts'
import type { RunText } from './tab.ts'
import { tabOf } from './workbench.ts'

/** What the engine said about a statement without running it. */
export type Explained =
  | { readonly state: 'asking'; readonly of: RunText }
  | { readonly state: 'done'; readonly of: RunText; readonly explanation: Explanation }
  | { readonly state: 'failed'; readonly of: RunText; readonly error: unknown }

const explained = new Map<string, Explained>()
const listeners = new Set<() => void>()

function set(id: string, next: Explained | null): void {
  if (next === null) explained.delete(id)
  else explained.set(id, next)
  for (const listener of listeners) listener()
}

/** The last explanation of a tab's statement; null before one was asked for, and after a run. */
export function useExplained(id: string): Explained | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => explained.get(id) ?? null,
  )
}

/** Asks the engine what it would do with a statement. */
export async function explain(id: string, of: RunText): Promise<void> {
  const tab = tabOf(id)
  if (tab === undefined) return
  set(id, { state: 'asking', of })
  try {
    const explanation = await theEngine().session(id).explain(of.text, optionsOf(tab, of.text))
    set(id, { state: 'done', of, explanation })
  } catch (error) {
    set(id, { state: 'failed', of, error })
  }
}

/** The tab shows what its run read from now on. */
export function forgetExplained(id: string): void {
  if (explained.has(id)) set(id, null)
}
