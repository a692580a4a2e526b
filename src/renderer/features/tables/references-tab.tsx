import type { RefView, TableDetail } from '../../../shared/inspect.ts'
import { type DataColumn, DataTable } from '../../ui/data-table.tsx'
import { counted, duration } from '../../ui/format.ts'
import { Section } from '../../ui/inspector.tsx'
import { href } from '../../ui/route.ts'
import { Time } from '../../ui/time.tsx'
import { tabHref } from './address.ts'
import { NotYet } from './not-yet.tsx'
import { atSnapshot } from './sql.ts'
import type { TabProps } from './table-view.tsx'

/** Branches and tags: where they point, and how long they and their snapshots are kept. */
export function ReferencesTab({ table, detail, from }: TabProps) {
  if (detail.refs.length === 0) {
    return (
      <NotYet title="No branch or tag yet">
        The branch main comes with the first commit. The table has {counted(detail.snapshots, 'snapshot')}.
      </NotYet>
    )
  }
  const kept = (ms: number | null) =>
    ms === null ? <span className="t3">as the table says</span> : duration(ms)
  const columns: readonly DataColumn<RefView>[] = [
    { name: 'Reference', cell: (ref) => <span className="named long-name">{ref.name}</span> },
    { name: 'Kind', cell: (ref) => ref.type },
    {
      name: 'Snapshot',
      mono: true,
      cell: (ref) => <a href={tabHref(table, 'snapshots', { snapshot: ref.snapshotId })}>{ref.snapshotId}</a>,
    },
    {
      name: 'Committed',
      cell: (ref) =>
        ref.at === null ? <span className="t3">its snapshot is gone</span> : <Time at={ref.at} as="ago" />,
    },
    { name: 'Reference kept', cell: (ref) => (ref.name === 'main' ? 'always' : kept(ref.maxRefAgeMs)) },
    { name: 'Snapshots kept', cell: (ref) => (ref.type === 'tag' ? '' : kept(ref.maxSnapshotAgeMs)) },
    {
      name: 'At least',
      numeric: true,
      cell: (ref) => (ref.minSnapshots === null ? '' : counted(ref.minSnapshots, 'snapshot')),
    },
    {
      name: 'SQL',
      rest: true,
      cell: (ref) => <a href={href(['sql'], { text: atSnapshot(from, ref.snapshotId) })}>Query here</a>,
    },
  ]
  return (
    <div className="tables-pair">
      <DataTable label="References" columns={columns} rows={detail.refs} rowKey={(ref) => ref.name} />
      <section className="tables-beside" aria-label="What the table says">
        <Retention properties={detail.properties} />
      </section>
    </div>
  )
}

/** Properties of a table that rule what expiry keeps, with what the format says where the table says nothing. */
const RETENTION = [
  ['Snapshots kept', 'history.expire.max-snapshot-age-ms', '432000000'],
  ['Snapshots of a branch, at least', 'history.expire.min-snapshots-to-keep', '1'],
  ['References other than main kept', 'history.expire.max-ref-age-ms', null],
] as const

/** How long what a reference says nothing of is kept. */
function Retention({ properties }: { properties: TableDetail['properties'] }) {
  return (
    <Section title="What the table says">
      <dl className="kv">
        {RETENTION.map(([name, key, usual]) => {
          const value = properties[key] ?? usual
          return [
            <dt key={name} title={key}>
              {name}
            </dt>,
            <dd key={key}>
              {value === null ? 'always' : key.endsWith('-ms') ? duration(Number(value)) : value}
              {properties[key] === undefined && <span className="t3">, not set</span>}
            </dd>,
          ]
        })}
      </dl>
      <p className="micro t3 tables-aside">
        Nothing expires by itself: this holds where snapshots are expired, here or by another program.
      </p>
    </Section>
  )
}
