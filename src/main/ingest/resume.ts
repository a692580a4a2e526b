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
  readonly accept: Acceptance
  /** ms since the epoch. */
  readonly now: number
}

export interface Resume {
  /** Every partition's first offset to read. */
  readonly start: ReadonlyMap<number, bigint>
  /** Below these the table of dead letters has its rows already. */
  readonly errorsFrom: ReadonlyMap<number, bigint>
  /** The whole history of accepted refusals, for the next commits. */
  readonly accepted: readonly Accepted[]
}

/**
 * Dead letters are committed before rows, so raw's position says where to begin; the other table's is at or beyond it
 * wherever a load was cut between its two commits. Throws GAP, TOPIC_REPLACED, CLUSTER_REPLACED or TABLE_REPLACED.
 */
export function decideResume(input: ResumeInput): Resume {
  const { identity, watermarks, raw, errors, reset } = input
  const fresh: Accepted[] = []
  checkTables(input, fresh)
  const replaced = checkTopic(input, fresh)
  const known = replaced ? null : raw
  const gaps: Gap[] = []
  const start = new Map<number, bigint>()
  for (const [partition, { low, high }] of watermarks) {
    const next = known?.next.get(partition)
    if (next !== undefined && next < low) gaps.push({ partition, from: next, to: low })
    // A partition that was added later is read whole: nothing of it was there to skip.
    const first = reset === 'latest' && known === null ? high : low
    start.set(partition, next === undefined ? first : later(next, low))
  }
  checkGaps(input, gaps, fresh)
  const errorsFrom = new Map(start)
  if (errors !== null && sameTopic(errors, identity) && !startsOver(input, errors)) {
    for (const [partition, next] of errors.next) {
      if (next > (errorsFrom.get(partition) ?? 0n)) errorsFrom.set(partition, next)
    }
  }
  return { start, errorsFrom, accepted: [...longer(raw?.accepted, errors?.accepted), ...fresh] }
}

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
      `pipeline ${pipeline} was loaded from ${reason.was}; ${identity.topic} is now ${reason.now}`,
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
  const missing = gaps.reduce((sum, { from, to }) => sum + (to - from), 0n)
  const ranges = gaps.map(({ partition, from, to }) => `partition ${partition}: [${from}, ${to})`).join(', ')
  if (input.accept.gap !== missing) {
    throw new LakeError('GAP', `${missing} messages of ${input.identity.topic} are gone unread: ${ranges}`, {
      context: {
        topic: input.identity.topic,
        missing: String(missing),
        ranges,
        flag: `--accept-gap ${missing}`,
      },
      likely: 'retention deleted them before they were loaded',
      remedy: `to go on without them, add --accept-gap ${missing}; to keep them, restore them into the topic first`,
    })
  }
  fresh.push({
    kind: 'gap',
    at: input.now,
    detail: {
      missing: String(missing),
      ...Object.fromEntries(gaps.map(({ partition, from, to }) => [String(partition), `[${from}, ${to})`])),
    },
  })
}

function later(a: bigint, b: bigint): bigint {
  if (a > b) return a
  return b
}

function longer<T>(a: readonly T[] = [], b: readonly T[] = []): readonly T[] {
  return a.length >= b.length ? a : b
}
