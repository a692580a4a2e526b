import { type KeyboardEvent, useRef } from 'react'
import type { HeatCell, HeatView } from '../../../shared/model.ts'
import { cellWords, figureOf, type Measure, spanOf, step, tell } from './shade.ts'

/** The key of the shades: from nothing to the most. */
export function ShadeKey({ heat, measure, now }: { heat: HeatView; measure: Measure; now: number }) {
  const [least, most] = spanOf(heat.cells, measure)
  return (
    <span className="key num">
      {measure === 'write' ? tell(least, measure, now) : '0'}
      <span className="shades" aria-hidden="true">
        {[0, 1, 2, 3, 4, 5, 6, 7].map((shade) => (
          <i key={shade} className={`shade-${shade}`} />
        ))}
      </span>
      {tell(most, measure, now)}
    </span>
  )
}

/** Time across, data type down. One tab stop; arrows, Home and End move the selection. */
export function HeatMap({
  heat,
  measure,
  picked,
  onPick,
}: {
  heat: HeatView
  measure: Measure
  picked: { readonly column: number; readonly row: number } | null
  onPick: (column: number, row: number) => void
}) {
  const table = useRef<HTMLTableElement>(null)
  const cells = new Map<string, HeatCell>(heat.cells.map((cell) => [`${cell.column} ${cell.row}`, cell]))
  const span = spanOf(heat.cells, measure)
  const lastColumn = heat.columns.length - 1
  const at = picked ?? { column: lastColumn, row: 0 }
  const move = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [at.column - 1, at.row],
      ArrowRight: [at.column + 1, at.row],
      ArrowUp: [at.column, at.row - 1],
      ArrowDown: [at.column, at.row + 1],
      Home: [0, at.row],
      End: [lastColumn, at.row],
    }
    const to = steps[event.key]
    if (to === undefined) return
    event.preventDefault()
    const column = Math.max(0, Math.min(lastColumn, to[0]))
    const row = Math.max(0, Math.min(heat.rows.length - 1, to[1]))
    onPick(column, row)
    table.current?.querySelector<HTMLElement>(`[data-at="${column} ${row}"]`)?.focus()
  }
  const label = `Partitions: ${heat.across ?? ''} across, ${heat.down ?? 'all'} down`
  return (
    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid of cells that are moved over with arrows
    <table className="heat" role="grid" aria-label={label} ref={table} onKeyDown={move}>
      <tbody>
        {heat.rows.map((row, j) => (
          <tr key={row}>
            <th scope="row" className={j === at.row && picked ? 'is-on' : undefined} title={row}>
              {row}
            </th>
            {heat.columns.map((column, i) => {
              const cell = cells.get(`${i} ${j}`)
              const on = picked?.column === i && picked.row === j
              const words = cellWords(column, row, cell)
              return (
                <td key={column}>
                  <button
                    type="button"
                    data-at={`${i} ${j}`}
                    className={`shade-${cell ? step(figureOf(cell, measure), span) : 'none'}`}
                    aria-pressed={on}
                    tabIndex={at.column === i && at.row === j ? 0 : -1}
                    aria-label={words}
                    title={words}
                    onClick={() => onPick(i, j)}
                  />
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
      <tfoot aria-hidden="true">
        <tr>
          <td />
          {heat.columns.map((column, i) => (
            <td key={column}>
              {i % 14 === 0 && i + 7 <= Math.max(lastColumn, 7) ? <span>{column}</span> : null}
            </td>
          ))}
        </tr>
      </tfoot>
    </table>
  )
}
