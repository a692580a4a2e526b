import type { Grain } from '../../../shared/dash.ts'
import { shortCount } from '../../ui/format.ts'
import { shortDay, shortPeriod, weekday } from './dates.ts'
import { figure } from './measures.ts'

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

/** Words of the values at an axis, all of them short where one of them would be long. */
export function tickWords(ticks: readonly number[]): (tick: number) => string {
  return ticks.some((tick) => Math.abs(tick) >= 10_000) ? shortCount : figure
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
