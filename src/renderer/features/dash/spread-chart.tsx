import { Figure, KeyMark } from '../../chart/figure.tsx'
import { histogram, linePath, scaleOf } from '../../chart/scale.ts'
import { Steps } from '../../chart/steps.tsx'
import { useWidth } from '../../chart/use-width.ts'
import { csvOf } from './csv.ts'
import { figure } from './measures.ts'

const HEIGHT = 150
const [LEFT, BOTTOM, TOP] = [30, HEIGHT - 20, 6]
const BINS = 14

/** How often which values come: bars for the chosen days, an outline in the same bins for what they are held against. */
export function SpreadChart({
  name,
  unit,
  of,
  values,
  others,
  otherWord,
}: {
  name: string
  unit: string
  /** What is counted: `days`. */
  of: string
  values: readonly number[]
  others: readonly number[]
  otherWord: string | null
}) {
  const { place, width } = useWidth<HTMLDivElement>()
  const bins = histogram([...values, ...others], BINS)
  const edges = bins?.edges ?? []
  const count = Math.max(0, edges.length - 1)
  const step = count === 0 ? 1 : (edges[1] as number) - (edges[0] as number)
  const countOf = (all: readonly number[]) => {
    const counts = new Array<number>(count).fill(0)
    for (const value of all) {
      if (!Number.isFinite(value)) continue
      const at = Math.min(count - 1, Math.max(0, Math.floor((value - (edges[0] as number)) / step + 1e-9)))
      counts[at] = (counts[at] ?? 0) + 1
    }
    return counts
  }
  const [now, then] = [countOf(values), countOf(others)]
  const y = scaleOf([...now, ...then], BOTTOM, TOP, { zero: true, ticks: 4 })
  const each = (width - LEFT - 6) / Math.max(1, count)
  const x = (at: number) => LEFT + at * each
  const between = (at: number) => `${figure(edges[at] ?? 0)} to ${figure(edges[at + 1] ?? 0)}`
  const words = (at: number) =>
    `${between(at)} ${unit}: ${now[at] ?? 0} of ${values.length} ${of}${otherWord === null ? '' : `, ${then[at] ?? 0} of ${others.length} ${otherWord}`}`
  const labels = edges.filter(
    (_, at) => at % Math.max(1, Math.ceil((count * 46) / Math.max(1, width - LEFT))) === 0,
  )
  return (
    <Figure
      name={name}
      unit={unit}
      className="dash-spread"
      legend={
        otherWord !== null && (
          <>
            <KeyMark mark="mark-c1">chosen</KeyMark>
            <KeyMark mark="mark-other" line>
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
          ...(otherWord === null ? [] : [{ name: `${of}, ${otherWord}`, numeric: true }]),
        ],
        rows: now.map((n, at) => [
          String(edges[at]),
          String(edges[at + 1]),
          String(n),
          ...(otherWord === null ? [] : [String(then[at] ?? 0)]),
        ]),
      }}
      csv={csvOf}
    >
      <div ref={place} style={{ height: HEIGHT }}>
        {width > 0 && (
          <Steps
            label={`${name}: arrow keys move over the bars`}
            count={count}
            picked={null}
            wordsOf={words}
            at={(left) => Math.min(count - 1, Math.max(0, Math.floor((left - LEFT) / each)))}
            onPick={() => {}}
          >
            {({ cursor }) => (
              <svg
                className="ch"
                width={width}
                height={HEIGHT}
                viewBox={`0 0 ${width} ${HEIGHT}`}
                role="img"
                aria-label={`${name}, ${unit}: ${values.length} ${of}`}
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
                        {tick}
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
                      height={BOTTOM - y(n)}
                      fill="var(--c1)"
                      fillOpacity={cursor === null || cursor === at ? 1 : 0.6}
                    />
                  ))}
                {y && otherWord !== null && (
                  <path
                    d={linePath(
                      then.flatMap((n, at) => [[x(at), y(n)] as const, [x(at + 1), y(n)] as const]),
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
                    y={HEIGHT - 5}
                    textAnchor="middle"
                    fill="var(--axis)"
                    fontSize="11"
                  >
                    {figure(edge)}
                  </text>
                ))}
                {cursor !== null && (
                  <text
                    x={cursor > count / 2 ? LEFT + 4 : width - 8}
                    y={TOP + 9}
                    textAnchor={cursor > count / 2 ? 'start' : 'end'}
                    className="b halo"
                    fontSize="11"
                    fill="var(--text)"
                    stroke="var(--work)"
                    strokeWidth="3"
                    paintOrder="stroke"
                  >
                    {`${between(cursor)}: ${now[cursor] ?? 0} ${of}`}
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
