import type { FieldSummary, PrimitiveType, Value } from './types.ts'
import { compareValues, encodeValue, isNan, type Present } from './values.ts'

/**
 * One summary per partition field, in the spec's order, over the partitions of all entries of a manifest (spec, Manifest
 * Lists, `field_summary`). Bounds are in the transform's result type and leave null and NaN out.
 */
export function summarizePartitions(
  types: readonly PrimitiveType[],
  partitions: readonly (readonly Value[])[],
): FieldSummary[] {
  return types.map((type, i) => {
    let containsNull = false
    let containsNan = false
    let lower: Present | null = null
    let upper: Present | null = null
    for (const partition of partitions) {
      const value = partition[i] ?? null
      if (value === null) containsNull = true
      else if (isNan(value)) containsNan = true
      else {
        if (lower === null || compareValues(type, value, lower) < 0) lower = value
        if (upper === null || compareValues(type, value, upper) > 0) upper = value
      }
    }
    return {
      containsNull,
      containsNan,
      ...(lower === null ? {} : { lower: encodeValue(type, lower) }),
      ...(upper === null ? {} : { upper: encodeValue(type, upper) }),
    }
  })
}
