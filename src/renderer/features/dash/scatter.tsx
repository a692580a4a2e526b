import { scaleOf } from '../../chart/scale.ts'
import { type Span, Steps } from '../../chart/steps.tsx'
import { useWidth } from '../../chart/use-width.ts'
import { clock, counted } from '../../ui/format.ts'
import { useView } from '../../ui/view.ts'
import { figure } from './measures.ts'
import type { Sample } from './read.ts'

const HEIGHT = 104
const [LEFT, BOTTOM, TOP] = [30, HEIGHT - 18, 5]
const HOUR = 3_600_000
/** Dots drawn; of more, evenly chosen ones. */
const MOST_DOTS = 3_000

/** A dot a sample over the hours of a day; hours are what is stepped over and chosen. Instants in ms. */
export function Scatter({
  samples,
  start,
  end,
  hours,
  chosen,
  label,
  words,
  onHours,
}: {
  samples: readonly Sample[]
  start: number
  end: number
  hours: number
  chosen: Span
  label: string
  words: (hour: number) => string
  onHours: (span: Span) => void
}) {
  const { place, width } = useWidth<HTMLDivElement>()
  const { zone } = useView()
  const y = scaleOf(
    samples.map((one) => one.value),
    BOTTOM,
    TOP,
    { ticks: 4 },
  )
  const x = (ms: number) => LEFT + ((ms - start) / (end - start)) * (width - LEFT - 4)
  const every = Math.ceil(samples.length / MOST_DOTS)
  const dots = samples.filter((_, at) => at % every === 0)
  const box = (span: Span) => ({
    x: x(start + span.from * HOUR),
    width: x(Math.min(end, start + (span.to + 1) * HOUR)) - x(start + span.from * HOUR),
  })
  return (
    <div ref={place} style={{ height: HEIGHT }}>
      {width > 0 && (
        <Steps
          label={label}
          count={hours}
          picked={chosen.from}
          wordsOf={words}
          at={(left) =>
            Math.min(
              hours - 1,
              Math.max(0, Math.floor(((left - LEFT) / (width - LEFT - 4)) * ((end - start) / HOUR))),
            )
          }
          onPick={(hour) => onHours({ from: hour, to: hour })}
          onBrush={onHours}
        >
          {({ cursor, brush }) => (
            <svg
              className="ch"
              width={width}
              height={HEIGHT}
              viewBox={`0 0 ${width} ${HEIGHT}`}
              role="img"
              aria-label={`${counted(samples.length, 'sample')} over the day`}
            >
              {y?.ticks.map((tick) => (
                <g key={tick}>
                  <path
                    d={`M${LEFT} ${Math.round(y(tick)) + 0.5}H${width - 4}`}
                    stroke="var(--gridline)"
                    fill="none"
                  />
                  <text x={LEFT - 5} y={y(tick) + 4} textAnchor="end" fill="var(--axis)" fontSize="11">
                    {figure(tick)}
                  </text>
                </g>
              ))}
              {y &&
                dots.map((one) =>
                  Number.isFinite(one.value) ? (
                    <circle
                      key={one.id + one.start}
                      cx={x(one.at)}
                      cy={y(one.value)}
                      r={samples.length > 400 ? 1.1 : 1.8}
                      fill="var(--c1)"
                      fillOpacity="0.8"
                    />
                  ) : null,
                )}
              <rect
                {...box(brush ?? chosen)}
                y={TOP - 3}
                height={BOTTOM - TOP + 3}
                fill="var(--accent)"
                fillOpacity="0.12"
                stroke="var(--accent)"
              />
              {cursor !== null && !brush && (
                <rect
                  {...box({ from: cursor, to: cursor })}
                  y={TOP - 3}
                  height={BOTTOM - TOP + 3}
                  fill="none"
                  stroke="var(--accent-line)"
                />
              )}
              {[0, 6, 12, 18, 24].map((hour) => {
                const at = Math.min(end, start + hour * HOUR)
                return (
                  <text
                    key={hour}
                    x={x(at)}
                    y={HEIGHT - 4}
                    textAnchor={hour === 0 ? 'start' : hour === 24 ? 'end' : 'middle'}
                    fill="var(--axis)"
                    fontSize="11"
                  >
                    {hour === 24 && clock(at, zone).startsWith('00') ? '24' : clock(at, zone).slice(0, 2)}
                  </text>
                )
              })}
            </svg>
          )}
        </Steps>
      )}
    </div>
  )
}
