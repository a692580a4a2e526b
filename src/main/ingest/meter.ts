/** What a load did so far, for the live status and the summary. */
import type { Fault } from '../../shared/errors.ts'
import type { CommitView, LoadView } from '../../shared/model.ts'
import type { RefusalView, RollupCommit, TroubleView } from '../../shared/monitor.ts'
import type { TableRole } from '../../shared/tables.ts'
import type { AddResult } from './accumulator.ts'
import { Waiting } from './waiting.ts'

/** A load's live status; what its job adds (state, id, times) is not part of it. */
export interface LoadStatus extends Omit<LoadView, 'state' | 'jobId' | 'startedAt' | 'endedAt'> {
  readonly paused: boolean
  /** Dead letters committed, by error type. */
  readonly rejects: Readonly<Record<string, number>>
}

interface PartitionMeter {
  /** First offset of this load. */
  readonly start: bigint
  position: bigint
  committed: bigint | null
  high: bigint | null
  messages: number
  rows: number
  rejected: number
  skipped: number
  readonly waiting: Waiting
}

/** What came with one call of the source. */
export interface ReadFacts {
  readonly messages: number
  readonly bytes: number
  readonly next: bigint
  /** The batch that it goes into. */
  readonly batch: object
  /** Times of the first and the last message, ms since the epoch; 0 where unknown. */
  readonly first: number
  readonly last: number
}

const RECENT = 50
/** Partitions above which the live status leaves a commit's ranges out. */
const RANGES = 32
const RATE_MS = 5_000

export class Meter {
  readonly totals = { messages: 0, rows: 0, rejected: 0, skipped: 0, warnings: 0, bytes: 0 }
  readonly commits: Record<TableRole, number> = { raw: 0, errors: 0, daily: 0, weekly: 0, monthly: 0 }
  readonly partitions = new Map<number, PartitionMeter>()
  readonly #recent: CommitView[] = []
  readonly #rejects = new Map<string, number>()
  readonly #rollups: RollupCommit[] = []
  #landed = 0
  /** Totals at moments of the last seconds, oldest first. */
  readonly #marks: { at: number; messages: number; rows: number; bytes: number }[] = []
  readonly #now: () => number

  /** @param now ms of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now
    this.#mark()
  }

  begin(partition: number, position: bigint, committed: bigint | null, high: bigint | null): void {
    this.partitions.set(partition, {
      start: position,
      position,
      committed,
      high,
      messages: 0,
      rows: 0,
      rejected: 0,
      skipped: 0,
      waiting: new Waiting(),
    })
  }

  read(partition: number, { messages, bytes, next, batch, first, last }: ReadFacts): void {
    const meter = this.partitions.get(partition)
    if (meter !== undefined) {
      if (messages > 0) meter.waiting.read(batch, next, first, last)
      meter.position = next
      meter.messages += messages
      if (meter.high === null || meter.high < next) meter.high = next
    }
    this.totals.messages += messages
    this.totals.bytes += bytes
  }

  added(partition: number, result: AddResult): void {
    const meter = this.partitions.get(partition)
    if (meter !== undefined) {
      meter.rows += result.rows
      meter.rejected += result.rejected
      meter.skipped += result.skipped
    }
    this.totals.rows += result.rows
    this.totals.rejected += result.rejected
    this.totals.skipped += result.skipped
    this.totals.warnings += result.warnings
    this.#mark()
  }

  committed(commits: readonly CommitView[], rejects: ReadonlyMap<string, number>): void {
    for (const commit of commits) {
      this.commits[commit.role] += 1
      this.#recent.unshift(commit)
      if (commit.role !== 'raw') continue
      for (const { partition, end } of commit.ranges) {
        const meter = this.partitions.get(partition)
        if (meter === undefined) continue
        meter.committed = BigInt(end)
        meter.waiting.landed(meter.committed)
      }
      const { accepted = 0, rejected = 0, skipped = 0 } = commit.counts ?? {}
      this.#landed += accepted + rejected + skipped
    }
    this.#recent.splice(RECENT)
    for (const [type, count] of rejects) this.#rejects.set(type, (this.#rejects.get(type) ?? 0) + count)
  }

  rolledUp(rollup: RollupCommit): void {
    this.#rollups.unshift(rollup)
    this.#rollups.splice(RECENT)
  }

  /** The end of a partition's log as just learnt. */
  learn(partition: number, high: bigint, now: number): void {
    const meter = this.partitions.get(partition)
    if (meter === undefined) return
    meter.high = high
    meter.waiting.learn(now, meter.position, high)
  }

