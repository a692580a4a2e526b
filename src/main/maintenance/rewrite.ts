import { LakeError } from '../../shared/errors.ts'
import { mapConcurrent } from '../base/concurrent.ts'
import type { DeleteCache } from '../iceberg/deletes.ts'
import { dataFolder } from '../iceberg/folders.ts'
import { currentSchema, specById } from '../iceberg/metadata.ts'
import { partitionPath, schemaOfSpec } from '../iceberg/partition.ts'
import { type Batch, readBatches, readFile, WHOLE_FILE_BYTES } from '../iceberg/read.ts'
import type { ScanFile } from '../iceberg/scan.ts'
import type { DataFile, TableMetadata, Value } from '../iceberg/types.ts'
import { Columns } from '../parquet/columns.ts'
import { appendColumns, encodeParquet } from '../parquet/write.ts'
import type { Storage } from '../storage/storage.ts'

/** Bytes of rows gathered before a file is written; encoding holds about three times as much for a moment. */
const ROWS_BYTES = 64 << 20
const BATCH_ROWS = 32_768
/** Small files fetched side by side. */
const AHEAD = 8

/** Files of one partition whose rows are written anew together. */
export interface Group {
  readonly specId: number
  readonly partition: readonly Value[]
  /** In the order of their sequence numbers. */
  readonly files: readonly ScanFile[]
  /** Bytes and rows of the data files, deleted rows included. */
  readonly bytes: number
  readonly rows: number
}

export interface Rewriting {
  readonly storage: Storage
  readonly metadata: TableMetadata
  readonly deletes: DeleteCache
  readonly signal: AbortSignal
}

/**
 * Writes the rows of a group, deletes applied, as new files of the same partition: one, or more where the rows outgrow
 * memory. Each file is noted in `stored` before it is written. Throws CORRUPT where files hold other rows than the
 * manifests say, before anything could be lost.
 */
export async function rewriteGroup(
  { storage, metadata, deletes, signal }: Rewriting,
  group: Group,
  name: string,
  stored: DataFile[],
): Promise<void> {
  const schema = currentSchema(metadata)
  const spec = specById(metadata, group.specId)
  const folder = partitionPath(spec, schemaOfSpec(metadata, spec), group.partition)
  const names = schema.fields.map((field) => field.name)
  const columns = new Columns(schema)
  let written = 0

  const flush = async (): Promise<void> => {
    if (columns.rows === 0) return
    const { bytes, metrics } = encodeParquet(columns)
    columns.clear()
    const path = [dataFolder(metadata), folder, `${name}-${written}.parquet`].filter((part) => part !== '')
    written += 1
    const file: DataFile = {
      content: 'data',
      path: path.join('/'),
      format: 'parquet',
      specId: group.specId,
      partition: group.partition,
      fileSize: bytes.byteLength,
      ...metrics,
      // Rows lie as they lay in the files they come from.
      sortOrderId: 0,
    }
    stored.push(file)
    await storage.write(file.path, bytes, { signal })
  }
  const add = async ({ rows, columns: given }: Batch): Promise<number> => {
    appendColumns(columns, rows, given)
    if (columns.bytes >= ROWS_BYTES) await flush()
    return rows
  }

  for (const files of runsOf(group.files)) {
    const whole = await mapConcurrent(
      files.length > 1 ? files : [],
      AHEAD,
      (file, _, stop) => readFile({ storage }, metadata, file, names, { deletes, signal: stop }),
      signal,
    )
    for (const [index, file] of files.entries()) {
      let rows = 0
      const read = whole[index]
      if (read !== undefined) rows = await add(read)
      else {
        const options = { deletes, batchRows: BATCH_ROWS, signal }
        for await (const batch of readBatches({ storage }, metadata, file, names, options))
          rows += await add(batch)
      }
      checkRows(file, rows)
    }
  }
  await flush()
}

/** Up to `AHEAD` neighbours that are small enough to be read whole; any other file alone. */
function runsOf(files: readonly ScanFile[]): ScanFile[][] {
  const runs: ScanFile[][] = []
  let small = false
  for (const one of files) {
    const fits = one.file.fileSize <= WHOLE_FILE_BYTES
    const last = runs.at(-1)
    if (last !== undefined && fits && small && last.length < AHEAD) last.push(one)
    else runs.push([one])
    small = fits
  }
  return runs
}

function checkRows({ file, deletes }: ScanFile, rows: number): void {
  if (deletes.length === 0 ? rows === file.recordCount : rows <= file.recordCount) return
  throw new LakeError('CORRUPT', 'A data file does not hold the rows its table records', {
    context: { file: file.path, expected: file.recordCount, found: rows },
  })
}
