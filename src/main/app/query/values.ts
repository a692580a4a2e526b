import type { ColumnValues, ValuesAnswer } from '../../../shared/query.ts'
import { bound } from '../../iceberg/facts.ts'
import { currentSchema, specById } from '../../iceberg/metadata.ts'
import { planScan } from '../../iceberg/scan.ts'
import type { DataFile, NestedField, PartitionSpec } from '../../iceberg/types.ts'
import { BOUND_LENGTH } from '../../parquet/bounds.ts'
import type { Lake } from '../lake.ts'

/** A column with more values than this is not one to choose from. */
const MOST_VALUES = 100
/** Longer texts are no words to complete. */
const LONGEST = 60

/**
 * Values of text columns, told from partitions and bounds of the head's files alone: no data is read. `complete` where
 * every file tells all of its values; a column with more than 100 is left out.
 */
export async function tableValues(
  lake: Lake,
  identifier: { readonly namespace: readonly string[]; readonly name: string },
  signal: AbortSignal,
): Promise<ValuesAnswer> {
  const { metadata } = await lake.io.catalog.loadTable(identifier, signal)
  const schema = currentSchema(metadata)
  const { files, snapshotId } = await planScan(lake.io, metadata, { signal })
  const fields = schema.fields.filter((field) => field.type === 'string')
  const found = new Map(fields.map((field) => [field.id, { values: new Set<string>(), complete: true }]))
  for (const { file } of files) {
    const spec = specById(metadata, file.specId)
    for (const field of fields) {
      const column = found.get(field.id)
      if (column === undefined) continue
      const told = valuesOfFile(file, spec, field)
      for (const value of told.values) column.values.add(value)
      column.complete &&= told.complete
      if (column.values.size > MOST_VALUES) found.delete(field.id)
    }
    if (found.size === 0) break
  }
  const columns: Record<string, ColumnValues> = {}
  for (const field of fields) {
    const column = found.get(field.id)
    if (column === undefined || column.values.size === 0) continue
    columns[field.name] = { values: [...column.values].sort(), complete: column.complete }
  }
  return { snapshotId: snapshotId === null ? null : String(snapshotId), columns }
}

function valuesOfFile(file: DataFile, spec: PartitionSpec, field: NestedField): ColumnValues {
  const at = spec.fields.findIndex((one) => one['source-id'] === field.id && one.transform === 'identity')
  if (at >= 0) {
    const value = file.partition[at]
    return { values: typeof value === 'string' && value.length <= LONGEST ? [value] : [], complete: true }
  }
  const lower = bound('string', file.lowerBounds?.get(field.id))
  const upper = bound('string', file.upperBounds?.get(field.id))
  if (typeof lower !== 'string' || typeof upper !== 'string') {
    const nulls = file.nullCounts?.get(field.id)
    return { values: [], complete: nulls !== undefined && nulls === file.valueCounts?.get(field.id) }
  }
  // A bound of full length may be cut, and is no value then.
  const whole = [lower, upper].filter((value) => [...value].length < BOUND_LENGTH)
  return { values: whole, complete: lower === upper && whole.length === 2 }
}
