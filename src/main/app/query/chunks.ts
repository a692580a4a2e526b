import { matchingGroups } from '../../iceberg/read.ts'
import type { DataFile, NestedField } from '../../iceberg/types.ts'
import { openParquet, type ParquetSource } from '../../parquet/read.ts'
import type { StoredPlan } from './plan.ts'

/** Unwanted bytes worth reading to save a request. */
const GAP = 65_536

/** What is to be read of a large file, told by its footer. */
export interface Chunks {
  /** Row groups that may hold a row of the filter, ascending. */
  readonly kept: readonly number[]
  readonly total: number
  /** Byte ranges of the wanted columns in these, neighbours joined, ascending. */
  readonly ranges: readonly { readonly start: number; readonly end: number }[]
  readonly bytes: number
}

/** Reads a file's footer through `source` and chooses row groups by the plan's filter. */
export async function chooseChunks(
  source: ParquetSource,
  plan: Pick<StoredPlan, 'metadata' | 'schema' | 'filter'>,
  file: DataFile,
  fields: readonly NestedField[],
): Promise<Chunks> {
  const parquet = await openParquet(source)
  const kept = matchingGroups(parquet, plan.metadata, plan.schema, file, plan.filter)
  const ids = new Set(fields.map((field) => field.id))
  const columns = parquet.columns.filter((column) => ids.has(column.element.field_id ?? -1))
  // Without any of them the rows still have to be counted: the first column stands in.
  const names = new Set(
    (columns.length > 0 ? columns : parquet.columns.slice(0, 1)).map((column) => column.element.name),
  )
  const ranges: { start: number; end: number }[] = []
  for (const group of kept) {
    for (const { meta_data: meta } of parquet.metadata.row_groups[group]?.columns ?? []) {
      if (meta === undefined || !names.has(meta.path_in_schema[0] ?? '')) continue
      const start = Number(meta.dictionary_page_offset || meta.data_page_offset)
      ranges.push({ start, end: start + Number(meta.total_compressed_size) })
    }
  }
  const merged = merge(ranges)
  const bytes = merged.reduce((sum, { start, end }) => sum + end - start, 0)
  return { kept, total: parquet.groups.length, ranges: merged, bytes }
}

function merge(ranges: { start: number; end: number }[]): { start: number; end: number }[] {
  const merged: { start: number; end: number }[] = []
  for (const range of ranges.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last && range.start - last.end <= GAP) last.end = Math.max(last.end, range.end)
    else merged.push({ ...range })
  }
  return merged
}
