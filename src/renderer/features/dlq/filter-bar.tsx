import { useState } from 'react'
import type { LetterFilterView } from '../../../shared/letters.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Popover } from '../../ui/popover.tsx'
import { Select } from '../../ui/select.tsx'

const NAMES: Readonly<Record<string, string>> = {
  partition: 'partition',
  offsetFrom: 'offset from',
  offsetTo: 'offset before',
  from: 'from',
  to: 'before',
  text: 'holds',
  state: '',
}
const STATES = [
  { value: 'any', word: 'Any state' },
  { value: 'open', word: 'Never replayed' },
  { value: 'failed', word: 'Failed again' },
  { value: 'landed', word: 'Landed' },
  { value: 'pending', word: 'In an open commit' },
] as const

/** What narrows the list, each to be taken off again, and the form that adds. */
export function FilterBar({
  filter,
  shown,
  onFilter,
}: {
  filter: LetterFilterView
  /** `12,104 letters` */
  shown: string
  onFilter: (change: Readonly<Record<string, string | undefined>>) => void
}) {
  const set = Object.entries(filter).filter(([key]) => key !== 'group' && key !== 'errorType')
  return (
    <div className="bar" style={{ height: 36 }}>
      {set.map(([key, value]) => (
        <Badge
          key={key}
          removeLabel={`Remove filter ${NAMES[key] || key}`}
          onRemove={() => onFilter({ [key]: undefined })}
        >
          {NAMES[key]}{' '}
          {key === 'from' || key === 'to' ? String(value).slice(0, 16).replace('T', ' ') : String(value)}
        </Badge>
      ))}
      <Popover
        title="Filter letters"
        width={300}
        align="start"
        trigger={
          <Button kind="quiet" small icon="plus">
            Filter
          </Button>
        }
      >
        <Form key={JSON.stringify(filter)} filter={filter} onFilter={onFilter} />
      </Popover>
      <span className="grow" />
      <span className="t2 dense" role="status">
        {shown}
      </span>
    </div>
  )
}

function Form({ filter, onFilter }: Omit<Parameters<typeof FilterBar>[0], 'shown'>) {
  const [edited, setEdited] = useState<Readonly<Record<string, string>>>({ ...filter })
  const field = (key: string, label: string) => (
    <TextField
      label={label}
      value={edited[key] ?? ''}
      small
      bad={key === 'text' || /^\d*$/.test(edited[key] ?? '') ? null : 'a whole number'}
      onChange={(value) => setEdited({ ...edited, [key]: value })}
    />
  )
  const apply = () => {
    const { group: _g, errorType: _e, from: _f, to: _t, ...rest } = edited
    onFilter({ ...rest, state: edited.state === 'any' ? undefined : edited.state })
  }
  const right = ['partition', 'offsetFrom', 'offsetTo'].every((key) => /^\d*$/.test(edited[key] ?? ''))
  return (
    <form
      style={{ display: 'grid', gap: 8 }}
      onSubmit={(event) => {
        event.preventDefault()
        if (right) apply()
      }}
    >
      {field('text', 'Text in message, payload or ids')}
      {field('partition', 'Partition')}
      {field('offsetFrom', 'Offset from')}
      {field('offsetTo', 'Offset before')}
      <Select
        label="State"
        small
        value={(edited.state ?? 'any') as (typeof STATES)[number]['value']}
        choices={STATES}
        onChange={(state) => setEdited({ ...edited, state })}
      />
      <button type="submit" className="btn s" disabled={!right}>
        Apply filters
      </button>
    </form>
  )
}
