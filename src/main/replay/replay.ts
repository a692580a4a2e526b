/**
 * Replays dead letters, each at most once. DESIGN: the section "Replay" of ../ingest/DESIGN.md.
 */
import { createHash } from 'node:crypto'
import { LakeError } from '../../shared/errors.ts'
import type { Fix } from '../../shared/letters.ts'
import type { Sink } from '../decode/decode.ts'
import type { ErrorRow } from '../decode/rejection.ts'
import type { LoadedTable, TableIdentifier } from '../iceberg/catalog.ts'
import { commitSnapshot, findCommit, type LakeIo } from '../iceberg/transaction.ts'
import type { DataFile, TableMetadata } from '../iceberg/types.ts'
import { createJudge, type Judge, type JudgeOptions, type Letter, type Verdict } from './judge.ts'
import {
  appendMarks,
  extendMarks,
  headOf,
  type KeptMark,
  type Mark,
  type Marks,
  type MarksCache,
  marksOf,
} from './marks.ts'
import { maySend, stateOf } from './state.ts'

/** A dead letter split off a payload of which the rest landed. */
export interface SplitRow {
  readonly row: ErrorRow
  readonly letter: Letter
}

/** Encodes and stores rows for raw and errors. */
export interface Writer {
  store(
    commits: Readonly<Record<'raw' | 'errors', string>>,
    tables: Readonly<Record<'raw' | 'errors', TableMetadata>>,
    fill: (accept: Sink['accept']) => void,
    split: readonly SplitRow[],
  ): Promise<Readonly<Record<'raw' | 'errors', DataFile[]>>>
}

export interface ReplayDeps {
  readonly io: LakeIo
  readonly tables: Readonly<Record<'raw' | 'errors', TableIdentifier>>
  readonly marksTable: LoadedTable
  readonly cache: MarksCache
  readonly writer: Writer
  readonly judging: Omit<JudgeOptions, 'fix'>
  /** Letters by id, for a batch that a crash left open. Those no longer there are absent. */
  readonly letters: (ids: ReadonlySet<string>) => Promise<readonly Letter[]>
  /** For tests: ends the process between two effects. */
  readonly crash?: (point: CrashPoint) => void
}

export type CrashPoint = 'intended' | 'stored' | 'errors-committed' | 'raw-committed' | 'marked'

export interface BatchDone {
  readonly batch: number
  readonly letters: number
  readonly landed: number
  readonly failed: number
  readonly rows: number
  readonly rawSnapshot: bigint | null
  readonly marksSnapshot: bigint | null
  readonly ms: number
}

export interface ReplayRequest {
  readonly id: string
  readonly fix: Fix
  /** What was asked, as JSON, kept with the first mark. */
  readonly detail: string
  /** In batches. */
  readonly source: AsyncIterable<readonly Letter[]>
  /** Share of letters, 0 to 1, above which failing again ends the replay. */
  readonly stopAbove: number
  readonly signal: AbortSignal
  readonly onBatch: (batch: BatchDone) => void
  /** Called when a batch begins, with its letters. */
  readonly onStart?: (batch: number, letters: number) => void
}

export interface ReplayResult {
  readonly state: 'landed' | 'stopped' | 'cancelled'
  readonly letters: number
  readonly landed: number
  readonly failed: number
  readonly rows: number
}

/** Letters of a batch before the guard against failing again looks at the share. */
const ENOUGH = 100

