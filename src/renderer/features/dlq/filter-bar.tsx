import { useState } from 'react'
import { Icon } from '../../ui/icon.tsx'
import type { LetterFilter } from './dead-letters-page.tsx'

/** Filters by text, partition and offsets; takes effect on Enter or on Filter. */
export function FilterBar({
  filter,
  onFilter,
}: {
  filter: LetterFilter
  onFilter: (filter: LetterFilter) => void
}) {
  const [edited, setEdited] = useState(filter)
  const field = (key: keyof LetterFilter, label: string, width: number) => (
    <input
      className="input s"
      style={{ width }}
      placeholder={label}
      aria-label={label}
      inputMode={key === 'text' ? 'text' : 'numeric'}
      pattern={key === 'text' ? undefined : '[0-9]*'}
      value={edited[key] ?? ''}
      onChange={(event) => setEdited({ ...edited, [key]: event.target.value })}
    />
  )
  return (
    <form
      className="bar"
      onSubmit={(event) => {
        event.preventDefault()
        onFilter(edited)
      }}
    >
      <Icon name="filter" small />
      {field('text', 'Text in message, payload or ids', 240)}
      {field('partition', 'Partition', 90)}
      {field('offsetFrom', 'Offset from', 100)}
      {field('offsetTo', 'to before', 100)}
      <button type="submit" className="btn s">
        Filter
      </button>
      {Object.keys(filter).length > 0 && (
        <button type="button" className="btn s quiet" onClick={() => onFilter({})}>
          Clear filters
        </button>
      )}
    </form>
  )
}
