import { randomUUID } from 'node:crypto'
import { HEALTH_TYPES } from '../../../shared/health.ts'
import type { DryRun, Fix, FixPreview, LetterFilterView, LetterSample } from '../../../shared/letters.ts'
import { CONVERSIONS } from '../../../shared/letters.ts'
import { throwIfCancelled } from '../../base/cancel.ts'
import { type Bench, SLICE } from '../../replay/bench.ts'
import { createJudge, type JudgeOptions, type Letter } from '../../replay/judge.ts'
import type { Marks } from '../../replay/marks.ts'
import { maySend, stateOf } from '../../replay/state.ts'
import type { Lake } from '../lake.ts'
import { deadLetter, isWhole, readLetters } from '../letters/dead-letters.ts'
import type { Letters } from '../letters/file-letters.ts'
import { findLetters } from '../letters/letter-index.ts'
import { compareViews, pathInPayload, payloadView } from '../letters/lines.ts'
import { messageParts } from '../letters/reason.ts'
import { openBenches, tryFixes, withBench } from './bench.ts'
import { filterFor, filterOf, letterBatches } from './source.ts'

/** Letters whose payloads are read to tell what a group is made of. */
const SAMPLE = 200
/** The rules that fixed letters are held to: those of loads. */
export function judging(lake: Lake): Omit<JudgeOptions, 'fix'> {
  const { validation, maxMessageBytes } = lake.settings
  return { validation, maxMessageBytes, avro: null }
}

/** A few letters before and after a fix, judged by the decoder. INVALID where the fix itself makes no sense. */
export async function previewFix(
  lake: Lake,
  view: LetterFilterView,
  fix: Fix,
  options: { readonly letter?: string; readonly limit: number },
  signal: AbortSignal,
): Promise<FixPreview> {
  const judge = createJudge({ ...judging(lake), fix })
  const { metadata, letters: all, marks } = await findLetters(lake, filterOf(view), signal)
  const found = await readLetters(lake, metadata, sendable(all, marks).slice(0, options.limit), signal)
  const { letter: asked } = options
  if (asked !== undefined && !found.some(({ id }) => id === asked))
    found.unshift(await deadLetter(lake, asked, signal))
  const letters = found.map((row) => {
    const letter: Letter = {
      id: row.id,
      payload: row.payload,
      topic: row.topic,
      partition: Number(row.partition),
      offset: BigInt(row.offset),
    }
    const { lands, rows, reason } = judge.judge(letter)
    const path = pathInPayload(messageParts(row.message).path, isWhole(row))
    const before = payloadView(row.payload ?? '', path)
    const fixed = judge.fixed(letter)
    const hit = lands || reason === null ? null : messageParts(reason).path
    const [was, now] = fixed === null ? [before, null] : compareViews(before, payloadView(fixed, hit))
    return {
      id: row.id,
      partition: row.partition,
      offset: row.offset,
      before: was,
      after: now,
      verdict: { state: lands ? ('valid' as const) : ('failed' as const), rows, reason },
    }
  })
  const valid = letters.filter(({ verdict }) => verdict.state === 'valid').length
  return { fixId: judge.fixId, sampled: letters.length, valid, failed: letters.length - valid, letters }
}

/** Those that have not landed, which a fix is for; all where none is left. */
function sendable(letters: Letters, marks: Marks): Letters {
  if (marks.count === 0) return letters
  const left = letters.filter(({ id }) => stateOf(marks.ofLetter.get(id)) !== 'landed')
  return left.length === 0 ? letters : left
}

