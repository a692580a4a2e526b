import { LAG_STEPS, lagStep, type Series, timesOf } from './series.ts'

/** What a chart draws, apart from the canvas that shows it: for its file. */
export interface Drawing {
  readonly title: string
  readonly unit: string
  /** First and last second of the axis. */
  readonly window: readonly [number, number]
  readonly lines?: readonly {
    readonly name: string
    readonly color: string
    readonly filled?: boolean
    readonly values: readonly (number | null)[]
  }[]
  /** Stacked from the first on, each value beginning at its `at`. */
  readonly bars?: {
    readonly at: readonly number[]
    readonly seconds: number
    readonly parts: readonly {
      readonly name: string
      readonly color: string
      readonly counts: readonly number[]
    }[]
  }
  /** One row of cells each. */
  readonly cells?: readonly { readonly name: string; readonly values: readonly (number | null)[] }[]
}

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [720, 240, 48, 24, 24]
const INNER = HEIGHT - TOP - BOTTOM

/** Round values from 0 to at least `most`, at most five. */
export function roundSteps(most: number): number[] {
  const rough = Math.max(most, 1e-9) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? 10 * power
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step)
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one] ?? one)

/** The chart as an SVG of its own size, colours as the theme's variables. `clock` spells an instant, ms. */
export function drawingSvg(
  series: Series,
  drawing: Drawing,
  ticks: readonly number[],
  clock: (ms: number) => string,
): string {
  const [from, to] = drawing.window
  const x = (seconds: number) => LEFT + ((seconds - from) / (to - from)) * (WIDTH - LEFT - 8)
  const times = timesOf(series)
  const step = series.stepMs / 1000
  const parts: string[] = []
  const most = mostOf(drawing)
  const steps = roundSteps(most)
  const top = steps.at(-1) ?? 1
  const y = (value: number) => TOP + INNER - (value / top) * INNER
  if (drawing.cells === undefined) {
    for (const value of steps) {
      parts.push(
        `<line x1="${LEFT}" x2="${WIDTH - 8}" y1="${y(value)}" y2="${y(value)}" stroke="var(--line)"/>`,
      )
      parts.push(text(LEFT - 6, y(value) + 4, 'end', value.toLocaleString('en-US')))
    }
  }
  for (const seconds of ticks) parts.push(text(x(seconds), HEIGHT - 6, 'middle', clock(seconds * 1000)))
  for (const { color, filled, values } of drawing.lines ?? []) {
    for (const run of runsOf(values)) {
      const points = run.map((i) => `${x(times[i] ?? from).toFixed(1)},${y(values[i] ?? 0).toFixed(1)}`)
      const [first = 0, last = 0] = [run[0], run.at(-1)]
      if (filled)
        parts.push(
          `<polygon points="${x(times[first] ?? from)},${y(0)} ${points.join(' ')} ${x(times[last] ?? from)},${y(0)}" fill="var(--band)"/>`,
        )
      parts.push(
        `<polyline points="${points.join(' ')}" fill="none" stroke="var(--${color})" stroke-width="1.25"/>`,
      )
    }
  }
  const { bars } = drawing
  bars?.at.forEach((at, index) => {
    let below = 0
    for (const { color, counts } of bars.parts) {
      const value = counts[index] ?? 0
      if (value > 0)
        parts.push(
          `<rect x="${x(at).toFixed(1)}" width="${Math.max(1, x(at + bars.seconds) - x(at) - 2).toFixed(1)}" y="${y(below + value).toFixed(1)}" height="${(y(below) - y(below + value)).toFixed(1)}" fill="var(--${color})"/>`,
        )
      below += value
    }
  })
  drawing.cells?.forEach(({ name, values }, row, all) => {
    const height = INNER / all.length
    if (row % Math.ceil(all.length / 12) === 0)
      parts.push(text(LEFT - 6, TOP + (row + 0.5) * height + 4, 'end', name))
    values.forEach((value, i) => {
      if (value === null) return
      const at = times[i] ?? from
      if (at < from) return
      parts.push(
        `<rect x="${x(at).toFixed(1)}" width="${(x(at + step) - x(at) + 0.3).toFixed(1)}" y="${(TOP + row * height).toFixed(1)}" height="${Math.max(1, height - 1).toFixed(1)}" fill="var(--seq-${lagStep(value)})"/>`,
      )
    })
  })
  const key = keyOf(drawing)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${text(0, 12, 'start', `${drawing.title}, ${drawing.unit}${key}`, 'var(--text)')}${parts.join('')}</svg>`
}

function keyOf({ lines = [], bars, cells }: Drawing): string {
  const names = [...lines, ...(bars?.parts ?? [])].map(({ name }) => name).filter((name) => name !== '')
  if (cells) return `; pale under ${LAG_STEPS[0]} s, deep over ${LAG_STEPS.at(-1)} s`
  return names.length === 0 ? '' : `: ${names.join(', ')}`
}

function mostOf({ lines = [], bars }: Drawing): number {
  const stacks =
    bars?.at.map((_, i) => bars.parts.reduce((sum, { counts }) => sum + (counts[i] ?? 0), 0)) ?? []
  return Math.max(1, ...lines.flatMap(({ values }) => values.filter((value) => value !== null)), ...stacks)
}

/** Places of values that follow each other without a gap. */
function runsOf(values: readonly (number | null)[]): number[][] {
  const runs: number[][] = []
  values.forEach((value, i) => {
    if (value === null) return
    const open = runs.at(-1)
    if (open !== undefined && open.at(-1) === i - 1) open.push(i)
    else runs.push([i])
  })
  return runs
}

const text = (x: number, y: number, anchor: string, words: string, fill = 'var(--axis)'): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${fill}">${escaped(words)}</text>`

/** The numbers of a chart: one line a step or a bar, instants in UTC. */
export function drawingCsv(series: Series, { lines, bars, cells }: Drawing): string {
  const cell = (value: number | null | undefined): string =>
    value === null || value === undefined ? '' : String(value)
  const heads = (names: readonly string[]) =>
    ['from', ...names.map((name) => `"${name.replaceAll('"', '""')}"`)].join(',')
  if (bars) {
    const rows = bars.at.map((at, i) =>
      [new Date(at * 1000).toISOString(), ...bars.parts.map(({ counts }) => cell(counts[i] ?? 0))].join(','),
    )
    return [heads(bars.parts.map(({ name }) => name)), ...rows].join('\r\n')
  }
  const columns = lines ?? cells ?? []
  const rows = timesOf(series).map((at, i) =>
    [new Date(at * 1000).toISOString(), ...columns.map(({ values }) => cell(values[i]))].join(','),
  )
  return [heads(columns.map(({ name }) => name || 'value')), ...rows].join('\r\n')
}
