import { mapConcurrent } from '../base/concurrent.ts'
import type { LoadedTable } from '../iceberg/catalog.ts'
import { ancestors, currentSchema, headSnapshot } from '../iceberg/metadata.ts'
import { type Batch, readBatches } from '../iceberg/read.ts'
import { planScan } from '../iceberg/scan.ts'
import { findCommit, type LakeIo } from '../iceberg/transaction.ts'
import type { TableMetadata } from '../iceberg/types.ts'
import { PERIOD_COLUMN, packRow, periodOfText, type Role } from './period.ts'
import type { Planned, RollupState } from './state.ts'

const LANES = 8

/**
 * Brings what the state believes to be published in line with the table: settles a commit whose end was not seen, and
 * reads the table's rows where somebody else changed it, or it is another table than before. Afterwards every row that
 * may differ is pending. True where the table had to be read.
 */
export async function reconcile(
  io: LakeIo,
  state: RollupState,
  role: Role,
  table: LoadedTable,
  signal?: AbortSignal,
): Promise<boolean> {
  const { metadata } = table
  const planned = state.plannedCommit(role)
  if (planned !== null) {
    const landed = findCommit(metadata, planned)
    if (landed === null) state.abandon(role)
    else state.settle(role, String(landed['snapshot-id']))
  }
  const head = contentHead(metadata)
  const uuid = metadata['table-uuid']
  if (state.get(`table.${role}`) === uuid && state.get(`head.${role}`) === head) return false

  await state.transaction(async () => {
    state.startReconciling(role)
    const names = currentSchema(metadata).fields.map((field) => field.name)
    const plan = await planScan(io, metadata, signal === undefined ? {} : { signal })
    await mapConcurrent(
      plan.files,
      LANES,
      async (file, _, stop) => {
        for await (const batch of readBatches(io, metadata, file, names, { signal: stop })) {
          state.addPublished(role, merge(state, role, publishedRows(role, metadata, batch)))
        }
      },
      signal,
    )
    state.endReconciling(role)
    state.set(`table.${role}`, uuid)
    state.set(`head.${role}`, head)
  })
  return true
}

/** The newest snapshot that changed rows: compactions (operation `replace`) change none. */
function contentHead(metadata: TableMetadata): string {
  const head = headSnapshot(metadata)
  if (head === null) return 'none'
  for (const snapshot of ancestors(metadata, head['snapshot-id'])) {
    if (snapshot.summary.operation !== 'replace') return String(snapshot['snapshot-id'])
  }
  return 'none'
}

/** A key that the table holds twice matches nothing, so that its partition is written anew. */
function merge(state: RollupState, role: Role, rows: readonly Planned[]): Planned[] {
  const seen = new Set<string>()
  return rows.map((row) => {
    const key = JSON.stringify([row.user, row.type, row.period])
    const twice = seen.has(key) || state.published(role, row) !== null
    seen.add(key)
    return twice ? { ...row, row: new Uint8Array(1) } : row
  })
}

function publishedRows(role: Role, metadata: TableMetadata, batch: Batch): Planned[] {
  const { fields } = currentSchema(metadata)
  const rows: Planned[] = []
  for (let i = 0; i < batch.rows; i++) {
    const row: Record<string, unknown> = Object.fromEntries(
      fields.map(({ id, name }) => [name, batch.columns.get(id)?.[i] ?? null]),
    )
    const period = periodOfText(role, String(row[PERIOD_COLUMN[role]]))
    if (period === null) continue
    rows.push({
      user: String(row.user_id),
      type: String(row.data_type),
      period,
      row: packRow(role, row),
      updatedAt: Number(row.updated_at),
    })
  }
  return rows
}
