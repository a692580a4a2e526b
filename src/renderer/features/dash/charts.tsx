import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useCallback } from 'react'
import type { DashLake, DashTypes, Grain } from '../../../shared/dash.ts'
import { toFault } from '../../../shared/errors.ts'
import { useWidth } from '../../chart/use-width.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, count, counted } from '../../ui/format.ts'
import { type Against, type Asked, addressOf } from './address.ts'
import { standingOf } from './against-raw.tsx'
import { BandChart } from './band-chart.tsx'
import { DashBar } from './bar.tsx'
import { checkKey, useChecks } from './checks.ts'
import { CompareChart } from './compare-chart.tsx'
import { useNewer } from './data.ts'
import { dayStart, GRAIN_WORDS, lastDay, later, plusDays, rangeWords } from './dates.ts'
import { DrillPane } from './drill-pane.tsx'
import { useFigures } from './figures.ts'
import { go } from './go.ts'
import {
  figureOf,
  MEASURES,
  type Measure,
  type Row,
  typeWords,
  unitOf,
  unitOfMeasure,
  usualMeasure,
} from './measures.ts'
import { MultipleRow } from './multiple-row.tsx'
import { Overview } from './overview.tsx'
import { PeriodTable } from './period-table.tsx'
import { type Days, daysShown, mapDays, yearOf } from './range.ts'
import { SamplesSpread } from './samples-spread.tsx'
import { SpreadChart } from './spread-chart.tsx'
import { DashSkeleton } from './waiting.tsx'
import { YearMap } from './year-map.tsx'

/** Width in px from which the year, the comparison and the distribution stand side by side; dash.css says the same. */
const WIDE = 1180

const finite = (rows: readonly Row[], measure: Measure) => rows.flatMap((row) => figureOf(row, measure) ?? [])

/** What the chosen periods are held against: in a word beside a line, and after "against". */
function wordsOf(
  against: Against,
  before: readonly string[],
  days: Days,
  users: number | null,
): readonly [string, string] {
  switch (against.kind) {
    case 'user':
      return [against.user, against.user]
    case 'all':
      return ['all users', users === null ? 'all users' : `all users, ${count(users)} of them`]
    case 'before':
      return [rangeWords(days.from, days.to), `the ${before.length} before`]
    case 'from':
      return [rangeWords(days.from, days.to), `those from ${rangeWords(days.from, days.from)}`]
  }
}

