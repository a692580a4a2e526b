import type { LedgerLine } from '../../../shared/model.ts'
import { ancestors, headSnapshot } from '../../iceberg/metadata.ts'
import type { Batch } from '../../iceberg/read.ts'
import { planScan } from '../../iceberg/scan.ts'
import type { Snapshot, TableMetadata } from '../../iceberg/types.ts'
import { type Accepted, type Offsets, readPositions } from '../../ingest/offsets.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Differences } from './differences.ts'
import { forEachBatch } from './read.ts'

export interface LedgerTables {
  readonly raw: TableMetadata
  readonly errors: TableMetadata
}

export interface LedgerCheck {
  readonly lines: readonly LedgerLine[]
  readonly checked: { readonly commits: number; readonly deadLetters: number }
}

/** One snapshot's ledger entry (contract: what a commit leaves behind). */
interface Entry {
  readonly snapshot: Snapshot
  readonly pipeline: string
  /** Cluster, topic and topic id: offsets of one are never compared with those of another. */
  readonly log: string
  readonly topic: string
  readonly ranges: ReadonlyMap<number, { readonly start: bigint; readonly end: bigint }>
  readonly messages: bigint | null
  readonly accepted: bigint
  readonly rejected: bigint
  readonly skipped: bigint
}

/**
 * Checks the conservation of messages and rows: raw's ranges follow each other per partition without gap or overlap,
 * never fall, and end where the positions say; each snapshot added as many rows as its ledger says; every dead letter
 * stands once, within what was consumed. Rows of raw cannot be told by partition (the table has no such columns): they
 * are balanced per topic.
 */
export async function verifyLedger(
  io: { readonly storage: Storage },
  tables: LedgerTables,
  differences: Differences,
  signal?: AbortSignal,
): Promise<LedgerCheck> {
  const raw = entriesOf(tables.raw, 'raw', differences)
  const errors = entriesOf(tables.errors, 'errors', differences)
  const letters = await deadLetters(io, tables.errors, differences, signal)
  const lines: LedgerLine[] = []
  for (const [name, entries] of Map.groupBy(raw, (entry) => `${entry.pipeline}\0${entry.log}`)) {
    const spans = followRanges(tables.raw, entries, differences)
    lines.push(...linesOf(name.split('\0')[0] ?? '', entries, spans, letters, errors, tables, differences))
  }
  checkPositions(tables, raw, differences)
  checkCounts(raw, 'raw', (entry) => entry.accepted, differences)
  checkCounts(errors, 'errors', (entry) => entry.rejected, differences)
  checkOutside(letters, raw, isWhole(tables.raw), differences)
  return { lines, checked: { commits: raw.length + errors.length, deadLetters: letters.rows } }
}

/** Ledger entries of main's history, oldest first. */
function entriesOf(metadata: TableMetadata, table: string, differences: Differences): Entry[] {
  const head = headSnapshot(metadata)
  const entries: Entry[] = []
  if (head === null) return entries
  for (const snapshot of ancestors(metadata, head['snapshot-id'])) {
    const { summary } = snapshot
    if (summary['tarn.kafka.offsets'] === undefined) continue
    try {
      entries.push(readEntry(snapshot))
    } catch {
      differences.add(`${table}: the ledger of snapshot ${snapshot['snapshot-id']} cannot be read`)
    }
  }
  return entries.reverse()
}

function readEntry(snapshot: Snapshot): Entry {
  const { summary } = snapshot
  const ranges = JSON.parse(summary['tarn.kafka.offsets'] ?? '{}') as Record<string, [string, string]>
  const topic = summary['tarn.kafka.topic'] ?? ''
  return {
    snapshot,
    topic,
    pipeline: summary['tarn.pipeline'] ?? '',
    log: [summary['tarn.kafka.cluster'], topic, summary['tarn.kafka.topic-id'] ?? ''].join('/'),
    ranges: new Map(
      Object.entries(ranges).map(([partition, [start, end]]) => [
        Number(partition),
        { start: BigInt(start), end: BigInt(end) },
      ]),
    ),
    messages: summary['tarn.messages'] === undefined ? null : BigInt(summary['tarn.messages']),
    accepted: BigInt(summary['tarn.rows.accepted'] ?? 0),
    rejected: BigInt(summary['tarn.rows.rejected'] ?? 0),
    skipped: BigInt(summary['tarn.rows.skipped'] ?? 0),
  }
}

