import { useCallback, useEffect, useRef, useState } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { showPane } from '../../ui/pane.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { SubTabs } from '../../ui/tabs.tsx'
import { CellView } from './cell-view.tsx'
import { ChartView } from './chart-view.tsx'
import { ErrorView } from './error-view.tsx'
import { ExplainView } from './explain-view.tsx'
import { type Explained, forgetExplained, useExplained } from './explaining.ts'
import type { CellPlace } from './grid-keys.ts'
import { PlanView } from './plan-view.tsx'
import { ProfileView } from './profile-view.tsx'
import { RunningPlan } from './running-plan.tsx'
import type { Tab } from './tab.ts'
import { tabStore } from './tab-store.ts'

type View = 'result' | 'cell' | 'plan' | 'error'

/** Chart and columns of the answer, the chosen cell in full, and how the answer came about; live while it runs. */
export function SqlInspector({
  tab,
  tabs,
  cell,
}: {
  tab: Tab
  tabs: readonly Tab[]
  cell: CellPlace | null
}) {
  const explained = useExplained(tab.id)
  const [view, setView] = useView(tab, cell, explained)
  const { outcome } = tab
  return (
    <aside className="insp" aria-label="Result inspector">
      <SubTabs<View>
        label="About the answer"
        value={view}
        tabs={[
          { value: 'result', word: 'Result' },
          { value: 'cell', word: 'Cell' },
          { value: 'plan', word: 'Plan' },
          ...(tab.run.state === 'failed' ? [{ value: 'error' as const, word: 'Error' }] : []),
        ]}
        onChange={setView}
        end={
          <>
            {tab.run.state === 'running' && view === 'plan' && <span className="t3 dense">live</span>}
            <span className="only-narrow">
              <IconButton icon="x" label="Close inspector" onClick={() => showPane('list')} />
            </span>
          </>
        }
      >
        <Scroll label={LABELS[view]}>
          {view === 'error' && tab.run.state === 'failed' && <ErrorView tab={tab} tabs={tabs} />}
          {view === 'cell' && <CellView tab={tab} cell={cell} />}
          {view === 'plan' &&
            (tab.run.state === 'running' ? (
              <RunningPlan run={tab.run} tabs={tabs} tab={tab} />
            ) : explained !== null ? (
              <ExplainView tab={tab.id} explained={explained} />
            ) : (
              <PlanView outcome={outcome} />
            ))}
          {view === 'result' &&
            (outcome === null ? (
              <div className="sect t2 dense">
                After a run: a chart of the answer and how its columns spread. Before it, Explain says what
                will be read and why.
              </div>
            ) : outcome.result.columns.length === 0 ? (
              <div className="sect t2 dense">The statement has no rows to show.</div>
            ) : (
              <>
                <ChartView key={`${tab.outcomeAt} chart`} result={outcome.result} title={tab.title} />
                <ProfileView key={`${tab.outcomeAt} profile`} result={outcome.result} session={tab.id} />
              </>
            ))}
        </Scroll>
      </SubTabs>
    </aside>
  )
}

const LABELS: Readonly<Record<View, string>> = {
  result: 'Chart and columns',
  cell: 'Chosen cell',
  plan: 'What was read',
  error: 'Why it failed',
}

/** Ms that a statement runs before its plan takes the place of what was looked at. */
const LONG_MS = 700
/** What was looked at in each tab. */
const views = tabStore<View>()

/** The view of the last thing that happened or was picked; a tab comes back to the one it was left with. */
function useView(
  tab: Tab,
  cell: CellPlace | null,
  explained: Explained | null,
): [View, (view: View) => void] {
  const [view, set] = useState<View>(() => views.get(tab.id) ?? 'result')
  const { id, run, outcomeAt } = tab
  const setView = useCallback(
    (next: View) => {
      views.set(id, next)
      set(next)
    },
    [id],
  )
  const first = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: an answer of the same state is another event
  useEffect(() => {
    if (run.state === 'done' && !first.current) {
      forgetExplained(id)
      setView('result')
    }
    if (run.state === 'failed' && !first.current) setView('error')
    if (run.state !== 'running') return
    const timer = setTimeout(() => setView('plan'), LONG_MS)
    return () => clearTimeout(timer)
  }, [run.state, outcomeAt])
  useEffect(() => {
    if (cell !== null && !first.current) setView('cell')
  }, [cell, setView])
  useEffect(() => {
    if (explained?.state === 'asking') setView('plan')
  }, [explained, setView])
  useEffect(() => {
    first.current = false
  }, [])
  return [view === 'error' && run.state !== 'failed' ? 'result' : view, setView]
}
