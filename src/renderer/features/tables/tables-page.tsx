import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { TableSummary } from '../../../shared/model.ts'
import { TABLE_ROLES, type TableRole } from '../../../shared/tables.ts'
import { answer, api } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { Empty } from '../../ui/empty.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { count } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Loading } from '../../ui/loading.tsx'
import { href, useRoute } from '../../ui/route.ts'
import { type Spot, SpotPane } from './partition-map.tsx'
import { TableView } from './table-view.tsx'
import './tables.css'

function TableList({ tables, selected }: { tables: readonly TableSummary[]; selected: TableRole }) {
  return (
    <nav className="tree scroll" aria-label="Tables of the lake">
      {tables.map((table) => (
        <a
          key={table.role}
          className="tree-row"
          href={href(['tables', table.role])}
          aria-current={table.role === selected ? 'page' : undefined}
        >
          <Icon name="tables" small />
          <span className="cut">{table.name}</span>
          <span className="end">{table.exists ? count(table.rows) : 'absent'}</span>
        </a>
      ))}
    </nav>
  )
}

/** The five tables: schema, partitions, files, snapshots, properties. */
export function TablesPage() {
  const { path } = useRoute()
  const { app, tableChanges } = useLive()
  const selected = TABLE_ROLES.find((role) => role === path[1] || app?.tables[role] === path[1]) ?? 'raw'
  const [picked, setPicked] = useState<{ readonly role: TableRole; readonly spot: Spot } | null>(null)
  const spot = picked?.role === selected ? picked.spot : null
  const onSpot = (next: Spot | null) => setPicked(next && { role: selected, spot: next })
  const tables = useQuery({
    queryKey: ['tables', tableChanges],
    queryFn: () => answer(api.tables.$get()),
    placeholderData: (before) => before,
  })
  const table = tables.data?.tables.find((one) => one.role === selected)
  return (
    <>
      <aside className="list" aria-label="Tables">
        <div className="head">
          <h3>Tables</h3>
        </div>
        {tables.data ? (
          <TableList tables={tables.data.tables} selected={selected} />
        ) : (
          !tables.error && <Loading what="Reading the catalog" />
        )}
      </aside>
      <main className="work">
        {tables.error && (
          <FaultBlock fault={toFault(tables.error)}>
            <button type="button" className="btn s" onClick={() => void tables.refetch()}>
              Read the catalog again
            </button>
          </FaultBlock>
        )}
        {table?.fault && <FaultBlock fault={table.fault} />}
        {table && !table.exists && !table.fault && (
          <Empty
            title={`${table.name} does not exist yet`}
            action={
              <a className="btn s" href={href(['setup'])}>
                Open set-up
              </a>
            }
          >
            Set-up creates the five tables as specified, in namespace {app?.catalog.database}.
          </Empty>
        )}
        {table?.exists && (
          <TableView key={selected} role={selected} version={tableChanges} spot={spot} onSpot={onSpot} />
        )}
      </main>
      {spot && <SpotPane spot={spot} onClose={() => setPicked(null)} />}
    </>
  )
}
