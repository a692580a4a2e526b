import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog as Base } from '@base-ui/react/dialog'
import { type ReactNode, useState } from 'react'
import { TextField } from './field.tsx'
import { Icon } from './icon.tsx'

/** A question or a small form over the page. Esc closes it; the focus goes back to what opened it. */
export function Dialog({
  open,
  title,
  width = 460,
  onClose,
  footer,
  children,
}: {
  open: boolean
  title: string
  width?: number
  onClose: () => void
  footer?: ReactNode
  children: ReactNode
}) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="veil" />
        <Base.Popup className="dialog over centred" style={{ width }}>
          <header>
            <Base.Title>{title}</Base.Title>
            <Base.Close className="btn quiet icon s" aria-label="Close">
              <Icon name="x" />
            </Base.Close>
          </header>
          <div>{children}</div>
          {footer && <footer>{footer}</footer>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

export interface Loss {
  readonly name: string
  readonly value: string
}

/**
 * Asks before something is destroyed: what goes and what stays, with counts. Where `typed` is given, that name must be
 * typed first; where not, the way back has the focus.
 */
export function DestroyDialog({
  open,
  title,
  counts,
  keep,
  destroy,
  typed,
  busy = null,
  onClose,
  onDestroy,
  children,
}: {
  open: boolean
  title: string
  counts: readonly Loss[]
  /** Words of the button that goes back. */
  keep: string
  destroy: string
  typed?: string
  busy?: string | null
  onClose: () => void
  onDestroy: () => void
  children: ReactNode
}) {
  const [text, setText] = useState('')
  const ready = (typed === undefined || text === typed) && busy === null
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="veil" />
        <AlertDialog.Popup className="dialog over centred">
          <header>
            <AlertDialog.Title>{title}</AlertDialog.Title>
          </header>
          <div>
            <AlertDialog.Description render={<p />}>{children}</AlertDialog.Description>
            {counts.length > 0 && (
              <dl className="kv">
                {counts.map((one) => [
                  <dt key={`${one.name} name`}>{one.name}</dt>,
                  <dd key={one.name}>{one.value}</dd>,
                ])}
              </dl>
            )}
            {typed !== undefined && (
              <TextField label={`Type ${typed} to go on`} value={text} onChange={setText} mono />
            )}
          </div>
          <footer>
            <AlertDialog.Close className="btn">{keep}</AlertDialog.Close>
            <button type="button" className="btn danger" disabled={!ready} onClick={onDestroy}>
              {busy ?? destroy}
            </button>
          </footer>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
