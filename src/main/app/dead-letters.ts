import { isLakeError, LakeError } from '../../shared/errors.ts'
import type { DeadLetter, DeadLetterGroup, DeadLetterPage, DeadLetterRow } from '../../shared/model.ts'
import { throwIfCancelled } from '../base/cancel.ts'
import { mapConcurrent } from '../base/concurrent.ts'
import { DeleteCache } from '../iceberg/deletes.ts'
import { currentSchema } from '../iceberg/metadata.ts'
import type { Predicate } from '../iceberg/predicate.ts'
import type { Cell } from '../iceberg/projection.ts'
import { type Batch, readFile } from '../iceberg/read.ts'
import { planScan, type ScanFile, type ScanPlan } from '../iceberg/scan.ts'
import { fieldByName } from '../iceberg/schema.ts'
import type { TableMetadata } from '../iceberg/types.ts'
import type { Lake } from './lake.ts'

export interface DeadLetterFilter {
  readonly errorType?: string
  readonly partition?: bigint
  /** Half-open range of Kafka offsets. */
  readonly offsetFrom?: bigint
  readonly offsetTo?: bigint
  /** Half-open range of error times, microseconds since the epoch. */
  readonly from?: bigint
  readonly to?: bigint
  /** Found anywhere in message, payload or ids, case ignored. */
  readonly text?: string
}

