import type { ReactNode } from 'react'

/** An empty view: what belongs here, why there is none, one action. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string
  children: ReactNode
  action: ReactNode
}) {
  return (
    <div className="empty grow">
      <svg viewBox="0 0 120 56" fill="none" stroke="currentColor" aria-hidden="true">
        <path d="M4 28C6 10 34 4 58 6s56 4 58 20-26 26-54 26S2 46 4 28Z" />
        <path d="M20 29c2-12 22-16 40-15s40 2 41 13-20 18-41 18-42-4-40-16Z" opacity=".8" />
        <path d="M37 30c2-7 12-9 25-8s23 2 23 7-12 9-24 9-26-2-24-8Z" stroke="var(--accent-line)" />
      </svg>
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  )
}

/** Nothing matches the filters: one line that names them, and a way to clear them. */
export function NoMatch({ children, onClear }: { children: ReactNode; onClear: () => void }) {
  return (
    <div className="empty">
      <p>{children}</p>
      <button type="button" className="btn s" onClick={onClear}>
        Clear filters
      </button>
    </div>
  )
}
