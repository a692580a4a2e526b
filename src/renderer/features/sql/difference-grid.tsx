import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { Icon } from '../../ui/icon.tsx'
import { Null } from '../../ui/null.tsx'
import { useView } from '../../ui/view.ts'
import { type DiffColumn, type DiffLine, type DiffSource, isChanged, lineCell } from './diff-rows.ts'

const HALVES: Readonly<Record<DiffLine['half'], string>> = {
  was: 'changed, was',
  now: 'now',
  added: 'added',
  removed: 'removed',
  same: 'the same',
}

/** Differences only: what was over what is now, changed cells bold, the same ones dim. Arrows go from line to line. */
export function DifferenceGrid({
  source,
  columns,
  lines,
  selected,
  onSelect,
}: {
  source: DiffSource
  columns: readonly DiffColumn[]
  lines: readonly DiffLine[]
  /** Place in `lines`. */
  selected: number
  onSelect: (at: number) => void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const { density } = useView()
  const rowHeight = density === 'comfortable' ? 34 : 26
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: rowHeight,
  })
  const items = virtual.getVirtualItems()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the selection is brought into sight when it moves
  useEffect(() => virtual.scrollToIndex(selected), [selected])
  const onKey = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2)
    const to = {
      ArrowDown: selected + 1,
      ArrowUp: selected - 1,
      PageDown: selected + page,
      PageUp: selected - page,
      Home: 0,
      End: lines.length - 1,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    onSelect(Math.max(0, Math.min(lines.length - 1, to)))
  }
  const chosen = lines[selected]?.row
  const before = items[0]?.start ?? 0
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    <div className="scroll sql-grid" ref={scroller}>
      <table
        className="grid sql-diff"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a data grid is a table one can move in
        role="grid"
        aria-label="Differences"
        aria-rowcount={lines.length + 1}
        aria-colcount={columns.length + 1}
        aria-activedescendant={`difference-${selected}`}
        tabIndex={0}
        onKeyDown={onKey}
        style={{ width: Math.max(600, 130 + columns.length * 130) }}
      >
        <thead>
          <tr aria-rowindex={1}>
            <th style={{ width: 130 }} scope="col">
              Difference
            </th>
            {columns.map((column) => (
              <th key={column.before} className={column.right ? 'num' : ''} scope="col">
                {column.name}
                <span className="ty">{column.word}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Room height={before} />}
          {items.map(({ index }) => {
            const line = lines[index] as DiffLine
            const was = line.half === 'was' || line.half === 'removed'
            return (
              <tr
                key={index}
                id={`difference-${index}`}
                aria-rowindex={index + 2}
                aria-selected={line.row === chosen}
                data-active={index === selected}
                className={`${line.half}${was ? ' was' : ''}${line.half === 'was' ? '' : ' ends'}`}
                onClick={() => onSelect(index)}
              >
                <td>
                  {line.half === 'added' && <Icon name="plus" small />}
                  {line.half === 'removed' && <Icon name="minus" small />}
                  {HALVES[line.half]}
                </td>
                {columns.map((column) => (
                  <DiffCell key={column.before} source={source} line={line} column={column} />
                ))}
              </tr>
            )
          })}
          {after > 0 && <Room height={after} />}
        </tbody>
      </table>
    </div>
  )
}

function DiffCell({ source, line, column }: { source: DiffSource; line: DiffLine; column: DiffColumn }) {
  const text = lineCell(source, line, column)
  const half = line.half === 'was' || line.half === 'now'
  const changed = half && isChanged(source, line.row, column)
  const name = [column.right ? 'num' : '', changed ? 'is-changed' : half && !column.key ? 'is-same' : '']
    .filter(Boolean)
    .join(' ')
  if (line.half === 'now' && column.key) return <td className={name} />
  return <td className={name}>{text === null ? <Null /> : text}</td>
}

function Room({ height }: { height: number }) {
  // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it is room, not a row to read
  return <tr role="presentation" style={{ height }} />
}
