import { useMemo, useState } from 'react'
import { Figure } from '../../chart/figure.tsx'
import type { Span } from '../../chart/steps.tsx'
import { clock, count, counted } from '../../ui/format.ts'
import { useView } from '../../ui/view.ts'
import { csvOf } from './csv.ts'
import { figure } from './measures.ts'
import { Origin } from './origin.tsx'
import { instantMs, type Sample } from './read.ts'
import { Scatter } from './scatter.tsx'

const HOUR = 3_600_000
const MOST_ROWS = 60

/** Every sample of a day over its hours; some hours are chosen, their rows stand below. */
export function DaySamples({
  subject,
  snapshot,
  samples,
  window,
  sql,
  name,
}: {
  subject: { readonly user: string; readonly type: string }
  /** Raw's newest. */
  snapshot: string | undefined
  samples: readonly Sample[]
  /** UTC, half-open, `2026-05-09 00:00:00`. */
  window: readonly [string, string]
  /** Address of the SQL page with the statement for these rows. */
  sql: (from: string, to: string) => string
  name: string
}) {
  const { zone } = useView()
  const [start, end] = [instantMs(window[0]), instantMs(window[1])]
  const hours = Math.max(1, Math.ceil((end - start) / HOUR))
  const peak = useMemo(
    () =>
      samples.reduce<Sample | null>(
        (most, one) => (most === null || one.value > most.value ? one : most),
        null,
      ),
    [samples],
  )
  const [asked, setAsked] = useState<Span | null>(null)
  const [row, setRow] = useState<string | null>(null)
  const peakHour = peak === null ? 0 : Math.min(hours - 1, Math.floor((peak.at - start) / HOUR))
  const chosen = asked ?? { from: peakHour, to: peakHour }
  const from = start + chosen.from * HOUR
  const to = Math.min(end, start + (chosen.to + 1) * HOUR)
  const inside = samples.filter((one) => one.at >= from && one.at < to)
  const picked = inside.find((one) => one.id === row) ?? (peak && inside.includes(peak) ? peak : null)
  const words = (hour: number) => {
    const [a, b] = [start + hour * HOUR, Math.min(end, start + (hour + 1) * HOUR)]
    const n = samples.filter((one) => one.at >= a && one.at < b)
    const values = n.map((one) => one.value)
    const told = n.length === 0 ? '' : `, ${figure(Math.min(...values))} to ${figure(Math.max(...values))}`
    return `${clock(a, zone).slice(0, 5)} to ${clock(b, zone).slice(0, 5)}: ${counted(n.length, 'sample')}${told}`
  }
  const unit = samples[0]?.unit ?? ''
  const title = `${clock(from, zone).slice(0, 5)} to ${clock(to, zone).slice(0, 5)}`
  return (
    <>
      <div className="sect">
        <Figure
          name="Every sample of the day"
          unit={unit}
          table={{
            columns: [
              { name: 'sample_id', numeric: false },
              { name: 'start_date', numeric: false },
              { name: 'value', numeric: true },
              { name: 'unit', numeric: false },
              { name: 'source_bundle', numeric: false },
            ],
            rows: samples.map((one) => [one.id, one.start, one.valueText, one.unit, one.source]),
          }}
          csv={csvOf}
        >
          <Scatter
            samples={samples}
            start={start}
            end={end}
            hours={hours}
            chosen={chosen}
            label={`Every sample of ${name}: arrow keys move by an hour, Enter shows its rows, Shift and arrows choose several`}
            words={words}
            onHours={(span) => {
              setAsked(span)
              setRow(null)
            }}
          />
        </Figure>
      </div>
      <div className="sect dash-raw">
        <div className="row between">
          <h3>Raw rows, {title}</h3>
          <a className="dense" href={sql(utc(from), utc(to))}>
            Open in SQL
          </a>
        </div>
        {inside.length === 0 ? (
          <p className="t2 dense">No sample in these hours</p>
        ) : (
          <table className="grid" aria-label={`Raw rows, ${title}`}>
            <thead>
              <tr>
                <th scope="col">start_date</th>
                <th scope="col" className="num">
                  value
                </th>
                <th scope="col">source_bundle</th>
              </tr>
            </thead>
            <tbody>
              {inside.slice(0, MOST_ROWS).map((one) => (
                <tr key={one.id + one.start} aria-selected={one === picked}>
                  <td>
                    <button
                      type="button"
                      className="dash-open"
                      onClick={() => setRow(one.id)}
                      title={`${one.start} UTC`}
                    >
                      {clockOf(one, zone)}
                    </button>
                  </td>
                  <td className="num" title={one.valueText}>
                    {figure(one.value)}
                  </td>
                  <td className="cut">
                    {one.source ?? <span className="null" role="img" aria-label="null" />}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {inside.length > MOST_ROWS && (
          <p className="t3 micro dash-pad">
            The first {MOST_ROWS} of {count(inside.length)} rows; SQL has all
          </p>
        )}
      </div>
      {picked && (
        <Origin
          subject={subject}
          sample={picked}
          title={`Where ${clockOf(picked, zone).slice(0, 8)} came from`}
          snapshot={snapshot}
        />
      )}
    </>
  )
}

function clockOf(sample: Sample, zone: 'utc' | 'local'): string {
  const fraction = /\.\d+/.exec(sample.start)?.[0].slice(0, 4) ?? ''
  return clock(sample.at, zone) + fraction
}

function utc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
