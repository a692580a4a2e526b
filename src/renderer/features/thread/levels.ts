import type { ThreadView, TraceCommit, TraceLedger, Writer } from '../../../shared/trace.ts'
import { bytes, count, counted, fileWords, shortId } from '../../ui/format.ts'
import type { State } from '../../ui/status.tsx'

/** What a thread goes down through, from the point one looks at to the message it came from. */
export type LevelKey =
  | 'row'
  | 'file'
  | 'manifest'
  | `rewrite-${number}`
  | 'commit'
  | 'raw'
  | 'letter'
  | 'message'

export interface Level {
  readonly key: LevelKey
  /** The letter of the level, over its waterline. */
  readonly mark: string
  /** Token of the waterline: one colour a level, on all pages. */
  readonly colour: string
  readonly name: string
  readonly line: string
  /** When, or how many: at the right. */
  readonly at?: number | null
  readonly end?: string
  readonly state?: readonly [State, string]
}

const WRITERS: Readonly<Record<Writer, string>> = {
  load: 'Commit of a load',
  replay: 'Commit of a replay',
  rollup: 'Publishing of a rollup',
  maintenance: 'Compaction',
  other: 'Commit of another engine',
}

export const commitName = (commit: TraceCommit): string =>
  commit.at === null ? 'Commit, expired' : WRITERS[commit.writer]

/** The levels of a row's thread, the row first. A thread without a row has none. `found` is where its message was found. */
export function levelsOf(view: ThreadView, found: MessagePlace | null = null): Level[] {
  const row = view.rows[view.chosen]
  const file = row && view.files[row.file]
  if (row === undefined || file === undefined || view.origin === null) return []
  const { origin, aggregate } = view
  const levels: Level[] = [
    {
      key: 'row',
      mark: view.aggregate ? 'A' : 'R',
      colour: view.aggregate ? 'c6' : 'c-other',
      name: rowName(view),
      line: told(view),
      ...(view.rows.length > 1 ? { end: `${count(view.chosen + 1)} of ${count(view.rows.length)}` } : {}),
    },
    {
      key: 'file',
      mark: 'D',
      colour: 'c1',
      name: 'Data file',
      line: fileWords(file.path),
      end: bytes(file.bytes),
    },
  ]
  if (file.manifest)
    levels.push({
      key: 'manifest',
      mark: 'F',
      colour: 'c2',
      name: 'Manifest',
      line: fileWords(file.manifest.path),
      end: counted(file.manifest.files, 'file'),
    })
  view.rewrites.forEach(({ commit }, index) => {
    levels.push({
      key: `rewrite-${index}`,
      mark: 'S',
      colour: 'c3',
      name: commitName(commit),
      line: shortId(commit.snapshotId),
      at: commit.at,
    })
  })
  levels.push({
    key: 'commit',
    mark: 'S',
    colour: 'c3',
    name: commitName(origin),
    line: origin.at === null ? (origin.commitId ?? shortId(origin.snapshotId)) : shortId(origin.snapshotId),
    at: origin.at,
    ...(origin.at === null ? { state: ['attention', 'Expired'] as const } : {}),
  })
  if (aggregate)
    levels.push({
      key: 'raw',
      mark: 'R',
      colour: 'c-other',
      name: 'Rows of raw behind it',
      line: `${aggregate.from.slice(0, 10)} to ${aggregate.to.slice(0, 10)}`,
      end: count(aggregate.count),
      state:
        aggregate.said === aggregate.count
          ? ['passed', 'Matches raw']
          : ['attention', `${count(Math.abs(aggregate.count - (aggregate.said ?? 0)))} apart`],
    })
  if (view.letter || view.end?.kind === 'letter') {
    const letter = view.letter ?? (view.end?.kind === 'letter' ? view.end.letter : null)
    levels.push({
      key: 'letter',
      mark: 'L',
      colour: 'c3-2',
      name: 'Dead letter',
      line: letter ? shortId(letter.id) : 'not told by its marks',
      ...(view.letter && view.letter.landed.length > 0 ? { state: ['passed', 'Landed'] as const } : {}),
    })
  }
  const place = messagePlace(view) ?? found
  if (place || view.end?.kind === 'messages' || view.end?.kind === 'expired')
    levels.push({
      key: 'message',
      mark: 'K',
      colour: 'c5',
      name: 'Message',
      line: place ? `${place.topic} ${place.partition} @ ${place.offset}` : (origin.ledger?.topic ?? 'topic'),
    })
  return levels
}

export interface MessagePlace {
  readonly topic: string
  readonly partition: string
  readonly offset: string
}

/** Where the message of a row stands, where that is known without reading the topic. */
export function messagePlace(view: ThreadView): MessagePlace | null {
  const letter = view.letter ?? (view.end?.kind === 'letter' ? view.end.letter : null)
  return letter && { topic: letter.topic, partition: letter.partition, offset: letter.offset }
}

/** What the commit took, or all before the next ledger where its own has expired. */
export function ledgerOf(view: ThreadView): TraceLedger | null {
  if (view.origin?.ledger) return view.origin.ledger
  const before = view.end?.kind === 'expired' ? view.end.before : null
  return (
    before && { ...before, ranges: before.ranges.map((range) => ({ ...range, from: '0', to: range.from })) }
  )
}

const ROW_NAMES: Readonly<Record<string, string>> = {
  raw: 'Row of raw',
  errors: 'Row of errors',
  daily: 'Daily point',
  weekly: 'Weekly point',
  monthly: 'Monthly point',
}

const rowName = ({ table }: ThreadView): string => (table.role && ROW_NAMES[table.role]) ?? 'Row'

const TOLD: Readonly<Record<string, readonly string[]>> = {
  raw: ['data_type', 'value', 'unit', 'start_date'],
  errors: ['error_type', 'error_message'],
  daily: ['user_id', 'data_type', 'aggregation_date'],
  weekly: ['user_id', 'data_type', 'week_start_date'],
  monthly: ['user_id', 'data_type', 'month_start_date'],
}

/** A row in a line: the columns that one reads first. */
function told(view: ThreadView): string {
  const cells = view.rows[view.chosen]?.cells ?? []
  const names = view.table.role === null ? cells.slice(0, 3).map(({ name }) => name) : TOLD[view.table.role]
  return (names ?? [])
    .flatMap((name) => cells.find((cell) => cell.name === name)?.text ?? [])
    .map((text) => text.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d).*$/, '$1 $2'))
    .join(' ')
}

/** The level that a thread opens at: what one came to see. */
export function firstLevel(view: ThreadView): LevelKey {
  if (view.aggregate) return 'raw'
  return 'row'
}
