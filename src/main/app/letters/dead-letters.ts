import { LakeError } from '../../../shared/errors.ts'
import type { LetterDetail, LetterState } from '../../../shared/letters.ts'
import type { DeadLetter, DeadLetterPage, DeadLetterRow } from '../../../shared/model.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import { clip, errorId } from '../../decode/rejection.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import type { TableMetadata } from '../../iceberg/types.ts'
import type { KeptMark } from '../../replay/marks.ts'
import { stateOf } from '../../replay/state.ts'
import type { Lake } from '../lake.ts'
import type { IndexedLetter } from './file-letters.ts'
import { type DeadLetterFilter, findLetters, keptOf, marksIn } from './letter-index.ts'
import { pathInPayload, payloadView } from './lines.ts'
import { messageParts } from './reason.ts'
import { type FoundRow, long, readRows, textOf } from './rows.ts'

const FILES_AT_ONCE = 8
/** What a list shows. */
const LISTED = [
  'error_id',
  'error_type',
  'error_message',
  'error_timestamp',
  'user_id',
  'device_id',
  'sample_id',
  'data_type',
  'kafka_topic',
  'kafka_partition',
  'kafka_offset',
] as const
/** What one letter shows. */
const ALL = [...LISTED, 'raw_payload'] as const
/** Letters shown to either side of one, by offset. */
const NEIGHBOURS = 4

/** One page of letters that match, newest first. Payloads are read for the page only. */
export async function deadLetterPage(
  lake: Lake,
  filter: DeadLetterFilter,
  page: number,
  pageSize: number,
  signal: AbortSignal,
): Promise<DeadLetterPage> {
  const { metadata, plan, letters, marks } = await findLetters(lake, filter, signal)
  const shown = letters.slice(page * pageSize, (page + 1) * pageSize)
  const rows = await readListed(lake, metadata, shown, signal)
  return {
    rows: rows.map((letter) => rowOf(letter, stateOf(marks.ofLetter.get(letter.id)))),
    total: letters.length,
    page,
    pageSize,
    snapshotId: plan.snapshotId === null ? null : String(plan.snapshotId),
    read: { files: plan.totals.files, bytes: plan.totals.bytes },
  }
}

function rowOf(row: DeadLetterRow, state: LetterState): DeadLetterRow {
  const short = (text: string | null): string | null => (text === null ? null : clip(text, MOST))
  return {
    ...row,
    userId: short(row.userId),
    deviceId: short(row.deviceId),
    sampleId: short(row.sampleId),
    dataType: short(row.dataType),
    state,
    found: messageParts(row.message).found,
  }
}

/** Characters of an id in a list; a letter alone has all of it. */
const MOST = 300

/** One letter with its payload. NOT_FOUND where no row has this id. */
export async function deadLetter(lake: Lake, id: string, signal: AbortSignal): Promise<DeadLetter> {
  const { metadata, letters } = await findLetters(lake, {}, signal)
  const indexed = letters.find(id)
  const [found] = indexed === null ? [] : await readLetters(lake, metadata, [indexed], signal)
  if (found) return found
  throw new LakeError('NOT_FOUND', `there is no dead letter ${id}`, { context: { errorId: id } })
}

/** The same with what surrounds it: its payload laid out, what became of it, and who lies beside it. */
export async function deadLetterDetail(lake: Lake, id: string, signal: AbortSignal): Promise<LetterDetail> {
  const [whole, marks] = await Promise.all([deadLetter(lake, id, signal), marksIn(lake, signal)])
  const { payload, ...letter } = whole
  const reason = keptOf(lake).reasons(letter.errorType, letter.message)
  const mine = marks.ofLetter.get(id) ?? []
  const view =
    payload === null
      ? { lines: [], cut: false }
      : payloadView(payload, pathInPayload(messageParts(letter.message).path, isWhole(letter)))
  return {
    ...letter,
    view,
    reason: { path: reason.path, rule: reason.rule, title: reason.title, key: reason.key },
    state: stateOf(mine),
    marks: mine.flatMap((mark) => markView(mark)),
    neighbours: await neighboursOf(lake, letter, signal),
  }
}

