import { useId } from 'react'
import type { Grain } from '../../../shared/dash.ts'
import { Figure, KeyMark } from '../../chart/figure.tsx'
import { areaPath, linePath, type Place, scaleOf, stretches } from '../../chart/scale.ts'
import { type Span, Steps } from '../../chart/steps.tsx'
import { useWidth } from '../../chart/use-width.ts'
import { axisDays } from './axis.ts'
import { csvOf, rowTable } from './csv.ts'
import { GRAIN_WORDS, periodWords, shortPeriod } from './dates.ts'
import { figure, type Row } from './measures.ts'

const HEIGHT = 226
const [LEFT, RIGHT, TOP, BOTTOM] = [40, 6, 6, 206]
/** Room of a label under the picture, in px. */
const LABEL = 60

export interface BandProps {
  readonly name: string
  readonly unit: string
  readonly grain: Grain
  readonly periods: readonly string[]
  readonly rows: ReadonlyMap<string, Row>
  readonly picked: string | null
  readonly onPick: (period: string) => void
  /** First days of the first and last period of a span. */
  readonly onZoom: (from: string, to: string) => void
}

/** Band from min to max, mean with one standard deviation, the mean as a line; periods without a row are hatched. */
export function BandChart(props: BandProps) {
  const { name, unit, grain, periods, rows, picked, onPick, onZoom } = props
  const { place, width } = useWidth<HTMLDivElement>()
  const x = (at: number) => LEFT + ((at + 0.5) * (width - LEFT - RIGHT)) / periods.length
  const pointAt = (left: number) =>
    Math.min(
      periods.length - 1,
      Math.max(0, Math.floor(((left - LEFT) * periods.length) / (width - LEFT - RIGHT))),
    )
  return (
    <Figure
      name={name}
      unit={unit}
      className="dash-band"
      legend={
        <>
          <KeyMark mark="mark-mean" line>
            mean
          </KeyMark>
          <KeyMark mark="mark-band-2">mean, 1 std dev</KeyMark>
          <KeyMark mark="mark-band">min to max</KeyMark>
          <KeyMark mark="mark-none">no data</KeyMark>
        </>
      }
      table={rowTable(periods, rows, grain === 'day' ? 'day' : 'other')}
      csv={csvOf}
    >
      <div ref={place} style={{ height: HEIGHT }}>
        {width > 0 && (
          <Steps
            label={`${name}: arrow keys move over ${GRAIN_WORDS[grain].many}, Enter looks into one, Shift and arrows choose a span`}
            count={periods.length}
            picked={picked === null ? null : Math.max(-1, periods.indexOf(picked))}
            wordsOf={(at) => pointWords(grain, periods[at] ?? '', rows, unit)}
            at={pointAt}
            onPick={(at) => onPick(periods[at] ?? '')}
            onBrush={({ from, to }) => onZoom(periods[from] ?? '', periods[to] ?? '')}
          >
            {({ cursor, brush }) => (
              <BandPicture {...props} width={width} x={x} cursor={cursor} brush={brush} />
            )}
          </Steps>
        )}
      </div>
    </Figure>
  )
}

/** What a point says: `Sat 9 May 2026: 48 to 171 count/min, mean 76.31, std dev 18.04, 1,312 samples`. */
function pointWords(grain: Grain, period: string, rows: ReadonlyMap<string, Row>, unit: string): string {
  const row = rows.get(period)
  if (row === undefined) return `${periodWords(grain, period)}: no data`
  return `${periodWords(grain, period)}: ${figure(row.min)} to ${figure(row.max)} ${unit}, mean ${figure(row.mean)}, std dev ${figure(row.std)}, ${row.count.toLocaleString('en-US')} samples`
}

