import { type KeyboardEvent, type MouseEvent, memo, useId, useLayoutEffect } from 'react'
import type { HeatCell, HeatView } from '../../../shared/inspect.ts'
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

export interface Place {
  readonly column: number
  readonly row: number
}

/** Where a key leads from a place on a map of that size; null for other keys. */
export function stepFrom(at: Place, key: string, columns: number, rows: number): Place | null {
  const steps: Readonly<Record<string, Place>> = {
    ArrowLeft: { column: at.column - 1, row: at.row },
    ArrowRight: { column: at.column + 1, row: at.row },
    ArrowUp: { column: at.column, row: at.row - 1 },
    ArrowDown: { column: at.column, row: at.row + 1 },
    Home: { column: 0, row: at.row },
    End: { column: columns - 1, row: at.row },
    PageUp: { column: at.column, row: 0 },
    PageDown: { column: at.column, row: rows - 1 },
  }
  const to = steps[key]
  if (to === undefined) return null
  return {
    column: Math.max(0, Math.min(columns - 1, to.column)),
    row: Math.max(0, Math.min(rows - 1, to.row)),
  }
}

/**
 * Time across, kinds down. The whole map is one control: one tab stop, arrows, Home, End and the Page keys move over it, a
 * press picks the cell under it. Cells have no gaps between them, so that a press always lands.
 */
export function HeatMap({
  heat,
  measure,
  picked,
  onPick,
}: {
  heat: HeatView
  measure: Measure
  picked: Place | null
  onPick: (place: Place) => void
}) {
  const id = useId()
  const last = heat.columns.length - 1
  const at = picked ?? { column: last, row: 0 }
  // Set beside React: a move then changes one cell and not the whole map.
  const mark = picked === null ? null : `${id}-${picked.column}-${picked.row}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: another map or measure has cells of its own
  useLayoutEffect(() => {
    const cell = mark === null ? null : document.getElementById(mark)
    cell?.setAttribute('aria-selected', 'true')
    return () => cell?.setAttribute('aria-selected', 'false')
  }, [mark, heat, measure])
  const move = (event: KeyboardEvent): void => {
    const begin = event.key === 'Enter' || event.key === ' '
    const to = begin ? at : stepFrom(at, event.key, heat.columns.length, heat.rows.length)
    if (to === null) return
    event.preventDefault()
    onPick(picked === null && !begin ? at : to)
  }
  const press = (event: MouseEvent): void => {
    const cell = (event.target as Element).closest<HTMLElement>('[data-column]')
    if (cell === null) return
    onPick({ column: Number(cell.dataset.column), row: Number(cell.dataset.row) })
  }
  const label = `Partitions: ${heat.across ?? ''} across, ${heat.down ?? 'all'} down`
  return (
    <table
      className="heat"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid of cells that are moved over with arrows
      role="grid"
      aria-label={label}
      aria-rowcount={heat.rowsInAll}
      aria-colcount={heat.columns.length + 1}
      aria-activedescendant={`${id}-${at.column}-${at.row}`}
      tabIndex={0}
      onKeyDown={move}
      onClick={press}
    >
      <Cells id={id} heat={heat} measure={measure} />
      <tbody aria-hidden="true">
        <tr className="heat-days">
          <td />
          {heat.columns.map((column, i) => (
            <td key={column}>{i % 14 === 0 && i + 7 <= Math.max(last, 7) ? <span>{column}</span> : null}</td>
          ))}
        </tr>
      </tbody>
    </table>
  )
}

const Cells = memo(function Cells({ id, heat, measure }: { id: string; heat: HeatView; measure: Measure }) {
  const cells = new Map<string, HeatCell>(heat.cells.map((cell) => [`${cell.column} ${cell.row}`, cell]))
  const span = spanOf(heat.cells, measure)
  return (
    <tbody>
      {heat.rows.map((row, j) => (
        <tr key={row} aria-rowindex={heat.rowsFrom + j + 1}>
          <th scope="row" title={row}>
            {row}
          </th>
          {heat.columns.map((column, i) => {
            const cell = cells.get(`${i} ${j}`)
            const words = cellWords(column, row, cell)
            return (
              // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names its active cell
              <td
                key={column}
                // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a cell of that grid
                role="gridcell"
                id={`${id}-${i}-${j}`}
                data-column={i}
                data-row={j}
                className={`shade-${cell ? step(figureOf(cell, measure), span) : 'none'}`}
                aria-selected={false}
                aria-label={words}
                title={words}
              />
            )
          })}
        </tr>
      ))}
    </tbody>
  )
})
