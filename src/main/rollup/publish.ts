import { randomUUID } from 'node:crypto'
import { LakeError } from '../../shared/errors.ts'
import { TABLES } from '../../shared/tables.ts'
import { mapConcurrent } from '../base/concurrent.ts'
import type { LoadedTable, TableIdentifier } from '../iceberg/catalog.ts'
import { currentSchema, currentSpec } from '../iceberg/metadata.ts'
import { partitionPath, partitionValues } from '../iceberg/partition.ts'
import { fieldById } from '../iceberg/schema.ts'
import { commitSnapshot, type LakeIo } from '../iceberg/transaction.ts'
import type { DataFile, Value } from '../iceberg/types.ts'
import { encodeRows } from '../parquet/write.ts'
import type { Calendar } from './calendar.ts'
import { type AggregateRow, type Key, packRow, type Role, rowOf, sameRow } from './period.ts'
import type { Planned, RollupState } from './state.ts'

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

export interface Published {
  readonly commits: number
  /** Rows written, removed ones included. */
  readonly rows: number
}

interface Change {
  readonly key: Key
  /** Null where the key has no data any more. */
  readonly row: AggregateRow | null
  readonly planned: Planned
}

const UPLOADS = 16
const PEEKED = 1024

/**
 * Publishes the pending rows of one aggregate: the partitions of rows that changed are replaced, one file each, in one
 * commit (in several only above `partitionsPerCommit`). Rows that did not change are not touched; with none changed there
 * is no commit.
 */
export async function publish(
  publishing: Publishing,
  role: Role,
  identifier: TableIdentifier,
): Promise<Published> {
  const { io, state, signal, onRows } = publishing
  let table = await io.catalog.loadTable(identifier, signal)
  checkPartitioning(table, role)
  let commits = 0
  let rows = 0
  for (;;) {
    const changes = nextChanges(publishing, role)
    if (changes.length === 0) return { commits, rows }
    const partial = changes.length > publishing.partitionsPerCommit
    if (partial) changes.pop()
    table = await commitChanges(publishing, role, table, changes, partial)
    commits += 1
    rows += changes.length
    onRows?.(rows, state.pendingCount(role))
  }
}

/**
 * Up to one commit's worth of pending rows that differ from what is published, and one more where there are more; rows
 * that do not differ cease to be pending.
 */
function nextChanges(publishing: Publishing, role: Role): Change[] {
  const { state, partitionsPerCommit } = publishing
  const changes: Change[] = []
  const same: Key[] = []
  let after: Key | undefined
  while (changes.length <= partitionsPerCommit) {
    const keys = state.pending(role, PEEKED, after)
    for (const key of keys) {
      const change = changeOf(publishing, role, key)
      if (change === null) same.push(key)
      else changes.push(change)
      if (changes.length > partitionsPerCommit) break
    }
    after = keys.at(-1)
    if (keys.length < PEEKED) break
  }
  state.dropPending(role, same)
  return changes
}

function changeOf({ io, state, calendar }: Publishing, role: Role, key: Key): Change | null {
  const days = state.daysOf(role, key)
  const published = state.published(role, key)
  if (days.length === 0) {
    if (published === null) return null
    return { key, row: null, planned: { ...key, row: new Uint8Array(0), updatedAt: 0 } }
  }
  const row = rowOf(role, key, days, calendar)
  const packed = packRow(role, row)
  if (published !== null && sameRow(packed, published.row)) return null
  return { key, row, planned: { ...key, row: packed, updatedAt: io.clock() * 1000 } }
}

async function commitChanges(
  publishing: Publishing,
  role: Role,
  table: LoadedTable,
  changes: readonly Change[],
  partial: boolean,
): Promise<LoadedTable> {
  const { io, state, calendar, source, signal } = publishing
  const commitId = randomUUID()
  state.plan(
    role,
    commitId,
    changes.map((change) => change.planned),
  )
  const added: DataFile[] = []
  try {
    const written = changes.flatMap(({ key, row, planned }) =>
      row === null ? [] : [{ key, row: { ...row, updated_at: BigInt(planned.updatedAt) } }],
    )
    await mapConcurrent(
      written,
      UPLOADS,
      async ({ row }, index, stop) => {
        added.push(await writeRow(io, table, row, `${commitId}-${index}`, stop))
      },
      signal,
    )
    const { table: committed, snapshot } = await commitSnapshot(
      io,
      table,
      {
        commitId,
        operation: 'overwrite',
        add: added,
        replacePartitions: changes.map(({ key, row }) =>
          partitionOf(table, row ?? keyColumns(role, key, calendar)),
        ),
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
      await deleteQuietly(io, added)
    }
    throw error
  }
}

async function writeRow(
  io: LakeIo,
  table: LoadedTable,
  row: Readonly<Record<string, Value>>,
  name: string,
  signal: AbortSignal,
): Promise<DataFile> {
  const { metadata } = table
  const schema = currentSchema(metadata)
  const spec = currentSpec(metadata)
  const partition = partitionOf(table, row)
  const { bytes, metrics } = encodeRows(schema, [row])
  const folder = metadata.properties['write.data.path'] ?? `${metadata.location}/data`
  const path = `${folder}/${partitionPath(spec, schema, partition)}/${name}.parquet`
  await io.storage.write(path, bytes, { signal })
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

function partitionOf({ metadata }: LoadedTable, row: Readonly<Record<string, Value>>): Value[] {
  const schema = currentSchema(metadata)
  return partitionValues(
    currentSpec(metadata),
    schema,
    (id) => row[fieldById(schema, id)?.name ?? ''] ?? null,
  )
}

/** The columns of a removed row that its partition is made of. */
function keyColumns(role: Role, key: Key, calendar: Calendar): AggregateRow {
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

/** One partition must hold exactly one row's key, else replacing it would remove other rows. */
function checkPartitioning({ metadata, identifier }: LoadedTable, role: Role): void {
  const schema = currentSchema(metadata)
  const expected = TABLES[role].partitions.map((field) => field.source).toSorted()
  const found = currentSpec(metadata)
    .fields.filter((field) => field.transform === 'identity')
    .map((field) => fieldById(schema, field['source-id'])?.name ?? '')
    .toSorted()
  if (expected.every((name) => found.includes(name))) return
  throw new LakeError('TABLE_DIFFERS', `${identifier.name} is not partitioned as specified`, {
    context: { table: identifier.name, expected: expected.join(', '), found: found.join(', ') },
    likely: 'Its partitioning was changed by another tool.',
    remedy: 'Restore the partitioning, or drop the table and run `tarn check` and `tarn rollup --rebuild`.',
  })
}

async function deleteQuietly(io: LakeIo, files: readonly DataFile[]): Promise<void> {
  for (const { path } of files) {
    try {
      await io.storage.delete(path)
    } catch (error) {
      io.log.warn({ file: path, error }, 'An unused data file could not be deleted')
    }
  }
}
