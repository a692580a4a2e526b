import { useSyncExternalStore } from 'react'
import type { AppEventName, AppEvents, AppState, JobView } from '../../shared/model.ts'

/** The state of the whole as last heard: read once, then kept true by server-sent events. */
export interface Live {
  readonly app: AppState | null
  /** False while the event stream is broken and being tried again. */
  readonly connected: boolean
  /** Counts up with every commit that landed through Tarn: what was read from a table before is stale. */
  readonly tableChanges: number
  /** Counts up with every change of the settings, whoever made it. */
  readonly settingsChanges: number
}

let current: Live = { app: null, connected: false, tableChanges: 0, settingsChanges: 0 }
const listeners = new Set<() => void>()

function set(change: Partial<Live>): void {
  current = { ...current, ...change }
  for (const listener of listeners) listener()
}

function withJob(jobs: readonly JobView[], job: JobView): JobView[] {
  return [job, ...jobs.filter((other) => other.id !== job.id)].sort((a, b) => b.startedAt - a.startedAt)
}

const apply: { [K in AppEventName]: (data: AppEvents[K]) => void } = {
  load: (load) => {
    heard.load = load
    if (current.app) set({ app: { ...current.app, load } })
  },
  job: (job) => {
    heard.jobs.push(job)
    if (current.app) set({ app: { ...current.app, jobs: withJob(current.app.jobs, job) } })
  },
  table: () => set({ tableChanges: current.tableChanges + 1 }),
  settings: () => {
    set({ settingsChanges: current.settingsChanges + 1 })
    void refresh()
  },
}

/** What was heard since the newest reading of the state was asked for: its answer may be older than that. */
let heard: { load: AppState['load'] | null; jobs: JobView[] } = { load: null, jobs: [] }
let readings = 0

/** Reads the state anew: at the start, after a broken stream, after settings changed. Only the newest reading counts. */
export async function refresh(): Promise<AppState | null> {
  const turn = ++readings
  heard = { load: null, jobs: [] }
  const response = await fetch('/api/state')
  if (!response.ok) return current.app
  const read = (await response.json()) as AppState
  if (turn !== readings && current.app !== null) return current.app
  const jobs = heard.jobs.reduce<readonly JobView[]>(withJob, read.jobs)
  set({ app: { ...read, jobs: [...jobs], load: heard.load ?? read.load } })
  return current.app
}

/** Connects once for the life of the window; resolves with the state as first read. */
export function connect(): Promise<AppState | null> {
  const first = refresh().catch(() => null)
  const events = new EventSource('/api/events')
  events.addEventListener('open', () => {
    if (!current.connected) void refresh()
    set({ connected: true })
  })
  events.addEventListener('error', () => set({ connected: false }))
  for (const name of Object.keys(apply) as AppEventName[]) {
    events.addEventListener(name, (event) =>
      (apply[name] as (data: unknown) => void)(JSON.parse((event as MessageEvent<string>).data)),
    )
  }
  return first
}

export function useLive(): Live {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}
