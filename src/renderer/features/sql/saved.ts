import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { TabFile } from '../../../shared/workbench.ts'
import { answer, api } from '../../api/client.ts'
import { notify, notifyUndo } from '../../ui/toast.tsx'
import { isUnsaved, type Tab } from './tab.ts'
import { setFile, setText, theWorkbench, update } from './workbench.ts'

/** How often the folder is looked at for what others changed, in ms. */
const LOOK_MS = 5_000

/** Queries kept as files; undefined until they are listed. */
export function useSaved() {
  return useQuery({
    queryKey: ['queries'],
    queryFn: () => answer(api.queries.$get()),
    refetchInterval: LOOK_MS,
    refetchOnWindowFocus: true,
  })
}

export interface SavedFiles {
  save(name: string, sql: string): Promise<void>
  /** Another name for the file, in the tabs that show it too. Fails where the name is taken. */
  rename(from: string, to: string): Promise<void>
  remove(name: string, sql: string): Promise<void>
}

/** Changes to the folder of queries. */
export function useSavedFiles(): SavedFiles {
  const client = useQueryClient()
  const again = () => client.invalidateQueries({ queryKey: ['queries'] })
  const put = (name: string, sql: string) => answer(api.queries.$put({ json: { name, sql } }))
  const save = async (name: string, sql: string) => {
    await put(name, sql)
    await again()
  }
  return {
    save,
    rename: async (from, to) => {
      const { queries } = await answer(api.queries.$get())
      const file = queries.find((one) => one.name === from)
      if (file === undefined || from === to) return
      if (queries.some((one) => one.name.toLowerCase() === to.toLowerCase() && one.name !== from))
        throw new Error(`${to}.sql is there already`)
      await put(to, file.sql)
      await answer(api.queries.$delete({ json: { name: from } }))
      for (const tab of theWorkbench().tabs)
        if (tab.file?.name === from) update(tab.id, { title: to, file: { ...tab.file, name: to } })
      await again()
    },
    remove: async (name, sql) => {
      await answer(api.queries.$delete({ json: { name } }))
      for (const tab of theWorkbench().tabs)
        if (tab.file?.name === name) update(tab.id, { file: null, base: '' })
      await again()
      notifyUndo(`Deleted the saved query ${name}`, () => void save(name, sql))
    },
  }
}

/** What became of a tab's file outside of Tarn. */
export type OnDisk = { readonly is: 'changed'; readonly sql: string } | { readonly is: 'gone' } | null

/** How the file of a tab stands against what the tab knows of it. */
function onDisk(
  file: TabFile | null,
  queries: readonly { readonly name: string; readonly sql: string }[] | undefined,
): OnDisk {
  if (file === null || queries === undefined) return null
  const found = queries.find((one) => one.name === file.name)
  if (found === undefined) return { is: 'gone' }
  return found.sql.trimEnd() === file.sql.trimEnd() ? null : { is: 'changed', sql: found.sql }
}

/**
 * Notices what others did to the tab's file. A text that was not edited here follows the file by itself and says so; an
 * edited one waits for a decision.
 */
export function useOnDisk(tab: Tab): OnDisk {
  const { data } = useSaved()
  const state = onDisk(tab.file, data?.queries)
  const follows = state?.is === 'changed' && !isUnsaved(tab)
  const sql = state?.is === 'changed' ? state.sql : null
  useEffect(() => {
    if (!follows || sql === null || tab.file === null) return
    setText(tab.id, sql.trimEnd())
    setFile(tab.id, { name: tab.file.name, sql })
    notify(`${tab.file.name}.sql was changed on disk: the tab shows it as it is now`)
  }, [follows, sql, tab.id, tab.file])
  return follows ? null : state
}
