import { isLakeError, LakeError } from '../../../shared/errors.ts'
import type { LetterState } from '../../../shared/letters.ts'
import { unlessCancelled } from '../../base/cancel.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import type { Predicate } from '../../iceberg/predicate.ts'
import { readBatches } from '../../iceberg/read.ts'
import { planScan, type ScanFile, type ScanPlan } from '../../iceberg/scan.ts'
import type { TableMetadata } from '../../iceberg/types.ts'
import { type Marks, type MarksCache, readMarks } from '../../replay/marks.ts'
import { stateOf } from '../../replay/state.ts'
import { marksName } from '../../replay/table.ts'
import type { Lake } from '../lake.ts'
import {
  createNames,
  type FileLetters,
  type IndexedLetter,
  type Letters,
  type Names,
  newestFirst,
  packLetters,
} from './file-letters.ts'
import { createReasons } from './reason.ts'
import { long, reader, textOf } from './rows.ts'

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
  readonly user?: string
  readonly dataType?: string
  readonly state?: LetterState
  readonly ids?: ReadonlySet<string>
}

export interface LetterSearch {
  readonly metadata: TableMetadata
  readonly plan: ScanPlan
  /** Newest first. */
  readonly letters: Letters
  readonly marks: Marks
}

const FILES_AT_ONCE = 8
/** Ids that are looked up one by one. */
const FEW = 20
/** Letters kept in memory between questions, packed. */
const KEPT = 2_000_000
/** Rows decoded at a time: between two such steps other work has its turn. */
const INDEXED = 4096
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
  readonly files: Map<string, FileLetters>
  readonly names: Names
  readonly reasons: ReturnType<typeof createReasons>
  readonly marks: MarksCache
  readonly answers: Map<string, Promise<LetterSearch>>
}

const kept = new WeakMap<Lake, Kept>()
const ANSWERS_KEPT = 12

export function keptOf(lake: Lake): Kept {
  const known = kept.get(lake)
  if (known) return known
  const fresh: Kept = {
    files: new Map(),
    names: createNames(),
    reasons: createReasons(),
    marks: new Map(),
    answers: new Map(),
  }
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
    marks.count,
    JSON.stringify(facts),
  ].join(' ')
  const known = answers.get(key)
  if (known) return unlessCancelled(known, signal)
  // Not with the signal of one request: another may be waiting for the same answer.
  const answer = scan(lake, metadata, filter, marks, snapshotId)
  answers.set(key, answer)
  answer.catch(() => answers.delete(key))
  for (const old of [...answers.keys()].slice(0, Math.max(0, answers.size - ANSWERS_KEPT)))
    answers.delete(old)
  return unlessCancelled(answer, signal)
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
  const found = await mapConcurrent(plan.files, FILES_AT_ONCE, async (file) => {
    const letters = await lettersOfFile(lake, metadata, file, deletes)
    let rows = matching(letters, filter, marks)
    if (filter.text !== undefined && rows.length > 0) {
      const held = await rowsWithText(lake, metadata, file, deletes, filter.text)
      rows = rows.filter((row) => held.has(row))
    }
    return { file, letters, rows }
  })
  return { metadata, plan, letters: newestFirst(found), marks }
}

function matching(letters: FileLetters, filter: DeadLetterFilter, marks: Marks): Uint32Array {
  const rows = new Uint32Array(letters.count)
  let count = 0
  const few = filter.ids !== undefined && filter.ids.size <= FEW ? [...filter.ids].map(letters.find) : null
  for (const row of few?.sort((a, b) => a - b) ?? rows.keys()) {
    if (row >= 0 && matches(letters.letter(row), filter, marks)) rows[count++] = row
  }
  return rows.slice(0, count)
}

async function lettersOfFile(
  lake: Lake,
  metadata: TableMetadata,
  file: ScanFile,
  deletes: DeleteCache,
): Promise<FileLetters> {
  const { files, names, reasons } = keptOf(lake)
  const key = [file.file.path, ...file.deletes.map((one) => one.file.path)].join('\n')
  const known = files.get(key)
  if (known) return known
  const parts: Omit<IndexedLetter, 'file' | 'row'>[][] = []
  for await (const batch of readBatches(lake.io, metadata, file, COLUMNS, { deletes, batchRows: INDEXED })) {
    const read = reader(metadata, batch)
    const text = (name: string, row: number): string | null => textOf(read.cell(name, row))
    parts.push(
      Array.from({ length: read.rows }, (_, row) => ({
        id: text('error_id', row) ?? '',
        reason: reasons(text('error_type', row) ?? '', text('error_message', row) ?? ''),
        timestamp: long(read.cell('error_timestamp', row)),
        topic: text('kafka_topic', row) ?? '',
        partition: long(read.cell('kafka_partition', row)),
        offset: long(read.cell('kafka_offset', row)),
        userId: text('user_id', row),
        dataType: text('data_type', row),
      })),
    )
  }
  const cells = parts.flat()
  const letters = packLetters(file, cells.length, names, cells)
  let held = [...files.values()].reduce((sum, one) => sum + one.count, 0) + letters.count
  for (const [old, one] of files) {
    if (held <= KEPT) break
    files.delete(old)
    held -= one.count
  }
  if (letters.count <= KEPT) files.set(key, letters)
  return letters
}

async function rowsWithText(
  lake: Lake,
  metadata: TableMetadata,
  file: ScanFile,
  deletes: DeleteCache,
  text: string,
): Promise<ReadonlySet<number>> {
  const wanted = text.toLowerCase()
  const rows = new Set<number>()
  let first = 0
  for await (const batch of readBatches(lake.io, metadata, file, SEARCHED, { deletes, batchRows: INDEXED })) {
    const read = reader(metadata, batch)
    for (let row = 0; row < read.rows; row++) {
      if (SEARCHED.some((name) => textOf(read.cell(name, row))?.toLowerCase().includes(wanted)))
        rows.add(first + row)
    }
    first += read.rows
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
  if (filter.user !== undefined) args.push({ op: '==', column: 'user_id', value: filter.user })
  if (filter.dataType !== undefined) args.push({ op: '==', column: 'data_type', value: filter.dataType })
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
    (filter.user === undefined || letter.userId === filter.user) &&
    (filter.dataType === undefined || letter.dataType === filter.dataType) &&
    (filter.ids === undefined || filter.ids.has(letter.id)) &&
    (filter.state === undefined || stateOf(marks.ofLetter.get(letter.id)) === filter.state)
  )
}