interface Span {
  readonly from: bigint
  readonly to: bigint
  /** Offsets in ranges, gaps left out. */
  readonly consumed: bigint
  readonly whole: boolean
}

/** Per partition what the ranges of one log cover; gaps, overlaps and falls are differences unless a user accepted them. */
function followRanges(
  metadata: TableMetadata,
  entries: readonly Entry[],
  differences: Differences,
): Map<number, Span> {
  const accepted = readPositions(metadata, entries[0]?.pipeline ?? '')?.accepted ?? []
  const spans = new Map<number, Span>()
  for (const { snapshot, ranges, topic } of entries) {
    for (const [partition, { start, end }] of ranges) {
      const place = `${topic}/${partition}, raw snapshot ${snapshot['snapshot-id']}`
      const before = spans.get(partition)
      let whole = before?.whole ?? true
      const fail = (text: string): void => {
        differences.add(`${place}: ${text}`)
        whole = false
      }
      if (end < start) fail(`the range [${start}, ${end}) ends before it starts`)
      if (before !== undefined && start > before.to && !isAccepted(accepted, partition, before.to, start)) {
        fail(`gap of ${start - before.to} offsets, [${before.to}, ${start})`)
      } else if (before !== undefined && start < before.to && !begunAnew(accepted)) {
        fail(`offsets [${start}, ${earlier(end, before.to)}) were consumed before`)
      }
      spans.set(partition, {
        from: before?.from ?? start,
        to: end,
        consumed: (before?.consumed ?? 0n) + end - start,
        whole,
      })
    }
  }
  return spans
}

function isAccepted(accepted: readonly Accepted[], partition: number, from: bigint, to: bigint): boolean {
  return accepted.some(({ kind, detail }) => kind === 'gap' && detail[partition] === `[${from}, ${to})`)
}

function begunAnew(accepted: readonly Accepted[]): boolean {
  return accepted.some(({ kind }) => kind === 'topic' || kind === 'cluster')
}

interface DeadLetters {
  readonly rows: number
  /** Rows by topic and partition. */
  readonly counts: ReadonlyMap<string, number>
  /** Least and greatest offset by topic and partition. */
  readonly offsets: ReadonlyMap<string, { readonly least: bigint; readonly greatest: bigint }>
}

const LETTER_COLUMNS = ['error_id', 'kafka_topic', 'kafka_partition', 'kafka_offset']

/** Counts dead letters; an `error_id` that stands twice is a difference. */
async function deadLetters(
  io: { readonly storage: Storage },
  metadata: TableMetadata,
  differences: Differences,
  signal: AbortSignal | undefined,
): Promise<DeadLetters> {
  const counts = new Map<string, number>()
  const offsets = new Map<string, { least: bigint; greatest: bigint }>()
  const seen = new Set<string>()
  const plan = await planScan(io, metadata, signal === undefined ? {} : { signal })
  const [id, topic, partition, offset] = LETTER_COLUMNS.map(
    (name) => plan.schema.fields.find((field) => field.name === name)?.id ?? -1,
  ) as [number, number, number, number]
  const visit = (batch: Batch): void => {
    for (let i = 0; i < batch.rows; i++) {
      const errorId = String(batch.columns.get(id)?.[i])
      const place = `${batch.columns.get(topic)?.[i]}/${batch.columns.get(partition)?.[i]}`
      const at = batch.columns.get(offset)?.[i] as bigint
      if (seen.has(errorId))
        differences.add(`errors: dead letter ${errorId} (${place} offset ${at}) stands twice`)
      seen.add(errorId)
      counts.set(place, (counts.get(place) ?? 0) + 1)
      const known = offsets.get(place) ?? { least: at, greatest: at }
      if (at < known.least) known.least = at
      if (at > known.greatest) known.greatest = at
      offsets.set(place, known)
    }
  }
  const rows = await forEachBatch(io, metadata, plan, LETTER_COLUMNS, differences, visit, signal)
  return { rows, counts, offsets }
}

