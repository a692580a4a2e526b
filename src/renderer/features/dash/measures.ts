import { HEALTH_TYPES } from '../../../shared/health.ts'
import { shortCount } from '../../ui/format.ts'

/** The statistics of a row of an aggregate; values that are not finite are null in `figures` and spelled in `texts`. */
export interface Row {
  /** First day of the period. */
  readonly period: string
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly max: number
  readonly sum: number
  readonly std: number
  /** Of days only. */
  readonly first: number | null
  readonly last: number | null
  /** Mean of the days' means; of weeks and months only. */
  readonly meanOfDays: number | null
  /** UTC, half-open, `2026-05-09 00:00:00`. */
  readonly windowStart: string
  readonly windowEnd: string
  readonly updatedAt: string
  /** Every column as the engine spelled it, exact for its type. */
  readonly texts: Readonly<Record<string, string | null>>
}

export const MEASURES = [
  { value: 'mean', word: 'Mean' },
  { value: 'sum', word: 'Sum' },
  { value: 'min', word: 'Min' },
  { value: 'max', word: 'Max' },
  { value: 'std', word: 'Std dev' },
  { value: 'count', word: 'Count' },
] as const
export type Measure = (typeof MEASURES)[number]['value']

/** Types whose samples are parts of a whole: their sum says more than their mean. */
const PARTS =
  /^(steps|stepCount|distance|flightsClimbed|activeEnergyBurned|basalEnergyBurned|exerciseTime|standHours|sleepAnalysis|timeInBed|mindfulMinutes|dietary)/

/** What is told of a type where nothing else was chosen. */
export function usualMeasure(type: string): Measure {
  return PARTS.test(type) ? 'sum' : 'mean'
}

/** The figure of a row; null where it is none that can be drawn. */
export function figureOf(row: Row, measure: Measure): number | null {
  const figure = row[measure]
  return Number.isFinite(figure) ? figure : null
}

const UNITS = new Map(HEALTH_TYPES.map(({ type, unit }) => [type, unit]))

/** The unit of a type's values; empty for a type that Tarn does not know. */
export function unitOf(type: string): string {
  return UNITS.get(type) ?? ''
}

/** The unit of a measure: counts are of samples. */
export function unitOfMeasure(type: string, measure: Measure): string {
  return measure === 'count' ? 'samples' : unitOf(type)
}

/** `heartRateVariability` as `Heart rate variability`; an unknown type as it is. */
export function typeWords(type: string): string {
  if (!UNITS.has(type)) return type
  const words = type.replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const formats = [0, 1, 2].map(
  (digits) =>
    new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
)

/** A figure to read: two decimals under a hundred, one under a thousand, none above; exact figures are in the texts. */
export function figure(value: number | null): string {
  if (value === null) return ''
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size >= 1e7) return shortCount(value)
  const digits = Number.isInteger(value) ? 0 : size >= 1000 ? 0 : size >= 100 ? 1 : 2
  return (formats[digits] as Intl.NumberFormat).format(value)
}

/** Figures of one column with as many decimals as the finest of them needs, at most two. */
export function columnFigures(values: readonly (number | null)[]): (value: number | null) => string {
  const finite = values.filter((value): value is number => value !== null && Number.isFinite(value))
  const places = (value: number) => (Number.isInteger(value) ? 0 : Number.isInteger(value * 10) ? 1 : 2)
  const digits = finite.some((value) => Math.abs(value) >= 1e7) ? null : Math.max(0, ...finite.map(places))
  return (value) => {
    if (value === null) return ''
    if (!Number.isFinite(value) || digits === null) return figure(value)
    return (formats[digits] as Intl.NumberFormat).format(value)
  }
}

/** The rows of several periods as one. */
export interface Pooled {
  readonly periods: number
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly max: number
  readonly sum: number
  readonly std: number
}

/** Merges rows as the rollup does (Chan's form), so that large values lose no digits. Null without rows. */
export function pool(rows: readonly Row[]): Pooled | null {
  let merged: { n: number; mean: number; m2: number } | null = null
  let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  for (const row of rows) {
    const other = { n: row.count, mean: row.mean, m2: row.std * row.std * row.count }
    if (merged === null) merged = other
    else {
      const n: number = merged.n + other.n
      const delta: number = other.mean - merged.mean
      merged = {
        n,
        mean: merged.mean + (delta * other.n) / n,
        m2: merged.m2 + other.m2 + (delta * delta * merged.n * other.n) / n,
      }
    }
    min = Math.min(min, row.min)
    max = Math.max(max, row.max)
    sum += row.sum
  }
  if (merged === null) return null
  const { n, mean, m2 } = merged
  return { periods: rows.length, count: n, min, mean, max, sum, std: Math.sqrt(Math.max(0, m2) / n) }
}
