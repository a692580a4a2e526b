import { LakeError } from '../../shared/errors.ts'
import type { RollupSummary } from '../../shared/model.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { TableIdentifier } from '../iceberg/catalog.ts'
import { headSnapshot } from '../iceberg/metadata.ts'
import type { Predicate } from '../iceberg/predicate.ts'
import { planScan, type ScanFile } from '../iceberg/scan.ts'
import type { LakeIo } from '../iceberg/transaction.ts'
import type { TableMetadata } from '../iceberg/types.ts'
import { type Calendar, createCalendar } from './calendar.ts'
import { type Followed, followRaw, type Span } from './follow.ts'
import { ROLES, type Role } from './period.ts'
import { type Published, publish } from './publish.ts'
import { type RawFields, rawFields, readRaw } from './raw.ts'
import { reconcile } from './reconcile.ts'
import { openState, type RollupState } from './state.ts'

export interface RollupOptions {
  readonly io: LakeIo
  readonly tables: Readonly<Record<'raw' | Role, TableIdentifier>>
  /** A file of its own; a cache that may be deleted at any time between runs. `:memory:` keeps nothing. */
  readonly statePath: string
  /** IANA zone of the calendar days. */
  readonly timezone: string
  readonly clock: Clock
  readonly log: Logger
  /** From nothing, whatever the state holds. */
  readonly rebuild?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: RollupProgress) => void
  /** Partitions replaced in one commit at most. Default 8192. */
  readonly partitionsPerCommit?: number
}

export interface RollupProgress {
  readonly stage: 'reading' | Role
  readonly done: number
  readonly total: number
  /** Of raw while reading, of the aggregate while publishing. */
  readonly unit: 'rows'
}

export interface RollupResult extends RollupSummary {
  /** Why all of raw was read, or null where the rollup went on from where it was. */
  readonly rebuilt: string | null
  /** Data files of raw that were read. */
  readonly filesRead: number
}

const PARTITIONS_PER_COMMIT = 8192

/**
 * Brings the three aggregates up to raw's current snapshot, whoever wrote it. Rows that did not change are not written;
 * with nothing new nothing is committed. Interrupted at any point, the next run goes on: statistics and the snapshot they
 * hold change in one transaction, and what a commit publishes is noted before it is sent.
 *
 * Throws LOCKED while another rollup uses the same state.
 */
export async function rollUp(options: RollupOptions): Promise<RollupResult> {
  const started = options.clock()
  const calendar = createCalendar(options.timezone)
  const raw = await options.io.catalog.loadTable(options.tables.raw, options.signal)
  const state = openState(options.statePath)
  try {
    const read = await gather(options, state, calendar, raw.metadata)
    const published = await publishAll(options, state, calendar)
    return {
      commits: {
        daily: published.daily.commits,
        weekly: published.weekly.commits,
        monthly: published.monthly.commits,
      },
      rowsRead: read.rows,
      rowsWritten: published.daily.rows + published.weekly.rows + published.monthly.rows,
      sourceSnapshot: state.get('watermark'),
      seconds: (options.clock() - started) / 1000,
      rebuilt: read.rebuilt,
      filesRead: read.files,
    }
  } finally {
    state.close()
  }
}

interface Gathered {
  readonly rows: number
  readonly files: number
  readonly rebuilt: string | null
}

/** Brings the statistics up to raw's head. */
async function gather(
  options: RollupOptions,
  state: RollupState,
  calendar: Calendar,
  metadata: TableMetadata,
): Promise<Gathered> {
  const head = headSnapshot(metadata)?.['snapshot-id']
  if (head === undefined) {
    // Nothing to aggregate; rows published from an older table of that name go away.
    if (state.get('watermark') !== null || options.rebuild) state.clear()
    return { rows: 0, files: 0, rebuilt: null }
  }
  const fields = rawFields(metadata)
  const followed = await follow(options, state, metadata, fields)
  if (followed.kind === 'nothing') return { rows: 0, files: 0, rebuilt: null }
  if (followed.kind === 'changes') {
    try {
      return await merge(options, state, calendar, metadata, fields, followed)
    } catch (error) {
      // Files that only the past refers to may have been cleaned up by others.
      if (!(error instanceof LakeError && error.code === 'NOT_FOUND')) throw error
      return rebuild(options, state, calendar, metadata, 'a file of an earlier snapshot is gone')
    }
  }
  return rebuild(options, state, calendar, metadata, followed.reason)
}

async function follow(
  options: RollupOptions,
  state: RollupState,
  metadata: TableMetadata,
  fields: RawFields,
): Promise<Followed> {
  const watermark = state.get('watermark')
  const because = (reason: string): Followed => ({ kind: 'rebuild', reason })
  if (options.rebuild) return because('asked to')
  if (watermark === null) return because('there is no state yet')
  if (state.get('raw') !== metadata['table-uuid'])
    return because('the raw table is another table than before')
  if (state.get('timezone') !== options.timezone) return because('the time zone is another than before')
  return followRaw(options.io, metadata, BigInt(watermark), fields.start_date.id, options.signal)
}

