import type { Filter } from '../../shared/query.ts'
import type { EngineTable } from './tables.ts'

/** A filter on base columns as one on the lake's own column names. */
export function baseFilter(filter: Filter, table: EngineTable): Filter {
  if (filter.op === 'true') return filter
  if ('args' in filter) return { op: filter.op, args: filter.args.map((arg) => baseFilter(arg, table)) }
  const field = table.fields.find((candidate) => candidate.base === filter.column)
  return field === undefined ? { op: 'true' } : { ...filter, column: field.field.name }
}
