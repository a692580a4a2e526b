/** Schemas, partition specs and sort orders from parsed JSON (spec, Appendix C), read leniently: format v1 shapes too. */

import { LakeError } from '../../shared/errors.ts'
import {
  array,
  boolean,
  integer,
  type JsonRecord,
  member,
  optional,
  record,
  records,
  string,
} from './fields.ts'
import { FIRST_PARTITION_FIELD_ID, parsePrimitive } from './schema.ts'
import type {
  NestedField,
  PartitionField,
  PartitionSpec,
  Schema,
  SortOrder,
  StructType,
  Type,
} from './types.ts'

const MAX_TYPE_DEPTH = 100

/** A schema with canonical type spellings; `schema-id` 0 where absent (v1). */
export function readSchema(raw: JsonRecord): Schema {
  const struct = readStruct(raw, 0)
  const identifiers =
    member(raw, 'identifier-field-ids') === undefined ? [] : array(raw, 'identifier-field-ids')
  if (!identifiers.every((id) => Number.isSafeInteger(id))) {
    throw new LakeError('INVALID', 'identifier-field-ids must be integers')
  }
  const schema: Schema = { ...raw, ...struct, 'schema-id': optional(raw, 'schema-id', integer, 0) }
  countIds(schema, new Set())
  return schema
}

/** Refuses a field id that is used twice: every lookup by id would be ambiguous. */
function countIds(type: Type, seen: Set<number>): void {
  const add = (id: number) => {
    if (seen.has(id)) throw new LakeError('INVALID', `field id ${id} is used twice in one schema`)
    seen.add(id)
  }
  if (typeof type === 'string') return
  if (type.type === 'struct') {
    for (const field of type.fields) {
      add(field.id)
      countIds(field.type, seen)
    }
  } else if (type.type === 'list') {
    add(type['element-id'])
    countIds(type.element, seen)
  } else {
    add(type['key-id'])
    add(type['value-id'])
    countIds(type.key, seen)
    countIds(type.value, seen)
  }
}

function readStruct(raw: JsonRecord, depth: number): StructType {
  const fields = records(raw, 'fields').map(
    (field): NestedField => ({
      ...field,
      id: integer(field, 'id'),
      name: string(field, 'name'),
      required: boolean(field, 'required'),
      type: readType(field, 'type', depth + 1),
    }),
  )
  return { type: 'struct', fields }
}

function readType(holder: JsonRecord, key: string, depth: number): Type {
  const raw = member(holder, key)
  if (typeof raw === 'string') return parsePrimitive(raw)
  if (depth > MAX_TYPE_DEPTH)
    throw new LakeError('INVALID', `types nested deeper than ${MAX_TYPE_DEPTH} levels`)
  const type = record(holder, key)
  switch (string(type, 'type')) {
    case 'struct':
      return { ...type, ...readStruct(type, depth) }
    case 'list':
      return {
        ...type,
        type: 'list',
        'element-id': integer(type, 'element-id'),
        'element-required': boolean(type, 'element-required'),
        element: readType(type, 'element', depth + 1),
      }
    case 'map':
      return {
        ...type,
        type: 'map',
        'key-id': integer(type, 'key-id'),
        key: readType(type, 'key', depth + 1),
        'value-id': integer(type, 'value-id'),
        'value-required': boolean(type, 'value-required'),
        value: readType(type, 'value', depth + 1),
      }
    default:
      throw new LakeError('INVALID', `unknown type ${JSON.stringify(type.type)}`)
  }
}

export function readSpecs(raw: JsonRecord): readonly PartitionSpec[] {
  const listed = optional(raw, 'partition-specs', records, [])
  if (listed.length > 0) return listed.map(readSpec)
  return [readSpec({ 'spec-id': 0, fields: optional(raw, 'partition-spec', array, []) })]
}

/** A partition spec; field ids from 1000 in order where absent (v1). */
export function readSpec(raw: JsonRecord): PartitionSpec {
  return {
    'spec-id': optional(raw, 'spec-id', integer, 0),
    fields: records(raw, 'fields').map((field, index) => ({
      ...readSpecField(field),
      'field-id': optional(field, 'field-id', integer, FIRST_PARTITION_FIELD_ID + index),
    })),
  }
}

export function readSpecField(field: JsonRecord): Omit<PartitionField, 'field-id'> {
  return {
    ...field,
    'source-id': readSource(field),
    name: string(field, 'name'),
    transform: string(field, 'transform'),
  }
}

/** v3 may name several sources; all transforms that exist take the first. */
function readSource(field: JsonRecord): number {
  const many = optional(field, 'source-ids', array, [])
  return (
    optional(field, 'source-id', integer, Number.isSafeInteger(many[0]) ? (many[0] as number) : null) ??
    integer(field, 'source-id')
  )
}

export function readSortOrder(raw: JsonRecord): SortOrder {
  return {
    'order-id': optional(raw, 'order-id', integer, 0),
    fields: records(raw, 'fields').map((field) => ({
      ...field,
      transform: string(field, 'transform'),
      'source-id': readSource(field),
      direction: oneOf(string(field, 'direction'), ['asc', 'desc']),
      'null-order': oneOf(string(field, 'null-order'), ['nulls-first', 'nulls-last']),
    })),
  }
}

export function oneOf<T extends string>(value: string, allowed: readonly T[]): T {
  const found = allowed.find((item) => item === value)
  if (found === undefined)
    throw new LakeError('INVALID', `${JSON.stringify(value)} must be ${allowed.join(' or ')}`)
  return found
}
