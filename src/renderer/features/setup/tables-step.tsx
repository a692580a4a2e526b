import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { ForecastView, PlannedTable } from '../../../shared/setup.ts'
import { type Layout, partitionWords, TABLE_ROLES, type TableRole, tableOf } from '../../../shared/tables.ts'
import { answer, api } from '../../api/client.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, count, counted, duration } from '../../ui/format.ts'
import { Skeleton } from '../../ui/loading.tsx'
import { showPane } from '../../ui/pane.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { type State, Status } from '../../ui/status.tsx'
import { FileSizes } from './file-sizes.tsx'
import { LayoutTable, layoutOf } from './layout-table.tsx'
import { Foot } from './step-frame.tsx'
import { TablePane } from './table-pane.tsx'
import { useAsked, type Wizard } from './wizard.ts'

export const usePlannedTables = (enabled = true) =>
  useAsked('tables', (init) => answer(api.setup.tables.$post({ json: {} }, init)), enabled)

/** The five in words: to make, there, different. */
export function tablesState(tables: readonly PlannedTable[], layout: Layout): { state: State; word: string } {
  const of = (state: PlannedTable['state']) => tables.filter((one) => one.state === state).length
  if (of('unknown') > 0) return { state: 'failed', word: `${of('unknown')} not to be read` }
  if (of('differs') > 0) return { state: 'failed', word: counted(of('differs'), 'differs', 'differ') }
  if (of('make') > 0) return { state: 'waiting', word: `${of('make')} to make` }
  return {
    state: 'passed',
    word: `${tables.length} there ${layout === 'compact' ? 'in the compact layout' : 'as specified'}`,
  }
}

/** Step 3: the five tables, and what the topic will make of them in either layout. */
export function TablesStep({ wizard }: { wizard: Wizard }) {
  const [role, setRole] = useState<TableRole>('daily')
  const tables = usePlannedTables()
  const forecast = useAsked('forecast', (init) => answer(api.setup.forecast.$post({ json: {} }, init)))
  const planned = tables.data?.tables
  const layout = layoutOf(wizard)
  const data = forecast.data
  return (
    <>
      <main className="work" aria-label="Tables">
        <div className="bar">
          <h2>Tables</h2>
          {planned && <Status {...tablesState(planned, layout)} />}
          <span className="t2 dense cut grow">{data && sampledWords(data)}</span>
          <Button
            small
            icon="refresh"
            busy={forecast.isFetching ? 'Sampling' : null}
            onClick={() => void Promise.all([forecast.refetch(), tables.refetch()])}
          >
            Sample again
          </Button>
        </div>
        <Scroll label="Layouts and tables">
          {tables.error ? <FaultBlock fault={toFault(tables.error)} /> : null}
          <LayoutTable forecast={data && data.messages > 0 ? data : null} wizard={wizard} />
          {data?.messages === 0 && (
            <p className="attention-note dense t2">
              Topic {data.topic} holds no message, so there is nothing to reckon a forecast from. The tables
              do not depend on it.
            </p>
          )}
          {forecast.error && !forecast.isFetching ? (
            <FaultBlock
              fault={{ ...toFault(forecast.error), title: `No forecast: ${toFault(forecast.error).title}` }}
              plain
            >
              <Button onClick={() => void forecast.refetch()}>Sample again</Button>
            </FaultBlock>
          ) : null}
          {!data && !forecast.error && (
            <Awaiting
              of={forecast}
              what="Reading a sample of the topic"
              again="Sample the topic"
              shape={<Skeleton columns={3} />}
            />
          )}
          <div className="head">
            <h3>
              Tables{' '}
              <span className="t3">
                {layout === 'compact' ? 'compact' : 'as specified'}
                {data ? ', once the topic is loaded' : ''}
              </span>
            </h3>
          </div>
          <TableRows
            wizard={wizard}
            planned={planned ?? null}
            forecast={data ?? null}
            role={role}
            onRole={(next) => {
              setRole(next)
              showPane('inspector')
            }}
          />
          {data && data.messages > 0 && <FileSizes forecast={data} />}
        </Scroll>
        <Foot
          step="tables"
          wizard={wizard}
          note="Nothing is made in this step. The layout can be changed later only by rewriting a table"
          primary={
            planned !== undefined &&
            !planned.some((one) => one.state === 'differs' || one.state === 'unknown')
          }
        />
      </main>
      <TablePane role={role} wizard={wizard} planned={planned?.find((one) => one.role === role) ?? null} />
    </>
  )
}

function sampledWords({ sampled, messages, exact, ms }: ForecastView): string {
  if (messages === 0) return 'the topic is empty'
  if (exact) return `counted from all ${counted(messages, 'message')}, read in ${duration(ms)}`
  return `forecast from ${count(sampled)} of ${counted(messages, 'message')}, read in ${duration(ms)}; estimates`
}

const SHORT: Readonly<Record<TableRole, string>> = {
  raw: 'raw',
  errors: 'errors',
  daily: 'daily_agg',
  weekly: 'weekly_agg',
  monthly: 'monthly_agg',
}
const STATES: Readonly<Record<PlannedTable['state'], { state: State; word: string }>> = {
  make: { state: 'waiting', word: 'To make' },
  there: { state: 'passed', word: 'There' },
  differs: { state: 'failed', word: 'Differs' },
  unknown: { state: 'failed', word: 'Not read' },
}

function TableRows({
  wizard,
  planned,
  forecast,
  role,
  onRole,
}: {
  wizard: Wizard
  planned: readonly PlannedTable[] | null
  forecast: ForecastView | null
  role: TableRole
  onRole: (role: TableRole) => void
}) {
  const layout = layoutOf(wizard)
  const sums =
    forecast && forecast.messages > 0 ? forecast.layouts.find((one) => one.layout === layout) : undefined
  return (
    <table className="grid">
      <thead>
        <tr>
          <th>Table</th>
          <th>Partitioned by</th>
          <th>State</th>
          <th className="num">Rows</th>
          <th className="num">Partitions</th>
          <th className="num">Files</th>
          <th className="num">Size</th>
        </tr>
      </thead>
      <tbody>
        {TABLE_ROLES.map((one) => {
          const table = planned?.find((each) => each.role === one)
          const reckoned = sums?.tables.find((each) => each.role === one)
          const parts = tableOf(one, layout).partitions.map(partitionWords).join(', ')
          return (
            <tr key={one} aria-selected={one === role}>
              <td>
                <button
                  type="button"
                  className="pickable named"
                  aria-pressed={one === role}
                  onClick={() => onRole(one)}
                  title={wizard.value(`tables.${one}`)}
                >
                  {SHORT[one]}
                </button>
              </td>
              <td className="t2 cut parts" title={parts}>
                {parts}
              </td>
              <td>{table ? <Status {...STATES[table.state]} bare /> : null}</td>
              <td className="num">{reckoned && count(reckoned.rows)}</td>
              <td className="num">{reckoned && count(reckoned.partitions)}</td>
              <td className="num">{reckoned && count(reckoned.files)}</td>
              <td className="num">{reckoned && bytes(reckoned.bytes)}</td>
            </tr>
          )
        })}
      </tbody>
      {sums && (
        <tfoot>
          <tr>
            <td>All five</td>
            <td />
            <td />
            <td className="num">{count(sums.tables.reduce((sum, one) => sum + one.rows, 0))}</td>
            <td className="num">{count(sums.partitions)}</td>
            <td className="num">{count(sums.files)}</td>
            <td className="num">{bytes(sums.bytes)}</td>
          </tr>
        </tfoot>
      )}
    </table>
  )
}
