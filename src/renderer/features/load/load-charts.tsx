import { type RefObject, useMemo, useRef } from 'react'
import uPlot from 'uplot'
import { count, duration } from '../../ui/format.ts'
import { useView } from '../../ui/view.ts'
import { Chart, type ChartSpec } from './chart.tsx'
import { Figure } from './chart-figure.tsx'
import { BIN_SECONDS, drawingsOf, REASON_COLORS, reasonName, reasonsOf } from './drawings.ts'
import { binned, LAG_STEPS, lagStep, type Series, spanWords, timesOf, windowOf } from './series.ts'
import { SeriesTable } from './series-table.tsx'

type Latest = RefObject<Series | null>

/** What happened, as a hairline with words. */
const events =
  (latest: Latest): NonNullable<ChartSpec['draw']> =>
  (chart, paint) => {
    const { ctx, bbox } = chart
    ctx.save()
    ctx.strokeStyle = paint('line-2')
    ctx.fillStyle = paint('axis')
    ctx.font = `${11 * devicePixelRatio}px "IBM Plex Sans", sans-serif`
    for (const { at, text } of latest.current?.events ?? []) {
      const x = Math.round(chart.valToPos(at / 1000, 'x', true)) + 0.5
      if (x < bbox.left || x > bbox.left + bbox.width) continue
      ctx.beginPath()
      ctx.moveTo(x, bbox.top)
      ctx.lineTo(x, bbox.top + bbox.height)
      ctx.stroke()
      const words = text.length > 36 ? `${text.slice(0, 35)}\u2026` : text
      const left = x + ctx.measureText(words).width + 6 > bbox.left + bbox.width
      ctx.textAlign = left ? 'right' : 'left'
      ctx.fillText(words, left ? x - 5 : x + 5, bbox.top + 10 * devicePixelRatio)
    }
    ctx.restore()
  }

function LineKey({ color, name }: { color: string; name: string }) {
  return (
    <span className="key">
      <i className="l" style={{ background: `var(--${color})` }} />
      {name}
    </span>
  )
}

const line = (paint: (name: string) => string, color: string): uPlot.Series => ({
  stroke: paint(color),
  width: 1.25,
  points: { show: false },
  spanGaps: true,
})

const last = (values: readonly (number | null)[]): number | null => values.findLast((v) => v !== null) ?? null
const inSeconds = (value: number | null): string => (value === null ? 'not measured' : duration(value * 1000))