  /** The newest commits with all their ranges. */
  commitsOf(snapshotId: string): CommitView | undefined {
    return this.#recent.find((commit) => commit.snapshotId === snapshotId)
  }

  /** @param wall ms since the epoch */
  view(
    wall: number,
    now: {
      readonly pipeline: string
      readonly source: LoadView['source']
      readonly bufferedBytes: number
      readonly budgetBytes: number
      readonly nextCommitInMs: number | null
      readonly paused: boolean
      readonly fault: Fault | null
      readonly troubles: readonly TroubleView[]
      readonly refusal: RefusalView | null
    },
  ): LoadStatus {
    this.#mark()
    const partitions = Array.from(this.partitions, ([partition, meter]) => {
      const { start, ...rest } = meter
      // What was read and is not committed yet is not in the table: it lags.
      const landed = meter.committed ?? start
      const lag = meter.high === null ? null : meter.high - landed
      const lagMs = meter.waiting.lagMs(wall, landed, meter.high)
      return { ...rest, partition, lag, lagMs }
    }).sort((a, b) => a.partition - b.partition)
    const known = partitions.filter(({ lag }) => lag !== null)
    return {
      ...now,
      ...this.totals,
      ...this.#rates(),
      commits: { ...this.commits },
      rejects: Object.fromEntries(this.#rejects),
      lastCommitAt: this.#recent[0]?.at ?? null,
      recentCommits: this.#recent.map((commit) =>
        commit.ranges.length > RANGES ? { ...commit, ranges: [] } : commit,
      ),
      rollups: [...this.#rollups],
      landed: this.#landed,
      lagMs: partitions.reduce<number | null>(
        (most, { lagMs }) => (lagMs === null ? most : Math.max(most ?? 0, Math.round(lagMs))),
        null,
      ),
      freshness: {
        committedMs: this.#recent.find(({ role }) => role === 'raw')?.age?.oldestMs ?? null,
        rolledUpMs: this.#rollups.find(({ oldestMs }) => oldestMs !== null)?.oldestMs ?? null,
      },
      partitions: partitions.map(({ position, committed, high, lag, lagMs, waiting: _, ...counts }) => ({
        lagMs: lagMs === null ? null : Math.round(lagMs),
        ...counts,
        position: String(position),
        committed: committed === null ? null : String(committed),
        high: high === null ? null : String(high),
        lag: lag === null ? null : String(lag < 0n ? 0n : lag),
      })),
      lag:
        known.length === 0
          ? null
          : String(known.reduce((sum, { lag }) => sum + (lag !== null && lag > 0n ? lag : 0n), 0n)),
    }
  }

  #mark(): void {
    const { messages, rows, bytes } = this.totals
    const at = this.#now()
    const last = this.#marks.at(-1)
    if (last !== undefined && at - last.at < 200) return
    this.#marks.push({ at, messages, rows, bytes })
    while (this.#marks.length > 2 && at - (this.#marks[1]?.at ?? at) > RATE_MS) this.#marks.shift()
  }

  #rates(): Pick<LoadView, 'messagesPerSecond' | 'rowsPerSecond' | 'bytesPerSecond'> {
    const first = this.#marks[0]
    const seconds = first === undefined ? 0 : (this.#now() - first.at) / 1000
    const rate = (total: number, then: number) => (seconds > 0 ? Math.round((total - then) / seconds) : 0)
    return {
      messagesPerSecond: rate(this.totals.messages, first?.messages ?? 0),
      rowsPerSecond: rate(this.totals.rows, first?.rows ?? 0),
      bytesPerSecond: rate(this.totals.bytes, first?.bytes ?? 0),
    }
  }
}
