import { useEffect, useState } from 'react'
import type { QueryResult } from '../../query/result.ts'
import type { RunOutcome } from '../../query/session.ts'
import { IconButton } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { count } from '../../ui/format.ts'
import { showPane } from '../../ui/pane.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { SubTabs } from '../../ui/tabs.tsx'
import { ChartView } from './chart-view.tsx'
import { PlanView } from './plan-view.tsx'
import { ProfileView } from './profile-view.tsx'
import type { CellPlace } from './result-grid.tsx'

type View = 'result' | 'cell' | 'plan'

interface ResultInspectorProps {
  readonly outcome: RunOutcome
  readonly cell: CellPlace | null
  /** Session that holds the answer: the tab's. */
  readonly session: string
  readonly title: string
}

/** Chart and columns of the answer, the chosen cell in full, and how the answer came about. */
export function ResultInspector({ outcome, cell, session, title }: ResultInspectorProps) {
  const [view, setView] = useState<View>('result')
  const { result } = outcome
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new answer shows the inspector in a narrow window
  useEffect(() => showPane('inspector'), [outcome])
  return (
    <aside className="insp" aria-label="Result inspector">
      <SubTabs<View>
        label="About the answer"
        value={view}
        tabs={[
          { value: 'result', word: 'Result' },
          { value: 'cell', word: 'Cell' },
          { value: 'plan', word: 'Plan' },
        ]}
        onChange={setView}
        end={
          <span className="only-narrow">
            <IconButton icon="x" label="Close inspector" onClick={() => showPane('list')} />
          </span>
        }
      >
        <Scroll
          label={view === 'cell' ? 'Chosen cell' : view === 'plan' ? 'What was read' : 'Chart and columns'}
        >
          {view === 'cell' && <CellView result={result} cell={cell} />}
          {view === 'plan' && <PlanView outcome={outcome} />}
          {view === 'result' &&
            (result.columns.length === 0 ? (
              <div className="sect t2 dense">The statement has no rows to show.</div>
            ) : (
              <>
                <ChartView key={session} result={result} title={title} />
                <ProfileView result={result} session={session} />
              </>
            ))}
        </Scroll>
      </SubTabs>
    </aside>
  )
}

function CellView({ result, cell }: { result: QueryResult; cell: CellPlace | null }) {
  if (cell === null || cell.row >= result.rows || cell.column >= result.columns.length) {
    return <div className="sect t2 dense">Choose a cell to see its whole value.</div>
  }
  const column = result.columns[cell.column]
  const text = result.cell(cell.row, cell.column)
  return (
    <div className="sect">
      <div className="row between">
        <h3>
          {column?.name} <span className="ty">{column?.kind.word}</span>
        </h3>
        {text !== null && <CopyButton text={text} label="Copy" />}
      </div>
      <p className="t2 dense">
        Row {count(cell.row + 1)}
        {text !== null && `, ${count(text.length)} characters`}
      </p>
      {text === null ? <p className="dense">null</p> : <pre className="sql-value">{readable(text)}</pre>}
    </div>
  )
}

/** JSON in lines of its own; anything else as it is. */
function readable(text: string): string {
  if (!/^\s*[[{]/.test(text) || text.length > 1_000_000) return text
  try {
    // Only for the look, and only where no number would lose a digit.
    return /\d{16}/.test(text) ? text : JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
