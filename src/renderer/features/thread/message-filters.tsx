import { useState } from 'react'
import { type MessageFilter, messagesPath } from '../../../shared/thread.ts'
import type { TopicView } from '../../../shared/trace.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { readInstant, typedInstant } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { keep, keptJson } from '../../ui/kept.ts'
import { Popover } from '../../ui/popover.tsx'
import { Select } from '../../ui/select.tsx'
import { useView } from '../../ui/view.ts'
import { hrefTo } from './commit-level.tsx'
import { filterWords } from './filter-words.ts'
import { SavedFilters } from './saved-filters.tsx'

const KEY = 'messages'
const KEPT = 12

/** Filters used before on this computer, newest first. */
function keptFilters(): MessageFilter[] {
  const all = keptJson(KEY)
  return Array.isArray(all) ? (all as MessageFilter[]) : []
}

function keepFilter(filter: MessageFilter): void {
  if (Object.keys(filter).filter((key) => key !== 'topic').length === 0) return
  const text = JSON.stringify(filter)
  const others = keptFilters().filter((one) => JSON.stringify(one) !== text)
  keep(KEY, JSON.stringify([filter, ...others].slice(0, KEPT)))
}

const digits = (text: string) => (/^\d*$/.test(text) ? null : 'a whole number')

const TIME_LABELS = {
  utc: { since: 'Since, UTC', until: 'Before, UTC' },
  local: { since: 'Since, local', until: 'Before, local' },
} as const

/** What narrows the list: kept in the address, and the last of them on this computer, to be edited and used again. */
export function MessageFilters({
  filter,
  topic,
  onFilter,
}: {
  filter: MessageFilter
  topic: TopicView | null
  onFilter: (filter: MessageFilter) => void
}) {
  const { zone } = useView()
  const shownTime = (ms: string | undefined) => (ms === undefined ? '' : typedInstant(Number(ms), zone))
  const [edited, setEdited] = useState({
    text: filter.text ?? '',
    key: filter.key ?? '',
    partition: filter.partition ?? 'all',
    from: filter.from ?? '',
    to: filter.to ?? '',
    since: shownTime(filter.since),
    until: shownTime(filter.until),
  })
  const set = (name: keyof typeof edited) => (value: string) => setEdited({ ...edited, [name]: value })
  const badTime = (text: string) =>
    text === '' || readInstant(text, zone) !== null ? null : 'such as 2026-05-14 09:00'
  const right = [digits(edited.from), digits(edited.to), badTime(edited.since), badTime(edited.until)].every(
    (one) => one === null,
  )
  const apply = () => {
    const time = (text: string) => (text === '' ? undefined : String(readInstant(text, zone)))
    const next: Record<string, string | undefined> = {
      topic: filter.topic,
      partition: edited.partition === 'all' ? undefined : edited.partition,
      from: edited.from,
      to: edited.to,
      since: time(edited.since),
      until: time(edited.until),
      text: edited.text,
      key: edited.key,
    }
    const set = Object.fromEntries(
      Object.entries(next).filter((one): one is [string, string] => one[1] !== undefined && one[1] !== ''),
    )
    keepFilter(set)
    onFilter(set)
  }
  const partitions = topic?.partitions ?? []
  const recent = keptFilters().filter((one) => one.topic === undefined || one.topic === topic?.topic)
  return (
    <form
      className="message-filters"
      aria-label="Filter messages"
      onSubmit={(event) => {
        event.preventDefault()
        if (right) apply()
      }}
    >
      <div className="mf-a">
        <div className="s-l">
          <TextField label="Text in the payload" small value={edited.text} onChange={set('text')} />
        </div>
        <div className="s-xs">
          <TextField label="Key" small value={edited.key} onChange={set('key')} />
        </div>
      </div>
      <div className="mf-b">
        <div className="field s-xs">
          <span className="field-name">Partition</span>
          <Select
            label="Partition"
            small
            value={edited.partition}
            choices={[
              { value: 'all', word: 'All' },
              ...(partitions.length === 0 && edited.partition !== 'all'
                ? [{ value: edited.partition, word: edited.partition }]
                : []),
              ...partitions.map(({ partition }) => ({ value: String(partition), word: String(partition) })),
            ]}
            onChange={set('partition')}
          />
        </div>
        <div className="s-xs">
          <TextField
            label="From offset"
            small
            mono
            value={edited.from}
            bad={digits(edited.from)}
            onChange={set('from')}
          />
        </div>
        <div className="s-xs">
          <TextField
            label="Before offset"
            small
            mono
            value={edited.to}
            bad={digits(edited.to)}
            onChange={set('to')}
          />
        </div>
        <div className="s-m">
          <TextField
            label={TIME_LABELS[zone].since}
            small
            mono
            value={edited.since}
            bad={badTime(edited.since)}
            onChange={set('since')}
          />
        </div>
        <div className="s-m">
          <TextField
            label={TIME_LABELS[zone].until}
            small
            mono
            value={edited.until}
            bad={badTime(edited.until)}
            onChange={set('until')}
          />
        </div>
        <button type="submit" className="btn s" disabled={!right}>
          <Icon name="search" />
          Find
        </button>
        <SavedFilters filter={filter} onUse={onFilter} />
        {recent.length > 0 && (
          <Popover
            title="Filters used before"
            width={340}
            trigger={
              <Button kind="quiet" small icon="history">
                Recent
              </Button>
            }
          >
            <ul className="thread-links">
              {recent.map((one) => (
                <li key={JSON.stringify(one)}>
                  <a className="cell-link" href={hrefTo(messagesPath({ ...one, topic: filter.topic ?? '' }))}>
                    <span className="cut">{filterWords(one, zone)}</span>
                  </a>
                </li>
              ))}
            </ul>
          </Popover>
        )}
      </div>
    </form>
  )
}