function BandPicture({
  name,
  unit,
  grain,
  periods,
  rows,
  picked,
  width,
  x,
  cursor,
  brush,
}: BandProps & {
  width: number
  x: (at: number) => number
  cursor: number | null
  brush: Span | null
}) {
  const id = useId()
  const found = periods.map((period) => rows.get(period) ?? null)
  const y = scaleOf(
    found.flatMap((row) => (row ? [row.min, row.max] : [])),
    BOTTOM,
    TOP,
  )
  const half = (width - LEFT - RIGHT) / periods.length / 2
  const missing = stretches(periods.length, (at) => found[at] === null)
  const shown = cursor ?? (picked === null ? -1 : periods.indexOf(picked))
  const drawn = (pick: (row: Row) => readonly [number, number]) =>
    found.map((row, at) => {
      if (row === null || y === null) return null
      const [bottom, top] = pick(row).map((value) => y(value)) as [number, number]
      return Number.isFinite(bottom) && Number.isFinite(top) ? { x: x(at), top, bottom } : null
    })
  const mean = found.map((row, at): Place | null =>
    row && y && Number.isFinite(row.mean) ? [x(at), y(row.mean)] : null,
  )
  // A spread never reaches beyond what was measured.
  const spread = (row: Row): readonly [number, number] => [
    Math.max(row.min, row.mean - row.std),
    Math.min(row.max, row.mean + row.std),
  ]
  return (
    <svg
      className="ch"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={`${name}, ${unit}: ${periods.length - missing.reduce((sum, [from, to]) => sum + to - from, 0)} of ${periods.length} with data`}
    >
      <defs>
        <pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="1.3" height="5" fill="var(--line-2)" />
        </pattern>
      </defs>
      {y?.ticks.map((tick) => (
        <g key={tick}>
          <path
            d={`M${LEFT} ${Math.round(y(tick)) + 0.5}H${width - RIGHT}`}
            stroke="var(--gridline)"
            fill="none"
          />
          <text x={LEFT - 6} y={y(tick) + 4} textAnchor="end" fill="var(--axis)" fontSize="11">
            {figure(tick)}
          </text>
        </g>
      ))}
      {missing.map(([from, to]) => (
        <rect
          key={from}
          className="no-data"
          x={x(from) - half}
          y={TOP}
          width={(to - from) * 2 * half}
          height={BOTTOM - TOP}
          fill={`url(#${id})`}
        />
      ))}
      <path
        d={areaPath(
          drawn((row) => [row.min, row.max]),
          half * 1.4,
        )}
        style={{ fill: 'var(--band)' }}
      />
      <path d={areaPath(drawn(spread), half * 1.4)} style={{ fill: 'var(--band-2)' }} />
      <path
        d={linePath(mean)}
        stroke="var(--mark)"
        strokeWidth="1.5"
        strokeLinejoin="round"
        strokeLinecap="round"
        fill="none"
      />
      {brush && (
        <rect
          x={x(brush.from) - half}
          y={TOP}
          width={(brush.to - brush.from + 1) * 2 * half}
          height={BOTTOM - TOP}
          fill="var(--accent)"
          fillOpacity="0.13"
          stroke="var(--accent)"
        />
      )}
      {shown >= 0 && (
        <Mark at={x(shown)} mean={mean[shown] ?? null} width={width}>
          {markWords(grain, periods[shown] ?? '', found[shown] ?? null)}
        </Mark>
      )}
      {axisDays(grain, periods, width - LEFT - RIGHT).map(([at, word]) => {
        // Under its point; at the edges within the picture, where the point's own room is too narrow.
        const edge = half < LABEL / 2 && (at === 0 ? 'start' : at === periods.length - 1 ? 'end' : null)
        return (
          <text
            key={at}
            x={edge === 'start' ? LEFT : edge === 'end' ? width - RIGHT : x(at)}
            y={HEIGHT - 3}
            textAnchor={edge || 'middle'}
            fill="var(--axis)"
            fontSize="11"
          >
            {word}
          </text>
        )
      })}
    </svg>
  )
}

function markWords(grain: Grain, period: string, row: Row | null): string {
  const name = shortPeriod(grain, period)
  return row
    ? `${name}: ${figure(row.min)} to ${figure(row.max)}, mean ${figure(row.mean)}`
    : `${name}: no data`
}

function Mark({
  at,
  mean,
  width,
  children,
}: {
  at: number
  mean: Place | null
  width: number
  children: string
}) {
  const left = at > width / 2
  return (
    <g>
      <path
        d={`M${Math.round(at) + 0.5} ${TOP}V${BOTTOM}`}
        stroke="var(--accent)"
        strokeWidth="1.5"
        fill="none"
      />
      {mean && (
        <circle cx={mean[0]} cy={mean[1]} r="3.5" fill="var(--work)" stroke="var(--accent)" strokeWidth="2" />
      )}
      <text
        x={at + (left ? -7 : 7)}
        y={TOP + 9}
        textAnchor={left ? 'end' : 'start'}
        className="b halo"
        fontSize="11"
        fontWeight="500"
        fill="var(--text)"
        stroke="var(--work)"
        strokeWidth="3"
        paintOrder="stroke"
      >
        {children}
      </text>
    </g>
  )
}
