import { schemaOf, specOf } from '../../src/main/iceberg/schema.ts'
import type { TableShape } from '../../src/main/ingest/accumulator.ts'
import { TABLES, type TableRole } from '../../src/shared/tables.ts'

/** Schema and spec of one of the five tables, with the ids of a fresh table. */
export function shapeOf(role: TableRole): TableShape {
  const schema = schemaOf(TABLES[role])
  return { schema, spec: specOf(TABLES[role], schema) }
}
