import type { Explanation } from '../../query/explanation.ts'
import { theEngine } from '../../query/start.ts'
import { optionsOf } from './runs.ts'
import type { RunText } from './tab.ts'
import { tabStore } from './tab-store.ts'
import { tabOf } from './workbench.ts'

/** What the engine said about a statement without running it. */
export type Explained =
  | { readonly state: 'asking'; readonly of: RunText }
  | { readonly state: 'done'; readonly of: RunText; readonly explanation: Explanation }
  | { readonly state: 'failed'; readonly of: RunText; readonly error: unknown }

const explained = tabStore<Explained>()

/** The last explanation of a tab's statement; null before one was asked for, and after a run. */
export const useExplained = explained.use

/** Asks the engine what it would do with a statement. */
export async function explain(id: string, of: RunText): Promise<void> {
  const tab = tabOf(id)
  if (tab === undefined) return
  explained.set(id, { state: 'asking', of })
  try {
    const explanation = await theEngine().session(id).explain(of.text, optionsOf(tab, of.text))
    explained.set(id, { state: 'done', of, explanation })
  } catch (error) {
    explained.set(id, { state: 'failed', of, error })
  }
}

/** The tab shows what its run read from now on. */
export function forgetExplained(id: string): void {
  if (explained.get(id)) explained.set(id, null)
}
