import type { RunOutcome } from '../../query/session.ts'
import type { Explained } from './explaining.ts'
import { PlanView } from './plan-view.tsx'

/** What the engine would do with the statement. */
export function ExplainView({ explained, outcome }: { explained: Explained; outcome: RunOutcome | null }) {
  return (
    <>
      {explained.state === 'done' && <pre className="sql-value">{explained.plan}</pre>}
      <PlanView outcome={outcome} />
    </>
  )
}
