import { count } from '../../ui/format.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { Time } from '../../ui/time.tsx'
import { type Series, timesOf } from './series.ts'

const seconds = (value: number | null | undefined): string =>
  value === null || value === undefined ? '' : `${value.toFixed(1)} s`

/** The numbers behind the charts, newest first. */
export function SeriesTable({
  series,
  reasons,
  reasonName,
}: {
  series: Series | null
  reasons: readonly string[]
  reasonName: (type: string) => string
}) {
  const times = series ? timesOf(series) : []
  return (
    <div className="charts-table">
      <Scroll label="Series of the last 15 minutes">
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col" className="num">
                Messages/s
              </th>
              <th scope="col" className="num">
                Committed after
              </th>
              <th scope="col" className="num">
                Rolled up after
              </th>
              <th scope="col" className="num">
                Most lag
              </th>
              {reasons.map((type) => (
                <th key={type} scope="col" className="num">
                  {reasonName(type)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {times
              .map((time, step) => ({ time, step }))
              .toReversed()
              .map(({ time, step }) => {
                const rate = series?.consumed[step] ?? null
                const lags = (series?.lag ?? []).map((row) => row[step] ?? null).filter((v) => v !== null)
                return (
                  <tr key={time}>
                    <td>
                      <Time at={time * 1000} as="clock" />
                    </td>
                    <td className="num">{rate === null ? '' : count(Math.round(rate))}</td>
                    <td className="num">{seconds(series?.committed[step])}</td>
                    <td className="num">{seconds(series?.rolledUp[step])}</td>
                    <td className="num">{lags.length === 0 ? '' : seconds(Math.max(...lags))}</td>
                    {reasons.map((type) => (
                      <td key={type} className="num">
                        {count(series?.rejects[type]?.[step] ?? 0)}
                      </td>
                    ))}
                  </tr>
                )
              })}
          </tbody>
        </table>
      </Scroll>
    </div>
  )
}
