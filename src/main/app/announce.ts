import { TABLE_ROLES, type TableRole } from '../../shared/tables.ts'
import { headSnapshot } from '../iceberg/metadata.ts'
import type { Lake } from './lake.ts'

/** Tells of the aggregates that got a new snapshot. */
export async function announce(
  lake: Lake,
  commits: Readonly<Partial<Record<TableRole, number>>>,
  changed: (role: TableRole, snapshotId: string) => void,
): Promise<void> {
  for (const role of TABLE_ROLES) {
    if (!commits[role]) continue
    const head = headSnapshot((await lake.io.catalog.loadTable(lake.tables[role])).metadata)
    if (head) changed(role, String(head['snapshot-id']))
  }
}
