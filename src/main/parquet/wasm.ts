import {
  Compression,
  EnabledStatistics,
  Table,
  WriterPropertiesBuilder,
  writeParquet,
} from 'parquet-wasm/node'

/** The only import of parquet-wasm in the main process. Its memory grows and never shrinks. */

export interface WriteOptions {
  readonly rowGroupRows: number
  readonly pageBytes: number
  readonly createdBy: string
  /** Dotted paths of leaf columns whose values hardly repeat: written without a dictionary. */
  readonly plain: readonly string[] | 'all'
}

/** An Arrow IPC stream as a Parquet file with Snappy pages and statistics per column chunk. */
export function ipcToParquet(ipc: Uint8Array, options: WriteOptions): Uint8Array {
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.SNAPPY)
    .setCreatedBy(options.createdBy)
    .setDataPageSizeLimit(options.pageBytes)
    .setMaxRowGroupSize(options.rowGroupRows)
    .setStatisticsEnabled(EnabledStatistics.Chunk)
  if (options.plain === 'all') builder = builder.setDictionaryEnabled(false)
  else for (const path of options.plain) builder = builder.setColumnDictionaryEnabled(path, false)
  return writeParquet(Table.fromIPCStream(ipc), builder.build())
}
