import { ipcsToParquet } from './wasm.ts'
import { CREATED_BY, PAGE_BYTES } from './write.ts'

/**
 * Parquet files too large to stand in memory, written row group by row group while their rows come. The file is
 * complete with the generator's last piece; one that is left early or fails is no Parquet file.
 */
export interface StreamOptions {
  /** Rows of a row group; the last has fewer. What is held in memory is one row group, encoded, and one input. */
  readonly rowGroupRows?: number
}

const ROW_GROUP_ROWS = 122_880

/** Arrow IPC streams of one schema, each complete in itself, as the bytes of one Parquet file. At least one is needed. */
export function streamArrow(
  ipcs: AsyncIterable<Uint8Array>,
  options: StreamOptions = {},
): AsyncGenerator<Uint8Array> {
  return ipcsToParquet(ipcs, {
    rowGroupRows: options.rowGroupRows ?? ROW_GROUP_ROWS,
    pageBytes: PAGE_BYTES,
    createdBy: CREATED_BY,
    plain: [],
  })
}
