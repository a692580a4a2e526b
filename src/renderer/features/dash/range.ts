import type { Grain } from '../../../shared/dash.ts'
import type { Against, Asked } from './address.ts'
import {
  daysBetween,
  earlier,
  lastDay,
  later,
  periodOf,
  periodsBetween,
  plusDays,
  plusPeriods,
} from './dates.ts'

/** Periods shown where nothing was asked for. */
const USUAL: Readonly<Record<Grain, number>> = { day: 90, week: 53, month: 37 }
/** Periods shown at most: a chart of more would hold the window up. Some eleven years of days. */
const MOST = 4_000
const YEAR = 365
/** Lines over more days are drawn by week. */
const MOST_DAY_POINTS = 93

/** First and last day, both inclusive. */
export interface Days {
  readonly from: string
  readonly to: string
}

/** The days that are shown: those asked for, of more than 4,000 periods the newest, else the newest so many of `known`, the first and last day with data. */
export function daysShown(asked: Pick<Asked, 'grain' | 'from' | 'to'>, known: Days): Days {
  const to = asked.to ?? later(asked.from ?? known.to, known.to)
  if (asked.from !== null) {
    const first = plusPeriods(asked.grain, periodOf(asked.grain, to), 1 - MOST)
    return { from: later(asked.from, first), to }
  }
  const from = plusPeriods(asked.grain, periodOf(asked.grain, to), 1 - USUAL[asked.grain])
  return { from: from < known.from && known.from <= to ? known.from : from, to }
}

/** The year that map and overview show: the newest with data where the shown days are in it, else that which ends with them. */
export function yearOf(shown: Days, known: Days): Days {
  const newest = plusDays(known.to, 1 - YEAR)
  if (shown.from >= newest && shown.to <= known.to) return { from: newest, to: known.to }
  return { from: plusDays(shown.to, 1 - YEAR), to: shown.to }
}

/** The year without the empty time before the first day with data. */
export function mapDays(year: Days, known: Days): Days {
  return { from: earlier(later(known.from, year.from), year.to), to: year.to }
}

export function within(days: Days, other: Days): boolean {
  return days.from >= other.from && days.to <= other.to
}

/** The periods that the shown ones are held against, as many of them. */
export function periodsAgainst(grain: Grain, shown: Days, against: Against): string[] {
  const periods = periodsBetween(grain, shown.from, shown.to)
  const [first] = periods
  if (against.kind === 'user' || against.kind === 'all' || first === undefined) return periods
  const start =
    against.kind === 'from' ? periodOf(grain, against.from) : plusPeriods(grain, first, -periods.length)
  return periodsBetween(grain, start, lastDay(grain, plusPeriods(grain, start, periods.length - 1)))
}

/** How finely several types are drawn over the shown days. */
export function grainOfMultiples(grain: Grain, shown: Days): Grain {
  return grain === 'day' && daysBetween(shown.from, shown.to) > MOST_DAY_POINTS ? 'week' : grain
}
