import type { WindowView } from '../../shared/model.ts'
import { answer, api } from './client.ts'

/** Changes wait this long for further ones, in ms. */
const REST_MS = 400
/** A longer value stays in this origin alone. */
const LONGEST = 900_000

interface Change extends Partial<WindowView> {
  /** By name; null forgets. */
  readonly kept?: Readonly<Record<string, string | null>>
}

let waiting: Change = {}
let timer: ReturnType<typeof setTimeout> | null = null

/** Keeps how the window is left, in the home folder. That it could not be kept costs only the way back. */
export function keepWindow(change: Change): void {
  const { route, kept: given, ...rest } = change
  const kept = Object.fromEntries(
    Object.entries(given ?? {}).filter(([, value]) => value === null || value.length < LONGEST),
  )
  // The gallery is for those who build the app, and no place to come back to.
  const fits = typeof route === 'string' && route.startsWith('#/') && !route.startsWith('#/gallery')
  waiting = {
    ...waiting,
    ...rest,
    ...(fits ? { route } : {}),
    ...(given ? { kept: { ...waiting.kept, ...kept } } : {}),
  }
  if (timer !== null) clearTimeout(timer)
  timer = setTimeout(send, REST_MS)
}

/** Sends what waits, also when the window is about to go. */
function send(): void {
  if (timer !== null) clearTimeout(timer)
  timer = null
  const { kept, ...rest } = waiting
  waiting = {}
  const json = kept ? { ...rest, kept: { ...kept } } : rest
  if (Object.keys(json).length > 0) answer(api.window.$put({ json })).catch(() => {})
}

addEventListener('pagehide', send)

/** What this window, or the one before it on this computer, kept under names of its own. */
export async function keptValues(): Promise<Readonly<Record<string, string>>> {
  try {
    return (await answer(api.window.$get())).kept
  } catch {
    return {}
  }
}
