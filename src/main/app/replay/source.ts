import type { Fix, LetterFilterView } from '../../../shared/letters.ts'
import { throwIfCancelled } from '../../base/cancel.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import type { Letter } from '../../replay/judge.ts'
import type { Lake } from '../lake.ts'
import type { IndexedLetter } from '../letters/file-letters.ts'
import { type DeadLetterFilter, findLetters, type LetterSearch } from '../letters/letter-index.ts'
import { readRows, textOf } from '../letters/rows.ts'

/** Letters of a commit. */
export const BATCH = 4096
/** Characters of payloads after which a batch ends, however few letters it has. */
const BATCH_TEXT = 32 * 1024 * 1024

/**
 * Found letters with their payloads, in batches that are bounded in letters and in bytes, file by file: each file is
 * read once and never stands whole in memory. CANCELLED at the next letter after the signal fires.
 */
export async function* letterBatches(
  lake: Lake,
  { metadata, letters }: Pick<LetterSearch, 'metadata' | 'letters'>,
  size = BATCH,
  signal?: AbortSignal,
): AsyncGenerator<Letter[]> {
  const deletes = new DeleteCache()
  let batch: Letter[] = []
  let text = 0
  for (const { file, rows, letter } of letters.byFile()) {
    for await (const { row, cell } of readRows(lake, metadata, file, ['raw_payload'], rows, { deletes })) {
      throwIfCancelled(signal)
      const payload = textOf(cell('raw_payload'))
      batch.push(letterOf(letter(row), payload))
      text += payload?.length ?? 0
      if (batch.length < size && text < BATCH_TEXT) continue
      yield batch
      batch = []
      text = 0
    }
  }
  if (batch.length > 0) yield batch
}

function letterOf(letter: IndexedLetter, payload: string | null): Letter {
  return {
    id: letter.id,
    payload,
    topic: letter.topic,
    partition: Number(letter.partition),
    offset: letter.offset,
  }
}

/** Letters by their ids; what is no longer there is absent. */
export async function lettersById(lake: Lake, ids: ReadonlySet<string>): Promise<Letter[]> {
  const found: Letter[] = []
  for await (const batch of letterBatches(lake, await findLetters(lake, { ids }))) found.push(...batch)
  return found
}

/** The letters that a fix is for: the edit of one payload is for that letter alone, whatever is listed beside it. */
export function filterFor(view: LetterFilterView, fix: Fix): DeadLetterFilter {
  return fix.kind === 'edit' ? { ids: new Set([fix.letter]) } : filterOf(view)
}

/** A filter as the API gives it, checked already. */
export function filterOf(
  view: { readonly [K in keyof LetterFilterView]?: string | undefined },
): DeadLetterFilter {
  const { group, errorType, partition, offsetFrom, offsetTo, from, to, text, user, dataType, state } = view
  return {
    ...(group ? { group } : {}),
    ...(errorType ? { errorType } : {}),
    ...(partition ? { partition: BigInt(partition) } : {}),
    ...(offsetFrom ? { offsetFrom: BigInt(offsetFrom) } : {}),
    ...(offsetTo ? { offsetTo: BigInt(offsetTo) } : {}),
    ...(from ? { from: BigInt(Date.parse(from)) * 1000n } : {}),
    ...(to ? { to: BigInt(Date.parse(to)) * 1000n } : {}),
    ...(text ? { text } : {}),
    ...(user ? { user } : {}),
    ...(dataType ? { dataType } : {}),
    ...(state ? { state: state as NonNullable<DeadLetterFilter['state']> } : {}),
  }
}
