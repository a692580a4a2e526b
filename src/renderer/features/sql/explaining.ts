import type { Explanation } from '../../query/explanation.ts'
import { theEngine } from '../../query/start.ts'
import { optionsOf } from './runs.ts'
import type { RunText } from './tab.ts'
import { tabStore } from './tab-store.ts'
import { tabOf } from './workbench.ts'

/** What the engine said about a statement without running it. */
export type Explained =
  | { readonly state: 'asking'; readonly of: RunText }
  | { readonly state: 'cancelled'; readonly of: RunText }
  | { readonly state: 'done'; readonly of: RunText; readonly explanation: Explanation }
  | { readonly state: 'failed'; readonly of: RunText; readonly error: unknown }

const explained = tabStore<Explained>()
const stops = new Map<string, AbortController>()

/** The last explanation of a tab's statement; null before one was asked for, and after a run. */
export const useExplained = explained.use

/** Asks the engine what it would do with a statement. */
export async function explain(id: string, of: RunText): Promise<void> {
  const tab = tabOf(id)
  if (tab === undefined) return
  stopExplain(id)
  const stop = new AbortController()
  stops.set(id, stop)
  explained.set(id, { state: 'asking', of })
  const end = (outcome: Explained) => {
    // One that was overtaken, or is not wanted any more, shows nothing.
    if (stops.get(id) === stop) explained.set(id, outcome)
  }
  try {
    const options = { ...optionsOf(tab, of.text), signal: stop.signal }
    const explanation = await theEngine().session(id).explain(of.text, options)
    end({ state: 'done', of, explanation })
  } catch (error) {
    end({ state: 'failed', of, error })
  } finally {
    if (stops.get(id) === stop) stops.delete(id)
  }
}

/** Ends the asking of a tab; what was asked stays there to be asked again. */
export function stopExplain(id: string): void {
  const now = explained.get(id)
  stops.get(id)?.abort()
  stops.delete(id)
  if (now?.state === 'asking') explained.set(id, { state: 'cancelled', of: now.of })
}

/** The tab shows what its run read from now on. */
export function forgetExplained(id: string): void {
  if (explained.get(id)) explained.set(id, null)
}
