/** Bars in the shape of the charts. */
export function DashSkeleton() {
  return (
    <div className="dash-waiting" aria-hidden="true">
      <span className="skel" />
      <span className="skel" />
      <span className="skel" />
      <span className="skel" />
    </div>
  )
}
