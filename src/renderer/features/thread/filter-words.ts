import type { MessageFilter } from '../../../shared/thread.ts'
import { absolute } from '../../ui/format.ts'
import type { View } from '../../ui/view.ts'

/** A filter in words: `partition 2, from offset 100, text sample`; times in the zone of the window. */
export function filterWords(filter: MessageFilter, zone: View['zone']): string {
  const { partition, from, to, since, until, text, key } = filter
  const time = (ms: string) => absolute(Number(ms), zone)
  return [
    text && `text ${text}`,
    key && `key ${key}`,
    partition && `partition ${partition}`,
    from && `from offset ${from}`,
    to && `before offset ${to}`,
    since && `since ${time(since)}`,
    until && `before ${time(until)}`,
  ]
    .filter(Boolean)
    .join(', ')
}
