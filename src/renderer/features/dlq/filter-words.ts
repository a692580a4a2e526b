import type { LetterFilterView } from '../../../shared/letters.ts'
import { readInstant, typedInstant } from '../../ui/format.ts'
import type { View } from '../../ui/view.ts'

type Zone = View['zone']

/** What a filter may narrow by, in the order of the form, with its words before the value. */
const FILTER_NAMES = {
  text: 'holds',
  user: 'user',
  dataType: 'type',
  partition: 'partition',
  offsetFrom: 'offset from',
  offsetTo: 'offset before',
  from: 'from',
  to: 'before',
  state: 'state',
} as const satisfies Partial<Record<keyof LetterFilterView, string>>

export type FilterKey = keyof typeof FILTER_NAMES
export const FILTER_KEYS = Object.keys(FILTER_NAMES) as FilterKey[]

const STATE_WORDS = {
  open: 'never replayed',
  failed: 'failed again',
  landed: 'landed',
  pending: 'in an open commit',
} as const

/** One part of a filter in words: `partition 3`, `from 2026-05-14 09:00`; times in the zone of the window. */
export function partWords(key: FilterKey, value: string, zone: Zone): string {
  if (key === 'state') return STATE_WORDS[value as keyof typeof STATE_WORDS] ?? value
  const shown = key === 'from' || key === 'to' ? typedTime(value, zone) : value
  return `${FILTER_NAMES[key]} ${shown}`
}

/** A filter in words, part by part; the group apart, which the page names anyway. */
export function filterWords(filter: LetterFilterView, zone: Zone): string[] {
  return FILTER_KEYS.flatMap((key) => {
    const value = filter[key]
    return value === undefined ? [] : [partWords(key, value, zone)]
  })
}

/** A time of the API as it is typed, in the zone of the window. */
export function typedTime(value: string, zone: Zone): string {
  const at = Date.parse(value)
  return Number.isNaN(at) ? value : typedInstant(at, zone)
}

/** What was typed as the API takes it; null where it is no time. */
export function timeOf(text: string, zone: Zone): string | null {
  const at = readInstant(text, zone)
  return at === null ? null : new Date(at).toISOString()
}
