import { isLakeError, LakeError } from '../../../shared/errors.ts'
import type { LetterState } from '../../../shared/letters.ts'
import { throwIfCancelled } from '../../base/cancel.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import { currentSchema } from '../../iceberg/metadata.ts'
import type { Predicate } from '../../iceberg/predicate.ts'
import type { Cell } from '../../iceberg/projection.ts'
import { type Batch, readFile } from '../../iceberg/read.ts'
import { planScan, type ScanFile, type ScanPlan } from '../../iceberg/scan.ts'
import { fieldByName } from '../../iceberg/schema.ts'
import type { TableMetadata } from '../../iceberg/types.ts'
import { type Marks, type MarksCache, readMarks } from '../../replay/marks.ts'
import { stateOf } from '../../replay/state.ts'
import { marksName } from '../../replay/table.ts'
import type { Lake } from '../lake.ts'
import { createReasons, type Reason } from './reason.ts'

/** Which letters. Ranges are half-open; all that is given must hold. */
export interface DeadLetterFilter {
  readonly errorType?: string
  /** Key of a group. */
  readonly group?: string
  readonly partition?: bigint
  readonly offsetFrom?: bigint
  readonly offsetTo?: bigint
  /** Error times, microseconds since the epoch. */
  readonly from?: bigint
  readonly to?: bigint
  /** Found anywhere in message, payload or ids, case ignored. */
  readonly text?: string
  readonly state?: LetterState
  readonly ids?: ReadonlySet<string>
}

/** What lists and groups need of a letter: everything but its payload. */
export interface IndexedLetter {
  readonly id: string
  readonly reason: Reason
  readonly timestamp: bigint
  readonly topic: string
  readonly partition: bigint
  readonly offset: bigint
  readonly userId: string | null
  readonly dataType: string | null
  readonly file: ScanFile
  /** Row of the file, deletes applied. */
  readonly row: number
}

export interface LetterSearch {
  readonly metadata: TableMetadata
  readonly plan: ScanPlan
  /** Newest first. */
  readonly letters: readonly IndexedLetter[]
  readonly marks: Marks
}

const FILES_AT_ONCE = 8
/** Letters kept in memory between questions. */
const KEPT = 1_000_000
const COLUMNS = [
  'error_id',
  'error_type',
  'error_message',
  'error_timestamp',
  'kafka_topic',
  'kafka_partition',
  'kafka_offset',
  'user_id',
  'data_type',
] as const
const SEARCHED = [
  'error_message',
  'raw_payload',
  'user_id',
  'device_id',
  'sample_id',
  'data_type',
  'error_id',
]

interface Kept {
  /** By file and its deletes: a file never changes, so a new snapshot costs its new files only. */
  readonly files: Map<string, readonly IndexedLetter[]>
  readonly reasons: ReturnType<typeof createReasons>
  readonly marks: MarksCache
  readonly answers: Map<string, Promise<LetterSearch>>
}

const kept = new WeakMap<Lake, Kept>()
const ANSWERS_KEPT = 6

export function keptOf(lake: Lake): Kept {
  const known = kept.get(lake)
  if (known) return known
  const fresh: Kept = { files: new Map(), reasons: createReasons(), marks: new Map(), answers: new Map() }
  kept.set(lake, fresh)
  return fresh
}

export const marksTable = (lake: Lake) => ({
  namespace: lake.tables.errors.namespace,
  name: marksName(lake.tables.errors.name),
})

export const marksIn = (lake: Lake, signal?: AbortSignal): Promise<Marks> =>
  readMarks(lake.io, marksTable(lake), keptOf(lake).marks, signal)

/**
 * Letters that match, newest first, with all marks. Files are chosen by partition and bounds; of new ones only the
 * columns of a list are read, of known ones nothing. `snapshotId` asks for the letters of an earlier snapshot.
 */
export async function findLetters(
  lake: Lake,
  filter: DeadLetterFilter,
  signal?: AbortSignal,
  snapshotId?: bigint,
): Promise<LetterSearch> {
  const [{ metadata }, marks] = await Promise.all([loadErrors(lake, signal), marksIn(lake, signal)])
  const { answers } = keptOf(lake)
  const facts = Object.entries(filter).map(
    ([name, value]) => `${name}=${value instanceof Set ? [...value].join() : String(value)}`,
  )
  const key = [
    metadata['table-uuid'],
    snapshotId ?? metadata['current-snapshot-id'],
    metadata['current-schema-id'],
    marks.all.length,
    ...facts,
  ].join(' ')
  const known = answers.get(key)
  if (known) return known
  // Not with the signal of one request: another may be waiting for the same answer.
  const answer = scan(lake, metadata, filter, marks, snapshotId)
  answers.set(key, answer)
  answer.catch(() => answers.delete(key))
  for (const old of [...answers.keys()].slice(0, Math.max(0, answers.size - ANSWERS_KEPT)))
    answers.delete(old)
  const result = await answer
  throwIfCancelled(signal)
  return result
}

async function loadErrors(lake: Lake, signal?: AbortSignal) {
  try {
    return await lake.io.catalog.loadTable(lake.tables.errors, signal)
  } catch (error) {
    if (!isLakeError(error, 'NO_TABLE', 'NO_NAMESPACE')) throw error
    throw new LakeError('NO_TABLE', `there is no table ${lake.tables.errors.name} yet`, {
      remedy: 'Run the set-up once.',
    })
  }
}

