/**
 * Small things that a window remembers on this computer: sizes of panes, open tabs, changed shortcuts. They are read from
 * the page's own storage; that belongs to one origin, and a start may have another port, so a host can have them kept
 * beyond it (`onKeep`) and bring them back before anything is read (`bringBack`).
 */

/** Every name starts with this; nothing else in the page's storage is ours to carry over. */
const PREFIX = 'tarn.'

let tell: (name: string, value: string | null) => void = () => {}

/** What was kept under `tarn.NAME`; null where nothing was, or the storage is closed to us. */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name)
  } catch {
    return null
  }
}

/** Keeps `value`; null forgets it. That it cannot be kept costs only the way back. */
export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name)
    else localStorage.setItem(PREFIX + name, value)
  } catch {}
  tell(name, value)
}

/** What was kept as JSON, or null where it is absent or no JSON. The caller checks its shape. */
export function keptJson(name: string): unknown {
  try {
    return JSON.parse(kept(name) ?? 'null')
  } catch {
    return null
  }
}

/** Told of every change, to keep it beyond this origin. */
export function onKeep(listener: (name: string, value: string | null) => void): void {
  tell = listener
}

/** Puts back what another origin of this computer kept. */
export function bringBack(values: Readonly<Record<string, string>>): void {
  try {
    for (const [name, value] of Object.entries(values)) localStorage.setItem(PREFIX + name, value)
  } catch {}
}
