import { LakeError } from '../../shared/errors.ts'
import type { Fix } from '../../shared/letters.ts'
import { findCommit } from '../iceberg/transaction.ts'
import { type BatchDeps, type BatchOf, land, markLanded } from './batch.ts'
import type { OpenBench } from './bench.ts'
import { commitIdOf, commitsOf } from './commits.ts'
import type { Letter, Verdict } from './judge.ts'
import type { KeptMark, Mark, Marks } from './marks.ts'
import { has, replayRecords } from './record.ts'

export interface SettleDeps extends BatchDeps {
  readonly bench: OpenBench
  /** Letters by id, for a batch that a crash left open. Those no longer there are absent. */
  readonly letters: (ids: ReadonlySet<string>) => Promise<readonly Letter[]>
}

/**
 * Brings every batch that was meant and not marked as landed to its end: found in raw's history, its marks are made up
 * for; not found, it is sent again under the same commit id, of which at most one can ever be applied.
 */
export async function settle(deps: SettleDeps, marks: Marks): Promise<Marks> {
  let current = marks
  for (const { replay, batch, intents } of openBatches(marks)) {
    const commit = intents[0]?.commit ?? commitIdOf(replay, batch, 'raw')
    const raw = await deps.io.catalog.loadTable(deps.tables.raw)
    const found = findCommit(raw.metadata, commit)
    if (found !== null || commitsOf(raw.metadata).includes(commit)) {
      const done = await markLanded(deps, current, intents, found?.['snapshot-id'] ?? null, null)
      current = done.marks
      continue
    }
    const bench = await deps.bench(fixOf(current, replay))
    try {
      const letters = await deps.letters(new Set(intents.flatMap((mark) => mark.letter ?? [])))
      const verdicts = await bench.judge(letters)
      const landing = letters
        .map((letter, index) => ({ letter, verdict: verdicts[index] as Verdict }))
        .filter(({ verdict }) => verdict.lands)
      current = (await land(deps, bench, current, { replay, batch, landing, intents })).marks
    } finally {
      await bench.close()
    }
  }
  return current
}

export interface OpenBatch extends BatchOf {
  readonly intents: readonly Mark[]
}

/** Batches whose end is not known: meant, and marked neither as landed nor as failed. */
export function openBatches(marks: Marks): OpenBatch[] {
  const open = new Map<string, OpenBatch & { readonly intents: Mark[] }>()
  for (const mark of marks.all()) {
    if (mark.state !== 'intended') continue
    if (has(marks, mark, ({ state }) => state === 'landed' || state === 'failed')) continue
    const { replay, batch } = mark
    const known = open.get(`${replay}:${batch}`)
    if (known) known.intents.push(markOnly(mark))
    else open.set(`${replay}:${batch}`, { replay, batch, intents: [markOnly(mark)] })
  }
  return [...open.values()]
}

function fixOf(marks: Marks, replay: string): Fix {
  const begun = replayRecords(marks).get(replay)?.begun
  try {
    const { fix } = JSON.parse(begun?.detail ?? '') as { readonly fix: Fix }
    return fix
  } catch (cause) {
    throw new LakeError('CORRUPT', `the beginning of replay ${replay} cannot be read`, {
      context: { replay },
      likely: 'another tool changed the table of marks',
      cause,
    })
  }
}

function markOnly({ marksSnapshot: _, ...mark }: KeptMark): Mark {
  return mark
}
