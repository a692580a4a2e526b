import { LakeError } from '../../shared/errors.ts'
import { decimalBytes, partitionFieldName } from './manifest-schema.ts'
import { decimalOf } from './schema.ts'
import type { DataFile, FileContent, ManifestEntry, PartitionSpec, PrimitiveType, Value } from './types.ts'
import { bigEndian, uuidBytes, uuidText } from './values.ts'

/** Manifest entries as Avro records and back. Keys are those of `fieldKey`. */

type Plain = Readonly<Record<string, unknown>>

const STATUSES = ['existing', 'added', 'deleted'] as const
const CONTENTS: readonly FileContent[] = ['data', 'position-deletes', 'equality-deletes']
const FORMATS: readonly string[] = ['parquet', 'avro', 'orc', 'puffin']

/** What decides whether an entry is wanted. */
export interface BriefEntry {
  readonly status: ManifestEntry['status']
  readonly content: FileContent
  readonly partition: readonly Value[]
  readonly recordCount: number
  /** Bytes. */
  readonly fileSize: number
}

const NOT_BRIEF = new Set([
  'snapshot_id',
  'sequence_number',
  'file_sequence_number',
  'file_path',
  'file_format',
  'column_sizes',
  'value_counts',
  'null_value_counts',
  'nan_value_counts',
  'distinct_counts',
  'lower_bounds',
  'upper_bounds',
  'key_metadata',
  'split_offsets',
  'equality_ids',
  'sort_order_id',
  'referenced_data_file',
])

/** True for the keys of a record that `briefOf` does without. */
export function isNotBrief(key: string): boolean {
  return NOT_BRIEF.has(key)
}

export function briefOf(
  record: Plain,
  spec: PartitionSpec,
  types: readonly (PrimitiveType | null)[],
): BriefEntry {
  const file = record.data_file as Plain
  const status = STATUSES[Number(record.status)]
  const content = CONTENTS[Number(file.content ?? 0)]
  if (!status) throw new LakeError('CORRUPT', `manifest entry of status ${String(record.status)}`)
  if (!content) throw new LakeError('CORRUPT', `data file of content ${String(file.content)}`)
  return {
    status,
    content,
    partition: partitionOf((file.partition ?? {}) as Plain, spec, types),
    recordCount: count(file.record_count, 'record count'),
    fileSize: count(file.file_size_in_bytes, 'file size'),
  }
}

/** An entry as it stands in the file: what is inherited stays null. */
export function entryOf(
  record: Plain,
  spec: PartitionSpec,
  types: readonly (PrimitiveType | null)[],
): ManifestEntry {
  const status = STATUSES[Number(record.status)]
  if (!status) throw new LakeError('CORRUPT', `manifest entry of status ${String(record.status)}`)
  return {
    status,
    snapshotId: record.snapshot_id == null ? null : BigInt(record.snapshot_id as number | bigint),
    sequenceNumber: record.sequence_number == null ? null : count(record.sequence_number, 'sequence number'),
    fileSequenceNumber:
      record.file_sequence_number == null ? null : count(record.file_sequence_number, 'sequence number'),
    file: dataFileOf(record.data_file as Plain, spec, types),
  }
}

function dataFileOf(record: Plain, spec: PartitionSpec, types: readonly (PrimitiveType | null)[]): DataFile {
  const content = CONTENTS[Number(record.content ?? 0)]
  const format = String(record.file_format).toLowerCase()
  if (!content) throw new LakeError('CORRUPT', `data file of content ${String(record.content)}`)
  if (!FORMATS.includes(format)) throw new LakeError('UNSUPPORTED', `data file of format ${format}`)
  const numbers = (key: string) => mapOf(record[key], (value) => count(value, key))
  const bounds = (key: string) => mapOf(record[key], (value) => value as Uint8Array)
  return {
    content,
    path: String(record.file_path),
    format: format as DataFile['format'],
    specId: spec['spec-id'],
    partition: partitionOf((record.partition ?? {}) as Plain, spec, types),
    recordCount: count(record.record_count, 'record count'),
    fileSize: count(record.file_size_in_bytes, 'file size'),
    ...given('columnSizes', numbers('column_sizes')),
    ...given('valueCounts', numbers('value_counts')),
    ...given('nullCounts', numbers('null_value_counts')),
    ...given('nanCounts', numbers('nan_value_counts')),
    ...given('lowerBounds', bounds('lower_bounds')),
    ...given('upperBounds', bounds('upper_bounds')),
    ...given('splitOffsets', listOf(record.split_offsets)),
    ...given('equalityIds', listOf(record.equality_ids)),
    ...given('sortOrderId', record.sort_order_id as number | null),
    ...given('referencedDataFile', record.referenced_data_file as string | null),
    ...given('keyMetadata', record.key_metadata as Uint8Array | null),
  }
}

