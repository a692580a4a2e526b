import { Fragment } from 'react'
import type { DashLake, Grain } from '../../../shared/dash.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { count } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { href } from '../../ui/route.ts'
import { Time } from '../../ui/time.tsx'
import { type Asked, addressOf, type Spot } from './address.ts'
import { AgainstRaw, type Standing } from './against-raw.tsx'
import { useSeries } from './data.ts'
import { GRAIN_WORDS, lastDay, periodsBetween, shortDay, shortPeriod } from './dates.ts'
import { figure, type Row } from './measures.ts'
import { instantMs, toNumber } from './read.ts'

/** What a period is made of; null for days, which are made of samples. */
export const FINER: Readonly<Record<Grain, Grain | null>> = { month: 'week', week: 'day', day: null }

const DIGITS: Readonly<Record<string, string>> = {
  min_value: 'Min',
  avg_value: 'Mean',
  max_value: 'Max',
  stddev_value: 'Std dev',
  sum_value: 'Sum',
  first_value: 'First',
  last_value: 'Last',
  daily_avg_of_avg: 'Mean of days',
}

/** The statistics of one row to read, each with all its digits behind it. */
export function Figures({ row, grain }: { row: Row; grain: Grain }) {
  const updated = instantMs(row.updatedAt)
  const day = grain === 'day'
  const exact = (name: string) => (
    <dd title={row.texts[name] ?? 'null'}>{figure(toNumber(row.texts[name] ?? null))}</dd>
  )
  return (
    <div className="dash-figures">
      <dl className="kv dash-kv">
        <dt>Min</dt>
        {exact('min_value')}
        <dt>{day ? 'First' : 'Sum'}</dt>
        {exact(day ? 'first_value' : 'sum_value')}
        <dt>Mean</dt>
        {exact('avg_value')}
        <dt>{day ? 'Last' : 'Of days'}</dt>
        {day ? (
          exact('last_value')
        ) : (
          <dd title={`Mean of the days' means, ${row.texts.daily_avg_of_avg}`}>{figure(row.meanOfDays)}</dd>
        )}
        <dt>Max</dt>
        {exact('max_value')}
        <dt>Count</dt>
        <dd>{count(row.count)}</dd>
        <dt>Std dev</dt>
        {exact('stddev_value')}
        <dt>Updated</dt>
        <dd>
          <Time at={updated} as="ago" />
        </dd>
      </dl>
      <details className="dash-digits">
        <summary>
          <Icon name="right" small />
          All digits and the window
        </summary>
        <dl className="kv">
          {Object.entries(DIGITS).map(([name, word]) =>
            row.texts[name] === undefined ? null : (
              <Fragment key={name}>
                <dt>{word}</dt>
                <dd>{row.texts[name] ?? 'null'}</dd>
              </Fragment>
            ),
          )}
          <dt>Window, UTC</dt>
          <dd>
            {windowWords(row.windowStart)} to {windowWords(row.windowEnd)}
          </dd>
        </dl>
      </details>
    </div>
  )
}

/** The weeks of a month or the days of a week, each a step further down. */
export function Parts({
  lake,
  subject,
  spot,
  asked,
  link,
  standingOf,
}: {
  lake: DashLake
  subject: { readonly user: string; readonly type: string }
  spot: Spot
  asked: Asked
  link: (at: Spot) => string
  standingOf: (grain: Grain, period: string) => Standing
}) {
  const finer = FINER[spot.grain] ?? 'day'
  const last = lastDay(spot.grain, spot.period)
  const periods = periodsBetween(finer, spot.period, last)
  const series = useSeries('main', lake, {
    grain: finer,
    user: subject.user,
    types: [subject.type],
    from: periods[0] ?? spot.period,
    to: periods.at(-1) ?? last,
  })
  const rows = new Map(series.data?.rows.map((row) => [row.period, row]))
  const words = GRAIN_WORDS[finer].many
  return (
    <div className="sect dash-raw">
      <div className="row between">
        <h3>Its {words}</h3>
        <a
          className="dense"
          href={href(['dash'], addressOf({ ...asked, grain: 'day', from: spot.period, to: last }))}
        >
          Show its days
        </a>
      </div>
      {series.data === undefined ? (
        <Awaiting of={series} what={`Reading its ${words}`} plain />
      ) : (
        <table className="grid" aria-label={`Its ${words}`}>
          <thead>
            <tr>
              <th scope="col">{finer === 'week' ? 'Week' : 'Day'}</th>
              <th scope="col" className="num">
                Count
              </th>
              <th scope="col" className="num">
                Mean
              </th>
              <th scope="col">Against raw</th>
            </tr>
          </thead>
          <tbody>
            {periods.map((period) => {
              const row = rows.get(period)
              return (
                <tr key={period}>
                  <td>
                    <a className="dash-open" href={link({ grain: finer, period })}>
                      {shortPeriod(finer, period)}
                    </a>
                  </td>
                  {row ? (
                    <>
                      <td className="num">{count(row.count)}</td>
                      <td className="num" title={row.texts.avg_value ?? undefined}>
                        {figure(row.mean)}
                      </td>
                    </>
                  ) : (
                    <td className="dash-none" colSpan={2}>
                      <span>no data</span>
                    </td>
                  )}
                  <td>
                    {standingOf(finer, period).kind === 'nothing newer' ? (
                      <span className="visually-hidden">No newer rows</span>
                    ) : (
                      <AgainstRaw standing={standingOf(finer, period)} />
                    )}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </div>
  )
}

/** `9 May 00:00` of `2026-05-09 00:00:00`. */
function windowWords(instant: string): string {
  return `${shortDay(instant.slice(0, 10))} ${instant.slice(11, 16)}`
}
