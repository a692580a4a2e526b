import type { ReactNode } from 'react'
import { Scroll } from './scroll.tsx'

export interface DataColumn<Row> {
  readonly name: string
  /** Right-aligned figures. */
  readonly numeric?: boolean
  /** Ids, paths and types in the monospaced face. */
  readonly mono?: boolean
  /** Takes the width that is left: the other columns then are as wide as what they hold. */
  readonly rest?: boolean
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
export function DataTable<Row>(props: Props<Row>) {
  return (
    <Scroll label={props.label}>
      <PlainTable {...props} />
    </Scroll>
  )
}

/** The same where something else scrolls. */
export function PlainTable<Row>({ label, columns, rows, rowKey, isSelected }: Props<Row>) {
  const look = ({ numeric, mono, rest }: DataColumn<Row>) =>
    [numeric && 'num', mono && 'mono', rest && 'rest'].filter(Boolean).join(' ') || undefined
  return (
    <table className={columns.some(({ rest }) => rest) ? 'grid fitted' : 'grid'} aria-label={label}>
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
  )
}
