/** Schemas: from the five definitions, from JSON, lookups by id and by path, and the assignment of fresh field ids. */
import { LakeError } from '../../shared/errors.ts'
import type { ColumnType, TableDefinition } from '../../shared/tables.ts'
import type {
  ListType,
  MapType,
  NestedField,
  PartitionSpec,
  PrimitiveType,
  Schema,
  StructType,
  Type,
} from './types.ts'

/** The first id of a partition field (spec, Partition Evolution). */
export const FIRST_PARTITION_FIELD_ID = 1000

export const isPrimitive = (type: Type): type is PrimitiveType => typeof type === 'string'
export const isStruct = (type: Type): type is StructType => typeof type === 'object' && type.type === 'struct'
export const isList = (type: Type): type is ListType => typeof type === 'object' && type.type === 'list'
export const isMap = (type: Type): type is MapType => typeof type === 'object' && type.type === 'map'

/** The schema a definition asks for. Ids are those a server assigns: columns first, then nested fields. */
export function schemaOf(definition: Omit<TableDefinition, 'role'>): Schema {
  let nested = definition.columns.length
  const nextNested = (): number => ++nested
  const fields = definition.columns.map(
    (column, index): NestedField => ({
      id: index + 1,
      name: column.name,
      required: column.required,
      type: columnType(column.type, nextNested),
      doc: column.doc,
    }),
  )
  const identifiers = definition.identifier.map((name) => {
    const field = fields.find((f) => f.name === name)
    if (field === undefined)
      throw new LakeError(
        'INTERNAL',
        `identifier column ${name} is not a column of ${definition.defaultName}`,
      )
    return field.id
  })
  return {
    type: 'struct',
    'schema-id': 0,
    ...(identifiers.length === 0 ? {} : { 'identifier-field-ids': identifiers }),
    fields,
  }
}

function columnType(type: ColumnType, nextId: () => number): Type {
  if (type !== 'map<string,string>') return type
  return {
    type: 'map',
    'key-id': nextId(),
    key: 'string',
    'value-id': nextId(),
    'value-required': false,
    value: 'string',
  }
}

/** The partition spec a definition asks for, bound to the ids of `schema`. */
export function specOf(definition: Omit<TableDefinition, 'role'>, schema: Schema): PartitionSpec {
  return {
    'spec-id': 0,
    fields: definition.partitions.map((partition, index) => {
      const source = fieldByName(schema, partition.source)
      if (source === null)
        throw new LakeError('INVALID', `partition source ${partition.source} is not a column`)
      return {
        'source-id': source.id,
        'field-id': FIRST_PARTITION_FIELD_ID + index,
        name: partition.name,
        transform: partition.transform,
      }
    }),
  }
}

export interface FieldAt {
  readonly field: NestedField
  /** Names from the root joined by dots; `element`, `key` and `value` for list and map members. */
  readonly path: string
}

/** Every field of `struct`, outer before inner, list elements and map members included. */
function* allFields(struct: StructType, prefix = ''): Generator<FieldAt> {
  for (const field of struct.fields) yield* fieldAndInner(field, prefix)
}

function* fieldAndInner(field: NestedField, prefix: string): Generator<FieldAt> {
  const path = prefix + field.name
  yield { field, path }
  for (const inner of innerFields(field.type)) yield* fieldAndInner(inner, `${path}.`)
}

/** The direct members of a nested type; none for a primitive. */
export function innerFields(type: Type): readonly NestedField[] {
  if (isPrimitive(type)) return []
  if (isStruct(type)) return type.fields
  if (isList(type)) {
    return [
      { id: type['element-id'], name: 'element', required: type['element-required'], type: type.element },
    ]
  }
  return [
    { id: type['key-id'], name: 'key', required: true, type: type.key },
    { id: type['value-id'], name: 'value', required: type['value-required'], type: type.value },
  ]
}

const indexes = new WeakMap<StructType, { byId: Map<number, FieldAt>; byPath: Map<string, FieldAt> }>()

function index(schema: StructType) {
  let found = indexes.get(schema)
  if (found === undefined) {
    found = { byId: new Map(), byPath: new Map() }
    for (const at of allFields(schema)) {
      found.byId.set(at.field.id, at)
      found.byPath.set(at.path, at)
    }
    indexes.set(schema, found)
  }
  return found
}

/** The field with this id at any depth, or null. */
export function fieldById(schema: StructType, id: number): NestedField | null {
  return index(schema).byId.get(id)?.field ?? null
}

/** The dotted path of the field with this id, or null. */
export function pathById(schema: StructType, id: number): string | null {
  return index(schema).byId.get(id)?.path ?? null
}

/** The field at a dotted path (`metadata.key`), case-sensitive, or null. */
export function fieldByName(schema: StructType, path: string): NestedField | null {
  return index(schema).byPath.get(path)?.field ?? null
}

