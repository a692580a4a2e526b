import { useSyncExternalStore } from 'react'

/** One thing kept of each tab while the window is open, such as its last explanation. */
export interface TabStore<T> {
  get(id: string): T | null
  /** Null takes it back. */
  set(id: string, value: T | null): void
  /** As it is, shown anew whenever it changes. */
  use(id: string): T | null
}

const forgets: ((id: string) => void)[] = []

/** Made once a module; what it holds of a tab goes with `forgetTab`. */
export function tabStore<T>(): TabStore<T> {
  const held = new Map<string, T>()
  const listeners = new Set<() => void>()
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  const get = (id: string) => held.get(id) ?? null
  const set = (id: string, value: T | null) => {
    if (value === null) held.delete(id)
    else held.set(id, value)
    for (const listener of listeners) listener()
  }
  forgets.push((id) => held.has(id) && set(id, null))
  return { get, set, use: (id) => useSyncExternalStore(subscribe, () => get(id)) }
}

/** Lets go of all that is kept of a tab that cannot come back: its answer alone may hold a million rows. */
export function forgetTab(id: string): void {
  for (const forget of forgets) forget(id)
}
