import { LakeError } from '../../shared/errors.ts'
import { throwIfCancelled } from '../base/cancel.ts'
import { openParquet, type ParquetFile, type ParquetSource } from '../parquet/read.ts'
import { chunkStats } from '../parquet/stats.ts'
import type { Storage } from '../storage/storage.ts'
import { DeleteCache, loadDeletes, NO_DELETES, type RowDeletes } from './deletes.ts'
import { currentSchema, specById } from './metadata.ts'
import {
  type BoundPredicate,
  bindPredicate,
  coerce,
  type Facts,
  mayMatch,
  type Predicate,
  predicateFields,
} from './predicate.ts'
import { type Cell, type CellArray, fieldIds, type Projected, projectField } from './projection.ts'
import type { ScanFile } from './scan.ts'
import { isPrimitive } from './schema.ts'
import type { DataFile, NestedField, Schema, TableMetadata, Value } from './types.ts'

/** Rows of a data file as columns by field id, deletes applied. */
export interface Batch {
  readonly rows: number
  /** One entry per wanted column, each of `rows` values. */
  readonly columns: ReadonlyMap<number, CellArray>
}

/** A batch that knows where in its file it lies. */
export interface PlacedBatch extends Batch {
  /** Index of the row group. */
  readonly group: number
  /** Position in the file, from 0 and with deleted rows counted, of a row of the batch. */
  position(row: number): number
}

export interface ReadFileOptions {
  /** Default: the table's current schema. A plan's `schema` for a read of the past. */
  readonly schema?: Schema
  /** Leaves out row groups in which no row can match; the rows that come still have to be filtered. */
  readonly filter?: Predicate
  /** Delete files read so far, shared by the files of one scan. */
  readonly deletes?: DeleteCache
  /** Rows decoded at once. Default: a whole row group. */
  readonly batchRows?: number
  /** Rows [first, end) of the file, deletes not applied, that need not be decoded; asked before each batch, in order. */
  readonly skip?: (first: number, end: number) => boolean
  readonly signal?: AbortSignal
}

/** Files up to this size are fetched whole in one request. */
export const WHOLE_FILE_BYTES = 1_048_576

/** All wanted columns of one data file, in one batch. */
export async function readFile(
  io: { readonly storage: Storage },
  metadata: TableMetadata,
  scanFile: ScanFile,
  columns: readonly string[],
  options: ReadFileOptions = {},
): Promise<Batch> {
  const batches: Batch[] = []
  for await (const batch of readBatches(io, metadata, scanFile, columns, options)) batches.push(batch)
  const only = batches[0]
  if (only !== undefined && batches.length === 1) return only
  const fields = wantedFields(options.schema ?? currentSchema(metadata), columns)
  return {
    rows: batches.reduce((sum, batch) => sum + batch.rows, 0),
    columns: new Map(
      fields.map(({ id }) => [id, batches.flatMap((batch) => Array.from(batch.columns.get(id) ?? []))]),
    ),
  }
}

/**
 * The same in batches, in the file's row order, so that a large file never stands decoded in memory. Only the column
 * chunks of wanted columns are fetched, neighbours in one request; a small file whole in one. `columns` are top-level
 * names of the schema. Throws INVALID for a column the schema lacks, CORRUPT for a file that is not what its entry says.
 */
export async function* readBatches(
  io: { readonly storage: Storage },
  metadata: TableMetadata,
  scanFile: ScanFile,
  columns: readonly string[],
  options: ReadFileOptions = {},
): AsyncGenerator<PlacedBatch> {
  const schema = options.schema ?? currentSchema(metadata)
  const fields = wantedFields(schema, columns)
  const { signal, batchRows, skip } = options
  const plain = (file: DataFile, wanted: readonly NestedField[]) =>
    readRows(io, metadata, file, wanted, { deletes: NO_DELETES, signal, batchRows })
  const deletes = await loadDeletes(metadata, scanFile, plain, options.deletes ?? new DeleteCache())
  const filter = options.filter && bindPredicate(options.filter, schema)
  yield* readRows(io, metadata, scanFile.file, fields, { deletes, filter, signal, batchRows, skip })
}

function wantedFields(schema: Schema, names: readonly string[]): NestedField[] {
  return names.map((name) => {
    const field = schema.fields.find((candidate) => candidate.name === name)
    if (field === undefined) throw new LakeError('INVALID', `The table has no column ${name}`)
    return field
  })
}

interface RowOptions {
  readonly deletes: RowDeletes
  readonly filter?: BoundPredicate | undefined
  readonly batchRows?: number | undefined
  readonly skip?: ReadFileOptions['skip'] | undefined
  readonly signal?: AbortSignal | undefined
}

