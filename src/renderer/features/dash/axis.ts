import type { Grain } from '../../../shared/dash.ts'
import { shortDay, shortPeriod, weekday } from './dates.ts'

/** Places and words of the labels under a chart: the first and last period and natural times in between, never crowded. */
export function axisDays(
  grain: Grain,
  periods: readonly string[],
  width: number,
): (readonly [number, string])[] {
  const last = periods.length - 1
  if (last < 0) return []
  const word = (period: string) => (grain === 'month' ? shortPeriod('month', period) : shortDay(period))
  const room = Math.max(1, Math.floor(width / 84))
  const natural = periods.flatMap((period, at) => (isNatural(grain, period, periods.length) ? [at] : []))
  const apart = width / (last + 1)
  const every = Math.max(1, Math.ceil(natural.length / room))
  const between = natural.filter((at, i) => i % every === 0 && at * apart > 64 && (last - at) * apart > 64)
  return [...new Set([0, ...between, last])]
    .sort((a, b) => a - b)
    .map((at) => [at, word(periods[at] ?? '')] as const)
}

function isNatural(grain: Grain, period: string, length: number): boolean {
  const day = Number(period.slice(8))
  if (grain === 'month')
    return length < 40 ? Number(period.slice(5, 7)) % 3 === 1 : period.slice(5, 7) === '01'
  if (grain === 'week') return length < 20 || day <= 7
  if (length <= 10) return true
  if (length <= 45) return weekday(period) === 0
  return length <= 130 ? day === 1 || day === 15 : day === 1
}
