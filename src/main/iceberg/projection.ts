import type { DecodedArray } from 'hyparquet'
import { LakeError } from '../../shared/errors.ts'
import { isText, type ParquetColumn } from '../parquet/read.ts'
import { parseJson } from './json.ts'
import { decimalOf, fixedLength, isPrimitive, printType } from './schema.ts'
import { floorDivide } from './transform.ts'
import type { NestedField, PrimitiveType, StructType, Type, Value } from './types.ts'
import { bigEndian, uuidText } from './values.ts'

/** A value at run time, nested types included: a list is an array, a struct an object by the table's names. */
export type Cell = Value | readonly Cell[] | ReadonlyMap<Cell, Cell> | { readonly [name: string]: Cell }

/** One column of a batch. Typed arrays where the column is required and stored so. */
export type CellArray = ArrayLike<Cell>

/** How one wanted field comes out of one file. */
export type Projected =
  | {
      readonly kind: 'column'
      readonly column: ParquetColumn
      readonly convert: (data: DecodedArray) => CellArray
    }
  | { readonly kind: 'constant'; readonly value: Value }

/**
 * Field ids of a file's columns, nested ones included: the file's own, or by the table's name mapping where the file has
 * none at all (spec: Column Projection). Throws UNSUPPORTED for a file without ids in a table without a mapping: its
 * columns would silently read as null.
 */
export function fieldIds(
  columns: readonly ParquetColumn[],
  properties: Readonly<Record<string, string>>,
): ReadonlyMap<ParquetColumn, number> {
  const ids = new Map<ParquetColumn, number>()
  const visit = (column: ParquetColumn): void => {
    if (column.element.field_id !== undefined) ids.set(column, column.element.field_id)
    column.children.forEach(visit)
  }
  columns.forEach(visit)
  if (ids.size > 0 || columns.length === 0) return ids
  const text = properties['schema.name-mapping.default']
  if (text === undefined) {
    throw new LakeError('UNSUPPORTED', 'a data file has no field ids and the table has no name mapping', {
      likely: 'The file was imported from outside Iceberg.',
      remedy: 'Set the table property schema.name-mapping.default.',
    })
  }
  for (const column of columns) applyMapping(column, parseMapping(text), ids)
  return ids
}

interface MappedField {
  readonly id: number | undefined
  readonly names: readonly string[]
  readonly fields: readonly MappedField[]
}

/** Reads a name mapping (spec, Appendix C: Name Mapping Serialization). */
function parseMapping(text: string): MappedField[] {
  const read = (value: unknown): MappedField[] => {
    if (!Array.isArray(value)) throw new LakeError('CORRUPT', 'the name mapping is not a list')
    return value.map((item: Record<string, unknown>) => ({
      id: item['field-id'] === undefined ? undefined : Number(item['field-id']),
      names: Array.isArray(item.names) ? item.names.map(String) : [],
      fields: item.fields === undefined ? [] : read(item.fields),
    }))
  }
  return read(parseJson(text))
}

function applyMapping(
  column: ParquetColumn,
  fields: readonly MappedField[],
  ids: Map<ParquetColumn, number>,
): void {
  const field = fields.find((candidate) => candidate.names.includes(column.element.name))
  if (field === undefined) return
  if (field.id !== undefined) ids.set(column, field.id)
  const list = listElement(column)
  const map = list ? null : mapEntries(column)
  // Repeated groups are no fields: their members are mapped as `element`, `key` and `value`.
  if (list) applyMappingAs(list, 'element', field.fields, ids)
  else if (map) {
    applyMappingAs(map.key, 'key', field.fields, ids)
    applyMappingAs(map.value, 'value', field.fields, ids)
  } else for (const child of column.children) applyMapping(child, field.fields, ids)
}

function applyMappingAs(
  column: ParquetColumn,
  name: string,
  fields: readonly MappedField[],
  ids: Map<ParquetColumn, number>,
): void {
  const renamed = fields
    .filter((field) => field.names.includes(name))
    .map((field) => ({ ...field, names: [column.element.name] }))
  applyMapping(column, renamed, ids)
}

/**
 * How `field` is read from a file: by field id, widened to the field's present type; where the file lacks it the
 * partition's value for an identity partition, else null (spec: Column Projection, Schema Evolution).
 */