/** Judges every letter that a replay would send, and writes nothing. */
export async function dryRun(
  lake: Lake,
  view: LetterFilterView,
  fix: Fix,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<{ readonly run: DryRun; readonly snapshotId: bigint | null }> {
  const open = openBenches(lake.io.storage, lake.io.clock, judging(lake))
  return withBench(open, fix, (bench) => judgeAll(lake, view, fix, bench, signal, onProgress))
}

async function judgeAll(
  lake: Lake,
  view: LetterFilterView,
  fix: Fix,
  bench: Bench,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): ReturnType<typeof dryRun> {
  const started = performance.now()
  const search = await findLetters(lake, filterFor(view, fix), signal)
  const { letters, marks, plan } = search
  const sum = { wouldLand: 0, wouldFail: 0, landedBefore: 0, held: 0, rows: 0 }
  const sending = letters.filter((letter) => {
    const mine = marks.ofLetter.get(letter.id)
    if (maySend(mine, bench.fixId)) return true
    if (stateOf(mine) === 'landed') sum.landedBefore += 1
    else sum.held += 1
    return false
  })
  const places = new Set<string>()
  const reasons = new Map<string, { count: number; letter: string }>()
  let done = 0
  for await (const batch of letterBatches(lake, { ...search, letters: sending }, SLICE, signal)) {
    for (const [index, verdict] of (await bench.judge(batch, signal)).entries()) {
      if (verdict.lands) {
        sum.wouldLand += 1
        sum.rows += verdict.rows
        for (const place of verdict.places) places.add(place)
      } else {
        sum.wouldFail += 1
        const { path, rule } = messageParts(verdict.reason ?? '')
        const reason = `${path.replace(/\[\d+\]/g, '[*]')}: ${rule}`
        reasons.set(reason, {
          count: (reasons.get(reason)?.count ?? 0) + 1,
          letter: reasons.get(reason)?.letter ?? batch[index]?.id ?? '',
        })
      }
    }
    done += batch.length
    onProgress(done, sending.length)
    throwIfCancelled(signal)
  }
  return {
    snapshotId: plan.snapshotId,
    run: {
      id: randomUUID(),
      fixId: bench.fixId,
      filter: view,
      fix,
      at: lake.io.clock(),
      ms: Math.round(performance.now() - started),
      letters: letters.length,
      ...sum,
      partitions: places.size,
      days: new Set([...places].map((place) => place.split(' ')[0])).size,
      reasons: [...reasons]
        .map(([reason, one]) => ({ reason, ...one }))
        .sort((a, b) => b.count - a.count)
        .slice(0, 10),
    },
  }
}

/** What the newest payloads of a group say, and the fix that lets most of them land. */
export async function sampleGroup(
  lake: Lake,
  view: LetterFilterView,
  signal: AbortSignal,
): Promise<LetterSample> {
  const search = await findLetters(lake, filterOf(view), signal)
  const letters: Letter[] = []
  for await (const batch of letterBatches(
    lake,
    { ...search, letters: sendable(search.letters, search.marks).first(SAMPLE) },
    SAMPLE,
    signal,
  ))
    letters.push(...batch)
  const apps = new Map<string, number>()
  const units = new Map<string, number>()
  const kinds = new Set<string>()
  for (const { payload } of letters) {
    const { app, samples } = readPayload(payload)
    if (app !== null) apps.set(app, (apps.get(app) ?? 0) + 1)
    for (const { unit, type } of samples) {
      if (unit !== null) units.set(unit, (units.get(unit) ?? 0) + 1)
      if (unit !== null && type !== null) kinds.add(JSON.stringify([type, unit]))
    }
  }
  return {
    sampled: letters.length,
    of: search.letters.length,
    apps: ranked(apps),
    units: ranked(units),
    suggestion: await suggest(lake, letters, candidates(kinds)),
  }
}

const ranked = (counts: ReadonlyMap<string, number>) =>
  [...counts]
    .map(([name, count]) => ({ name: name.slice(0, 100), count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, 5)

function readPayload(payload: string | null): {
  app: string | null
  samples: { unit: string | null; type: string | null }[]
} {
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  try {
    const parsed = JSON.parse(payload ?? '') as { appVersion?: unknown; samples?: unknown }
    const samples: unknown[] = Array.isArray(parsed.samples) ? parsed.samples : []
    return {
      app: text(parsed.appVersion),
      samples: samples.map((one) => {
        const sample = one as { unit?: unknown; type?: unknown } | null
        return { unit: text(sample?.unit), type: text(sample?.type) }
      }),
    }
  } catch {
    return { app: null, samples: [] }
  }
}

/** Fixes worth trying: as it is, a zone, empty fields, and each conversion to the unit of a type that is sent in another. */
function candidates(kinds: ReadonlySet<string>): Fix[] {
  const fixes: Fix[] = [
    { kind: 'none' },
    { kind: 'zone', offset: 'Z' },
    { kind: 'merge', target: 'sample', patch: { metadata: null } },
    { kind: 'default', target: 'sample', field: 'isSynced', value: false },
    { kind: 'default', target: 'sample', field: 'unit', value: '' },
    { kind: 'default', target: 'envelope', field: 'appVersion', value: '' },
    { kind: 'default', target: 'envelope', field: 'deviceId', value: '' },
  ]
  for (const kind of kinds) {
    const [type, unit] = JSON.parse(kind) as [string, string]
    const wanted = HEALTH_TYPES.find((one) => one.type === type)?.unit
    for (const { from, to, formula } of CONVERSIONS) {
      if (from === unit && to === wanted) fixes.push({ kind: 'convert', type, from, to, formula })
    }
  }
  return fixes
}

async function suggest(
  lake: Lake,
  letters: readonly Letter[],
  fixes: readonly Fix[],
): Promise<LetterSample['suggestion']> {
  if (letters.length === 0) return null
  const lands = await tryFixes(judging(lake), letters, fixes)
  const most = Math.max(...lands)
  const fix = fixes[lands.indexOf(most)]
  return fix === undefined || most === 0 ? null : { fix, lands: most, of: letters.length }
}
