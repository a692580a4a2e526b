import { Cancelled } from '../../query/errors.ts'
import { statements } from '../../query/lexer.ts'
import type { RunOptions, RunProgress } from '../../query/session.ts'
import { theEngine } from '../../query/start.ts'
import { remember } from './history.ts'
import { keptLake } from './kept.ts'
import { valuesOf } from './parameters.ts'
import { stopCounting } from './profiling.ts'
import { chosenStatement, type RunText, type Tab } from './tab.ts'
import { forgetReady, publish, readyTab, tabOf, theWorkbench, update } from './workbench.ts'

const controllers = new Map<string, AbortController>()

/** Starts the engine and lists the tables. */
export async function warmUp(force = false): Promise<void> {
  try {
    await theEngine().refresh(force)
    publish({ tablesVersion: theWorkbench().tablesVersion + 1, tablesError: null })
    void listOthers()
    await theEngine().warmUp()
    runReady()
  } catch (error) {
    publish({ tablesError: error })
  }
}

/** Lists names of the catalog's other namespaces for the list and for completion; a failure leaves those listed before. */
async function listOthers(): Promise<void> {
  const { elsewhere } = theEngine()
  const before = elsewhere.listed
  const now = await elsewhere.names().catch(() => before)
  if (now !== before) publish({ tablesVersion: theWorkbench().tablesVersion + 1 })
}

/** Reads the whole catalog again, other namespaces too. */
export async function readAgain(): Promise<void> {
  theEngine().elsewhere.forget()
  await warmUp(true)
}

/** Runs the ready query once, when the lake has rows for it. Tabs of an earlier window never run by themselves. */
function runReady(): void {
  const tab = tabOf(readyTab() ?? '')
  const rows =
    theEngine().tables.find((table) => table.table.name === 'health_data_raw')?.table.totals.rows ?? 0
  if (tab === undefined || rows === 0) return
  forgetReady()
  const of = chosenStatement(tab.text, 0, 0)
  if (of !== null) automatic = { id: tab.id, done: run(tab.id, of) }
}

/** What a statement of the tab is run with: its parameters' values and its snapshots. */
export function optionsOf(tab: Tab, text: string): RunOptions {
  const values = valuesOf(text, tab.parameters)
  return {
    ...(values === null ? {} : { parameters: values }),
    ...(Object.keys(tab.snapshots).length === 0 ? {} : { snapshots: tab.snapshots }),
  }
}

/** Forecasts the cost of a statement; errors of unfinished text show no forecast. */
export async function forecast(id: string, of: RunText | null): Promise<void> {
  const tab = tabOf(id)
  if (tab === undefined || tab.run.state === 'running') return
  if (of === null) {
    if (tab.forecast !== null) update(id, { forecast: null })
    return
  }
  const cost = await theEngine()
    .session(id)
    .forecast(of.text, optionsOf(tab, of.text))
    .catch(() => null)
  if (tabOf(id)?.run.state !== 'running') update(id, { forecast: cost })
}

/** The run that nobody asked for; what is asked for takes its place. */
let automatic: { readonly id: string; readonly done: Promise<void> } | null = null

/** Runs a statement in the tab; one at a time. `turn`: which of how many, where several were asked for. */
export async function run(
  id: string,
  of: RunText,
  turn: readonly [at: number, of: number] | null = null,
): Promise<void> {
  if (automatic?.id === id && tabOf(id)?.run.state === 'running') {
    cancelRun(id)
    await automatic.done
  }
  automatic = null
  const tab = tabOf(id)
  if (tab === undefined || tab.run.state === 'running') return
  stopCounting(id)
  const controller = new AbortController()
  controllers.set(id, controller)
  const since = Date.now()
  const lake = keptLake()
  update(id, { run: { state: 'running', of, since, progress: null, stopping: false, turn } })
  const onProgress = (progress: RunProgress): void => {
    const running = tabOf(id)?.run
    if (running?.state === 'running') update(id, { run: { ...running, progress } })
  }
  try {
    const outcome = await theEngine()
      .session(id)
      .run(of.text, { ...optionsOf(tab, of.text), signal: controller.signal, onProgress })
    const at = Date.now()
    const runs = (tabOf(id)?.runs ?? 0) + 1
    const { ms, result, forecast: cost } = outcome
    if (lake === keptLake())
      remember({ text: of.text, at, ms, state: 'done', rows: result.rows, bytes: cost.bytes })
    update(id, {
      run: { state: 'done', of, at },
      runs,
      outcome,
      outcomeOf: of,
      outcomeAt: at,
      forecast: outcome.forecast,
    })
  } catch (error) {
    const at = Date.now()
    const ended = { of, at, ms: at - since }
    const state = error instanceof Cancelled ? 'cancelled' : 'failed'
    if (lake === keptLake()) remember({ text: of.text, at, ms: at - since, state, rows: null, bytes: null })
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
  const found = statements(text.slice(start, end))
  for (const [at, statement] of found.entries()) {
    const of = chosenStatement(text, start + statement.start, start + statement.end)
    if (of === null) return
    await run(id, of, found.length > 1 ? [at + 1, found.length] : null)
    if (tabOf(id)?.run.state !== 'done') return
  }
}

/** Asks the tab's statement to stop; it ends within two seconds. */
export function cancelRun(id: string): void {
  const running = tabOf(id)?.run
  if (running?.state === 'running') update(id, { run: { ...running, stopping: true } })
  controllers.get(id)?.abort()
}
