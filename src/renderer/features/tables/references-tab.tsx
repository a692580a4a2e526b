import type { RefView } from '../../../shared/inspect.ts'
import { type DataColumn, DataTable } from '../../ui/data-table.tsx'
import { counted, duration } from '../../ui/format.ts'
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
    { name: 'Reference', cell: (ref) => <span className="named">{ref.name}</span> },
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
      cell: (ref) => <a href={href(['sql'], { text: atSnapshot(from, ref.snapshotId) })}>Query here</a>,
    },
  ]
  return <DataTable label="References" columns={columns} rows={detail.refs} rowKey={(ref) => ref.name} />
}
