import { type ReactNode, useEffect } from 'react'
import { IconButton } from './button.tsx'
import { showPane } from './pane.ts'

/**
 * The pane at the right: what is selected. `subject` names the selection: in a narrow window the inspector takes the
 * list's place whenever it changes, and closing (or Esc) brings the list back. Without `onClose` the page has no empty
 * selection.
 */
export function Inspector({
  title,
  subject,
  onClose,
  label,
  children,
}: {
  title: ReactNode
  subject: string
  onClose?: () => void
  /** Name of the region where the title is not plain text. */
  label?: string
  children: ReactNode
}) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new selection shows the inspector
  useEffect(() => showPane('inspector'), [subject])
  return (
    <aside className="insp" aria-label={label ?? (typeof title === 'string' ? title : 'Inspector')}>
      <div className="head">
        <h3 className="cut">{title}</h3>
        <span className={onClose ? '' : 'only-narrow'}>
          <IconButton icon="x" label="Close" onClick={onClose ?? (() => showPane('list'))} />
        </span>
      </div>
      <div className="scroll">{children}</div>
    </aside>
  )
}

export function Section({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <section className="sect">
      {title && <h3>{title}</h3>}
      {children}
    </section>
  )
}
