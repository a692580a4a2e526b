import { randomUUID } from 'node:crypto'
import { LakeError } from '../../shared/errors.ts'
import type { LoadedTable } from '../iceberg/catalog.ts'
import { dataFolder } from '../iceberg/folders.ts'
import { currentSchema, currentSpec } from '../iceberg/metadata.ts'
import { partitionPath, partitionValues } from '../iceberg/partition.ts'
import { fieldById } from '../iceberg/schema.ts'
import { commitSnapshot, type LakeIo } from '../iceberg/transaction.ts'
import type { DataFile, Value } from '../iceberg/types.ts'
import { deleteUnused } from '../iceberg/unused.ts'
import { encodeRows } from '../parquet/write.ts'
import type { Calendar } from './calendar.ts'
import { type AggregateRow, type Key, packRow, type Role, rowOf, sameRow } from './period.ts'
import type { Planned, RollupState } from './state.ts'
import type { Stats } from './stats.ts'

export const SOURCE_SNAPSHOT_KEY = 'tarn.rollup.source-snapshot'
export const TIMEZONE_KEY = 'tarn.rollup.timezone'
/** `true` on all but the last commit of a publishing that was too large for one. */
export const PARTIAL_KEY = 'tarn.rollup.partial'

export interface Publishing {
  readonly io: LakeIo
  readonly state: RollupState
  readonly calendar: Calendar
  /** Raw's snapshot that the state holds. */
  readonly source: bigint
  /** Partitions in one commit at most; bounds memory. */
  readonly partitionsPerCommit: number
  readonly signal?: AbortSignal | undefined
  readonly onRows?: ((written: number, pending: number) => void) | undefined
}

/** A key's row as it has to be, and what of it the state remembers; null without a row where it has to go. */
export interface Change {
  readonly key: Key
  readonly row: AggregateRow | null
  readonly planned: Planned
}

/**
 * A key's row, and whether it is published like that already: else it bears the time `now`, microseconds since the
 * epoch. Null where the key has no data and no row.
 */
export function changeOf(
  { state, calendar }: Publishing,
  role: Role,
  key: Key,
  days: readonly Stats[],
  now: number,
): (Change & { readonly same: boolean }) | null {
  const published = state.published(role, key)
  if (days.length === 0) {
    if (published === null) return null
    return { key, row: null, planned: { ...key, row: new Uint8Array(0), updatedAt: 0 }, same: false }
  }
  const row = rowOf(role, key, days, calendar)
  const packed = packRow(role, row)
  const same = published !== null && sameRow(packed, published.row)
  const updatedAt = same ? published.updatedAt : now
  return { key, row, planned: { ...key, row: packed, updatedAt }, same }
}

/** What one commit of an aggregate does. */
export interface Replacement {
  /** Rows that change. */
  readonly changes: readonly Change[]
  /** Rows that stand for the partitions that are replaced, one each at least. */
  readonly partitions: readonly AggregateRow[]
  /** True where more of this publishing follows. */
  readonly partial: boolean
  /** Stores the partitions' new files, each path noted in `stored`; names begin with `prefix`. */
  readonly store: (prefix: string, stored: DataFile[]) => Promise<void>
}

/** Replaces whole partitions in one commit, and keeps the state in step with it. */
export async function replaceRows(
  { io, state, calendar, source, signal }: Publishing,
  role: Role,
  table: LoadedTable,
  { changes, partitions, partial, store }: Replacement,
): Promise<LoadedTable> {
  const commitId = randomUUID()
  state.plan(
    role,
    commitId,
    changes.map((change) => change.planned),
  )
  const added: DataFile[] = []
  try {
    await store(commitId, added)
    const { table: committed, snapshot } = await commitSnapshot(
      io,
      table,
      {
        commitId,
        operation: 'overwrite',
        add: added,
        replacePartitions: partitions.map((row) => partitionOf(table, row)),
        summary: {
          [SOURCE_SNAPSHOT_KEY]: String(source),
          [TIMEZONE_KEY]: calendar.timezone,
          ...(partial ? { [PARTIAL_KEY]: 'true' } : {}),
        },
      },
      signal,
    )
    state.settle(role, String(snapshot['snapshot-id']))
    return committed
  } catch (error) {
    // Unknown outcome: files and plan stay; the next run looks for the commit id.
    if (!(error instanceof LakeError && error.outcome === 'unknown')) {
      state.abandon(role)
      await deleteUnused(
        io,
        added.map((file) => file.path),
      )
    }
    throw error
  }
}

/** The row as it is stored. */
export function storedRow(row: AggregateRow, { updatedAt }: Planned): AggregateRow {
  return { ...row, updated_at: BigInt(updatedAt) }
}

/**
 * Of a row group before encoding, some thousand rows: those of one user lie together in the files of the compact layout,
 * and a reader of one user fetches one group or two.
 */
const ROW_GROUP_BYTES = 1 << 19

/** Stores rows of one partition as one file. */
export async function writeRows(
  io: LakeIo,
  table: LoadedTable,
  rows: readonly AggregateRow[],
  name: string,
  signal?: AbortSignal,
): Promise<DataFile> {
  const { metadata } = table
  const schema = currentSchema(metadata)
  const spec = currentSpec(metadata)
  const partition = partitionOf(table, rows[0] as AggregateRow)
  const { bytes, metrics } = encodeRows(schema, rows, { rowGroupBytes: ROW_GROUP_BYTES })
  const path = `${dataFolder(metadata)}/${partitionPath(spec, schema, partition)}/${name}.parquet`
  await io.storage.write(path, bytes, signal === undefined ? {} : { signal })
  return {
    content: 'data',
    path,
    format: 'parquet',
    specId: spec['spec-id'],
    partition,
    fileSize: bytes.byteLength,
    ...metrics,
    sortOrderId: 0,
  }
}

function partitionOf({ metadata }: LoadedTable, row: AggregateRow): Value[] {
  const schema = currentSchema(metadata)
  return partitionValues(
    currentSpec(metadata),
    schema,
    (id) => row[fieldById(schema, id)?.name ?? ''] ?? null,
  )
}

/** The columns of a removed row that its partition is made of. */
export function keyColumns(role: Role, key: Key, calendar: Calendar): AggregateRow {
  const empty = {
    n: 1,
    sum: 0,
    min: 0,
    max: 0,
    mean: 0,
    m2: 0,
    firstAt: 0n,
    firstId: '',
    firstValue: 0,
    lastAt: 0n,
    lastId: '',
    lastValue: 0,
  }
  return rowOf(role, key, [empty], calendar)
}
