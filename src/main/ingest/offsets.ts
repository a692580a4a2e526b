/**
 * Positions: the next offset to read of every partition, kept in the tables and nowhere else. Each commit stores them
 * twice, as the range of its snapshot's summary and as a table property; reading merges both by the greater offset.
 */
import { LakeError } from '../../shared/errors.ts'
import { ancestors, headSnapshot } from '../iceberg/metadata.ts'
import type { TableMetadata } from '../iceberg/types.ts'
import type { SourceIdentity } from '../source/source.ts'

export type Offsets = ReadonlyMap<number, bigint>

/** What one commit consumed of a partition: the half-open range [start, end). */
export interface Range {
  readonly start: bigint
  readonly end: bigint
}
export type Ranges = ReadonlyMap<number, Range>

/** What a table says of one pipeline. */
export interface Positions {
  readonly cluster: string
  readonly topic: string
  readonly topicId: string | null
  readonly next: Offsets
  /** UUIDs of the two tables that are loaded together; empty where not known. */
  readonly tables: { readonly raw: string; readonly errors: string }
  /** Every refusal that a user decided, and a chosen start, oldest first. */
  readonly accepted: readonly Accepted[]
}

/** A refusal that the user overrode, or a start other than the log's own: kept for good. */
export interface Accepted {
  readonly kind: 'gap' | 'topic' | 'cluster' | 'table' | 'rollback' | 'start'
  /** ms since the epoch. */
  readonly at: number
  /** What was given up or taken in its place: lost ranges, the new id. */
  readonly detail: Readonly<Record<string, string>>
}

export interface Counts {
  /** Rows. */
  readonly accepted: number
  readonly rejected: number
  /** Rows that their table had already. */
  readonly skipped: number
  readonly messages: number
}

export const offsetsProperty = (pipeline: string): string => `tarn.offsets.${pipeline}`
/** What the positions do not hold: topic id, the tables' UUIDs, accepted refusals. */
const sourceProperty = (pipeline: string): string => `tarn.source.${pipeline}`

/** The positions of `pipeline` in a table; null where it never committed to it. CORRUPT where they cannot be read. */
export function readPositions(metadata: TableMetadata, pipeline: string): Positions | null {
  const stored = parseProperty(metadata, offsetsProperty(pipeline), readOffsets)
  const extra = parseProperty(metadata, sourceProperty(pipeline), readExtra)
  const summary = fromSummaries(metadata, pipeline)
  const base = stored ?? summary
  if (base === null) return null
  const same = summary !== null && summary.cluster === base.cluster && summary.topic === base.topic
  // Offsets of a topic made anew start again: only the property knows that.
  const anew = countAnew(extra?.accepted ?? []) > 0
  return {
    ...base,
    next: same && !(anew && stored !== null) ? merge(base.next, summary.next) : base.next,
    topicId: extra?.topicId ?? null,
    tables: extra?.tables ?? { raw: '', errors: '' },
    accepted: extra?.accepted ?? [],
  }
}

/** Per partition the greater of both. */
export function merge(a: Offsets, b: Offsets): Map<number, bigint> {
  const merged = new Map(a)
  for (const [partition, next] of b) {
    const had = merged.get(partition)
    if (had === undefined || next > had) merged.set(partition, next)
  }
  return new Map(Array.from(merged).sort(([p], [q]) => p - q))
}

/**
 * What the table still has of `pipeline` where somebody set it back to an older snapshot: the property then names a commit
 * whose snapshot is in main's history no longer. Null where it is there, or where too much of the history has expired to
 * tell.
 */
export function rolledBack(metadata: TableMetadata, pipeline: string): Offsets | null {
  const { sequence } = parseProperty(metadata, sourceProperty(pipeline), readExtra) ?? {}
  if (sequence === undefined) return null
  const head = headSnapshot(metadata)
  let oldest = head
  for (const snapshot of head === null ? [] : ancestors(metadata, head['snapshot-id'])) {
    if (snapshot['sequence-number'] === sequence) return null
    oldest = snapshot
    if (snapshot['sequence-number'] < sequence) break
  }
  const cut = oldest !== null && oldest['sequence-number'] > sequence
  if (cut && oldest?.['parent-snapshot-id'] !== undefined) return null
  return fromSummaries(metadata, pipeline)?.next ?? new Map()
}

/**
 * The table properties of a commit: `ours` merged over what the table has of the same topic, never lowered unless a user
 * decided so.
 */
export function positionProperties(
  metadata: TableMetadata,
  pipeline: string,
  ours: Positions,
): Record<string, string> {
  const current = readPositions(metadata, pipeline)
  const goesOn =
    current !== null && sameTopic(current, ours) && countAnew(current.accepted) === countAnew(ours.accepted)
  const back = goesOn && count(current.accepted, 'rollback') !== count(ours.accepted, 'rollback')
  const had = back ? fromSummaries(metadata, pipeline)?.next : goesOn ? current.next : undefined
  const next = merge(had ?? new Map(), ours.next)
  const { cluster, topic, topicId, tables, accepted } = ours
  // Of the commit that sets this: tells later whether it is still part of the table's history.
  const sequence = metadata['format-version'] > 1 ? metadata['last-sequence-number'] + 1 : undefined
  return {
    [offsetsProperty(pipeline)]: JSON.stringify({ cluster, topic, next: texts(next) }),
    [sourceProperty(pipeline)]: JSON.stringify({ topicId, tables, accepted, sequence }),
  }
}

