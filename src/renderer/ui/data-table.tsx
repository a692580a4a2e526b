import type { ReactNode } from 'react'
import { Scroll } from './scroll.tsx'

export interface DataColumn<Row> {
  readonly name: string
  /** Right-aligned figures. */
  readonly numeric?: boolean
  /** Ids, paths and types in the monospaced face. */
  readonly mono?: boolean
  readonly cell: (row: Row) => ReactNode
}

interface Props<Row> {
  /** The table's name, for screen readers and for its scroll area. */
  readonly label: string
  readonly columns: readonly DataColumn<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string | number
  readonly isSelected?: (row: Row) => boolean
}

/** A plain table of a few hundred rows at most, under a head that stays. Answers of SQL have a grid of their own. */
export function DataTable<Row>({ label, columns, rows, rowKey, isSelected }: Props<Row>) {
  const look = ({ numeric, mono }: DataColumn<Row>) =>
    [numeric && 'num', mono && 'mono'].filter(Boolean).join(' ') || undefined
  return (
    <Scroll label={label}>
      <table className="grid">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={column.numeric ? 'num' : undefined}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} aria-selected={isSelected?.(row)}>
              {columns.map((column) => (
                <td key={column.name} className={look(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
