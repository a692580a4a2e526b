import type { Lake } from '../../app/lake.ts'
import { DeleteCache } from '../../iceberg/deletes.ts'
import { currentSchema } from '../../iceberg/metadata.ts'
import type { Cell } from '../../iceberg/projection.ts'
import { readFile } from '../../iceberg/read.ts'
import { planScan } from '../../iceberg/scan.ts'
import { fieldByName } from '../../iceberg/schema.ts'
import type { Context } from './command.ts'

const SHOWN = 5
const COLUMNS = [
  'user_id',
  'data_type',
  'aggregation_date',
  'count',
  'avg_value',
  'min_value',
  'max_value',
  'stddev_value',
]

/** Prints the first rows of the daily table by user, type and day, and returns them. 64-bit numbers are text. */
export async function printSample(
  context: Context,
  lake: Lake,
): Promise<Readonly<Record<string, string | number | null>>[]> {
  const { metadata } = await lake.io.catalog.loadTable(lake.tables.daily)
  const schema = currentSchema(metadata)
  const plan = await planScan(lake.io, metadata)
  // One file holds one key, so the first keys are in the first files by partition.
  const files = plan.files
    .map((file) => ({ file, key: file.file.partition.map(String).join('\u0000') }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, SHOWN)
  const deletes = new DeleteCache()
  const rows: Record<string, string | number | null>[] = []
  for (const { file } of files) {
    const batch = await readFile(lake.io, metadata, file, COLUMNS, { deletes })
    for (let row = 0; row < batch.rows; row++) {
      const cell = (name: string): Cell =>
        batch.columns.get(fieldByName(schema, name)?.id ?? -1)?.[row] ?? null
      rows.push(Object.fromEntries(COLUMNS.map((name) => [name, plain(cell(name))])))
    }
  }
  const total = plan.totals.rows
  context.print(`\nDaily statistics, ${Math.min(SHOWN, rows.length)} of ${total}`)
  context.print(`  ${line(['user', 'type', 'day', 'n', 'mean', 'min', 'max', 'stddev'])}`)
  for (const one of rows.slice(0, SHOWN))
    context.print(`  ${line(COLUMNS.map((name) => shown(one[name] ?? null)))}`)
  return rows.slice(0, SHOWN)
}

const WIDTHS = [14, 24, 10, 6, 10, 10, 10, 10]

function line(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i < 3 ? cell.padEnd(WIDTHS[i] ?? 0) : cell.padStart(WIDTHS[i] ?? 0)))
    .join('  ')
}

function plain(cell: Cell): string | number | null {
  return typeof cell === 'string' || typeof cell === 'number' ? cell : cell === null ? null : String(cell)
}

function shown(value: string | number | null): string {
  return typeof value === 'number' ? value.toFixed(2) : value === null ? '' : value
}
