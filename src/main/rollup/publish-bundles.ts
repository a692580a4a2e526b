import type { LoadedTable } from '../iceberg/catalog.ts'
import type { DataFile } from '../iceberg/types.ts'
import { type AggregateRow, bundleOf, type Role } from './period.ts'
import type { Step } from './publish-single.ts'
import {
  type Change,
  changeOf,
  keyColumns,
  type Publishing,
  replaceRows,
  storedRow,
  writeRows,
} from './write.ts'

/** Rows of one file at most: about 10 MiB of them as columns, so memory stays bounded however large a month is. */
const ROWS_PER_FILE = 100_000

/**
 * The next commit of the compact layout: the first partition with a row that changed is replaced, unchanged rows
 * included, sorted by user and type. Null where nothing changed.
 */
export async function publishBundle(
  publishing: Publishing,
  role: Role,
  table: LoadedTable,
): Promise<Step | null> {
  const { io, calendar, state } = publishing
  const now = io.clock() * 1000
  const found = nextBundle(publishing, role, Number.MIN_SAFE_INTEGER, now)
  if (found === null) return null
  const { from, to, changes } = found
  const next = await replaceRows(publishing, role, table, {
    changes,
    partitions: [keyColumns(role, (changes[0] as Change).key, calendar)],
    partial: nextBundle(publishing, role, to, now) !== null,
    store: (prefix, stored) => storeBundle(publishing, role, table, { from, to, now, prefix }, stored),
  })
  state.dropPendingIn(role, from, to)
  return { table: next, rows: changes.length }
}

/** The first partition from period `after` on in which a row changed; what does not differ ceases to be pending. */
function nextBundle(
  publishing: Publishing,
  role: Role,
  after: number,
  now: number,
): { readonly from: number; readonly to: number; readonly changes: Change[] } | null {
  const { state } = publishing
  for (;;) {
    const first = state.nextPending(role, after)
    if (first === null) return null
    const { from, to } = bundleOf(role, first)
    const changes = changesIn(publishing, role, from, to, now)
    if (changes.length > 0) return { from, to, changes }
    state.dropPendingIn(role, from, to)
  }
}

function changesIn(publishing: Publishing, role: Role, from: number, to: number, now: number): Change[] {
  const { state } = publishing
  const changes: Change[] = []
  for (const key of [...state.pendingIn(role, from, to)]) {
    const change = changeOf(publishing, role, key, state.daysOf(role, key), now)
    if (change !== null && !change.same) changes.push(change)
  }
  return changes
}

interface Bundle {
  /** Periods, half-open. */
  readonly from: number
  readonly to: number
  /** Microseconds since the epoch. */
  readonly now: number
  /** Of the files' names. */
  readonly prefix: string
}

async function storeBundle(
  publishing: Publishing,
  role: Role,
  table: LoadedTable,
  { from, to, now, prefix }: Bundle,
  stored: DataFile[],
): Promise<void> {
  const { io, state, signal } = publishing
  let rows: AggregateRow[] = []
  const flush = async () => {
    if (rows.length === 0) return
    stored.push(await writeRows(io, table, rows, `${prefix}-${stored.length}`, signal))
    rows = []
  }
  for (const { key, days } of state.keysIn(role, from, to)) {
    const change = changeOf(publishing, role, key, days, now)
    if (change !== null && change.row !== null) rows.push(storedRow(change.row, change.planned))
    if (rows.length >= ROWS_PER_FILE) await flush()
  }
  await flush()
}