async function* readRows(
  io: { readonly storage: Storage },
  metadata: TableMetadata,
  file: DataFile,
  wanted: readonly NestedField[],
  options: RowOptions,
): AsyncGenerator<PlacedBatch> {
  if (file.format !== 'parquet') {
    throw new LakeError('UNSUPPORTED', `Tarn reads Parquet data files only, not ${file.format}`, {
      context: { file: file.path },
    })
  }
  const parquet = await openParquet(await sourceOf(io.storage, file, options.signal))
  const ids = fieldIds(parquet.columns, metadata.properties)
  const constants = identityConstants(metadata, file)
  const fields = [
    ...new Map([...wanted, ...options.deletes.fields].map((field) => [field.id, field])).values(),
  ]
  const projected = fields.map((field) => ({
    field,
    from: projectField(field, parquet.columns, ids, constants),
  }))
  const names = projected.flatMap(({ from }) => (from.kind === 'column' ? [from.column.element.name] : []))
  const wantedIds = new Set(wanted.map((field) => field.id))

  let first = 0
  for (let group = 0; group < parquet.groups.length; group++) {
    const rows = parquet.groups[group] ?? 0
    const step = Math.max(1, Math.min(options.batchRows ?? rows, rows))
    if (rows > 0 && groupMayMatch(parquet, group, file, projected, options.filter)) {
      throwIfCancelled(options.signal)
      const loaded = await parquet.load(group, names)
      for (let start = 0; start < rows; start += step) {
        const end = Math.min(rows, start + step)
        if (options.skip?.(first + start, first + end)) continue
        const columns = new Map<number, CellArray>()
        for (const { field, from } of projected) {
          columns.set(
            field.id,
            from.kind === 'column'
              ? from.convert(await loaded.column(from.column.element.name, start, end))
              : new Array(end - start).fill(from.value),
          )
        }
        const kept = options.deletes.keep(first + start, end - start, columns)
        const at = first + start
        yield {
          ...batchOf(columns, wantedIds, end - start, kept),
          group,
          position: (row) => at + (kept?.[row] ?? row),
        }
      }
    }
    first += rows
  }
}

function batchOf(
  columns: ReadonlyMap<number, CellArray>,
  wanted: ReadonlySet<number>,
  rows: number,
  kept: readonly number[] | null,
): Batch {
  const chosen = [...columns].filter(([id]) => wanted.has(id))
  if (kept === null) return { rows, columns: new Map(chosen) }
  const gather = (values: CellArray): Cell[] => kept.map((row) => values[row] as Cell)
  return { rows: kept.length, columns: new Map(chosen.map(([id, values]) => [id, gather(values)])) }
}

/** Values that the partition tells of columns a file may lack (files imported from Hive keep them in paths only). */
function identityConstants(metadata: TableMetadata, file: DataFile): Map<number, Value> {
  const constants = new Map<number, Value>()
  specById(metadata, file.specId).fields.forEach((field, index) => {
    if (field.transform === 'identity') constants.set(field['source-id'], file.partition[index] ?? null)
  })
  return constants
}

async function sourceOf(
  storage: Storage,
  file: DataFile,
  signal: AbortSignal | undefined,
): Promise<ParquetSource> {
  const call = signal === undefined ? {} : { signal }
  if (file.fileSize <= WHOLE_FILE_BYTES) {
    const bytes = await storage.read(file.path, call)
    if (bytes.byteLength !== file.fileSize) throw wrongLength(file, bytes.byteLength)
    return { size: bytes.byteLength, read: async (start, end) => bytes.subarray(start, end) }
  }
  return {
    size: file.fileSize,
    read: async (start, end) => {
      const bytes = await storage.read(file.path, { ...call, range: { start, end } })
      if (bytes.byteLength !== end - start) throw wrongLength(file, start + bytes.byteLength)
      return bytes
    },
  }
}

function wrongLength(file: DataFile, found: number): LakeError {
  return new LakeError('CORRUPT', 'A data file does not have the length its table records', {
    context: { file: file.path, expected: file.fileSize, found },
    likely: 'The file was cut short or replaced after it was committed.',
  })
}

/**
 * Row groups of an open file in which a row can match `filter`, which is in the names of `schema`: what its footer's
 * statistics rule out is left out, nothing else.
 */
export function matchingGroups(
  parquet: ParquetFile,
  metadata: TableMetadata,
  schema: Schema,
  file: DataFile,
  filter: Predicate,
): number[] {
  const bound = bindPredicate(filter, schema)
  const ids = fieldIds(parquet.columns, metadata.properties)
  const constants = identityConstants(metadata, file)
  const wanted = predicateFields(bound)
  const projected = schema.fields
    .filter((field) => wanted.has(field.id))
    .map((field) => ({ field, from: projectField(field, parquet.columns, ids, constants) }))
  return [...parquet.groups.keys()].filter((group) => groupMayMatch(parquet, group, file, projected, bound))
}

const COMPARABLE = /^(boolean|int|long|float|double|date|time|timestamp(tz)?(_ns)?|string)$/

/** False only where the footer's statistics show that no row of the group can match. */
function groupMayMatch(
  parquet: ParquetFile,
  group: number,
  file: DataFile,
  projected: readonly { field: NestedField; from: Projected }[],
  filter: BoundPredicate | undefined,
): boolean {
  if (filter === undefined) return true
  return mayMatch(filter, (id) => {
    const found = projected.find(({ field }) => field.id === id)
    if (found === undefined || !isPrimitive(found.field.type) || !COMPARABLE.test(found.field.type))
      return undefined
    if (found.from.kind === 'constant') return undefined
    const stats = chunkStats(parquet, group, found.from.column.path)
    if (stats === null) return undefined
    const { type } = found.field
    const { convert } = found.from
    const bound = (raw: unknown): Value | undefined => {
      const value = raw === undefined ? undefined : coerce(type, convert([raw])[0] as Value)
      return typeof value === 'number' && Number.isNaN(value) ? undefined : value
    }
    const [lower, upper] = [bound(stats.min), bound(stats.max)]
    return {
      ...(lower === undefined ? {} : { lower }),
      ...(upper === undefined ? {} : { upper }),
      nulls:
        stats.nulls === undefined
          ? 'unknown'
          : stats.nulls === 0
            ? 'none'
            : stats.nulls === stats.values
              ? 'all'
              : 'unknown',
      // Footers do not count NaN, but where the whole file has none, the group has none.
      nans: (type === 'float' || type === 'double') && file.nanCounts?.get(id) !== 0 ? 'unknown' : 'none',
    } satisfies Facts
  })
}
