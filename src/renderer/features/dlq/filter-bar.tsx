import { type RefObject, useCallback, useRef, useState } from 'react'
import type { LetterFilterView } from '../../../shared/letters.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { useCommand } from '../../ui/commands.ts'
import { TextField } from '../../ui/field.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { Popover } from '../../ui/popover.tsx'
import { Select } from '../../ui/select.tsx'
import { useView, type View } from '../../ui/view.ts'
import { SavedFilters } from './filter-saved.tsx'
import { FILTER_KEYS, type FilterKey, partWords, timeOf, typedTime } from './filter-words.ts'

const STATES = [
  { value: 'any', word: 'Any state' },
  { value: 'open', word: 'Never replayed' },
  { value: 'failed', word: 'Failed again' },
  { value: 'landed', word: 'Landed' },
  { value: 'pending', word: 'In an open commit' },
] as const

type Change = Readonly<Record<string, string | undefined>>

/** What narrows the list: each part can be changed or taken off; the form adds; filters are kept by name. */
export function FilterBar({
  filter,
  shown,
  onFilter,
}: {
  filter: LetterFilterView
  /** `12,104 letters` */
  shown: string
  onFilter: (change: Change) => void
}) {
  const { zone } = useView()
  const form = useRef<HTMLFormElement>(null)
  const [shows, setShows] = useState(false)
  // The part that was asked for has the focus first.
  const first = useRef<FilterKey>('text')
  const open = useCallback((key: FilterKey) => {
    first.current = key
    setShows(true)
  }, [])
  useCommand(
    'letters.filter',
    useCallback(() => open('text'), [open]),
  )
  const set = FILTER_KEYS.filter((key) => filter[key] !== undefined)
  const { group: _g, errorType: _e, ...narrow } = filter
  const use = (next: LetterFilterView) =>
    onFilter(Object.fromEntries(FILTER_KEYS.map((key) => [key, next[key]])))
  return (
    <div className="bar filters">
      {set.map((key) => (
        <Badge
          key={key}
          removeLabel={`Remove filter ${partWords(key, filter[key] ?? '', zone)}`}
          onRemove={() => onFilter({ [key]: undefined })}
        >
          <button
            type="button"
            className="badge-edit cut"
            aria-label={`Change filter ${partWords(key, filter[key] ?? '', zone)}`}
            onClick={() => open(key)}
          >
            <PlainText>{partWords(key, filter[key] ?? '', zone)}</PlainText>
          </button>
        </Badge>
      ))}
      <Popover
        title="Filter letters"
        width={320}
        align="start"
        open={shows}
        onOpenChange={(next) => {
          first.current = 'text'
          setShows(next)
        }}
        focus={() => form.current?.querySelector<HTMLElement>(`[data-part=${first.current}] input`) ?? null}
        trigger={
          <Button kind="quiet" small icon="plus">
            Filter
          </Button>
        }
      >
        <Form
          key={`${zone} ${JSON.stringify(filter)}`}
          form={form}
          filter={filter}
          onFilter={(change) => {
            setShows(false)
            onFilter(change)
          }}
        />
      </Popover>
      <SavedFilters filter={narrow} onUse={use} />
      {set.length > 1 && (
        <Button kind="quiet" small icon="x" onClick={() => use({})}>
          Clear filters
        </Button>
      )}
      <span className="grow" />
      <span className="t2 dense nw" role="status">
        {shown}
      </span>
    </div>
  )
}

const NUMBERS: readonly FilterKey[] = ['partition', 'offsetFrom', 'offsetTo']
const TIMES: readonly FilterKey[] = ['from', 'to']

/** What is wrong with a part of the form; null where nothing is. */
function wrong(key: FilterKey, value: string, zone: View['zone']): string | null {
  if (value === '') return null
  if (NUMBERS.includes(key)) return /^\d+$/.test(value) ? null : 'a whole number'
  if (TIMES.includes(key)) return timeOf(value, zone) === null ? 'such as 2026-05-14 09:00' : null
  return null
}

function Form({
  form,
  filter,
  onFilter,
}: {
  form: RefObject<HTMLFormElement | null>
  filter: LetterFilterView
  onFilter: (change: Change) => void
}) {
  const { zone } = useView()
  const zoneWord = zone === 'utc' ? 'UTC' : 'local'
  const [edited, setEdited] = useState<Readonly<Partial<Record<FilterKey, string>>>>(() =>
    Object.fromEntries(
      FILTER_KEYS.map((key) => {
        const value = filter[key] ?? ''
        return [key, TIMES.includes(key) ? typedTime(value, zone) : value]
      }),
    ),
  )
  const right = FILTER_KEYS.every((key) => wrong(key, edited[key] ?? '', zone) === null)
  const field = (key: FilterKey, label: string, placeholder?: string) => (
    <div data-part={key}>
      <TextField
        label={label}
        value={edited[key] ?? ''}
        small
        bad={wrong(key, edited[key] ?? '', zone)}
        {...(placeholder === undefined ? {} : { placeholder })}
        onChange={(value) => setEdited({ ...edited, [key]: value })}
      />
    </div>
  )
  const apply = () =>
    onFilter(
      Object.fromEntries(
        FILTER_KEYS.map((key) => {
          const value = edited[key]?.trim() ?? ''
          if (value === '' || (key === 'state' && value === 'any')) return [key, undefined]
          return [key, TIMES.includes(key) ? (timeOf(value, zone) ?? undefined) : value]
        }),
      ),
    )
  return (
    <form
      className="filter-form"
      ref={form}
      onSubmit={(event) => {
        event.preventDefault()
        if (right) apply()
      }}
    >
      {field('text', 'Text in message, payload or ids')}
      <div className="pair">
        {field('user', 'User')}
        {field('dataType', 'Data type')}
      </div>
      {field('partition', 'Partition')}
      <div className="pair">
        {field('offsetFrom', 'Offset from')}
        {field('offsetTo', 'Offset before')}
      </div>
      <div className="pair">
        {field('from', `Rejected from, ${zoneWord}`, '2026-05-14 09:00')}
        {field('to', `Rejected before, ${zoneWord}`, '2026-05-14 10:00')}
      </div>
      <Select
        label="State"
        small
        value={(edited.state || 'any') as (typeof STATES)[number]['value']}
        choices={STATES}
        onChange={(state) => setEdited({ ...edited, state })}
      />
      <button type="submit" className="btn s" disabled={!right}>
        Apply filters
      </button>
    </form>
  )
}
