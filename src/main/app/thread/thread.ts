import { isLakeError } from '../../../shared/errors.ts'
import { TABLE_ROLES, type TableRole } from '../../../shared/tables.ts'
import type { ThreadStart } from '../../../shared/thread.ts'
import type {
  RawOrder,
  ThreadView,
  TraceAggregate,
  TraceCommit,
  TraceEnd,
  TraceLetter,
  TraceProgress,
  TraceRewrite,
  TraceTable,
} from '../../../shared/trace.ts'
import type { LoadedTable, TableIdentifier } from '../../iceberg/catalog.ts'
import { headSnapshot, snapshotById } from '../../iceberg/metadata.ts'
import type { Cell } from '../../iceberg/projection.ts'
import type { Schema, TableMetadata } from '../../iceberg/types.ts'
import { countingStorage } from '../../storage/counting.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Lake } from '../lake.ts'
import { deadLetter } from '../letters/dead-letters.ts'
import { marksIn } from '../letters/letter-index.ts'
import { aggregateKey, rawRowsOf } from './aggregate.ts'
import { cellOf, typedKeys } from './cells.ts'
import { commitOf, ledgerAfter, mayRewrite } from './commit.ts'
import { fileView } from './file.ts'
import { type Bound, type FoundRow, keysOfRow, type Located, locate } from './locate.ts'

export interface ThreadRequest extends ThreadStart {
  /** Which of the rows that match. */
  readonly pick: number
  readonly order: RawOrder
  /** Reads all candidates, however many. */
  readonly all: boolean
}

export type OnProgress = (progress: TraceProgress) => void

/** What one search reads unless told to go on: whole files, as a bound of what it may cost. */
const BOUND: Bound = { files: 256, bytes: 128 << 20 }
const NO_BOUND: Bound = { files: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }
const ROWS = 50
const AGGREGATES: readonly (TableRole | null)[] = ['daily', 'weekly', 'monthly']
/** Rewrites followed back from one file. */
const STEPS = 16

/** The table that a role or a full name means. */
export function tableOf(lake: Lake, table: string): { identifier: TableIdentifier; view: TraceTable } {
  const role = TABLE_ROLES.find((one) => one === table)
  const identifier =
    role === undefined
      ? { namespace: table.split('.').slice(0, -1), name: table.split('.').at(-1) ?? '' }
      : lake.tables[role]
  const name = [...identifier.namespace, identifier.name].join('.')
  return { identifier, view: { role: role ?? roleOf(lake, name), name } }
}

function roleOf(lake: Lake, name: string): TableRole | null {
  const full = ({ namespace, name: last }: TableIdentifier) => [...namespace, last].join('.')
  return TABLE_ROLES.find((role) => full(lake.tables[role]) === name) ?? null
}

/**
 * Finds a row by values of it and follows it back: file, manifest, the commit that first wrote it, what that commit took
 * from where. NO_TABLE, INVALID for keys and snapshots the table lacks, CANCELLED.
 */
