import { useSyncExternalStore } from 'react'

/** Which side pane a window too narrow for both shows. Wide windows show both and do not ask. */
export type Pane = 'list' | 'inspector'

let current: Pane = 'inspector'
const listeners = new Set<() => void>()

export function showPane(pane: Pane): void {
  if (pane === current) return
  current = pane
  for (const listener of listeners) listener()
}

export function togglePane(): void {
  showPane(current === 'list' ? 'inspector' : 'list')
}

export function usePane(): Pane {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}
