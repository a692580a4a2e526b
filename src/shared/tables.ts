/** The five tables as data: names, columns, partition fields in order, properties, identifier fields. */

export type ColumnType = 'string' | 'double' | 'long' | 'boolean' | 'timestamp' | 'map<string,string>'

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly required: boolean
  readonly doc: string
}

export interface PartitionColumn {
  readonly source: string
  readonly transform: 'day' | 'identity' | 'truncate[7]'
  /** `start_date_day` for day(start_date); the column's own name for identity. */
  readonly name: string
}

export type TableRole = 'raw' | 'errors' | 'daily' | 'weekly' | 'monthly'
export const TABLE_ROLES: readonly TableRole[] = ['raw', 'errors', 'daily', 'weekly', 'monthly']

export interface TableDefinition {
  readonly role: TableRole
  /** The name where no setting says otherwise. */
  readonly defaultName: string
  readonly doc: string
  readonly columns: readonly Column[]
  readonly partitions: readonly PartitionColumn[]
  /** Names of the identifier columns; empty for append-only tables. */
  readonly identifier: readonly string[]
  readonly properties: Readonly<Record<string, string>>
}

const column =
  (type: ColumnType, required: boolean) =>
  (name: string, doc: string): Column => ({ name, type, required, doc })
const str = column('string', true)
const strOptional = column('string', false)
const dbl = column('double', true)
const dblOptional = column('double', false)
const long = column('long', true)
const bool = column('boolean', true)
const ts = column('timestamp', true)
const mapOptional = column('map<string,string>', false)
const identity = (source: string): PartitionColumn => ({ source, transform: 'identity', name: source })
const day = (source: string): PartitionColumn => ({ source, transform: 'day', name: `${source}_day` })

const COMMON: Readonly<Record<string, string>> = {
  'write.format.default': 'parquet',
  'write.parquet.compression-codec': 'snappy',
  'write.metadata.compression-codec': 'gzip',
  'write.metadata.delete-after-commit.enabled': 'true',
  'write.metadata.previous-versions-max': '100',
}
const AGGREGATE: Readonly<Record<string, string>> = { ...COMMON, 'write.upsert.enabled': 'true' }

const windowColumns = [ts('window_start', 'Window start timestamp'), ts('window_end', 'Window end timestamp')]
const statistics = [
  dbl('min_value', 'Minimum value in window'),
  dbl('max_value', 'Maximum value in window'),
  dbl('avg_value', 'Average value in window'),
  dbl('sum_value', 'Sum of values in window'),
  long('count', 'Count of values in window'),
  dbl('stddev_value', 'Standard deviation of values'),
]
const tail = [long('record_count', 'Number of records aggregated'), ts('updated_at', 'Last update timestamp')]
const subject = [str('user_id', 'User identifier'), str('data_type', 'Health data type')]