/** Everything about one subject whose days are known. */
export function Charts({
  lake,
  asked,
  subject,
  types,
  known,
  children,
}: {
  lake: DashLake
  asked: Asked
  subject: { readonly user: string; readonly type: string }
  types: DashTypes | undefined
  /** First and last day with data. */
  known: Days
  children: ReactNode
}) {
  const { user, type } = subject
  const { grain, at, against } = asked
  const shown = daysShown(asked, known)
  const year = yearOf(shown, known)
  const measure = asked.measure ?? usualMeasure(type)
  const unit = unitOf(type)
  const told = unitOfMeasure(type, measure)

  const figures = useFigures(lake, asked, subject, shown, year)
  const { periods, rows, yearRows, before, beforeDays, otherRows, series } = figures
  const client = useQueryClient()
  const newer = useNewer(lake, user, type)
  const checks = useChecks(subject, `${lake.version} ${lake.raw?.snapshotId}`)
  const standing = useCallback(
    (of: Grain, period: string) =>
      standingOf(of, period, checks.known.get(checkKey(of, period)), newer.data, newer.behind),
    [checks.known, newer.data, newer.behind],
  )

  const picked = at !== null && at.grain === grain ? at.period : null
  const pick = (period: string) => go(asked, { at: { grain, period } })
  const range = (from: string, to: string) => go(asked, { from, to })
  const map = mapDays(year, known)
  const [againstWords, againstName] = wordsOf(against, before, beforeDays, figures.otherUsers)
  const many = GRAIN_WORDS[grain].many
  const word = (MEASURES.find(({ value }) => value === measure)?.word ?? '').toLowerCase()
  const title = typeWords(type)
  const page = useWidth<HTMLElement>()
  const wide = page.width >= WIDE
  const again = () => void figures.again()
  const cancel = () => void client.cancelQueries({ queryKey: ['dash', 'series'] })
  return (
    <>
      <main className="work dash" ref={page.place} aria-busy={series.isFetching}>
        {children}
        <DashBar
          lake={lake}
          asked={asked}
          subject={subject}
          shown={shown}
          known={known}
          periods={periods}
          rows={rows}
          checks={checks}
          standingOf={standing}
          refreshing={series.isPlaceholderData}
        />
        {figures.error && (
          <FaultBlock fault={toFault(figures.error)}>
            <Button small onClick={again}>
              Read the statistics again
            </Button>
          </FaultBlock>
        )}
        {series.data === undefined ? (
          !figures.error && (
            <Awaiting
              of={{ ...series, cancel, refetch: figures.again }}
              what={`Reading the ${many}`}
              again={`Read the ${many}`}
              shape={<DashSkeleton />}
            />
          )
        ) : (
          <div className="dash-scroll">
            <section className="dash-first" aria-label={`${title} by ${grain}`}>
              <BandChart
                name={`${title} by ${grain}`}
                unit={
                  unit === ''
                    ? `unit not known, ${many} in ${lake.timezone}`
                    : `${unit}, ${many} in ${lake.timezone}`
                }
                grain={grain}
                periods={periods}
                rows={rows}
                picked={picked}
                onPick={pick}
                onZoom={(from, to) => range(from, lastDay(grain, to))}
              />
              <Overview
                days={[later(map.from, known.from), map.to]}
                rows={yearRows}
                measure={measure}
                from={shown.from}
                to={shown.to}
                onRange={range}
              />
            </section>
            <div className="dash-three">
              <YearMap
                days={[map.from, map.to]}
                known={[known.from, known.to]}
                rows={yearRows}
                read={figures.ofYear}
                measure={measure}
                unit={told}
                picked={at?.grain === 'day' ? at.period : null}
                onPick={(period) => go(asked, { at: { grain: 'day', period } })}
                onMeasure={(next) => go(asked, { measure: next === usualMeasure(type) ? null : next })}
              />
              <CompareChart
                name={`${periods.length} ${many} against ${againstName}`}
                unit={told}
                grain={grain}
                measure={measure}
                now={{ word: 'chosen', periods, rows }}
                then={{ word: againstWords, periods: before, rows: otherRows }}
                loading={figures.otherLoading}
                ask={figures.ask}
                height={wide ? 140 : 62}
              />
              <SpreadChart
                name="Distribution"
                unit={`of ${grain === 'day' ? 'daily' : `${grain}ly`} ${word}, ${told}`}
                of={many}
                values={finite([...rows.values()], measure)}
                others={finite([...otherRows.values()], measure)}
                height={wide ? 270 : 200}
                otherWord={otherRows.size > 0 ? ('user' in against ? against.user : 'compared') : null}
              />
              <SamplesSpread
                key={`${user} ${type} ${shown.from} ${shown.to}`}
                lake={lake}
                question={{
                  user,
                  type,
                  from: dayStart(lake.timezone, periods[0] ?? shown.from),
                  to: dayStart(lake.timezone, plusDays(lastDay(grain, periods.at(-1) ?? shown.to), 1)),
                }}
                unit={`of single values, ${unit === '' ? 'unit not known' : unit}`}
                height={104}
              />
            </div>
            <MultipleRow
              lake={lake}
              asked={asked}
              user={user}
              type={type}
              types={types?.types.map((one) => one.type) ?? []}
              shown={shown}
              picked={at}
            />
            <PeriodTable
              key={`${type} ${user} ${grain} ${shown.from} ${shown.to}`}
              grain={grain}
              unit={unit}
              periods={periods}
              rows={rows}
              picked={picked}
              standingOf={(period) => standing(grain, period)}
              onPick={pick}
            />
            <p className="micro t3 dash-pad">
              Band, year and comparison come from {counted(figures.cost.files, 'file')},{' '}
              {bytes(figures.cost.bytes)}
            </p>
          </div>
        )}
      </main>
      {at && (
        <DrillPane
          key={JSON.stringify(addressOf({ ...asked, user, type }))}
          lake={lake}
          asked={asked}
          subject={subject}
          spot={at}
          checks={checks}
          standingOf={standing}
        />
      )}
    </>
  )
}