/** The ledger of a commit, for its snapshot's summary. */
export function ledger(
  pipeline: string,
  identity: SourceIdentity,
  ranges: Ranges,
  counts: Counts,
): Record<string, string> {
  const offsets: Record<string, [string, string]> = {}
  for (const [partition, { start, end }] of ranges) offsets[partition] = [String(start), String(end)]
  return {
    'tarn.pipeline': pipeline,
    'tarn.kafka.cluster': identity.cluster,
    'tarn.kafka.topic': identity.topic,
    ...(identity.topicId === null ? {} : { 'tarn.kafka.topic-id': identity.topicId }),
    'tarn.kafka.offsets': JSON.stringify(offsets),
    'tarn.messages': String(counts.messages),
    'tarn.rows.accepted': String(counts.accepted),
    'tarn.rows.rejected': String(counts.rejected),
    'tarn.rows.skipped': String(counts.skipped),
  }
}

/** Whether both are the same log: unknown topic ids are taken on trust. */
export function sameTopic(
  a: Pick<SourceIdentity, 'cluster' | 'topic' | 'topicId'>,
  b: Pick<SourceIdentity, 'cluster' | 'topic' | 'topicId'>,
): boolean {
  return (
    a.cluster === b.cluster &&
    a.topic === b.topic &&
    (a.topicId === null || b.topicId === null || a.topicId === b.topicId)
  )
}

/** How often a user let offsets begin anew. */
function countAnew(accepted: readonly Accepted[]): number {
  return count(accepted, 'topic') + count(accepted, 'cluster')
}

function count(accepted: readonly Accepted[], wanted: Accepted['kind']): number {
  return accepted.filter(({ kind }) => kind === wanted).length
}

function texts(offsets: Offsets): Record<string, string> {
  return Object.fromEntries(Array.from(offsets, ([partition, next]) => [String(partition), String(next)]))
}

interface Stored {
  readonly cluster: string
  readonly topic: string
  readonly next: Offsets
}

/** The greatest end of every partition over main's history, for the topic of the newest commit. */
function fromSummaries(metadata: TableMetadata, pipeline: string): Stored | null {
  const head = headSnapshot(metadata)
  if (head === null) return null
  let newest: Readonly<Record<string, string>> | null = null
  let next: Offsets = new Map()
  for (const { summary } of ancestors(metadata, head['snapshot-id'])) {
    const text = summary['tarn.kafka.offsets']
    if (summary['tarn.pipeline'] !== pipeline || text === undefined) continue
    newest ??= summary
    if (TOPIC_KEYS.some((key) => newest?.[key] !== summary[key])) break
    next = merge(next, readRanges(metadata, text))
  }
  if (newest === null) return null
  return { cluster: newest['tarn.kafka.cluster'] ?? '', topic: newest['tarn.kafka.topic'] ?? '', next }
}

const TOPIC_KEYS = ['tarn.kafka.cluster', 'tarn.kafka.topic', 'tarn.kafka.topic-id']

function readRanges(metadata: TableMetadata, text: string): Offsets {
  return guard(metadata, 'tarn.kafka.offsets', text, () => {
    const parsed = JSON.parse(text) as Record<string, readonly [string, string]>
    return new Map(Object.entries(parsed).map(([partition, [, end]]) => [Number(partition), BigInt(end)]))
  })
}

function parseProperty<T>(metadata: TableMetadata, name: string, read: (text: string) => T): T | null {
  const text = metadata.properties[name]
  return text === undefined ? null : guard(metadata, name, text, () => read(text))
}

function readOffsets(text: string): Stored {
  const { cluster, topic, next } = JSON.parse(text) as {
    cluster: string
    topic: string
    next: Record<string, string>
  }
  if (typeof cluster !== 'string' || typeof topic !== 'string')
    throw new TypeError('cluster or topic is missing')
  return {
    cluster,
    topic,
    next: new Map(Object.entries(next).map(([partition, offset]) => [Number(partition), BigInt(offset)])),
  }
}

interface Extra extends Pick<Positions, 'topicId' | 'tables' | 'accepted'> {
  /** Sequence number of the commit that set the positions; absent in tables of format 1. */
  readonly sequence: number | undefined
}

function readExtra(text: string): Extra {
  const { topicId, tables, accepted, sequence } = JSON.parse(text) as Partial<Extra>
  return {
    topicId: topicId ?? null,
    tables: { raw: tables?.raw ?? '', errors: tables?.errors ?? '' },
    accepted: accepted ?? [],
    sequence,
  }
}

function guard<T>(metadata: TableMetadata, name: string, text: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new LakeError('CORRUPT', `the positions in ${metadata.location} cannot be read: ${name}`, {
      context: { table: metadata.location, name, value: text.slice(0, 200) },
      likely: 'another tool changed the property',
      remedy: `put ${name} right, or remove it: the snapshots hold the positions too`,
      cause,
    })
  }
}
