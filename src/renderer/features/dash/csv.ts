import type { ChartTable } from '../../chart/figure.tsx'
import { csvField } from '../../query/csv.ts'
import type { Row } from './measures.ts'

/** A chart's figures as CSV (RFC 4180, UTF-8 with a byte order mark), formula cells guarded. */
export function csvOf(table: ChartTable): string {
  const lines = [
    table.columns.map((column) => csvField(column.name, false)),
    ...table.rows.map((row) => row.map((cell, at) => csvField(cell, table.columns[at]?.numeric ?? false))),
  ]
  return `\ufeff${lines.map((line) => `${line.join(',')}\r\n`).join('')}`
}

const text = (name: string) => ({ name, numeric: false })
const number = (name: string) => ({ name, numeric: true })

/** Every column of the rows, exact; periods without a row stay in with nothing in them. */
export function rowTable(
  periods: readonly string[],
  rows: ReadonlyMap<string, Row>,
  extra: 'day' | 'other',
): ChartTable {
  const own = extra === 'day' ? ['first_value', 'last_value'] : ['daily_avg_of_avg']
  const numbers = ['count', 'min_value', 'avg_value', 'max_value', 'sum_value', 'stddev_value', ...own]
  const times = ['window_start', 'window_end', 'updated_at']
  return {
    columns: [text('period'), ...numbers.map(number), ...times.map(text)],
    rows: periods.map((period) => {
      const row = rows.get(period)
      return [period, ...[...numbers, ...times].map((name) => row?.texts[name] ?? null)]
    }),
  }
}
