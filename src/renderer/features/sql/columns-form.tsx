import { useState } from 'react'
import type { QueryResult } from '../../query/result.ts'
import { IconButton } from '../../ui/button.tsx'
import { Check } from '../../ui/check.tsx'
import { count } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Popover } from '../../ui/popover.tsx'
import {
  firstLayout,
  type GridLayout,
  isArranged,
  moveColumn,
  shownColumns,
  toggleHidden,
  togglePin,
} from './grid-layout.ts'

/** Above so many columns the list can be searched. */
const MANY = 12

/** Which columns the grid shows, in which order, and which stay in sight. */
export function ColumnsForm({
  result,
  layout,
  onLayout,
}: {
  result: QueryResult
  layout: GridLayout
  onLayout: (layout: GridLayout) => void
}) {
  const [wanted, setWanted] = useState('')
  const shown = shownColumns(layout)
  const listed = [...shown, ...layout.order.filter((id) => !shown.includes(id))]
  const nameOf = (id: string) => result.columns[Number(id)]?.name ?? ''
  const hits = listed.filter((id) => nameOf(id).toLowerCase().includes(wanted.toLowerCase()))
  return (
    <Popover
      title="Columns of the grid"
      width={340}
      trigger={
        <button type="button" className="btn quiet s">
          <Icon name="tables" />
          {layout.hidden.length === 0
            ? 'Columns'
            : `${count(shown.length)} of ${count(result.columns.length)} columns`}
        </button>
      }
    >
      {result.columns.length > MANY && (
        <input
          className="input s"
          type="search"
          aria-label="Find a column"
          placeholder="Find a column"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
      )}
      <ul className="sql-columns">
        {hits.map((id) => {
          const name = nameOf(id)
          const visible = !layout.hidden.includes(id)
          const pinned = layout.pinned.includes(id)
          return (
            <li key={id}>
              <Check label={name} checked={visible} onChange={() => onLayout(toggleHidden(layout, id))} />
              <span className="grow" />
              <button
                type="button"
                className="btn quiet s"
                aria-pressed={pinned}
                aria-label={`Pin ${name}`}
                onClick={() => onLayout(togglePin(layout, id))}
              >
                {pinned ? 'Pinned' : 'Pin'}
              </button>
              <IconButton
                icon="up"
                label={`Move ${name} left`}
                disabled={!visible || moveColumn(layout, id, -1) === layout}
                onClick={() => onLayout(moveColumn(layout, id, -1))}
              />
              <IconButton
                icon="dn"
                label={`Move ${name} right`}
                disabled={!visible || moveColumn(layout, id, 1) === layout}
                onClick={() => onLayout(moveColumn(layout, id, 1))}
              />
            </li>
          )
        })}
      </ul>
      <div className="row">
        <button
          type="button"
          className="btn s"
          disabled={!isArranged(layout) && layout.pinned.length === 0}
          onClick={() => onLayout(firstLayout(result.columns.length))}
        >
          As they came
        </button>
      </div>
    </Popover>
  )
}
