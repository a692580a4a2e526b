import type { WindowView } from '../../shared/model.ts'
import { answer, api } from './client.ts'

/** Changes wait this long for further ones, in ms. */
const REST_MS = 400

let waiting: Partial<WindowView> = {}
let timer: ReturnType<typeof setTimeout> | null = null

/** Keeps how the window is left, in the home folder. That it could not be kept costs only the way back. */
export function keepWindow(change: Partial<WindowView>): void {
  const { route, ...rest } = change
  // The gallery is for those who build the app, and no place to come back to.
  const fits = typeof route === 'string' && route.startsWith('#/') && !route.startsWith('#/gallery')
  waiting = { ...waiting, ...rest, ...(fits ? { route } : {}) }
  if (timer !== null) clearTimeout(timer)
  timer = setTimeout(() => {
    timer = null
    const json = waiting
    waiting = {}
    if (Object.keys(json).length > 0) answer(api.window.$put({ json })).catch(() => {})
  }, REST_MS)
}
