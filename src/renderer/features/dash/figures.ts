import { useEffect, useMemo, useState } from 'react'
import type { DashLake } from '../../../shared/dash.ts'
import type { Asked } from './address.ts'
import { byPeriod, useSeries, useSeriesCost } from './data.ts'
import { lastDay, periodsBetween } from './dates.ts'
import type { Row } from './measures.ts'
import { type Days, periodsAgainst, within } from './range.ts'
import { type Cost, readsLittle, type SeriesQuestion } from './read.ts'

/** The rows that a dashboard shows of its subject: the chosen periods first, then their year and what they are held against. */
export function useFigures(
  lake: DashLake,
  asked: Asked,
  { user, type }: { readonly user: string; readonly type: string },
  shown: Days,
  year: Days,
) {
  const { grain, against } = asked
  // Nothing else is read before the chosen periods are there.
  const [begun, setBegun] = useState(false)
  const ofYear = useSeries(
    'main',
    lake,
    begun ? { grain: 'day', user, types: [type], from: year.from, to: year.to } : null,
  )
  const yearThere = ofYear.data !== undefined && !ofYear.isPlaceholderData
  const inYear = grain === 'day' && yearThere && within(shown, year)
  const periods = useMemo(() => periodsBetween(grain, shown.from, shown.to), [grain, shown.from, shown.to])
  const own = useSeries(
    'main',
    lake,
    inYear
      ? null
      : { grain, user, types: [type], from: periods[0] ?? shown.from, to: periods.at(-1) ?? shown.to },
  )
  const series = inYear ? ofYear : own
  const there = series.data !== undefined
  useEffect(() => {
    if (there) setBegun(true)
  }, [there])
  const yearRows = useMemo(() => byPeriod(ofYear.data?.rows), [ofYear.data])
  const rows = useMemo(() => pick(periods, series.data?.rows), [periods, series.data])

  const before = useMemo(
    () => periodsAgainst(grain, { from: shown.from, to: shown.to }, against),
    [grain, shown.from, shown.to, against],
  )
  const beforeDays = { from: before[0] ?? shown.from, to: lastDay(grain, before.at(-1) ?? shown.to) }
  const all = against.kind === 'all'
  const otherInYear = !all && against.kind !== 'user' && grain === 'day' && within(beforeDays, year)
  const question: SeriesQuestion = {
    grain,
    user: all ? null : against.kind === 'user' ? against.user : user,
    types: [type],
    from: before[0] ?? shown.from,
    to: before.at(-1) ?? shown.to,
  }
  // Those of all users may be many files: where they are, they are read once it is asked for.
  const cost = useSeriesCost(lake, all && begun ? question : null)
  const [askedFor, setAskedFor] = useState<string | null>(null)
  const key = JSON.stringify(question)
  const waits = all && askedFor !== key && !(cost.data != null && readsLittle(cost.data))
  const others = useSeries('side', lake, otherInYear || !begun || waits ? null : question)
  const other = otherInYear ? ofYear : others
  const otherRows = useMemo(() => pick(before, other.data?.rows), [before, other.data])
  return {
    periods,
    rows,
    series,
    yearRows,
    before,
    beforeDays,
    otherRows,
    /** Until their rows are there nothing can be said of these days, not even that they are missing. */
    ofYear,
    otherLoading: other.data === undefined && other.error === null && cost.error === null,
    /** What reading those of all users takes, where that waits to be asked for. */
    ask: waits && cost.data != null ? { cost: cost.data, read: () => setAskedFor(key) } : null,
    /** How many users the others are of. */
    otherUsers: other.data?.users ?? null,
    error: series.error ?? ofYear.error ?? others.error ?? cost.error,
    cost: sum([inYear ? undefined : own.data?.cost, ofYear.data?.cost, others.data?.cost]),
    again: () =>
      Promise.all([series, ofYear, other].map((query) => (query.isEnabled ? query.refetch() : undefined))),
  }
}

function pick(periods: readonly string[], rows: readonly Row[] | undefined): ReadonlyMap<string, Row> {
  const all = byPeriod(rows)
  return new Map(
    periods.flatMap((period) => {
      const row = all.get(period)
      return row === undefined ? [] : [[period, row] as const]
    }),
  )
}

function sum(costs: readonly (Cost | undefined)[]): Cost {
  return costs.reduce<Cost>(
    (all, one) => ({ files: all.files + (one?.files ?? 0), bytes: all.bytes + (one?.bytes ?? 0) }),
    { files: 0, bytes: 0 },
  )
}
