import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { SettingsView, SettingView } from '../../../shared/model.ts'
import { type DraftView, type StepId, staleSteps } from '../../../shared/setup.ts'
import { answer, api } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { type Read, useRead } from '../../ui/read.ts'
import { askAgain } from './services.ts'

type Edits = Readonly<Record<string, string | null>>

export interface Wizard {
  readonly settings: readonly SettingView[]
  readonly draft: DraftView
  /** The value as it would be: what was entered, else what is in force. */
  value(key: string): string
  /** True where the draft holds something for it. */
  drafted(key: string): boolean
  /** False where a flag or the environment rules one of the settings. */
  canEdit(keys: readonly string[]): boolean
  /** True while nothing is entered that is not in force. */
  readonly saved: boolean
  /** Keeps what was entered and makes void what depended on it. Rejects with a fault that names the setting. */
  edit(changes: Edits): Promise<void>
  /** Puts the draft into force. */
  apply(): Promise<void>
}

/** What each step asked of main, under the keys of its queries. */
const QUERIES: Readonly<Partial<Record<StepId, readonly string[]>>> = {
  names: ['names'],
  tables: ['tables'],
  source: ['topics', 'sample', 'forecast', 'start'],
  review: ['plan'],
}

const SETTINGS = ['settings']
const DRAFT = ['setup', 'draft']
const settingsQuery = {
  queryKey: SETTINGS,
  queryFn: ({ signal }: { signal: AbortSignal }) => answer(api.settings.$get({}, { init: { signal } })),
}
const draftQuery = {
  queryKey: DRAFT,
  queryFn: ({ signal }: { signal: AbortSignal }) => answer(api.setup.draft.$get({}, { init: { signal } })),
  staleTime: Number.POSITIVE_INFINITY,
}

/** Settings and draft, and what is still waited for of them. */
export function useWizard():
  | { wizard: Wizard; waits: null }
  | { wizard: null; waits: Read<SettingsView> | Read<DraftView> } {
  const client = useQueryClient()
  const settings = useRead(settingsQuery)
  const draft = useRead(draftQuery)
  const views = settings.data?.settings
  if (!views || !draft.data) return { wizard: null, waits: views ? draft : settings }
  const { changes, secrets } = draft.data
  const byKey = new Map(views.map((one) => [one.key, one]))
  const wizard: Wizard = {
    settings: views,
    draft: draft.data,
    value: (key) => changes[key] ?? byKey.get(key)?.value ?? '',
    drafted: (key) => Object.hasOwn(changes, key) || secrets.includes(key),
    canEdit: (keys) => !keys.some((key) => byKey.get(key)?.fixed),
    saved: Object.keys(changes).length === 0 && secrets.length === 0,
    async edit(edits) {
      const next = await answer(api.setup.draft.$put({ json: { changes: { ...edits } } }))
      client.setQueryData(DRAFT, next)
      makeVoid(client, Object.keys(edits))
    },
    async apply() {
      applying = true
      try {
        const applied = await answer(api.setup.apply.$post({ json: {} }))
        client.setQueryData(SETTINGS, applied.settings)
        client.setQueryData(DRAFT, applied.draft)
      } finally {
        applying = false
      }
    },
  }
  return { wizard, waits: null }
}

/** True while this window saves: its own change is no news to it. */
let applying = false

/** Reads anew what was saved elsewhere (the settings page, another window), and makes void what depended on it. */
export function useForeignChanges(): void {
  const client = useQueryClient()
  const { settingsChanges } = useLive()
  const seen = useRef(settingsChanges)
  useEffect(() => {
    if (seen.current === settingsChanges || applying) return
    seen.current = settingsChanges
    void reread(client)
  }, [settingsChanges, client])
}

async function reread(client: QueryClient): Promise<void> {
  const before = {
    settings: client.getQueryData<SettingsView>(SETTINGS)?.settings ?? [],
    mark: client.getQueryData<DraftView>(DRAFT)?.mark,
  }
  const [after, draft] = await Promise.all([
    client.fetchQuery({ ...settingsQuery, staleTime: 0 }),
    client.fetchQuery({ ...draftQuery, staleTime: 0 }),
  ])
  const keys = changedKeys(before.settings, after.settings)
  // A secret that was replaced looks the same from here.
  if (keys.length === 0 && before.mark !== undefined && before.mark !== draft.mark)
    keys.push(...after.settings.filter((one) => one.secret).map((one) => one.key))
  if (keys.length > 0) makeVoid(client, keys)
}

/** Settings whose value, or whether there is one, is another. */
function changedKeys(before: readonly SettingView[], after: readonly SettingView[]): string[] {
  const was = new Map(before.map((one) => [one.key, one]))
  return after
    .filter((one) => {
      const old = was.get(one.key)
      return old !== undefined && (old.value !== one.value || old.set !== one.set)
    })
    .map((one) => one.key)
}

function makeVoid(client: QueryClient, keys: readonly string[]): void {
  for (const step of staleSteps(keys)) {
    for (const name of QUERIES[step] ?? []) client.removeQueries({ queryKey: ['setup', name] })
  }
  askAgain(keys)
}

/** Remembers in main which step is open, so that the next start goes on there. */
export function useRememberedStep(step: StepId, known: StepId | undefined): void {
  const client = useQueryClient()
  const remember = useMutation({
    mutationFn: (next: StepId) => answer(api.setup.draft.$put({ json: { changes: {}, step: next } })),
    onSuccess: (draft) => client.setQueryData(DRAFT, draft),
  })
  const { mutate } = remember
  useEffect(() => {
    if (known !== undefined && known !== step) mutate(step)
  }, [step, known, mutate])
}

/** Asks for what is in the catalog anew, after a proof made it. */
export function useRefreshAfter(ended: string | null): void {
  const client = useQueryClient()
  useEffect(() => {
    if (ended === null) return
    client.removeQueries({ queryKey: ['setup', 'plan'] })
    const ask = <T>(name: string, queryFn: () => Promise<T>) =>
      client.fetchQuery({ queryKey: ['setup', name], queryFn, staleTime: 0 }).catch(() => {})
    void ask('names', () => answer(api.setup.names.$post({ json: {} })))
    void ask('tables', () => answer(api.setup.tables.$post({ json: {} })))
  }, [ended, client])
}

/** Ends the request with the question. */
type Init = { readonly init: { readonly signal: AbortSignal } }

/** What one step asks of main: asked once, asked again when something that it depends on was edited. */
export function useAsked<T>(name: string, ask: (init: Init) => Promise<T>, enabled = true) {
  return useRead({
    queryKey: ['setup', name],
    queryFn: ({ signal }) => ask({ init: { signal } }),
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  })
}