export async function threadOf(
  lake: Lake,
  request: ThreadRequest,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<ThreadView> {
  const { identifier, view } = tableOf(lake, request.table)
  const table = await lake.io.catalog.loadTable(identifier, signal)
  const { metadata } = table
  const storage = countingStorage(lake.io.storage)
  const io = { storage }
  const report = (text: string) => (done: number, of: number) =>
    onProgress({ text, done, of, unit: 'files', bytes: storage.counts.bytesRead })
  onProgress({ text: 'planning the search', done: 0, of: null, unit: 'files', bytes: 0 })
  let ignored: readonly string[] = []
  const located = await locate(io, metadata, {
    ...(request.snapshot === undefined ? {} : { snapshotId: BigInt(request.snapshot) }),
    ...(request.file === undefined ? {} : { path: request.file }),
    keys: (schema) => {
      const typed = typedKeys(request.keys ?? {}, schema)
      ignored = typed.ignored
      return typed.keys
    },
    limit: ROWS,
    bound: request.all ? NO_BOUND : BOUND,
    signal,
    onProgress: report('reading data files'),
  })
  const chosen = Math.min(request.pick, Math.max(0, located.rows.length - 1))
  const row = located.rows[chosen]
  const back = row ? await walkBack(io, metadata, row, located.schema, signal) : null
  const context = { lake, io, metadata, table: view, signal }
  const end = back && row ? await endOf(context, row, located.schema, back.origin, back.file) : null
  const aggregate =
    row && back && AGGREGATES.includes(view.role)
      ? await aggregateOf(
          context,
          row,
          located.schema,
          back.origin,
          request.order,
          report('reading raw rows'),
        )
      : null
  const files = [...new Set(located.rows.map(({ file }) => file))]
  const left = located.candidates.slice(located.read)
  return {
    kind: 'thread',
    table: view,
    snapshot: snapshotOf(table, located),
    rows: located.rows.map((one) => ({
      file: files.indexOf(one.file),
      position: one.position,
      group: one.group,
      cells: located.schema.fields.map((field) => cellOf(field, one.cells.get(field.id) ?? null)),
    })),
    files: files.map((file) => fileView(metadata, located.schema, file)),
    chosen,
    search: {
      files: located.files,
      candidates: located.candidates.length,
      read: located.read,
      requests: storage.counts.reads,
      bytes: storage.counts.bytesRead,
      left: located.rows.length >= ROWS ? 0 : left.length,
      leftBytes: left.reduce((sum, { file }) => sum + file.fileSize, 0),
      ignored,
    },
    rewrites: back?.rewrites ?? [],
    origin: back?.origin ?? null,
    end,
    aggregate,
    letter: row && view.role === 'errors' ? await letterOf(context, row, located.schema) : null,
  }
}

function snapshotOf({ metadata }: LoadedTable, { snapshotId }: Located): ThreadView['snapshot'] {
  const snapshot = snapshotId === null ? null : snapshotById(metadata, snapshotId)
  if (snapshot === null) return null
  return {
    id: String(snapshot['snapshot-id']),
    at: snapshot['timestamp-ms'],
    head: snapshot['snapshot-id'] === headSnapshot(metadata)?.['snapshot-id'],
  }
}

interface Back {
  readonly rewrites: readonly TraceRewrite[]
  readonly origin: TraceCommit
  /** The file in which the row first came, as far as it could be followed. */
  readonly file: FoundRow
}

/** From a file that a compaction, delete or update wrote to the one that held the same row before it. */
async function walkBack(
  io: { readonly storage: Storage },
  metadata: TableMetadata,
  row: FoundRow,
  schema: Schema,
  signal: AbortSignal,
): Promise<Back> {
  const rewrites: TraceRewrite[] = []
  let at = row
  for (let step = 0; step < STEPS; step++) {
    const snapshot = snapshotById(metadata, at.file.snapshotId)
    if (snapshot === null || !mayRewrite(snapshot)) break
    const parent = snapshot['parent-snapshot-id']
    if (parent === undefined || snapshotById(metadata, parent) === null) break
    const before = await locate(io, metadata, {
      snapshotId: parent,
      keys: (past) => keysOfRow(row, schema, past),
      limit: 1,
      bound: BOUND,
      signal,
    })
    const found = before.rows[0]
    if (found === undefined || found.file.file.path === at.file.file.path) break
    rewrites.push({
      commit: commitOf(metadata, at.file.snapshotId, at.file.file.path),
      from: found.file.file.path,
    })
    at = found
  }
  return { rewrites, origin: commitOf(metadata, at.file.snapshotId, at.file.file.path), file: at }
}

interface Context {
  readonly lake: Lake
  readonly io: { readonly storage: Storage }
  readonly metadata: TableMetadata
  readonly table: TraceTable
  readonly signal: AbortSignal
}

/** A column of a row by its name in the schema that the row was read with. */
const cellNamed =
  (row: FoundRow, schema: Schema) =>
  (name: string): Cell => {
    const field = schema.fields.find((one) => one.name === name)
    return field === undefined ? null : (row.cells.get(field.id) ?? null)
  }

async function endOf(
  context: Context,
  row: FoundRow,
  schema: Schema,
  origin: TraceCommit,
  first: FoundRow,
): Promise<TraceEnd> {
  const { metadata, table } = context
  if (origin.at === null) {
    const before = ledgerAfter(metadata, first.file.sequenceNumber)
    return { kind: 'expired', before }
  }
  switch (origin.writer) {
    case 'load':
      return { kind: 'messages' }
    case 'rollup':
      return { kind: 'rollup' }
    case 'replay':
      return {
        kind: 'letter',
        letter: table.role === 'raw' ? await letterBehind(context, cellNamed(row, schema), origin) : null,
      }
    case 'maintenance': {
      // Followed back as far as snapshots are kept: what it compacted came from an expired one.
      return { kind: 'expired', before: ledgerAfter(metadata, 0) }
    }
    case 'other':
      return { kind: 'other' }
  }
}

/** The dead letter whose replay wrote a row, told by the marks of that commit and by the sample. */
async function letterBehind(
  { lake, signal }: Context,
  cell: (name: string) => Cell,
  origin: TraceCommit,
): Promise<TraceLetter | null> {
  const marks = await marksIn(lake, signal)
  const [sample, user] = [cell('sample_id'), cell('user_id')]
  for (const { state, snapshot, letter: id } of marks.all()) {
    if (id === null || state !== 'landed' || String(snapshot) !== origin.snapshotId) continue
    const letter = await deadLetter(lake, id, signal).catch((error) => {
      if (isLakeError(error, 'NOT_FOUND')) return null
      throw error
    })
    if (letter === null || (letter.userId !== null && letter.userId !== user)) continue
    const holds = letter.sampleId === sample || (letter.payload ?? '').includes(JSON.stringify(sample))
    if (letter.sampleId === null ? holds : letter.sampleId === sample)
      return { id, topic: letter.topic, partition: letter.partition, offset: letter.offset }
  }
  return null
}

async function letterOf(
  { lake, signal }: Context,
  row: FoundRow,
  schema: Schema,
): Promise<ThreadView['letter']> {
  const cell = cellNamed(row, schema)
  const [id, topic, partition, offset] = [
    cell('error_id'),
    cell('kafka_topic'),
    cell('kafka_partition'),
    cell('kafka_offset'),
  ]
  if (typeof id !== 'string' || typeof topic !== 'string') return null
  const marks = (await marksIn(lake, signal)).ofLetter.get(id) ?? []
  return {
    id,
    topic,
    partition: String(partition),
    offset: String(offset),
    landed: marks.flatMap(({ state, snapshot, at }) =>
      state === 'landed' && snapshot !== null
        ? [{ snapshotId: String(snapshot), at: Number(at / 1000n) }]
        : [],
    ),
  }
}

async function aggregateOf(
  { lake, io, signal }: Context,
  row: FoundRow,
  schema: Schema,
  origin: TraceCommit,
  order: RawOrder,
  onProgress: (done: number, of: number) => void,
): Promise<TraceAggregate | null> {
  const key = aggregateKey(cellNamed(row, schema))
  if (key === null) return null
  const raw = await lake.io.catalog.loadTable(lake.tables.raw, signal)
  return rawRowsOf(io, raw.metadata, key, origin, order, signal, onProgress)
}
