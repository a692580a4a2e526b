import { Figure } from '../../chart/figure.tsx'
import { Steps } from '../../chart/steps.tsx'
import { useWidth } from '../../chart/use-width.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import type { Read } from '../../ui/read.ts'
import { Select } from '../../ui/select.tsx'
import { csvOf, rowTable } from './csv.ts'
import { dateText, dayNumber, mondayOf, periodsBetween, periodWords, weekday } from './dates.ts'
import { figure, figureOf, MEASURES, type Measure, type Row } from './measures.ts'

const [LEFT, TOP, CELL, GAP] = [30, 16, 13, 1]
const HEIGHT = TOP + 7 * CELL + 2
const WIDEST = 26
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Step 1 to 7 of the sequence of colours, in equal parts of what the year spans. */
function shadeOf(value: number, [least, most]: readonly [number, number]): number {
  if (most <= least) return 4
  return 1 + Math.min(6, Math.max(0, Math.floor(((value - least) / (most - least)) * 7)))
}

/** Weeks across, Monday to Sunday down; days without a row are empty boxes, days outside are left out. */
export function YearMap({
  days,
  known,
  rows,
  read,
  measure,
  unit,
  picked,
  onPick,
  onMeasure,
}: {
  /** First and last day of the map. */
  days: readonly [string, string]
  /** First and last day that could have data: what lies outside is no gap. */
  known: readonly [string, string]
  rows: ReadonlyMap<string, Row>
  read: Read<unknown>
  measure: Measure
  unit: string
  picked: string | null
  onPick: (day: string) => void
  onMeasure: (measure: Measure) => void
}) {
  const { place, width } = useWidth<HTMLDivElement>()
  const [from, to] = days
  const monday = mondayOf(from)
  const start = dayNumber(monday)
  const weeks = Math.floor((dayNumber(to) - start) / 7) + 1
  const across = Math.max(2, Math.min(WIDEST, (width - LEFT) / weeks))
  const dates = periodsBetween('day', from, to)
  const values = dates.flatMap((day) => {
    const row = rows.get(day)
    const value = row && figureOf(row, measure)
    return typeof value === 'number' ? [value] : []
  })
  const span = [Math.min(...values), Math.max(...values)] as const
  const offset = dayNumber(from) - start
  const cellOf = (day: string) => {
    const at = dayNumber(day) - start
    return { x: LEFT + Math.floor(at / 7) * across, y: TOP + weekday(day) * CELL }
  }
  const dayAt = (x: number, y: number): number | null => {
    const column = Math.floor((x - LEFT) / across)
    const row = Math.floor((y - TOP) / CELL)
    if (column < 0 || column >= weeks || row < 0 || row > 6) return null
    const at = column * 7 + row - offset
    return at >= 0 && at < dates.length ? at : null
  }
  const word = MEASURES.find(({ value }) => value === measure)?.word ?? ''
  const words = (day: string): string => {
    const row = rows.get(day)
    if (row === undefined) return `${periodWords('day', day)}: no data`
    return `${periodWords('day', day)}: ${word.toLowerCase()} ${figure(row[measure])} ${unit}`
  }
  const name = `Daily ${word.toLowerCase()}, ${dates.length > 360 ? 'one year' : `${dates.length} days`}`
  return (
    <Figure
      name={name}
      unit={unit}
      className="dash-year"
      legend={
        values.length > 0 && (
          <span className="key num">
            {figure(span[0])}
            <span className="dash-shades" aria-hidden="true">
              {[1, 2, 3, 4, 5, 6, 7].map((shade) => (
                <i key={shade} className={`dash-shade-${shade}`} />
              ))}
            </span>
            {figure(span[1])}
          </span>
        )
      }
      controls={
        <Select small label="Shaded by" width={86} value={measure} choices={MEASURES} onChange={onMeasure} />
      }
      table={rowTable(dates, rows, 'day')}
      csv={csvOf}
    >
      <div ref={place} style={{ height: HEIGHT }}>
        {read.data === undefined ? (
          // Its fault is told above the charts.
          !read.error && (
            <Awaiting
              of={read}
              what="Reading the year"
              again="Read the year"
              shape={<span className="skel dash-skel" />}
            />
          )
        ) : width > 0 ? (
          <Steps
            label={`${name}: left and right move by a week, up and down by a day, Enter looks into one`}
            count={dates.length}
            picked={picked === null ? null : dates.indexOf(picked)}
            wordsOf={(at) => words(dates[at] ?? '')}
            at={dayAt}
            columnStep={7}
            onPick={(at) => onPick(dates[at] ?? '')}
          >
            {({ cursor }) => (
              <svg
                className="ch"
                width={width}
                height={HEIGHT}
                viewBox={`0 0 ${width} ${HEIGHT}`}
                role="img"
                aria-label={`${name}, ${unit}: ${values.length} of ${dates.length} days with data`}
              >
                {['Mon', 'Wed', 'Fri', 'Sun'].map((day, i) => (
                  <text
                    key={day}
                    x={LEFT - 6}
                    y={TOP + i * 2 * CELL + 10}
                    textAnchor="end"
                    fill="var(--axis)"
                    fontSize="11"
                  >
                    {day}
                  </text>
                ))}
                {monthLabels(monday, weeks, from).map(([column, month]) => (
                  <text key={column} x={LEFT + column * across} y={10} fill="var(--axis)" fontSize="11">
                    {month}
                  </text>
                ))}
                {dates.map((day) => (
                  <DayCell
                    key={day}
                    {...cellOf(day)}
                    width={across - GAP}
                    row={rows.get(day)}
                    measure={measure}
                    span={span}
                    inside={day >= known[0] && day <= known[1]}
                  />
                ))}
                {cursor !== null && <Outline {...cellOf(dates[cursor] ?? from)} width={across} thin />}
                {picked !== null && picked >= from && picked <= to && (
                  <Outline {...cellOf(picked)} width={across} />
                )}
              </svg>
            )}
          </Steps>
        ) : null}
      </div>
    </Figure>
  )
}

