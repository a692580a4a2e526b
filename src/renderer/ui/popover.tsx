import { Popover as Base } from '@base-ui/react/popover'
import type { ReactElement, ReactNode } from 'react'

/** A small form or explanation beside its button; Esc closes it and gives the focus back. */
export function Popover({
  trigger,
  title,
  width = 280,
  align = 'end',
  open,
  onOpenChange,
  focus,
  children,
}: {
  trigger: ReactElement
  title: string
  width?: number
  align?: 'start' | 'end'
  /** For a popover that closes by what is done in it. */
  open?: boolean
  onOpenChange?: (open: boolean) => void
  /** What has the focus first; null for the first that takes it. */
  focus?: () => HTMLElement | null
  children: ReactNode
}) {
  return (
    <Base.Root
      {...(open === undefined ? {} : { open })}
      {...(onOpenChange && { onOpenChange: (next) => onOpenChange(next) })}
    >
      <Base.Trigger render={trigger as ReactElement<Record<string, unknown>>} />
      <Base.Portal>
        <Base.Positioner className="over" sideOffset={6} align={align}>
          <Base.Popup className="pop padded" style={{ width }} {...(focus && { initialFocus: focus })}>
            <Base.Title className="label">{title}</Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
