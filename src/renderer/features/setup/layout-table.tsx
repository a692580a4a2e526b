import type { ForecastView, LayoutForecast } from '../../../shared/setup.ts'
import { bytes, count } from '../../ui/format.ts'
import { Status } from '../../ui/status.tsx'

const table = (layout: LayoutForecast, role: string) => layout.tables.find((one) => one.role === role)

const ROWS: readonly { name: string; of: (layout: LayoutForecast) => string }[] = [
  { name: 'Partitions', of: (layout) => count(layout.partitions) },
  { name: 'Files once loaded', of: (layout) => count(layout.files) },
  { name: 'Size, data only', of: (layout) => bytes(layout.bytes) },
  { name: 'Manifests read before a query of daily', of: (layout) => bytes(layout.manifestBytes) },
  { name: 'Files of daily', of: (layout) => count(table(layout, 'daily')?.files ?? 0) },
  {
    name: 'Rewritten when one row of daily changes',
    of: (layout) => {
      const daily = table(layout, 'daily')
      return daily && daily.files > 0 ? `1 file, ${bytes(daily.bytes / daily.files)}` : 'nothing'
    },
  },
  { name: 'Files that hold one row', of: (layout) => count(layout.oneRowFiles) },
]

/** Both layouts as columns of one table of numbers; the worse ones of either side are not hidden. */
export function LayoutTable({ forecast }: { forecast: ForecastView }) {
  const [specified, compact] = forecast.layouts
  if (!specified || !compact) return null
  return (
    <>
      <table className="grid lay">
        <thead>
          <tr>
            <th>Layout, for all five</th>
            <th className="on">As specified</th>
            <th>Compact, to compare</th>
          </tr>
        </thead>
        <tbody>
          {ROWS.map((row) => (
            <tr key={row.name}>
              <th scope="row" className="t2">
                {row.name}
              </th>
              <td className="on">{row.of(specified)}</td>
              <td>{row.of(compact)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {specified.oneRowFiles > 0 && (
        <div className="fault attention">
          <div>
            <Status
              state="attention"
              word={`${count(specified.oneRowFiles)} of ${count(specified.files)} files would hold one row`}
              bare
            />
          </div>
          <p className="dense">
            A partition is a folder of its own. Aggregates parted by user, period and type have one for each
            row: a changed row rewrites one small file, and a query of many users plans over as many. Compact
            parts daily by month and the others by year: few files, each rewritten whole. Tarn makes and loads
            the specified layout; compact stands here for the decision, since other writers would have to
            agree to it.
          </p>
        </div>
      )}
    </>
  )
}
