import { LakeError } from '../../shared/errors.ts'
import { TABLES } from '../../shared/tables.ts'
import type { LoadedTable, TableIdentifier } from '../iceberg/catalog.ts'
import { layoutOf } from '../iceberg/layout.ts'
import { currentSchema, currentSpec } from '../iceberg/metadata.ts'
import { fieldById } from '../iceberg/schema.ts'
import type { Role } from './period.ts'
import { publishBundle } from './publish-bundles.ts'
import { publishSingles } from './publish-single.ts'
import type { Publishing } from './write.ts'

export interface Published {
  readonly commits: number
  /** Rows written, removed ones included. */
  readonly rows: number
}

/**
 * Publishes the pending rows of one aggregate: the partitions of rows that changed are replaced, in one commit (in several
 * only above `partitionsPerCommit`; one a partition in the compact layout). Partitions without a changed row are not
 * touched; with none changed there is no commit. The table's own partitioning counts, whatever the settings say.
 */
export async function publish(
  publishing: Publishing,
  role: Role,
  identifier: TableIdentifier,
): Promise<Published> {
  const { io, state, signal, onRows } = publishing
  let table = await io.catalog.loadTable(identifier, signal)
  const compact = layoutOf(role, table.metadata) === 'compact'
  if (!compact) checkPartitioning(table, role)
  let commits = 0
  let rows = 0
  for (;;) {
    const step = await (compact ? publishBundle : publishSingles)(publishing, role, table)
    if (step === null) return { commits, rows }
    table = step.table
    commits += 1
    rows += step.rows
    onRows?.(rows, state.pendingCount(role))
  }
}

/** One partition must hold exactly one row's key, else replacing it would remove other rows. */
function checkPartitioning({ metadata, identifier }: LoadedTable, role: Role): void {
  const schema = currentSchema(metadata)
  const expected = TABLES[role].partitions.map((field) => field.source).toSorted()
  const found = currentSpec(metadata)
    .fields.filter((field) => field.transform === 'identity')
    .map((field) => fieldById(schema, field['source-id'])?.name ?? '')
    .toSorted()
  if (expected.every((name) => found.includes(name))) return
  throw new LakeError('TABLE_DIFFERS', `${identifier.name} is not partitioned as specified`, {
    context: { table: identifier.name, expected: expected.join(', '), found: found.join(', ') },
    likely: 'Its partitioning was changed by another tool.',
    remedy: 'Restore the partitioning, or drop the table and run `tarn check` and `tarn rollup --rebuild`.',
  })
}
