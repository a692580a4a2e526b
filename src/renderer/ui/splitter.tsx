import { useRef, useState } from 'react'
import { clampSize, readSize, storeSize } from './size.ts'

/** Pixels that an arrow key moves; Shift moves ten times as far. */
const STEP = 8

/**
 * The line between two panes: dragged, or moved by arrow keys (Home and End: least and most). It sets the custom
 * property `--NAME` on its closest `.app` or `.panes` and remembers the size on this computer.
 */
export function Splitter({
  name,
  label,
  axis = 'x',
  from = 'start',
  least,
  most,
  usual,
}: {
  /** Of the custom property that holds the size in pixels. */
  name: string
  label: string
  axis?: 'x' | 'y'
  /** Which side the sized pane is on. */
  from?: 'start' | 'end'
  least: number
  most: number
  usual: number
}) {
  const [size, setSize] = useState(() => readSize(name, usual, least, most))
  const drag = useRef<{ at: number; size: number } | null>(null)
  const [dragging, setDragging] = useState(false)
  const self = useRef<HTMLHRElement>(null)
  const sign = from === 'start' ? 1 : -1
  const apply = (next: number) => {
    const clamped = clampSize(next, least, most)
    setSize(clamped)
    host(self.current)?.style.setProperty(`--${name}`, `${clamped}px`)
    storeSize(name, clamped)
  }
  return (
    <hr
      ref={(element) => {
        self.current = element
        if (element && size !== usual) host(element)?.style.setProperty(`--${name}`, `${size}px`)
      }}
      className={`split ${axis === 'x' ? 'v' : 'h'} ${name}${dragging ? ' is-drag' : ''}`}
      aria-orientation={axis === 'x' ? 'vertical' : 'horizontal'}
      aria-label={label}
      aria-valuemin={least}
      aria-valuemax={most}
      aria-valuenow={size}
      aria-valuetext={`${size} pixels`}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        drag.current = { at: axis === 'x' ? event.clientX : event.clientY, size }
        setDragging(true)
      }}
      onPointerMove={(event) => {
        if (!drag.current) return
        const moved = (axis === 'x' ? event.clientX : event.clientY) - drag.current.at
        apply(drag.current.size + sign * moved)
      }}
      onPointerUp={() => {
        drag.current = null
        setDragging(false)
      }}
      onDoubleClick={() => apply(usual)}
      onKeyDown={(event) => {
        const step = event.shiftKey ? STEP * 10 : STEP
        const [less, more] = axis === 'x' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
        const next =
          event.key === less
            ? size - sign * step
            : event.key === more
              ? size + sign * step
              : event.key === 'Home'
                ? least
                : event.key === 'End'
                  ? most
                  : null
        if (next === null) return
        event.preventDefault()
        apply(next)
      }}
    />
  )
}

const host = (element: HTMLElement | null) => element?.closest<HTMLElement>('.panes, .app') ?? null
