import type { KeptTab, KeptWorkbench, PastRun, Snippet, WorkbenchOf } from '../../../shared/workbench.ts'
import { answer, api } from '../../api/client.ts'

/** Changes of the tabs wait this long for further ones, in ms. */
const REST_MS = 500

const NOTHING: KeptWorkbench = { folder: '', tabs: [], active: 0, history: [], snippets: [] }

/** Whose workbench is shown, and kept. */
let of: WorkbenchOf = 'own'

/** What was kept before of a lake's workbench, which is the one that is kept from now on; nothing where main does not answer. */
export async function readKept(lake: WorkbenchOf): Promise<KeptWorkbench> {
  flush(false)
  of = lake
  return answer(api.workbench.$get({ query: { of } })).catch(() => NOTHING)
}

/** Whose workbench is kept now: what began in another's is none of its history. */
export function keptLake(): WorkbenchOf {
  return of
}

let waiting: { readonly tabs: KeptTab[]; readonly active: number } | null = null
let timer: ReturnType<typeof setTimeout> | null = null

/** Keeps the tabs as they are, soon. That they could not be kept costs only the way back. */
export function keepTabs(tabs: readonly KeptTab[], active: number): void {
  waiting = { tabs: [...tabs], active }
  timer ??= setTimeout(() => flush(false), REST_MS)
}

function flush(leaving: boolean): void {
  if (timer !== null) clearTimeout(timer)
  timer = null
  if (waiting === null) return
  const json = waiting as unknown as Parameters<typeof api.workbench.tabs.$put>[0]['json']
  waiting = null
  answer(api.workbench.tabs.$put({ query: { of }, json }, { init: { keepalive: leaving } })).catch(() => {})
}

addEventListener('pagehide', () => flush(true))

export function keepRun(run: PastRun): void {
  answer(api.workbench.runs.$post({ query: { of }, json: run })).catch(() => {})
}

export async function keepSnippets(snippets: readonly Snippet[]): Promise<void> {
  await answer(api.workbench.snippets.$put({ query: { of }, json: [...snippets] }))
}
