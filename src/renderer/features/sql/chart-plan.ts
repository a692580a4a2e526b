import type { ChartData, ChartKind, ChartPlan, ChartPoint } from '../../chart/points.ts'
import { profileKind } from '../../query/profile.ts'
import type { ResultColumn } from '../../query/result.ts'

/** What a chart takes of an answer. */
export interface ChartSource {
  readonly columns: readonly ResultColumn[]
  readonly rows: number
  cell(row: number, column: number): string | null
}

const LOW = /(^|_)(min|minimum|low|lowest|least|lower|p0?5|p10|q1)(_|$)/i
const HIGH = /(^|_)(max|maximum|high|highest|most|upper|p9\d|q3)(_|$)/i
const MIDDLE = /(^|_)(avg|mean|average|median|mid|p50)(_|$)/i
const DAY = /^\d{4}-\d{2}-\d{2}([ T]|$)/

/** Columns that can stand across the page as time: instants, days, and texts that are days. */
export function timeColumns(source: ChartSource): number[] {
  return places(source, (column, i) => {
    if (profileKind(column.kind.word) === 'time') return true
    return column.kind.word === 'str' && source.rows > 0 && DAY.test(source.cell(0, i) ?? '')
  })
}

export function numberColumns(source: ChartSource): number[] {
  return places(source, (column) => profileKind(column.kind.word) === 'number')
}

export function wordColumns(source: ChartSource): number[] {
  const times = new Set(timeColumns(source))
  return places(source, (column, i) => /^(str|enum|bool)$/.test(column.kind.word) && !times.has(i))
}

function places(source: ChartSource, wanted: (column: ResultColumn, i: number) => boolean): number[] {
  return source.columns.flatMap((column, i) => (wanted(column, i) ? [i] : []))
}

/** The chart that fits the columns best; null where nothing can be drawn. */
export function defaultChart(source: ChartSource): ChartPlan | null {
  if (source.rows < 2) return null
  // Time further back in the row is a detail of it, such as when something was last seen.
  const timed = timeColumns(source).some((column) => column < 2) || wordColumns(source).length === 0
  const order = timed ? (['band', 'line', 'bar', 'dot'] as const) : (['bar', 'band', 'line', 'dot'] as const)
  for (const kind of order) {
    const plan = chartOf(kind, source)
    if (plan !== null) return plan
  }
  return null
}

/** The chart of that kind; null where the answer has not the columns for it. */
export function chartOf(kind: ChartKind, source: ChartSource): ChartPlan | null {
  const times = timeColumns(source)
  const numbers = numberColumns(source)
  const words = wordColumns(source)
  const named = (pattern: RegExp) => numbers.find((i) => pattern.test(source.columns[i]?.name ?? ''))
  const middle = named(MIDDLE)
  const [first] = numbers
  if (first === undefined) return null
  const [time] = times
  const [word] = words
  const series = word ?? null
  const none = { low: null, high: null }
  switch (kind) {
    case 'band': {
      const low = named(LOW)
      const high = named(HIGH)
      if (time === undefined || low === undefined || high === undefined) return null
      const value = middle ?? numbers.find((i) => i !== low && i !== high) ?? high
      return { kind, across: time, value, low, high, series }
    }
    case 'line':
      if (time === undefined) return null
      return { kind, across: time, value: middle ?? first, ...none, series }
    case 'bar':
      if (word === undefined) return null
      return { kind, across: word, value: first, ...none, series: null }
    case 'dot': {
      const [, second] = numbers
      if (second === undefined) return null
      return { kind, across: first, value: second, ...none, series: null }
    }
  }
}

/** Rows looked at for a chart, and bars drawn. */
export const MOST_ROWS = 20_000
export const MOST_BARS = 12

/** The points of a plan. `wanted`: the series to show, else the last one in the answer's first rows. */
export function chartData(source: ChartSource, plan: ChartPlan, wanted: string | null): ChartData {
  const looked = Math.min(source.rows, MOST_ROWS)
  const isTime = timeColumns(source).includes(plan.across)
  const series: string[] = []
  if (plan.series !== null) {
    const found = new Set<string>()
    for (let row = 0; row < looked; row++) found.add(source.cell(row, plan.series) ?? '')
    series.push(...found)
  }
  const shown =
    series.length === 0 ? null : wanted !== null && series.includes(wanted) ? wanted : (series[0] ?? null)
  const points: ChartPoint[] = []
  for (let row = 0; row < looked; row++) {
    if (plan.series !== null && (source.cell(row, plan.series) ?? '') !== shown) continue
    const text = source.cell(row, plan.across)
    const x =
      plan.kind === 'bar' ? (text ?? 'null') : text === null ? null : isTime ? instantMs(text) : finite(text)
    if (x === null) continue
    points.push({
      x,
      y: finite(source.cell(row, plan.value)),
      low: plan.low === null ? null : finite(source.cell(row, plan.low)),
      high: plan.high === null ? null : finite(source.cell(row, plan.high)),
    })
    if (plan.kind === 'bar' && points.length === MOST_BARS) break
  }
  if (plan.kind === 'bar' && new Set(points.map((point) => point.x)).size < points.length) {
    return { points: nameApart(source, points), series, shown, looked }
  }
  if (isTime && plan.kind !== 'bar') points.sort((a, b) => Number(a.x) - Number(b.x))
  return { points, series, shown, looked }
}

/** Bars whose word comes twice, named by all words of their row, and by its number where that is not enough. */
function nameApart(source: ChartSource, points: readonly ChartPoint[]): ChartPoint[] {
  const words = wordColumns(source)
  const taken = new Set<string>()
  return points.map((point, row) => {
    const name = words.map((column) => source.cell(row, column) ?? '').join(', ')
    const x = taken.has(name) ? `${name}, row ${row + 1}` : name
    taken.add(x)
    return { ...point, x }
  })
}

function finite(text: string | null): number | null {
  const value = text === null || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : null
}

/** `2025-05-12` or `2025-05-12 10:00:00.123456`, UTC, in ms; null for what has no place (infinity, BC). */
function instantMs(text: string): number | null {
  const ms = Date.parse(`${text.length === 10 ? `${text}T00:00:00` : text.replace(' ', 'T').slice(0, 23)}Z`)
  return Number.isNaN(ms) ? null : ms
}
