import { useEffect, useRef, useState } from 'react'
import type { LetterGroups } from '../../../shared/letters.ts'
import { count, moment } from '../../ui/format.ts'
import { useView } from '../../ui/view.ts'

const WIDTHS: readonly (readonly [number, string])[] = [
  [60_000, 'a minute'],
  [300_000, 'in 5 minutes'],
  [900_000, 'in 15 minutes'],
  [3_600_000, 'an hour'],
  [21_600_000, 'in 6 hours'],
  [86_400_000, 'a day'],
  [604_800_000, 'a week'],
]
const LEFT = 40
/** Of the line of times below the bars. */
const FOOT = 18

/** Round numbers from 0 that hold `most`, in at most so many steps. */
function ticks(most: number, steps: number): number[] {
  const rough = Math.max(1, most) / steps
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(1, ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power)
  return Array.from({ length: Math.ceil(Math.max(1, most) / step) + 1 }, (_, index) => index * step)
}

/** Letters over time; dragging, or arrow keys and Enter, choose a stretch of it. */
export function TimeChart({
  times,
  counts,
  chosen,
  listed,
  onChoose,
}: {
  times: LetterGroups
  counts: readonly number[]
  /** Half-open, ms; null for all. */
  chosen: readonly [number, number] | null
  listed: string
  onChoose: (range: readonly [number, number] | null) => void
}) {
  const { zone } = useView()
  const box = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState({ width: 0, height: 0 })
  const [drag, setDrag] = useState<readonly [number, number] | null>(null)
  const [cursor, setCursor] = useState<number | null>(null)
  useEffect(() => {
    if (!box.current) return
    const observer = new ResizeObserver(([entry]) => entry && setSize(entry.contentRect))
    observer.observe(box.current)
    return () => observer.disconnect()
  }, [])
  const { width } = size
  const bottom = Math.max(0, size.height - FOOT)
  const { bucketFrom, bucketMs } = times
  const each = counts.length === 0 ? 0 : Math.min(40, Math.max(0, width - LEFT) / counts.length)
  const scale = ticks(Math.max(0, ...counts), bottom < 50 ? 2 : 3)
  const top = scale.at(-1) ?? 1
  const y = (value: number) => bottom - (value / top) * (bottom - 4)
  const at = (clientX: number) => {
    const left = box.current?.getBoundingClientRect().left ?? 0
    return Math.min(counts.length - 1, Math.max(0, Math.floor((clientX - left - LEFT) / Math.max(1, each))))
  }
  const choose = (a: number, b: number) =>
    onChoose([bucketFrom + Math.min(a, b) * bucketMs, bucketFrom + (Math.max(a, b) + 1) * bucketMs])
  const range: readonly [number, number] | null =
    drag ??
    (chosen && [(chosen[0] - bucketFrom) / bucketMs, (chosen[1] - bucketFrom) / bucketMs - 1]) ??
    (cursor === null ? null : [cursor, cursor])
  const lit = (bar: number) => range === null || (bar >= Math.min(...range) && bar <= Math.max(...range))
  const unit = WIDTHS.find(([ms]) => ms === bucketMs)?.[1] ?? 'in a while'
  const labels = [0, Math.floor(counts.length / 2), counts.length - 1].filter(
    (bar, index, all) =>
      bar >= 0 && all.indexOf(bar) === index && (index === 0 || each * (bar - (all[index - 1] ?? 0)) > 110),
  )
  // Always with its day: no two labels of a chart are of the same kind otherwise.
  const name = (bar: number) => {
    const at = bucketFrom + bar * bucketMs
    return moment(at, zone, at + 2 * 86_400_000)
  }
  const onKey = (event: React.KeyboardEvent) => {
    const here = cursor ?? counts.length - 1
    if (event.key === 'ArrowLeft') setCursor(Math.max(0, here - 1))
    else if (event.key === 'ArrowRight') setCursor(Math.min(counts.length - 1, here + 1))
    else if (event.key === 'Enter') choose(here, here)
    else if (event.key === 'Escape' && (chosen || cursor !== null)) {
      setCursor(null)
      onChoose(null)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <figure className="fig letter-chart">
      <figcaption>
        <b>Letters {unit}</b>
        <span>drag to choose</span>
        <span className="end">
          {cursor !== null && `${name(cursor)}: ${count(counts[cursor] ?? 0)}, `}
          {listed}
        </span>
      </figcaption>
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={`Letters ${unit}, choose with arrow keys and Enter`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, counts.length - 1)}
        aria-valuenow={cursor ?? Math.max(0, counts.length - 1)}
        aria-valuetext={`${name(cursor ?? counts.length - 1)}: ${count(counts[cursor ?? counts.length - 1] ?? 0)} letters`}
        onKeyDown={onKey}
        onBlur={() => setCursor(null)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          setDrag([at(event.clientX), at(event.clientX)])
        }}
        onPointerMove={(event) => drag && setDrag([drag[0], at(event.clientX)])}
        onPointerUp={() => {
          if (drag) choose(drag[0], drag[1])
          setDrag(null)
        }}
      >
        {width > 0 && (
          <svg className="ch" width={width} height={size.height} aria-hidden="true">
            {scale.map((value) => (
              <g key={value}>
                <line className="gl" x1={LEFT} x2={width} y1={y(value)} y2={y(value)} />
                <text x={LEFT - 6} y={y(value) + 4} textAnchor="end">
                  {count(value)}
                </text>
              </g>
            ))}
            {counts.map((value, bar) => (
              <rect
                // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
                key={bar}
                x={LEFT + bar * each}
                y={y(value)}
                width={Math.max(1, each - 1.5)}
                height={bottom - y(value)}
                fill="var(--c3)"
                opacity={lit(bar) ? 1 : 0.55}
              />
            ))}
            {range && (
              <rect
                x={LEFT + Math.min(...range) * each - 1}
                y="1"
                width={(Math.abs(range[1] - range[0]) + 1) * each + 1}
                height={bottom}
                fill="none"
                stroke="var(--accent)"
                strokeWidth="1.25"
              />
            )}
            {labels.map((bar, index) => (
              <text
                key={bar}
                x={LEFT + bar * each + (index === 0 ? 0 : each / 2)}
                y={size.height - 3}
                textAnchor={index === 0 ? 'start' : bar === counts.length - 1 && index > 1 ? 'end' : 'middle'}
              >
                {name(bar)}
              </text>
            ))}
          </svg>
        )}
      </div>
    </figure>
  )
}
