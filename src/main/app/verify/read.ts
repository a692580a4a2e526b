import { mapConcurrent } from '../../base/concurrent.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import { type Batch, readBatches } from '../../iceberg/read.ts'
import type { ScanPlan } from '../../iceberg/scan.ts'
import type { TableMetadata } from '../../iceberg/types.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Differences } from './differences.ts'

/** Files read side by side. */
const LANES = 8
const BATCH_ROWS = 65_536

/**
 * Gives every batch of a plan's files to `visit`, in no order. A file that holds another number of rows than its manifest
 * says is a difference. Returns the rows read.
 */
export async function forEachBatch(
  io: { readonly storage: Storage },
  metadata: TableMetadata,
  plan: ScanPlan,
  columns: readonly string[],
  differences: Differences,
  visit: (batch: Batch) => void,
  signal?: AbortSignal,
): Promise<number> {
  const deletes = new DeleteCache()
  let total = 0
  await mapConcurrent(
    plan.files,
    LANES,
    async (file, _, stop) => {
      let rows = 0
      const options = { deletes, schema: plan.schema, batchRows: BATCH_ROWS, signal: stop }
      for await (const batch of readBatches(io, metadata, file, columns, options)) {
        visit(batch)
        rows += batch.rows
      }
      total += rows
      const { path, recordCount } = file.file
      if (file.deletes.length === 0 && rows !== recordCount) {
        differences.add(`rows: ${path} holds ${rows} rows, recorded are ${recordCount}`)
      }
    },
    signal,
  )
  return total
}
