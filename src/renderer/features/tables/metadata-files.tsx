import { useState } from 'react'
import type { EntryView } from '../../../shared/inspect.ts'
import { count, counted } from '../../ui/format.ts'
import { useRoute } from '../../ui/route.ts'
import { TreeRow } from '../../ui/tree.tsx'
import { amend } from './address.ts'
import { More, type PageProps, Row, Waiting } from './metadata-row.tsx'
import { LEVEL_ROWS, type TableAt, useEntries, useFooter } from './requests.ts'

/** The files of one manifest, each down to its row groups. */
export function EntriesPage({
  table,
  snapshot,
  manifest,
  page,
  depth,
  last,
  onMore,
}: PageProps & { manifest: number }) {
  const answered = useEntries(table, snapshot, manifest, page)
  if (answered.data === undefined) return <Waiting depth={depth} error={answered.error} />
  const { entries, total, pageSize } = answered.data
  return (
    <>
      {entries.map((one) => (
        <EntryNode key={one.index} {...{ table, snapshot, manifest, one, depth }} />
      ))}
      {last && <More depth={depth} left={total - (page + 1) * pageSize} what="files" onMore={onMore} />}
    </>
  )
}

function EntryNode({
  table,
  snapshot,
  manifest,
  one,
  depth,
}: {
  table: TableAt
  snapshot: string
  manifest: number
  one: EntryView
  depth: number
}) {
  const [open, setOpen] = useState(false)
  const readable = one.format === 'parquet' && one.status !== 'deleted'
  const node = `f/${snapshot}/${manifest}/${one.index}`
  return (
    <>
      <Row
        level={one.content === 'data' ? 'data' : 'deletes'}
        depth={depth}
        {...(readable ? { open, onOpen: setOpen } : {})}
        node={node}
        end={one.status === 'deleted' ? 'removed' : counted(one.rows, 'row')}
      >
        <span title={one.path} className={one.status === 'deleted' ? 't3' : undefined}>
          {one.path.split('/').at(-1)}
        </span>
      </Row>
      {open && (
        <Groups
          table={table}
          place={{ snapshot, manifest, entry: one.index }}
          node={node}
          depth={depth + 1}
        />
      )}
    </>
  )
}

function Groups({
  table,
  place,
  node,
  depth,
}: {
  table: TableAt
  place: { snapshot: string; manifest: number; entry: number }
  node: string
  depth: number
}) {
  const { query } = useRoute()
  const [size, setSize] = useState(LEVEL_ROWS)
  const answered = useFooter(table, place, 0, size)
  if (answered.data === undefined) return <Waiting depth={depth} error={answered.error} />
  const { groups, total } = answered.data
  return (
    <>
      {groups.map((group) => (
        <TreeRow
          key={group.index}
          depth={depth}
          icon="tree"
          selected={query.node === `${node}/${group.index}`}
          end={counted(group.rows, 'row')}
          onChoose={() => amend({ node: `${node}/${group.index}`, health: undefined })}
        >
          Row group {count(group.index + 1)}
        </TreeRow>
      ))}
      <More
        depth={depth}
        left={total - groups.length}
        what="row groups"
        onMore={() => setSize(Math.min(500, size + LEVEL_ROWS * 4))}
      />
    </>
  )
}
