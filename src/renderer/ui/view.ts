import { useSyncExternalStore } from 'react'

/** How this window shows things: kept on this computer, never in the lake. */
export interface View {
  readonly theme: 'light' | 'dark'
  readonly density: 'compact' | 'comfortable'
  readonly zone: 'utc' | 'local'
}

const KEY = 'tarn.view'
const listeners = new Set<() => void>()
let current: View = read()

function read(): View {
  const root = document.documentElement.dataset
  let zone: View['zone'] = 'utc'
  try {
    zone = (JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<View>).zone ?? 'utc'
  } catch {}
  return {
    theme: root.theme === 'dark' ? 'dark' : 'light',
    density: root.density === 'comfortable' ? 'comfortable' : 'compact',
    zone,
  }
}

export function setView(change: Partial<View>): void {
  current = { ...current, ...change }
  document.documentElement.dataset.theme = current.theme
  document.documentElement.dataset.density = current.density
  localStorage.setItem(KEY, JSON.stringify(current))
  for (const listener of listeners) listener()
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
