import { type KeyboardEvent, memo, type ReactNode, useRef } from 'react'

export interface PickColumn<Row> {
  readonly name: string
  readonly numeric?: boolean
  readonly mono?: boolean
  /** Leaves first where it gets tight. */
  readonly optional?: boolean
  readonly cell: (row: Row) => ReactNode
}

interface Props<Row> {
  readonly label: string
  readonly columns: readonly PickColumn<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  readonly picked: string | null
  readonly onPick: (row: Row) => void
  /** Words of a row for its opener, where the first cell alone does not name it. */
  readonly nameOf?: (row: Row) => string
  /** Stands in a line of its own before the row. */
  readonly between?: (row: Row) => ReactNode
}

/**
 * Rows of which one is looked at. The first cell opens its row; one row at a time takes Tab, and Up, Down, Home, End and
 * the Page keys move between them. Everything else in a row is reached from there.
 */
export function PickTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  picked,
  onPick,
  nameOf,
  between,
}: Props<Row>) {
  const body = useRef<HTMLTableSectionElement>(null)
  const keys = rows.map(rowKey)
  const at = Math.max(0, picked === null ? 0 : keys.indexOf(picked))
  const move = (event: KeyboardEvent): void => {
    const step: Readonly<Record<string, number>> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      Home: 0,
      End: rows.length - 1,
      PageUp: at - 10,
      PageDown: at + 10,
    }
    const to = step[event.key]
    const row = rows[Math.max(0, Math.min(rows.length - 1, to ?? 0))]
    if (to === undefined || row === undefined || !(event.target as Element).matches('.row-open')) return
    event.preventDefault()
    onPick(row)
    body.current
      ?.querySelectorAll<HTMLElement>('.row-open')
      [keys.indexOf(rowKey(row))]?.focus({ preventScroll: false })
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard
    <section className="scroll pick-table" tabIndex={0} aria-label={label}>
      <table className="grid">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={look({ ...column, mono: false })}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={move}>
          {rows.map((row, i) => {
            const key = keys[i] ?? ''
            const on = key === picked
            const apart = between?.(row)
            return [
              apart && (
                <tr key={`${key} before`} className="between">
                  <td colSpan={columns.length}>{apart}</td>
                </tr>
              ),
              <PickRow
                key={key}
                row={row}
                columns={columns}
                on={on}
                first={i === at}
                onPick={onPick}
                {...(nameOf === undefined ? {} : { nameOf })}
              />,
            ]
          })}
        </tbody>
      </table>
    </section>
  )
}

const look = ({ numeric, mono, optional }: PickColumn<never>) =>
  [numeric && 'num', mono && 'mono', optional && 'opt'].filter(Boolean).join(' ') || undefined

interface RowProps<Row> extends Pick<Props<Row>, 'columns' | 'onPick' | 'nameOf'> {
  readonly row: Row
  readonly on: boolean
  /** True for the one row that takes Tab. */
  readonly first: boolean
}

/** Rendered anew for its own row only, where the table's columns and handlers keep their identity. */
const PickRow = memo(function PickRow<Row>({ row, columns, on, first, onPick, nameOf }: RowProps<Row>) {
  const [opener, ...others] = columns
  if (opener === undefined) return null
  return (
    <tr
      className={on ? 'is-picked' : undefined}
      onClick={(event) => {
        if (!(event.target as Element).closest('a, button')) onPick(row)
      }}
    >
      <td className={look(opener)}>
        <button
          type="button"
          className="row-open"
          aria-pressed={on}
          aria-label={nameOf?.(row)}
          tabIndex={first ? 0 : -1}
          onClick={() => onPick(row)}
        >
          {opener.cell(row)}
        </button>
      </td>
      {others.map((column) => (
        <td key={column.name} className={look(column)}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  )
}) as <Row>(props: RowProps<Row>) => ReactNode
