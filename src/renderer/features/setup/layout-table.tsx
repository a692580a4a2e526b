import type { ForecastView, LayoutForecast } from '../../../shared/setup.ts'
import { LAYOUTS, type Layout } from '../../../shared/tables.ts'
import { bytes, count } from '../../ui/format.ts'
import { Status } from '../../ui/status.tsx'
import type { Wizard } from './wizard.ts'

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

const NAMES: Readonly<Record<Layout, string>> = { specified: 'As specified', compact: 'Compact' }

export const layoutOf = (wizard: Wizard): Layout =>
  wizard.value('tables.layout') === 'compact' ? 'compact' : 'specified'

/** Both layouts as columns of one table of numbers; the worse ones of either side are not hidden. One is chosen. */
export function LayoutTable({ forecast, wizard }: { forecast: ForecastView | null; wizard: Wizard }) {
  const chosen = layoutOf(wizard)
  const fixed = !wizard.canEdit(['tables.layout'])
  const layouts = LAYOUTS.map((name) => forecast?.layouts.find((one) => one.layout === name))
  const [specified] = layouts
  const on = (name: Layout) => (name === chosen ? 'on' : undefined)
  return (
    <>
      <table className="grid lay">
        <thead>
          <tr>
            <th>
              Layout, for all five
              {fixed && <span className="t3 plain-weight">, set outside of this page</span>}
            </th>
            {LAYOUTS.map((name) => (
              <th key={name} className={on(name)}>
                <label className="check">
                  <input
                    type="radio"
                    className="visually-hidden"
                    name="setup-layout"
                    checked={name === chosen}
                    disabled={fixed}
                    onChange={() => void wizard.edit({ 'tables.layout': name }).catch(() => {})}
                  />
                  <span className={name === chosen ? 'box radio on' : 'box radio'} aria-hidden="true" />
                  {NAMES[name]}
                </label>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {forecast &&
            ROWS.map((row) => (
              <tr key={row.name}>
                <th scope="row" className="t2">
                  {row.name}
                </th>
                {LAYOUTS.map((name, index) => (
                  <td key={name} className={on(name)}>
                    {layouts[index] && row.of(layouts[index])}
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
      {specified && specified.oneRowFiles > 0 && <Trade specified={specified} chosen={chosen} />}
    </>
  )
}

/** What the choice gives up, in words. */
function Trade({ specified, chosen }: { specified: LayoutForecast; chosen: Layout }) {
  const few = `${count(specified.oneRowFiles)} of ${count(specified.files)} files would hold one row`
  return (
    <div className={chosen === 'specified' ? 'fault attention' : 'fault plain'}>
      <div>
        {chosen === 'specified' ? (
          <Status state="attention" word={few} bare />
        ) : (
          <b>Compact is another partitioning than the specification’s</b>
        )}
      </div>
      <p className="dense">
        A partition is a folder of its own. As specified, aggregates are parted by user, period and type: a
        changed row rewrites one small file, and a query of many users plans over as many files as rows.
        Compact parts raw by day, daily by month, weekly and monthly by year: few files, each rewritten whole.
        Columns, ids and rows are the same. Other writers have to keep to what is chosen; readers need not
        know.
      </p>
    </div>
  )
}
