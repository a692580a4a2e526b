/**
 * What a loaded topic will look like in the five tables, reckoned from a sample of its messages: pure arithmetic, so
 * that both layouts are judged by the same numbers. Everything but a sample of the whole topic is an estimate.
 */
import type { ForecastView, LayoutForecast, TableForecast } from '../../../shared/setup.ts'
import { type Layout, partitionWords, TABLE_ROLES, type TableRole, tableOf } from '../../../shared/tables.ts'

/** How often each key was seen. */
type Counts = Map<string, number>

/** What a sample holds, added up row by row. */
export interface Tally {
  messages: number
  rows: number
  errors: number
  readonly raw: Counts
  readonly days: Counts
  readonly types: Counts
  /** User and type together. */
  readonly series: Counts
  readonly weeks: Counts
  readonly months: Counts
  readonly years: Counts
  readonly daily: Counts
  readonly weekly: Counts
  readonly monthly: Counts
  readonly errorTypes: Counts
  /** Distinct days of each run of messages that follow each other. */
  readonly runDays: number[]
}

export function emptyTally(): Tally {
  return {
    messages: 0,
    rows: 0,
    errors: 0,
    raw: new Map(),
    days: new Map(),
    types: new Map(),
    series: new Map(),
    weeks: new Map(),
    months: new Map(),
    years: new Map(),
    daily: new Map(),
    weekly: new Map(),
    monthly: new Map(),
    errorTypes: new Map(),
    runDays: [],
  }
}

const DAY_MS = 86_400_000

