import {
  Compression,
  EnabledStatistics,
  type RecordBatch,
  Table,
  transformParquetStream,
  type WriterProperties,
  WriterPropertiesBuilder,
  writeParquet,
} from 'parquet-wasm/node'
import { LakeError } from '../../shared/errors.ts'

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
  return writeParquet(Table.fromIPCStream(ipc), propertiesOf(options))
}

/**
 * Arrow IPC streams of one schema as the bytes of one Parquet file, row group by row group: one row group and one input
 * stand in memory at a time. Pulls the next input when its bytes are asked for. Throws what `ipcs` throws.
 */
export async function* ipcsToParquet(
  ipcs: AsyncIterable<Uint8Array>,
  options: WriteOptions,
): AsyncGenerator<Uint8Array> {
  const inputs = ipcs[Symbol.asyncIterator]()
  const first = await inputs.next()
  if (first.done) throw new LakeError('INTERNAL', 'a Parquet file needs a schema')
  const held = batchesOf(first.value)
  let stopped = false
  // The writer takes an error of its source for the end: it is kept and thrown here.
  let failure: { readonly error: unknown } | null = null
  const source = new ReadableStream<RecordBatch>(
    {
      async pull(controller) {
        try {
          while (held.length === 0 && !stopped) {
            const next = await inputs.next()
            if (next.done) break
            held.push(...batchesOf(next.value))
          }
        } catch (error) {
          failure = { error }
        }
        const batch = failure === null && !stopped ? held.shift() : undefined
        if (batch === undefined) controller.close()
        else controller.enqueue(batch)
      },
    },
    { highWaterMark: 0 },
  )
  try {
    while (held.length === 0) {
      const next = await inputs.next()
      if (next.done) {
        // Without rows the writer of streams does not end its file.
        yield ipcToParquet(first.value, options)
        return
      }
      held.push(...batchesOf(next.value))
    }
    const reader = (await transformParquetStream(source, propertiesOf(options))).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (failure !== null) throw (failure as { error: unknown }).error
      if (done) return
      yield value as Uint8Array
    }
  } finally {
    stopped = true
    await inputs.return?.()
  }
}

function batchesOf(ipc: Uint8Array): RecordBatch[] {
  const table = Table.fromIPCStream(ipc)
  try {
    return table.recordBatches().filter((batch) => batch.numRows > 0)
  } finally {
    table.free()
  }
}

function propertiesOf(options: WriteOptions): WriterProperties {
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.SNAPPY)
    .setCreatedBy(options.createdBy)
    .setDataPageSizeLimit(options.pageBytes)
    .setMaxRowGroupSize(options.rowGroupRows)
    .setStatisticsEnabled(EnabledStatistics.Chunk)
  if (options.plain === 'all') builder = builder.setDictionaryEnabled(false)
  else for (const path of options.plain) builder = builder.setColumnDictionaryEnabled(path, false)
  return builder.build()
}
