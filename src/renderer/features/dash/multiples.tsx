import { useId } from 'react'
import type { Grain } from '../../../shared/dash.ts'
import { Figure } from '../../chart/figure.tsx'
import { linePath, lonePlaces, type Place, scaleOf, stretches } from '../../chart/scale.ts'
import { Steps } from '../../chart/steps.tsx'
import { useWidth } from '../../chart/use-width.ts'
import { Loading } from '../../ui/loading.tsx'
import type { Read } from '../../ui/read.ts'
import { tickWords } from './axis.ts'
import { csvOf, rowTable } from './csv.ts'
import { periodWords } from './dates.ts'
import { figure, figureOf, MEASURES, pool, type Row, unitOf, usualMeasure } from './measures.ts'

const HEIGHT = 72
const [LEFT, BOTTOM, TOP] = [34, HEIGHT - 6, 6]

/** One type over the same days as the chart above. */
export function Multiple({
  type,
  grain,
  periods,
  rows,
  picked,
  read,
  link,
}: {
  type: string
  grain: Grain
  periods: readonly string[]
  rows: ReadonlyMap<string, Row>
  picked: string | null
  read: Read<unknown>
  /** The address of this type's own dashboard. */
  link: string
}) {
  const { place, width } = useWidth<HTMLDivElement>()
  const hatch = useId()
  const measure = usualMeasure(type)
  const unit = unitOf(type)
  const word = (MEASURES.find(({ value }) => value === measure)?.word ?? '').toLowerCase()
  const unread = read.data === undefined
  const values = periods.map((period) => {
    const row = rows.get(period)
    return row ? figureOf(row, measure) : null
  })
  const y = scaleOf(
    values.map((value) => value ?? Number.NaN),
    BOTTOM,
    TOP,
    { ticks: 3 },
  )
  const each = Math.max(0.1, (width - LEFT - 4) / periods.length)
  const x = (at: number) => LEFT + (at + 0.5) * each
  const places = values.map((value, i): Place | null => (value === null || !y ? null : [x(i), y(value)]))
  const all = pool(periods.flatMap((period) => rows.get(period) ?? []))
  const told =
    all === null
      ? unread
        ? ''
        : 'no data'
      : `mean ${figure(measure === 'sum' ? all.sum / all.periods : all.mean)} ${unit}`
  const words = (at: number) =>
    `${periodWords(grain, periods[at] ?? '')}: ${values[at] === null || values[at] === undefined ? 'no data' : `${word} ${figure(values[at])} ${unit}`}`
  const at = picked === null ? -1 : periods.indexOf(picked)
  return (
    <Figure
      name={type}
      link={link}
      className="dash-multiple"
      table={rowTable(periods, rows, grain === 'day' ? 'day' : 'other')}
      csv={csvOf}
    >
      <p className="dash-told">
        <span className="cut" title={measure === 'sum' ? `Mean of the ${grain}s' sums` : undefined}>
          {told}
          {measure === 'sum' && all !== null ? ` a ${grain}` : ''}
        </span>
      </p>
      <div ref={place} style={{ height: HEIGHT }} aria-busy={unread && read.isFetching}>
        {unread ? (
          <Unread read={read} />
        ) : (
          width > 0 && (
            <Steps
              label={`${type}: arrow keys move over the points`}
              count={periods.length}
              picked={at < 0 ? null : at}
              wordsOf={words}
              at={(left) => Math.min(periods.length - 1, Math.max(0, Math.floor((left - LEFT) / each)))}
              onPick={() => {}}
            >
              {({ cursor }) => (
                <svg
                  className="ch"
                  width={width}
                  height={HEIGHT}
                  viewBox={`0 0 ${width} ${HEIGHT}`}
                  role="img"
                  aria-label={`${type}, ${word} by ${grain}, ${unit}`}
                >
                  {y?.ticks.map((tick) => (
                    <g key={tick}>
                      <path
                        d={`M${LEFT} ${Math.round(y(tick)) + 0.5}H${width - 4}`}
                        stroke="var(--gridline)"
                        fill="none"
                      />
                      <text x={LEFT - 5} y={y(tick) + 4} textAnchor="end" fill="var(--axis)" fontSize="11">
                        {tickWords(y.ticks)(tick)}
                      </text>
                    </g>
                  ))}
                  <defs>
                    <pattern
                      id={hatch}
                      width="4"
                      height="4"
                      patternUnits="userSpaceOnUse"
                      patternTransform="rotate(45)"
                    >
                      <rect width="1.2" height="4" fill="var(--line-2)" />
                    </pattern>
                  </defs>
                  {stretches(periods.length, (i) => values[i] === null).map(([from, to]) => (
                    <rect
                      key={from}
                      className="no-data"
                      x={LEFT + from * each}
                      y={TOP - 4}
                      width={(to - from) * each}
                      height={BOTTOM - TOP + 4}
                      fill={`url(#${hatch})`}
                    />
                  ))}
                  {(cursor ?? at) >= 0 && (
                    <path d={`M${x(cursor ?? at)} ${TOP - 4}V${BOTTOM}`} stroke="var(--accent)" fill="none" />
                  )}
                  <path
                    d={linePath(places)}
                    stroke="var(--c1)"
                    strokeWidth="1.25"
                    strokeLinecap="round"
                    fill="none"
                  />
                  {lonePlaces(places).map(([left, top]) => (
                    <circle key={left} cx={left} cy={top} r="1.75" fill="var(--c1)" />
                  ))}
                  {cursor !== null && (
                    <text
                      x={cursor > periods.length / 2 ? x(cursor) - 5 : x(cursor) + 5}
                      y={TOP + 5}
                      textAnchor={cursor > periods.length / 2 ? 'end' : 'start'}
                      className="b halo"
                      fontSize="11"
                      fill="var(--text)"
                      stroke="var(--work)"
                      strokeWidth="3"
                      paintOrder="stroke"
                    >
                      {figure(values[cursor] ?? null) || 'no data'}
                    </text>
                  )}
                </svg>
              )}
            </Steps>
          )
        )}
      </div>
    </Figure>
  )
}

/** The wait of one type; what else became of the reading is told once for the row. */
function Unread({ read }: { read: Read<unknown> }) {
  if (!read.isFetching) return null
  return <Loading what="Reading" onCancel={read.cancel} shape={<span className="skel dash-skel" />} />
}
