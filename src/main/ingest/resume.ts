/**
 * Where a load begins, decided once before the first message. What cannot go on without losing or repeating messages is
 * refused with the exact range and the flag that accepts it.
 */
import { LakeError } from '../../shared/errors.ts'
import type { SourceIdentity, Watermark } from '../source/source.ts'
import type { Accepted, Offsets, Positions } from './offsets.ts'
import { sameTopic } from './offsets.ts'

/** What the user decided of refusals. */
export interface Acceptance {
  /** Number of messages that the refusal named. */
  readonly gap?: bigint
  readonly topic?: string
  readonly cluster?: string
  readonly table?: string
  /** Number of messages that the table lost when it was set back: they are loaded again. */
  readonly rollback?: bigint
  /** With a refusal accepted: what waits in the source is given up too, and loading begins with what comes. */
  readonly newest?: boolean
}

/** Where a loader without a position begins, if not at the source's earliest or newest. */
export interface ChosenStart {
  /** As the user said it, for the ledger: `2026-05-13T00:00:00Z`, `0:100,1:250`. */
  readonly text: string
  /** Next offset to read; partitions without one begin as `reset` says. */
  readonly offsets: ReadonlyMap<number, bigint>
}

export interface ResumeInput {
  readonly pipeline: string
  readonly identity: SourceIdentity
  readonly watermarks: ReadonlyMap<number, Watermark>
  readonly raw: Positions | null
  readonly errors: Positions | null
  /** UUIDs of the tables as they are now. */
  readonly tables: { readonly raw: string; readonly errors: string }
  readonly reset: 'earliest' | 'latest'
  readonly startAt?: ChosenStart | null
  /** What the raw table still has where somebody set it back to an older snapshot. */
  readonly rolledBack?: Offsets | null
  readonly accept: Acceptance
  /** ms since the epoch. */
  readonly now: number
}

export interface Resume {
  /** Every partition's first offset to read. */
  readonly start: ReadonlyMap<number, bigint>
  /** Below these the table of dead letters has its rows already. */
  readonly errorsFrom: ReadonlyMap<number, bigint>
  /** True where a user decided something for this load: kept with its first commit, even if there is nothing to read. */
  readonly decided: boolean
  /** The whole history of accepted refusals, for the next commits. */
  readonly accepted: readonly Accepted[]
}

/**
 * Dead letters are committed before rows, so raw's position says where to begin; the other table's is at or beyond it
 * wherever a load was cut between its two commits. Throws GAP, TOPIC_REPLACED, CLUSTER_REPLACED or TABLE_REPLACED.
 */
export function decideResume(input: ResumeInput): Resume {
  const { identity, watermarks, raw, errors, accept } = input
  const fresh: Accepted[] = []
  checkTables(input, fresh)
  const replaced = checkTopic(input, fresh)
  const known = replaced ? null : positionsAfterRollback(input, fresh)
  const gaps: Gap[] = []
  const start = new Map<number, bigint>()
  for (const [partition, { low }] of watermarks) {
    const next = known?.get(partition)
    if (next !== undefined && next < low) gaps.push({ partition, from: next, to: low })
    start.set(partition, next === undefined ? firstOf(input, partition, known !== null) : later(next, low))
  }
  checkGaps(input, gaps, fresh)
  if (accept.newest === true) skipToNewest(input, start, known, fresh)
  const { startAt = null } = input
  if (raw === null && errors === null && startAt !== null)
    fresh.push({ kind: 'start', at: input.now, detail: { asked: startAt.text, ...offsetsText(start) } })
  const errorsFrom = new Map(start)
  if (errors !== null && sameTopic(errors, identity) && !startsOver(input, errors)) {
    for (const [partition, next] of errors.next) {
      if (next > (errorsFrom.get(partition) ?? 0n)) errorsFrom.set(partition, next)
    }
  }
  const accepted = [...longer(raw?.accepted, errors?.accepted), ...fresh]
  return { start, errorsFrom, decided: fresh.length > 0, accepted }
}

/** Where a partition begins that the table has no position of. One that was added later is read whole. */
function firstOf(input: ResumeInput, partition: number, later: boolean): bigint {
  const { low, high } = input.watermarks.get(partition) as Watermark
  if (later) return low
  const chosen =
    input.raw === null && input.errors === null ? input.startAt?.offsets.get(partition) : undefined
  if (chosen === undefined) return input.reset === 'latest' ? high : low
  if (chosen >= low && chosen <= high) return chosen
  throw new LakeError(
    'SETTING',
    `partition ${partition} cannot begin at offset ${chosen}: it holds ${low} to ${high}`,
    {
      context: {
        setting: 'TARN_START',
        partition,
        low: String(low),
        high: String(high),
        offset: String(chosen),
      },
      remedy: `Name an offset from ${low} to ${high} for partition ${partition}.`,
    },
  )
}

