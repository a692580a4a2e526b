import type { ReactNode } from 'react'

/** One figure: name, value with its unit, a line about it. */
export function Stat({
  name,
  value,
  unit,
  children,
}: {
  name: ReactNode
  value: ReactNode
  unit?: string
  children?: ReactNode
}) {
  return (
    <div className="stat">
      <div className="k">{name}</div>
      <div className="v">
        {value}
        {unit && <small>{unit}</small>}
      </div>
      <div className="d">{children}</div>
    </div>
  )
}

/** The figures at the top of a page, parted by hairlines. */
export function Stats({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section className="stats" aria-label={label}>
      {children}
    </section>
  )
}