/** A commit's id is told by replay, batch and role, so that whoever settles the batch uses the same. */
export function commitIdOf(replay: string, batch: number, role: string): string {
  const hex = createHash('sha256').update(`${replay}:${batch}:${role}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/**
 * Replays every letter of the source that may be sent: not landed, not in an open commit, not tried too often with this
 * fix. Settles what earlier replays left open first. Ends between batches where the signal fires. Going on with a replay
 * that was cut is calling this again with its id.
 */
export async function replay(deps: ReplayDeps, request: ReplayRequest): Promise<ReplayResult> {
  const judge = createJudge({ ...deps.judging, fix: request.fix })
  let marks = await settle(deps, await refresh(deps, deps.marksTable))
  const mine = marks.all.filter((mark) => mark.replay === request.id)
  if (!mine.some((mark) => mark.state === 'begun')) {
    const begun = {
      ...blank(request.id, 0, judge.fixId, now(deps)),
      state: 'begun' as const,
      detail: request.detail,
    }
    marks = await append(deps, marks, [begun], commitIdOf(request.id, 0, 'begun'))
  }
  const tried = new Set(mine.flatMap((mark) => mark.letter ?? []))
  let batch = mine.reduce((most, mark) => Math.max(most, mark.batch), -1) + 1
  const sum = totalsOf(mine)
  let state: ReplayResult['state'] = 'landed'
  const seen = new Set<string>()
  for await (const letters of request.source) {
    if (request.signal.aborted) {
      state = 'cancelled'
      break
    }
    const wanted = letters.filter((letter) => {
      if (seen.has(letter.id) || tried.has(letter.id)) return false
      seen.add(letter.id)
      return maySend(marks.ofLetter.get(letter.id), judge.fixId)
    })
    if (wanted.length === 0) continue
    request.onStart?.(batch, wanted.length)
    const started = performance.now()
    const done = await replayBatch(deps, judge, marks, request.id, batch, wanted)
    marks = done.marks
    sum.letters += wanted.length
    sum.landed += done.landed
    sum.failed += done.failed
    sum.rows += done.rows
    const { marks: _, ...view } = done
    request.onBatch({ ...view, letters: wanted.length, ms: Math.round(performance.now() - started) })
    batch += 1
    if (sum.letters >= ENOUGH && sum.failed / sum.letters > request.stopAbove) {
      state = 'stopped'
      break
    }
  }
  const ended: Mark = {
    ...blank(request.id, batch, judge.fixId, now(deps)),
    state: 'ended',
    detail: JSON.stringify({ state, ...sum }),
  }
  await append(deps, marks, [ended], commitIdOf(request.id, batch, 'ended'))
  return { state, ...sum }
}

interface BatchResult extends Omit<BatchDone, 'letters' | 'ms'> {
  readonly marks: Marks
}

async function replayBatch(
  deps: ReplayDeps,
  judge: Judge,
  marks: Marks,
  replayId: string,
  batch: number,
  letters: readonly Letter[],
): Promise<BatchResult> {
  const judged = letters.map((letter) => ({ letter, verdict: judge.judge(letter) }))
  const landing = judged.filter(({ verdict }) => verdict.lands)
  const commit = commitIdOf(replayId, batch, 'raw')
  const at = now(deps)
  const base = blank(replayId, batch, judge.fixId, at)
  const intents = judged.map(
    ({ letter, verdict }): Mark => ({
      ...base,
      letter: letter.id,
      firstLetter: firstOf(marks, letter.id),
      state: verdict.lands ? 'intended' : 'failed',
      rows: verdict.rows,
      reason: verdict.lands ? null : verdict.reason,
      commit: verdict.lands ? commit : null,
    }),
  )
  const split = landing.flatMap(({ letter, verdict }) =>
    verdict.rest.map(
      (row): Mark => ({
        ...base,
        state: 'split',
        letter: row.errorId,
        firstLetter: letter.id,
        reason: row.errorMessage,
      }),
    ),
  )
  // From here on the letters that would land are taken: nobody sends them again before this batch is settled.
  const intended = await append(deps, marks, [...intents, ...split], commitIdOf(replayId, batch, 'intended'))
  deps.crash?.('intended')
  const failed = judged.length - landing.length
  if (landing.length === 0)
    return {
      batch,
      landed: 0,
      failed,
      rows: 0,
      rawSnapshot: null,
      marksSnapshot: headId(intended),
      marks: intended,
    }
  const landed = await land(deps, judge, intended, {
    replay: replayId,
    batch,
    landing,
    intents: intents.filter((mark) => mark.state === 'intended'),
  })
  return { batch, landed: landing.length, failed, ...landed }
}

interface Landing {
  readonly replay: string
  readonly batch: number
  readonly landing: readonly { readonly letter: Letter; readonly verdict: Verdict }[]
  /** All that were meant; more than `landing` where some no longer pass. */
  readonly intents: readonly Mark[]
}

/** Rows into raw, what is left of split payloads into errors, then the marks that say so. */
async function land(
  deps: ReplayDeps,
  judge: Judge,
  marks: Marks,
  { replay: replayId, batch, landing, intents }: Landing,
): Promise<Pick<BatchResult, 'rows' | 'rawSnapshot' | 'marksSnapshot' | 'marks'>> {
  const commits = { raw: commitIdOf(replayId, batch, 'raw'), errors: commitIdOf(replayId, batch, 'errors') }
  const [raw, errors] = [
    await deps.io.catalog.loadTable(deps.tables.raw),
    await deps.io.catalog.loadTable(deps.tables.errors),
  ]
  const split = landing.flatMap(({ letter, verdict }) => verdict.rest.map((row) => ({ row, letter })))
  const rows = landing.reduce((sum, { verdict }) => sum + verdict.rows, 0)
  const files = await deps.writer.store(
    commits,
    { raw: raw.metadata, errors: errors.metadata },
    (accept) => {
      for (const { letter } of landing) judge.rows(letter, accept)
    },
    split,
  )
  deps.crash?.('stored')
  const summary = { 'tarn.replay': replayId, 'tarn.replay.batch': String(batch) }
  if (files.errors.length > 0) {
    await commitSnapshot(deps.io, errors, {
      commitId: commits.errors,
      operation: 'append',
      add: files.errors,
      summary: { ...summary, 'tarn.replay.rejected': String(split.length) },
    })
    deps.crash?.('errors-committed')
  }
  const { snapshot, found } = await commitSnapshot(deps.io, raw, {
    commitId: commits.raw,
    operation: 'append',
    add: files.raw,
    summary: { ...summary, 'tarn.replay.letters': String(landing.length), 'tarn.replay.rows': String(rows) },
    properties: (metadata) => ({ [COMMITS_PROPERTY]: JSON.stringify(commitsOf(metadata, commits.raw)) }),
  })
  deps.crash?.('raw-committed')
  // Found: the commit is that of an earlier call, which held every letter that was meant.
  const lands = found ? null : new Set(landing.map(({ letter }) => letter.id))
  const marked = await markLanded(deps, marks, intents, snapshot['snapshot-id'], lands)
  deps.crash?.('marked')
  return { rows, rawSnapshot: snapshot['snapshot-id'], ...marked }
}

/** Marks what was meant as landed; where `lands` is given, what is not in it as failed. */
async function markLanded(
  deps: ReplayDeps,
  marks: Marks,
  intents: readonly Mark[],
  snapshot: bigint | null,
  lands: ReadonlySet<string> | null,
): Promise<Pick<BatchResult, 'marksSnapshot' | 'marks'>> {
  const [first] = intents
  if (first === undefined) return { marks, marksSnapshot: headId(marks) }
  const at = now(deps)
  const rows = intents.map(
    (mark): Mark =>
      lands === null || lands.has(mark.letter ?? '')
        ? { ...mark, state: 'landed', at, snapshot }
        : { ...mark, state: 'failed', at, rows: 0, commit: null, reason: GONE },
  )
  const after = await append(deps, marks, rows, commitIdOf(first.replay, first.batch, 'landed'), false)
  return { marks: after, marksSnapshot: headId(after) }
}

const GONE = 'the letter is gone, or no longer passes under the rules as they are now'

/**
 * Brings every batch that was meant and not marked as landed to its end: found in raw's history, its marks are made up
 * for; not found, it is sent again under the same commit id, of which at most one can ever be applied.
 */
export async function settle(deps: ReplayDeps, marks: Marks): Promise<Marks> {
  let current = marks
  for (const { replay: replayId, batch, intents } of openBatches(marks)) {
    const commit = intents[0]?.commit ?? commitIdOf(replayId, batch, 'raw')
    const raw = await deps.io.catalog.loadTable(deps.tables.raw)
    const found = findCommit(raw.metadata, commit)
    if (found !== null || commitsOf(raw.metadata).includes(commit)) {
      const done = await markLanded(deps, current, intents, found?.['snapshot-id'] ?? null, null)
      current = done.marks
      continue
    }
    const fix = fixOf(current, replayId)
    const judge = createJudge({ ...deps.judging, fix })
    const ids = new Set(intents.flatMap((mark) => mark.letter ?? []))
    const letters = await deps.letters(ids)
    const landing = letters
      .map((letter) => ({ letter, verdict: judge.judge(letter) }))
      .filter(({ verdict }) => verdict.lands)
    current = (await land(deps, judge, current, { replay: replayId, batch, landing, intents })).marks
  }
  return current
}

export interface OpenBatch {
  readonly replay: string
  readonly batch: number
  readonly intents: readonly Mark[]
}

/** Batches whose end is not known: meant, and marked neither as landed nor as failed. */
export function openBatches(marks: Marks): OpenBatch[] {
  const key = (mark: Mark): string => `${mark.replay}:${mark.batch}:${mark.letter}`
  const settled = new Set(
    marks.all.filter((mark) => mark.state === 'landed' || mark.state === 'failed').map(key),
  )
  const open = marks.all.filter((mark) => mark.state === 'intended' && !settled.has(key(mark)))
  return [...Map.groupBy(open, (mark) => `${mark.replay}:${mark.batch}`).values()].flatMap((found) =>
    found[0] === undefined
      ? []
      : [{ replay: found[0].replay, batch: found[0].batch, intents: found.map(markOnly) }],
  )
}

/** Table property of raw: the last commits of replays, should their snapshots expire before they are marked. */
export const COMMITS_PROPERTY = 'tarn.replay.commits'
const COMMITS_KEPT = 50

function commitsOf(metadata: TableMetadata, next?: string): string[] {
  let known: unknown = []
  try {
    known = JSON.parse(metadata.properties[COMMITS_PROPERTY] ?? '[]')
  } catch {
    known = []
  }
  const commits = Array.isArray(known) ? known.filter((one) => typeof one === 'string') : []
  return next === undefined ? commits : [...commits.filter((one) => one !== next), next].slice(-COMMITS_KEPT)
}

export interface Begun {
  readonly fix: Fix
}

function fixOf(marks: Marks, replayId: string): Fix {
  const begun = marks.all.find((mark) => mark.replay === replayId && mark.state === 'begun')
  try {
    const { fix } = JSON.parse(begun?.detail ?? '') as Begun
    return fix
  } catch (cause) {
    throw new LakeError('CORRUPT', `the beginning of replay ${replayId} cannot be read`, {
      context: { replay: replayId },
      likely: 'another tool changed the table of marks',
      cause,
    })
  }
}

const now = (deps: ReplayDeps): bigint => BigInt(deps.io.clock()) * 1000n
const headId = (marks: Marks): bigint | null => (marks.table === null ? null : headOf(marks.table))

function blank(replayId: string, batch: number, fixId: string, at: bigint): Mark {
  return {
    replay: replayId,
    batch,
    state: 'begun',
    at,
    letter: null,
    firstLetter: null,
    fixId,
    rows: 0,
    reason: null,
    commit: null,
    snapshot: null,
    detail: null,
  }
}

function markOnly({ marksSnapshot: _, ...mark }: KeptMark): Mark {
  return mark
}

/** A letter split off another goes back to that one; any other is its own first. */
function firstOf(marks: Marks, letter: string): string {
  return marks.ofLetter.get(letter)?.find((mark) => mark.state === 'split')?.firstLetter ?? letter
}

function totalsOf(mine: readonly KeptMark[]) {
  const letters = Map.groupBy(
    mine.filter((mark) => mark.letter !== null && mark.state !== 'split'),
    (mark) => mark.letter,
  )
  const sum = { letters: letters.size, landed: 0, failed: 0, rows: 0 }
  for (const marks of letters.values()) {
    const state = stateOf(marks)
    if (state === 'landed') {
      sum.landed += 1
      sum.rows += marks.find((mark) => mark.state === 'landed')?.rows ?? 0
    } else if (state === 'failed') sum.failed += 1
  }
  return sum
}

async function refresh(deps: ReplayDeps, table: LoadedTable): Promise<Marks> {
  return marksOf(deps.io, await deps.io.catalog.loadTable(table.identifier), deps.cache)
}

async function append(
  deps: ReplayDeps,
  marks: Marks,
  rows: readonly Mark[],
  commitId: string,
  exclusive = true,
): Promise<Marks> {
  const table = marks.table ?? deps.marksTable
  const onlyIfHead = exclusive ? { onlyIfHead: headOf(table) } : {}
  const before = headOf(table)
  const result = await appendMarks(deps.io, table, rows, { commitId, ...onlyIfHead })
  // Nobody else came between: what was read plus what was just written is all there is.
  if (!result.found && result.snapshot['parent-snapshot-id'] === (before ?? undefined))
    return extendMarks(marks, result.table, rows)
  return marksOf(deps.io, result.table, deps.cache)
}
