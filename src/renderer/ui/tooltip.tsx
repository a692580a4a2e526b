import { Tooltip } from '@base-ui/react/tooltip'
import type { ReactElement } from 'react'

/** Names what has no word of its own, or gives a value in full. Never the only place of a fact. */
export function Tip({
  text,
  side = 'bottom',
  children,
}: {
  text: string
  side?: 'top' | 'bottom' | 'left' | 'right'
  children: ReactElement
}) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children as ReactElement<Record<string, unknown>>} delay={400} />
      <Tooltip.Portal>
        <Tooltip.Positioner side={side} sideOffset={6} className="over">
          <Tooltip.Popup className="tip">{text}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
