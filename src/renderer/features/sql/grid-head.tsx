import type { Arrangement } from '../../query/arrange.ts'
import type { ResultColumn } from '../../query/result.ts'
import { Icon } from '../../ui/icon.tsx'
import { typeWord } from './grid-layout.ts'

interface Header {
  readonly id: string
  readonly column: {
    readonly id: string
    getIsResizing(): boolean
    resetSize(): void
    getStart(position: 'start'): number
  }
  getSize(): number
  getResizeHandler(): (event: unknown) => void
}

/** Names and types of the columns: a press sorts, dragging moves, the edge resizes, the button opens the menu. */
export function GridHead({
  headers,
  columns,
  sort,
  pinned,
  indexWidth,
  onSort,
  onMenu,
  onDrop,
}: {
  headers: readonly Header[]
  columns: readonly ResultColumn[]
  sort: Arrangement['sort']
  pinned: readonly string[]
  indexWidth: number
  onSort: (column: number) => void
  onMenu: (anchor: Element, column: number) => void
  onDrop: (from: string, to: string) => void
}) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th className="idx" style={{ width: indexWidth }} aria-label="Row" />
        {headers.map((header) => {
          const { id } = header.column
          const place = Number(id)
          const column = columns[place]
          const sorted = sort?.column === place ? sort : null
          const pin = pinned.includes(id)
          return (
            <th
              key={header.id}
              data-column={id}
              aria-colindex={place + 2}
              className={`${column?.kind.align === 'right' ? 'num' : ''}${pin ? ' is-pin' : ''}`}
              style={{
                width: header.getSize(),
                ...(pin ? { left: indexWidth + header.column.getStart('start') } : {}),
              }}
              scope="col"
              title={
                column &&
                `${column.name}: press to sort, drag to move; in the grid S sorts and M opens the menu`
              }
              aria-sort={sorted === null ? undefined : sorted.down ? 'descending' : 'ascending'}
              draggable={!header.column.getIsResizing()}
              onDragStart={(event) => event.dataTransfer.setData('text/column', id)}
              onDragOver={(event) => event.preventDefault()}
              onDrop={(event) => onDrop(event.dataTransfer.getData('text/column'), id)}
              onClick={() => onSort(place)}
              onContextMenu={(event) => {
                event.preventDefault()
                onMenu(event.currentTarget, place)
              }}
            >
              {pin && <span className="visually-hidden">pinned </span>}
              {column?.name}
              <span className="ty">{column && typeWord(column.kind.word)}</span>
              {sorted !== null && <Icon name={sorted.down ? 'dn' : 'up'} small />}
              <button
                type="button"
                className="sql-col-more"
                tabIndex={-1}
                aria-label={`More about ${column?.name}`}
                onClick={(event) => {
                  event.stopPropagation()
                  onMenu(event.currentTarget.closest('th') as Element, place)
                }}
              >
                <Icon name="down" small />
              </button>
              <span
                className={header.column.getIsResizing() ? 'sql-resize is-drag' : 'sql-resize'}
                aria-hidden="true"
                draggable
                onDragStart={(event) => {
                  event.preventDefault()
                  event.stopPropagation()
                }}
                onMouseDown={header.getResizeHandler()}
                onClick={(event) => event.stopPropagation()}
                onDoubleClick={() => header.column.resetSize()}
              />
            </th>
          )
        })}
      </tr>
    </thead>
  )
}
