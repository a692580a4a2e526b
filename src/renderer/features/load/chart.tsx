import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import type { View } from '../../ui/view.ts'

export type Paint = (name: string) => string

export interface ChartSpec {
  /** Beside the time; `data` holds one array for each. */
  readonly series: (paint: Paint) => uPlot.Series[]
  readonly bands?: (paint: Paint) => uPlot.Band[]
  /** Least and most of y, given the data's. */
  readonly range?: (least: number | null, most: number | null) => [number, number]
  readonly y?: Partial<uPlot.Axis>
  /** True where y grows downwards. */
  readonly down?: boolean
  readonly draw?: (chart: uPlot, paint: Paint) => void
}

type Size = Pick<uPlot.Options, 'width' | 'height'>

/** Its place decides: a low window has lower charts. */
const sizeOf = ({ clientWidth, clientHeight }: HTMLElement): Size => ({
  width: clientWidth,
  height: clientHeight,
})

/** Horizontal lines at round values, no frame; the colours are those of the theme. */
function optionsOf(spec: ChartSpec, size: Size, zone: View['zone'], paint: Paint): uPlot.Options {
  const font = '11px "IBM Plex Sans", system-ui, sans-serif'
  const axis = { stroke: paint('axis'), font, ticks: { show: false } }
  return {
    ...size,
    legend: { show: false },
    padding: [6, 18, 0, 0],
    cursor: { sync: { key: 'load' }, points: { show: false }, drag: { x: false, y: false }, y: false },
    tzDate: (seconds) =>
      zone === 'utc' ? uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') : new Date(seconds * 1000),
    scales: {
      x: { time: true, range: (_chart, least, most) => [least, most] },
      y: {
        dir: spec.down ? -1 : 1,
        range: (_chart, least, most) => spec.range?.(least, most) ?? [0, Math.max(1, (most ?? 1) * 1.1)],
      },
    },
    axes: [
      {
        ...axis,
        size: 20,
        gap: 4,
        grid: { show: false },
        splits: (chart) => minutes(chart.scales.x?.min ?? 0, chart.scales.x?.max ?? 0),
        values: (_chart, splits) => splits.map((seconds) => hourAndMinute(seconds, zone)),
      },
      {
        ...axis,
        size: 40,
        gap: 6,
        space: 24,
        grid: { stroke: paint('gridline'), width: 1 },
        values: (_chart, splits) => splits.map((value) => value.toLocaleString('en-US')),
        ...spec.y,
      },
    ],
    series: [{}, ...spec.series(paint)],
    ...(spec.bands ? { bands: spec.bands(paint) } : {}),
    hooks: {
      draw: [
        (chart) => {
          spec.draw?.(chart, paint)
          const drawn = Number(chart.root.dataset.drawn ?? 0)
          chart.root.dataset.drawn = String(drawn + 1)
        },
      ],
    },
  }
}

/** Round times of an axis of that length, in seconds. */
export function minutes(from: number, to: number): number[] {
  const every = to - from <= 200 ? 60 : to - from <= 500 ? 120 : 300
  const found: number[] = []
  for (let at = Math.ceil(from / every) * every; at <= to; at += every) found.push(at)
  return found
}

export function hourAndMinute(seconds: number, zone: View['zone']): string {
  const date = new Date(seconds * 1000)
  const [hours, mins] =
    zone === 'utc' ? [date.getUTCHours(), date.getUTCMinutes()] : [date.getHours(), date.getMinutes()]
  return `${String(hours).padStart(2, '0')}:${String(mins).padStart(2, '0')}`
}

/**
 * A live chart, drawn at its measured size and drawn again when data, theme, size or zone change.
 * `label` says what it shows, for those who do not see it.
 */
export function Chart({
  label,
  spec,
  data,
  window,
  view,
}: {
  label: string
  spec: ChartSpec
  data: uPlot.AlignedData
  /** First and last second shown. */
  window: readonly [number, number]
  view: Pick<View, 'theme' | 'zone'>
}) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const latest = useRef({ data, window })
  latest.current = { data, window }
  const { theme, zone } = view

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme decides the colours that are read
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const styles = getComputedStyle(document.documentElement)
    const paint: Paint = (name) => styles.getPropertyValue(`--${name}`).trim()
    const made = new uPlot(optionsOf(spec, sizeOf(element), zone, paint), latest.current.data, element)
    chart.current = made
    made.setScale('x', { min: latest.current.window[0], max: latest.current.window[1] })
    const resized = new ResizeObserver(() => {
      const { width, height } = sizeOf(element)
      if (width > 0 && (width !== made.width || height !== made.height)) made.setSize({ width, height })
    })
    resized.observe(element)
    return () => {
      resized.disconnect()
      made.destroy()
      chart.current = null
    }
  }, [spec, theme, zone])

  useEffect(() => {
    const made = chart.current
    if (made === null) return
    made.batch(() => {
      made.setData(data, false)
      made.setScale('x', { min: window[0], max: window[1] })
    })
  }, [data, window])

  return <div ref={place} className="plot" role="img" aria-label={label} />
}
