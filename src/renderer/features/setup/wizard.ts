import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { SettingView } from '../../../shared/model.ts'
import { type DraftView, type StepId, staleSteps } from '../../../shared/setup.ts'
import { answer, api } from '../../api/client.ts'
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
  source: ['topics', 'sample', 'forecast'],
  review: ['plan'],
}

/** Settings and draft; null until both are here. */
export function useWizard(): { wizard: Wizard | null; error: unknown } {
  const client = useQueryClient()
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => answer(api.settings.$get()) })
  const draft = useQuery({
    queryKey: ['setup', 'draft'],
    queryFn: () => answer(api.setup.draft.$get()),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const views = settings.data?.settings
  if (!views || !draft.data) return { wizard: null, error: settings.error ?? draft.error }
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
      client.setQueryData(['setup', 'draft'], next)
      const keys = Object.keys(edits)
      for (const step of staleSteps(keys)) {
        for (const name of QUERIES[step] ?? []) client.removeQueries({ queryKey: ['setup', name] })
      }
      askAgain(keys)
    },
    async apply() {
      const applied = await answer(api.setup.apply.$post({ json: {} }))
      client.setQueryData(['settings'], applied.settings)
      client.setQueryData(['setup', 'draft'], applied.draft)
    },
  }
  return { wizard, error: null }
}

/** Remembers in main which step is open, so that the next start goes on there. */
export function useRememberedStep(step: StepId, known: StepId | undefined): void {
  const client = useQueryClient()
  const remember = useMutation({
    mutationFn: (next: StepId) => answer(api.setup.draft.$put({ json: { changes: {}, step: next } })),
    onSuccess: (draft) => client.setQueryData(['setup', 'draft'], draft),
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

/** What one step asks of main: asked once, asked again when something that it depends on was edited. */
export function useAsked<T>(name: string, ask: () => Promise<T>, enabled = true) {
  return useQuery({
    queryKey: ['setup', name],
    queryFn: ask,
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  })
}
