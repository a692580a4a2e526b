import { useSyncExternalStore } from 'react'
import type { Forecast } from '../../query/cost.ts'
import { Cancelled } from '../../query/errors.ts'
import { statementAt, statements } from '../../query/lexer.ts'
import type { RunOutcome, RunProgress } from '../../query/session.ts'
import { theEngine } from '../../query/start.ts'
import { keep, kept } from '../../ui/kept.ts'
import { remember } from './history.ts'

/** The statement that a run was of, with its place in the tab's text (UTF-16, half-open). */
export interface RunText {
  readonly text: string
  readonly start: number
  /** Lines of the tab's text above the statement's first, and characters left of its start in that line. */
  readonly above: number
  readonly left: number
}

export type RunState =
  | { readonly state: 'idle' }
  | {
      readonly state: 'running'
      readonly of: RunText
      readonly since: number
      readonly progress: RunProgress | null
      readonly stopping: boolean
    }
  | { readonly state: 'done'; readonly of: RunText; readonly at: number }
  | { readonly state: 'cancelled'; readonly of: RunText; readonly at: number; readonly ms: number }
  | {
      readonly state: 'failed'
      readonly of: RunText
      readonly at: number
      readonly ms: number
      readonly error: unknown
    }

export interface Tab {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly run: RunState
  /** Runs that have ended in this tab. */
  readonly runs: number
  /** The last answer; kept while the next statement runs and when it fails. */
  readonly outcome: RunOutcome | null
  readonly outcomeAt: number
  /** What running the statement at the cursor would read. */
  readonly forecast: Forecast | null
}

export interface Workbench {
  readonly tabs: readonly Tab[]
  readonly active: string
  /** Set once the engine has listed the lake's tables, and whenever the list changes. */
  readonly tablesVersion: number
  readonly tablesError: unknown
}

const KEY = 'sql'
/** Written into the first tab of a new window, and run by itself once, as soon as there is a row to read. */
const FIRST = `-- Heart rate by day, over all users: least, mean and greatest
SELECT date_trunc('day', start_date) AS day,
       min(value) AS min_bpm, round(avg(value), 2) AS mean_bpm, max(value) AS max_bpm,
       count(*) AS samples
FROM health_data_raw
WHERE data_type = 'heartRate'
GROUP BY day ORDER BY day`

const listeners = new Set<() => void>()
const controllers = new Map<string, AbortController>()
/** The tab with the ready query, until it has been run or written in. */
let ready: string | null = null
let current: Workbench = restore()

export function useWorkbench(): Workbench {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}

function restore(): Workbench {
  const none = { tablesVersion: 0, tablesError: null }
  try {
    const stored = JSON.parse(kept(KEY) ?? '') as {
      tabs: { title: string; text: string }[]
      active: number
    }
    const tabs = stored.tabs.map(({ title, text }) => newTab(String(title), String(text)))
    const active = tabs[stored.active] ?? tabs[0]
    if (active) return { ...none, tabs, active: active.id }
  } catch {
    // Nothing stored yet.
  }
  const tab = newTab('Heart rate by day', FIRST)
  ready = tab.id
  return { ...none, tabs: [tab], active: tab.id }
}

function newTab(title: string, text: string): Tab {
  const id = crypto.randomUUID()
  return { id, title, text, run: { state: 'idle' }, runs: 0, outcome: null, outcomeAt: 0, forecast: null }
}

function publish(change: Partial<Workbench>): void {
  const persist = change.tabs !== undefined || change.active !== undefined
  current = { ...current, ...change }
  if (persist) {
    const tabs = current.tabs.map(({ title, text }) => ({ title, text }))
    const active = current.tabs.findIndex((tab) => tab.id === current.active)
    keep(KEY, JSON.stringify({ tabs, active }))
  }
  for (const listener of listeners) listener()
}

function update(id: string, change: Partial<Tab>): void {
  publish({ tabs: current.tabs.map((tab) => (tab.id === id ? { ...tab, ...change } : tab)) })
}

function tabOf(id: string): Tab | undefined {
  return current.tabs.find((tab) => tab.id === id)
}

/** Opens a tab with `text` and goes to it. */
export function openTab(text = '', title = `Query ${current.tabs.length + 1}`): void {
  const tab = newTab(title, text)
  publish({ tabs: [...current.tabs, tab], active: tab.id })
}

export function selectTab(id: string): void {
  publish({ active: id })
}

/** Closes a tab, cancelling what it runs; the last one is emptied instead. */
export function closeTab(id: string): void {
  cancelRun(id)
  void theEngine().closeSession(id)
  const at = current.tabs.findIndex((tab) => tab.id === id)
  const tabs = current.tabs.filter((tab) => tab.id !== id)
  if (tabs.length === 0) tabs.push(newTab('Query 1', ''))
  const next = tabs[Math.min(at, tabs.length - 1)] as Tab
  publish({ tabs, active: current.active === id ? next.id : current.active })
}

