import type { ReactNode } from 'react'

/** One part of the kit in its states. */
export function Specimen({ name, note, children }: { name: string; note?: string; children: ReactNode }) {
  return (
    <section className="specimen">
      <h2>
        {name} {note && <span>{note}</span>}
      </h2>
      {children}
    </section>
  )
}

export function Line({ name, children }: { name?: string; children: ReactNode }) {
  return (
    <div className="specimen-line">
      {name && <small>{name}</small>}
      {children}
    </div>
  )
}
