import type { DryRun } from '../../../shared/letters.ts'
import { count } from '../../ui/format.ts'
import { PlainText } from '../../ui/plain-text.tsx'

/** The dry run as a sum: letters = would land + would fail again + landed before (+ held back). */
export function DryBalance({ dry, onShow }: { dry: DryRun; onShow: (letter: string) => void }) {
  const parts = [
    { name: 'would land', value: dry.wouldLand, color: 'var(--c1)' },
    { name: 'would fail again', value: dry.wouldFail, color: 'var(--c3)' },
    { name: 'landed before', value: dry.landedBefore, color: 'var(--c-other)' },
    ...(dry.held > 0 ? [{ name: 'held back', value: dry.held, color: 'var(--line-2)' }] : []),
  ]
  const whole = Math.max(1, dry.letters)
  return (
    <>
      <svg
        className="ch"
        width="100%"
        height="14"
        role="img"
        aria-label={`${count(dry.letters)} letters: ${parts.map((part) => `${count(part.value)} ${part.name}`).join(', ')}`}
      >
        <rect width="100%" height="4" fill="var(--text-2)" />
        {parts.map((part, index) => {
          const before = parts.slice(0, index).reduce((sum, one) => sum + one.value, 0)
          return (
            part.value > 0 && (
              <rect
                key={part.name}
                x={`${(before / whole) * 100}%`}
                y="6"
                width={`${Math.max(0.5, (part.value / whole) * 100)}%`}
                height="8"
                fill={part.color}
              />
            )
          )
        })}
      </svg>
      <div className="eqv">
        <Swatch color="var(--text-2)" />
        <span>Letters in the selection</span>
        <span />
        <b>{count(dry.letters)}</b>
        {parts.map((part, index) => [
          <Swatch key={`${part.name} key`} color={part.color} />,
          <span key={part.name}>{part.name}</span>,
          <span key={`${part.name} gap`} />,
          <b key={`${part.name} value`}>
            {index === 0 ? '= ' : '+ '}
            {count(part.value)}
          </b>,
        ])}
      </div>
      {dry.reasons.slice(0, 4).map(({ reason, count: many, letter }) => (
        <p key={reason} className="dense note">
          <b className="named">{count(many)} fail again:</b> <PlainText>{reason}</PlainText>.{' '}
          <button type="button" className="linkish dense" onClick={() => onShow(letter)}>
            Show one
          </button>
        </p>
      ))}
      {dry.held > 0 && (
        <p className="micro t2 note">
          Held back: tried three times with this fix, or in a commit whose end is not known.
        </p>
      )}
    </>
  )
}

function Swatch({ color }: { color: string }) {
  return (
    <svg width="10" height="10" aria-hidden="true">
      <rect width="10" height="10" rx="2" fill={color} />
    </svg>
  )
}