/** The highest field id in use, 0 for an empty schema. */
export function highestFieldId(schema: StructType): number {
  let highest = 0
  for (const id of index(schema).byId.keys()) highest = Math.max(highest, id)
  return highest
}

/** Fields of primitive type with their paths, in schema order: the columns of a data file. */
export function leafFields(schema: StructType): FieldAt[] {
  return [...allFields(schema)].filter((at) => isPrimitive(at.field.type))
}

/**
 * The same columns with ids given out by `nextId`, level by level as servers do it (all fields of a struct, then the
 * inside of each). Also returns the new id of each old id, to carry specs, orders and identifiers over.
 */
export function assignFreshIds(
  schema: Schema,
  schemaId: number,
  nextId: () => number,
): { schema: Schema; ids: ReadonlyMap<number, number> } {
  const ids = new Map<number, number>()
  const take = (old: number): number => {
    const fresh = nextId()
    ids.set(old, fresh)
    return fresh
  }
  const struct = <S extends StructType>(type: S): S => {
    const fresh = type.fields.map((field) => take(field.id))
    return {
      ...type,
      fields: type.fields.map((field, i) => ({ ...field, id: fresh[i]!, type: inside(field.type) })),
    }
  }
  const inside = (type: Type): Type => {
    if (isPrimitive(type)) return type
    if (isStruct(type)) return struct(type)
    if (isList(type)) {
      const id = take(type['element-id'])
      return { ...type, 'element-id': id, element: inside(type.element) }
    }
    const key = take(type['key-id'])
    const value = take(type['value-id'])
    return { ...type, 'key-id': key, key: inside(type.key), 'value-id': value, value: inside(type.value) }
  }
  const fresh: Schema = { ...struct(schema), 'schema-id': schemaId }
  const identifiers = schema['identifier-field-ids']
  if (identifiers === undefined || identifiers.length === 0) return { schema: fresh, ids }
  const carried = identifiers.map((id) => {
    const next = ids.get(id)
    if (next === undefined)
      throw new LakeError('INVALID', `identifier field ${id} is not a field of the schema`)
    return next
  })
  return { schema: { ...fresh, 'identifier-field-ids': carried }, ids }
}

/** True where both hold the same fields (ids, names, types, docs) and identifiers; the schema ids may differ. */
export function sameSchema(a: Schema, b: Schema): boolean {
  const identifiers = (s: Schema) => [...(s['identifier-field-ids'] ?? [])].sort((x, y) => x - y).join()
  return identifiers(a) === identifiers(b) && canonical(a.fields) === canonical(b.fields)
}

/** A text equal for equal values, whatever the order of their keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, v: unknown) => {
    if (typeof v === 'bigint') return String(v)
    if (typeof v !== 'object' || v === null || Array.isArray(v)) return v
    return Object.fromEntries(Object.entries(v).sort(([x], [y]) => (x < y ? -1 : 1)))
  })
}

const SIMPLE: ReadonlySet<string> = new Set([
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'timestamp_ns',
  'timestamptz_ns',
  'string',
  'uuid',
  'binary',
  'unknown',
])

/**
 * A primitive type from its text, in canonical spelling (`decimal(9, 2)`, `fixed[16]`). Types of later format versions
 * (`variant`, `geometry(...)`) are kept as they are, so that their columns pass through; nothing reads them.
 */
export function parsePrimitive(text: string): PrimitiveType {
  const trimmed = text.trim()
  if (SIMPLE.has(trimmed)) return trimmed as PrimitiveType
  const fixed = /^fixed\[\s*(\d+)\s*\]$/.exec(trimmed)
  if (fixed !== null) return `fixed[${Number(fixed[1])}]`
  const decimal = /^decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)$/.exec(trimmed)
  if (decimal !== null) return `decimal(${Number(decimal[1])}, ${Number(decimal[2])})`
  if (/^(variant|geometry|geography)\b/.test(trimmed)) return trimmed as PrimitiveType
  throw new LakeError('INVALID', `unknown type ${JSON.stringify(text)}`)
}

/** Precision and scale of a decimal type, or null. */
export function decimalOf(type: Type): { precision: number; scale: number } | null {
  const match = typeof type === 'string' ? /^decimal\((\d+), (\d+)\)$/.exec(type) : null
  return match === null ? null : { precision: Number(match[1]), scale: Number(match[2]) }
}

/** Length in bytes of a fixed type, or null. */
export function fixedLength(type: Type): number | null {
  const match = typeof type === 'string' ? /^fixed\[(\d+)\]$/.exec(type) : null
  return match === null ? null : Number(match[1])
}

/** A type as people write it: `map<string, string>`, `struct<a: int, b: list<long>>`. */
export function printType(type: Type): string {
  if (isPrimitive(type)) return type
  if (isStruct(type)) return `struct<${type.fields.map((f) => `${f.name}: ${printType(f.type)}`).join(', ')}>`
  if (isList(type)) return `list<${printType(type.element)}>`
  return `map<${printType(type.key)}, ${printType(type.value)}>`
}
