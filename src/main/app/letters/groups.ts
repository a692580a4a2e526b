import { setImmediate } from 'node:timers/promises'
import { isLakeError } from '../../../shared/errors.ts'
import type { LetterGroup, LetterGroups, OpenLetters } from '../../../shared/letters.ts'
import { stateOf } from '../../replay/state.ts'
import type { Lake } from '../lake.ts'
import { isoMicros } from './dead-letters.ts'
import type { Letters } from './file-letters.ts'
import { type DeadLetterFilter, findLetters, type LetterSearch } from './letter-index.ts'
import type { Reason } from './reason.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Widths of a bucket, of which the narrowest is taken that keeps within `MAX_BUCKETS`. */
const WIDTHS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY]
const MAX_BUCKETS = 60
/** Letters counted before other work gets a turn. */
const TURN = 20_000

interface Tally {
  readonly reason: Reason
  readonly counts: number[]
  readonly users: Set<string>
  readonly types: Set<string>
  count: number
  open: number
  landed: number
  failed: number
  first: bigint
  last: bigint
  landedSnapshot: bigint | null
  landedAt: bigint | null
}

/** Letters by reason, those seen last first, with counts over time in buckets that all groups share. */
export async function letterGroups(
  lake: Lake,
  filter: DeadLetterFilter,
  signal: AbortSignal,
): Promise<LetterGroups> {
  const search = await findLetters(lake, filter, signal)
  const known = counted.get(search) ?? countGroups(search)
  counted.set(search, known)
  return known
}

/** The counts of what was found: rail, list and chart ask for the same. */
const counted = new WeakMap<LetterSearch, Promise<LetterGroups>>()

async function countGroups({ letters, marks, plan }: LetterSearch): Promise<LetterGroups> {
  const buckets = bucketsOf(letters)
  const tallies = new Map<string, Tally>()
  const users = new Set<string>()
  let open = 0
  let seen = 0
  for (const letter of letters) {
    if (++seen % TURN === 0) await setImmediate()
    const { reason, timestamp } = letter
    let tally = tallies.get(reason.key)
    if (!tally) {
      tally = emptyTally(reason, buckets.count, timestamp)
      tallies.set(reason.key, tally)
    }
    tally.count += 1
    if (timestamp < tally.first) tally.first = timestamp
    if (timestamp > tally.last) tally.last = timestamp
    if (letter.userId !== null) {
      tally.users.add(letter.userId)
      users.add(letter.userId)
    }
    if (letter.dataType !== null) tally.types.add(letter.dataType)
    const bucket = Math.floor((Number(timestamp / 1000n) - buckets.from) / buckets.width)
    tally.counts[bucket] = (tally.counts[bucket] ?? 0) + 1
    const mine = marks.count === 0 ? undefined : marks.ofLetter.get(letter.id)
    const state = stateOf(mine)
    if (state === 'landed') {
      tally.landed += 1
      const mark = mine?.findLast((one) => one.state === 'landed')
      if (mark && (tally.landedAt === null || mark.at > tally.landedAt)) {
        tally.landedAt = mark.at
        tally.landedSnapshot = mark.snapshot
      }
    } else if (state !== 'pending') {
      tally.open += 1
      open += 1
      if (state === 'failed') tally.failed += 1
    }
  }
  return {
    groups: [...tallies.values()]
      .sort((a, b) => (a.last < b.last ? 1 : a.last > b.last ? -1 : b.count - a.count))
      .map(groupOf),
    total: letters.length,
    open,
    users: users.size,
    bucketFrom: buckets.from,
    bucketMs: buckets.width,
    buckets: buckets.count,
    snapshotId: plan.snapshotId === null ? null : String(plan.snapshotId),
  }
}

/** Letters that may be sent, and for how many reasons. */
export async function openLetters(lake: Lake, signal: AbortSignal): Promise<OpenLetters> {
  try {
    const { open, groups } = await letterGroups(lake, {}, signal)
    return { open, reasons: groups.filter((group) => group.open > 0).length }
  } catch (error) {
    // A badge is no place for a fault: the page says what is wrong.
    if (isLakeError(error)) return { open: null, reasons: 0 }
    throw error
  }
}

function bucketsOf(letters: Letters): { from: number; width: number; count: number } {
  const [newest] = letters.slice(0, 1)
  const [oldest] = letters.slice(letters.length - 1, letters.length)
  if (newest === undefined || oldest === undefined) return { from: 0, width: HOUR, count: 0 }
  const [from, to] = [Number(oldest.timestamp / 1000n), Number(newest.timestamp / 1000n)]
  const width = WIDTHS.find((one) => (to - from) / one < MAX_BUCKETS - 1) ?? 365 * DAY
  const start = Math.floor(from / width) * width
  return { from: start, width, count: Math.floor((to - start) / width) + 1 }
}

function emptyTally(reason: Reason, buckets: number, at: bigint): Tally {
  return {
    reason,
    counts: new Array<number>(buckets).fill(0),
    users: new Set(),
    types: new Set(),
    count: 0,
    open: 0,
    landed: 0,
    failed: 0,
    first: at,
    last: at,
    landedSnapshot: null,
    landedAt: null,
  }
}

function groupOf(tally: Tally): LetterGroup {
  const { key, errorType, path, rule, title } = tally.reason
  return {
    key,
    errorType,
    path,
    rule,
    title,
    count: tally.count,
    open: tally.open,
    landed: tally.landed,
    failed: tally.failed,
    firstSeen: isoMicros(tally.first),
    lastSeen: isoMicros(tally.last),
    users: tally.users.size,
    dataTypes: [...tally.types]
      .map((type) => type.slice(0, 100))
      .sort()
      .slice(0, 20),
    landedSnapshot: tally.landedSnapshot === null ? null : String(tally.landedSnapshot),
    landedAt: tally.landedAt === null ? null : Number(tally.landedAt / 1000n),
    counts: tally.counts,
  }
}
