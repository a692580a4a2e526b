import { useSyncExternalStore } from 'react'
import type { Snippet } from '../../../shared/workbench.ts'
import { keepSnippets } from './kept.ts'

/** Snippets that come with the app. `#{name}` marks a place to fill in. */
export const BUILT_IN: readonly Snippet[] = [
  {
    name: 'Samples of one user and day',
    text: "SELECT data_type, start_date, value, unit\nFROM health_data_raw\nWHERE user_id = '#{user}'\n  AND start_date >= DATE '#{2026-05-14}' AND start_date < DATE '#{2026-05-14}' + 1\nORDER BY start_date",
  },
  {
    name: 'Rows by day',
    text: "SELECT date_trunc('day', #{start_date}) AS day, count(*) AS n\nFROM #{health_data_raw}\nGROUP BY day ORDER BY day",
  },
  {
    name: 'Newest row of each key',
    text: 'SELECT *\nFROM #{health_data_raw}\nQUALIFY row_number() OVER (PARTITION BY #{user_id} ORDER BY #{start_date} DESC) = 1',
  },
  {
    name: 'Running mean over seven rows',
    text: 'SELECT #{aggregation_date}, avg(#{avg_value}) OVER (PARTITION BY #{user_id} ORDER BY #{aggregation_date} ROWS 6 PRECEDING) AS mean_7\nFROM #{health_data_daily_agg}',
  },
  {
    name: 'Table as it was',
    text: "SELECT count(*) AS n\nFROM #{health_data_raw} FOR TIMESTAMP AS OF #{'2026-05-14 09:00:00'}",
  },
  {
    name: 'One in a hundred rows',
    text: 'SELECT * FROM #{health_data_raw} USING SAMPLE 1 PERCENT (bernoulli, 1)',
  },
]

let own: readonly Snippet[] = []
const listeners = new Set<() => void>()

function publish(next: readonly Snippet[]): void {
  own = next
  for (const listener of listeners) listener()
}

/** Takes over the snippets of earlier windows. */
export function recallSnippets(snippets: readonly Snippet[]): void {
  publish(snippets)
}

/** Keeps a snippet; one of the same name gives way. */
export async function saveSnippet(snippet: Snippet): Promise<void> {
  const next = [...own.filter((one) => one.name !== snippet.name), snippet].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )
  await keepSnippets(next)
  publish(next)
}

export async function removeSnippet(name: string): Promise<void> {
  const next = own.filter((one) => one.name !== name)
  await keepSnippets(next)
  publish(next)
}

/** The user's own snippets, by name. */
export function ownSnippets(): readonly Snippet[] {
  return own
}

export function useSnippets(): readonly Snippet[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => own,
  )
}
