import { useSyncExternalStore } from 'react'
import type { KeptTab, ParameterField, TabFile, WorkbenchOf } from '../../../shared/workbench.ts'
import { theEngine } from '../../query/start.ts'
import { notifyUndo, UNDO_MS } from '../../ui/toast.tsx'
import { recall } from './history.ts'
import { keepTabs, readKept } from './kept.ts'
import { recallSnippets } from './snippets.ts'
import { freeTitle, freshTab, isUnsaved, keptOf, moved, type Tab } from './tab.ts'
import { forgetTab } from './tab-store.ts'

export interface Workbench {
  readonly tabs: readonly Tab[]
  readonly active: string
  /** Set once the engine has listed the lake's tables, and whenever the list changes. */
  readonly tablesVersion: number
  readonly tablesError: unknown
  /** Folder that tabs, history and snippets are kept in. */
  readonly folder: string
}

/** Written into the first tab of a new window, and run by itself once, as soon as there is a row to read. */
export const FIRST = `-- Heart rate by day, over all users: least, mean and greatest
SELECT date_trunc('day', start_date) AS day,
       min(value) AS min_bpm, round(avg(value), 2) AS mean_bpm, max(value) AS max_bpm,
       count(*) AS samples
FROM health_data_raw
WHERE data_type = 'heartRate'
GROUP BY day ORDER BY day`

const listeners = new Set<() => void>()
/** The tab with the ready query, until it has been run or written in. */
let ready: string | null = null
const start = freshTab({})
let current: Workbench = { tabs: [start], active: start.id, tablesVersion: 0, tablesError: null, folder: '' }

let restoring: { readonly key: string; readonly done: Promise<void> } | null = null

/**
 * Takes over the tabs as the last window left them; once, and anew where another lake's workbench is shown than before.
 * `turn` tells one sample from the next.
 */
export function restoredFor(lake: WorkbenchOf, turn: number): Promise<void> {
  const key = lake === 'own' ? lake : `${lake} ${turn}`
  if (restoring?.key !== key) restoring = { key, done: restore(lake, key) }
  return restoring.done
}

async function restore(lake: WorkbenchOf, key: string): Promise<void> {
  for (const { id } of current.tabs) leave(id)
  const kept = await readKept(lake)
  if (restoring?.key !== key) return
  ready = null
  recall(kept.history)
  recallSnippets(kept.snippets)
  const tabs = kept.tabs.map(freshTab)
  if (tabs.length === 0) {
    const tab = freshTab({ title: 'Heart rate by day', text: FIRST, base: FIRST })
    ready = tab.id
    tabs.push(tab)
  }
  const active = (tabs[kept.active] ?? tabs[0]) as Tab
  current = { ...current, tabs, active: active.id, folder: kept.folder }
  for (const listener of listeners) listener()
}

export function useWorkbench(): Workbench {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}

/** The workbench as it is now, for work outside of a render. */
export function theWorkbench(): Workbench {
  return current
}

export function publish(change: Partial<Workbench>): void {
  const persist = change.tabs !== undefined || change.active !== undefined
  current = { ...current, ...change }
  if (persist) {
    const active = current.tabs.findIndex((tab) => tab.id === current.active)
    keepTabs(current.tabs.map(keptOf), Math.max(0, active))
  }
  for (const listener of listeners) listener()
}

export function update(id: string, change: Partial<Tab>): void {
  publish({ tabs: current.tabs.map((tab) => (tab.id === id ? { ...tab, ...change } : tab)) })
}

export function tabOf(id: string): Tab | undefined {
  return current.tabs.find((tab) => tab.id === id)
}

/** Opens a tab and goes to it. It runs nothing. */
export function openTab(kept: Partial<KeptTab> = {}): string {
  const tab = freshTab({ title: freeTitle(current.tabs), base: kept.text ?? '', ...kept })
  publish({ tabs: [...current.tabs, tab], active: tab.id })
  return tab.id
}

/** Goes to the tab of a file, or opens it. */
export function openFile(file: TabFile): void {
  const open = current.tabs.find((tab) => tab.file?.name === file.name)
  if (open) selectTab(open.id)
  else openTab({ title: file.name, text: file.sql, file })
}

export function selectTab(id: string): void {
  publish({ active: id })
}

/** Closes a tab, with a way back for some seconds; the last one gives way to an empty one. */
export function closeTab(id: string, cancel: (id: string) => void): void {
  const at = current.tabs.findIndex((tab) => tab.id === id)
  const closed = current.tabs[at]
  if (closed === undefined) return
  const wasRunning = closed.run.state === 'running'
  cancel(id)
  const tabs = current.tabs.filter((tab) => tab.id !== id)
  const filler = tabs.length === 0 ? freshTab({}) : null
  if (filler) tabs.push(filler)
  const next = tabs[Math.min(at, tabs.length - 1)] as Tab
  publish({ tabs, active: current.active === id ? next.id : current.active })
  // What the tab made in the engine, and was answered, stays until it cannot come back.
  const gone = setTimeout(() => leave(id), UNDO_MS + 1_000)
  if (closed.text.trim() === '' && closed.outcome === null) return
  notifyUndo(`Closed ${closed.title}${wasRunning ? ', its statement is cancelled' : ''}`, () => {
    clearTimeout(gone)
    const others = current.tabs.filter((tab) => tab.id !== filler?.id || isUnsaved(tab))
    const back = wasRunning ? { ...closed, run: { state: 'idle' } as const } : closed
    publish({ tabs: [...others.slice(0, at), back, ...others.slice(at)], active: id })
  })
}

function leave(id: string): void {
  forgetTab(id)
  void theEngine().closeSession(id)
}

export function setText(id: string, text: string): void {
  if (id === ready && text !== FIRST) ready = null
  if (tabOf(id)?.text !== text) update(id, { text })
}

/** Moves a tab by so many places. */
export function moveTab(id: string, by: number): void {
  publish({ tabs: moved(current.tabs, id, by) })
}

/** Gives the tab another title; an empty one changes nothing. */
export function renameTab(id: string, title: string): void {
  if (title.trim() !== '') update(id, { title: title.trim() })
}

/** The tab's text is kept in a file now, as that file holds it. */
export function setFile(id: string, file: TabFile): void {
  update(id, { file, title: file.name, base: file.sql })
}

export function setParameter(id: string, name: string, field: ParameterField): void {
  update(id, { parameters: { ...tabOf(id)?.parameters, [name]: field } })
}

/** Lets the tab read a snapshot of a table in place of its newest; null takes that back. */
export function setSnapshot(id: string, table: string, snapshot: string | null): void {
  const { [table]: _, ...others } = tabOf(id)?.snapshots ?? {}
  update(id, { snapshots: snapshot === null ? others : { ...others, [table]: snapshot } })
}

/** The tab that still holds the ready query of a new window; it needs no typing: Run has the focus then. */
export function readyTab(): string | null {
  return ready
}

export function forgetReady(): void {
  ready = null
}
