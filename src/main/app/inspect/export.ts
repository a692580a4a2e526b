import { csvText, withoutFormula } from '../../../shared/csv.ts'
import type { FileView, PartitionView, SnapshotView } from '../../../shared/inspect.ts'
import { type FileRequest, fileViewer, findFiles } from './file-lists.ts'
import { type PartitionRequest, partitionPage } from './partitions.ts'
import { allSnapshots } from './snapshots.ts'
import type { OpenTable, PageRequest } from './table.ts'

export const LISTS = ['snapshots', 'partitions', 'files'] as const
export type ListName = (typeof LISTS)[number]
export type ListFormat = 'csv' | 'json'

type Plain = Readonly<Record<string, string | number | boolean | null>>

/** A whole list as text: every row that matches, not one page. */
export async function exportList(
  table: OpenTable,
  list: ListName,
  format: ListFormat,
  request: Omit<FileRequest & PartitionRequest, keyof PageRequest | 'sort'> & {
    readonly sort?: string | undefined
  },
  signal: AbortSignal,
): Promise<string> {
  const rows = await rowsOf(table, list, request, signal)
  return format === 'json' ? `${JSON.stringify(rows, null, 2)}\n` : csvOf(rows, HEADS[list])
}

const EVERYTHING: PageRequest = { page: 0, pageSize: Number.MAX_SAFE_INTEGER }

async function rowsOf(
  table: OpenTable,
  list: ListName,
  request: Parameters<typeof exportList>[3],
  signal: AbortSignal,
): Promise<Plain[]> {
  switch (list) {
    case 'snapshots':
      return allSnapshots(table).map(snapshotRow)
    case 'partitions': {
      const asked = { ...EVERYTHING, snapshot: request.snapshot, find: request.find }
      const { partitions } = await partitionPage(table, { ...asked, sort: 'path' }, signal)
      return partitions.map(partitionRow)
    }
    case 'files': {
      const { found, all } = await findFiles(table, { ...request, sort: 'path' }, signal)
      return found.map(fileViewer(table.metadata, all).view).map(fileRow)
    }
  }
}

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())

const snapshotRow = (one: SnapshotView): Plain => ({
  snapshot_id: one.id,
  parent_id: one.parentId,
  sequence_number: one.sequenceNumber,
  committed_at: iso(one.at),
  operation: one.operation,
  references: one.refs.join(' '),
  schema_id: one.schemaId,
  writer: one.writer,
  added_rows: one.addedRows,
  removed_rows: one.removedRows,
  added_files: one.addedFiles,
  removed_files: one.removedFiles,
  added_delete_files: one.addedDeleteFiles,
  added_bytes: one.addedBytes,
  total_rows: one.totalRows,
  total_files: one.totalFiles,
  total_bytes: one.totalBytes,
  ledger: one.ledger?.verdict ?? null,
  messages: one.ledger?.messages ?? null,
})

const partitionRow = (one: PartitionView): Plain => ({
  partition: one.path,
  files: one.files,
  rows: one.rows,
  bytes: one.bytes,
  delete_files: one.deleteFiles,
  last_write: iso(one.lastWrite),
})

const fileRow = (one: FileView): Plain => ({
  path: one.path,
  content: one.content,
  format: one.format,
  partition: one.partition,
  rows: one.rows,
  bytes: one.bytes,
  position_deletes: one.positionDeletes,
  equality_deletes: one.equalityDeletes,
  encrypted: one.encrypted,
  snapshot_id: one.snapshotId,
  written_at: iso(one.at),
  sequence_number: one.sequenceNumber,
})

const namesOf = (row: Plain) => Object.keys(row)
const HEADS: Readonly<Record<ListName, readonly string[]>> = {
  snapshots: namesOf(snapshotRow({ refs: [], at: 0, ledger: null } as unknown as SnapshotView)),
  partitions: namesOf(partitionRow({ lastWrite: null } as unknown as PartitionView)),
  files: namesOf(fileRow({ at: null } as unknown as FileView)),
}

function csvOf(rows: readonly Plain[], head: readonly string[]): string {
  const line = (fields: readonly string[]) => `${fields.join(',')}\r\n`
  return line(head) + rows.map((row) => line(head.map((name) => field(row[name] ?? null)))).join('')
}

function field(value: Plain[string]): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  return /[",\r\n]/.test(value) ? csvText(value) : withoutFormula(value)
}
