import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openComparison } from '../../../../src/renderer/features/sql/comparisons.ts'
import { tabStore } from '../../../../src/renderer/features/sql/tab-store.ts'
import { closeTab, openTab, tabOf, theWorkbench } from '../../../../src/renderer/features/sql/workbench.ts'
import { UNDO_MS } from '../../../../src/renderer/ui/toast.tsx'

const { closeSession, undo } = vi.hoisted(() => ({
  closeSession: vi.fn(),
  undo: { last: (): void => undefined },
}))
vi.mock('../../../../src/renderer/query/start.ts', () => ({ theEngine: () => ({ closeSession }) }))
vi.mock('../../../../src/renderer/features/sql/kept.ts', () => ({ keepTabs: () => undefined }))
vi.mock('../../../../src/renderer/ui/toast.tsx', () => ({
  UNDO_MS: 10_000,
  notifyUndo: (_text: string, back: () => void) => {
    undo.last = back
  },
}))

const answers = tabStore<string>()

beforeEach(() => {
  vi.useFakeTimers()
  closeSession.mockReset()
})
afterEach(() => vi.useRealTimers())

test('what is kept of a closed tab is let go of once it cannot come back, and of no other', () => {
  const [closed, other] = [openTab({ text: 'SELECT 1' }), openTab({ text: 'SELECT 2' })]
  answers.set(closed, 'a million rows')
  answers.set(other, 'one row')
  closeTab(closed, () => undefined)
  vi.advanceTimersByTime(UNDO_MS)
  expect(answers.get(closed)).toBe('a million rows')
  vi.advanceTimersByTime(1_000)
  expect([answers.get(closed), answers.get(other)]).toEqual([null, 'one row'])
  expect(closeSession.mock.calls).toEqual([[closed]])
})

test('a tab that was brought back keeps its answer', () => {
  const id = openTab({ text: 'SELECT 1' })
  answers.set(id, 'a million rows')
  closeTab(id, () => undefined)
  undo.last()
  vi.advanceTimersByTime(2 * UNDO_MS)
  expect(answers.get(id)).toBe('a million rows')
  expect(theWorkbench().tabs.some((tab) => tab.id === id)).toBe(true)
  expect(closeSession).not.toHaveBeenCalled()
})

test("a comparison's tab is titled after its query, however long the name of the table", () => {
  const query = tabOf(openTab({ title: 'Heart rate', text: 'SELECT 1' }))
  if (!query) throw new Error('the tab did not open')
  const titled = (table: string) => {
    openComparison(query, table, null)
    return theWorkbench().tabs.at(-1)
  }
  expect(titled('t')?.title).toBe('Heart rate, two snapshots')
  const long = titled('t'.repeat(80))
  expect([long?.title, long?.comparison?.table]).toEqual(['Heart rate, two snapshots', 't'.repeat(80)])
})
