import type { Grain } from '../../../shared/dash.ts'
import { Figure, KeyMark } from '../../chart/figure.tsx'
import { linePath, lonePlaces, type Place, scaleOf } from '../../chart/scale.ts'
import { Steps } from '../../chart/steps.tsx'
import { useWidth } from '../../chart/use-width.ts'
import { Button } from '../../ui/button.tsx'
import { bytes, counted } from '../../ui/format.ts'
import { csvOf } from './csv.ts'
import { periodWords } from './dates.ts'
import { figure, figureOf, type Measure, type Pooled, pool, type Row } from './measures.ts'
import type { Cost } from './read.ts'

/** One side of a comparison: its periods in order, rows where there are some. */
export interface Side {
  readonly word: string
  readonly periods: readonly string[]
  readonly rows: ReadonlyMap<string, Row>
}

const LINES: readonly { readonly key: keyof Pooled; readonly word: string }[] = [
  { key: 'mean', word: 'Mean' },
  { key: 'std', word: 'Std dev' },
  { key: 'min', word: 'Min' },
  { key: 'max', word: 'Max' },
  { key: 'count', word: 'Samples' },
  { key: 'periods', word: 'With data' },
]

/** Two lines over the same places, and what all their samples together come to. */
export function CompareChart({
  name,
  unit,
  grain,
  measure,
  now,
  then,
  loading,
  ask,
  height,
}: {
  name: string
  unit: string
  grain: Grain
  measure: Measure
  now: Side
  then: Side
  loading: boolean
  /** What reading the other side takes, where that waits to be asked for. */
  ask: { readonly cost: Cost; readonly read: () => void } | null
  /** Of the lines, in px. */
  height: number
}) {
  const { place, width } = useWidth<HTMLDivElement>()
  const length = Math.max(now.periods.length, then.periods.length)
  const valuesOf = (side: Side) =>
    side.periods.map((period) => {
      const row = side.rows.get(period)
      return row ? figureOf(row, measure) : null
    })
  const [a, b] = [valuesOf(now), valuesOf(then)]
  const y = scaleOf(
    [...a, ...b].map((value) => value ?? Number.NaN),
    height - 8,
    5,
  )
  const x = (at: number) => 3 + (at + 0.5) * ((width - 6) / Math.max(1, length))
  const placesOf = (values: readonly (number | null)[]) =>
    values.map((value, at): Place | null => (value === null || !y ? null : [x(at), y(value)]))
  const [places, otherPlaces] = [placesOf(a), placesOf(b)]
  const sums = [pool([...rowsOf(now)]), pool([...rowsOf(then)])] as const
  const words = (at: number) =>
    [[now, a] as const, [then, b] as const]
      .map(([side, values]) => {
        const period = side.periods[at]
        const value = values[at] ?? null
        return period === undefined
          ? `${side.word}: outside`
          : `${side.word}, ${periodWords(grain, period)}: ${value === null ? (loading && side === then ? 'not read yet' : 'no data') : `${figure(value)} ${unit}`}`
      })
      .join('; ')
  return (
    <Figure
      name={name}
      className="dash-compare"
      unit={unit}
      table={{
        columns: [
          { name: 'place', numeric: true },
          { name: `period, ${now.word}`, numeric: false },
          { name: `${measure}, ${now.word}`, numeric: true },
          { name: `period, ${then.word}`, numeric: false },
          { name: `${measure}, ${then.word}`, numeric: true },
        ],
        rows: Array.from({ length }, (_, at) => [
          String(at + 1),
          now.periods[at] ?? null,
          a[at] === null || a[at] === undefined ? null : String(a[at]),
          then.periods[at] ?? null,
          b[at] === null || b[at] === undefined ? null : String(b[at]),
        ]),
      }}
      csv={csvOf}
    >
      <div ref={place} style={{ height: height }} aria-busy={loading}>
        {width > 0 && (
          <Steps
            label={`${name}: arrow keys move over both lines`}
            count={length}
            picked={null}
            wordsOf={words}
            at={(left) => Math.min(length - 1, Math.max(0, Math.floor((left * length) / width)))}
            onPick={() => {}}
          >
            {({ cursor }) => (
              <svg
                className="ch"
                width={width}
                height={height}
                viewBox={`0 0 ${width} ${height}`}
                role="img"
                aria-label={`${name}, ${unit}`}
              >
                <path d={`M0 ${height - 3.5}H${width}`} stroke="var(--line-2)" fill="none" />
                <path
                  d={linePath(otherPlaces)}
                  stroke="var(--c-other)"
                  strokeWidth="1.25"
                  strokeDasharray="3 2"
                  strokeLinecap="round"
                  fill="none"
                />
                <path
                  d={linePath(places)}
                  stroke="var(--c1)"
                  strokeWidth="1.75"
                  strokeLinejoin="round"
                  strokeLinecap="round"
                  fill="none"
                />
                {lonePlaces(otherPlaces).map(([left, top]) => (
                  <circle key={left} cx={left} cy={top} r="1.75" fill="var(--c-other)" />
                ))}
                {lonePlaces(places).map(([left, top]) => (
                  <circle key={left} cx={left} cy={top} r="2" fill="var(--c1)" />
                ))}
                {cursor !== null && (
                  <g>
                    <path d={`M${x(cursor)} 2V${height - 4}`} stroke="var(--accent)" fill="none" />
                    <text
                      x={cursor > length / 2 ? x(cursor) - 5 : x(cursor) + 5}
                      y={11}
                      textAnchor={cursor > length / 2 ? 'end' : 'start'}
                      className="b halo"
                      fontSize="11"
                      fill="var(--text)"
                      stroke="var(--work)"
                      strokeWidth="3"
                      paintOrder="stroke"
                    >
                      {`${figure(a[cursor] ?? null) || 'no data'} against ${figure(b[cursor] ?? null) || 'no data'}`}
                    </text>
                  </g>
                )}
              </svg>
            )}
          </Steps>
        )}
      </div>
      <table className="dash-sums">
        <thead>
          <tr>
            <td />
            <th scope="col">
              <KeyMark mark="mark-c1" line>
                {now.word}
              </KeyMark>
            </th>
            <th scope="col">
              <KeyMark mark="mark-other" line dashed>
                {then.word}
              </KeyMark>
            </th>
            <th scope="col">change</th>
          </tr>
        </thead>
        <tbody>
          {LINES.map(({ key, word }) => (
            <tr key={key}>
              <th scope="row">{word}</th>
              <td title={sums[0] ? String(sums[0][key]) : undefined}>{said(sums[0], key, now, grain)}</td>
              <td title={sums[1] ? String(sums[1][key]) : undefined}>
                {ask ? 'not read' : loading ? 'reading' : said(sums[1], key, then, grain)}
              </td>
              <td>{loading || key === 'periods' ? '' : change(sums[0]?.[key], sums[1]?.[key])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {ask && (
        <p className="row dense t2 dash-ask">
          Their statistics are {counted(ask.cost.files, 'file')}, {bytes(ask.cost.bytes)}.
          <Button small onClick={ask.read}>
            Read them
          </Button>
        </p>
      )}
    </Figure>
  )
}

function* rowsOf({ periods, rows }: Side): Generator<Row> {
  for (const period of periods) {
    const row = rows.get(period)
    if (row) yield row
  }
}

function said(sums: Pooled | null, key: keyof Pooled, side: Side, grain: Grain): string {
  if (key === 'periods')
    return `${sums?.periods ?? 0} of ${side.periods.length} ${side.periods.length === 1 ? grain : `${grain}s`}`
  if (sums === null) return 'no data'
  return key === 'count' ? sums.count.toLocaleString('en-US') : figure(sums[key])
}

/** How much more or less, with its sign: `+2.6 %`. Empty where nothing can be said. */
export function change(now: number | undefined, then: number | undefined): string {
  if (now === undefined || then === undefined || !Number.isFinite(now) || !Number.isFinite(then)) return ''
  if (now === then) return 'same'
  if (then === 0) return `${now > 0 ? '+' : '\u2212'}${figure(Math.abs(now))}`
  const percent = ((now - then) / Math.abs(then)) * 100
  const size = Math.abs(percent)
  const text = size >= 1000 ? Math.round(size).toLocaleString('en-US') : size.toFixed(1)
  return `${percent > 0 ? '+' : '\u2212'}${text} %`
}
