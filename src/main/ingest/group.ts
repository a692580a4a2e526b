import { LakeError } from '../../shared/errors.ts'
import { applyTransform } from '../iceberg/transform.ts'
import type { PartitionSpec, PrimitiveType, Schema, Value } from '../iceberg/types.ts'
import {
  type AnyColumn,
  type Columns,
  LongColumn,
  MapColumn,
  NULL_CODE,
  StringColumn,
} from '../parquet/columns.ts'

/** The rows of one partition. */
export interface Group {
  /** One value per field of the spec, in its order, in the transform's result type. */
  readonly partition: Value[]
  /** Row numbers, ascending. */
  readonly rows: Uint32Array
}

/** Per row the number of a term, and the value that each number stands for. */
interface Terms {
  readonly ofRow: Uint32Array
  readonly values: Value[]
}

/** Sorts rows into the partitions of `spec`, in order of first appearance. Every row is in exactly one group. */
export function groupRows(columns: Columns, schema: Schema, spec: PartitionSpec): Group[] {
  const count = columns.rows
  let ofRow = new Uint32Array(count)
  let partitions: Value[][] = count === 0 ? [] : [[]]
  for (const field of spec.fields) {
    const source = schema.fields.find(({ id }) => id === field['source-id'])
    const column = columns.entries.find((entry) => entry.field.id === field['source-id'])?.column
    if (column === undefined || column instanceof MapColumn || typeof source?.type !== 'string') {
      throw new LakeError(
        'UNSUPPORTED',
        `cannot partition by ${field.name}: its source is not a column that is written`,
        {
          context: { field: field.name, transform: field.transform },
        },
      )
    }
    const terms = termsOf(column, source.type, field.transform, count)
    const merged = merge(ofRow, partitions, terms)
    ofRow = merged.ofRow
    partitions = merged.partitions
  }
  return split(ofRow, partitions)
}

/** Splits each group by a further term. */
function merge(
  groups: Uint32Array,
  partitions: Value[][],
  terms: Terms,
): { ofRow: Uint32Array<ArrayBuffer>; partitions: Value[][] } {
  const ofRow = new Uint32Array(groups.length)
  const numbers = new Map<number, number>()
  const merged: Value[][] = []
  let lastKey = -1
  let last = 0
  for (let row = 0; row < groups.length; row++) {
    const group = groups[row]!
    const term = terms.ofRow[row]!
    const key = group * terms.values.length + term
    if (key !== lastKey) {
      lastKey = key
      const known = numbers.get(key)
      last = known ?? merged.length
      if (known === undefined) {
        numbers.set(key, last)
        merged.push([...partitions[group]!, terms.values[term]!])
      }
    }
    ofRow[row] = last
  }
  return { ofRow, partitions: merged }
}

function split(ofRow: Uint32Array, partitions: readonly Value[][]): Group[] {
  const sizes = new Uint32Array(partitions.length)
  for (let row = 0; row < ofRow.length; row++) sizes[ofRow[row]!]!++
  const groups = partitions.map((partition, index) => ({ partition, rows: new Uint32Array(sizes[index]!) }))
  const filled = new Uint32Array(partitions.length)
  for (let row = 0; row < ofRow.length; row++) {
    const group = ofRow[row]!
    groups[group]!.rows[filled[group]!++] = row
  }
  return groups
}

function termsOf(
  column: Exclude<AnyColumn, MapColumn>,
  type: PrimitiveType,
  transform: string,
  count: number,
): Terms {
  const numbers = new Map<Value, number>()
  const values: Value[] = []
  const number = (value: Value): number => {
    const known = numbers.get(value)
    if (known !== undefined) return known
    numbers.set(value, values.length)
    return values.push(value) - 1
  }
  const ofRow = new Uint32Array(count)
  if (column instanceof StringColumn) {
    // One look at each different value, numbered from 1; 0 is not seen yet.
    const seen = new Uint32Array(column.values)
    for (let row = 0; row < count; row++) {
      const code = column.codes[row]!
      if (code === NULL_CODE) ofRow[row] = number(null)
      else {
        if (seen[code] === 0) seen[code] = number(applyTransform(transform, type, column.text(code))) + 1
        ofRow[row] = seen[code]! - 1
      }
    }
  } else if (column instanceof LongColumn && transform === 'day') {
    let last: Value = null
    let lastNumber = -1
    for (let row = 0; row < count; row++) {
      const day = dayOf(column, type, row)
      if (lastNumber < 0 || day !== last) {
        last = day
        lastNumber = number(day)
      }
      ofRow[row] = lastNumber
    }
  } else {
    for (let row = 0; row < count; row++)
      ofRow[row] = number(applyTransform(transform, type, column.value(row)))
  }
  return { ofRow, values }
}

/** Days since the epoch of a timestamp; doubles where they are exact. */
function dayOf(column: LongColumn, type: PrimitiveType, row: number): Value {
  if (column.nulls.count > 0 && column.value(row) === null) return null
  const micros = (column.data[row * 2 + 1]! | 0) * 4294967296 + column.data[row * 2]!
  if (Number.isSafeInteger(micros)) return Math.floor(micros / 86_400_000_000)
  return applyTransform('day', type, column.value(row))
}
