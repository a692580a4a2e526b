import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react'

/** Points next to each other, from `from` to `to`, both inclusive. */
export interface Span {
  readonly from: number
  readonly to: number
}

const span = (a: number, b: number): Span => ({ from: Math.min(a, b), to: Math.max(a, b) })

/**
 * The part of a chart that holds its points: one tab stop. Arrow keys, Page, Home and End move over them and are told by
 * `wordsOf`; Enter or a click picks one. Where `onBrush` is given, Shift and arrows or dragging choose a span, Enter or
 * letting go takes it, Esc drops it. `rowStep` is what up and down move by.
 */
export function Steps({
  label,
  count,
  picked,
  wordsOf,
  at,
  rowStep = 1,
  columnStep = 1,
  onPick,
  onBrush,
  children,
}: {
  label: string
  count: number
  picked: number | null
  wordsOf: (point: number) => string
  /** The point under a place, px from the left and top of this part. */
  at: (x: number, y: number) => number | null
  rowStep?: number
  columnStep?: number
  onPick: (point: number) => void
  onBrush?: (span: Span) => void
  children: (state: { readonly cursor: number | null; readonly brush: Span | null }) => ReactNode
}) {
  const place = useRef<HTMLDivElement>(null)
  const [cursor, setCursor] = useState<number | null>(null)
  const [anchor, setAnchor] = useState<number | null>(null)
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | null>(null)
  const last = count - 1
  const here = Math.min(last, Math.max(0, cursor ?? picked ?? last))
  const byKeys = anchor !== null && cursor !== null ? span(anchor, cursor) : null
  const brush = drag && drag.from !== drag.to ? span(drag.from, drag.to) : byKeys
  const pointAt = (event: PointerEvent): number | null => {
    const box = place.current?.getBoundingClientRect()
    return box ? at(event.clientX - box.left, event.clientY - box.top) : null
  }
  const onKey = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: here - columnStep,
      ArrowRight: here + columnStep,
      ArrowUp: here - rowStep,
      ArrowDown: here + rowStep,
      PageUp: here - 7 * columnStep,
      PageDown: here + 7 * columnStep,
      Home: 0,
      End: last,
    }
    const to = moves[event.key]
    if (to !== undefined) {
      const next = Math.min(last, Math.max(0, to))
      if (event.shiftKey && onBrush) setAnchor(anchor ?? here)
      else setAnchor(null)
      setCursor(next)
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (byKeys && onBrush) onBrush(byKeys)
      else onPick(here)
      setAnchor(null)
    } else if (event.key === 'Escape' && (anchor !== null || cursor !== null)) {
      setAnchor(null)
      setCursor(null)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  if (count === 0) return <div>{children({ cursor: null, brush: null })}</div>
  const words = brush ? `${wordsOf(brush.from)} to ${wordsOf(brush.to)}` : wordsOf(here)
  return (
    <div
      ref={place}
      className="chart-steps"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={here}
      aria-valuetext={words}
      onKeyDown={onKey}
      onBlur={() => {
        setCursor(null)
        setAnchor(null)
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        const point = pointAt(event)
        if (point === null) return
        event.currentTarget.setPointerCapture(event.pointerId)
        setDrag({ from: point, to: point })
      }}
      onPointerMove={(event) => {
        const point = pointAt(event)
        if (drag && onBrush && point !== null && point !== drag.to) setDrag({ from: drag.from, to: point })
        else if (!drag && event.pointerType === 'mouse' && point !== cursor) setCursor(point)
      }}
      onPointerLeave={() => !drag && setCursor(null)}
      onPointerCancel={() => setDrag(null)}
      onPointerUp={() => {
        if (drag === null) return
        setDrag(null)
        if (drag.from !== drag.to && onBrush) onBrush(span(drag.from, drag.to))
        else onPick(drag.to)
      }}
    >
      {children({ cursor: cursor, brush })}
    </div>
  )
}