export function setText(id: string, text: string): void {
  if (id === ready && text !== FIRST) ready = null
  if (tabOf(id)?.text !== text) update(id, { text })
}

/** Starts the engine and lists the tables. */
export async function warmUp(force = false): Promise<void> {
  try {
    await theEngine().refresh(force)
    publish({ tablesVersion: current.tablesVersion + 1, tablesError: null })
    await theEngine().warmUp()
    runReady()
  } catch (error) {
    publish({ tablesError: error })
  }
}

/** Whether the tab still holds the ready query of a new window, which needs no typing: Run has the focus then. */
export function isReady(id: string): boolean {
  return ready === id
}

/** Runs the ready query once, when the lake has rows for it. Tabs of an earlier window never run by themselves. */
function runReady(): void {
  const tab = ready === null ? undefined : tabOf(ready)
  const rows =
    theEngine().tables.find((table) => table.table.name === 'health_data_raw')?.table.totals.rows ?? 0
  if (tab === undefined || rows === 0) return
  ready = null
  const of = chosenStatement(tab.text, 0, 0)
  if (of !== null) automatic = { id: tab.id, done: run(tab.id, of) }
}

/** What would run with the cursor or selection there: the selected text, or the statement at the cursor. */
export function chosenStatement(text: string, from: number, to: number): RunText | null {
  const base = from < to ? from : 0
  const statement = from < to ? statementAt(text.slice(from, to), 0) : statementAt(text, from)
  if (statement === null) return null
  const start = base + statement.start
  const before = text.slice(0, start).split('\n')
  return { text: statement.text, start, above: before.length - 1, left: before.at(-1)?.length ?? 0 }
}

/** Forecasts the cost of a statement; errors of unfinished text show no forecast. */
export async function forecast(id: string, of: RunText | null): Promise<void> {
  if (of === null) {
    update(id, { forecast: null })
    return
  }
  if (tabOf(id)?.run.state === 'running') return
  const cost = await theEngine()
    .session(id)
    .forecast(of.text)
    .catch(() => null)
  if (tabOf(id)?.run.state !== 'running') update(id, { forecast: cost })
}

/** The run that nobody asked for; what is asked for takes its place. */
let automatic: { readonly id: string; readonly done: Promise<void> } | null = null

/** Runs a statement in the tab; one at a time. */
export async function run(id: string, of: RunText): Promise<void> {
  if (automatic?.id === id && tabOf(id)?.run.state === 'running') {
    cancelRun(id)
    await automatic.done
  }
  automatic = null
  if (tabOf(id)?.run.state === 'running') return
  const controller = new AbortController()
  controllers.set(id, controller)
  const since = Date.now()
  update(id, { run: { state: 'running', of, since, progress: null, stopping: false } })
  const onProgress = (progress: RunProgress): void => {
    const running = tabOf(id)?.run
    if (running?.state !== 'running') return
    update(id, { run: { ...running, progress } })
  }
  try {
    const outcome = await theEngine().session(id).run(of.text, { signal: controller.signal, onProgress })
    const at = Date.now()
    const runs = (tabOf(id)?.runs ?? 0) + 1
    const { ms, result, forecast: cost } = outcome
    remember({ text: of.text, at, ms, state: 'done', rows: result.rows, bytes: cost.bytes })
    update(id, { run: { state: 'done', of, at }, runs, outcome, outcomeAt: at, forecast: outcome.forecast })
  } catch (error) {
    const at = Date.now()
    const ended = { of, at, ms: at - since }
    const state = error instanceof Cancelled ? 'cancelled' : 'failed'
    remember({ text: of.text, at, ms: at - since, state, rows: null, bytes: null })
    const runs = (tabOf(id)?.runs ?? 0) + 1
    update(id, {
      runs,
      run:
        error instanceof Cancelled ? { state: 'cancelled', ...ended } : { state: 'failed', ...ended, error },
    })
  } finally {
    controllers.delete(id)
  }
}

/** Runs every statement of the text, or of the selection, in order; the first that fails or is cancelled ends it. */
export async function runAll(id: string, text: string, from: number, to: number): Promise<void> {
  const [start, end] = from < to ? [from, to] : [0, text.length]
  for (const statement of statements(text.slice(start, end))) {
    const of = chosenStatement(text, start + statement.start, start + statement.end)
    if (of === null) return
    await run(id, of)
    if (tabOf(id)?.run.state !== 'done') return
  }
}

/** Gives the tab another title. */
export function renameTab(id: string, title: string): void {
  update(id, { title })
}

/** Asks the tab's statement to stop; it ends within two seconds. */
export function cancelRun(id: string): void {
  const running = tabOf(id)?.run
  if (running?.state === 'running') update(id, { run: { ...running, stopping: true } })
  controllers.get(id)?.abort()
}
