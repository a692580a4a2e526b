import { useState } from 'react'
import { Icon } from '../../ui/icon.tsx'
import { Popover } from '../../ui/popover.tsx'
import { daysBetween, isDate, plusDays, rangeWords } from './dates.ts'

const LENGTHS = [7, 28, 90, 365] as const

/** The days that are shown: typed, or the last so many. */
export function RangeForm({
  from,
  to,
  first,
  last,
  zone,
  onRange,
}: {
  from: string
  to: string
  /** First and last day with data. */
  first: string
  last: string
  zone: string
  onRange: (from: string, to: string) => void
}) {
  const [typed, setTyped] = useState<{ from: string; to: string } | null>(null)
  const shown = typed ?? { from, to }
  const bad = !isDate(shown.from)
    ? 'The first day is no day of the calendar'
    : !isDate(shown.to)
      ? 'The last day is no day of the calendar'
      : shown.from > shown.to
        ? 'The first day comes after the last'
        : null
  const take = (next: { from: string; to: string }) => {
    setTyped(null)
    onRange(next.from, next.to)
  }
  const field = (part: 'from' | 'to', label: string) => (
    <label className="field">
      <span className="field-name">{label}</span>
      <input
        className="input s"
        value={shown[part]}
        placeholder="2026-05-14"
        aria-invalid={isDate(shown[part]) ? undefined : true}
        onChange={(event) => setTyped({ ...shown, [part]: event.target.value.trim() })}
      />
    </label>
  )
  return (
    <Popover
      title="Days shown"
      align="start"
      width={300}
      trigger={
        <button type="button" className="btn s quiet">
          <Icon name="calendar" />
          {rangeWords(from, to)}, {daysBetween(from, to)} days
          <Icon name="down" small />
        </button>
      }
    >
      <form
        className="dash-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (bad === null) take(shown)
        }}
      >
        <div className="dash-pair">
          {field('from', 'First day')}
          {field('to', 'Last day')}
        </div>
        <p className={bad === null ? 't3 micro' : 'bad dense'} role={bad === null ? undefined : 'alert'}>
          {bad ?? `Days as the rollup cuts them, in ${zone}. Data from ${rangeWords(first, last)}.`}
        </p>
        <div className="row">
          {LENGTHS.filter((length) => length <= daysBetween(first, last) + 6).map((length) => (
            <button
              key={length}
              type="button"
              className="btn s"
              onClick={() => take({ from: plusDays(last, 1 - length), to: last })}
            >
              {length === 365 ? 'Year' : `${length} days`}
            </button>
          ))}
          <button type="button" className="btn s" onClick={() => take({ from: first, to: last })}>
            All
          </button>
        </div>
        <button type="submit" className="btn s" disabled={bad !== null || typed === null}>
          Show these days
        </button>
      </form>
    </Popover>
  )
}
