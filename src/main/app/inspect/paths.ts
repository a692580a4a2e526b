import { humanValue } from '../../iceberg/human.ts'
import { currentSchema, schemaById, specById } from '../../iceberg/metadata.ts'
import { partitionPath, sourceType } from '../../iceberg/partition.ts'
import { pathById } from '../../iceberg/schema.ts'
import type {
  DataFile,
  PartitionField,
  PartitionSpec,
  PrimitiveType,
  Schema,
  TableMetadata,
  Value,
} from '../../iceberg/types.ts'
import { decodeValue } from '../../iceberg/values.ts'

/** What a file of an unpartitioned spec is said to lie in. */
const WHOLE_TABLE = '(whole table)'
const TEXT_SHOWN = 200

/** The path of a file's partition as Iceberg writes it: `day=2026-01-31/type=steps`. Worked out once a partition. */
export function partitionPaths(
  metadata: TableMetadata,
): (file: Pick<DataFile, 'specId' | 'partition'>) => string {
  const schemas = new Map<number, Schema>()
  return ({ specId, partition }) => {
    const spec = specById(metadata, specId)
    if (spec.fields.length === 0) return WHOLE_TABLE
    const schema = schemas.get(specId) ?? schemaFor(metadata, spec)
    schemas.set(specId, schema)
    try {
      return partitionPath(spec, schema, partition)
    } catch {
      // A transform or type of a later format: the value as it is stored.
      return spec.fields.map((field, i) => `${field.name}=${String(partition[i])}`).join('/')
    }
  }
}

/** A dropped column is still the source of partitions written before: then the schema that had it is used. */
function schemaFor(metadata: TableMetadata, spec: PartitionSpec): Schema {
  const has = (schema: Schema) => spec.fields.every((field) => pathById(schema, field['source-id']) !== null)
  const current = currentSchema(metadata)
  if (has(current)) return current
  return metadata.schemas.map((one) => schemaById(metadata, one['schema-id'])).findLast(has) ?? current
}

/** The type of a partition field's source column in the newest schema that has it. */
export function sourceOf(metadata: TableMetadata, field: PartitionField): PrimitiveType | null {
  return metadata.schemas.map((schema) => sourceType(schema, field['source-id'])).findLast(Boolean) ?? null
}

/** A serialized bound as people read it: decoded by type, long text cut; null where it is absent or cannot be decoded. */
export function boundText(type: PrimitiveType, bytes: Uint8Array | undefined): string | null {
  if (bytes === undefined) return null
  try {
    return valueText(type, decodeValue(type, bytes))
  } catch {
    return `0x${Buffer.from(bytes.subarray(0, 32)).toString('hex')}`
  }
}

/** A value of a column as people read it. */
export function valueText(type: PrimitiveType, value: Value): string {
  if (value instanceof Uint8Array) return cut(`0x${Buffer.from(value.subarray(0, 128)).toString('hex')}`)
  return cut(humanValue('identity', type, value))
}

const cut = (text: string) => (text.length <= TEXT_SHOWN ? text : `${text.slice(0, TEXT_SHOWN)}\u2026`)

/** Partition fields that tell the time though their transform does not. */
const TIME_NAMES: ReadonlySet<string> = new Set(['aggregation_date', 'year', 'month', 'week_of_year'])

/** True for a field that is laid across the map. */
export function tellsTime(metadata: TableMetadata, field: PartitionField): boolean {
  if (/^(year|month|day|hour)$/.test(field.transform) || TIME_NAMES.has(field.name)) return true
  const type = field.transform === 'identity' ? sourceOf(metadata, field) : null
  return type === 'date' || (type?.startsWith('timestamp') ?? false)
}
