import { MenuAt, type MenuEntry } from '../../ui/menu.tsx'
import { notify } from '../../ui/toast.tsx'
import type { CellPlace } from './grid-keys.ts'
import { moveColumn, shownColumns, toggleHidden, togglePin, widen } from './grid-layout.ts'
import type { ResultGridProps } from './result-grid.tsx'

/** Longest value that a menu entry repeats, in UTF-16 units. */
const SAID = 24

/** All that can be done with a column of the answer. */
export function ColumnMenu({
  anchor,
  column,
  cell,
  width,
  grid,
  onClose,
}: {
  anchor: Element | null
  column: number
  cell: CellPlace
  /** Px that the column has now. */
  width: number
  grid: ResultGridProps
  onClose: () => void
}) {
  const { result, layout, sort, onLayout, onSort, onFilter } = grid
  const id = String(column)
  const name = result.columns[column]?.name ?? ''
  const shown = shownColumns(layout)
  const at = shown.indexOf(id)
  const pinned = layout.pinned.includes(id)
  const stays = (by: number) => moveColumn(layout, id, by) === layout
  const inRow = anchor !== null && cell.column === column && cell.row < result.rows
  const value = inRow ? result.cell(cell.row, column) : undefined
  const said =
    value === null
      ? 'null'
      : value === undefined
        ? ''
        : value.length > SAID
          ? `${value.slice(0, SAID)}\u2026`
          : value
  const filters: MenuEntry[] =
    value === undefined
      ? []
      : [
          {
            name: `Keep rows with ${said}`,
            icon: 'filter',
            apart: true,
            onChoose: () => onFilter(column, value === null ? 'null' : 'is', value ?? ''),
          },
          {
            name: `Leave out rows with ${said}`,
            onChoose: () => onFilter(column, value === null ? 'not null' : 'is not', value ?? ''),
          },
        ]
  return (
    <MenuAt
      anchor={anchor}
      label={`Column ${name}`}
      onClose={onClose}
      entries={[
        {
          name:
            sort?.column !== column
              ? 'Sort, least first'
              : sort.down
                ? 'Put back in the order it came'
                : 'Sort, greatest first',
          icon: sort?.column === column && sort.down ? 'undo' : sort?.column === column ? 'dn' : 'up',
          command: 'grid.sort',
          onChoose: () => onSort(column),
        },
        ...filters,
        {
          name: pinned ? 'Unpin' : 'Pin at the left',
          command: 'grid.pin',
          apart: true,
          onChoose: () => onLayout(togglePin(layout, id)),
        },
        {
          name: 'Move left',
          icon: 'back',
          command: 'grid.left',
          ...(stays(-1) ? { off: at === 0 ? 'it is the first' : 'those before are pinned' } : {}),
          onChoose: () => onLayout(moveColumn(layout, id, -1)),
        },
        {
          name: 'Move right',
          icon: 'next',
          command: 'grid.right',
          ...(stays(1) ? { off: pinned ? 'it is pinned' : 'it is the last' } : {}),
          onChoose: () => onLayout(moveColumn(layout, id, 1)),
        },
        { name: 'Wider', command: 'grid.wide', onChoose: () => onLayout(widen(layout, id, width, 1)) },
        { name: 'Narrower', command: 'grid.narrow', onChoose: () => onLayout(widen(layout, id, width, -1)) },
        {
          name: 'Hide',
          command: 'grid.hide',
          ...(shown.length === 1 ? { off: 'it is the only one' } : {}),
          onChoose: () => onLayout(toggleHidden(layout, id)),
        },
        {
          name: 'Copy the name',
          icon: 'copy',
          apart: true,
          onChoose: () => void navigator.clipboard.writeText(name).then(() => notify(`Copied ${name}`)),
        },
      ]}
    />
  )
}
