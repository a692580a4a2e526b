import { useEffect, useRef, useState } from 'react'
import type { ForecastView } from '../../../shared/setup.ts'
import { bytes } from '../../ui/format.ts'

const NAMES = {
  raw: 'raw',
  errors: 'errors',
  daily: 'daily_agg',
  weekly: 'weekly_agg',
  monthly: 'monthly_agg',
}
const TARGET = 268_435_456
const [LEAST, MOST] = [1024, 1024 ** 3]
const LINES = [1024, 10_240, 102_400, 1_048_576, 10_485_760, 104_857_600]
const [LEFT, RIGHT, TOP, STEP] = [88, 8, 12, 20]

/** Mean file size of each table in both layouts, on a scale of which each line is ten times the one before. */
export function FileSizes({ forecast }: { forecast: ForecastView }) {
  const [specified, compact] = forecast.layouts
  const frame = useRef<HTMLElement>(null)
  const [width, setWidth] = useState(640)
  useEffect(() => {
    const element = frame.current
    if (!element) return
    const observer = new ResizeObserver(() => setWidth(Math.max(320, element.clientWidth - 24)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  if (!specified || !compact) return null
  const x = (size: number) =>
    LEFT +
    ((Math.log10(Math.min(MOST, Math.max(LEAST, size))) - Math.log10(LEAST)) /
      (Math.log10(MOST) - Math.log10(LEAST))) *
      (width - LEFT - RIGHT)
  const rows = specified.tables.flatMap((one, index) => {
    const other = compact.tables[index]
    if (one.files === 0 || !other || other.files === 0) return []
    return [{ role: one.role, from: one.bytes / one.files, to: other.bytes / other.files }]
  })
  const bottom = TOP + rows.length * STEP
  const words = rows.map(
    (row) => `${NAMES[row.role]} ${bytes(row.from)} as specified, ${bytes(row.to)} compact`,
  )
  return (
    <figure className="fig sizes" ref={frame}>
      <figcaption>
        <b>Mean file</b>
        <span>size, each line ten times the one before</span>
        <span className="end">
          <span className="key">
            <svg width="9" height="9" aria-hidden="true">
              <circle cx="4.5" cy="4.5" r="3.5" fill="var(--c1)" />
            </svg>
            as specified
          </span>
          <span className="key">
            <svg width="9" height="9" aria-hidden="true">
              <circle cx="4.5" cy="4.5" r="3.25" fill="var(--work)" stroke="var(--c2)" strokeWidth="1.75" />
            </svg>
            compact
          </span>
        </span>
      </figcaption>
      <svg
        className="ch"
        width={width}
        height={bottom + 18}
        role="img"
        aria-label={`Mean file size: ${words.join('; ')}`}
      >
        {LINES.map((size) => (
          <g key={size}>
            <line className="gl" x1={x(size)} x2={x(size)} y1={0} y2={bottom} />
            <text x={x(size)} y={bottom + 14} textAnchor={size === LEAST ? 'start' : 'middle'}>
              {bytes(size).replace(/\.0+/, '')}
            </text>
          </g>
        ))}
        <line className="ax" x1={x(TARGET)} x2={x(TARGET)} y1={0} y2={bottom} />
        <text className="halo" x={x(TARGET) - 5} y={9} textAnchor="end">
          target 256 MiB
        </text>
        {rows.map((row, index) => {
          const y = TOP + index * STEP + 4
          return (
            <g key={row.role}>
              <text x={LEFT - 10} y={y + 4} textAnchor="end">
                {NAMES[row.role]}
              </text>
              <line x1={x(row.from)} x2={x(row.to)} y1={y} y2={y} stroke="var(--line-2)" strokeWidth="2" />
              <circle cx={x(row.from)} cy={y} r="4.5" fill="var(--c1)" />
              <circle cx={x(row.to)} cy={y} r="4" fill="var(--work)" stroke="var(--c2)" strokeWidth="2" />
            </g>
          )
        })}
      </svg>
    </figure>
  )
}
