import type { Comparison } from '../../../shared/workbench.ts'
import { comparisonTitle, type Tab } from './tab.ts'
import { openTab, tabOf, update } from './workbench.ts'

/** Opens a tab that compares the tab's query at an older snapshot of a table with the newest. */
export function openComparison(tab: Tab, table: string, before: string | null): void {
  const comparison: Comparison = { table, before, after: null, key: null }
  openTab({
    title: comparisonTitle(tab.title),
    text: tab.text,
    parameters: tab.parameters,
    snapshots: tab.snapshots,
    comparison,
  })
}

export function setComparison(id: string, change: Partial<Comparison>): void {
  const comparison = tabOf(id)?.comparison
  if (comparison) update(id, { comparison: { ...comparison, ...change } })
}