/** Adds a row; `start` is its time, ms since the epoch. */
export function addRow(tally: Tally, user: string, type: string, start: number): void {
  const day = new Date(start).toISOString().slice(0, 10)
  const [year, month] = [day.slice(0, 4), day.slice(0, 7)]
  // A week is told by its Monday; 1970-01-01 was a Thursday.
  const week = Math.floor((Math.floor(start / DAY_MS) + 3) / 7)
  tally.rows += 1
  const add = (counts: Counts, ...parts: (string | number)[]) => {
    const key = parts.join('\0')
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  add(tally.raw, day, type)
  add(tally.days, day)
  add(tally.types, type)
  add(tally.series, user, type)
  add(tally.weeks, week)
  add(tally.months, month)
  add(tally.years, year)
  add(tally.daily, user, day, type)
  add(tally.weekly, user, week, type)
  add(tally.monthly, user, month, type)
}

export function addError(tally: Tally, type: string): void {
  tally.errors += 1
  tally.errorTypes.set(type, (tally.errorTypes.get(type) ?? 0) + 1)
}

/**
 * How many different keys a population holds of which a sample is known: Chao's lower bound from what was seen once and
 * twice, never more than `most`. What was read whole is counted, not estimated.
 */
export function estimateDistinct(counts: Counts, exact: boolean, most: number): number {
  if (exact || counts.size === 0) return counts.size
  let once = 0
  let twice = 0
  for (const count of counts.values()) {
    if (count === 1) once += 1
    else if (count === 2) twice += 1
  }
  const unseen = (once * (once - 1)) / (2 * (twice + 1))
  return Math.max(counts.size, Math.min(Math.round(most), Math.round(counts.size + unseen)))
}

/** Bytes of one encoded file: a fixed part (schema, footer) and one for each row. Measured, see forecast-sample.ts. */
export interface FileCost {
  readonly fixed: number
  readonly row: number
}

export interface ForecastInput {
  readonly topic: string
  readonly tally: Tally
  /** Messages of the topic. */
  readonly messages: number
  readonly exact: boolean
  readonly costs: Readonly<Record<TableRole, FileCost>>
  readonly commit: { readonly seconds: number; readonly bytes: number }
  /** Bytes of a file at which another is begun. */
  readonly targetBytes: number
  readonly ms: number
}

/** Messages a second that a load is taken to read, to reckon the number of its commits. */
const ASSUMED_RATE = 10_000
/** Bytes of a manifest for each file of `daily`: 46 measured with 6,109 files in one manifest, 61 with 1,000. */
const MANIFEST_ENTRY_BYTES = 55

/** Both layouts of one topic. */
export function forecast(input: ForecastInput): ForecastView {
  const { topic, tally, messages, exact, ms } = input
  return {
    topic,
    sampled: tally.messages,
    messages,
    exact,
    ms,
    layouts: [layoutOf('specified', input), layoutOf('compact', input)],
  }
}

function layoutOf(layout: Layout, input: ForecastInput): LayoutForecast {
  const tables = TABLE_ROLES.map((role) => forecastOf(layout, role, input))
  const sum = (pick: (table: TableForecast) => number) =>
    tables.reduce((total, table) => total + pick(table), 0)
  const daily = tables.find((table) => table.role === 'daily')
  return {
    layout,
    tables,
    partitions: sum((table) => table.partitions),
    files: sum((table) => table.files),
    bytes: sum((table) => table.bytes),
    oneRowFiles: sum((table) =>
      table.role !== 'raw' && table.role !== 'errors' && table.files === table.rows ? table.files : 0,
    ),
    manifestBytes: (daily?.files ?? 0) * MANIFEST_ENTRY_BYTES,
  }
}

function forecastOf(layout: Layout, role: TableRole, input: ForecastInput): TableForecast {
  const { tally, messages, exact, costs, targetBytes } = input
  const scale = tally.messages === 0 ? 0 : messages / tally.messages
  const rawRows = Math.round(tally.rows * scale)
  const distinct = (counts: Counts, most = rawRows) =>
    estimateDistinct(counts, exact, Math.min(rawRows, most))
  const days = distinct(tally.days)
  // No more keys than every series on every day: what was seen once by chance would else be taken for many unseen.
  const dailyRows = distinct(tally.daily, distinct(tally.series) * days)
  const done = (rows: number, partitions: number, files: number): TableForecast => {
    const cost = costs[role]
    const whole = Math.max(files, Math.ceil((rows * cost.row) / targetBytes))
    const bytes = rows === 0 ? 0 : Math.round(whole * cost.fixed + rows * cost.row)
    return {
      role,
      partitionedBy: tableOf(role, layout).partitions.map(partitionWords).join(', '),
      rows,
      partitions,
      files: rows === 0 ? 0 : whole,
      bytes,
    }
  }
  const commits = commitsOf(input, rawRows)
  switch (role) {
    case 'raw': {
      const partitions = layout === 'specified' ? distinct(tally.raw, days * distinct(tally.types)) : days
      const run =
        tally.runDays.length === 0 ? 1 : tally.runDays.reduce((a, b) => a + b, 0) / tally.runDays.length
      const daysOfCommit = Math.min(days, run + days / Math.max(1, commits))
      const touched = daysOfCommit * (layout === 'specified' ? tally.types.size : 1)
      const most = Math.min(partitions, touched, rawRows / Math.max(1, commits))
      return done(rawRows, partitions, Math.max(partitions, Math.round(commits * most)))
    }
    case 'errors': {
      const rows = Math.round(tally.errors * scale)
      // Dead letters bear the time of the load: one day, while it catches up.
      const partitions = rows === 0 ? 0 : tally.errorTypes.size
      return done(rows, partitions, Math.max(partitions, Math.round(Math.min(rows, commits * partitions))))
    }
    case 'daily': {
      const rows = dailyRows
      const partitions = layout === 'specified' ? rows : distinct(tally.months)
      return done(rows, partitions, partitions)
    }
    case 'weekly':
    case 'monthly': {
      const periods = distinct(role === 'weekly' ? tally.weeks : tally.months)
      const rows = Math.min(dailyRows, distinct(tally[role], distinct(tally.series) * periods))
      const partitions = layout === 'specified' ? rows : distinct(tally.years)
      return done(rows, partitions, partitions)
    }
  }
}

/** Commits until the topic is caught up with. */
function commitsOf({ messages, commit, costs }: ForecastInput, rawRows: number): number {
  const byTime = Math.ceil(messages / (ASSUMED_RATE * commit.seconds))
  const byBytes = Math.ceil((rawRows * costs.raw.row) / commit.bytes)
  return Math.max(messages === 0 ? 0 : 1, byTime, byBytes)
}