export function projectField(
  field: NestedField,
  columns: readonly ParquetColumn[],
  ids: ReadonlyMap<ParquetColumn, number>,
  constants: ReadonlyMap<number, Value>,
): Projected {
  const column = columns.find((candidate) => ids.get(candidate) === field.id)
  if (column === undefined) {
    if (!constants.has(field.id)) refuseDefault(field)
    return { kind: 'constant', value: constants.get(field.id) ?? null }
  }
  return { kind: 'column', column, convert: arrayConverter(field.type, column, ids) }
}

/** UNSUPPORTED where rows written before the column was added are not null in it but have a value of its own (v3). */
function refuseDefault(field: NestedField): void {
  const value = (field as { readonly 'initial-default'?: unknown })['initial-default'] ?? null
  if (value === null) return
  throw new LakeError(
    'UNSUPPORTED',
    `Column ${field.name} has a default for older rows, which Tarn cannot read yet`,
    {
      context: { column: field.name },
      likely: 'It was added to a table of format v3 with a default.',
      remedy: 'Leave the column out, or compact the table with the engine that added it.',
    },
  )
}

type Convert = (raw: unknown) => Cell

function arrayConverter(
  type: Type,
  column: ParquetColumn,
  ids: ReadonlyMap<ParquetColumn, number>,
): (data: DecodedArray) => CellArray {
  const convert = converter(type, column, ids)
  const required = column.element.repetition_type === 'REQUIRED'
  if (convert === asIs) {
    return (data) => (required || !Array.isArray(data) ? data : data.map((raw) => raw ?? null))
  }
  return (data) => {
    const cells: Cell[] = new Array(data.length)
    for (let i = 0; i < data.length; i++) {
      const raw: unknown = data[i]
      cells[i] = raw === null || raw === undefined ? null : convert(raw)
    }
    return cells
  }
}

const asIs: Convert = (raw) => raw as Cell

function converter(type: Type, column: ParquetColumn, ids: ReadonlyMap<ParquetColumn, number>): Convert {
  if (isPrimitive(type)) return primitiveConverter(type, column)
  const nullable = (convert: Convert): Convert =>
    convert === asIs
      ? (raw) => (raw ?? null) as Cell
      : (raw) => (raw === null || raw === undefined ? null : convert(raw))
  if (type.type === 'struct') return structConverter(type, column, ids)
  if (type.type === 'list') {
    const element = listElement(column)
    if (element === null) throw mismatch(type, column)
    const convert = nullable(converter(type.element, element, ids))
    return (raw) => Array.from(raw as ArrayLike<unknown>, convert)
  }
  const entries = mapEntries(column)
  if (entries === null) throw mismatch(type, column)
  const key = nullable(converter(type.key, entries.key, ids))
  const value = nullable(converter(type.value, entries.value, ids))
  const [list, keyName, valueName] = [entries.name, entries.key.element.name, entries.value.element.name]
  return (raw) => {
    const pairs = (raw as Record<string, readonly Record<string, unknown>[]>)[list] ?? []
    return new Map(pairs.map((pair) => [key(pair[keyName]), value(pair[valueName])]))
  }
}

function structConverter(
  type: StructType,
  column: ParquetColumn,
  ids: ReadonlyMap<ParquetColumn, number>,
): Convert {
  const members = type.fields.map((field) => {
    const child = column.children.find((candidate) => ids.get(candidate) === field.id)
    if (child === undefined) refuseDefault(field)
    return {
      name: field.name,
      source: child?.element.name,
      convert: child && converter(field.type, child, ids),
    }
  })
  return (raw) => {
    const from = raw as Record<string, unknown>
    return Object.fromEntries(
      members.map(({ name, source, convert }) => {
        const value = source === undefined ? null : from[source]
        return [name, value === null || value === undefined || !convert ? null : convert(value)]
      }),
    )
  }
}

/** The element of a list column in its three-level or old two-level form; null for what is no list. */
function listElement(column: ParquetColumn): ParquetColumn | null {
  const repeated = column.children[0]
  if (column.children.length !== 1 || repeated?.element.repetition_type !== 'REPEATED') return null
  if (column.element.converted_type !== 'LIST' && column.element.logical_type?.type !== 'LIST') return null
  return repeated.children.length === 1 ? (repeated.children[0] ?? null) : repeated
}

