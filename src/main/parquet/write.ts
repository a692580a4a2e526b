import { LakeError } from '../../shared/errors.ts'
import {
  type AnyColumn,
  BooleanColumn,
  type ColumnEntry,
  Columns,
  DoubleColumn,
  IntColumn,
  LongColumn,
  StringColumn,
} from './columns.ts'
import { readFooter } from './footer.ts'
import { type Gathered, gather } from './gather.ts'
import { batchHeaderLength, schemaMessage, writeBatchHeader, writeEnd } from './ipc.ts'
import type { FileSchema } from './schema.ts'
import { ipcToParquet } from './wasm.ts'

/** A Parquet file and what an Iceberg manifest says of it; maps are by leaf field id. */
export interface EncodedParquet {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly metrics: FileMetrics
}

/** Field for field what Iceberg's `DataFile` asks for. Sizes are bytes, bounds single-value binary (Appendix D). */
export interface FileMetrics {
  readonly recordCount: number
  readonly columnSizes: ReadonlyMap<number, number>
  readonly valueCounts: ReadonlyMap<number, number>
  readonly nullCounts: ReadonlyMap<number, number>
  readonly nanCounts: ReadonlyMap<number, number>
  readonly lowerBounds: ReadonlyMap<number, Uint8Array>
  readonly upperBounds: ReadonlyMap<number, Uint8Array>
  readonly splitOffsets: readonly number[]
}

export interface EncodeOptions {
  /** The only codec written. */
  readonly compression?: 'snappy'
  /** Upper limit of a row group, bytes before encoding. */
  readonly rowGroupBytes?: number
  /** Upper limit of a data page, bytes. */
  readonly pageBytes?: number
  /** Row numbers to write, in this order; all rows where absent. */
  readonly rows?: Uint32Array
}

export const ROW_GROUP_BYTES = 134_217_728
export const PAGE_BYTES = 1_048_576
export const CREATED_BY = 'tarn'

/** A cell as given to `encodeRows`: Iceberg's run-time value (long and timestamp are bigint), or a map. */
export type Cell = boolean | number | bigint | string | Uint8Array | null | ReadonlyMap<string, string | null>

/**
 * Encodes rows as one Parquet file: field ids on every column, required columns not nullable, timestamps as INT64
 * microseconds. Throws INVALID where a required column holds a null.
 */
export function encodeParquet(columns: Columns, options: EncodeOptions = {}): EncodedParquet {
  const rows = options.rows ?? everyRow(columns)
  const parts = gathered(columns, rows)
  const ipc = ipcStream(columns, parts, rows.length)
  // A limit in bytes is only looked at between batches, of which there is one.
  const rowsPerByte = rows.length / ipc.length
  const bytes = ipcToParquet(ipc, {
    rowGroupRows: Math.max(1, Math.floor((options.rowGroupBytes ?? ROW_GROUP_BYTES) * rowsPerByte)),
    pageBytes: options.pageBytes ?? PAGE_BYTES,
    createdBy: CREATED_BY,
    plain: parts.every((part) => part.metrics.every((leaf) => leaf.plain))
      ? 'all'
      : parts.flatMap((part, index) => plainPaths(columns.entries[index]!, part)),
  })
  return { bytes: bytes as Uint8Array<ArrayBuffer>, metrics: fileMetrics(bytes, parts, rows.length) }
}

/** All rows of `columns` as an Arrow IPC stream of one batch. Errors as of `encodeParquet`. */
export function encodeIpc(columns: Columns): Uint8Array {
  return ipcStream(columns, gathered(columns, everyRow(columns)), columns.rows).slice()
}

function everyRow(columns: Columns): Uint32Array {
  return Uint32Array.from({ length: columns.rows }, (_, index) => index)
}

function gathered(columns: Columns, rows: Uint32Array): Gathered[] {
  return columns.entries.map((entry) => {
    const part = gather(entry, rows)
    const { field } = entry
    if (field.required && part.nodes[0]!.nulls > 0) {
      throw new LakeError('INVALID', `the required column ${field.name} holds a null`, {
        context: { column: field.name },
      })
    }
    return part
  })
}

/** Paths, as Parquet spells them, of the leaves that are written without a dictionary. */
function plainPaths({ field, map }: ColumnEntry, { metrics }: Gathered): string[] {
  return metrics
    .filter((leaf) => leaf.plain)
    .map(({ id }) =>
      map === null ? field.name : `${field.name}.key_value.${id === map.keyId ? 'key' : 'value'}`,
    )
}

/** Encodes a few row objects. For writers of small files. */
export function encodeRows(
  schema: FileSchema,
  rows: readonly FileRow[],
  options: Omit<EncodeOptions, 'rows'> = {},
): EncodedParquet {
  return encodeParquet(columnsOf(schema, rows), options)
}

/** Rows by column name; a missing key is null. */
export type FileRow = Readonly<Record<string, Cell | undefined>>

