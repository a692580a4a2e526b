import type { LetterFilterView } from '../../../shared/letters.ts'
import { throwIfCancelled } from '../../base/cancel.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import { readBatches } from '../../iceberg/read.ts'
import type { Letter } from '../../replay/judge.ts'
import type { Lake } from '../lake.ts'
import {
  type DeadLetterFilter,
  findLetters,
  type IndexedLetter,
  type LetterSearch,
  reader,
  textOf,
} from '../letters/letter-index.ts'

/** Letters of a commit. */
export const BATCH = 4096

/**
 * Found letters with their payloads, in batches, file by file: each file is read once and never stands whole in memory.
 */
export async function* letterBatches(
  lake: Lake,
  { metadata, letters }: Pick<LetterSearch, 'metadata' | 'letters'>,
  size = BATCH,
  signal?: AbortSignal,
): AsyncGenerator<Letter[]> {
  const deletes = new DeleteCache()
  let batch: Letter[] = []
  for (const [file, found] of Map.groupBy(letters, (letter) => letter.file)) {
    const wanted = new Map(found.map((letter) => [letter.row, letter]))
    let first = 0
    for await (const rows of readBatches(lake.io, metadata, file, ['raw_payload'], {
      deletes,
      batchRows: BATCH,
    })) {
      const read = reader(metadata, rows)
      for (let row = 0; row < rows.rows; row++) {
        const letter = wanted.get(first + row)
        if (letter === undefined) continue
        batch.push(letterOf(letter, textOf(read.cell('raw_payload', row))))
        if (batch.length < size) continue
        yield batch
        batch = []
        throwIfCancelled(signal)
      }
      first += rows.rows
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

/** A filter as the API gives it, checked already. */
export function filterOf(
  view: { readonly [K in keyof LetterFilterView]?: string | undefined },
): DeadLetterFilter {
  const { group, errorType, partition, offsetFrom, offsetTo, from, to, text, state } = view
  return {
    ...(group ? { group } : {}),
    ...(errorType ? { errorType } : {}),
    ...(partition ? { partition: BigInt(partition) } : {}),
    ...(offsetFrom ? { offsetFrom: BigInt(offsetFrom) } : {}),
    ...(offsetTo ? { offsetTo: BigInt(offsetTo) } : {}),
    ...(from ? { from: BigInt(Date.parse(from)) * 1000n } : {}),
    ...(to ? { to: BigInt(Date.parse(to)) * 1000n } : {}),
    ...(text ? { text } : {}),
    ...(state ? { state: state as NonNullable<DeadLetterFilter['state']> } : {}),
  }
}