/** An entry as the record that a v2 manifest holds. */
export function recordOf(entry: ManifestEntry, spec: PartitionSpec, types: readonly PrimitiveType[]): Plain {
  const { file } = entry
  if (file.partition.length !== spec.fields.length) {
    throw new LakeError(
      'INVALID',
      `a partition of ${file.partition.length} values for ${spec.fields.length} fields`,
    )
  }
  return {
    status: STATUSES.indexOf(entry.status),
    snapshot_id: entry.snapshotId,
    // Those of added entries are inherited from the manifest list, so that a retry rewrites nothing else.
    sequence_number: entry.sequenceNumber,
    file_sequence_number: entry.fileSequenceNumber,
    data_file: {
      content: CONTENTS.indexOf(file.content),
      file_path: file.path,
      file_format: file.format.toUpperCase(),
      partition: Object.fromEntries(
        spec.fields.map((field, i) => [
          partitionFieldName(field.name),
          toAvro(types[i]!, file.partition[i] ?? null),
        ]),
      ),
      record_count: file.recordCount,
      file_size_in_bytes: file.fileSize,
      column_sizes: pairsOf(file.columnSizes),
      value_counts: pairsOf(file.valueCounts),
      null_value_counts: pairsOf(file.nullCounts),
      nan_value_counts: pairsOf(file.nanCounts),
      lower_bounds: pairsOf(file.lowerBounds),
      upper_bounds: pairsOf(file.upperBounds),
      key_metadata: file.keyMetadata,
      split_offsets: file.splitOffsets,
      equality_ids: file.equalityIds,
      // Position deletes have their own order, not the table's.
      sort_order_id: file.content === 'position-deletes' ? null : file.sortOrderId,
      referenced_data_file: file.referencedDataFile,
    },
  }
}

function partitionOf(
  record: Plain,
  spec: PartitionSpec,
  types: readonly (PrimitiveType | null)[],
): readonly Value[] {
  // A writer may have numbered the struct's fields anew; then their order is the spec's.
  const byPosition = Object.values(record)
  return spec.fields.map((field, i) => {
    const byId = record[`p${field['field-id']}`]
    const byName = byId === undefined ? record[partitionFieldName(field.name)] : byId
    const value = byName === undefined && byPosition.length === spec.fields.length ? byPosition[i] : byName
    return fromAvro(types[i] ?? null, value)
  })
}

/** A value as Avro read it, in the form of its Iceberg type; widened where the column was promoted since. */
function fromAvro(type: PrimitiveType | null, value: unknown): Value {
  if (value === null || value === undefined) return null
  switch (type) {
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return BigInt(value as number | bigint)
    case 'uuid':
      return value instanceof Uint8Array ? uuidText(value) : String(value).toLowerCase()
    default:
      if (type !== null && decimalOf(type) && value instanceof Uint8Array) return bigEndian(value)
      return value as Value
  }
}

function toAvro(type: PrimitiveType, value: Value): Value {
  if (value === null) return null
  if (type === 'uuid') return uuidBytes(String(value))
  const decimal = decimalOf(type)
  if (!decimal || typeof value !== 'bigint') return value
  const size = decimalBytes(decimal.precision)
  const bytes = new Uint8Array(size)
  let rest = BigInt.asUintN(size * 8, value)
  for (let i = size - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}

/** A map by field id, taken over as it was decoded where its keys are numbers. */
function mapOf<T>(value: unknown, check: (value: unknown) => T): ReadonlyMap<number, T> | null {
  if (value === null || value === undefined) return null
  if (!(value instanceof Map)) {
    // Written without the logical type that marks a map.
    return new Map((value as Plain[]).map((pair) => [Number(pair.key), check(pair.value)]))
  }
  for (const [key, item] of value) {
    // Some writers use Avro's own map, whose keys are text.
    if (typeof key !== 'number') return new Map([...value].map(([k, v]) => [Number(k), check(v)]))
    check(item)
  }
  return value as ReadonlyMap<number, T>
}

function pairsOf(map: ReadonlyMap<number, unknown> | undefined): Plain[] | null {
  if (map === undefined) return null
  return [...map].sort(([a], [b]) => a - b).map(([key, value]) => ({ key, value }))
}

function listOf(value: unknown): readonly number[] | null {
  return value === null || value === undefined ? null : (value as unknown[]).map((v) => count(v, 'list item'))
}

/** `{ [key]: value }`, or nothing where the value is absent. */
function given<K extends string, T>(key: K, value: T | null | undefined): { readonly [P in K]?: T } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { [P in K]: T })
}

/** A long of the format as a number. Throws CORRUPT where it does not fit. */
export function count(value: unknown, what: string): number {
  if (typeof value === 'number') return value
  throw new LakeError('CORRUPT', `${what} is ${typeof value === 'bigint' ? value : typeof value}`)
}
