import { LakeError } from '../../shared/errors.ts'
import type { ErrorRow } from '../decode/rejection.ts'
import type { Instant } from '../decode/timestamp.ts'
import type { Envelope, Sample } from '../decode/validate.ts'
import {
  type AnyColumn,
  BooleanColumn,
  Columns,
  DoubleColumn,
  LongColumn,
  MapColumn,
  StringColumn,
} from '../parquet/columns.ts'
import type { FileSchema } from '../parquet/schema.ts'

/** Rows of one table waiting for a commit. */
export interface Buffered {
  readonly columns: Columns
}

export interface RawBuffer extends Buffered {
  /** `processing` is the moment of decoding, ms since the epoch. */
  append(envelope: Envelope, sample: Sample, processing: number): void
}

export interface ErrorBuffer extends Buffered {
  /** `now` is the moment of rejection, ms since the epoch. */
  append(row: ErrorRow, topic: string, partition: number, offset: bigint, now: number): void
}

/** Binds names to columns of a schema and watches over those that nobody asked for. */
class Binder {
  readonly columns: Columns
  readonly #bound = new Set<AnyColumn>()

  constructor(schema: FileSchema) {
    this.columns = new Columns(schema)
  }

  need<T extends AnyColumn>(name: string, kind: new () => T): T {
    const column = this.columns.find(name, kind)
    if (column === null) {
      throw new LakeError('TABLE_DIFFERS', `the table has no column ${name}`, { context: { column: name } })
    }
    this.#bound.add(column)
    return column
  }

  /** Columns that the table has beyond ours, which get a null in every row; a required one throws TABLE_DIFFERS. */
  rest(): AnyColumn[] {
    const others = this.columns.entries.filter(({ column }) => !this.#bound.has(column))
    for (const { field } of others) {
      if (!field.required) continue
      throw new LakeError(
        'TABLE_DIFFERS',
        `the table requires a column ${field.name}, which health data lack`,
        {
          context: { column: field.name },
          remedy: 'Make the column optional.',
        },
      )
    }
    return others.map(({ column }) => column)
  }
}

function appendInstant(column: LongColumn, { ms, micros }: Instant): void {
  column.appendInstant(ms, micros)
}

/** A buffer for `health_data_raw`. Throws TABLE_DIFFERS where `schema` cannot hold its rows. */
export function rawBuffer(schema: FileSchema): RawBuffer {
  const binder = new Binder(schema)
  const deviceId = binder.need('device_id', StringColumn)
  const userId = binder.need('user_id', StringColumn)
  const sampleId = binder.need('sample_id', StringColumn)
  const dataType = binder.need('data_type', StringColumn)
  const value = binder.need('value', DoubleColumn)
  const unit = binder.need('unit', StringColumn)
  const startDate = binder.need('start_date', LongColumn)
  const endDate = binder.need('end_date', LongColumn)
  const sourceBundle = binder.need('source_bundle', StringColumn)
  const metadata = binder.need('metadata', MapColumn)
  const isSynced = binder.need('is_synced', BooleanColumn)
  const createdAt = binder.need('created_at', LongColumn)
  const payloadTimestamp = binder.need('payload_timestamp', LongColumn)
  const appVersion = binder.need('app_version', StringColumn)
  const processingTime = binder.need('processing_time', LongColumn)
  const rest = binder.rest()
  return {
    columns: binder.columns,
    append(envelope, sample, processing) {
      deviceId.append(envelope.deviceId)
      userId.append(envelope.userId)
      sampleId.append(sample.id)
      dataType.append(sample.type)
      value.append(sample.value)
      unit.append(sample.unit)
      appendInstant(startDate, sample.start)
      appendInstant(endDate, sample.end)
      sourceBundle.append(sample.sourceBundle)
      appendMetadata(metadata, sample)
      isSynced.append(sample.isSynced)
      appendInstant(createdAt, sample.created)
      appendInstant(payloadTimestamp, envelope.sent)
      appVersion.append(envelope.appVersion)
      processingTime.appendInstant(processing, 0)
      for (const column of rest) column.append(null)
    },
  }
}

/** Zone and offset join the metadata as text, where it does not hold such a key already. */
function appendMetadata(column: MapColumn, { metadata, timezone, timezoneOffset }: Sample): void {
  if (metadata === null && timezone === null && timezoneOffset === null) {
    column.append(null)
    return
  }
  if (metadata !== null) for (const key in metadata) column.appendEntry(key, metadata[key]!)
  const held = (key: string): boolean => metadata !== null && Object.hasOwn(metadata, key)
  if (timezone !== null && !held('timezone')) column.appendEntry('timezone', timezone)
  if (timezoneOffset !== null && !held('timezoneOffset')) {
    column.appendEntry('timezoneOffset', String(timezoneOffset))
  }
  column.endRow()
}

/** A buffer for `health_data_errors`. Throws TABLE_DIFFERS where `schema` cannot hold its rows. */
export function errorBuffer(schema: FileSchema): ErrorBuffer {
  const binder = new Binder(schema)
  const errorId = binder.need('error_id', StringColumn)
  const errorType = binder.need('error_type', StringColumn)
  const errorMessage = binder.need('error_message', StringColumn)
  const errorTimestamp = binder.need('error_timestamp', LongColumn)
  const rawPayload = binder.need('raw_payload', StringColumn)
  const userId = binder.need('user_id', StringColumn)
  const deviceId = binder.need('device_id', StringColumn)
  const sampleId = binder.need('sample_id', StringColumn)
  const dataType = binder.need('data_type', StringColumn)
  const kafkaTopic = binder.need('kafka_topic', StringColumn)
  const kafkaPartition = binder.need('kafka_partition', LongColumn)
  const kafkaOffset = binder.need('kafka_offset', LongColumn)
  const rest = binder.rest()
  return {
    columns: binder.columns,
    append(row, topic, partition, offset, now) {
      errorId.append(row.errorId)
      errorType.append(row.errorType)
      errorMessage.append(row.errorMessage)
      errorTimestamp.appendInstant(now, 0)
      rawPayload.append(row.rawPayload)
      userId.append(row.userId)
      deviceId.append(row.deviceId)
      sampleId.append(row.sampleId)
      dataType.append(row.dataType)
      kafkaTopic.append(topic)
      kafkaPartition.appendNumber(partition)
      kafkaOffset.append(offset)
      for (const column of rest) column.append(null)
    },
  }
}
