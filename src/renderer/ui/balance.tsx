import type { ReactNode } from 'react'
import { count } from './format.ts'
import { type State, Status } from './status.tsx'

export interface BalancePart {
  readonly name: string
  readonly value: number
  /** A chart colour; of no use to `gone` and `pending`. */
  readonly color?: string
  /** `gone` is lost for good (a dashed hole), `pending` not yet read (hatched). Neither is a state. */
  readonly kind?: 'filled' | 'gone' | 'pending'
}

/** Whether parts sum up to their total, in words; the difference is named exactly. */
export function verdict(total: number, parts: readonly BalancePart[]): { state: State; word: string } {
  const gap = total - parts.reduce((sum, part) => sum + part.value, 0)
  if (gap === 0 && total === 0) return { state: 'waiting', word: 'Nothing counted yet' }
  if (gap === 0) return { state: 'passed', word: 'Balanced, gap 0' }
  return { state: 'failed', word: gap > 0 ? `Gap of ${count(gap)}` : `${count(-gap)} too many` }
}

/**
 * Things that must add up: a bar over its parts and the sum written out as an equation. With a `title` also what is
 * counted, and the verdict: a tick or the exact gap.
 */
export function Balance({
  name,
  total,
  parts,
  unit,
  title,
  note,
  children,
}: {
  /** Of the total. */
  name: string
  total: number
  parts: readonly BalancePart[]
  /** `samples`, `letters`: told to a screen reader and, with a title, beside it. */
  unit?: string
  title?: string
  /** What is counted since when: `samples of this run`. */
  note?: string
  /** Stands at the right of the heading. */
  children?: ReactNode
}) {
  const shown = parts.filter((part) => part.value > 0)
  const whole = Math.max(1, total)
  return (
    <div>
      {title && (
        <div className="row balance-head">
          <h3>{title}</h3>
          {(note ?? unit) && <span className="t2 dense cut">{note ?? unit}</span>}
          <span className="grow" />
          <Status {...verdict(total, parts)} />
          {children}
        </div>
      )}
      <svg
        className="ch"
        width="100%"
        height="17"
        role="img"
        aria-label={`${name}: ${count(total)} against ${parts.map((p) => `${p.name} ${count(p.value)}`).join(', ')}${unit ? ` ${unit}` : ''}`}
      >
        <Hatch />
        <rect width="100%" height="5" fill={total === 0 ? 'var(--press)' : 'var(--text-2)'} />
        {shown.map((part, index) => {
          const before = shown.slice(0, index).reduce((sum, p) => sum + p.value, 0)
          return (
            <rect
              key={part.name}
              x={`${(before / whole) * 100}%`}
              y="8"
              width={`${Math.max(0.4, (part.value / whole) * 100)}%`}
              height="9"
              {...paint(part)}
            />
          )
        })}
      </svg>
      <div className="eq">
        <Term name={name} value={total} part={null} sign={null} />
        {parts.map((part, index) => (
          <Term
            key={part.name}
            name={part.name}
            value={part.value}
            part={part}
            sign={index === 0 ? '= ' : '+ '}
          />
        ))}
      </div>
    </div>
  )
}

function Term({
  name,
  value,
  part,
  sign,
}: {
  name: string
  value: number
  part: BalancePart | null
  sign: string | null
}) {
  return (
    <div>
      <span className="nm">
        <svg width="10" height="10" aria-hidden="true">
          <rect width="10" height="10" rx="2" {...(part ? paint(part) : { fill: 'var(--text-2)' })} />
        </svg>
        {name}
      </span>
      <b>
        {sign && <span className="op">{sign}</span>}
        {count(value)}
      </b>
    </div>
  )
}

function paint(part: BalancePart) {
  switch (part.kind ?? 'filled') {
    case 'gone':
      return { fill: 'none', stroke: 'var(--text-2)', strokeWidth: 1.5, strokeDasharray: '4 3' }
    case 'pending':
      return { fill: 'url(#hatch)' }
    default:
      return { fill: part.color ?? 'var(--c-other)' }
  }
}

/** What is not yet there is hatched, wherever it is drawn. */
function Hatch() {
  return (
    <defs>
      <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="1.6" height="5" fill="var(--text-2)" />
      </pattern>
    </defs>
  )
}
