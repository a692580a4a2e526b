import { Cancelled } from '../../query/errors.ts'
import type { ColumnProfile } from '../../query/profile.ts'
import type { QueryResult } from '../../query/result.ts'
import { theEngine } from '../../query/start.ts'
import { keep, kept } from '../../ui/kept.ts'

const stops = new Map<string, AbortController>()
/** What was counted of an answer: coming back to its tab counts nothing twice. */
const counted = new WeakMap<QueryResult, ColumnProfile[]>()

/** Whether columns are counted by themselves. */
export function countsColumns(): boolean {
  return kept('sql.profile') !== 'off'
}

/** Remembers whether columns are to be counted by themselves. */
export function setCountsColumns(on: boolean): void {
  keep('sql.profile', on ? null : 'off')
}

/** What is known of the answer's first columns. */
export function countedColumns(result: QueryResult): readonly ColumnProfile[] {
  return counted.get(result) ?? []
}

/**
 * Counts the first `most` columns of the tab's answer that were not counted before, one after the other. Resolves with
 * false where it was stopped; what was counted until then stays known.
 */
export async function countColumns(
  tab: string,
  result: QueryResult,
  most: number,
  onFound: (profiles: readonly ColumnProfile[]) => void,
): Promise<boolean> {
  const stop = new AbortController()
  stops.get(tab)?.abort()
  stops.set(tab, stop)
  try {
    for (let at = countedColumns(result).length; at < Math.min(most, result.columns.length); at++) {
      const profile = await theEngine().session(tab).profile(result, at, stop.signal)
      if (stop.signal.aborted) return false
      const found = [...countedColumns(result), profile]
      counted.set(result, found)
      onFound(found)
    }
    return true
  } catch (error) {
    if (error instanceof Cancelled) return false
    throw error
  } finally {
    if (stops.get(tab) === stop) stops.delete(tab)
  }
}

/** Stops counting in the tab at once: what is asked for goes first. */
export function stopCounting(tab: string): void {
  stops.get(tab)?.abort()
}
