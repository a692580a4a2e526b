import type { HeatCell, HeatView } from '../../../shared/model.ts'
import type { TableRole } from '../../../shared/tables.ts'
import { humanValue } from '../../iceberg/human.ts'
import { specById } from '../../iceberg/metadata.ts'
import { partitionKey, sourceType } from '../../iceberg/partition.ts'
import type { LiveFile, PartitionField, TableMetadata } from '../../iceberg/types.ts'
import type { Lake } from '../lake.ts'
import { healthOf } from './health.ts'
import { filesOf } from './inspect.ts'

const COLUMNS_SHOWN = 60
const ROWS_SHOWN = 16
const DAY_MS = 86_400_000

/** Partition fields that tell the time though their transform does not. */
const TIME_NAMES: ReadonlySet<string> = new Set(['aggregation_date', 'year', 'month', 'week_of_year'])
const tellsTime = (field: PartitionField): boolean =>
  /^(year|month|day|hour)$/.test(field.transform) || TIME_NAMES.has(field.name)

/** The partitions of the newest snapshot as a map that ends at `until` (default: the newest). */
export async function tableHeat(lake: Lake, role: TableRole, until?: string): Promise<HeatView> {
  const { metadata, files } = await filesOf(lake, role, undefined)
  return heatOf(metadata, files, until)
}

interface Gathered {
  readonly partitions: Set<string>
  readonly sizes: number[]
  rowCount: number
  bytes: number
  deleteFiles: number
  lastWrite: number | null
}

/** Gathers files by time and by the last other partition field; at most 60 columns and 16 rows are shown. */
export function heatOf(metadata: TableMetadata, files: readonly LiveFile[], until?: string): HeatView {
  const spec = specById(metadata, metadata['default-spec-id'])
  const across = spec.fields.filter(tellsTime)
  const down = spec.fields.filter((field) => !tellsTime(field)).at(-1)
  const written = new Map(metadata.snapshots.map((one) => [one['snapshot-id'], one['timestamp-ms']]))
  const cells = new Map<string, Map<string, Gathered>>()
  const filesByRow = new Map<string, number>()
  for (const live of files) {
    const [column, row] = placeOf(metadata, live, across, down)
    const line = cells.get(column) ?? new Map<string, Gathered>()
    cells.set(column, line)
    const cell = line.get(row) ?? {
      partitions: new Set<string>(),
      sizes: [],
      rowCount: 0,
      bytes: 0,
      deleteFiles: 0,
      lastWrite: null,
    }
    line.set(row, cell)
    cell.partitions.add(partitionKey(live.file.partition))
    cell.bytes += live.file.fileSize
    if (live.file.content === 'data') {
      cell.sizes.push(live.file.fileSize)
      cell.rowCount += live.file.recordCount
    } else cell.deleteFiles += 1
    const at = written.get(live.snapshotId) ?? null
    if (at !== null && (cell.lastWrite === null || at > cell.lastWrite)) cell.lastWrite = at
    filesByRow.set(row, (filesByRow.get(row) ?? 0) + 1)
  }
  // Partitions without a time have no place on the map; the list of partitions has them.
  const times = [...cells.keys()].filter((time) => /^\d/.test(time)).sort()
  const columns = across.length === 0 ? [] : shownColumns(times, until)
  const rows = [...filesByRow].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([row]) => row)
  const shown = rows.slice(0, ROWS_SHOWN)
  return {
    across: across.length === 0 ? null : across.map((field) => field.name).join(', '),
    down: down?.name ?? null,
    columns,
    rows: shown,
    columnsInAll: times.length,
    rowsInAll: rows.length,
    newest: times.at(-1) ?? null,
    oldest: times[0] ?? null,
    cells: columns.flatMap((column, i) =>
      shown.flatMap((row, j): HeatCell[] => {
        const cell = cells.get(column)?.get(row)
        return cell ? [cellOf(cell, i, j)] : []
      }),
    ),
    health: healthOf(
      files,
      metadata.snapshots.length,
      ({ file }) => `${file.specId} ${partitionKey(file.partition)}`,
    ),
  }
}

function cellOf(cell: Gathered, column: number, row: number): HeatCell {
  const sizes = cell.sizes.sort((a, b) => a - b)
  return {
    column,
    row,
    partitions: cell.partitions.size,
    files: sizes.length,
    bytes: cell.bytes,
    rowCount: cell.rowCount,
    deleteFiles: cell.deleteFiles,
    sizes: [sizes[0] ?? 0, sizes[sizes.length >> 1] ?? 0, sizes.at(-1) ?? 0],
    lastWrite: cell.lastWrite,
  }
}

/** Fields are found by id, so that files of an older layout stand where they can; what they lack is `not partitioned`. */
function placeOf(
  metadata: TableMetadata,
  { file }: LiveFile,
  across: readonly PartitionField[],
  down: PartitionField | undefined,
): [string, string] {
  const spec = specById(metadata, file.specId)
  const text = (wanted: PartitionField): string | null => {
    const place = spec.fields.findIndex((field) => field['field-id'] === wanted['field-id'])
    const type = metadata.schemas.map((schema) => sourceType(schema, wanted['source-id'])).findLast(Boolean)
    if (place < 0 || !type) return null
    return humanValue(wanted.transform, type, file.partition[place] ?? null)
  }
  const times = across.map(text)
  return [
    times.includes(null)
      ? 'not partitioned'
      : times.map((time, i) => (i === 0 ? time : time?.padStart(2, '0'))).join('-'),
    down === undefined ? 'all' : (text(down) ?? 'not partitioned'),
  ]
}

/** Days are shown without gaps, so that a missing one is seen; other times as they come. */
function shownColumns(times: readonly string[], until: string | undefined): string[] {
  const before = until === undefined ? times : times.filter((time) => time <= until)
  const last = before.at(-1)
  const day = last !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(last) ? Date.parse(last) : Number.NaN
  if (Number.isNaN(day)) return before.slice(-COLUMNS_SHOWN)
  const first = Date.parse(times[0] ?? '')
  const days = Number.isNaN(first) ? COLUMNS_SHOWN : Math.min(COLUMNS_SHOWN, (day - first) / DAY_MS + 1)
  return Array.from({ length: days }, (_, i) =>
    new Date(day - (days - 1 - i) * DAY_MS).toISOString().slice(0, 10),
  )
}
