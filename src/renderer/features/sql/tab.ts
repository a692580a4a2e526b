import type { KeptTab } from '../../../shared/workbench.ts'
import type { Forecast } from '../../query/cost.ts'
import { statementAt } from '../../query/lexer.ts'
import type { RunOutcome, RunProgress } from '../../query/session.ts'

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
      /** Which of how many statements, from 1; null where only one was asked for. */
      readonly turn: readonly [at: number, of: number] | null
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

export interface Tab extends KeptTab {
  readonly id: string
  readonly run: RunState
  /** Runs that have ended in this tab. */
  readonly runs: number
  /** The last answer; kept while the next statement runs and when it fails. */
  readonly outcome: RunOutcome | null
  /** The statement of the last answer. */
  readonly outcomeOf: RunText | null
  readonly outcomeAt: number
  /** What running the statement at the cursor would read. */
  readonly forecast: Forecast | null
}

const EMPTY: KeptTab = {
  title: 'Query 1',
  text: '',
  base: '',
  file: null,
  parameters: {},
  snapshots: {},
  comparison: null,
}

/** A tab that has not run anything. */
export function freshTab(kept: Partial<KeptTab>): Tab {
  return {
    ...EMPTY,
    ...kept,
    id: crypto.randomUUID(),
    run: { state: 'idle' },
    runs: 0,
    outcome: null,
    outcomeOf: null,
    outcomeAt: 0,
    forecast: null,
  }
}

/** What of a tab outlasts the window. */
export function keptOf(tab: Tab): KeptTab {
  const { title, text, base, file, parameters, snapshots, comparison } = tab
  return { title, text, base, file, parameters, snapshots, comparison }
}

/** True where the text stands nowhere but in the tab. */
export function isUnsaved({ text, base, file }: Pick<KeptTab, 'text' | 'base' | 'file'>): boolean {
  return text.trimEnd() !== (file?.sql ?? base).trimEnd()
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

/** The title of a comparison's tab: short, as the bar below it names the table and both snapshots. */
export function comparisonTitle(title: string): string {
  return `${title}, two snapshots`
}

/** A title that no other tab has: `Query 3`. */
export function freeTitle(tabs: readonly Tab[]): string {
  const taken = new Set(tabs.map((tab) => tab.title))
  for (let n = tabs.length + 1; ; n++) if (!taken.has(`Query ${n}`)) return `Query ${n}`
}

/** The tabs with one of them moved by so many places, as far as there is room. */
export function moved(tabs: readonly Tab[], id: string, by: number): readonly Tab[] {
  const at = tabs.findIndex((tab) => tab.id === id)
  const to = Math.max(0, Math.min(tabs.length - 1, at + by))
  if (at < 0 || to === at) return tabs
  const rest = tabs.filter((tab) => tab.id !== id)
  return [...rest.slice(0, to), tabs[at] as Tab, ...rest.slice(to)]
}
