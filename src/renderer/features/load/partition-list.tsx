import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { LoadPartition } from '../../../shared/model.ts'
import { NoMatch } from '../../ui/empty.tsx'
import { TextField } from '../../ui/field.tsx'
import { count, duration } from '../../ui/format.ts'
import { Select } from '../../ui/select.tsx'
import { useView } from '../../ui/view.ts'
import { orderPartitions, type PartitionOrder, partitionFilter } from './partition-filter.ts'

/** ms for which rows keep their places while their numbers change. */
const ORDER_MS = 5_000

/** The order as last made, renewed every few seconds, so that rows do not run away from the eye. */
function useOrdered(partitions: readonly LoadPartition[], order: PartitionOrder): LoadPartition[] {
  const places = useRef<{ at: number; order: PartitionOrder; numbers: number[] }>({
    at: 0,
    order,
    numbers: [],
  })
  return useMemo(() => {
    const held = places.current
    const now = Date.now()
    if (held.order !== order || held.numbers.length !== partitions.length || now - held.at > ORDER_MS) {
      places.current = {
        at: now,
        order,
        numbers: orderPartitions(partitions, order).map((one) => one.partition),
      }
    }
    const byNumber = new Map(partitions.map((one) => [one.partition, one]))
    return places.current.numbers.flatMap((number) => byNumber.get(number) ?? [])
  }, [partitions, order])
}

/** All partitions, the one with the most lag first; only the rows in view exist, so that a thousand cost little. */
export function PartitionList({ partitions }: { partitions: readonly LoadPartition[] }) {
  const [text, setText] = useState('')
  const [order, setOrder] = useState<PartitionOrder>('lag')
  const { density } = useView()
  const passes = partitionFilter(text)
  const rows = useOrdered(partitions, order).filter((one) => passes?.(one) ?? false)
  const scroll = useRef<HTMLDivElement>(null)
  const height = density === 'comfortable' ? 34 : 26
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    overscan: 8,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew in another density
  useEffect(() => virtual.measure(), [height])
  const most = Math.max(1, ...partitions.map((one) => one.lagMs ?? Number(one.lag ?? 0)))
  return (
    <>
      <div className="head parts-head">
        <h3>
          Partitions <span className="t3">{partitions.length > 0 ? count(partitions.length) : ''}</span>
        </h3>
        <Select
          label="Order of the partitions"
          small
          width={118}
          value={order}
          choices={[
            { value: 'lag', word: 'Most lag' },
            { value: 'rejected', word: 'Most rejected' },
            { value: 'number', word: 'Number' },
          ]}
          onChange={setOrder}
        />
      </div>
      <div className="parts-filter">
        <TextField
          label="Filter partitions"
          hideLabel
          small
          icon="filter"
          value={text}
          placeholder="4, 3-7, lag > 5 s"
          bad={passes === null ? 'Write 4, 3-7, lag > 5 s or rejected > 0' : null}
          onChange={setText}
        />
      </div>
      {rows.length === 0 && partitions.length > 0 ? (
        <NoMatch onClear={() => setText('')}>
          None of {count(partitions.length)} partitions matches {text}.
        </NoMatch>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard
        <section className="scroll" ref={scroll} tabIndex={0} aria-label="Partitions by lag">
          <ul style={{ height: virtual.getTotalSize(), position: 'relative' }}>
            {virtual.getVirtualItems().map((item) => {
              const one = rows[item.index]
              return (
                one && (
                  <li
                    key={one.partition}
                    className="part"
                    aria-setsize={rows.length}
                    aria-posinset={item.index + 1}
                    title={`Committed up to ${one.committed ?? 'nothing'}, read up to ${one.position ?? 'nothing'}, newest ${one.high ?? 'unknown'}; ${count(one.rejected)} rejected`}
                    style={{ position: 'absolute', top: item.start, height }}
                  >
                    <Row one={one} most={most} order={order} />
                  </li>
                )
              )
            })}
          </ul>
        </section>
      )}
    </>
  )
}

function Row({ one, most, order }: { one: LoadPartition; most: number; order: PartitionOrder }) {
  const value = one.lagMs ?? Number(one.lag ?? 0)
  return (
    <>
      <span className="mono micro t2">{one.partition}</span>
      <span className="lagbar">
        <i style={{ width: `${value === 0 ? 0 : Math.max(2, (value / most) * 100)}%` }} />
      </span>
      <span className="num">
        {order === 'rejected'
          ? `${count(one.rejected)} rej.`
          : one.lag === null
            ? 'unknown'
            : `${count(one.lag)} msg`}
      </span>
      <span className="num t2">
        {one.lagMs === null || one.lagMs === undefined ? '' : duration(one.lagMs)}
      </span>
    </>
  )
}
