import { count } from './format.ts'

export interface BalancePart {
  readonly name: string
  readonly value: number
  readonly color: string
}

/** Things that must add up: a bar over its parts and the sum written out as an equation. */
export function Balance({
  name,
  total,
  parts,
}: {
  name: string
  total: number
  parts: readonly BalancePart[]
}) {
  const shown = parts.filter((part) => part.value > 0)
  return (
    <div>
      <svg
        className="ch"
        width="100%"
        height="17"
        role="img"
        aria-label={`${name}: ${count(total)} against ${parts.map((p) => `${p.name} ${count(p.value)}`).join(', ')}`}
      >
        <rect width="100%" height="5" fill="var(--text-2)" />
        {shown.map((part, index) => {
          const before = shown.slice(0, index).reduce((sum, p) => sum + p.value, 0)
          return (
            <rect
              key={part.name}
              x={`${(before / Math.max(1, total)) * 100}%`}
              y="8"
              width={`${Math.max(0.4, (part.value / Math.max(1, total)) * 100)}%`}
              height="9"
              fill={part.color}
            />
          )
        })}
      </svg>
      <div className="eq">
        <div>
          <span className="nm">
            <i style={{ background: 'var(--text-2)' }} />
            {name}
          </span>
          <b>{count(total)}</b>
        </div>
        {parts.map((part, index) => (
          <div key={part.name}>
            <span className="nm">
              <i style={{ background: part.color }} />
              {part.name}
            </span>
            <b>
              <span className="op">{index === 0 ? '= ' : '+ '}</span>
              {count(part.value)}
            </b>
          </div>
        ))}
      </div>
    </div>
  )
}