async function scan(
  lake: Lake,
  metadata: TableMetadata,
  filter: DeadLetterFilter,
  marks: Marks,
  snapshotId: bigint | undefined,
): Promise<LetterSearch> {
  const plan = await planScan(lake.io, metadata, {
    filter: predicateOf(filter),
    ...(snapshotId === undefined ? {} : { snapshotId }),
  })
  const deletes = new DeleteCache()
  const perFile = await mapConcurrent(plan.files, FILES_AT_ONCE, async (file) => {
    const letters = await lettersOfFile(lake, metadata, file, deletes)
    const matching = letters.filter((letter) => matches(letter, filter, marks))
    if (filter.text === undefined || matching.length === 0) return matching
    const held = await rowsWithText(lake, metadata, file, deletes, filter.text)
    return matching.filter((letter) => held.has(letter.row))
  })
  const letters = perFile
    .flat()
    .sort(
      (a, b) =>
        compare(b.timestamp, a.timestamp) || compare(b.offset, a.offset) || compare(b.partition, a.partition),
    )
  return { metadata, plan, letters, marks }
}

async function lettersOfFile(
  lake: Lake,
  metadata: TableMetadata,
  file: ScanFile,
  deletes: DeleteCache,
): Promise<readonly IndexedLetter[]> {
  const { files, reasons } = keptOf(lake)
  const key = [file.file.path, ...file.deletes.map((one) => one.file.path)].join('\n')
  const known = files.get(key)
  if (known) return known
  const read = reader(metadata, await readFile(lake.io, metadata, file, COLUMNS, { deletes }))
  const letters = Array.from({ length: read.rows }, (_, row): IndexedLetter => {
    const text = (name: string): string | null => textOf(read.cell(name, row))
    return {
      id: text('error_id') ?? '',
      reason: reasons(text('error_type') ?? '', text('error_message') ?? ''),
      timestamp: long(read.cell('error_timestamp', row)),
      topic: text('kafka_topic') ?? '',
      partition: long(read.cell('kafka_partition', row)),
      offset: long(read.cell('kafka_offset', row)),
      userId: text('user_id'),
      dataType: text('data_type'),
      file,
      row,
    }
  })
  let held = [...files.values()].reduce((sum, one) => sum + one.length, 0) + letters.length
  for (const [old, one] of files) {
    if (held <= KEPT) break
    files.delete(old)
    held -= one.length
  }
  if (letters.length <= KEPT) files.set(key, letters)
  return letters
}

async function rowsWithText(
  lake: Lake,
  metadata: TableMetadata,
  file: ScanFile,
  deletes: DeleteCache,
  text: string,
): Promise<ReadonlySet<number>> {
  const read = reader(metadata, await readFile(lake.io, metadata, file, SEARCHED, { deletes }))
  const wanted = text.toLowerCase()
  const rows = new Set<number>()
  for (let row = 0; row < read.rows; row++) {
    if (SEARCHED.some((name) => textOf(read.cell(name, row))?.toLowerCase().includes(wanted))) rows.add(row)
  }
  return rows
}

function predicateOf(filter: DeadLetterFilter): Predicate {
  const args: Predicate[] = []
  if (filter.errorType !== undefined) args.push({ op: '==', column: 'error_type', value: filter.errorType })
  if (filter.partition !== undefined)
    args.push({ op: '==', column: 'kafka_partition', value: filter.partition })
  if (filter.offsetFrom !== undefined)
    args.push({ op: '>=', column: 'kafka_offset', value: filter.offsetFrom })
  if (filter.offsetTo !== undefined) args.push({ op: '<', column: 'kafka_offset', value: filter.offsetTo })
  if (filter.from !== undefined) args.push({ op: '>=', column: 'error_timestamp', value: filter.from })
  if (filter.to !== undefined) args.push({ op: '<', column: 'error_timestamp', value: filter.to })
  if (filter.ids !== undefined && filter.ids.size <= 200)
    args.push({ op: 'in', column: 'error_id', values: [...filter.ids] })
  return { op: 'and', args }
}

function matches(letter: IndexedLetter, filter: DeadLetterFilter, marks: Marks): boolean {
  return (
    (filter.errorType === undefined || letter.reason.errorType === filter.errorType) &&
    (filter.group === undefined || letter.reason.key === filter.group) &&
    (filter.partition === undefined || letter.partition === filter.partition) &&
    (filter.offsetFrom === undefined || letter.offset >= filter.offsetFrom) &&
    (filter.offsetTo === undefined || letter.offset < filter.offsetTo) &&
    (filter.from === undefined || letter.timestamp >= filter.from) &&
    (filter.to === undefined || letter.timestamp < filter.to) &&
    (filter.ids === undefined || filter.ids.has(letter.id)) &&
    (filter.state === undefined || stateOf(marks.ofLetter.get(letter.id)) === filter.state)
  )
}

/** Cells of a batch by column name. */
export interface Reader {
  readonly rows: number
  cell(name: string, row: number): Cell
}

export function reader(metadata: TableMetadata, batch: Batch): Reader {
  const ids = new Map<string, number>()
  return {
    rows: batch.rows,
    cell(name, row) {
      let id = ids.get(name)
      if (id === undefined) {
        id = columnId(metadata, name)
        ids.set(name, id)
      }
      return batch.columns.get(id)?.[row] ?? null
    },
  }
}

function columnId(metadata: TableMetadata, name: string): number {
  const field = fieldByName(currentSchema(metadata), name)
  if (field) return field.id
  throw new LakeError('TABLE_DIFFERS', `the errors table has no column ${name}`, {
    context: { column: name },
  })
}

export const textOf = (cell: Cell): string | null => (typeof cell === 'string' ? cell : null)
export const long = (cell: Cell): bigint => (typeof cell === 'bigint' ? cell : BigInt(Number(cell)))
export const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)
