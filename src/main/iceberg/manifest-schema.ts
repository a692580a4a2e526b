import { type AvroField, type AvroSchema, avroName, isUnion } from '../avro/schema.ts'
import { decimalOf, fixedLength } from './schema.ts'
import type { PartitionSpec, PrimitiveType } from './types.ts'

/**
 * The Avro schemas of manifests and manifest lists, format v2, and the names under which their fields are read, by
 * field id (spec, Manifests, Manifest Lists, Appendix A).
 */

const required = (id: number, name: string, type: AvroSchema): AvroField => ({ name, type, 'field-id': id })
const optional = (id: number, name: string, type: AvroSchema): AvroField => ({
  name,
  type: ['null', type],
  default: null,
  'field-id': id,
})
const record = (name: string, fields: readonly AvroField[]): AvroSchema => ({ type: 'record', name, fields })
const list = (id: number, items: AvroSchema): AvroSchema => ({ type: 'array', items, 'element-id': id })
/** Maps with int keys are arrays of pairs: Avro's own maps have text keys. */
const map = (keyId: number, valueId: number, value: AvroSchema): AvroSchema => ({
  type: 'array',
  items: record(`k${keyId}_v${valueId}`, [required(keyId, 'key', 'int'), required(valueId, 'value', value)]),
  logicalType: 'map',
})

/** The Avro type that holds an Iceberg value (spec, Appendix A). */
function avroType(type: PrimitiveType, fieldId: number): AvroSchema {
  switch (type) {
    case 'boolean':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'string':
      return type
    case 'binary':
      return 'bytes'
    case 'date':
      return { type: 'int', logicalType: 'date' }
    case 'time':
      return { type: 'long', logicalType: 'time-micros' }
    case 'timestamp':
    case 'timestamptz':
      return { type: 'long', logicalType: 'timestamp-micros', 'adjust-to-utc': type === 'timestamptz' }
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return { type: 'long', logicalType: 'timestamp-nanos', 'adjust-to-utc': type === 'timestamptz_ns' }
    case 'uuid':
      return { type: 'fixed', name: `uuid_${fieldId}`, size: 16, logicalType: 'uuid' }
    default: {
      const decimal = decimalOf(type)
      if (decimal) {
        const { precision, scale } = decimal
        const size = decimalBytes(precision)
        return { type: 'fixed', name: `decimal_${fieldId}`, size, logicalType: 'decimal', precision, scale }
      }
      const size = fixedLength(type)
      return size === null ? 'null' : { type: 'fixed', name: `fixed_${fieldId}`, size }
    }
  }
}

/** Fewest bytes of two's complement that hold every decimal of `precision` digits. */
export function decimalBytes(precision: number): number {
  let size = 1
  while (2n ** BigInt(size * 8 - 1) < 10n ** BigInt(precision)) size++
  return size
}

/** Name of a partition field inside the partition struct. */
export function partitionFieldName(name: string): string {
  return avroName(name)
}

/** Schema of a v2 manifest of one partition spec; `types` are the result types of its fields. */
export function manifestEntrySchema(spec: PartitionSpec, types: readonly PrimitiveType[]): AvroSchema {
  const partition = spec.fields.map((field, i) =>
    optional(
      field['field-id'],
      partitionFieldName(field.name),
      avroType(types[i] ?? 'string', field['field-id']),
    ),
  )
  const file = record('r2', [
    required(134, 'content', 'int'),
    required(100, 'file_path', 'string'),
    required(101, 'file_format', 'string'),
    required(102, 'partition', record('r102', partition)),
    required(103, 'record_count', 'long'),
    required(104, 'file_size_in_bytes', 'long'),
    optional(108, 'column_sizes', map(117, 118, 'long')),
    optional(109, 'value_counts', map(119, 120, 'long')),
    optional(110, 'null_value_counts', map(121, 122, 'long')),
    optional(137, 'nan_value_counts', map(138, 139, 'long')),
    optional(125, 'lower_bounds', map(126, 127, 'bytes')),
    optional(128, 'upper_bounds', map(129, 130, 'bytes')),
    optional(131, 'key_metadata', 'bytes'),
    optional(132, 'split_offsets', list(133, 'long')),
    optional(135, 'equality_ids', list(136, 'int')),
    optional(140, 'sort_order_id', 'int'),
    optional(143, 'referenced_data_file', 'string'),
  ])
  return record('manifest_entry', [
    required(0, 'status', 'int'),
    optional(1, 'snapshot_id', 'long'),
    optional(3, 'sequence_number', 'long'),
    optional(4, 'file_sequence_number', 'long'),
    required(2, 'data_file', file),
  ])
}

/** Schema of a v2 manifest list. */
export const MANIFEST_LIST_SCHEMA: AvroSchema = record('manifest_file', [
  required(500, 'manifest_path', 'string'),
  required(501, 'manifest_length', 'long'),
  required(502, 'partition_spec_id', 'int'),
  required(517, 'content', 'int'),
  required(515, 'sequence_number', 'long'),
  required(516, 'min_sequence_number', 'long'),
  required(503, 'added_snapshot_id', 'long'),
  required(504, 'added_files_count', 'int'),
  required(505, 'existing_files_count', 'int'),
  required(506, 'deleted_files_count', 'int'),
  required(512, 'added_rows_count', 'long'),
  required(513, 'existing_rows_count', 'long'),
  required(514, 'deleted_rows_count', 'long'),
  optional(
    507,
    'partitions',
    list(
      508,
      record('r508', [
        required(509, 'contains_null', 'boolean'),
        optional(518, 'contains_nan', 'boolean'),
        optional(510, 'lower_bound', 'bytes'),
        optional(511, 'upper_bound', 'bytes'),
      ]),
    ),
  ),
  optional(519, 'key_metadata', 'bytes'),
])

const names = new Map<number, string>()
collect(MANIFEST_LIST_SCHEMA)
collect(manifestEntrySchema({ 'spec-id': 0, fields: [] }, []))

function collect(schema: AvroSchema): void {
  if (typeof schema === 'string') return
  if (isUnion(schema)) {
    for (const branch of schema) collect(branch)
    return
  }
  for (const field of schema.fields ?? []) {
    if (field['field-id'] !== undefined) names.set(field['field-id'], field.name)
    collect(field.type)
  }
  if (schema.items !== undefined) collect(schema.items)
}

/**
 * Key of a field when a manifest or manifest list is read: by field id, whatever its writer called it; partition fields
 * are `p1000`, ...; without an id its own name.
 */
export function fieldKey(field: AvroField): string {
  const id = field['field-id']
  if (id === undefined) return field.name
  return names.get(id) ?? `p${id}`
}
