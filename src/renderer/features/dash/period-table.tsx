import { useMemo, useState } from 'react'
import type { Grain } from '../../../shared/dash.ts'
import { count } from '../../ui/format.ts'
import { Pager } from '../../ui/pager.tsx'
import { AgainstRaw, type Standing } from './against-raw.tsx'
import { GRAIN_WORDS, periodWords, shortPeriod } from './dates.ts'
import { columnFigures, type Row } from './measures.ts'

const PAGE = 100

/** Every period newest first with its exact figures (in full on hover) and how it stands against raw. */
export function PeriodTable({
  grain,
  unit,
  periods,
  rows,
  picked,
  standingOf,
  onPick,
}: {
  grain: Grain
  unit: string
  periods: readonly string[]
  rows: ReadonlyMap<string, Row>
  picked: string | null
  standingOf: (period: string) => Standing
  onPick: (period: string) => void
}) {
  const [page, setPage] = useState(0)
  const newest = useMemo(() => periods.toReversed(), [periods])
  const shown = newest.slice(page * PAGE, (page + 1) * PAGE)
  const all = [...rows.values()]
  const columns: readonly {
    readonly word: string
    readonly name: string
    readonly of: (row: Row) => number | null
  }[] = [
    { word: 'Min', name: 'min_value', of: (row) => row.min },
    { word: 'Mean', name: 'avg_value', of: (row) => row.mean },
    { word: 'Max', name: 'max_value', of: (row) => row.max },
    { word: 'Sum', name: 'sum_value', of: (row) => row.sum },
    { word: 'Std dev', name: 'stddev_value', of: (row) => row.std },
    ...(grain === 'day'
      ? [
          { word: 'First', name: 'first_value', of: (row: Row) => row.first },
          { word: 'Last', name: 'last_value', of: (row: Row) => row.last },
        ]
      : [{ word: 'Mean of days', name: 'daily_avg_of_avg', of: (row: Row) => row.meanOfDays }]),
  ]
  const tell = columns.map(({ of }) => columnFigures(all.map(of)))
  const quiet = shown.filter(
    (period) => rows.has(period) && standingOf(period).kind === 'nothing newer',
  ).length
  const year = new Set(periods.map((period) => period.slice(0, 4))).size > 1
  const head = grain.charAt(0).toUpperCase() + grain.slice(1)
  const label = `Statistics by ${grain}${unit === '' ? '' : `, ${unit}`}`
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard
    <section className="dash-table" aria-label={label} tabIndex={0}>
      {quiet > 0 && (
        <p className="micro t3 dash-quiet">
          {count(quiet)} of {count(shown.length)} have no newer rows in raw since the last rollup, as its
          snapshots tell: their last column is empty. A check recomputes them.
        </p>
      )}
      <table className="grid" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{head}</th>
            <th scope="col" className="num">
              Count
            </th>
            {columns.map(({ word }) => (
              <th key={word} scope="col" className="num">
                {word}
              </th>
            ))}
            <th scope="col">Against raw</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((period) => {
            const row = rows.get(period)
            return (
              <tr key={period} aria-selected={period === picked}>
                <td>
                  <button type="button" className="dash-open" onClick={() => onPick(period)}>
                    {year ? periodWords(grain, period) : shortPeriod(grain, period)}
                  </button>
                </td>
                {row === undefined ? (
                  <td className="dash-none" colSpan={columns.length + 1}>
                    <span>no data</span>
                  </td>
                ) : (
                  <>
                    <td className="num">{count(row.count)}</td>
                    {columns.map(({ word, name, of }, i) => (
                      <td key={word} className="num" title={row.texts[name] ?? 'null'}>
                        {of(row) === null ? (
                          <span className="null" role="img" aria-label="null" />
                        ) : (
                          tell[i]?.(of(row))
                        )}
                      </td>
                    ))}
                  </>
                )}
                <td>
                  {standingOf(period).kind === 'nothing newer' ? (
                    <span className="visually-hidden">No newer rows</span>
                  ) : (
                    <AgainstRaw standing={standingOf(period)} />
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {newest.length > PAGE && (
        <Pager
          page={page}
          pageSize={PAGE}
          total={newest.length}
          unit={GRAIN_WORDS[grain].many}
          onPage={setPage}
        />
      )}
    </section>
  )
}
