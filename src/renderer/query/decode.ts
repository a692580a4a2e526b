import { type Data, type Field, type RecordBatch, tableFromIPC } from 'apache-arrow'
import type { ParquetFile, readParquet } from 'parquet-wasm/esm'
import type { PackedFile, QueryType } from '../../shared/query.ts'
import { adoptField, copyData, fieldId, fits, nullData, retypeData } from './adopt.ts'

/** A column to load: `name` is its name in the engine. */
export interface LoadColumn {
  readonly id: number
  readonly name: string
  readonly type: QueryType
  /** True where a file without this column does not simply have nulls in it. */
  readonly constant: boolean
}

/** One column of one file: the same pieces, in rows, for every column of the file. */
export interface DecodedColumn {
  readonly field: Field
  readonly pieces: readonly Data[]
}

/** What is used of parquet-wasm, once its module is loaded. */
export interface ParquetModule {
  readonly readParquet: typeof readParquet
  readonly ParquetFile: typeof ParquetFile
}

/** The file is not written in a way that this decoder takes over exactly. Main can read it. */
export class NotPlain extends Error {}

/** Rows of a piece: large enough for DuckDB, small enough to interleave. */
const BATCH_ROWS = 65_536
/** Files up to this size are decoded whole in one call, which is quicker than picking columns. */
const WHOLE_BYTES = 65_536

/** What was read of one file: columns with their field ids, as the file has them. */
export interface DecodedFile {
  readonly batches: readonly RecordBatch[]
  /** Bytes of the buffers of all columns of a small file; null where only those that were asked for were read. */
  readonly wholeBytes: number | null
}

/**
 * Decodes one file of a packed answer: a small one with all its columns, of a larger one those that are asked for.
 * Throws `NotPlain` where the file cannot be read or its columns have no field ids.
 */
export async function decodeParquet(
  parquet: ParquetModule,
  file: PackedFile,
  segments: readonly Uint8Array<ArrayBuffer>[],
  columns: readonly LoadColumn[],
): Promise<DecodedFile> {
  // Every row group was left out: asked for none, the decoder would give all.
  if (file.rowGroups?.length === 0) return { batches: [], wholeBytes: null }
  const whole = file.segments.length === 1 && file.segments[0]?.[0] === 0 && file.segments[0][1] === file.size
  try {
    if (whole && file.size <= WHOLE_BYTES) {
      const ipc = parquet.readParquet(segments[0] as Uint8Array, { batchSize: BATCH_ROWS }).intoIPCStream()
      return { batches: checked(tableFromIPC(ipc).batches), wholeBytes: ipc.byteLength }
    }
    const opened = await parquet.ParquetFile.fromFile(sparse(file, segments))
    try {
      return { batches: await readColumns(opened, file, columns), wholeBytes: null }
    } finally {
      opened.free()
    }
  } catch (error) {
    throw error instanceof NotPlain
      ? error
      : new NotPlain(error instanceof Error ? error.message : String(error))
  }
}

async function readColumns(
  opened: ParquetFile,
  file: PackedFile,
  columns: readonly LoadColumn[],
): Promise<readonly RecordBatch[]> {
  const { fields } = tableFromIPC(opened.schema().intoIPCStream()).schema
  const wanted = new Set(columns.map((column) => column.id))
  requireIds(fields)
  const names = fields.filter((field) => wanted.has(fieldId(field) as number)).map((field) => field.name)
  // A file that has none of the columns still counts its rows: read its first, smallest by guess.
  const read = names.length > 0 ? names : fields.slice(0, 1).map((field) => field.name)
  const options = {
    columns: read,
    batchSize: BATCH_ROWS,
    ...(file.rowGroups && { rowGroups: [...file.rowGroups] }),
  }
  return checked(tableFromIPC((await opened.read(options)).intoIPCStream()).batches)
}

/**
 * The needed columns of a decoded file, found by field id; one that the file does not have is null. `own`: in buffers of
 * their own, else in those of the batches. Throws `NotPlain` where a type does not fit.
 */
export function adoptColumns(
  batches: readonly RecordBatch[],
  columns: readonly LoadColumn[],
  own: boolean,
): DecodedColumn[] {
  const fields = batches[0]?.schema.fields ?? []
  const adopt = own ? copyData : retypeData
  return columns.map((column) => {
    const index = fields.findIndex((field) => fieldId(field) === column.id)
    if (index < 0) {
      if (column.constant && batches.length > 0) throw new NotPlain(`the file lacks column ${column.id}`)
      return nullColumn(batches, column)
    }
    const source = fields[index] as Field
    if (!fits(column.type, source.type)) throw new NotPlain(`column ${source.name} is ${source.type}`)
    const field = adoptField(column.name, column.type, source.type)
    return { field, pieces: batches.map((batch) => adopt(batch.data.children[index] as Data, field.type)) }
  })
}

function nullColumn(batches: readonly RecordBatch[], { name, type }: LoadColumn): DecodedColumn {
  const pieces = batches.map((batch) => nullData(batch.numRows))
  return { field: adoptField(name, type, nullData(0).type), pieces }
}

function checked(batches: readonly RecordBatch[]): readonly RecordBatch[] {
  requireIds(batches[0]?.schema.fields ?? [])
  return batches
}

function requireIds(fields: readonly Field[]): void {
  const ids = new Set(fields.map(fieldId))
  if (ids.has(null) || ids.size !== fields.length) throw new NotPlain('the file has no field ids')
}

/** The file with holes where nothing was fetched: the holes are never read. */
function sparse(file: PackedFile, segments: readonly Uint8Array<ArrayBuffer>[]): Blob {
  const parts: (Blob | Uint8Array<ArrayBuffer>)[] = []
  let at = 0
  const fill = (until: number): void => {
    for (; until - at >= HOLE.size; at += HOLE.size) parts.push(HOLE)
    if (until > at) parts.push(HOLE.slice(0, until - at))
    at = until
  }
  file.segments.forEach(([start, end], i) => {
    fill(start)
    parts.push(segments[i] as Uint8Array<ArrayBuffer>)
    at = end
  })
  fill(file.size)
  return new Blob(parts)
}

const HOLE = new Blob([new Uint8Array(1 << 20)])

/**
 * Columns of a file that main has decoded: an IPC stream whose fields carry field ids. A column that main left out is
 * younger than the snapshot that is read.
 */
export function decodeArrow(bytes: Uint8Array, columns: readonly LoadColumn[]): DecodedColumn[] {
  const { batches, schema } = tableFromIPC(bytes)
  return columns.map((column) => {
    const index = schema.fields.findIndex((field) => fieldId(field) === column.id)
    if (index < 0) return nullColumn(batches, column)
    const field = adoptField(column.name, column.type, (schema.fields[index] as Field).type)
    return { field, pieces: batches.map((batch) => copyData(batch.data.children[index] as Data, field.type)) }
  })
}
