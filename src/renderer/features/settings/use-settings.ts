import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import { type Fault, toFault } from '../../../shared/errors.ts'
import type { AppState, SettingsView, SettingView } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { type Read, useRead } from '../../ui/read.ts'
import { notify, notifyUndo } from '../../ui/toast.tsx'
import { nameOf, shownOf } from './words.ts'

export type Changes = Readonly<Record<string, string | null>>
const KEY = ['settings']
/** Typing rests this long before its text is tried, in ms. */
const REST_MS = 150

/** The settings, and what changes one. A failure stays with the setting until the next attempt. */
export function useSettings(): {
  read: Read<SettingsView>
  failed: { key: string; fault: Fault } | null
  change: (one: SettingView, text: string | null) => Promise<boolean>
} {
  const client = useQueryClient()
  const read = useRead({
    queryKey: KEY,
    queryFn: ({ signal }) => answer(api.settings.$get({}, { init: { signal } })),
  })
  const [failed, setFailed] = useState<{ key: string; fault: Fault } | null>(null)
  const save = useCallback(
    async (changes: Changes) => {
      client.setQueryData(KEY, await answer(api.settings.$put({ json: { changes: { ...changes } } })))
    },
    [client],
  )
  const change = useCallback(
    async (one: SettingView, text: string | null) => {
      const former = one.layers.find((layer) => layer.origin.from === 'file')?.value ?? null
      try {
        setFailed(null)
        await save({ [one.key]: text })
      } catch (reason) {
        setFailed({ key: one.key, fault: toFault(reason) })
        return false
      }
      if (one.secret) notify(`${nameOf(one)} ${text === null ? 'forgotten' : 'replaced'}`)
      else
        notifyUndo(wordsOf(one, text), () => {
          save({ [one.key]: former }).catch((reason: unknown) =>
            setFailed({ key: one.key, fault: toFault(reason) }),
          )
        })
      return true
    },
    [save],
  )
  return { read, failed, change }
}

function wordsOf(one: SettingView, text: string | null): string {
  if (text !== null) return `${nameOf(one)} set to ${shownOf(one.kind, text)}`
  return one.default === null
    ? `${nameOf(one)} taken away`
    : `${nameOf(one)} back at ${shownOf(one.kind, one.default)}`
}

/** What is wrong with a text for a setting, by main's own rules, while it is being typed; null where nothing is. */
export function useProblem(key: string, text: string | null): string | null {
  const [rested, setRested] = useState<string | null>(null)
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), REST_MS)
    return () => clearTimeout(timer)
  }, [text])
  const { data } = useQuery({
    queryKey: ['settings', 'check', key, rested],
    queryFn: () => answer(api.settings.check.$post({ json: { key, text: rested ?? '' } })),
    enabled: rested !== null,
  })
  return rested !== null && rested === text ? (data?.problem ?? null) : null
}

/** Why no setting can be changed now, or null. Appearance and shortcuts always can. */
export function lockOf(app: AppState | null): string | null {
  if (app === null) return null
  if (app.sample) return 'The sample lake has settings of its own. Yours can be changed once it is left.'
  const running = app.jobs.find((job) => job.state === 'running')
  return running ? `Settings can be changed once the ${running.kind} that is running has ended.` : null
}
