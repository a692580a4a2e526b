import { type AvroDecoder, createDecoder, type Sink } from '../decode/decode.ts'
import type { Validation } from '../decode/validate.ts'
import type { PartitionSpec, Schema, Value } from '../iceberg/types.ts'
import { type EncodedParquet, encodeParquet } from '../parquet/write.ts'
import type { MessageBatch } from '../source/source.ts'
import { type Buffered, type ErrorBuffer, errorBuffer, type RawBuffer, rawBuffer } from './append.ts'
import { groupRows } from './group.ts'

/** Schema and spec of a table as it stands, with the ids that its catalog gave. */
export interface TableShape {
  readonly schema: Schema
  readonly spec: PartitionSpec
  /** Upper limit of a row group, bytes; the writer's default where absent. */
  readonly rowGroupBytes?: number
}

export interface AccumulatorOptions {
  readonly raw: TableShape
  readonly errors: TableShape
  readonly topic: string
  readonly validation: Validation
  readonly maxMessageBytes: number
  readonly avro: AvroDecoder | null
}

/** First offset of interest to each table; rows of earlier messages are in it already. */
export interface FirstOffsets {
  readonly raw: bigint
  readonly errors: bigint
}

export interface AddResult {
  readonly messages: number
  /** Rows added for raw. */
  readonly rows: number
  /** Rows added for errors. */
  readonly rejected: number
  /** Rows of either kind left out because their table has them already. */
  readonly skipped: number
  /** Rows added for raw that last longer than 7 days. */
  readonly warnings: number
  /** Bytes held in memory for the next flush. */
  readonly bufferedBytes: number
  /** Time of the thread, where it was measured. */
  readonly decodeMs?: number
}

/** A data file of one partition, ready for upload. */
export interface EncodedFile {
  readonly table: 'raw' | 'errors'
  /** One value per field of the table's spec, in its order. */
  readonly partition: Value[]
  readonly parquet: EncodedParquet
  /** Time of the thread, where it was measured. */
  readonly encodeMs?: number
}

export interface Accumulator {
  /** Decodes a batch and keeps its rows; `now` (ms since the epoch) becomes their processing time. */
  add(batch: MessageBatch, from: FirstOffsets, now: number): AddResult
  /**
   * Takes all rows kept so far out and encodes them, errors first, one file per partition (more only where a
   * partition exceeds `FILE_BYTES` of memory). Rows added meanwhile belong to the next flush.
   */
  flush(): Generator<EncodedFile, void>
}

/** Rows of one partition beyond this much memory go into a further file, which bounds what encoding takes. */
const FILE_BYTES = 48 * 1024 * 1024

/** Decodes messages and keeps their rows in columns until they are flushed. Holds no thread; see worker.ts. */
export function createAccumulator(options: AccumulatorOptions): Accumulator {
  const decoder = createDecoder(options)
  let raw: RawBuffer = rawBuffer(options.raw.schema)
  let errors: ErrorBuffer = errorBuffer(options.errors.schema)
  /** An empty buffer with the memory of an earlier flush. */
  let spare: RawBuffer | null = null
  return {
    add(batch, from, now) {
      const { partition } = batch
      let [rows, rejected, skipped, warnings] = [0, 0, 0, 0]
      let offset = 0n
      let keepRaw = true
      let keepErrors = true
      const sink: Sink = {
        accept(envelope, sample) {
          if (keepRaw) raw.append(envelope, sample, now)
        },
        reject(row) {
          if (keepErrors) errors.append(row, options.topic, partition, offset, now)
        },
      }
      let start = 0
      for (let index = 0; index < batch.count; index++) {
        const end = batch.ends[index]!
        offset = batch.offsets[index]!
        keepRaw = offset >= from.raw
        keepErrors = offset >= from.errors
        const bytes = batch.isNull[index] === 1 ? null : batch.values.subarray(start, end)
        const outcome = decoder.decode(bytes, { partition, offset }, sink)
        if (keepRaw) {
          rows += outcome.accepted
          warnings += outcome.warnings
        } else skipped += outcome.accepted
        if (keepErrors) rejected += outcome.rejected
        else skipped += outcome.rejected
        start = end
      }
      const bufferedBytes = raw.columns.bytes + errors.columns.bytes
      return { messages: batch.count, rows, rejected, skipped, warnings, bufferedBytes }
    },
    flush() {
      const [fullErrors, fullRaw] = [errors, raw]
      raw = spare ?? rawBuffer(options.raw.schema)
      errors = errorBuffer(options.errors.schema)
      spare = null
      return flushAll(options, fullErrors, fullRaw, () => {
        fullRaw.columns.clear()
        if (raw.columns.rows === 0) raw = fullRaw
        else spare = fullRaw
      })
    },
  }
}

function* flushAll(
  options: AccumulatorOptions,
  errors: Buffered,
  raw: Buffered,
  done: () => void,
): Generator<EncodedFile, void> {
  yield* flushTable('errors', options.errors, errors)
  yield* flushTable('raw', options.raw, raw)
  done()
}

/** Rows of one table as data files: one for each partition, more only where it exceeds `FILE_BYTES` of memory. */
export function* flushTable(
  table: 'raw' | 'errors',
  { schema, spec, rowGroupBytes }: TableShape,
  { columns }: Buffered,
): Generator<EncodedFile, void> {
  if (columns.rows === 0) return
  const rowsPerFile = Math.max(1, Math.floor((FILE_BYTES * columns.rows) / columns.bytes))
  for (const { partition, rows } of groupRows(columns, schema, spec)) {
    for (let first = 0; first < rows.length; first += rowsPerFile) {
      const parquet = encodeParquet(columns, {
        rows: rows.subarray(first, first + rowsPerFile),
        ...(rowGroupBytes === undefined ? {} : { rowGroupBytes }),
      })
      yield { table, partition, parquet }
    }
  }
}
