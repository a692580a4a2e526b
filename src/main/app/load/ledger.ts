import type { LedgerPartition, LedgerView } from '../../../shared/monitor.ts'
import { ancestors, headSnapshot } from '../../iceberg/metadata.ts'
import type { Snapshot, TableMetadata } from '../../iceberg/types.ts'
import { readPositions } from '../../ingest/offsets.ts'

interface Entry {
  readonly id: string
  readonly at: number
  readonly ranges: readonly (readonly [partition: number, start: bigint, end: bigint])[]
  readonly messages: number
  readonly accepted: number
  readonly rejected: number
  readonly skipped: number
  /** Rows that the table counted. */
  readonly added: number
}

interface History {
  /** Oldest first. */
  readonly entries: readonly Entry[]
  /** False where older snapshots have expired. */
  readonly whole: boolean
}

/**
 * Sums up what the snapshots of both tables say of one pipeline's present topic; reads nothing but the metadata given.
 * Null where the pipeline never committed to raw. `now` is when both were loaded, ms since the epoch.
 */
export function readLedger(
  raw: TableMetadata,
  errors: TableMetadata,
  pipeline: string,
  now: number,
): LedgerView | null {
  const log = newestLog(raw, pipeline)
  if (log === null) return null
  const written = historyOf(raw, pipeline, log)
  const newest = written.entries.at(-1)
  if (newest === undefined) return null
  const positions = readPositions(raw, pipeline)
  const accepted = positions?.accepted ?? []
  const given = accepted.filter(({ kind }) => kind === 'gap')
  const problems: string[] = []
  const { partitions, next } = follow(written, (partition, from, to) =>
    given.some(({ detail }) => detail[partition] === `[${from}, ${to})`),
  )
  for (const { partition, missing } of partitions) {
    if (missing !== '0') problems.push(`partition ${partition}: ${missing} offsets are in no commit`)
  }
  const sum = (pick: (entry: Entry) => number, of: readonly Entry[] = written.entries): number =>
    of.reduce((total, entry) => total + pick(entry), 0)
  for (const entry of written.entries) {
    if (entry.added !== entry.accepted)
      problems.push(`raw snapshot ${entry.id} holds ${entry.added} rows, its ledger says ${entry.accepted}`)
  }
  const letters = historyOf(errors, pipeline, log)
  // A load that was cut, or is, between its two commits: raw follows.
  const landed = letters.entries.filter(({ ranges }) =>
    ranges.every(([partition, , end]) => end <= (next.get(partition) ?? 0n)),
  )
  const anew = accepted.some(({ kind, detail }) => kind === 'table' || detail.cause === 'rollback')
  const comparable = written.whole && letters.whole && !anew
  const skipped = sum((entry) => entry.skipped)
  // What was skipped had been dead-lettered by a load that was cut before raw's commit.
  const deadLettered = comparable
    ? sum((entry) => entry.added, landed) - skipped
    : sum((entry) => entry.rejected)
  const consumed = sum((entry) => entry.accepted + entry.rejected + entry.skipped)
  const rows = sum((entry) => entry.added)
  const gap = consumed - rows - deadLettered - skipped
  if (gap !== 0 && problems.length === 0) {
    problems.push(
      `the errors table holds ${deadLettered + skipped} dead letters, raw's ledger counts ${sum((entry) => entry.rejected) + skipped}`,
    )
  }
  return {
    at: now,
    head: newest.id,
    pipeline,
    topic: log[1] ?? '',
    commits: written.entries.length,
    since: written.entries[0]?.at ?? null,
    whole: written.whole,
    consumed,
    written: rows,
    deadLettered,
    skipped,
    gap,
    messages: sum((entry) => entry.messages),
    accepted: String(given.reduce((total, { detail }) => total + BigInt(detail.missing ?? 0), 0n)),
    problems,
    partitions,
  }
}

const LOG_KEYS = ['tarn.kafka.cluster', 'tarn.kafka.topic', 'tarn.kafka.topic-id'] as const

/** Cluster, topic and topic id of the newest commit. */
function newestLog(metadata: TableMetadata, pipeline: string): (string | undefined)[] | null {
  const head = headSnapshot(metadata)
  if (head === null) return null
  for (const { summary } of ancestors(metadata, head['snapshot-id'])) {
    if (summary['tarn.pipeline'] === pipeline && summary['tarn.kafka.offsets'] !== undefined)
      return LOG_KEYS.map((key) => summary[key])
  }
  return null
}

function historyOf(metadata: TableMetadata, pipeline: string, log: readonly (string | undefined)[]): History {
  const entries: Entry[] = []
  const head = headSnapshot(metadata)
  if (head === null) return { entries, whole: true }
  let oldest: Snapshot = head
  for (const snapshot of ancestors(metadata, head['snapshot-id'])) {
    oldest = snapshot
    const { summary } = snapshot
    const ours = summary['tarn.pipeline'] === pipeline && summary['tarn.kafka.offsets'] !== undefined
    if (ours && LOG_KEYS.every((key, i) => summary[key] === log[i])) entries.push(entryOf(snapshot))
  }
  return { entries: entries.reverse(), whole: oldest['parent-snapshot-id'] === undefined }
}

function entryOf(snapshot: Snapshot): Entry {
  const { summary } = snapshot
  const ranges = JSON.parse(summary['tarn.kafka.offsets'] ?? '{}') as Record<string, [string, string]>
  const number = (key: string): number => Number(summary[key] ?? 0)
  return {
    id: String(snapshot['snapshot-id']),
    at: Number(snapshot['timestamp-ms']),
    ranges: Object.entries(ranges).map(([partition, [start, end]]) => [
      Number(partition),
      BigInt(start),
      BigInt(end),
    ]),
    messages: number('tarn.messages'),
    accepted: number('tarn.rows.accepted'),
    rejected: number('tarn.rows.rejected'),
    skipped: number('tarn.rows.skipped'),
    added: number('added-records'),
  }
}

/** Per partition what the ranges cover, one after the other, and the next offset of each. */
function follow(
  { entries }: History,
  given: (partition: number, from: bigint, to: bigint) => boolean,
): { partitions: LedgerPartition[]; next: Map<number, bigint> } {
  const spans = new Map<
    number,
    { from: bigint; to: bigint; consumed: bigint; missing: bigint; given: bigint }
  >()
  for (const { ranges } of entries) {
    for (const [partition, start, end] of ranges) {
      const span = spans.get(partition) ?? { from: start, to: start, consumed: 0n, missing: 0n, given: 0n }
      if (start > span.to) {
        if (given(partition, span.to, start)) span.given += start - span.to
        else span.missing += start - span.to
      }
      span.consumed += end - start
      if (end > span.to) span.to = end
      spans.set(partition, span)
    }
  }
  return {
    partitions: Array.from(spans, ([partition, span]) => ({
      partition,
      from: String(span.from),
      to: String(span.to),
      consumed: String(span.consumed),
      missing: String(span.missing),
      accepted: String(span.given),
    })).sort((a, b) => a.partition - b.partition),
    next: new Map(Array.from(spans, ([partition, { to }]) => [partition, to])),
  }
}
