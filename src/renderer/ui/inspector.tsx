import { type ReactNode, useEffect, useRef } from 'react'
import { IconButton } from './button.tsx'
import { showPane } from './pane.ts'

/**
 * The pane at the right: what is selected. `subject` names the selection: in a narrow window the inspector takes the
 * list's place whenever it changes, and closing (or Esc) brings the list back. The focus goes back to what opened it.
 * Without `onClose` the page has no empty selection.
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
  const self = useRef<HTMLElement>(null)
  const opener = useRef<HTMLElement | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each selection was opened from a place of its own
  useEffect(() => {
    const at = document.activeElement
    if (at instanceof HTMLElement && !self.current?.contains(at)) opener.current = at
    showPane('inspector')
  }, [subject])
  const close = () => {
    if (onClose) onClose()
    else showPane('list')
    if (opener.current?.isConnected) opener.current.focus({ preventScroll: true })
  }
  return (
    <aside
      ref={self}
      className="insp"
      aria-label={label ?? (typeof title === 'string' ? title : 'Inspector')}
    >
      <div className="head">
        <h3 className="cut">{title}</h3>
        <span className={onClose ? '' : 'only-narrow'}>
          <IconButton icon="x" label="Close" onClick={close} />
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
