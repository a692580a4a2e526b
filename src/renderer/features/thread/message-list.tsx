import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import type { MessageRow } from '../../../shared/trace.ts'
import { bytes } from '../../ui/format.ts'
import { Null } from '../../ui/null.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { Time } from '../../ui/time.tsx'
import { useView } from '../../ui/view.ts'

export const placeOf = ({ partition, offset }: Pick<MessageRow, 'partition' | 'offset'>): string =>
  `${partition}:${offset}`

/** Rows from the end at which the next ones are asked for. */
const NEAR_END = 20

/** Messages as a grid with one tab stop: arrows, Home, End, Page keys. Only the rows in sight exist as elements. */
export function MessageList({
  rows,
  selected,
  keyed,
  onSelect,
  onEnd,
}: {
  rows: readonly MessageRow[]
  selected: string | null
  /** Whether the topic's messages have keys. */
  keyed: boolean
  onSelect: (place: string) => void
  /** The end of the list is near: more may be read. */
  onEnd: () => void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const { density } = useView()
  const height = density === 'comfortable' ? 34 : 26
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    scrollPaddingStart: height,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew when their height changes
  useEffect(() => virtual.measure(), [height, virtual])
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? -1
  useEffect(() => {
    if (last >= 0 && last >= rows.length - NEAR_END) onEnd()
  }, [last, rows.length, onEnd])
  const at = rows.findIndex((row) => placeOf(row) === selected)
  const onKey = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / height) - 2)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: rows.length - 1,
    }
    const target = steps[event.key]
    if (target === undefined || rows.length === 0) return
    event.preventDefault()
    const next = Math.max(0, Math.min(rows.length - 1, target))
    virtual.scrollToIndex(next)
    onSelect(placeOf(rows[next] as MessageRow))
  }
  const before = items[0]?.start ?? 0
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  const columns = keyed ? 6 : 5
  return (
    <div className="scroll message-grid" ref={scroller}>
      <table
        className="grid"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a list of messages is a table one can move in
        role="grid"
        aria-label="Messages"
        aria-rowcount={rows.length + 1}
        aria-colcount={columns}
        aria-activedescendant={at < 0 ? undefined : `message-${at}`}
        tabIndex={0}
        onKeyDown={onKey}
      >
        <colgroup>
          <col style={{ width: 150 }} />
          <col style={{ width: 74 }} />
          <col style={{ width: 96 }} />
          <col style={{ width: 84 }} />
          {keyed && <col style={{ width: 130 }} />}
          <col />
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">Produced</th>
            <th scope="col" className="num">
              Partition
            </th>
            <th scope="col" className="num">
              Offset
            </th>
            <th scope="col" className="num">
              Size
            </th>
            {keyed && <th scope="col">Key</th>}
            <th scope="col">Payload</th>
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Spacer height={before} />}
          {items.map(({ index }) => {
            const row = rows[index]
            if (row === undefined) return null
            return (
              <tr
                key={placeOf(row)}
                id={`message-${index}`}
                aria-rowindex={index + 2}
                aria-selected={index === at}
                onClick={() => onSelect(placeOf(row))}
              >
                <td>
                  <Time at={row.at} as="iso" />
                </td>
                <td className="num mono">{row.partition}</td>
                <td className="num mono">{row.offset}</td>
                <td className="num">{row.bytes === null ? <Null /> : bytes(row.bytes)}</td>
                {keyed && (
                  <td className="mono">{row.key === null ? <Null /> : <PlainText>{row.key}</PlainText>}</td>
                )}
                <td className="mono t2">
                  {row.bytes === null ? 'tombstone' : <PlainText>{row.preview}</PlainText>}
                </td>
              </tr>
            )
          })}
          {after > 0 && <Spacer height={after} />}
        </tbody>
      </table>
    </div>
  )
}

function Spacer({ height }: { height: number }) {
  // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it is room, not a row to read
  return <tr role="presentation" style={{ height }} />
}
