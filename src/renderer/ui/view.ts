import { useSyncExternalStore } from 'react'

/** How this window shows things: kept on this computer, never in the lake. */
export interface View {
  /** What is shown. */
  readonly theme: 'light' | 'dark'
  /** What was chosen: one of the two, or that of the system. */
  readonly choice: 'system' | 'light' | 'dark'
  readonly density: 'compact' | 'comfortable'
  readonly zone: 'utc' | 'local'
}

/** What is kept of a change; a theme that is null follows the system. */
export interface ViewChange {
  readonly theme?: 'light' | 'dark' | null
  readonly density?: View['density']
  readonly zone?: View['zone']
}

const KEY = 'tarn.view'
const listeners = new Set<() => void>()
let keep: (change: ViewChange) => void = () => {}
let current: View = read()

/** The root's attributes are what the first frame was painted with (public/first-frame.js). */
function read(): View {
  const root = document.documentElement.dataset
  const theme = root.theme === 'dark' ? 'dark' : 'light'
  return {
    theme,
    choice: root.themeFrom === 'system' ? 'system' : theme,
    density: root.density === 'comfortable' ? 'comfortable' : 'compact',
    zone: root.zone === 'local' ? 'local' : 'utc',
  }
}

const system = matchMedia('(prefers-color-scheme: dark)')
system.addEventListener('change', () => {
  if (current.choice === 'system') show({ ...current, theme: system.matches ? 'dark' : 'light' })
})

function show(next: View): void {
  current = next
  document.documentElement.dataset.theme = current.theme
  document.documentElement.dataset.density = current.density
  for (const listener of listeners) listener()
}

/** Changes what is shown and keeps it. `theme` null follows the system from now on. */
export function setView(change: ViewChange): void {
  const { theme, ...rest } = change
  const choice = theme === undefined ? current.choice : (theme ?? 'system')
  const shown = choice === 'system' ? (system.matches ? 'dark' : 'light') : choice
  show({ ...current, ...rest, choice, theme: shown })
  const { density, zone } = current
  localStorage.setItem(
    KEY,
    JSON.stringify({ density, zone, ...(choice === 'system' ? {} : { theme: choice }) }),
  )
  keep(change)
}

/** Told of every change, to keep it beyond this origin. */
export function onViewChange(listener: (change: ViewChange) => void): void {
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
