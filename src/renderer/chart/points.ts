export type ChartKind = 'band' | 'line' | 'bar' | 'dot'

/** Which columns of an answer a chart shows, by place in the answer. */
export interface ChartPlan {
  readonly kind: ChartKind
  /** Across the page: time, a word or a number. */
  readonly across: number
  /** The value drawn. */
  readonly value: number
  /** Lower and upper edge; of a band only. */
  readonly low: number | null
  readonly high: number | null
  /** The column whose values are lines of their own; one of them is shown at a time. */
  readonly series: number | null
}

export interface ChartPoint {
  /** Milliseconds since the epoch, a number, or a word. */
  readonly x: number | string
  readonly y: number | null
  readonly low: number | null
  readonly high: number | null
}

export interface ChartData {
  readonly points: readonly ChartPoint[]
  /** Values of the series' column, in order of appearance; empty without one. */
  readonly series: readonly string[]
  /** The one that is shown. */
  readonly shown: string | null
  /** Rows of the answer that were looked at, from its first. */
  readonly looked: number
}
