import { LakeError } from '../../../shared/errors.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import { currentSchema } from '../../iceberg/metadata.ts'
import type { Cell } from '../../iceberg/projection.ts'
import { type Batch, readBatches } from '../../iceberg/read.ts'
import type { ScanFile } from '../../iceberg/scan.ts'
import { fieldByName } from '../../iceberg/schema.ts'
import type { TableMetadata } from '../../iceberg/types.ts'
import type { Lake } from '../lake.ts'

/** Cells of a batch by column name. */
export interface Reader {
  readonly rows: number
  cell(name: string, row: number): Cell
}

export function reader(metadata: TableMetadata, batch: Batch): Reader {
  const ids = new Map<string, number>()
  return {
    rows: batch.rows,
    cell(name, row) {
      let id = ids.get(name)
      if (id === undefined) {
        id = columnId(metadata, name)
        ids.set(name, id)
      }
      return batch.columns.get(id)?.[row] ?? null
    },
  }
}

function columnId(metadata: TableMetadata, name: string): number {
  const field = fieldByName(currentSchema(metadata), name)
  if (field) return field.id
  throw new LakeError('TABLE_DIFFERS', `the errors table has no column ${name}`, {
    context: { column: name },
  })
}

export const textOf = (cell: Cell): string | null => (typeof cell === 'string' ? cell : null)
export const long = (cell: Cell): bigint => (typeof cell === 'bigint' ? cell : BigInt(Number(cell)))

/** One wanted row of a file and where its cells are. */
export interface FoundRow {
  /** Row of the file, deletes applied. */
  readonly row: number
  cell(name: string): Cell
}

/** Rows decoded at a time. */
const DECODED = 512

/**
 * The named columns of some rows of a data file, in the file's order. `rows` are ascending, deletes applied. Only those
 * columns are fetched, and only the stretches that hold a wanted row are decoded.
 */
export async function* readRows(
  lake: Pick<Lake, 'io'>,
  metadata: TableMetadata,
  file: ScanFile,
  columns: readonly string[],
  rows: Uint32Array,
  options: { readonly deletes?: DeleteCache; readonly signal?: AbortSignal } = {},
): AsyncGenerator<FoundRow> {
  let first = 0
  let next = 0
  // Which row of the file a wanted one is, is known beforehand only where no row of it is deleted.
  const whole = file.deletes.length === 0
  const skip = (from: number, end: number): boolean => {
    first = from
    return (rows[next] ?? Number.POSITIVE_INFINITY) >= end
  }
  const batches = readBatches(lake.io, metadata, file, columns, {
    deletes: options.deletes ?? new DeleteCache(),
    batchRows: DECODED,
    ...(whole ? { skip } : {}),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  for await (const batch of batches) {
    const { cell, rows: count } = reader(metadata, batch)
    for (; next < rows.length && (rows[next] ?? 0) < first + count; next++) {
      const row = rows[next] ?? 0
      const from = first
      yield { row, cell: (name) => cell(name, row - from) }
    }
    if (!whole) first += count
    if (next >= rows.length) return
  }
}
