import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { linePath, type Place, scaleOf } from '../../chart/scale.ts'
import { useWidth } from '../../chart/use-width.ts'
import { dayNumber, daysBetween, earlier, later, periodWords, plusDays } from './dates.ts'
import { figureOf, type Measure, type Row } from './measures.ts'

const HEIGHT = 28
const [LEFT, RIGHT] = [40, 6]

type Part = 'from' | 'to' | 'both'

/** The whole year under the chart, with a window over the days that are shown; its ends and itself can be moved. */
export function Overview({
  days,
  rows,
  measure,
  from,
  to,
  onRange,
}: {
  /** First and last day drawn. */
  days: readonly [string, string]
  rows: ReadonlyMap<string, Row>
  measure: Measure
  from: string
  to: string
  onRange: (from: string, to: string) => void
}) {
  const { place, width } = useWidth<HTMLDivElement>()
  const [moved, setMoved] = useState<{ readonly from: string; readonly to: string } | null>(null)
  const drag = useRef<{ part: Part; at: number; from: string; to: string } | null>(null)
  const [first, last] = days
  const count = daysBetween(first, last)
  const each = Math.max(0.1, (width - LEFT - RIGHT) / count)
  const shown = moved ?? { from, to }
  const clamp = (day: string) => earlier(later(day, first), last)
  const left = LEFT + (dayNumber(clamp(shown.from)) - dayNumber(first)) * each
  const right = LEFT + (dayNumber(clamp(shown.to)) - dayNumber(first) + 1) * each
  const series = Array.from({ length: count }, (_, at) => rows.get(plusDays(first, at)) ?? null)
  const y = scaleOf(
    series.flatMap((row) => (row ? [figureOf(row, measure) ?? Number.NaN] : [])),
    HEIGHT - 4,
    4,
  )
  const line = series.map((row, at): Place | null => {
    const value = row && figureOf(row, measure)
    return value !== null && y ? [LEFT + (at + 0.5) * each, y(value)] : null
  })

  const moveBy = (part: Part, by: number, base: { from: string; to: string }) => {
    if (part === 'from') {
      const next = clamp(plusDays(base.from, by))
      return { from: earlier(next, base.to), to: base.to }
    }
    if (part === 'to') {
      const next = clamp(plusDays(base.to, by))
      return { from: base.from, to: later(next, base.from) }
    }
    const least = dayNumber(first) - dayNumber(base.from)
    const most = dayNumber(last) - dayNumber(base.to)
    const kept = Math.min(Math.max(by, Math.min(least, 0)), Math.max(most, 0))
    return { from: plusDays(base.from, kept), to: plusDays(base.to, kept) }
  }
  const take = (next: { from: string; to: string }) => {
    if (next.from !== from || next.to !== to) onRange(next.from, next.to)
  }
  const onKey = (part: Part) => (event: KeyboardEvent) => {
    const step = event.shiftKey ? 7 : 1
    const by =
      event.key === 'ArrowLeft' || event.key === 'ArrowDown'
        ? -step
        : event.key === 'ArrowRight' || event.key === 'ArrowUp'
          ? step
          : event.key === 'PageDown'
            ? -28
            : event.key === 'PageUp'
              ? 28
              : event.key === 'Home'
                ? -count
                : event.key === 'End'
                  ? count
                  : 0
    if (by === 0) return
    event.preventDefault()
    event.stopPropagation()
    take(moveBy(part, by, { from, to }))
  }
  const handlers = (part: Part) => ({
    onKeyDown: onKey(part),
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      drag.current = { part, at: event.clientX, from, to }
    },
    onPointerMove: (event: PointerEvent) => {
      const began = drag.current
      if (began) setMoved(moveBy(began.part, Math.round((event.clientX - began.at) / each), began))
    },
    onPointerUp: () => {
      if (drag.current && moved) take(moved)
      drag.current = null
      setMoved(null)
    },
    onPointerCancel: () => {
      drag.current = null
      setMoved(null)
    },
  })
  const thumb = (part: 'from' | 'to', label: string, day: string) => (
    <div
      className="dash-thumb"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={count - 1}
      aria-valuenow={Math.max(0, dayNumber(clamp(day)) - dayNumber(first))}
      aria-valuetext={periodWords('day', day)}
      style={{ left: (part === 'from' ? left : right) - 12 }}
      {...handlers(part)}
    />
  )
  return (
    <div className="dash-overview" ref={place} style={{ height: HEIGHT }}>
      {width > 0 && (
        <>
          <svg className="ch" width={width} height={HEIGHT} aria-hidden="true">
            <text x={LEFT - 6} y={18} textAnchor="end" fill="var(--axis)" fontSize="11">
              {count > 360 ? 'Year' : 'All'}
            </text>
            <path d={linePath(line)} stroke="var(--c-other)" strokeWidth="1" fill="none" />
            <rect
              x={left}
              y="0.5"
              width={Math.max(2, right - left)}
              height={HEIGHT - 1}
              fill="var(--accent)"
              fillOpacity="0.13"
              stroke="var(--accent)"
            />
            {[left, right].map((at, i) => (
              <rect
                key={i === 0 ? 'from' : 'to'}
                x={at - 2}
                y={HEIGHT / 2 - 7}
                width="4"
                height="14"
                rx="1.5"
                fill="var(--accent)"
              />
            ))}
          </svg>
          <div
            className="dash-window"
            style={{ left: left + 12, width: Math.max(0, right - left - 24) }}
            {...handlers('both')}
          />
          {thumb('from', 'First day shown', shown.from)}
          {thumb('to', 'Last day shown', shown.to)}
        </>
      )}
    </div>
  )
}