/** Loading begins with what comes: what was not read by then is recorded as given up. */
function skipToNewest(
  { watermarks, now, accept }: ResumeInput,
  start: Map<number, bigint>,
  known: Offsets | null,
  fresh: Accepted[],
): void {
  if (accept.gap === undefined && accept.topic === undefined && accept.cluster === undefined) {
    throw new LakeError('USAGE', 'the newest message is chosen together with what a refusal asked for', {
      context: { flag: '--start-newest' },
      remedy:
        'Add the flag that the refusal named; a loader without positions takes KAFKA_AUTO_OFFSET_RESET.',
    })
  }
  const skipped: Gap[] = []
  for (const [partition, from] of start) {
    const to = watermarks.get(partition)?.high ?? from
    if (to > from) skipped.push({ partition, from: known?.get(partition) ?? from, to })
    start.set(partition, to)
  }
  // One range a partition from our position on: what retention took and what is passed over.
  const before = fresh.findIndex(({ kind }) => kind === 'gap')
  if (before >= 0) fresh.splice(before, 1)
  if (skipped.length > 0) fresh.push(gapRecord(skipped, now))
}

/**
 * The positions of raw; where the table was set back, as the user decided. Throws TABLE_ROLLED_BACK where that is open:
 * the rows of those messages are no longer in the table, its positions say that they are.
 */
function positionsAfterRollback(
  { raw, rolledBack, watermarks, accept, now }: ResumeInput,
  fresh: Accepted[],
) {
  if (raw === null || rolledBack === undefined || rolledBack === null) return raw?.next ?? null
  const lost: Gap[] = []
  for (const [partition, to] of raw.next) {
    const from = rolledBack.get(partition) ?? watermarks.get(partition)?.low ?? 0n
    if (to > from) lost.push({ partition, from, to })
  }
  if (lost.length === 0) return raw.next
  const record = gapRecord(lost, now)
  const missing = sumOf(lost)
  if (accept.rollback === missing) {
    fresh.push({ ...record, kind: 'rollback' })
    return new Map(
      Array.from(raw.next, ([partition, next]) => [partition, rolledBackTo(lost, partition) ?? next]),
    )
  }
  if (accept.gap === missing) {
    // Their dead letters may still be in the other table: its rows are then more than raw's ledger counts.
    fresh.push({ ...record, detail: { ...record.detail, cause: 'rollback' } })
    return raw.next
  }
  throw new LakeError(
    'TABLE_ROLLED_BACK',
    `the raw table was set back to an older snapshot: ${missing} loaded messages are no longer in it: ${rangesText(lost)}`,
    {
      context: { missing: String(missing), ranges: rangesText(lost), flag: `--accept-rollback ${missing}` },
      likely: 'another tool rolled the table back, which its positions do not follow',
      remedy: `to load them again, add --accept-rollback ${missing}; to leave them out for good, add --accept-gap ${missing}`,
    },
  )
}

const rolledBackTo = (lost: readonly Gap[], partition: number): bigint | undefined =>
  lost.find((gap) => gap.partition === partition)?.from

function checkTables(input: ResumeInput, fresh: Accepted[]): void {
  const { raw, errors, tables, accept } = input
  // A table that was made anew remembers nothing; the other one still knows its old UUID.
  const pairs = [
    { name: 'raw', was: raw === null ? (errors?.tables.raw ?? '') : '', now: tables.raw },
    { name: 'errors', was: errors === null ? (raw?.tables.errors ?? '') : '', now: tables.errors },
  ]
  for (const { name, was, now } of pairs) {
    if (was === '' || was === now) continue
    if (accept.table !== now) {
      throw new LakeError(
        'TABLE_REPLACED',
        `the ${name} table was dropped and made again: ${was} is now ${now}`,
        {
          context: { table: name, was, now, flag: `--accept-table ${now}` },
          likely: 'someone dropped the table; going on would load everything into the new one',
          remedy: `to go on with the new table, add --accept-table ${now}`,
        },
      )
    }
    fresh.push({ kind: 'table', at: input.now, detail: { table: name, was, now } })
  }
}

