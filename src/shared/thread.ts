/**
 * One thread from a chart point or a row to its Kafka message, and back: addresses that any page can link to. What the
 * API says of a thread is in trace.ts.
 */

/** A value of a row. Longs, decimals and times as text (ISO 8601, or micros since the epoch); null is null. */
export type KeyValue = string | number | boolean | null

/** What a thread begins at: a row by some of its values, a data file, or a snapshot. */
export interface ThreadStart {
  /** A role (`raw`), or the full name (`health_db.health_data_raw`). */
  readonly table: string
  /** The head of main where absent. Without keys and file: the thread of this commit. */
  readonly snapshot?: string
  /** Location of a data file as its manifest has it. */
  readonly file?: string
  /** Any subset of columns with their values; the more, the fewer files are read. */
  readonly keys?: Readonly<Record<string, KeyValue>>
}

export interface Address {
  readonly path: string[]
  readonly query: Record<string, string>
}

/** The address of a thread, for `href` and `navigate` of ui/route. */
export function threadPath({ table, snapshot, file, keys }: ThreadStart): Address {
  return {
    path: ['thread'],
    query: {
      table,
      ...(snapshot === undefined ? {} : { snapshot }),
      ...(file === undefined ? {} : { file }),
      ...(keys === undefined || Object.keys(keys).length === 0 ? {} : { row: JSON.stringify(keys) }),
    },
  }
}

/** The start that `threadPath` wrote; null where the address names none. */
export function threadStart(query: Readonly<Record<string, string>>): ThreadStart | null {
  const { table, snapshot, file, row } = query
  if (table === undefined || table === '') return null
  const keys = row === undefined ? null : keysOf(row)
  return {
    table,
    ...(snapshot === undefined || snapshot === '' ? {} : { snapshot }),
    ...(file === undefined || file === '' ? {} : { file }),
    ...(keys === null ? {} : { keys }),
  }
}

function keysOf(text: string): Record<string, KeyValue> | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null
  const entries = Object.entries(parsed).filter(
    (entry): entry is [string, KeyValue] =>
      entry[1] === null || ['string', 'number', 'boolean'].includes(typeof entry[1]),
  )
  return entries.length === 0 ? null : Object.fromEntries(entries)
}

/** What to look for in a topic. Offsets are a half-open range, times ms since the epoch; absent is no bound. */
export interface MessageFilter {
  /** The topic of the settings where absent. */
  readonly topic?: string
  /** All where absent. */
  readonly partition?: string
  readonly from?: string
  readonly to?: string
  /** Broker time, half-open: `[since, until)`. */
  readonly since?: string
  readonly until?: string
  /** Found in the payload, case ignored. */
  readonly text?: string
  /** Found in the key, case ignored. */
  readonly key?: string
}

const MESSAGE_FILTER_KEYS = [
  'topic',
  'partition',
  'from',
  'to',
  'since',
  'until',
  'text',
  'key',
] as const satisfies readonly (keyof MessageFilter)[]

/** The address of the messages that `filter` lets through; `at` (`PARTITION:OFFSET`) is the one that is shown. */
export function messagesPath(filter: MessageFilter, at?: string): Address {
  const query: Record<string, string> = {}
  for (const key of MESSAGE_FILTER_KEYS) {
    const value = filter[key]
    if (value !== undefined && value !== '') query[key] = value
  }
  if (at !== undefined) query.at = at
  return { path: ['messages'], query }
}

/** The filter that `messagesPath` wrote, or that was sent: what of it is given. */
export function messageFilter(query: Readonly<Record<string, string | undefined>>): MessageFilter {
  return Object.fromEntries(
    MESSAGE_FILTER_KEYS.flatMap((key) => {
      const value = query[key]
      return value === undefined || value === '' ? [] : [[key, value]]
    }),
  )
}
