/**
 * Replays dead letters, each at most once. DESIGN: the section "Replay" of ../ingest/DESIGN.md.
 */
import { isLakeError } from '../../shared/errors.ts'
import type { Fix } from '../../shared/letters.ts'
import { throwIfCancelled } from '../base/cancel.ts'
import type { LoadedTable } from '../iceberg/catalog.ts'
import { append, type BatchResult, blank, now, sendBatch } from './batch.ts'
import { commitIdOf } from './commits.ts'
import type { Letter } from './judge.ts'
import { type Mark, type Marks, marksOf } from './marks.ts'
import { type BatchRecord, replayRecords } from './record.ts'
import { type SettleDeps, settle } from './settle.ts'
import { maySend } from './state.ts'

export type ReplayDeps = SettleDeps

export interface BatchDone extends Omit<BatchResult, 'marks'> {
  readonly letters: number
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

/**
 * Replays every letter of the source that may be sent: not landed, not in an open commit, not tried too often with this
 * fix. Settles what earlier replays left open first. Where the signal fires, a batch that is only being read or judged is
 * dropped, and one that is being written comes to its end. Going on with a replay that was cut or cancelled is calling
 * this again with its id.
 */
export async function replay(deps: ReplayDeps, request: ReplayRequest): Promise<ReplayResult> {
  const bench = await deps.bench(request.fix)
  try {
    let marks = await settle(deps, await refresh(deps, deps.marksTable))
    const record = replayRecords(marks).get(request.id)
    if (!record?.begun) {
      const begun = { ...blank(request.id, 0, bench.fixId, now(deps)), detail: request.detail }
      marks = await append(deps, marks, [begun], commitIdOf(request.id, 0, 'begun'))
    }
    const before = [...(record?.batches.values() ?? [])]
    let batch = before.reduce((most, { number }) => Math.max(most, number), -1) + 1
    const sum = totalsOf(before)
    let state: ReplayResult['state'] = 'landed'
    const send = async (letters: readonly Letter[]): Promise<void> => {
      const once = new Map(letters.map((letter) => [letter.id, letter]))
      const wanted = [...once.values()].filter(({ id }) => {
        const of = marks.ofLetter.get(id)
        return !of?.some((mark) => mark.replay === request.id) && maySend(of, bench.fixId)
      })
      if (wanted.length === 0) return
      request.onStart?.(batch, wanted.length)
      const started = performance.now()
      const { marks: after, ...done } = await sendBatch(
        deps,
        bench,
        marks,
        { replay: request.id, batch },
        wanted,
        request.signal,
      )
      marks = after
      sum.letters += wanted.length
      sum.landed += done.landed
      sum.failed += done.failed
      sum.rows += done.rows
      request.onBatch({ ...done, letters: wanted.length, ms: Math.round(performance.now() - started) })
      batch += 1
    }
    try {
      for await (const letters of request.source) {
        throwIfCancelled(request.signal)
        await send(letters)
        if (sum.letters >= ENOUGH && sum.failed / sum.letters > request.stopAbove) {
          state = 'stopped'
          break
        }
      }
    } catch (error) {
      if (!request.signal.aborted || !isLakeError(error, 'CANCELLED')) throw error
      state = 'cancelled'
    }
    const ended: Mark = {
      ...blank(request.id, batch, bench.fixId, now(deps)),
      state: 'ended',
      detail: JSON.stringify({ state, ...sum }),
    }
    await append(deps, marks, [ended], commitIdOf(request.id, batch, `ended ${record?.endings ?? 0}`))
    return { state, ...sum }
  } finally {
    await bench.close()
  }
}

function totalsOf(batches: readonly BatchRecord[]) {
  const sum = { letters: 0, landed: 0, failed: 0, rows: 0 }
  for (const { letters, landed, failed, rows } of batches) {
    sum.letters += letters
    sum.landed += landed
    sum.failed += failed
    sum.rows += rows
  }
  return sum
}

async function refresh(deps: ReplayDeps, table: LoadedTable): Promise<Marks> {
  return marksOf(deps.io, await deps.io.catalog.loadTable(table.identifier), deps.cache)
}
