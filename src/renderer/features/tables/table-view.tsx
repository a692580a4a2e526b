import { type ComponentType, memo, type ReactNode } from 'react'
import type { HealthView, TableDetail } from '../../../shared/inspect.ts'
import type { AppState } from '../../../shared/model.ts'
import { count } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { href } from '../../ui/route.ts'
import { Status } from '../../ui/status.tsx'
import { SubTabs } from '../../ui/tabs.tsx'
import { goTab, TABS, type Tab, tabOf, useAsked } from './address.ts'
import { Answered } from './answered.tsx'
import { Cards } from './cards.tsx'
import { FilePane } from './file-pane.tsx'
import { FilesTab } from './files-tab.tsx'
import { HealthPane } from './health-pane.tsx'
import { MetadataTab } from './metadata-tab.tsx'
import { NodePane } from './node-pane.tsx'
import { OpenTables } from './open-tables.tsx'
import { PartitionsTab } from './partitions-tab.tsx'
import { PropertiesTab } from './properties-tab.tsx'
import { ReferencesTab } from './references-tab.tsx'
import { type TableAt, useDetail, useHealth } from './requests.ts'
import { LayoutPane, SchemaTab } from './schema-tab.tsx'
import { SnapshotPane } from './snapshot-pane.tsx'
import { SnapshotsTab } from './snapshots-tab.tsx'
import { SpotPane } from './spot-pane.tsx'
import { columnNamed } from './sql.ts'

const NAMES: Readonly<Record<Tab, string>> = {
  schema: 'Schema',
  partitions: 'Partitions',
  files: 'Files',
  snapshots: 'Snapshots',
  metadata: 'Metadata',
  properties: 'Properties',
  references: 'References',
}

/** What a tab shows, and the inspector beside it. */
export interface TabProps {
  readonly table: TableAt
  readonly detail: TableDetail
  /** The table as statements name it. */
  readonly from: string
}

/** They are rendered anew for what they show, not with every status of a load. */
const CONTENT: Readonly<Record<Tab, ComponentType<TabProps>>> = {
  schema: memo(SchemaTab),
  partitions: memo(PartitionsTab),
  files: memo(FilesTab),
  snapshots: memo(SnapshotsTab),
  metadata: memo(MetadataTab),
  properties: memo(PropertiesTab),
  references: memo(ReferencesTab),
}

const NOTHING = () => null

/** The inspector of each tab: what is picked in it, by the address. */
const PANES: Readonly<Record<Tab, (props: TabProps) => ReactNode>> = {
  schema: LayoutPane,
  partitions: SpotPane,
  files: FilePane,
  snapshots: SnapshotPane,
  metadata: NodePane,
  properties: NOTHING,
  references: NOTHING,
}

function countOf(tab: Tab, table: TableDetail, health: HealthView | undefined): { count?: string } {
  switch (tab) {
    case 'schema':
      return {
        count: count(
          table.schemas.find((one) => one.current)?.columns.filter((one) => one.depth === 0).length ?? 0,
        ),
      }
    case 'partitions':
      return health ? { count: count(health.partitions) } : {}
    case 'files':
      return table.files === null ? {} : { count: count(table.files + (table.deleteFiles ?? 0)) }
    case 'snapshots':
      return { count: count(table.snapshots) }
    case 'properties':
      return { count: count(Object.keys(table.properties).length) }
    case 'references':
      return { count: count(table.refs.length) }
    case 'metadata':
      return {}
  }
}

/** One table: its figures, then what it is made of. Renders the work area and the inspector. */
export function TableView({ table, app }: { table: TableAt; app: AppState }) {
  const tab = tabOf(useAsked('tab'))
  const asked = useAsked('health')
  const detail = useDetail(table)
  const health = useHealth(table)
  const near = table.namespace.length === 1 && table.namespace[0] === app.catalog.database
  const from = (near ? [table.name] : [...table.namespace, table.name]).map(columnNamed).join('.')
  if (detail.data === undefined) {
    return (
      <main className="work">
        <OpenTables app={app} selected={table} there={false} />
        <Answered answered={detail} what="Reading the table" table={table}>
          {() => null}
        </Answered>
      </main>
    )
  }
  const about = detail.data
  const Content = CONTENT[tab]
  const Pane = PANES[tab]
  return (
    <>
      <main className="work">
        <OpenTables app={app} selected={table} />
        <Cards detail={about} health={health} load={app.load} />
        <Limits detail={about} health={health.data} />
        <SubTabs
          label="Parts of the table"
          value={tab}
          tabs={TABS.map((value) => ({ value, word: NAMES[value], ...countOf(value, about, health.data) }))}
          onChange={(next) => goTab(table, next)}
          end={
            <a className="btn s" href={href(['sql'], { text: `SELECT *\nFROM ${from}\nLIMIT 100` })}>
              <Icon name="sql" />
              Query
            </a>
          }
        >
          <div className="tab-body" id="tab-body">
            <Content table={table} detail={about} from={from} />
          </div>
        </SubTabs>
      </main>
      {asked === 'yes' ? (
        <HealthPane detail={about} health={health} table={table} />
      ) : (
        <Pane table={table} detail={about} from={from} />
      )}
    </>
  )
}

/** What cannot be read, by name, and what still can. */
function Limits({ detail, health }: { detail: TableDetail; health: HealthView | undefined }) {
  const limits = [...detail.limits, ...(health?.limits ?? [])]
  if (limits.length === 0) return null
  return (
    <section className="fault attention tables-limits" aria-label="What cannot be read">
      {limits.map((limit) => (
        <p key={limit.title} className="dense">
          <Status state="attention" word={limit.title} bare /> {limit.detail}
        </p>
      ))}
    </section>
  )
}
