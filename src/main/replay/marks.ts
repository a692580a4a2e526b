import { randomUUID } from 'node:crypto'
import { isLakeError, LakeError } from '../../shared/errors.ts'
import { mapConcurrent } from '../base/concurrent.ts'
import type { LoadedTable, TableIdentifier } from '../iceberg/catalog.ts'
import { DeleteCache } from '../iceberg/deletes.ts'
import { dataFolder } from '../iceberg/folders.ts'
import { currentSchema, currentSpec, headSnapshot } from '../iceberg/metadata.ts'
import { partitionKey, partitionPath, partitionValues } from '../iceberg/partition.ts'
import { readBatches } from '../iceberg/read.ts'
import { planScan, type ScanFile } from '../iceberg/scan.ts'
import { fieldById } from '../iceberg/schema.ts'
import { type CommitResult, commitSnapshot, type LakeIo } from '../iceberg/transaction.ts'
import type { DataFile, TableMetadata, Value } from '../iceberg/types.ts'
import { encodeRows } from '../parquet/write.ts'
import { createMarkIndex, type MarkIndex, type MarkPack, packMarks } from './packed-marks.ts'
import { MARKS } from './table.ts'

export type MarkState = 'begun' | 'intended' | 'landed' | 'failed' | 'split' | 'ended'

/** One row of the table of marks. */
export interface Mark {
  readonly replay: string
  readonly batch: number
  readonly state: MarkState
  /** Microseconds since the epoch. */
  readonly at: bigint
  readonly letter: string | null
  readonly firstLetter: string | null
  readonly fixId: string
  readonly rows: number
  readonly reason: string | null
  readonly commit: string | null
  /** Snapshot of raw. */
  readonly snapshot: bigint | null
  readonly detail: string | null
}

/** A mark as read back, with the snapshot of the marks table that brought it. */
export interface KeptMark extends Mark {
  readonly marksSnapshot: bigint | null
}

/** All marks as of one snapshot, packed: they are unpacked one by one as they are asked for. */
export interface Marks {
  /** Null while the table is not there. */
  readonly table: LoadedTable | null
  readonly count: number
  /** Bytes that they take in memory. */
  readonly bytes: number
  /** In the order they were made. */
  all(): Generator<KeptMark, void>
  readonly ofLetter: Pick<MarkIndex, 'get'>
}

const FILES_AT_ONCE = 8
/** Rows decoded and packed at a time. */
const PACKED = 4096
const COLUMNS = MARKS.columns.map(({ name }) => name)

/** Packed rows of files that were read: files never change, so a new snapshot costs its new files only. */
export type MarksCache = Map<string, readonly MarkPack[]>

/** Reads every mark. A lake that never replayed has no such table, and no marks. */
export async function readMarks(
  io: LakeIo,
  identifier: TableIdentifier,
  cache: MarksCache,
  signal?: AbortSignal,
): Promise<Marks> {
  const table = await io.catalog.loadTable(identifier, signal).catch((error) => {
    if (isLakeError(error, 'NO_TABLE', 'NO_NAMESPACE')) return null
    throw error
  })
  if (table === null) return marksWith(null, createMarkIndex())
  return marksOf(io, table, cache, signal)
}

/** The marks of a table as loaded. */
export async function marksOf(
  io: LakeIo,
  table: LoadedTable,
  cache: MarksCache,
  signal?: AbortSignal,
): Promise<Marks> {
  const { metadata } = table
  const plan = await planScan(io, metadata, signal === undefined ? {} : { signal })
  const snapshots = new Map(metadata.snapshots.map((one) => [one['sequence-number'], one['snapshot-id']]))
  const deletes = new DeleteCache()
  const files = await mapConcurrent(plan.files, FILES_AT_ONCE, async (file) => {
    const key = [file.file.path, ...file.deletes.map((one) => one.file.path)].join('\n')
    const packs = cache.get(key) ?? (await readPacks(io, metadata, file, deletes, signal))
    return { key, sequence: file.sequenceNumber, packs }
  })
  // What is of no use any more, as after a compaction, is not kept.
  cache.clear()
  const index = createMarkIndex()
  for (const { key, sequence, packs } of files.sort((a, b) => a.sequence - b.sequence)) {
    cache.set(key, packs)
    const marksSnapshot = snapshots.get(sequence) ?? null
    for (const pack of packs) index.add({ pack, marksSnapshot })
  }
  return marksWith(table, index)
}

const indexes = new WeakMap<Marks, MarkIndex>()

function marksWith(table: LoadedTable | null, index: MarkIndex): Marks {
  const marks: Marks = { table, count: index.count, bytes: index.bytes, all: index.all, ofLetter: index }
  indexes.set(marks, index)
  return marks
}

