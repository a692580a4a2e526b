import { useSyncExternalStore } from 'react'

/** How this window shows things: kept on this computer, never in the lake. */
export interface View {
  readonly theme: 'light' | 'dark'
  readonly density: 'compact' | 'comfortable'
  readonly zone: 'utc' | 'local'
}

const KEY = 'tarn.view'
const listeners = new Set<() => void>()
let keep: (change: Partial<View>) => void = () => {}
let current: View = read()

/** The root's attributes are what the first frame was painted with (public/first-frame.js). */
function read(): View {
  const root = document.documentElement.dataset
  return {
    theme: root.theme === 'dark' ? 'dark' : 'light',
    density: root.density === 'comfortable' ? 'comfortable' : 'compact',
    zone: root.zone === 'local' ? 'local' : 'utc',
  }
}

export function setView(change: Partial<View>): void {
  current = { ...current, ...change }
  document.documentElement.dataset.theme = current.theme
  document.documentElement.dataset.density = current.density
  localStorage.setItem(KEY, JSON.stringify(current))
  keep(change)
  for (const listener of listeners) listener()
}

/** Told of every change, to keep it beyond this origin. */
export function onViewChange(listener: (change: Partial<View>) => void): void {
  keep = listener
}

export function useView(): View {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}
