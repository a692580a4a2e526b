import { mapConcurrent } from '../../base/concurrent.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import type { Cell } from '../../iceberg/projection.ts'
import { readBatches, WHOLE_FILE_BYTES } from '../../iceberg/read.ts'
import { planScan, type ScanFile, scanSchema } from '../../iceberg/scan.ts'
import { isPrimitive } from '../../iceberg/schema.ts'
import type { NestedField, Schema, TableMetadata } from '../../iceberg/types.ts'
import type { Storage } from '../../storage/storage.ts'
import { predicateOf, sameValue, type TypedKey } from './cells.ts'

/** A row and where it lies. */
export interface FoundRow {
  readonly file: ScanFile
  readonly group: number
  readonly position: number
  /** All columns of the schema, by field id. */
  readonly cells: ReadonlyMap<number, Cell>
}

export interface Located {
  readonly schema: Schema
  readonly snapshotId: bigint | null
  /** Newest file first. */
  readonly rows: readonly FoundRow[]
  /** Live data files, and those that may hold the row. */
  readonly files: number
  readonly candidates: readonly ScanFile[]
  /** Candidates that were read; the rest would have gone beyond a bound. */
  readonly read: number
}

export interface LocateOptions {
  /** The head where absent. */
  readonly snapshotId?: bigint
  readonly keys: (schema: Schema) => readonly TypedKey[]
  /** Only this file. */
  readonly path?: string
  /** Rows after which the search ends. */
  readonly limit: number
  readonly bound: Bound
  readonly signal: AbortSignal
  readonly onProgress?: (done: number, of: number) => void
}

/** What a search may read before it stops to be asked for more. */
export interface Bound {
  readonly files: number
  /** Of whole data files. */
  readonly bytes: number
}

const FILES_AT_ONCE = 8
const BATCH_ROWS = 65_536

/**
 * Rows with the given values: files are chosen by partition and bounds, of large ones only the columns asked for are
 * read, and the rest of a row once it was found. A file outside the bound is never begun, the first always is.
 */
export async function locate(
  io: { readonly storage: Storage },
  metadata: TableMetadata,
  options: LocateOptions,
): Promise<Located> {
  const { snapshotId, path, limit, bound, signal, onProgress } = options
  const at = snapshotId === undefined ? {} : { snapshotId }
  const keys = options.keys(scanSchema(metadata, snapshotId))
  const filter = predicateOf(keys)
  const plan = await planScan(io, metadata, { ...at, filter, signal })
  const candidates = plan.files
    .filter(({ file }) => path === undefined || file.path === path)
    .sort((a, b) => b.sequenceNumber - a.sequenceNumber)
  const deletes = new DeleteCache()
  const search: FileSearch = { io, metadata, schema: plan.schema, keys, deletes, limit }
  const rows: FoundRow[] = []
  let read = 0
  let bytes = 0
  while (read < candidates.length && rows.length < limit) {
    const step: ScanFile[] = []
    for (const one of candidates.slice(read, read + FILES_AT_ONCE)) {
      const next = read + step.length
      if (next > 0 && (next >= bound.files || bytes + one.file.fileSize > bound.bytes)) break
      bytes += one.file.fileSize
      step.push(one)
    }
    if (step.length === 0) break
    const found = await mapConcurrent(
      step,
      FILES_AT_ONCE,
      (file, _, stop) => searchFile(search, file, stop),
      signal,
    )
    rows.push(...found.flat())
    read += step.length
    onProgress?.(read, candidates.length)
  }
  return {
    schema: plan.schema,
    snapshotId: plan.snapshotId,
    rows: rows.slice(0, limit),
    files: plan.considered.files,
    candidates,
    read,
  }
}

interface FileSearch {
  readonly io: { readonly storage: Storage }
  readonly metadata: TableMetadata
  readonly schema: Schema
  readonly keys: readonly TypedKey[]
  readonly deletes: DeleteCache
  readonly limit: number
}

async function searchFile(search: FileSearch, file: ScanFile, signal: AbortSignal): Promise<FoundRow[]> {
  const { schema, keys } = search
  const whole = file.file.fileSize <= WHOLE_FILE_BYTES
  if (whole) return scanFile(search, file, schema.fields, null, signal)
  const columns = keys.length > 0 ? keys.map(({ field }) => field) : schema.fields.slice(0, 1)
  const found = await scanFile(search, file, columns, null, signal)
  if (found.length === 0) return []
  // Only now the other columns, of a file that is known to hold the row.
  return scanFile(search, file, schema.fields, new Set(found.map(({ position }) => position)), signal)
}

async function scanFile(
  { io, metadata, schema, keys, deletes, limit }: FileSearch,
  file: ScanFile,
  fields: readonly NestedField[],
  positions: ReadonlySet<number> | null,
  signal: AbortSignal,
): Promise<FoundRow[]> {
  const names = fields.map(({ name }) => name)
  const filter = predicateOf(keys)
  const found: FoundRow[] = []
  for await (const batch of readBatches(io, metadata, file, names, {
    schema,
    filter,
    deletes,
    batchRows: BATCH_ROWS,
    signal,
  })) {
    for (let row = 0; row < batch.rows; row++) {
      const position = batch.position(row)
      if (positions !== null && !positions.has(position)) continue
      if (!keys.every(({ field, value }) => sameValue(batch.columns.get(field.id)?.[row], value))) continue
      const cells = new Map(fields.map(({ id }) => [id, batch.columns.get(id)?.[row] ?? null]))
      found.push({ file, group: batch.group, position, cells })
      if (found.length >= limit) return found
    }
  }
  return found
}

/** What makes a row found again in another file: all its primitive columns. */
export function keysOfRow(row: FoundRow, from: Schema, to: Schema): TypedKey[] {
  return to.fields.flatMap((field) => {
    const before = from.fields.find(({ id }) => id === field.id)
    if (before === undefined || before.type !== field.type || !isPrimitive(field.type)) return []
    const cell = row.cells.get(field.id) ?? null
    return cell instanceof Uint8Array ? [] : [{ field, value: cell as TypedKey['value'] }]
  })
}