const FILES_AT_ONCE = 8
/** Everything but the payload, which may be large and is read only for what is shown or searched. */
const LIGHT = [
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
const SEARCHED = [
  'error_message',
  'raw_payload',
  'user_id',
  'device_id',
  'sample_id',
  'data_type',
  'error_id',
] as const
type Name = (typeof LIGHT)[number] | 'raw_payload'

/** A row of the errors table and where it lies. */
interface Found {
  readonly file: ScanFile
  /** Row of the file, deletes applied. */
  readonly row: number
  readonly timestamp: bigint
  readonly partition: bigint
  readonly offset: bigint
  readonly errorType: string
}

interface Search {
  readonly metadata: TableMetadata
  readonly plan: ScanPlan
  /** Newest first. */
  readonly found: readonly Found[]
}

/** Counts by error type, most first. */
export async function deadLetterGroups(
  lake: Lake,
  filter: DeadLetterFilter,
  signal: AbortSignal,
): Promise<DeadLetterGroup[]> {
  const groups = new Map<string, { count: number; first: bigint; last: bigint }>()
  for (const { errorType, timestamp } of (await search(lake, filter, signal)).found) {
    const group = groups.get(errorType)
    if (!group) groups.set(errorType, { count: 1, first: timestamp, last: timestamp })
    else {
      group.count += 1
      if (timestamp < group.first) group.first = timestamp
      if (timestamp > group.last) group.last = timestamp
    }
  }
  return [...groups]
    .map(([errorType, { count, first, last }]) => ({
      errorType,
      count,
      firstSeen: isoMicros(first),
      lastSeen: isoMicros(last),
    }))
    .sort((a, b) => b.count - a.count || (a.errorType < b.errorType ? -1 : 1))
}

/** One page of letters that match, newest first. Payloads are read for the page only. */
export async function deadLetterPage(
  lake: Lake,
  filter: DeadLetterFilter,
  page: number,
  pageSize: number,
  signal: AbortSignal,
): Promise<DeadLetterPage> {
  const { metadata, plan, found } = await search(lake, filter, signal)
  const shown = found.slice(page * pageSize, (page + 1) * pageSize)
  const letters = await lettersOf(lake, metadata, shown, signal)
  return {
    rows: letters.map(({ payload: _p, encoding: _e, ...row }) => row),
    total: found.length,
    page,
    pageSize,
    snapshotId: plan.snapshotId === null ? null : String(plan.snapshotId),
    read: { files: plan.totals.files, bytes: plan.totals.bytes },
  }
}

/** One letter with its payload. NOT_FOUND where no row has this id. */
export async function deadLetter(lake: Lake, id: string, signal: AbortSignal): Promise<DeadLetter> {
  const { metadata } = await lake.io.catalog.loadTable(lake.tables.errors, signal)
  const plan = await planScan(lake.io, metadata, {
    filter: { op: '==', column: 'error_id', value: id },
    signal,
  })
  const deletes = new DeleteCache()
  const key = columnId(metadata, 'error_id')
  for (const file of plan.files) {
    const batch = await readFile(lake.io, metadata, file, ['error_id'], { deletes, signal })
    const ids = batch.columns.get(key)
    for (let row = 0; row < batch.rows; row++) {
      if (ids?.[row] !== id) continue
      const all = await readFile(lake.io, metadata, file, [...LIGHT, 'raw_payload'], { deletes, signal })
      return letterAt(reader(metadata, all), row)
    }
  }
  throw new LakeError('NOT_FOUND', `there is no dead letter ${id}`, { context: { errorId: id } })
}

/** The last answers per lake: turning pages reads nothing again while the table stays as it is. */
const answers = new WeakMap<Lake, Map<string, Promise<Search>>>()
const ANSWERS_KEPT = 4

async function search(lake: Lake, filter: DeadLetterFilter, signal: AbortSignal): Promise<Search> {
  const table = await lake.io.catalog.loadTable(lake.tables.errors, signal).catch((error) => {
    if (isLakeError(error, 'NO_TABLE', 'NO_NAMESPACE')) return null
    throw error
  })
  if (!table)
    throw new LakeError('NO_TABLE', `there is no table ${lake.tables.errors.name} yet`, {
      remedy: 'Run the set-up once.',
    })
  const { metadata } = table
  const cache = answers.get(lake) ?? new Map<string, Promise<Search>>()
  answers.set(lake, cache)
  const facts = Object.entries(filter).map(([name, value]) => `${name}=${String(value)}`)
  const key = [
    metadata['table-uuid'],
    String(metadata['current-snapshot-id']),
    metadata['current-schema-id'],
    ...facts,
  ].join(' ')
  const known = cache.get(key)
  if (known) return known
  // Not with the signal of one request: another may be waiting for the same answer.
  const answer = scan(lake, metadata, filter)
  cache.set(key, answer)
  answer.catch(() => cache.delete(key))
  for (const old of [...cache.keys()].slice(0, Math.max(0, cache.size - ANSWERS_KEPT))) cache.delete(old)
  const result = await answer
  throwIfCancelled(signal)
  return result
}

async function scan(lake: Lake, metadata: TableMetadata, filter: DeadLetterFilter): Promise<Search> {
  const plan = await planScan(lake.io, metadata, { filter: predicateOf(filter) })
  const deletes = new DeleteCache()
  const needed: Name[] = ['error_type', 'error_timestamp', 'kafka_partition', 'kafka_offset']
  if (filter.text !== undefined) needed.push(...SEARCHED)
  const perFile = await mapConcurrent(plan.files, FILES_AT_ONCE, async (file) => {
    const batch = await readFile(lake.io, metadata, file, [...new Set(needed)], { deletes })
    const read = reader(metadata, batch)
    const found: Found[] = []
    for (let row = 0; row < batch.rows; row++) {
      const one: Found = {
        file,
        row,
        timestamp: long(read('error_timestamp', row)),
        partition: long(read('kafka_partition', row)),
        offset: long(read('kafka_offset', row)),
        errorType: String(read('error_type', row)),
      }
      if (matches(one, filter) && holdsText(read, row, filter.text)) found.push(one)
    }
    return found
  })
  const found = perFile
    .flat()
    .sort(
      (a, b) =>
        compare(b.timestamp, a.timestamp) || compare(b.offset, a.offset) || compare(b.partition, a.partition),
    )
  return { metadata, plan, found }
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
  return { op: 'and', args }
}

function matches(one: Found, filter: DeadLetterFilter): boolean {
  return (
    (filter.errorType === undefined || one.errorType === filter.errorType) &&
    (filter.partition === undefined || one.partition === filter.partition) &&
    (filter.offsetFrom === undefined || one.offset >= filter.offsetFrom) &&
    (filter.offsetTo === undefined || one.offset < filter.offsetTo) &&
    (filter.from === undefined || one.timestamp >= filter.from) &&
    (filter.to === undefined || one.timestamp < filter.to)
  )
}

function holdsText(read: Reader, row: number, text: string | undefined): boolean {
  if (text === undefined) return true
  const wanted = text.toLowerCase()
  return SEARCHED.some((name) => {
    const cell = read(name, row)
    return typeof cell === 'string' && cell.toLowerCase().includes(wanted)
  })
}

async function lettersOf(
  lake: Lake,
  metadata: TableMetadata,
  shown: readonly Found[],
  signal: AbortSignal,
): Promise<DeadLetter[]> {
  const files = [...new Set(shown.map((one) => one.file))]
  const deletes = new DeleteCache()
  const read = await mapConcurrent(
    files,
    FILES_AT_ONCE,
    async (file) =>
      reader(
        metadata,
        await readFile(lake.io, metadata, file, [...LIGHT, 'raw_payload'], { deletes, signal }),
      ),
    signal,
  )
  const readers = new Map(files.map((file, index) => [file, read[index]]))
  return shown.flatMap((one) => {
    const cells = readers.get(one.file)
    return cells ? [letterAt(cells, one.row)] : []
  })
}

type Reader = (name: Name, row: number) => Cell

function reader(metadata: TableMetadata, batch: Batch): Reader {
  const ids = new Map<string, number>()
  return (name, row) => {
    let id = ids.get(name)
    if (id === undefined) {
      id = columnId(metadata, name)
      ids.set(name, id)
    }
    return batch.columns.get(id)?.[row] ?? null
  }
}

function columnId(metadata: TableMetadata, name: string): number {
  const field = fieldByName(currentSchema(metadata), name)
  if (field) return field.id
  throw new LakeError('TABLE_DIFFERS', `the errors table has no column ${name}`, {
    context: { column: name },
  })
}

function letterAt(read: Reader, row: number): DeadLetter {
  const text = (name: Name): string | null => {
    const cell = read(name, row)
    return typeof cell === 'string' ? cell : null
  }
  const payload = text('raw_payload')
  const light: DeadLetterRow = {
    id: text('error_id') ?? '',
    errorType: text('error_type') ?? '',
    message: text('error_message') ?? '',
    timestamp: isoMicros(long(read('error_timestamp', row))),
    userId: text('user_id'),
    deviceId: text('device_id'),
    sampleId: text('sample_id'),
    dataType: text('data_type'),
    topic: text('kafka_topic') ?? '',
    partition: String(read('kafka_partition', row)),
    offset: String(read('kafka_offset', row)),
    payloadBytes: payload === null ? null : Buffer.byteLength(payload),
  }
  return {
    ...light,
    payload,
    encoding: payload === null ? null : payload.startsWith('base64:') ? 'base64' : 'text',
  }
}

const long = (cell: Cell): bigint => (typeof cell === 'bigint' ? cell : BigInt(Number(cell)))
const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

/** Microseconds since the epoch as ISO 8601 with six digits and `Z`. */
export function isoMicros(micros: bigint): string {
  const part = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = new Date(Number((micros - part) / 1000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(part).padStart(6, '0')}Z`
}
