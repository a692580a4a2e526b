import { mapConcurrent } from '../base/concurrent.ts'
import type { LoadedTable } from '../iceberg/catalog.ts'
import type { Key, Role } from './period.ts'
import {
  type Change,
  changeOf,
  keyColumns,
  type Publishing,
  replaceRows,
  storedRow,
  writeRows,
} from './write.ts'

const UPLOADS = 16
const PEEKED = 1024

/** One commit's worth of rows that changed. */
export interface Step {
  readonly table: LoadedTable
  /** Rows written, removed ones included. */
  readonly rows: number
}

/**
 * The next commit where each partition holds one row: the partitions of rows that changed are replaced, one file each.
 * Null where nothing changed.
 */
export async function publishSingles(
  publishing: Publishing,
  role: Role,
  table: LoadedTable,
): Promise<Step | null> {
  const { io, calendar, signal } = publishing
  const changes = nextChanges(publishing, role)
  if (changes.length === 0) return null
  const partial = changes.length > publishing.partitionsPerCommit
  if (partial) changes.pop()
  const written = changes.flatMap(({ row, planned }) => (row === null ? [] : [storedRow(row, planned)]))
  const next = await replaceRows(publishing, role, table, {
    changes,
    partitions: changes.map(({ key, row }) => row ?? keyColumns(role, key, calendar)),
    partial,
    store: (prefix, stored) =>
      mapConcurrent(
        written,
        UPLOADS,
        async (row, index, stop) => {
          stored.push(await writeRows(io, table, [row], `${prefix}-${index}`, stop))
        },
        signal,
      ).then(() => {}),
  })
  return { table: next, rows: changes.length }
}

/**
 * Up to one commit's worth of pending rows that differ from what is published, and one more where there are more; rows
 * that do not differ cease to be pending.
 */
function nextChanges(publishing: Publishing, role: Role): Change[] {
  const { io, state, partitionsPerCommit } = publishing
  const changes: Change[] = []
  const same: Key[] = []
  let after: Key | undefined
  while (changes.length <= partitionsPerCommit) {
    const keys = state.pending(role, PEEKED, after)
    for (const key of keys) {
      const change = changeOf(publishing, role, key, state.daysOf(role, key), io.clock() * 1000)
      if (change === null || change.same) same.push(key)
      else changes.push(change)
      if (changes.length > partitionsPerCommit) break
    }
    after = keys.at(-1)
    if (keys.length < PEEKED) break
  }
  state.dropPending(role, same)
  return changes
}