function markView(mark: KeptMark): LetterDetail['marks'] {
  if (mark.state === 'begun' || mark.state === 'ended') return []
  return [
    {
      replay: mark.replay,
      batch: mark.batch,
      state: mark.state,
      at: Number(mark.at / 1000n),
      fixId: mark.fixId,
      rows: mark.rows,
      snapshotId: mark.snapshot === null ? null : String(mark.snapshot),
      reason: mark.reason,
      commit: mark.commit,
      firstLetter: mark.firstLetter,
    },
  ]
}

async function neighboursOf(
  lake: Lake,
  letter: DeadLetterRow,
  signal: AbortSignal,
): Promise<DeadLetterRow[]> {
  const { metadata, letters, marks } = await findLetters(lake, {}, signal)
  const indexed = letters.find(letter.id)
  const near = indexed === null ? [] : letters.beside(indexed, NEIGHBOURS)
  const read = await readListed(lake, metadata, near, signal)
  return read.map((one) => rowOf(one, stateOf(marks.ofLetter.get(one.id))))
}

/** Whether the letter stands for its whole message, not for one sample of it. */
export function isWhole(letter: Pick<DeadLetter, 'id' | 'topic' | 'partition' | 'offset'>): boolean {
  return letter.id === errorId(letter.topic, Number(letter.partition), BigInt(letter.offset), -1)
}

/** Letters of the index with all that is stored of them, in the order given. */
export function readLetters(
  lake: Lake,
  metadata: TableMetadata,
  wanted: readonly IndexedLetter[],
  signal: AbortSignal,
): Promise<DeadLetter[]> {
  return read(lake, metadata, wanted, ALL, signal, ({ cell }) => {
    const payload = textOf(cell('raw_payload'))
    return {
      ...listed(cell),
      payloadBytes: payload === null ? null : Buffer.byteLength(payload),
      payload,
      encoding: payload === null ? null : payload.startsWith('base64:') ? 'base64' : 'text',
    }
  })
}

/** The same without payloads, of which nothing is read. */
function readListed(
  lake: Lake,
  metadata: TableMetadata,
  wanted: readonly IndexedLetter[],
  signal: AbortSignal,
): Promise<DeadLetterRow[]> {
  return read(lake, metadata, wanted, LISTED, signal, ({ cell }) => listed(cell))
}

async function read<T>(
  lake: Lake,
  metadata: TableMetadata,
  wanted: readonly IndexedLetter[],
  columns: readonly string[],
  signal: AbortSignal,
  make: (row: FoundRow) => T,
): Promise<T[]> {
  const deletes = new DeleteCache()
  const made = new Map<IndexedLetter, T>()
  await mapConcurrent(
    Map.groupBy(wanted, (one) => one.file),
    FILES_AT_ONCE,
    async ([file, letters]) => {
      const byRow = new Map(letters.map((one) => [one.row, one]))
      const rows = Uint32Array.from(byRow.keys()).sort()
      for await (const found of readRows(lake, metadata, file, columns, rows, { deletes, signal })) {
        const letter = byRow.get(found.row)
        if (letter) made.set(letter, make(found))
      }
    },
    signal,
  )
  return wanted.flatMap((one) => made.get(one) ?? [])
}

function listed(cell: FoundRow['cell']): DeadLetterRow {
  const text = (name: (typeof LISTED)[number]): string | null => textOf(cell(name))
  return {
    id: text('error_id') ?? '',
    errorType: text('error_type') ?? '',
    message: text('error_message') ?? '',
    timestamp: isoMicros(long(cell('error_timestamp'))),
    userId: text('user_id'),
    deviceId: text('device_id'),
    sampleId: text('sample_id'),
    dataType: text('data_type'),
    topic: text('kafka_topic') ?? '',
    partition: String(cell('kafka_partition')),
    offset: String(cell('kafka_offset')),
  }
}

/** Microseconds since the epoch as ISO 8601 with six digits and `Z`. */
export function isoMicros(micros: bigint): string {
  const part = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = new Date(Number((micros - part) / 1000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(part).padStart(6, '0')}Z`
}
