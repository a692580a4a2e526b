import { randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { currentSchema, currentSpec } from '../../iceberg/metadata.ts'
import type { TableMetadata } from '../../iceberg/types.ts'
import type { EncodedFile } from '../../ingest/accumulator.ts'
import { type Buffered, errorBuffer, rawBuffer } from '../../ingest/append.ts'
import { groupRows } from '../../ingest/group.ts'
import { dataFolder, type UploadTarget, uploadFiles } from '../../ingest/upload.ts'
import { encodeParquet } from '../../parquet/write.ts'
import type { Writer } from '../../replay/replay.ts'
import type { Storage } from '../../storage/storage.ts'

const UPLOADS = 8
const UPLOAD_BYTES = 64 * 1024 * 1024
const PATIENCE_MS = 60_000

/** Writes replayed rows by the loader's own columns, partitions, encoding and upload. */
export function replayWriter(storage: Storage, clock: Clock): Writer {
  return {
    store(commits, tables, fill, split) {
      const now = clock()
      const raw = rawBuffer(currentSchema(tables.raw))
      fill((envelope, sample) => raw.append(envelope, sample, now))
      const errors = errorBuffer(currentSchema(tables.errors))
      for (const { row, letter } of split)
        errors.append(row, letter.topic, letter.partition, letter.offset, now)
      return uploadFiles(encode(tables, { errors, raw }), {
        storage,
        targets: { raw: target(tables.raw, commits.raw), errors: target(tables.errors, commits.errors) },
        concurrency: UPLOADS,
        maxBytes: UPLOAD_BYTES,
        patienceMs: PATIENCE_MS,
      })
    },
  }
}

async function* encode(
  tables: Readonly<Record<'raw' | 'errors', TableMetadata>>,
  rows: Readonly<Record<'raw' | 'errors', Buffered>>,
): AsyncGenerator<EncodedFile> {
  for (const table of ['errors', 'raw'] as const) {
    const { columns } = rows[table]
    if (columns.rows === 0) continue
    for (const group of groupRows(columns, currentSchema(tables[table]), currentSpec(tables[table]))) {
      yield { table, partition: group.partition, parquet: encodeParquet(columns, { rows: group.rows }) }
    }
  }
}

/** A batch that is settled later is stored anew, never under the names of files that its first attempt may have used. */
function target(metadata: TableMetadata, commitId: string): UploadTarget {
  return {
    schema: currentSchema(metadata),
    spec: currentSpec(metadata),
    dataFolder: dataFolder(metadata),
    commitId: `${commitId}-${randomUUID().slice(0, 8)}`,
  }
}
