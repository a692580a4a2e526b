import { memo, type ReactNode } from 'react'
import type { CellPlace } from './grid-keys.ts'

/** Longest text shown in a cell, in UTF-16 units; the inspector has it whole. */
const SHOWN = 300

interface CellProps {
  readonly row: number
  readonly column: number
  readonly right: boolean
  readonly active: boolean
  /** Whether it is among those selected. */
  readonly part: boolean
  /** Px from the left where it stays; null where it scrolls along. */
  readonly pinAt: number | null
  readonly text: string | null
  readonly find: string
  readonly onPick: (cell: CellPlace, extend: boolean) => void
}

/** One cell; drawn anew only when what it shows changes. `onPick` is taken from the first drawing. */
export const Cell = memo(
  function Cell({ row, column, right, active, part, pinAt, text, find, onPick }: CellProps) {
    const name = [
      right ? 'num' : '',
      active ? 'is-cell' : part ? 'is-part' : '',
      pinAt === null ? '' : 'is-pin',
    ]
      .filter(Boolean)
      .join(' ')
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the grid, its one tab stop
      <td
        id={`cell-${row}-${column}`}
        aria-colindex={column + 2}
        className={name}
        style={pinAt === null ? undefined : { left: pinAt }}
        onClick={(event) => onPick({ row, column }, event.shiftKey)}
      >
        {text === null ? (
          <span className="null" title="null" role="img" aria-label="null" />
        ) : (
          shownText(text, find)
        )}
      </td>
    )
  },
  (a, b) =>
    a.row === b.row &&
    a.text === b.text &&
    a.active === b.active &&
    a.part === b.part &&
    a.pinAt === b.pinAt &&
    a.find === b.find &&
    a.column === b.column &&
    a.onPick === b.onPick,
)

function shownText(text: string, find: string): ReactNode {
  const short = text.length > SHOWN ? `${text.slice(0, SHOWN)}\u2026` : text
  const at = find === '' ? -1 : short.toLowerCase().indexOf(find.toLowerCase())
  if (at < 0) return short
  return (
    <>
      {short.slice(0, at)}
      <mark className="sql-found">{short.slice(at, at + find.length)}</mark>
      {short.slice(at + find.length)}
    </>
  )
}

/** Stands for the rows out of sight. */
export function Spacer({ height }: { height: number }) {
  // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it is room, not a row to read
  return <tr role="presentation" style={{ height }} />
}
