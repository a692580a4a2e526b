import { createHash } from 'node:crypto'
import { LakeError } from '../../shared/errors.ts'
import { humanValue } from './human.ts'
import { fieldById, isPrimitive } from './schema.ts'
import { applyTransform, transformResultType } from './transform.ts'
import type { PartitionSpec, PrimitiveType, Schema, TableMetadata, Value } from './types.ts'
import { compareValues } from './values.ts'

export { applyTransform, transformResultType } from './transform.ts'

/** Longest escaped path segment in bytes; file systems allow 255 for a name. */
const SEGMENT_LIMIT = 200
const SEGMENT_KEPT = 150

/** The type of a column that partitions may be made from, or null where the schema has no such primitive field. */
export function sourceType(schema: Schema, id: number): PrimitiveType | null {
  const field = fieldById(schema, id)
  return field && isPrimitive(field.type) ? field.type : null
}

/**
 * Result types of a spec's fields, in order. A source column that the current schema lost is looked up in older
 * schemas; null where none has it.
 */
export function partitionTypes(metadata: TableMetadata, spec: PartitionSpec): (PrimitiveType | null)[] {
  const current = metadata.schemas.filter((schema) => schema['schema-id'] === metadata['current-schema-id'])
  const older = metadata.schemas.filter((schema) => schema['schema-id'] !== metadata['current-schema-id'])
  const schemas = [...current, ...older.toReversed()]
  return spec.fields.map((field) => {
    for (const schema of schemas) {
      const type = sourceType(schema, field['source-id'])
      if (type) return transformResultType(field.transform, type)
    }
    return null
  })
}

/** Partition values of one row, in the spec's order; `read` gives a column's value by field id. */
export function partitionValues(spec: PartitionSpec, schema: Schema, read: (id: number) => Value): Value[] {
  return spec.fields.map((field) =>
    applyTransform(field.transform, requireSource(schema, field['source-id']), read(field['source-id'])),
  )
}

/**
 * A partition tuple as one string, equal exactly where two tuples of one spec are equal (NaN equals NaN, -0.0 is not
 * +0.0: spec, Scan Planning note 3). For maps and sets only, not for paths.
 */
export function partitionKey(values: readonly Value[]): string {
  return values.map(valueKey).join(',')
}

/** Order of two partition tuples of one spec, field by field, nulls first; `types` are the spec's result types. */
export function comparePartitions(
  types: readonly (PrimitiveType | null)[],
  a: readonly Value[],
  b: readonly Value[],
): number {
  for (let i = 0; i < types.length; i++) {
    const [type, x, y] = [types[i] ?? null, a[i] ?? null, b[i] ?? null]
    if (type === null || x === y) continue
    if (x === null) return -1
    if (y === null) return 1
    const order = compareValues(type, x, y)
    if (order !== 0) return order
  }
  return 0
}

/** The newest schema that has every column the spec is made of, the current one first; a dropped column is in an older one. */
export function schemaOfSpec(metadata: TableMetadata, spec: PartitionSpec): Schema {
  const current = metadata.schemas.filter((schema) => schema['schema-id'] === metadata['current-schema-id'])
  const knows = (schema: Schema) =>
    spec.fields.every((field) => sourceType(schema, field['source-id']) !== null)
  const found = [...current, ...metadata.schemas.toReversed()].find(knows)
  if (found !== undefined) return found
  throw new LakeError('CORRUPT', `no schema has the source columns of partition spec ${spec['spec-id']}`)
}

function valueKey(value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`
  if (typeof value === 'bigint') return `${value}n`
  return Object.is(value, -0) ? '-0' : String(value)
}

/**
 * The folder of a partition below the data folder, without slashes at its ends: `day=2026-01-31/type=steps`, empty for
 * an unpartitioned spec. Names and values are written and escaped as Iceberg's Java library does, so that engines agree;
 * a segment over 200 bytes is cut and ends with a hash of the whole (readers take paths from manifests, never from this).
 */
export function partitionPath(spec: PartitionSpec, schema: Schema, values: readonly Value[]): string {
  return spec.fields
    .map((field, i) => {
      const text = humanValue(field.transform, requireSource(schema, field['source-id']), values[i] ?? null)
      return shorten(`${escapeSegment(field.name)}=${escapeSegment(text)}`)
    })
    .join('/')
}

/** Form encoding as `java.net.URLEncoder`: letters, digits and `.-*_` stay, a space is `+`, the rest is `%XX` in UTF-8. */
export function escapeSegment(text: string): string {
  let escaped = ''
  for (const byte of Buffer.from(text.replace(LONE_SURROGATE, '?'), 'utf8')) {
    const char = String.fromCharCode(byte)
    if (/[A-Za-z0-9.\-*_]/.test(char)) escaped += char
    else if (char === ' ') escaped += '+'
    else escaped += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

function shorten(segment: string): string {
  if (segment.length <= SEGMENT_LIMIT) return segment
  const kept = segment.slice(0, SEGMENT_KEPT).replace(/%[0-9A-F]?$/, '')
  return `${kept}-${createHash('sha256').update(segment).digest('hex').slice(0, 32)}`
}

function requireSource(schema: Schema, id: number): PrimitiveType {
  const type = sourceType(schema, id)
  if (type) return type
  throw new LakeError('INVALID', `partition source column ${id} is not in schema ${schema['schema-id']}`)
}
