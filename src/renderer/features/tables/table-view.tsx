import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { HealthReason, TableDetail } from '../../../shared/model.ts'
import type { TableRole } from '../../../shared/tables.ts'
import { answer, api } from '../../api/client.ts'
import { FaultBlock } from '../../ui/fault.tsx'
import { ago, bytes, count, instant, shortId } from '../../ui/format.ts'
import { Loading } from '../../ui/loading.tsx'
import { useNow } from '../../ui/now.ts'
import { href, navigate, useRoute } from '../../ui/route.ts'
import { Stat, Stats } from '../../ui/stat.tsx'
import { Status } from '../../ui/status.tsx'
import { SubTabs } from '../../ui/tabs.tsx'
import { useView } from '../../ui/view.ts'
import { FileTable, PartitionTable } from './file-table.tsx'
import { PropertyTable, SchemaTable, SnapshotTable } from './metadata-tables.tsx'
import { PartitionMap, type Spot, useHeat } from './partition-map.tsx'
import { Soundings } from './soundings.tsx'

const TABS = ['schema', 'partitions', 'files', 'snapshots', 'properties'] as const
type Tab = (typeof TABS)[number]
const NAMES: Readonly<Record<Tab, string>> = {
  schema: 'Schema',
  partitions: 'Partitions',
  files: 'Files',
  snapshots: 'Snapshots',
  properties: 'Properties',
}

function Health({ reasons }: { reasons: readonly HealthReason[] | undefined }) {
  const [first] = reasons ?? []
  return (
    <div className="stat">
      <div className="k">Health</div>
      <div className="v tables-health">
        {reasons === undefined ? (
          <Status state="waiting" word="Reading" />
        ) : (
          <Status state={first ? 'attention' : 'passed'} word={first ? first.title : 'Well'} />
        )}
      </div>
      <div className="d">{reasons && (first ? 'remedy below' : 'nothing to mend')}</div>
    </div>
  )
}

function Cards({ table, reasons }: { table: TableDetail; reasons: readonly HealthReason[] | undefined }) {
  const now = useNow(1000)
  const { zone } = useView()
  const mean = table.files > 0 ? table.bytes / table.files : 0
  const [head] = table.recentSnapshots
  return (
    <Stats label="Figures">
      <Stat name="Rows" value={count(table.rows)}>
        in the newest snapshot
      </Stat>
      <Stat name="Size" value={bytes(table.bytes)}>
        {table.rows > 0 && `${(table.bytes / table.rows).toFixed(1)} bytes a row`}
      </Stat>
      <Stat name="Files" value={count(table.files)}>
        {table.files > 0 && `mean ${bytes(mean)}`}
      </Stat>
      <Stat name="Snapshots" value={count(table.snapshots)}>
        {table.snapshotId === null ? 'none yet' : `newest ${shortId(table.snapshotId)}`}
      </Stat>
      <Stat name="Last commit" value={table.updatedAt === null ? 'none' : ago(table.updatedAt, now)}>
        {table.updatedAt !== null && (
          <span title={instant(table.updatedAt, zone)}>
            {head?.addedRows == null ? instant(table.updatedAt, zone) : `${count(head.addedRows)} rows`}
          </span>
        )}
      </Stat>
      <Health reasons={reasons} />
    </Stats>
  )
}

/** Why the table is slow to read, and what helps. */
function Reasons({ reasons }: { reasons: readonly HealthReason[] }) {
  return reasons.map((reason) => (
    <div key={reason.code} className="fault attention tables-reason">
      <p className="dense">
        {reason.detail} {reason.remedy}
      </p>
    </div>
  ))
}

interface ContentProps {
  readonly tab: Tab
  readonly table: TableDetail
  readonly version: number
  readonly spot: Spot | null
  readonly onSpot: (spot: Spot | null) => void
}

function Content({ tab, table, version, spot, onSpot }: ContentProps) {
  const [page, setPage] = useState(0)
  switch (tab) {
    case 'schema':
      return <SchemaTable table={table} />
    case 'snapshots':
      return (
        <>
          <Soundings snapshots={table.recentSnapshots} />
          <SnapshotTable snapshots={table.recentSnapshots} />
        </>
      )
    case 'properties':
      return <PropertyTable table={table} />
    case 'partitions':
      return (
        <>
          <PartitionMap role={table.role} version={version} spot={spot} onSpot={onSpot} />
          <PartitionTable role={table.role} version={version} page={page} onPage={setPage} />
        </>
      )
    case 'files':
      return <FileTable role={table.role} version={version} page={page} onPage={setPage} />
  }
}

function countOf(tab: Tab, table: TableDetail): { count?: string } {
  if (tab === 'schema') return { count: count(table.columns.length) }
  if (tab === 'files') return { count: count(table.files) }
  if (tab === 'snapshots') return { count: count(table.snapshots) }
  return {}
}

/** One table: its figures, then what it is made of. */
export function TableView({
  role,
  version,
  spot,
  onSpot,
}: {
  role: TableRole
  version: number
  spot: Spot | null
  onSpot: (spot: Spot | null) => void
}) {
  const { query } = useRoute()
  const tab = TABS.find((name) => name === query.tab) ?? 'partitions'
  const heat = useHeat(role, version)
  const detail = useQuery({
    queryKey: ['table', role, version],
    queryFn: () => answer(api.tables[':role'].$get({ param: { role } })),
    placeholderData: (before) => before,
  })
  if (detail.error) return <FaultBlock fault={toFault(detail.error)} />
  if (!detail.data) return <Loading what="Reading the table" />
  const table = detail.data
  const reasons = heat.data?.health
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
      <Cards table={table} reasons={reasons} />
      {reasons && <Reasons reasons={reasons} />}
      {table.differences.length > 0 && (
        <div className="fault attention">
          <ul className="dense">
            {table.differences.map((difference) => (
              <li key={difference}>{difference}</li>
            ))}
          </ul>
        </div>
      )}
      <SubTabs
        label="Parts of the table"
        value={tab}
        tabs={TABS.map((value) => ({ value, word: NAMES[value], ...countOf(value, table) }))}
        onChange={(next) => {
          onSpot(null)
          navigate(['tables', role], { tab: next })
        }}
      >
        <Content key={tab} tab={tab} table={table} version={version} spot={spot} onSpot={onSpot} />
      </SubTabs>
    </>
  )
}
