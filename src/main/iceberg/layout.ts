import { LAYOUTS, type Layout, type TableRole, tableOf } from '../../shared/tables.ts'
import { currentSchema, currentSpec } from './metadata.ts'
import { pathById } from './schema.ts'
import type { TableMetadata } from './types.ts'

/** In which layout a table is parted now; null in neither. A table that both part alike is `specified`. */
export function layoutOf(role: TableRole, metadata: TableMetadata): Layout | null {
  const schema = currentSchema(metadata)
  const found = currentSpec(metadata).fields.map(
    (field) => `${field.transform}(${pathById(schema, field['source-id'])})`,
  )
  const same = (layout: Layout): boolean =>
    tableOf(role, layout)
      .partitions.map(({ transform, source }) => `${transform}(${source})`)
      .join() === found.join()
  return LAYOUTS.find(same) ?? null
}