async function readPacks(
  io: LakeIo,
  metadata: TableMetadata,
  file: ScanFile,
  deletes: DeleteCache,
  signal: AbortSignal | undefined,
): Promise<MarkPack[]> {
  const { fields } = currentSchema(metadata)
  const ids = COLUMNS.map((name) => fields.find((field) => field.name === name)?.id ?? -1)
  const text = (cell: unknown): string | null => (typeof cell === 'string' ? cell : null)
  const packs: MarkPack[] = []
  for await (const { columns, rows: count } of readBatches(io, metadata, file, COLUMNS, {
    deletes,
    batchRows: PACKED,
    ...(signal === undefined ? {} : { signal }),
  })) {
    const [replay, number, state, at, letter, first, fix, rows, reason, commit, snapshot, detail] = ids.map(
      (id) => columns.get(id),
    )
    packs.push(
      packMarks(
        Array.from({ length: count }, (_, row) => ({
          replay: text(replay?.[row]) ?? '',
          batch: Number(number?.[row] ?? 0),
          state: (text(state?.[row]) ?? '') as MarkState,
          at: BigInt((at?.[row] ?? 0n) as bigint),
          letter: text(letter?.[row]),
          firstLetter: text(first?.[row]),
          fixId: text(fix?.[row]) ?? '',
          rows: Number(rows?.[row] ?? 0),
          reason: text(reason?.[row]),
          commit: text(commit?.[row]),
          snapshot: (snapshot?.[row] ?? null) as bigint | null,
          detail: text(detail?.[row]),
        })),
      ),
    )
  }
  return packs
}

/** `marks` and what was just appended to them, as of `table`. What was given is used up. */
export function extendMarks(marks: Marks, table: LoadedTable, rows: readonly Mark[]): Marks {
  const index = indexes.get(marks) ?? createMarkIndex()
  index.add({ pack: packMarks(rows), marksSnapshot: headOf(table) })
  return marksWith(table, index)
}

export interface AppendOptions {
  readonly commitId: string
  /** Refuses (CONFLICT) where the table has moved on since it was read: who marks next must have seen all marks. */
  readonly onlyIfHead?: bigint | null
}

/** Appends marks in one commit, at most once for one commit id. */
export async function appendMarks(
  io: LakeIo,
  table: LoadedTable,
  marks: readonly Mark[],
  options: AppendOptions,
): Promise<CommitResult> {
  const add = await storeMarks(io, table.metadata, marks, options.commitId)
  const { onlyIfHead } = options
  return commitSnapshot(io, table, {
    commitId: options.commitId,
    operation: 'append',
    add,
    summary: { 'tarn.replay': marks[0]?.replay ?? '', 'tarn.replay.batch': String(marks[0]?.batch ?? 0) },
    ...(onlyIfHead === undefined
      ? {}
      : {
          check: (current: LoadedTable) => {
            if (headOf(current) !== onlyIfHead) throw movedOn(current)
          },
        }),
  })
}

export function headOf(table: LoadedTable): bigint | null {
  return headSnapshot(table.metadata)?.['snapshot-id'] ?? null
}

function movedOn(table: LoadedTable): LakeError {
  return new LakeError('CONFLICT', 'another replay marked letters meanwhile', {
    outcome: 'retry',
    context: { table: table.identifier.name },
    likely: 'a second Tarn replays dead letters of the same lake',
    remedy: 'Nothing was written. Wait for it to end, then resume.',
  })
}

async function storeMarks(
  io: LakeIo,
  metadata: TableMetadata,
  marks: readonly Mark[],
  commitId: string,
): Promise<DataFile[]> {
  const schema = currentSchema(metadata)
  const spec = currentSpec(metadata)
  const rows = marks.map((mark) => ({
    replay_id: mark.replay,
    batch: BigInt(mark.batch),
    state: mark.state,
    marked_at: mark.at,
    error_id: mark.letter,
    first_error_id: mark.firstLetter,
    fix_id: mark.fixId,
    row_count: BigInt(mark.rows),
    error_message: mark.reason,
    commit_id: mark.commit,
    snapshot_id: mark.snapshot,
    detail: mark.detail,
  }))
  const groups = Map.groupBy(
    rows.map((row) => ({
      row,
      partition: partitionValues(
        spec,
        schema,
        (id) => (row as Readonly<Record<string, Value>>)[fieldById(schema, id)?.name ?? ''] ?? null,
      ),
    })),
    ({ partition }) => partitionKey(partition),
  )
  const folder = dataFolder(metadata)
  // Never the name of an earlier call's file, which a late request may still bring to life.
  const call = randomUUID().slice(0, 8)
  return Promise.all(
    [...groups.values()].map(async (group, index) => {
      const partition = group[0]?.partition ?? []
      const { bytes, metrics } = encodeRows(
        schema,
        group.map(({ row }) => row),
      )
      const name = `${commitId}-${call}-${String(index + 1).padStart(5, '0')}.parquet`
      const path = [folder, partitionPath(spec, schema, partition), name].filter(Boolean).join('/')
      await io.storage.write(path, bytes)
      return {
        content: 'data' as const,
        path,
        format: 'parquet' as const,
        specId: spec['spec-id'],
        partition,
        fileSize: bytes.byteLength,
        ...metrics,
      }
    }),
  )
}
