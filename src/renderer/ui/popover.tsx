import { Popover as Base } from '@base-ui/react/popover'
import type { ReactElement, ReactNode } from 'react'

/** A small form or explanation beside its button; Esc closes it and gives the focus back. */
export function Popover({
  trigger,
  title,
  width = 280,
  align = 'end',
  children,
}: {
  trigger: ReactElement
  title: string
  width?: number
  align?: 'start' | 'end'
  children: ReactNode
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger as ReactElement<Record<string, unknown>>} />
      <Base.Portal>
        <Base.Positioner className="over" sideOffset={6} align={align}>
          <Base.Popup className="pop padded" style={{ width }}>
            <Base.Title className="label">{title}</Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