async function rebuild(
  options: RollupOptions,
  state: RollupState,
  calendar: Calendar,
  metadata: TableMetadata,
  reason: string,
): Promise<Gathered> {
  options.log.info({ reason }, 'Aggregates are computed from all of the raw table')
  const plan = await planScan(options.io, metadata, withSignal(options))
  return state.transaction(async () => {
    state.clear()
    const rows = await read(options, state, calendar, metadata, plan.files, () => true)
    mark(options, state, metadata)
    return { rows, files: plan.files.length, rebuilt: reason }
  })
}

/** Merges appended files; days in which rows were removed or replaced are forgotten and read again at the head. */
async function merge(
  options: RollupOptions,
  state: RollupState,
  calendar: Calendar,
  metadata: TableMetadata,
  fields: RawFields,
  { appended, changed }: Extract<Followed, { kind: 'changes' }>,
): Promise<Gathered> {
  const again = dayRanges(changed, calendar)
  const isAgain = (day: number): boolean => again.some(({ from, to }) => day >= from && day < to)
  const newFiles = appended.map((live) => ({ ...live, deletes: [] }))
  const changedFiles =
    again.length === 0
      ? []
      : (
          await planScan(options.io, metadata, {
            ...withSignal(options),
            filter: within(again, calendar, fields),
          })
        ).files
  return state.transaction(async () => {
    for (const { from, to } of again) state.removeDays(from, to)
    const added = await read(options, state, calendar, metadata, newFiles, (day) => !isAgain(day))
    const reread = await read(options, state, calendar, metadata, changedFiles, isAgain)
    mark(options, state, metadata)
    return { rows: added + reread, files: newFiles.length + changedFiles.length, rebuilt: null }
  })
}

function read(
  { io, onProgress, signal }: RollupOptions,
  state: RollupState,
  calendar: Calendar,
  metadata: TableMetadata,
  files: readonly ScanFile[],
  keepDay: (day: number) => boolean,
): Promise<number> {
  return readRaw(
    {
      io,
      metadata,
      calendar,
      keepDay,
      flush: (days) => state.mergeDays(days),
      onProgress:
        onProgress && (({ done, total }) => onProgress({ stage: 'reading', done, total, unit: 'rows' })),
      signal,
    },
    files,
  )
}

/** Notes which snapshot of which table the statistics hold. */
function mark({ timezone }: RollupOptions, state: RollupState, metadata: TableMetadata): void {
  state.set('raw', metadata['table-uuid'])
  state.set('timezone', timezone)
  state.set('watermark', String(headSnapshot(metadata)?.['snapshot-id']))
}

interface DayRange {
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/** Whole days that the spans touch, joined and in order. */
function dayRanges(spans: readonly Span[], calendar: Calendar): DayRange[] {
  const ranges = spans
    .map(({ from, to }) => ({ from: calendar.dayOf(from), to: calendar.dayOf(to) + 1 }))
    .toSorted((a, b) => a.from - b.from)
  const joined: { from: number; to: number }[] = []
  for (const range of ranges) {
    const last = joined.at(-1)
    if (last && range.from <= last.to) last.to = Math.max(last.to, range.to)
    else joined.push(range)
  }
  return joined
}

function within(ranges: readonly DayRange[], calendar: Calendar, fields: RawFields): Predicate {
  const column = fields.start_date.name
  return {
    op: 'or',
    args: ranges.map(({ from, to }) => ({
      op: 'and',
      args: [
        { op: '>=', column, value: BigInt(calendar.dayStart(from)) * 1000n },
        { op: '<', column, value: BigInt(calendar.dayStart(to)) * 1000n },
      ],
    })),
  }
}

async function publishAll(
  options: RollupOptions,
  state: RollupState,
  calendar: Calendar,
): Promise<Record<Role, Published>> {
  const { io, tables, signal, onProgress } = options
  const published: Record<string, Published> = {}
  for (const role of ROLES) {
    const table = await io.catalog.loadTable(tables[role], signal)
    await reconcile(io, state, role, table, signal)
    published[role] = await publish(
      {
        io,
        state,
        calendar,
        source: BigInt(state.get('watermark') ?? 0),
        partitionsPerCommit: options.partitionsPerCommit ?? PARTITIONS_PER_COMMIT,
        signal,
        onRows: (done, pending) => onProgress?.({ stage: role, done, total: done + pending, unit: 'rows' }),
      },
      role,
      tables[role],
    )
  }
  return published as Record<Role, Published>
}

function withSignal({ signal }: RollupOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}