export const TABLES: Readonly<Record<TableRole, TableDefinition>> = {
  raw: {
    role: 'raw',
    defaultName: 'health_data_raw',
    doc: 'Main table for processed health data',
    columns: [
      str('device_id', 'Device identifier'),
      str('user_id', 'User identifier'),
      str('sample_id', 'Sample identifier'),
      str('data_type', 'Health data type (heartRate, steps, etc.)'),
      dbl('value', 'Measurement value'),
      str('unit', 'Unit of measurement'),
      ts('start_date', 'Start timestamp of measurement'),
      ts('end_date', 'End timestamp of measurement'),
      strOptional('source_bundle', 'Source bundle identifier'),
      mapOptional('metadata', 'Additional metadata'),
      bool('is_synced', 'Sync status flag'),
      ts('created_at', 'Record creation timestamp'),
      ts('payload_timestamp', 'Original payload timestamp'),
      str('app_version', 'Application version'),
      ts('processing_time', 'Flink processing timestamp'),
    ],
    partitions: [day('start_date'), identity('data_type')],
    identifier: [],
    properties: {
      ...COMMON,
      'write.target-file-size-bytes': '268435456',
      'write.parquet.row-group-size-bytes': '134217728',
      'write.parquet.page-size-bytes': '1048576',
    },
  },
  errors: {
    role: 'errors',
    defaultName: 'health_data_errors',
    doc: 'Dead letter queue (DLQ) for error records',
    columns: [
      str('error_id', 'Error record identifier'),
      str('error_type', 'Type of error'),
      str('error_message', 'Error message description'),
      ts('error_timestamp', 'When the error occurred'),
      strOptional('raw_payload', 'Original raw payload'),
      strOptional('user_id', 'User identifier if available'),
      strOptional('device_id', 'Device identifier if available'),
      strOptional('sample_id', 'Sample identifier if available'),
      strOptional('data_type', 'Health data type if available'),
      str('kafka_topic', 'Source Kafka topic'),
      long('kafka_partition', 'Source Kafka partition'),
      long('kafka_offset', 'Source Kafka offset'),
    ],
    partitions: [day('error_timestamp'), identity('error_type')],
    identifier: [],
    properties: COMMON,
  },
  daily: {
    role: 'daily',
    defaultName: 'health_data_daily_agg',
    doc: 'Daily aggregated statistics',
    columns: [
      ...subject,
      str('aggregation_date', 'Aggregation date (YYYY-MM-DD)'),
      ...windowColumns,
      ...statistics,
      dblOptional('first_value', 'First value in window'),
      dblOptional('last_value', 'Last value in window'),
      ...tail,
    ],
    partitions: [identity('user_id'), identity('aggregation_date'), identity('data_type')],
    identifier: ['user_id', 'data_type', 'aggregation_date'],
    properties: AGGREGATE,
  },
  weekly: {
    role: 'weekly',
    defaultName: 'health_data_weekly_agg',
    doc: 'Weekly aggregated statistics',
    columns: [
      ...subject,
      str('week_start_date', 'Week start date (Monday)'),
      str('week_end_date', 'Week end date (Sunday)'),
      long('year', 'Year'),
      long('week_of_year', 'ISO week number (1-53)'),
      ...windowColumns,
      ...statistics,
      dblOptional('daily_avg_of_avg', 'Average of daily averages'),
      ...tail,
    ],
    partitions: [identity('user_id'), identity('year'), identity('week_of_year'), identity('data_type')],
    identifier: ['user_id', 'data_type', 'year', 'week_of_year'],
    properties: AGGREGATE,
  },
  monthly: {
    role: 'monthly',
    defaultName: 'health_data_monthly_agg',
    doc: 'Monthly aggregated statistics',
    columns: [
      ...subject,
      long('year', 'Year'),
      long('month', 'Month (1-12)'),
      str('month_start_date', 'Month start date (1st day)'),
      str('month_end_date', 'Month end date (last day)'),
      ...windowColumns,
      ...statistics,
      dblOptional('daily_avg_of_avg', 'Average of daily averages'),
      ...tail,
    ],
    partitions: [identity('user_id'), identity('year'), identity('month'), identity('data_type')],
    identifier: ['user_id', 'data_type', 'year', 'month'],
    properties: AGGREGATE,
  },
}

/** How the tables are parted. `specified` is the specification's; `compact` holds the same columns in few, larger files. */
export type Layout = 'specified' | 'compact'
export const LAYOUTS: readonly Layout[] = ['specified', 'compact']

/**
 * Partitions of the compact layout: raw by day, daily statistics by month (the first seven letters of their date), weekly
 * and monthly ones by year. Dead letters are few and read by their type: they stay as specified.
 */
const COMPACT: Readonly<Record<TableRole, readonly PartitionColumn[]>> = {
  raw: [day('start_date')],
  errors: TABLES.errors.partitions,
  daily: [{ source: 'aggregation_date', transform: 'truncate[7]', name: 'aggregation_date_trunc' }],
  weekly: [identity('year')],
  monthly: [identity('year')],
}

/** The definition of a table in a layout: they differ in the partition fields only. */
export function tableOf(role: TableRole, layout: Layout): TableDefinition {
  return layout === 'compact' ? { ...TABLES[role], partitions: COMPACT[role] } : TABLES[role]
}

/** A partition field in words: `day of start_date`, `month of aggregation_date`, `user_id`. */
export function partitionWords({ transform, source }: PartitionColumn): string {
  switch (transform) {
    case 'day':
      return `day of ${source}`
    case 'truncate[7]':
      return `month of ${source}`
    case 'identity':
      return source
  }
}
