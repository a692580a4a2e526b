import type { QuerySnapshot, Comparison as Wish } from '../../../shared/workbench.ts'
import type { Comparison } from '../../query/compare.ts'
import { Cancelled } from '../../query/errors.ts'
import type { CompareOptions } from '../../query/session.ts'
import { theEngine } from '../../query/start.ts'
import { notify } from '../../ui/toast.tsx'
import { suggestedKey } from './diff-rows.ts'
import { valuesOf } from './parameters.ts'
import { chosenStatement, type RunText } from './tab.ts'
import { tabStore } from './tab-store.ts'
import { tabOf } from './workbench.ts'

/** Differences that are listed; all are counted. */
const MOST_LISTED = 20_000

export interface Compared {
  readonly state: 'done'
  readonly of: RunText
  readonly comparison: Comparison
  /** Snapshot ids. */
  readonly before: string
  readonly after: string
  readonly key: readonly string[]
  /** Names of the answer's columns. */
  readonly columns: readonly string[]
  readonly at: number
  /** What was compared, to list more of it. */
  readonly asked: CompareOptions
  /** Rows that do not differ, once they were asked for. */
  readonly same: Comparison | 'asking' | null
}

export type CompareState =
  | Compared
  | { readonly state: 'running'; readonly since: number; readonly columns: readonly string[] }
  | {
      readonly state: 'failed'
      readonly of: RunText
      readonly error: unknown
      readonly ms: number
      readonly columns: readonly string[]
    }

const states = tabStore<CompareState>()
const stops = new Map<string, AbortController>()

/** The comparison of a tab that runs or has ended; null before the first. */
export const useCompared = states.use

/** The two snapshots of a wish: the newest as after, the one in front of it as before, unless others were chosen. */
export function sidesOf(
  wish: Wish,
  snapshots: readonly QuerySnapshot[],
): { readonly before: string | null; readonly after: string | null } {
  const after = wish.after ?? (snapshots.find((one) => one.newest) ?? snapshots[0])?.id ?? null
  const at = snapshots.findIndex((one) => one.id === after)
  return { before: wish.before ?? snapshots[at + 1]?.id ?? after, after }
}

/** Runs the tab's query at both snapshots and compares the answers; one at a time in a tab. */
export async function compare(id: string, snapshots: readonly QuerySnapshot[]): Promise<void> {
  const tab = tabOf(id)
  const wish = tab?.comparison
  const of = tab === undefined ? null : chosenStatement(tab.text, 0, 0)
  if (tab === undefined || !wish || of === null || states.get(id)?.state === 'running') return
  const { before, after } = sidesOf(wish, snapshots)
  if (before === null || after === null) return
  const stop = new AbortController()
  stops.set(id, stop)
  const since = Date.now()
  const known = states.get(id)?.columns ?? []
  states.set(id, { state: 'running', since, columns: known })
  try {
    const session = theEngine().session(id)
    const values = valuesOf(of.text, tab.parameters)
    const given = { ...(values === null ? {} : { parameters: values }), signal: stop.signal }
    const key = wish.key ?? (await keyOf(id, of.text, given))
    const asked: CompareOptions = {
      ...given,
      before: { ...tab.snapshots, [wish.table]: before },
      after: { ...tab.snapshots, [wish.table]: after },
      key,
      limit: MOST_LISTED,
    }
    const comparison = await session.compare(of.text, asked)
    const columns = [...key, ...comparison.columns.map((column) => column.name)]
    states.set(id, {
      state: 'done',
      of,
      comparison,
      before,
      after,
      key,
      columns,
      at: Date.now(),
      asked,
      same: null,
    })
  } catch (error) {
    if (error instanceof Cancelled) states.set(id, null)
    else states.set(id, { state: 'failed', of, error, ms: Date.now() - since, columns: known })
  } finally {
    stops.delete(id)
  }
}

/** Lists the rows that are the same at both snapshots: the query is run at both once more, in files that are at hand. */
export async function listSame(id: string): Promise<void> {
  const answer = states.get(id)
  if (answer?.state !== 'done' || answer.same !== null) return
  const stop = new AbortController()
  stops.set(id, stop)
  const done = (same: Comparison | null) => {
    const now = states.get(id)
    if (now?.state === 'done' && now.at === answer.at) states.set(id, { ...now, same })
  }
  states.set(id, { ...answer, same: 'asking' })
  try {
    const same = await theEngine()
      .session(id)
      .compare(answer.of.text, { ...answer.asked, signal: stop.signal, same: true })
    done(same)
  } catch (error) {
    done(null)
    if (!(error instanceof Cancelled))
      notify(`The rows that are the same were not listed: ${error instanceof Error ? error.message : error}`)
  } finally {
    if (stops.get(id) === stop) stops.delete(id)
  }
}

export function stopCompare(id: string): void {
  stops.get(id)?.abort()
}

/** The key that the columns of the answer suggest; the engine tells them without reading any row. */
async function keyOf(
  id: string,
  statement: string,
  options: Parameters<ReturnType<ReturnType<typeof theEngine>['session']>['run']>[1],
): Promise<string[]> {
  const { result } = await theEngine().session(id).run(`DESCRIBE ${statement}`, options)
  const columns = Array.from({ length: result.rows }, (_, row) => ({
    name: result.cell(row, 0) ?? '',
    type: result.cell(row, 1) ?? '',
  }))
  return suggestedKey(columns)
}
