import { Inspector } from '../../ui/inspector.tsx'
import { Shape, Skeleton } from '../../ui/loading.tsx'

/** The page before its reasons are read, each pane where it will be: nothing changes its place when they come. */

export function ReasonsShape() {
  return (
    <Shape>
      <Skeleton columns={1} />
    </Shape>
  )
}

/** The place of the chart of times. */
export function ChartShape() {
  return (
    <div className="fig letter-chart" aria-hidden="true">
      <div className="letter-chart-shape">
        <Shape>
          <span className="skel" />
          <span className="skel" />
        </Shape>
      </div>
    </div>
  )
}

export function EvidenceShape() {
  return (
    <>
      <div className="letter-stats-shape" aria-hidden="true">
        <span className="skel" />
        <span className="skel" />
        <span className="skel" />
        <span className="skel" />
        <span className="skel" />
      </div>
      <ChartShape />
      <Skeleton columns={4} />
    </>
  )
}

export function FixShape() {
  return (
    <Inspector title="Fix and replay" subject="reasons that are read">
      <div className="fix-steps">
        <Shape>
          <Skeleton columns={1} rows={5} />
        </Shape>
      </div>
    </Inspector>
  )
}
