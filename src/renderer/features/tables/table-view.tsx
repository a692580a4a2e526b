import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { TableDetail } from '../../../shared/model.ts'
import type { TableRole } from '../../../shared/tables.ts'
import { answer, api } from '../../api/client.ts'
import { FaultBlock } from '../../ui/fault.tsx'
import { ago, bytes, count, instant } from '../../ui/format.ts'
import { Loading } from '../../ui/loading.tsx'
import { useNow } from '../../ui/now.ts'
import { href, navigate, useRoute } from '../../ui/route.ts'
import { Status } from '../../ui/status.tsx'
import { useView } from '../../ui/view.ts'
import { FileTable, PartitionTable } from './file-table.tsx'
import { PropertyTable, SchemaTable, SnapshotTable } from './metadata-tables.tsx'

const TABS = ['schema', 'partitions', 'files', 'snapshots', 'properties'] as const
type Tab = (typeof TABS)[number]
const NAMES: Readonly<Record<Tab, string>> = {
  schema: 'Schema',
  partitions: 'Partitions',
  files: 'Files',
  snapshots: 'Snapshots',
  properties: 'Properties',
}

function Cards({ table }: { table: TableDetail }) {
  const now = useNow(1000)
  const { zone } = useView()
  const mean = table.files > 0 ? table.bytes / table.files : 0
  const card = (name: string, value: string, note: string, title?: string) => (
    <div className="stat" title={title}>
      <div className="k">{name}</div>
      <div className="v">{value}</div>
      <div className="d">{note}</div>
    </div>
  )
  return (
    <section className="stats" aria-label="Figures">
      {card('Rows', count(table.rows), 'in the newest snapshot')}
      {card('Data', bytes(table.bytes), `${bytes(mean)} a file`)}
      {card('Files', count(table.files), 'live in the newest snapshot')}
      {card('Snapshots', count(table.snapshots), table.snapshotId ?? 'none yet')}
      {card(
        'Last commit',
        table.updatedAt === null ? 'none' : ago(table.updatedAt, now),
        table.updatedAt === null ? '' : instant(table.updatedAt, zone),
      )}
    </section>
  )
}

function Content({ tab, table, version }: { tab: Tab; table: TableDetail; version: number }) {
  const [page, setPage] = useState(0)
  switch (tab) {
    case 'schema':
      return <SchemaTable table={table} />
    case 'snapshots':
      return <SnapshotTable snapshots={table.recentSnapshots} />
    case 'properties':
      return <PropertyTable table={table} />
    case 'partitions':
      return <PartitionTable role={table.role} version={version} page={page} onPage={setPage} />
    case 'files':
      return <FileTable role={table.role} version={version} page={page} onPage={setPage} />
  }
}

/** One table: its figures, then what it is made of. */
export function TableView({ role, version }: { role: TableRole; version: number }) {
  const { query } = useRoute()
  const tab = TABS.find((name) => name === query.tab) ?? 'schema'
  const detail = useQuery({
    queryKey: ['table', role, version],
    queryFn: () => answer(api.tables[':role'].$get({ param: { role } })),
    placeholderData: (before) => before,
  })
  if (detail.error) return <FaultBlock fault={toFault(detail.error)} />
  if (!detail.data) return <Loading what="Reading the table" />
  const table = detail.data
  return (
    <>
      <div className="bar">
        <h2>{table.name}</h2>
        {table.differences.length === 0 ? (
          <Status state="passed" word="As specified" />
        ) : (
          <Status state="attention" word="Differs from the specification" />
        )}
        <span className="t2 dense cut mono">{table.location}</span>
        <span className="grow" />
        <a className="btn s" href={href(['sql'], { sql: `SELECT * FROM ${table.name} LIMIT 100` })}>
          Query it
        </a>
      </div>
      <Cards table={table} />
      {table.differences.length > 0 && (
        <div className="fault attention">
          <ul className="dense">
            {table.differences.map((difference) => (
              <li key={difference}>{difference}</li>
            ))}
          </ul>
        </div>
      )}
      <div className="subtabs" role="tablist" aria-label="Parts of the table">
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={tab === name}
            onClick={() => navigate(['tables', role], { tab: name })}
          >
            {NAMES[name]}
          </button>
        ))}
      </div>
      <Content key={tab} tab={tab} table={table} version={version} />
    </>
  )
}
