import type { HeatCell, HeatView } from '../../../shared/inspect.ts'
import { humanValue } from '../../iceberg/human.ts'
import { specById } from '../../iceberg/metadata.ts'
import { partitionKey } from '../../iceberg/partition.ts'
import type { LiveFile, PartitionField, TableMetadata } from '../../iceberg/types.ts'
import { partitionPaths, sourceOf, tellsTime } from './paths.ts'

const COLUMNS_SHOWN = 60
const ROWS_SHOWN = 16
const DAY_MS = 86_400_000

/** Which part of the map is asked for. */
export interface HeatWindow {
  /** The last column; default: the newest. */
  readonly until?: string | undefined
  /** Place of the first row among all, most files first. */
  readonly rowsFrom?: number | undefined
}

interface Gathered {
  readonly path: string
  readonly partitions: Set<string>
  readonly sizes: number[]
  rowCount: number
  bytes: number
  deleteFiles: number
  lastWrite: number | null
}

/** The partition fields of the map: those that tell the time go across, the last of the others goes down. */
export function axesOf(metadata: TableMetadata): {
  readonly across: readonly PartitionField[]
  readonly down: PartitionField | undefined
} {
  const { fields } = specById(metadata, metadata['default-spec-id'])
  const known = fields.filter((field) => field.transform !== 'void')
  return {
    across: known.filter((field) => tellsTime(metadata, field)),
    down: known.filter((field) => !tellsTime(metadata, field)).at(-1),
  }
}

/** Gathers files by time and by the last other partition field; at most 60 columns and 16 rows are shown. */
export function heatOf(
  metadata: TableMetadata,
  files: readonly LiveFile[],
  { until, rowsFrom = 0 }: HeatWindow = {},
): HeatView {
  const { across, down } = axesOf(metadata)
  const pathOf = partitionPaths(metadata)
  const written = new Map(metadata.snapshots.map((one) => [one['snapshot-id'], one['timestamp-ms']]))
  const cells = new Map<string, Map<string, Gathered>>()
  const filesByRow = new Map<string, number>()
  for (const live of files) {
    const [column, row] = placeOf(metadata, live.file, across, down)
    const line = cells.get(column) ?? new Map<string, Gathered>()
    cells.set(column, line)
    const cell = line.get(row) ?? {
      path: pathOf(live.file),
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
  const shown = rows.slice(rowsFrom, rowsFrom + ROWS_SHOWN)
  return {
    across: across.length === 0 ? null : across.map((field) => field.name).join(', '),
    down: down?.name ?? null,
    columns,
    rows: shown,
    rowsFrom,
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
  }
}

function cellOf(cell: Gathered, column: number, row: number): HeatCell {
  const sizes = cell.sizes.sort((a, b) => a - b)
  return {
    column,
    row,
    partitions: cell.partitions.size,
    path: cell.path,
    files: sizes.length,
    bytes: cell.bytes,
    rowCount: cell.rowCount,
    deleteFiles: cell.deleteFiles,
    sizes: [sizes[0] ?? 0, sizes[sizes.length >> 1] ?? 0, sizes.at(-1) ?? 0],
    lastWrite: cell.lastWrite,
  }
}

/**
 * Time and kind of a file on the map. Fields are found by id, so that files of an older layout stand where they can; what
 * they lack is `not partitioned`.
 */
export function placeOf(
  metadata: TableMetadata,
  file: Pick<LiveFile['file'], 'specId' | 'partition'>,
  across: readonly PartitionField[],
  down: PartitionField | undefined,
): [string, string] {
  const spec = specById(metadata, file.specId)
  const text = (wanted: PartitionField): string | null => {
    const place = spec.fields.findIndex((field) => field['field-id'] === wanted['field-id'])
    const type = sourceOf(metadata, wanted)
    if (place < 0 || !type) return null
    try {
      return humanValue(wanted.transform, type, file.partition[place] ?? null)
    } catch {
      return String(file.partition[place])
    }
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
