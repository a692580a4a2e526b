import { useSyncExternalStore } from 'react'
import { theEngine } from '../../query/start.ts'
import { optionsOf } from './runs.ts'
import type { RunText } from './tab.ts'
import { tabOf } from './workbench.ts'

/** What the engine said about a statement without running it. */
export interface Explained {
  readonly of: RunText
  readonly state: 'asking' | 'done' | 'failed'
  readonly plan: string
  readonly error: unknown
}

const explained = new Map<string, Explained>()
const listeners = new Set<() => void>()

function set(id: string, next: Explained): void {
  explained.set(id, next)
  for (const listener of listeners) listener()
}

/** The last explanation of a tab's statement; null before one was asked for. */
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
  const none = { of, plan: '', error: null }
  set(id, { ...none, state: 'asking' })
  try {
    const plan = await theEngine().session(id).explain(of.text, optionsOf(tab, of.text))
    set(id, { ...none, state: 'done', plan })
  } catch (error) {
    set(id, { ...none, state: 'failed', error })
  }
}
