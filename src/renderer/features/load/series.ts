import type { SeriesView } from '../../../shared/monitor.ts'

/** What the page holds of the series: like the view, up to its last step. */
export type Series = SeriesView

/** `held` with what is new in `more`; `more` alone where it does not follow. */
export function joinSeries(held: Series | null, more: SeriesView): Series {
  if (held === null || held.epoch !== more.epoch || more.rows.length !== held.rows.length) return more
  const keep = more.from - held.from
  if (keep < 0 || keep > held.consumed.length) return more
  const length = keep + more.consumed.length
  const drop = Math.max(0, length - more.kept)
  const join = <T>(a: readonly T[], b: readonly T[]): T[] => [...a.slice(0, keep), ...b].slice(drop)
  const types = new Set([...Object.keys(held.rejects), ...Object.keys(more.rejects)])
  const zeros = (count: number): number[] => new Array<number>(count).fill(0)
  return {
    ...more,
    from: held.from + drop,
    at: held.at + drop * held.stepMs,
    consumed: join(held.consumed, more.consumed),
    committed: join(held.committed, more.committed),
    rolledUp: join(held.rolledUp, more.rolledUp),
    lag: more.lag.map((row, index) => join(held.lag[index] ?? [], row)),
    rejects: Object.fromEntries(
      Array.from(types, (type) => [
        type,
        join(held.rejects[type] ?? zeros(keep), more.rejects[type] ?? zeros(more.consumed.length)),
      ]),
    ),
  }
}

/** Starts of the steps in seconds since the epoch. */
export function timesOf(series: Series): number[] {
  return series.consumed.map((_, index) => (series.at + index * series.stepMs) / 1000)
}

/** Lengths of the time axis, seconds: it grows by these steps, so that a young load fills its charts. */
const SPANS = [180, 450] as const

/**
 * First and last second that all charts show: a young load from its first step on, later the last 15 minutes up to the
 * newest step.
 */
export function windowOf(series: Series): [number, number] {
  const step = series.stepMs / 1000
  const [start, held, kept] = [series.at / 1000, series.consumed.length * step, series.kept * step]
  const span = SPANS.find((one) => held <= one) ?? kept
  return held <= span && span < kept ? [start, start + span] : [start + held - kept, start + held]
}

/** The length of the axis in words. */
export function spanWords([from, to]: readonly [number, number]): string {
  const minutes = (to - from) / 60
  return `${Number.isInteger(minutes) ? minutes : minutes.toFixed(1)} minutes`
}

/** Counts summed over `seconds`, on the clock's own multiples of it. */
export function binned(series: Series, seconds: number): { at: number[]; counts: Map<string, number[]> } {
  const times = timesOf(series)
  const first = Math.floor((times[0] ?? 0) / seconds)
  const last = Math.floor((times.at(-1) ?? 0) / seconds)
  const size = times.length === 0 ? 0 : last - first + 1
  const at = Array.from({ length: size }, (_, i) => (first + i) * seconds)
  const counts = new Map<string, number[]>()
  for (const [type, values] of Object.entries(series.rejects)) {
    const bins = new Array<number>(size).fill(0)
    for (const [i, value] of values.entries()) {
      const bin = Math.floor((times[i] ?? 0) / seconds) - first
      bins[bin] = (bins[bin] ?? 0) + value
    }
    counts.set(type, bins)
  }
  return { at, counts }
}

/** Upper ends of the steps of colour for lag, in seconds; what is beyond has the last one. */
export const LAG_STEPS = [2, 5, 10, 30, 120] as const

/** 1 to 6. */
export function lagStep(seconds: number): number {
  const at = LAG_STEPS.findIndex((end) => seconds < end)
  return at < 0 ? LAG_STEPS.length + 1 : at + 1
}
