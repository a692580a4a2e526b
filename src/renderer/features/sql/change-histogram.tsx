import { counted } from '../../ui/format.ts'
import { aroundZero, type DiffColumn, type DiffSource, deltas } from './diff-rows.ts'

const STEPS = ['div-1', 'div-2', 'div-3', 'div-3', 'div-5', 'div-5', 'div-6', 'div-7']
const HEIGHT = 56
const WIDTH = 36

const short = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3, signDisplay: 'exceptZero' })

/** How much a number changed: counts of rows by the size of the change, decreases left of zero. */
export function ChangeHistogram({ source, column }: { source: DiffSource; column: DiffColumn }) {
  const values = deltas(source, column)
  const { most, counts } = aroundZero(values, STEPS.length)
  const top = Math.max(1, ...counts)
  if (values.length === 0) return <p className="t2 dense">No row has a number on both sides.</p>
  return (
    <svg
      className="ch"
      width={STEPS.length * WIDTH}
      height={HEIGHT + 36}
      role="img"
      aria-label={`Change of ${column.name} in ${counted(values.length, 'row')}, from ${short.format(-most)} to ${short.format(most)}: ${counts.join(', ')}`}
    >
      {counts.map((n, i) => {
        const height = (n / top) * HEIGHT
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          <g key={i}>
            <rect
              x={i * WIDTH + 1}
              y={16 + HEIGHT - height}
              width={WIDTH - 3}
              height={height}
              fill={`var(--${STEPS[i]})`}
              stroke="var(--line-2)"
              strokeWidth="0.5"
            />
            {n > 0 && (
              <text x={i * WIDTH + WIDTH / 2} y={12 + HEIGHT - height} textAnchor="middle">
                {n}
              </text>
            )}
          </g>
        )
      })}
      <line x1="0" x2={STEPS.length * WIDTH} y1={16 + HEIGHT} y2={16 + HEIGHT} className="ax" />
      <text x="0" y={HEIGHT + 32} textAnchor="start">
        {short.format(-most)}
      </text>
      <text x={(STEPS.length * WIDTH) / 2} y={HEIGHT + 32} textAnchor="middle">
        0
      </text>
      <text x={STEPS.length * WIDTH} y={HEIGHT + 32} textAnchor="end">
        {short.format(most)}
      </text>
    </svg>
  )
}
