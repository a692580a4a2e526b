import { useSyncExternalStore } from 'react'
import { keep, kept } from '../../ui/kept.ts'

/** A statement that was run. */
export interface PastRun {
  readonly text: string
  /** ms since the epoch */
  readonly at: number
  readonly ms: number
  readonly state: 'done' | 'failed' | 'cancelled'
  /** Rows of the answer; null where there was none. */
  readonly rows: number | null
  /** Bytes that its files were planned to cost. */
  readonly bytes: number | null
}

const KEY = 'sql.history'
const KEPT = 300
const LONGEST = 20_000

let past: readonly PastRun[] = restore()
const listeners = new Set<() => void>()

function restore(): readonly PastRun[] {
  try {
    const stored: unknown = JSON.parse(kept(KEY) ?? '[]')
    return Array.isArray(stored) ? (stored as PastRun[]).filter((one) => typeof one.text === 'string') : []
  } catch {
    return []
  }
}

/** Newest first; a text run before moves to the top. */
export function remember(run: PastRun): void {
  if (run.text.length > LONGEST) return
  past = [run, ...past.filter((one) => one.text !== run.text)].slice(0, KEPT)
  keep(KEY, JSON.stringify(past))
  for (const listener of listeners) listener()
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
