import { useState } from 'react'
import type { DashLake } from '../../../shared/dash.ts'
import { useWidth } from '../../chart/use-width.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { IconButton } from '../../ui/button.tsx'
import { bytes, counted } from '../../ui/format.ts'
import { href } from '../../ui/route.ts'
import { type Asked, addressOf, type Spot } from './address.ts'
import { byPeriod, useSeries } from './data.ts'
import { periodOf, periodsBetween } from './dates.ts'
import { Multiple } from './multiples.tsx'
import { type Days, grainOfMultiples } from './range.ts'

const LEAST_WIDTH = 196

/** The user's other types over the same days, as many side by side as fit; the rest is a page away. */
export function MultipleRow({
  lake,
  asked,
  user,
  type,
  types,
  shown,
  picked,
}: {
  lake: DashLake
  asked: Asked
  user: string
  type: string
  types: readonly string[]
  shown: Days
  picked: Spot | null
}) {
  const { place, width } = useWidth<HTMLElement>()
  const [first, setFirst] = useState(0)
  const others = types.filter((one) => one !== type)
  const fit = Math.max(1, Math.min(6, Math.floor(width / LEAST_WIDTH)))
  const from = Math.min(first, Math.max(0, others.length - 1))
  const wanted = width === 0 ? [] : others.slice(from, from + fit)
  const grain = grainOfMultiples(asked.grain, shown)
  const periods = periodsBetween(grain, shown.from, shown.to)
  const series = useSeries(
    'side',
    lake,
    wanted.length === 0
      ? null
      : { grain, user, types: wanted, from: periods[0] ?? shown.from, to: periods.at(-1) ?? shown.to },
  )
  const byType = Map.groupBy(series.data?.rows ?? [], (row) => row.type)
  if (others.length === 0) return null
  const at = picked && picked.grain === 'day' ? periodOf(grain, picked.period) : (picked?.period ?? null)
  return (
    <section className="dash-multiples" ref={place} aria-label="Other types over the same days">
      <div className="row dash-multiples-head">
        <h3>Other types, same days{grain === asked.grain ? '' : `, by ${grain}`}</h3>
        <span className="t3 micro">
          {from + 1} to {Math.min(others.length, from + fit)} of {others.length}
          {series.data
            ? `, ${counted(series.data.cost.files, 'file')}, ${bytes(series.data.cost.bytes)}`
            : ''}
        </span>
        <span className="grow" />
        <IconButton
          icon="back"
          label="Types before"
          aria-disabled={from === 0}
          onClick={() => setFirst(Math.max(0, from - fit))}
        />
        <IconButton
          icon="next"
          label="Types after"
          aria-disabled={from + fit >= others.length}
          onClick={() => from + fit < others.length && setFirst(from + fit)}
        />
      </div>
      {(series.error || series.cancelled) && (
        <Awaiting of={series} what="Reading these types" again="Read these types again" plain />
      )}
      <div className="dash-mult" style={{ gridTemplateColumns: `repeat(${fit}, minmax(0, 1fr))` }}>
        {wanted.map((one) => (
          <Multiple
            key={one}
            type={one}
            grain={grain}
            periods={periods}
            rows={byPeriod(byType.get(one))}
            picked={at}
            read={series}
            link={href(['dash'], addressOf({ ...asked, user, type: one, measure: null }))}
          />
        ))}
      </div>
    </section>
  )
}