function mapEntries(
  column: ParquetColumn,
): { name: string; key: ParquetColumn; value: ParquetColumn } | null {
  const repeated = column.children[0]
  if (column.children.length !== 1 || repeated?.element.repetition_type !== 'REPEATED') return null
  const [key, value] = repeated.children
  return key && value ? { name: repeated.element.name, key, value } : null
}

const text = new TextDecoder('utf-8', { ignoreBOM: true })
const bytesOf = new TextEncoder()

/** Values of one physical column as the run-time form of `type`; `asIs` where they are that already. */
function primitiveConverter(type: PrimitiveType, column: ParquetColumn): Convert {
  const physical = column.element.type
  const integer = physical === 'INT32' || physical === 'INT64'
  switch (type) {
    case 'boolean':
      if (physical === 'BOOLEAN') return asIs
      break
    case 'int':
    case 'date':
      if (physical === 'INT32') return asIs
      break
    case 'long':
      if (physical === 'INT64') return asIs
      if (physical === 'INT32') return widen
      break
    case 'float':
      if (physical === 'FLOAT') return asIs
      break
    case 'double':
      if (physical === 'DOUBLE' || physical === 'FLOAT') return asIs
      break
    case 'time':
      if (integer) return scaled(unitOf(column), 'MICROS')
      break
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns': {
      const target = type.endsWith('_ns') ? 'NANOS' : 'MICROS'
      if (physical === 'INT32' && isDate(column)) return (raw) => dayStart(raw, target)
      if (physical === 'INT64') return scaled(unitOf(column), target)
      if (physical === 'INT96') return scaled('NANOS', target)
      break
    }
    case 'string':
      if (physical !== 'BYTE_ARRAY') break
      return isText(column.element) ? asIs : (raw) => text.decode(raw as Uint8Array)
    case 'uuid':
      if (physical === 'FIXED_LEN_BYTE_ARRAY' || physical === 'BYTE_ARRAY')
        return (raw) => uuidText(raw as Uint8Array)
      break
    case 'unknown':
      return () => null
    default:
      if (decimalOf(type) !== null) {
        if (physical === 'INT64') return asIs
        if (physical === 'INT32') return widen
        return (raw) => bigEndian(raw as Uint8Array)
      }
      if (type !== 'binary' && fixedLength(type) === null) break
      if (physical !== 'BYTE_ARRAY' && physical !== 'FIXED_LEN_BYTE_ARRAY') break
      // A view of the page would keep the whole page alive.
      return isText(column.element)
        ? (raw) => bytesOf.encode(raw as string)
        : (raw) => (raw as Uint8Array).slice()
  }
  throw mismatch(type, column)
}

type Unit = 'MILLIS' | 'MICROS' | 'NANOS'
const PER_SECOND: Readonly<Record<Unit, bigint>> = {
  MILLIS: 1_000n,
  MICROS: 1_000_000n,
  NANOS: 1_000_000_000n,
}

const widen: Convert = (raw) => BigInt(raw as number | bigint)

function unitOf(column: ParquetColumn): Unit {
  const { logical_type: logical, converted_type: converted } = column.element
  if (logical?.type === 'TIMESTAMP' || logical?.type === 'TIME') return logical.unit
  return converted === 'TIMESTAMP_MILLIS' || converted === 'TIME_MILLIS' ? 'MILLIS' : 'MICROS'
}

function scaled(from: Unit, to: Unit): Convert {
  const [a, b] = [PER_SECOND[from], PER_SECOND[to]]
  if (a === b) return asIs
  return a < b
    ? (raw) => BigInt(raw as number | bigint) * (b / a)
    : (raw) => floorDivide(BigInt(raw as number | bigint), a / b)
}

function isDate({ element }: ParquetColumn): boolean {
  return element.converted_type === 'DATE' || element.logical_type?.type === 'DATE'
}

function dayStart(raw: unknown, unit: Unit): bigint {
  return BigInt(raw as number) * 86_400n * PER_SECOND[unit]
}

function mismatch(type: Type, column: ParquetColumn): LakeError {
  const stored = column.element.type ?? 'a group'
  return new LakeError(
    'CORRUPT',
    `column ${column.path.join('.')} is stored as ${stored} and cannot be read as ${printType(type)}`,
  )
}
