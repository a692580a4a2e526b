import { useState } from 'react'
import type { DashLake, DashTypes } from '../../../shared/dash.ts'
import { linePath, type Place, scaleOf } from '../../chart/scale.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Icon } from '../../ui/icon.tsx'
import type { Read } from '../../ui/read.ts'
import { href } from '../../ui/route.ts'
import { type Asked, addressOf } from './address.ts'
import { useSeries } from './data.ts'
import { later, mondayOf, plusDays } from './dates.ts'
import { figureOf, type Row, unitOf, usualMeasure } from './measures.ts'

const [WIDTH, HEIGHT] = [36, 14]
const [whole, tenth] = [0, 1].map(
  (digits) => new Intl.NumberFormat('en-US', { maximumFractionDigits: digits }),
) as [Intl.NumberFormat, Intl.NumberFormat]
/** Weeks drawn beside a type's name. */
const WEEKS = 12

function Spark({ values }: { values: readonly (number | null)[] }) {
  const y = scaleOf(
    values.map((value) => value ?? Number.NaN),
    HEIGHT - 2,
    2,
  )
  if (y === null) return <span />
  const x = (at: number) => 1 + (at * (WIDTH - 4)) / Math.max(1, values.length - 1)
  const least = Math.min(...values.filter((value) => value !== null))
  const most = Math.max(...values.filter((value) => value !== null))
  const flat = (value: number) =>
    most === least ? HEIGHT / 2 : HEIGHT - 2 - ((value - least) / (most - least)) * (HEIGHT - 4)
  const places = values.map((value, at): Place | null => (value === null ? null : [x(at), flat(value)]))
  const end = places.findLast((place) => place !== null)
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path d={linePath(places)} stroke="var(--c1)" strokeWidth="1.25" strokeLinecap="round" fill="none" />
      {end && <circle cx={end[0]} cy={end[1]} r="1.75" fill="var(--c1)" />}
    </svg>
  )
}

/** The types of a user with their last twelve weeks and the newest week's figure, narrowed by the filter. */
export function TypeList({
  lake,
  asked,
  user,
  type,
  types,
}: {
  lake: DashLake | undefined
  asked: Asked
  user: string
  type: string | null
  types: Read<DashTypes>
}) {
  const [filter, setFilter] = useState('')
  const all = types.data?.types ?? []
  const newest = all.reduce((last, one) => later(last, one.to), '')
  const until = newest === '' ? null : mondayOf(plusDays(`${newest}-28`, 3))
  const series = useSeries(
    'side',
    lake,
    until === null
      ? null
      : {
          grain: 'week',
          user,
          types: all.map((one) => one.type),
          from: plusDays(until, -7 * (WEEKS + 3)),
          to: until,
        },
  )
  const byType = Map.groupBy(series.data?.rows ?? [], (row) => row.type)
  const wanted = filter.trim().toLowerCase()
  const shown = all.filter((one) => one.type.toLowerCase().includes(wanted))
  return (
    <>
      <div className="dash-filter">
        <label className="input s">
          <Icon name="search" small />
          <span className="visually-hidden">Filter types</span>
          <input
            value={filter}
            placeholder={`Filter ${all.length} types`}
            spellCheck={false}
            onChange={(event) => setFilter(event.target.value)}
          />
        </label>
      </div>
      <nav className="tree scroll dash-types" aria-label={`Types of ${user}`}>
        {!types.data && <Awaiting of={types} what="Reading the types" again="Read the types" plain />}
        {shown.map((one) => (
          <TypeRow
            key={one.type}
            type={one.type}
            rows={byType.get(one.type) ?? []}
            current={one.type === type}
            link={href(['dash'], addressOf({ ...asked, user, type: one.type, at: null, measure: null }))}
          />
        ))}
        {types !== undefined && shown.length === 0 && (
          <p className="sect t2 dense">
            {all.length === 0 ? `${user} has no statistics yet` : `No type has ${filter} in its name`}
          </p>
        )}
      </nav>
    </>
  )
}

function TypeRow({
  type,
  rows,
  current,
  link,
}: {
  type: string
  rows: readonly Row[]
  current: boolean
  link: string
}) {
  const measure = usualMeasure(type)
  const values: (number | null)[] = []
  const newest = rows.at(-1)
  if (newest) {
    const found = new Map(rows.map((row) => [row.period, row]))
    for (let back = WEEKS - 1; back >= 0; back--) {
      const row = found.get(plusDays(newest.period, -7 * back))
      if (row || values.length > 0) values.push(row ? figureOf(row, measure) : null)
    }
  }
  const value = newest ? figureOf(newest, measure) : null
  const unit = unitOf(type)
  return (
    <a
      className="tree-row dash-type"
      href={link}
      aria-current={current ? 'page' : undefined}
      title={value === null ? type : `${type}: ${measure} of the newest week, ${value} ${unit}`}
    >
      <span className="cut">{type}</span>
      <Spark values={values} />
      <span className="dash-value">
        {value === null ? '' : (Math.abs(value) >= 100 ? whole : tenth).format(value)}{' '}
        <span className="t3">
          {value === null ? '' : unit.replace('count/min', '/min').replace(/^count$/, '')}
        </span>
      </span>
    </a>
  )
}