/** Four charts of the same minutes on one axis of time; with `table` their numbers instead. */
export function LoadCharts({ series, table }: { series: Series | null; table: boolean }) {
  const view = useView()
  const times = useMemo(() => (series ? timesOf(series) : []), [series])
  const window = useMemo((): [number, number] => (series ? windowOf(series) : [0, 900]), [series])
  const reasons = reasonsOf(series)
  const reasonKey = reasons.join(' ')

  const latest = useRef<Series | null>(null)
  latest.current = series
  const consumed = useMemo(
    (): ChartSpec => ({
      series: (paint) => [{ ...line(paint, 'c1'), fill: paint('band'), spanGaps: false }],
      draw: events(latest),
    }),
    [],
  )
  const freshness = useMemo(
    (): ChartSpec => ({ series: (paint) => [line(paint, 'c1'), line(paint, 'c6')] }),
    [],
  )
  const rejected = useMemo(
    (): ChartSpec => ({
      series: (paint) =>
        reasonKey.split(' ').map((_, index, all) => ({
          fill: paint(REASON_COLORS[all.length - 1 - index] ?? 'c-other'),
          stroke: paint('work'),
          width: 1,
          points: { show: false },
          ...(uPlot.paths.bars ? { paths: uPlot.paths.bars({ size: [0.86, 40], align: 1 }) } : {}),
        })),
    }),
    [reasonKey],
  )
  const bins = useMemo(() => (series ? binned(series, BIN_SECONDS) : { at: [], counts: new Map() }), [series])
  const stacked = useMemo((): uPlot.AlignedData => {
    // The whole stack first, so that what stands lower is drawn over it.
    const sums: number[][] = []
    const types = reasonKey === '' ? [] : reasonKey.split(' ')
    for (const type of types) {
      const below = sums.at(-1)
      sums.push(bins.at.map((_, i) => (below?.[i] ?? 0) + ((bins.counts.get(type) as number[])?.[i] ?? 0)))
    }
    return [bins.at, ...(sums.length === 0 ? [bins.at.map(() => 0)] : sums.toReversed())]
  }, [bins, reasonKey])
  const rowKey = (series?.rows ?? []).map(([first]) => first).join(' ')
  const lag = useMemo(() => lagSpec(rowKey === '' ? [] : rowKey.split(' '), latest), [rowKey])
  const rate = useMemo((): uPlot.AlignedData => [times, [...(series?.consumed ?? [])]], [times, series])
  const fresh = useMemo(
    (): uPlot.AlignedData => [times, [...(series?.committed ?? [])], [...(series?.rolledUp ?? [])]],
    [times, series],
  )
  const rows = series?.rows ?? []
  const shared = rows.some(([first, end]) => end > first)

  if (table) return <SeriesTable series={series} reasons={reasons} reasonName={reasonName} />
  const consumedNow = last(series?.consumed ?? [])
  const drawings = series ? drawingsOf(series, window, bins, reasons) : null
  return (
    <div className="charts">
      <Figure name="Consumed" unit="messages per second" series={series} drawing={drawings?.consumed}>
        <Chart
          label={`Consumed, messages per second over ${spanWords(window)}; now ${consumedNow === null ? 'not measured' : count(Math.round(consumedNow))}`}
          spec={consumed}
          data={rate}
          window={window}
          view={view}
        />
      </Figure>
      <Figure
        name="Freshness"
        unit="seconds"
        series={series}
        drawing={drawings?.freshness}
        end={
          <>
            <LineKey color="c1" name="committed" />
            <LineKey color="c6" name="rolled up" />
          </>
        }
      >
        <Chart
          label={`Freshness, seconds from produced, oldest message, over ${spanWords(window)}; committed after ${inSeconds(last(series?.committed ?? []))}, rolled up after ${inSeconds(last(series?.rolledUp ?? []))}`}
          spec={freshness}
          data={fresh}
          window={window}
          view={view}
        />
      </Figure>
      <Figure
        name="Lag"
        series={series}
        drawing={drawings?.lag}
        unit={
          shared
            ? `seconds, ${rows.length} rows of partitions, the most of each`
            : 'seconds, one row a partition'
        }
        end={<LagKey />}
      >
        <Chart
          label={`Lag in seconds by partition over ${spanWords(window)}; now at most ${inSeconds(mostOf(series))}`}
          spec={lag}
          data={rate}
          window={window}
          view={view}
        />
      </Figure>
      <Figure
        name="Dead-lettered"
        series={series}
        drawing={drawings?.rejects}
        unit={`per ${BIN_SECONDS} s`}
        end={reasons.map((type, index) => (
          <span key={type} className="key">
            <i style={{ background: `var(--${REASON_COLORS[index] ?? 'c-other'})` }} />
            {reasonName(type)}
          </span>
        ))}
      >
        <Chart
          label={`Dead letters committed per ${BIN_SECONDS} s over ${spanWords(window)}, ${reasons.length === 0 ? 'none' : reasons.map((type) => `${reasonName(type)} ${count(sumOf(series?.rejects[type]))}`).join(', ')}`}
          spec={rejected}
          data={stacked}
          window={window}
          view={view}
        />
      </Figure>
    </div>
  )
}

const sumOf = (values: readonly number[] | undefined): number => (values ?? []).reduce((a, b) => a + b, 0)

function mostOf(series: Series | null): number | null {
  return (series?.lag ?? []).reduce<number | null>((most, row) => {
    const now = row.at(-1) ?? null
    return now === null ? most : Math.max(most ?? 0, now)
  }, null)
}

const RAMP = [
  'var(--seq-1)',
  'var(--seq-2)',
  'var(--seq-3)',
  'var(--seq-4)',
  'var(--seq-5)',
  'var(--seq-6)',
] as const

function LagKey() {
  return (
    <>
      <span className="t3">under {LAG_STEPS[0]} s</span>
      {RAMP.map((step) => (
        <svg key={step} width="9" height="8" aria-hidden="true">
          <rect width="9" height="8" style={{ fill: step }} />
        </svg>
      ))}
      <span className="t3">over 2 min</span>
    </>
  )
}

/** Cells in the place of a line: one column a step, one row a partition (or a few of them). */
function lagSpec(rows: readonly string[], latest: Latest): ChartSpec {
  const size = Math.max(1, rows.length)
  const named =
    size <= 4 ? rows.map((_, i) => i) : [0, Math.floor(size / 3), Math.floor((2 * size) / 3), size - 1]
  return {
    series: () => [{ show: true, width: 0, points: { show: false } }],
    range: () => [0, size],
    down: true,
    y: {
      grid: { show: false },
      splits: () => named.map((row) => row + 0.5),
      values: () => named.map((row) => rows[row] ?? ''),
    },
    draw: (chart, paint) => {
      const series = latest.current
      if (series === null) return
      const { ctx, bbox } = chart
      const height = bbox.height / size
      ctx.save()
      for (const [row, values] of series.lag.entries()) {
        for (const [step, value] of values.entries()) {
          if (value === null) continue
          const from = (series.at + step * series.stepMs) / 1000
          const x = Math.max(bbox.left, chart.valToPos(from, 'x', true))
          const end = chart.valToPos(from + series.stepMs / 1000, 'x', true)
          if (end <= bbox.left) continue
          ctx.fillStyle = paint(`seq-${lagStep(value)}`)
          ctx.fillRect(x, bbox.top + row * height, end - x + 0.3, Math.max(1, height - (height > 3 ? 1 : 0)))
        }
      }
      ctx.restore()
    },
  }
}
