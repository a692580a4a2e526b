import { LakeError } from '../../../shared/errors.ts'
import type { CommitThread, TraceCell } from '../../../shared/trace.ts'
import { bound } from '../../iceberg/facts.ts'
import { humanValue } from '../../iceberg/human.ts'
import { currentSchema, schemaById, snapshotById } from '../../iceberg/metadata.ts'
import { readBatches } from '../../iceberg/read.ts'
import { snapshotChanges } from '../../iceberg/snapshot.ts'
import type { LiveFile, Schema } from '../../iceberg/types.ts'
import { countingStorage } from '../../storage/counting.ts'
import type { Lake } from '../lake.ts'
import { cellOf } from './cells.ts'
import { commitOf } from './commit.ts'
import { partitionText } from './file.ts'
import { type OnProgress, tableOf } from './thread.ts'

const FILES = 500
const ROWS = 200
/** Columns in which every commit of Tarn has values of its own time. */
const SPANS = ['processing_time', 'error_timestamp', 'updated_at', 'marked_at']

/** One commit: what it took, the files it added, the first of its rows. NOT_FOUND where the snapshot has expired. */
export async function commitThread(
  lake: Lake,
  table: string,
  snapshot: string,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<CommitThread> {
  const { identifier, view } = tableOf(lake, table)
  const { metadata } = await lake.io.catalog.loadTable(identifier, signal)
  const id = BigInt(snapshot)
  const found = snapshotById(metadata, id)
  if (found === null) {
    throw new LakeError('NOT_FOUND', `${view.name} has no snapshot ${snapshot}`, {
      context: { table: view.name, snapshot },
      likely: 'The snapshot has expired, or its id is of another table.',
      remedy: 'Begin at a row: its data file still tells the commit id.',
    })
  }
  const storage = countingStorage(lake.io.storage)
  onProgress({ text: 'reading the commit\u2019s manifests', done: 0, of: null, unit: 'files', bytes: 0 })
  const { added, removed } = await snapshotChanges(storage, metadata, id, signal)
  const data = added.filter(({ file }) => file.content === 'data')
  const schemaId = found['schema-id']
  const schema = schemaId === undefined ? currentSchema(metadata) : schemaById(metadata, schemaId)
  const rows: TraceCell[][] = []
  const names = schema.fields.map(({ name }) => name)
  for (const live of data) {
    if (rows.length >= ROWS) break
    const scanFile = { ...live, deletes: [] }
    for await (const batch of readBatches({ storage }, metadata, scanFile, names, {
      schema,
      batchRows: ROWS,
      signal,
    })) {
      for (let row = 0; row < batch.rows && rows.length < ROWS; row++)
        rows.push(schema.fields.map((field) => cellOf(field, batch.columns.get(field.id)?.[row] ?? null)))
      if (rows.length >= ROWS) break
    }
  }
  return {
    kind: 'commit',
    table: view,
    commit: commitOf(metadata, id),
    files: data
      .map(({ file }) => ({
        path: file.path,
        partition: partitionText(metadata, schema, file),
        rows: file.recordCount,
        bytes: file.fileSize,
      }))
      .sort((a, b) => b.rows - a.rows || (a.path < b.path ? -1 : 1))
      .slice(0, FILES),
    filesInAll: data.length,
    removedFiles: removed.length,
    rows,
    span: spanOf(schema, data),
    search: { requests: storage.counts.reads, bytes: storage.counts.bytesRead },
  }
}

/** Bounds over all files of a column that commits part; null where a file tells none. */
function spanOf(schema: Schema, files: readonly LiveFile[]): CommitThread['span'] {
  const field = schema.fields.find(({ name }) => SPANS.includes(name))
  if (field?.type !== 'timestamp' || files.length === 0) return null
  let from: bigint | null = null
  let to: bigint | null = null
  for (const { file } of files) {
    const lower = bound('timestamp', file.lowerBounds?.get(field.id))
    const upper = bound('timestamp', file.upperBounds?.get(field.id))
    if (typeof lower !== 'bigint' || typeof upper !== 'bigint') return null
    if (from === null || lower < from) from = lower
    if (to === null || upper > to) to = upper
  }
  const text = (value: bigint | null) => humanValue('identity', 'timestamp', value ?? 0n)
  return { column: field.name, from: text(from), to: text(to) }
}
