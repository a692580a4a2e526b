import { Figure, KeyMark } from '../../chart/figure.tsx'
import { linePath, scaleOf } from '../../chart/scale.ts'
import { Steps } from '../../chart/steps.tsx'
import { useWidth } from '../../chart/use-width.ts'
import { count } from '../../ui/format.ts'
import { tickWords } from './axis.ts'
import { csvOf } from './csv.ts'
import { figure } from './measures.ts'

const [LEFT, TOP] = [36, 6]

/** Counts of equal bins: bars, and the outline of what they are held against in the same bins. */
export interface Bins {
  /** One more than there are bins; empty without values. */
  readonly edges: readonly number[]
  readonly now: readonly number[]
  /** Null where nothing is held against it. */
  readonly others: readonly number[] | null
}

/** A histogram; each bar says its bounds and counts under the pointer and by arrow keys. */
export function BarsChart({
  name,
  unit,
  of,
  bins: { edges, now, others },
  otherWord,
  height,
  className,
}: {
  name: string
  unit: string
  /** What is counted: `days`. */
  of: string
  bins: Bins
  /** What the others are. */
  otherWord: string
  height: number
  className: string
}) {
  const { place, width } = useWidth<HTMLDivElement>()
  const bottom = height - 20
  const bars = Math.max(0, edges.length - 1)
  const step = bars === 0 ? 1 : (edges[1] as number) - (edges[0] as number)
  const total = (all: readonly number[]) => all.reduce((sum, n) => sum + n, 0)
  const y = scaleOf([...now, ...(others ?? [])], bottom, TOP, { zero: true, ticks: 4 })
  const each = (width - LEFT - 6) / Math.max(1, bars)
  const x = (at: number) => LEFT + at * each
  const between = (at: number) => `${figure(edges[at] ?? 0)} to ${figure(edges[at + 1] ?? 0)}`
  const words = (at: number) =>
    `${between(at)} ${unit}: ${count(now[at] ?? 0)} of ${count(total(now))} ${of}${others === null ? '' : `, ${count(others[at] ?? 0)} of ${count(total(others))} ${otherWord}`}`
  const labels = edges.filter(
    (_, at) => at % Math.max(1, Math.ceil((bars * 46) / Math.max(1, width - LEFT))) === 0,
  )
  return (
    <Figure
      name={name}
      unit={unit}
      className={className}
      legend={
        others !== null && (
          <>
            <KeyMark mark="mark-c1">chosen</KeyMark>
            <KeyMark mark="mark-other" line dashed>
              {otherWord}
            </KeyMark>
          </>
        )
      }
      table={{
        columns: [
          { name: 'from', numeric: true },
          { name: 'to', numeric: true },
          { name: of, numeric: true },
          ...(others === null ? [] : [{ name: `${of}, ${otherWord}`, numeric: true }]),
        ],
        rows: now.map((n, at) => [
          String(edges[at]),
          String(edges[at + 1]),
          String(n),
          ...(others === null ? [] : [String(others[at] ?? 0)]),
        ]),
      }}
      csv={csvOf}
    >
      <div ref={place} style={{ height: height }}>
        {width > 0 && (
          <Steps
            label={`${name}: arrow keys move over the bars`}
            count={bars}
            picked={null}
            wordsOf={words}
            at={(left) => Math.min(bars - 1, Math.max(0, Math.floor((left - LEFT) / each)))}
            onPick={() => {}}
          >
            {({ cursor }) => (
              <svg
                className="ch"
                width={width}
                height={height}
                viewBox={`0 0 ${width} ${height}`}
                role="img"
                aria-label={`${name}, ${unit}: ${count(total(now))} ${of}`}
              >
                {y?.ticks
                  .filter((tick) => Number.isInteger(tick))
                  .map((tick) => (
                    <g key={tick}>
                      <path
                        d={`M${LEFT} ${Math.round(y(tick)) + 0.5}H${width - 6}`}
                        stroke="var(--gridline)"
                        fill="none"
                      />
                      <text x={LEFT - 6} y={y(tick) + 4} textAnchor="end" fill="var(--axis)" fontSize="11">
                        {tickWords(y.ticks)(tick)}
                      </text>
                    </g>
                  ))}
                {y &&
                  now.map((n, at) => (
                    <rect
                      key={edges[at]}
                      x={x(at) + 0.5}
                      y={y(n)}
                      width={Math.max(1, each - 1)}
                      height={bottom - y(n)}
                      fill="var(--c1)"
                      fillOpacity={cursor === null || cursor === at ? 1 : 0.6}
                    />
                  ))}
                {y && others !== null && (
                  <path
                    d={linePath(
                      others.flatMap((n, at) => [[x(at), y(n)] as const, [x(at + 1), y(n)] as const]),
                    )}
                    stroke="var(--c-other)"
                    strokeWidth="1.25"
                    strokeDasharray="3 2"
                    fill="none"
                  />
                )}
                {labels.map((edge) => (
                  <text
                    key={edge}
                    x={x((edge - (edges[0] as number)) / step)}
                    y={height - 5}
                    textAnchor="middle"
                    fill="var(--axis)"
                    fontSize="11"
                  >
                    {figure(edge)}
                  </text>
                ))}
                {cursor !== null && (
                  <text
                    x={cursor > bars / 2 ? LEFT + 4 : width - 8}
                    y={TOP + 9}
                    textAnchor={cursor > bars / 2 ? 'start' : 'end'}
                    className="b halo"
                    fontSize="11"
                    fill="var(--text)"
                    stroke="var(--work)"
                    strokeWidth="3"
                    paintOrder="stroke"
                  >
                    {`${between(cursor)}: ${count(now[cursor] ?? 0)} ${of}`}
                  </text>
                )}
              </svg>
            )}
          </Steps>
        )}
      </div>
    </Figure>
  )
}
