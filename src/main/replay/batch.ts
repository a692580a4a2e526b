/** One batch of a replay as three commits. DESIGN: the section "Replay" of ../ingest/DESIGN.md. */
import { throwIfCancelled } from '../base/cancel.ts'
import type { LoadedTable, TableIdentifier } from '../iceberg/catalog.ts'
import { commitSnapshot, type LakeIo } from '../iceberg/transaction.ts'
import type { Bench } from './bench.ts'
import { COMMITS_PROPERTY, commitIdOf, commitsOf } from './commits.ts'
import type { Letter, Verdict } from './judge.ts'
import { appendMarks, extendMarks, headOf, type Mark, type Marks, type MarksCache, marksOf } from './marks.ts'

/** What a batch is written with. */
export interface BatchDeps {
  readonly io: LakeIo
  readonly tables: Readonly<Record<'raw' | 'errors', TableIdentifier>>
  readonly marksTable: LoadedTable
  readonly cache: MarksCache
  /** For tests: ends the process between two effects. */
  readonly crash?: (point: CrashPoint) => void
}

/** Places between two effects, where a test ends the process to see that nothing is lost or doubled. */
export const CRASH_POINTS = ['intended', 'stored', 'errors-committed', 'raw-committed', 'marked'] as const
export type CrashPoint = (typeof CRASH_POINTS)[number]

/** A batch in its place. */
export interface BatchOf {
  readonly replay: string
  readonly batch: number
}

export interface BatchResult {
  readonly batch: number
  readonly landed: number
  readonly failed: number
  readonly rows: number
  readonly rawSnapshot: bigint | null
  readonly marksSnapshot: bigint | null
  readonly marks: Marks
}

/**
 * Judges letters and lands those that pass. CANCELLED where the signal fires before anything of the batch is written;
 * after that it comes to its end.
 */
export async function sendBatch(
  deps: BatchDeps,
  bench: Bench,
  marks: Marks,
  { replay, batch }: BatchOf,
  letters: readonly Letter[],
  signal: AbortSignal,
): Promise<BatchResult> {
  const verdicts = await bench.judge(letters, signal)
  throwIfCancelled(signal)
  const judged = letters.map((letter, index) => ({ letter, verdict: verdicts[index] as Verdict }))
  const landing = judged.filter(({ verdict }) => verdict.lands)
  const commit = commitIdOf(replay, batch, 'raw')
  const base = blank(replay, batch, bench.fixId, now(deps))
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
  const intended = await append(deps, marks, [...intents, ...split], commitIdOf(replay, batch, 'intended'))
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
  const landed = await land(deps, bench, intended, {
    replay,
    batch,
    landing,
    intents: intents.filter((mark) => mark.state === 'intended'),
  })
  return { batch, landed: landing.length, failed, ...landed }
}

export interface Landing extends BatchOf {
  readonly landing: readonly { readonly letter: Letter; readonly verdict: Verdict }[]
  /** All that were meant; more than `landing` where some no longer pass. */
  readonly intents: readonly Mark[]
}

/** Rows into raw, what is left of split payloads into errors, then the marks that say so. */
export async function land(
  deps: BatchDeps,
  bench: Bench,
  marks: Marks,
  { replay, batch, landing, intents }: Landing,
): Promise<Pick<BatchResult, 'rows' | 'rawSnapshot' | 'marksSnapshot' | 'marks'>> {
  const commits = { raw: commitIdOf(replay, batch, 'raw'), errors: commitIdOf(replay, batch, 'errors') }
  const [raw, errors] = [
    await deps.io.catalog.loadTable(deps.tables.raw),
    await deps.io.catalog.loadTable(deps.tables.errors),
  ]
  const split = landing.flatMap(({ letter, verdict }) => verdict.rest.map((row) => ({ row, letter })))
  const rows = landing.reduce((sum, { verdict }) => sum + verdict.rows, 0)
  const files = await bench.store(
    commits,
    { raw: raw.metadata, errors: errors.metadata },
    landing.map(({ letter }) => letter),
    split,
  )
  deps.crash?.('stored')
  const summary = { 'tarn.replay': replay, 'tarn.replay.batch': String(batch) }
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
export async function markLanded(
  deps: BatchDeps,
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

export const now = (deps: BatchDeps): bigint => BigInt(deps.io.clock()) * 1000n
const headId = (marks: Marks): bigint | null => (marks.table === null ? null : headOf(marks.table))

/** A mark that says nothing yet. */
export function blank(replay: string, batch: number, fixId: string, at: bigint): Mark {
  return {
    replay,
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

/** A letter split off another goes back to that one; any other is its own first. */
function firstOf(marks: Marks, letter: string): string {
  return marks.ofLetter.get(letter)?.find((mark) => mark.state === 'split')?.firstLetter ?? letter
}

/** Appends marks; `exclusive` refuses where anybody else marked since `marks` were read. */
export async function append(
  deps: BatchDeps,
  marks: Marks,
  rows: readonly Mark[],
  commitId: string,
  exclusive = true,
): Promise<Marks> {
  const table = marks.table ?? deps.marksTable
  const before = headOf(table)
  const onlyIfHead = exclusive ? { onlyIfHead: before } : {}
  const result = await appendMarks(deps.io, table, rows, { commitId, ...onlyIfHead })
  // Nobody else came between: what was read plus what was just written is all there is.
  if (!result.found && result.snapshot['parent-snapshot-id'] === (before ?? undefined))
    return extendMarks(marks, result.table, rows)
  return marksOf(deps.io, result.table, deps.cache)
}