function linesOf(
  pipeline: string,
  entries: readonly Entry[],
  spans: ReadonlyMap<number, Span>,
  letters: DeadLetters,
  errors: readonly Entry[],
  tables: LedgerTables,
  differences: Differences,
): LedgerLine[] {
  const topic = entries[0]?.topic ?? ''
  const sum = (pick: (entry: Entry) => bigint): bigint =>
    entries.reduce((total, entry) => total + pick(entry), 0n)
  const consumed = [...spans.values()].reduce((total, span) => total + span.consumed, 0n)
  const rows = sum((entry) => entry.accepted)
  const rejected = sum((entry) => entry.rejected)
  const skipped = sum((entry) => entry.skipped)
  let whole = [...spans.values()].every((span) => span.whole)
  if (entries.every((entry) => entry.messages !== null)) {
    const messages = sum((entry) => entry.messages ?? 0n)
    // Fewer than offsets is in order: control records and compaction take offsets too.
    if (messages > consumed) {
      whole = false
      differences.add(`${topic}: the ledger counts ${messages} messages in ${consumed} offsets`)
    }
  }
  const found = [...spans.keys()].reduce(
    (total, partition) => total + (letters.counts.get(`${topic}/${partition}`) ?? 0),
    0,
  )
  const again = rejectedAgain(tables.errors)
  const onlyOurs =
    new Set([...entries, ...errors].map((entry) => `${entry.pipeline} ${entry.log}`)).size === 1
  // Rejected by a run that was cut before raw's commit, hence skipped by the next: in the table once all the same.
  if (
    onlyOurs &&
    isWhole(tables.raw) &&
    isWhole(tables.errors) &&
    isAppendOnly(tables.errors) &&
    !gaveUpRollback(tables.raw, pipeline) &&
    BigInt(found) !== rejected + skipped + again &&
    !isAhead(tables, pipeline)
  ) {
    whole = false
    differences.add(
      `${topic}: ${rejected} dead letters and ${skipped} skipped rows in the ledger${again === 0n ? '' : `, ${again} rejected again by replays`}, ${found} rows in the errors table`,
    )
  }
  const lines = [...spans].map(([partition, span]): LedgerLine => {
    const alone = spans.size === 1
    return {
      topic,
      partition,
      from: String(span.from),
      to: String(span.to),
      consumed: String(span.consumed),
      rows: alone ? String(rows) : '',
      rejected: String(alone ? rejected : (letters.counts.get(`${topic}/${partition}`) ?? 0)),
      skipped: alone ? String(skipped) : '',
      balanced: span.whole && (!alone || whole),
    }
  })
  lines.sort((a, b) => a.partition - b.partition)
  if (lines.length < 2) return lines
  const total = {
    from: '',
    to: '',
    consumed: String(consumed),
    rows: String(rows),
    rejected: String(rejected),
    skipped: String(skipped),
  }
  return [...lines, { topic, partition: ALL_PARTITIONS, ...total, balanced: whole }]
}

/** `partition` of the line that sums a topic up. */
const ALL_PARTITIONS = -1

/** What a replay writes in the summary of its commit to errors: letters of samples that were rejected again. */
const REPLAY_REJECTED = 'tarn.replay.rejected'

/** Letters that replays added, over the whole history of the errors table. */
function rejectedAgain(metadata: TableMetadata): bigint {
  const head = headSnapshot(metadata)
  if (head === null) return 0n
  let rows = 0n
  for (const { summary } of ancestors(metadata, head['snapshot-id']))
    rows += BigInt(summary[REPLAY_REJECTED] ?? 0)
  return rows
}

