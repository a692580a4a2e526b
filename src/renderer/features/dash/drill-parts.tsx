import type { DashLake, Grain } from '../../../shared/dash.ts'
import { absolute, ago, count, counted } from '../../ui/format.ts'
import { Loading } from '../../ui/loading.tsx'
import { useNow } from '../../ui/now.ts'
import { href } from '../../ui/route.ts'
import { useView } from '../../ui/view.ts'
import { type Asked, addressOf, type Spot } from './address.ts'
import { AgainstRaw, type Standing } from './against-raw.tsx'
import { useSeries } from './data.ts'
import { GRAIN_WORDS, lastDay, periodsBetween, shortDay, shortPeriod } from './dates.ts'
import { figure, type Row } from './measures.ts'
import { instantMs } from './read.ts'

/** What a period is made of; null for days, which are made of samples. */
export const FINER: Readonly<Record<Grain, Grain | null>> = { month: 'week', week: 'day', day: null }

/** The exact statistics of one row. */
export function Figures({ row, grain }: { row: Row; grain: Grain }) {
  const { zone } = useView()
  const now = useNow(5_000)
  const exact = (name: string) => row.texts[name] ?? 'null'
  const updated = instantMs(row.updatedAt)
  const last = grain === 'day'
  return (
    <div className="dash-figures">
      <dl className="kv">
        <dt>Min</dt>
        <dd>{exact('min_value')}</dd>
        <dt>Mean</dt>
        <dd>{exact('avg_value')}</dd>
        <dt>Max</dt>
        <dd>{exact('max_value')}</dd>
        <dt>Std dev</dt>
        <dd>{exact('stddev_value')}</dd>
        <dt>Sum</dt>
        <dd>{exact('sum_value')}</dd>
        {last ? (
          <>
            <dt>First</dt>
            <dd>{exact('first_value')}</dd>
            <dt>Last</dt>
            <dd>{exact('last_value')}</dd>
          </>
        ) : (
          <>
            <dt>Mean of days</dt>
            <dd>{exact('daily_avg_of_avg')}</dd>
          </>
        )}
        <dt>Count</dt>
        <dd>{counted(row.count, 'sample')}</dd>
        <dt>Window, UTC</dt>
        <dd>
          {windowWords(row.windowStart)} to {windowWords(row.windowEnd)}
        </dd>
        <dt>Updated</dt>
        <dd title={absolute(updated, zone)}>{ago(updated, now)}</dd>
      </dl>
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
      {series.isPending ? (
        <Loading what={`Reading its ${words}`} />
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
                    <AgainstRaw standing={standingOf(finer, period)} />
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
