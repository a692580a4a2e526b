import type { ParquetFile } from './read.ts'

/** What a footer tells of one leaf column in one row group, unconverted; absent is unknown. */
export interface ChunkStats {
  readonly min?: unknown
  readonly max?: unknown
  readonly nulls?: number
  /** Values, nulls included. */
  readonly values: number
}

/**
 * Statistics of a leaf column, named by its path. Null where the chunk has none. Only `min_value` and `max_value` count:
 * the older `min` and `max` had no defined order. Those of decimals and plain bytes are left out: the reader would round
 * or decode them.
 */
export function chunkStats(file: ParquetFile, group: number, path: readonly string[]): ChunkStats | null {
  const key = path.join('\0')
  const chunk = file.metadata.row_groups[group]?.columns.find(
    ({ meta_data: meta }) => meta?.path_in_schema.join('\0') === key,
  )
  const meta = chunk?.meta_data
  if (meta === undefined) return null
  const stats = meta.statistics
  const nulls = stats?.null_count
  return {
    ...(stats?.min_value === undefined ? {} : { min: stats.min_value }),
    ...(stats?.max_value === undefined ? {} : { max: stats.max_value }),
    ...(nulls === undefined ? {} : { nulls: Number(nulls) }),
    values: Number(meta.num_values),
  }
}