function isAppendOnly(metadata: TableMetadata): boolean {
  const head = headSnapshot(metadata)
  if (head === null) return true
  for (const { summary } of ancestors(metadata, head['snapshot-id'])) {
    const ledgered = summary['tarn.kafka.offsets'] !== undefined || summary[REPLAY_REJECTED] !== undefined
    const ours = summary.operation === 'append' && ledgered
    if (!ours && summary.operation !== 'replace') return false
  }
  return true
}

/** False where the beginning of the history has expired: what those commits took, nothing tells any more. */
function isWhole(metadata: TableMetadata): boolean {
  const head = headSnapshot(metadata)
  if (head === null) return true
  const oldest = [...ancestors(metadata, head['snapshot-id'])].at(-1)
  return oldest?.['parent-snapshot-id'] === undefined
}

/** True where a user gave up rows that a rollback took: their dead letters stay without a ledger in raw. */
function gaveUpRollback(raw: TableMetadata, pipeline: string): boolean {
  return readPositions(raw, pipeline)?.accepted.some(({ detail }) => detail.cause === 'rollback') ?? false
}

/** True where a run was cut between the commits to errors and to raw: the next load brings raw up. */
function isAhead(tables: LedgerTables, pipeline: string): boolean {
  const raw: Offsets = readPositions(tables.raw, pipeline)?.next ?? new Map()
  const errors: Offsets = readPositions(tables.errors, pipeline)?.next ?? new Map()
  return [...errors].some(([partition, next]) => next > (raw.get(partition) ?? 0n))
}

/** The property that a load starts from must not be behind what the snapshots say was consumed. */
function checkPositions(tables: LedgerTables, raw: readonly Entry[], differences: Differences): void {
  for (const pipeline of new Set(raw.map((entry) => entry.pipeline))) {
    const text = tables.raw.properties[`tarn.offsets.${pipeline}`]
    if (text === undefined) {
      differences.add(`raw: the positions of pipeline ${pipeline} are missing from the table's properties`)
      continue
    }
    const next = (JSON.parse(text) as { next?: Record<string, string> }).next ?? {}
    const newest = raw.findLast((entry) => entry.pipeline === pipeline)
    for (const [partition, { end }] of newest?.ranges ?? []) {
      if (next[partition] !== undefined && BigInt(next[partition]) >= end) continue
      differences.add(
        `${newest?.topic}/${partition}: the position ${next[partition] ?? 'none'} is behind the consumed offset ${end}`,
      )
    }
  }
}

function checkCounts(
  entries: readonly Entry[],
  table: string,
  rowsOf: (entry: Entry) => bigint,
  differences: Differences,
): void {
  for (const entry of entries) {
    const added = entry.snapshot.summary['added-records'] ?? '0'
    if (BigInt(added) === rowsOf(entry)) continue
    differences.add(
      `${table}: snapshot ${entry.snapshot['snapshot-id']} added ${added} rows, its ledger says ${rowsOf(entry)}`,
    )
  }
}

/** A dead letter of an offset that no ledger covers was not consumed by us, or its ledger is lost. */
function checkOutside(
  letters: DeadLetters,
  raw: readonly Entry[],
  whole: boolean,
  differences: Differences,
): void {
  for (const [place, { least, greatest }] of letters.offsets) {
    const ranges = raw.flatMap((entry) =>
      [...entry.ranges]
        .filter(([partition]) => `${entry.topic}/${partition}` === place)
        .map(([, range]) => range),
    )
    const covered = (at: bigint): boolean => ranges.some(({ start, end }) => at >= start && at < end)
    if (ranges.length === 0 || covered(greatest)) continue
    const end = ranges.map((range) => range.end).reduce(later, 0n)
    if (greatest >= end) {
      differences.add(
        `errors: dead letters of ${place} reach offset ${greatest}, raw's ledger ends at ${end}: a load was cut between both commits, the next one mends it`,
      )
    } else if (whole && !covered(least))
      differences.add(`errors: the dead letter of ${place} offset ${least} is in no ledger`)
  }
}

function later(a: bigint, b: bigint): bigint {
  if (a > b) return a
  return b
}

function earlier(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}
