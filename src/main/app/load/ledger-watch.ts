import { isLakeError } from '../../../shared/errors.ts'
import type { LoadView } from '../../../shared/model.ts'
import type { LedgerSums, LedgerView } from '../../../shared/monitor.ts'
import type { Clock } from '../../base/clock.ts'
import type { Lake } from '../lake.ts'
import { readLedger } from './ledger.ts'

/** Reads the ledger back from the tables while a load runs, at a pace that costs little, and holds the load to it. */
export interface LedgerWatch {
  /** A load begins: what it commits is counted from here. */
  begin(): void
  /** Another lake is open now. */
  forget(): void
  /** To be called with the live status, every now and then; reads anew where commits landed since. */
  tick(view: LoadView): void
  /** Reads now. Null where there is no ledger yet. */
  read(): Promise<LedgerView | null>
  /** As last read, or read anew where it is older than the last commit. */
  fresh(view: LoadView): Promise<LedgerView | null>
  /** The sums with what the running load has read and the table does not hold yet; null before the first reading. */
  sums(view: LoadView): LedgerSums | null
}

/** ms between two readings, and how much longer than one reading took they stay apart. */
const PACE_MS = 10_000
const PACE_FACTOR = 20
/** Commits whose place in the sums is remembered. */
const KEPT = 2_000

export function createLedgerWatch(deps: {
  readonly lake: () => Promise<Lake>
  readonly clock: Clock
}): LedgerWatch {
  let last: LedgerView | null = null
  let reading: Promise<LedgerView | null> | null = null
  let readAt = Number.NEGATIVE_INFINITY
  let tookMs = 0
  /** Counts the lakes: what was read of an earlier one is worth nothing. */
  let lakes = 0
  /** Samples that the ledger held before this load. */
  let base: number | null = null
  let landed = 0
  let newest: string | null = null
  /** Samples that this load had committed with each of its snapshots. */
  const landedAt = new Map<string, number>()

  function begin(): void {
    base = null
    landed = 0
    newest = null
    landedAt.clear()
  }

  function follow(view: LoadView): void {
    const fresh = view.recentCommits.filter(({ role }) => role === 'raw')
    const known = fresh.findIndex(({ snapshotId }) => landedAt.has(snapshotId))
    for (const commit of (known < 0 ? fresh : fresh.slice(0, known)).reverse()) {
      const { accepted = 0, rejected = 0, skipped = 0 } = commit.counts ?? {}
      landed += accepted + rejected + skipped
      landedAt.set(commit.snapshotId, landed)
      newest = commit.snapshotId
    }
    for (const id of landedAt.keys()) {
      if (landedAt.size <= KEPT) break
      landedAt.delete(id)
    }
  }

  async function readNow(): Promise<LedgerView | null> {
    const started = performance.now()
    const of = lakes
    let read: LedgerView | null = null
    try {
      const { io, tables, settings } = await deps.lake()
      const [raw, errors] = await Promise.all([
        io.catalog.loadTable(tables.raw),
        io.catalog.loadTable(tables.errors),
      ])
      read = readLedger(raw.metadata, errors.metadata, settings.pipeline, deps.clock())
    } catch (error) {
      if (!isLakeError(error, 'NO_TABLE', 'NO_NAMESPACE')) throw error
    } finally {
      readAt = performance.now()
      tookMs = readAt - started
    }
    if (of === lakes) last = read === null ? null : held(read)
    return of === lakes ? last : null
  }

  /** What this load committed must be what the table tells of it. */
  function held(read: LedgerView): LedgerView {
    const ours = landedAt.get(read.head) ?? (landedAt.size === 0 ? 0 : null)
    if (ours === null) return read
    base ??= read.consumed - ours
    const gap = base + ours - read.consumed
    if (gap === 0) return read
    return {
      ...read,
      gap: read.gap + gap,
      problems: [
        ...read.problems,
        `this load committed ${ours} samples, the table's ledger grew by ${read.consumed - base}`,
      ],
    }
  }

  function read(): Promise<LedgerView | null> {
    if (reading !== null) return reading
    const one = readNow().finally(() => {
      if (reading === one) reading = null
    })
    reading = one
    return one
  }

  return {
    begin,
    forget() {
      begin()
      lakes += 1
      reading = null
      last = null
      readAt = Number.NEGATIVE_INFINITY
    },
    tick(view) {
      follow(view)
      const stale = last === null ? newest !== null : newest !== null && newest !== last.head
      const due = performance.now() - readAt >= Math.max(PACE_MS, tookMs * PACE_FACTOR)
      if (stale && due && reading === null) read().catch(() => {})
    },
    read,
    async fresh(view) {
      follow(view)
      const stale = last === null || (newest !== null && newest !== last.head)
      return stale ? read() : last
    },
    sums(view) {
      if (last === null) return null
      const { at, consumed, written, deadLettered, skipped, gap, since, whole, commits, problems } = last
      const run = view.rows + view.rejected + view.skipped
      const pending = base === null ? 0 : Math.max(0, base + run - consumed)
      return {
        at,
        consumed: consumed + pending,
        written,
        deadLettered,
        skipped,
        gap,
        since,
        whole,
        commits,
        pending,
        problems: problems.length,
      }
    },
  }
}
