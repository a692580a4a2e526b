import * as Plot from '@observablehq/plot'
import { shortCount } from '../ui/format.ts'
import './chart.css'
import { apart } from './apart.ts'
import type { ChartData, ChartPlan } from './points.ts'

export interface Drawing {
  readonly plan: ChartPlan
  readonly data: ChartData
  /** px */
  readonly width: number
  /** True where x is time in ms. */
  readonly time: boolean
  /** What it shows, for those who do not see it. */
  readonly label: string
}

const BAR = 20

/**
 * Draws a chart at its width. The style element that Plot puts in is taken out before the page sees it: the policy
 * would refuse it, and its rules are in `chart.css`.
 */
export function draw(drawing: Drawing): SVGSVGElement {
  const svg = (drawing.plan.kind === 'bar' ? bars(drawing) : overNumbers(drawing)) as SVGSVGElement
  for (const style of svg.querySelectorAll('style')) style.remove()
  svg.setAttribute('role', 'img')
  // The picture has one name; Plot names its parts too, which are no things of their own.
  for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label')
  return svg
}

const text = { fill: 'var(--axis)' }

function options({ width, label }: Drawing) {
  return { className: 'plot', width, ariaLabel: label, marginTop: 8, marginRight: 12, marginBottom: 22 }
}

function bars(drawing: Drawing) {
  const { data } = drawing
  const longest = Math.max(0, ...data.points.map((point) => String(point.x).length))
  const marginLeft = Math.min(132, 12 + longest * 6.4)
  const keep = Math.floor((marginLeft - 12) / 6.4)
  const labels = apart(
    data.points.map((point) => String(point.x)),
    keep,
  )
  const cut = (name: string) => labels.get(name) ?? name
  return Plot.plot({
    ...options(drawing),
    marginLeft,
    height: 34 + data.points.length * BAR,
    x: { zero: true },
    // Bars keep the answer's own order.
    y: { domain: data.points.map((point) => point.x) },
    marks: [
      Plot.gridX({ stroke: 'var(--gridline)', strokeOpacity: 1, ticks: 4 }),
      Plot.barX(data.points, { x: 'y', y: 'x', fill: 'var(--c1)', insetTop: 2, insetBottom: 2 }),
      Plot.axisX({ ...text, ticks: 4, tickSize: 0, label: null, tickFormat: short }),
      Plot.axisY({ ...text, tickSize: 0, label: null, tickFormat: cut }),
    ],
  })
}

function overNumbers(drawing: Drawing) {
  const { plan, data, time } = drawing
  const drawn = data.points.filter((point) => point.y !== null || point.low !== null)
  const last = drawn.findLast((point) => point.y !== null && point.low !== null && point.high !== null)
  const ends = plan.kind === 'band' && last !== undefined ? endsOf(last) : []
  const zero = plan.kind === 'dot' ? {} : { nice: true }
  return Plot.plot({
    ...options(drawing),
    height: 176,
    marginLeft: 42,
    marginRight: ends.length > 0 ? 34 : 12,
    x: time ? { type: 'utc' } : { type: 'linear', nice: true },
    y: zero,
    marks: [
      Plot.gridY({ stroke: 'var(--gridline)', strokeOpacity: 1, ticks: 5 }),
      Plot.axisY({ ...text, ticks: 5, tickSize: 0, label: null, tickFormat: short }),
      Plot.axisX({ ...text, ticks: 4, tickSize: 0, label: null, ...(time ? {} : { tickFormat: short }) }),
      plan.kind === 'band' ? Plot.areaY(drawn, { x: 'x', y1: 'low', y2: 'high', fill: 'var(--band)' }) : null,
      plan.kind === 'dot'
        ? Plot.dot(drawn, { x: 'x', y: 'y', r: 2.5, fill: 'var(--c1)', fillOpacity: 0.7 })
        : Plot.lineY(drawn, {
            x: 'x',
            y: 'y',
            stroke: plan.kind === 'band' ? 'var(--mark)' : 'var(--c1)',
            strokeWidth: 1.5,
          }),
      // A single day is no line.
      plan.kind !== 'dot' && drawn.length < 3
        ? Plot.dot(drawn, { x: 'x', y: 'y', r: 2.5, fill: 'var(--mark)' })
        : null,
      Plot.text(ends, { x: 'x', y: 'y', text: 'word', textAnchor: 'start', dx: 5, fill: 'var(--axis)' }),
    ],
  })
}

/** Words at the ends of a band's lines, left out where they would stand on each other. */
function endsOf({ x, y, low, high }: ChartData['points'][number]) {
  const found: { x: number | string; y: number; word: string }[] = []
  const spread = Math.abs((high ?? 0) - (low ?? 0))
  const add = (value: number | null, word: string) => {
    if (value === null || found.some((one) => Math.abs(one.y - value) < spread / 6)) return
    found.push({ x, y: value, word })
  }
  add(high, 'max')
  add(low, 'min')
  add(y, 'mid')
  return found
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 })

function short(value: number): string {
  return Math.abs(value) >= 1_000 ? shortCount(value) : whole.format(value)
}