/** Throws INVALID for a cell that does not fit its column. */
export function columnsOf(schema: FileSchema, rows: readonly FileRow[]): Columns {
  const columns = new Columns(schema)
  for (const { field, column } of columns.entries) {
    for (const row of rows) {
      const cell = row[field.name] ?? null
      if (appendCell(column, cell)) continue
      throw new LakeError('INVALID', `a ${typeof cell} does not fit the column ${field.name}`, {
        context: { column: field.name },
      })
    }
  }
  return columns
}

/** Appends `rows` rows given column by column, by field id; a column not given is null. INVALID for a cell that does not fit. */
export function appendColumns(
  columns: Columns,
  rows: number,
  given: ReadonlyMap<number, ArrayLike<unknown>>,
): void {
  for (const { field, column } of columns.entries) {
    const cells = given.get(field.id)
    for (let row = 0; row < rows; row++) {
      const cell = cells?.[row] ?? null
      if (appendCell(column, cell)) continue
      throw new LakeError('INVALID', `a ${typeof cell} does not fit the column ${field.name}`, {
        context: { column: field.name },
      })
    }
  }
}

/** Appends `cell` where its type fits the column's, and says whether it did. */
function appendCell(column: AnyColumn, cell: unknown): boolean {
  if (column instanceof StringColumn) {
    if (cell !== null && typeof cell !== 'string') return false
    column.append(cell)
  } else if (column instanceof DoubleColumn || column instanceof IntColumn) {
    if (cell !== null && typeof cell !== 'number') return false
    column.append(cell)
  } else if (column instanceof LongColumn) {
    if (cell === null || typeof cell === 'bigint') column.append(cell)
    else if (typeof cell === 'number' && Number.isSafeInteger(cell)) column.appendNumber(cell)
    else return false
  } else if (column instanceof BooleanColumn) {
    if (cell !== null && typeof cell !== 'boolean') return false
    column.append(cell)
  } else {
    if (cell !== null && !(cell instanceof Map)) return false
    column.append(cell)
  }
  return true
}

const schemaMessages = new WeakMap<FileSchema, Uint8Array>()

function schemaOf(columns: Columns): Uint8Array {
  let message = schemaMessages.get(columns.schema)
  if (message === undefined) {
    message = schemaMessage(columns.entries)
    schemaMessages.set(columns.schema, message)
  }
  return message
}

/** Streams up to this size are put together in one buffer, used again and again: bytes. */
const SCRATCH_BYTES = 8 * 1024 * 1024
let scratch = new Uint8Array(64 * 1024)

/** A zeroed buffer that is good until the next call. */
function zeroed(bytes: number): Uint8Array {
  if (bytes > SCRATCH_BYTES) return new Uint8Array(bytes)
  if (bytes > scratch.length) scratch = new Uint8Array(Math.min(SCRATCH_BYTES, bytes * 2))
  else scratch.fill(0, 0, bytes)
  return scratch.subarray(0, bytes)
}

const aligned = (bytes: number): number => (bytes + 7) & ~7

function ipcStream(columns: Columns, parts: readonly Gathered[], rows: number): Uint8Array {
  const nodes = parts.flatMap((part) => part.nodes)
  const sizes = parts.flatMap((part) => part.sizes)
  const offsets: number[] = []
  let bodyLength = 0
  for (const size of sizes) {
    offsets.push(bodyLength)
    bodyLength += aligned(size)
  }
  const schema = schemaOf(columns)
  const bodyAt = schema.length + batchHeaderLength(nodes.length, sizes.length)
  const out = zeroed(bodyAt + bodyLength + 8)
  const view = new DataView(out.buffer)
  out.set(schema)
  writeBatchHeader(view, schema.length, rows, nodes, offsets, sizes, bodyLength)
  const body = out.subarray(bodyAt, bodyAt + bodyLength)
  let buffer = 0
  for (const part of parts) {
    part.write(body, offsets.slice(buffer, buffer + part.sizes.length))
    buffer += part.sizes.length
  }
  writeEnd(view, bodyAt + bodyLength)
  return out
}

function fileMetrics(file: Uint8Array, parts: readonly Gathered[], rows: number): FileMetrics {
  const leaves = parts.flatMap((part) => part.metrics)
  const footer = readFooter(
    file,
    leaves.map((leaf) => leaf.id),
  )
  const pick = <T>(of: (leaf: (typeof leaves)[number]) => T | undefined): Map<number, T> => {
    const found = new Map<number, T>()
    for (const leaf of leaves) {
      const value = of(leaf)
      if (value !== undefined) found.set(leaf.id, value)
    }
    return found
  }
  return {
    recordCount: rows,
    columnSizes: footer.columnSizes,
    valueCounts: pick((leaf) => leaf.values),
    nullCounts: pick((leaf) => leaf.nulls),
    nanCounts: pick((leaf) => leaf.nans),
    lowerBounds: pick((leaf) => leaf.lower),
    upperBounds: pick((leaf) => leaf.upper),
    splitOffsets: footer.splitOffsets,
  }
}