/** True where the user accepted that offsets begin anew. */
function checkTopic(input: ResumeInput, fresh: Accepted[]): boolean {
  const { raw, errors, identity, accept, pipeline } = input
  const was = raw ?? errors
  if (was === null) return false
  if (was.cluster !== identity.cluster) {
    if (accept.cluster !== identity.cluster) {
      throw new LakeError(
        'CLUSTER_REPLACED',
        `pipeline ${pipeline} was loaded from cluster ${was.cluster}; this is ${identity.cluster}`,
        {
          context: { was: was.cluster, now: identity.cluster, flag: `--accept-cluster ${identity.cluster}` },
          likely: 'the brokers were set up anew, or the settings name another source',
          remedy: `to load this source from its beginning, add --accept-cluster ${identity.cluster}; to keep both, give this one its own TARN_PIPELINE`,
        },
      )
    }
    fresh.push({ kind: 'cluster', at: input.now, detail: { was: was.cluster, now: identity.cluster } })
    return true
  }
  const id = identity.topicId ?? identity.topic
  const reason = sameTopic(was, identity)
    ? beyondEnd(input, was.next)
    : { was: nameOf(was), now: nameOf(identity) }
  if (reason === null) return false
  if (accept.topic !== id) {
    throw new LakeError(
      'TOPIC_REPLACED',
      `pipeline ${pipeline} was loaded from ${reason.was}; the topic is now ${reason.now}`,
      {
        context: { ...reason, topic: identity.topic, flag: `--accept-topic ${id}` },
        likely: 'the topic was deleted and made again, or the settings name another one',
        remedy: `to load it from its beginning, add --accept-topic ${id}; to keep both, give this one its own TARN_PIPELINE`,
      },
    )
  }
  fresh.push({ kind: 'topic', at: input.now, detail: { ...reason } })
  return true
}

function nameOf({ topic, topicId }: Pick<SourceIdentity, 'topic' | 'topicId'>): string {
  return topicId === null ? topic : `${topic} (${topicId})`
}

/** Evidence where ids tell nothing: a log that ends before what was read of it, or has fewer partitions. */
function beyondEnd({ watermarks }: ResumeInput, next: Offsets): { was: string; now: string } | null {
  for (const [partition, offset] of next) {
    const high = watermarks.get(partition)?.high
    if (high === undefined || offset > high) {
      return {
        was: `offset ${offset} of partition ${partition}`,
        now: high === undefined ? 'without that partition' : `${high} messages long`,
      }
    }
  }
  return null
}

function startsOver({ watermarks }: ResumeInput, errors: Positions): boolean {
  return Array.from(errors.next).some(([partition, next]) => next > (watermarks.get(partition)?.high ?? 0n))
}

interface Gap {
  readonly partition: number
  /** Half-open. */
  readonly from: bigint
  readonly to: bigint
}

function checkGaps(input: ResumeInput, gaps: readonly Gap[], fresh: Accepted[]): void {
  if (gaps.length === 0) return
  const missing = sumOf(gaps)
  if (input.accept.gap !== missing) {
    throw new LakeError(
      'GAP',
      `${missing} messages of ${input.identity.topic} are gone unread: ${rangesText(gaps)}`,
      {
        context: {
          topic: input.identity.topic,
          missing: String(missing),
          ranges: rangesText(gaps),
          flag: `--accept-gap ${missing}`,
        },
        likely: 'retention deleted them before they were loaded',
        remedy: `to go on without them, add --accept-gap ${missing}; to load them from a copy, add --fill FILE; to keep them, restore them into the topic first`,
      },
    )
  }
  fresh.push(gapRecord(gaps, input.now))
}

const sumOf = (gaps: readonly Gap[]): bigint => gaps.reduce((sum, { from, to }) => sum + (to - from), 0n)

const rangesText = (gaps: readonly Gap[]): string =>
  gaps.map(({ partition, from, to }) => `partition ${partition}: [${from}, ${to})`).join(', ')

function gapRecord(gaps: readonly Gap[], at: number): Accepted {
  const ranges = gaps.map(({ partition, from, to }) => [String(partition), `[${from}, ${to})`])
  return { kind: 'gap', at, detail: { missing: String(sumOf(gaps)), ...Object.fromEntries(ranges) } }
}

const offsetsText = (offsets: Offsets): Record<string, string> =>
  Object.fromEntries(Array.from(offsets, ([partition, offset]) => [String(partition), String(offset)]))

function later(a: bigint, b: bigint): bigint {
  if (a > b) return a
  return b
}

function longer<T>(a: readonly T[] = [], b: readonly T[] = []): readonly T[] {
  return a.length >= b.length ? a : b
}
