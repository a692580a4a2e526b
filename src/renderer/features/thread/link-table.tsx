import { type KeyboardEvent, useRef, useState } from 'react'
import type { DataColumn } from '../../ui/data-table.tsx'

const PAGE = 20

/**
 * A table whose rows each lead on: the first column is the link. One tab stop for all of them; arrows, Page keys, Home
 * and End go from link to link.
 */
export function LinkTable<Row>({
  label,
  first,
  columns,
  rows,
  rowKey,
  hrefOf,
  linkText,
}: {
  label: string
  /** Heading of the column of links. */
  first: string
  columns: readonly DataColumn<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string | number
  hrefOf: (row: Row) => string
  linkText: (row: Row) => React.ReactNode
}) {
  const [active, setActive] = useState(0)
  const body = useRef<HTMLTableSectionElement>(null)
  const onKey = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + PAGE,
      PageUp: active - PAGE,
      Home: 0,
      End: rows.length - 1,
    }
    const target = steps[event.key]
    if (target === undefined) return
    event.preventDefault()
    const next = Math.max(0, Math.min(rows.length - 1, target))
    setActive(next)
    body.current?.rows[next]?.querySelector<HTMLAnchorElement>('a.cell-link')?.focus()
  }
  return (
    <div className="scroll">
      <table className="grid" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            {columns.map(({ name, numeric }) => (
              <th key={name} scope="col" className={numeric ? 'num' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKey}>
          {rows.map((row, index) => (
            <tr key={rowKey(row)}>
              <td className="mono">
                <a
                  className="cell-link"
                  href={hrefOf(row)}
                  tabIndex={index === Math.min(active, rows.length - 1) ? 0 : -1}
                  onFocus={() => setActive(index)}
                >
                  {linkText(row)}
                </a>
              </td>
              {columns.map(({ name, numeric, mono, cell }) => (
                <td key={name} className={[numeric && 'num', mono && 'mono'].filter(Boolean).join(' ')}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