function DayCell({
  x,
  y,
  width,
  row,
  measure,
  span,
  inside,
}: {
  x: number
  y: number
  width: number
  row: Row | undefined
  measure: Measure
  span: readonly [number, number]
  inside: boolean
}) {
  const value = row ? figureOf(row, measure) : null
  if (value === null) {
    if (!inside) return null
    return (
      <rect
        className="no-data"
        x={x + 0.5}
        y={y + 0.5}
        width={Math.max(1, width - 1)}
        height={CELL - GAP - 1}
        fill="none"
        stroke="var(--line-2)"
        strokeWidth="0.75"
      />
    )
  }
  return (
    <rect
      x={x}
      y={y}
      width={width}
      height={CELL - GAP}
      style={{ fill: `var(--seq-${shadeOf(value, span)})` }}
    />
  )
}

/** An outline of text colour with a gap of the ground inside shows on both ends of the ramp. */
function Outline({ x, y, width, thin = false }: { x: number; y: number; width: number; thin?: boolean }) {
  return (
    <g fill="none">
      <rect
        x={x - 1}
        y={y - 1}
        width={width + 1}
        height={CELL + 1}
        stroke="var(--text)"
        strokeWidth={thin ? 1 : 2}
      />
      {!thin && (
        <rect
          x={x + 0.5}
          y={y + 0.5}
          width={Math.max(1, width - 2)}
          height={CELL - 2}
          stroke="var(--work)"
          strokeWidth="1.25"
        />
      )}
    </g>
  )
}

/** The column of the first whole week of each month, with its name. */
function monthLabels(monday: string, weeks: number, from: string): (readonly [number, string])[] {
  const found: [number, string][] = []
  const start = dayNumber(monday)
  let before = ''
  for (let column = 0; column < weeks; column++) {
    const month = dateText(start + column * 7 + 6).slice(0, 7)
    if (month === before) continue
    const name = MONTHS[Number(month.slice(5)) - 1] ?? ''
    const last = found.at(-1)
    // A month of one column at the start would stand on the next one's name.
    if (last && column - last[0] < 3) found.pop()
    if (`${month}-31` >= from) found.push([column, name])
    before = month
  }
  return found
}
