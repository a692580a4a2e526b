import { LakeError } from '../../../shared/errors.ts'
import type { LetterDetail, LetterState } from '../../../shared/letters.ts'
import type { DeadLetter, DeadLetterPage, DeadLetterRow } from '../../../shared/model.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import { clip, errorId } from '../../decode/rejection.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import { readFile } from '../../iceberg/read.ts'
import { planScan } from '../../iceberg/scan.ts'
import type { TableMetadata } from '../../iceberg/types.ts'
import type { KeptMark } from '../../replay/marks.ts'
import { stateOf } from '../../replay/state.ts'
import type { Lake } from '../lake.ts'
import {
  compare,
  type DeadLetterFilter,
  findLetters,
  type IndexedLetter,
  keptOf,
  long,
  marksIn,
  type Reader,
  reader,
  textOf,
} from './letter-index.ts'
import { pathInPayload, payloadView } from './lines.ts'
import { messageParts } from './reason.ts'

const FILES_AT_ONCE = 8
const ALL = [
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
  'raw_payload',
]
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
  const rows = await readLetters(lake, metadata, shown, signal)
  return {
    rows: rows.map((letter) => rowOf(letter, stateOf(marks.ofLetter.get(letter.id)))),
    total: letters.length,
    page,
    pageSize,
    snapshotId: plan.snapshotId === null ? null : String(plan.snapshotId),
    read: { files: plan.totals.files, bytes: plan.totals.bytes },
  }
}

function rowOf(letter: DeadLetter, state: LetterState): DeadLetterRow {
  const { payload: _p, encoding: _e, ...row } = letter
  const short = (text: string | null): string | null => (text === null ? null : clip(text, MOST))
  return {
    ...row,
    userId: short(row.userId),
    deviceId: short(row.deviceId),
    sampleId: short(row.sampleId),
    dataType: short(row.dataType),
    state,
    found: messageParts(letter.message).found,
  }
}

/** Characters of an id in a list; a letter alone has all of it. */
const MOST = 300

/** One letter with its payload. NOT_FOUND where no row has this id. */
export async function deadLetter(lake: Lake, id: string, signal: AbortSignal): Promise<DeadLetter> {
  const { metadata } = await lake.io.catalog.loadTable(lake.tables.errors, signal)
  const plan = await planScan(lake.io, metadata, {
    filter: { op: '==', column: 'error_id', value: id },
    signal,
  })
  const deletes = new DeleteCache()
  for (const file of plan.files) {
    const ids = reader(metadata, await readFile(lake.io, metadata, file, ['error_id'], { deletes, signal }))
    for (let row = 0; row < ids.rows; row++) {
      if (ids.cell('error_id', row) !== id) continue
      return letterAt(
        reader(metadata, await readFile(lake.io, metadata, file, ALL, { deletes, signal })),
        row,
      )
    }
  }
  throw new LakeError('NOT_FOUND', `there is no dead letter ${id}`, { context: { errorId: id } })
}

/** The same with what surrounds it: its payload laid out, what became of it, and who lies beside it. */
export async function deadLetterDetail(
  lake: Lake,
  id: string,
  signal: AbortSignal,
): Promise<DeadLetter & LetterDetail> {
  const [letter, marks] = await Promise.all([deadLetter(lake, id, signal), marksIn(lake, signal)])
  const reason = keptOf(lake).reasons(letter.errorType, letter.message)
  const mine = marks.ofLetter.get(id) ?? []
  const view =
    letter.payload === null
      ? { lines: [], cut: false }
      : payloadView(letter.payload, pathInPayload(messageParts(letter.message).path, isWhole(letter)))
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

async function neighboursOf(lake: Lake, letter: DeadLetter, signal: AbortSignal): Promise<DeadLetterRow[]> {
  const partition = BigInt(letter.partition)
  const { metadata, letters, marks } = await findLetters(lake, { partition }, signal)
  const ordered = letters
    .filter((one) => one.topic === letter.topic)
    .sort((a, b) => compare(a.offset, b.offset) || (a.id < b.id ? -1 : 1))
  const at = ordered.findIndex((one) => one.id === letter.id)
  const near = ordered
    .slice(Math.max(0, at - NEIGHBOURS), at + NEIGHBOURS + 1)
    .filter((one) => one.id !== letter.id)
  const read = await readLetters(lake, metadata, near, signal)
  return read.map((one) => rowOf(one, stateOf(marks.ofLetter.get(one.id))))
}

/** Whether the letter stands for its whole message, not for one sample of it. */
export function isWhole(letter: Pick<DeadLetter, 'id' | 'topic' | 'partition' | 'offset'>): boolean {
  return letter.id === errorId(letter.topic, Number(letter.partition), BigInt(letter.offset), -1)
}

/** Letters of the index with all that is stored of them, in the order given. Each file is read once. */
export async function readLetters(
  lake: Lake,
  metadata: TableMetadata,
  wanted: readonly IndexedLetter[],
  signal: AbortSignal,
): Promise<DeadLetter[]> {
  const files = [...new Set(wanted.map((one) => one.file))]
  const deletes = new DeleteCache()
  const read = await mapConcurrent(
    files,
    FILES_AT_ONCE,
    async (file) => reader(metadata, await readFile(lake.io, metadata, file, ALL, { deletes, signal })),
    signal,
  )
  const readers = new Map(files.map((file, index) => [file, read[index]]))
  return wanted.flatMap((one) => {
    const cells = readers.get(one.file)
    return cells ? [letterAt(cells, one.row)] : []
  })
}

export function letterAt(read: Reader, row: number): DeadLetter {
  const text = (name: string): string | null => textOf(read.cell(name, row))
  const payload = text('raw_payload')
  return {
    id: text('error_id') ?? '',
    errorType: text('error_type') ?? '',
    message: text('error_message') ?? '',
    timestamp: isoMicros(long(read.cell('error_timestamp', row))),
    userId: text('user_id'),
    deviceId: text('device_id'),
    sampleId: text('sample_id'),
    dataType: text('data_type'),
    topic: text('kafka_topic') ?? '',
    partition: String(read.cell('kafka_partition', row)),
    offset: String(read.cell('kafka_offset', row)),
    payloadBytes: payload === null ? null : Buffer.byteLength(payload),
    payload,
    encoding: payload === null ? null : payload.startsWith('base64:') ? 'base64' : 'text',
  }
}

/** Microseconds since the epoch as ISO 8601 with six digits and `Z`. */
export function isoMicros(micros: bigint): string {
  const part = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = new Date(Number((micros - part) / 1000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(part).padStart(6, '0')}Z`
}
