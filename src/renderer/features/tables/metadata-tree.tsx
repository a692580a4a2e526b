import { useState } from 'react'
import type { ManifestView, SnapshotView, TableDetail } from '../../../shared/inspect.ts'
import { bytes, count, counted, instant, shortId } from '../../ui/format.ts'
import { Tree } from '../../ui/tree.tsx'
import { useView } from '../../ui/view.ts'
import { EntriesPage } from './metadata-files.tsx'
import { More, type PageProps, Row, Waiting } from './metadata-row.tsx'
import { type TableAt, useManifests, useSnapshots } from './requests.ts'

interface TreeProps {
  readonly table: TableAt
  readonly detail: TableDetail
  /** The one snapshot whose levels are opened; without one the tree begins at the metadata file. */
  readonly root?: Pick<SnapshotView, 'id' | 'operation' | 'at'>
  /** In an inspector: no scroll area of its own. */
  readonly compact?: boolean
}

/** The table as it is stored, opened level by level: nothing is read before its level is opened, each level in pages. */
export function MetadataTree({ table, detail, root, compact = false }: TreeProps) {
  const name = detail.metadataLocation?.split('/').at(-1) ?? 'metadata file'
  return (
    <div className={compact ? 'levels compact' : 'levels'}>
      <Tree label="Metadata, level by level">
        {root ? (
          <SnapshotNode table={table} one={root} depth={0} opened />
        ) : (
          <>
            <Row level="metadata" depth={0} open node="metadata" end={counted(detail.snapshots, 'snapshot')}>
              {name}
            </Row>
            <Snapshots table={table} />
          </>
        )}
      </Tree>
    </div>
  )
}

/** The pages of a list that were asked for, from 0 on. */
function usePages() {
  const [pages, setPages] = useState([0])
  const last = pages.length - 1
  return { pages, last, more: () => setPages([...pages, last + 1]) }
}

function Snapshots({ table }: { table: TableAt }) {
  const { pages, last, more } = usePages()
  return pages.map((page) => (
    <SnapshotsPage key={page} table={table} page={page} last={page === last} onMore={more} />
  ))
}

function SnapshotsPage({
  table,
  page,
  last,
  onMore,
}: {
  table: TableAt
  page: number
  last: boolean
  onMore: () => void
}) {
  const answered = useSnapshots(table, { page })
  if (answered.data === undefined) return <Waiting depth={1} error={answered.error} />
  const { snapshots, total, pageSize } = answered.data
  return (
    <>
      {snapshots.map((one, i) => (
        <SnapshotNode key={one.id} table={table} one={one} depth={1} opened={page === 0 && i === 0} />
      ))}
      {last && <More depth={1} left={total - (page + 1) * pageSize} what="snapshots" onMore={onMore} />}
    </>
  )
}

function SnapshotNode({
  table,
  one,
  depth,
  opened,
}: {
  table: TableAt
  one: Pick<SnapshotView, 'id' | 'operation' | 'at'>
  depth: number
  opened: boolean
}) {
  const { zone } = useView()
  const [open, setOpen] = useState(opened)
  return (
    <>
      <Row
        level="snapshot"
        depth={depth}
        open={open}
        onOpen={setOpen}
        node={`s/${one.id}`}
        end={`${one.operation}, ${instant(one.at, zone).slice(5, 16)}`}
      >
        <span title={one.id}>{shortId(one.id)}</span>
      </Row>
      {open && <List table={table} snapshot={one.id} depth={depth + 1} />}
    </>
  )
}

/** The manifest list of a snapshot: one request when it is opened. */
function List({ table, snapshot, depth }: { table: TableAt; snapshot: string; depth: number }) {
  const [open, setOpen] = useState(false)
  const { pages, last, more } = usePages()
  return (
    <>
      <Row level="list" depth={depth} open={open} onOpen={setOpen} node={`l/${snapshot}`}>
        manifest list
      </Row>
      {open &&
        pages.map((page) => (
          <ManifestsPage
            key={page}
            {...{ table, snapshot, page, depth: depth + 1 }}
            last={page === last}
            onMore={more}
          />
        ))}
    </>
  )
}

function ManifestsPage({ table, snapshot, page, depth, last, onMore }: PageProps) {
  const answered = useManifests(table, snapshot, page)
  if (answered.data === undefined) return <Waiting depth={depth} error={answered.error} />
  const { manifests, total, pageSize } = answered.data
  return (
    <>
      {manifests.map((one) => (
        <ManifestNode key={one.index} table={table} snapshot={snapshot} one={one} depth={depth} />
      ))}
      {last && <More depth={depth} left={total - (page + 1) * pageSize} what="manifests" onMore={onMore} />}
    </>
  )
}

function ManifestNode({
  table,
  snapshot,
  one,
  depth,
}: {
  table: TableAt
  snapshot: string
  one: ManifestView
  depth: number
}) {
  const [open, setOpen] = useState(false)
  const { pages, last, more } = usePages()
  const own = one.snapshotId === snapshot && one.addedFiles
  const files = (one.addedFiles ?? 0) + (one.existingFiles ?? 0)
  return (
    <>
      <Row
        level="manifest"
        depth={depth}
        open={open}
        onOpen={setOpen}
        node={`m/${snapshot}/${one.index}`}
        end={
          one.encrypted
            ? 'encrypted'
            : one.addedFiles === null
              ? bytes(one.bytes)
              : own
                ? `${count(one.addedFiles ?? 0)} added`
                : counted(files, 'file')
        }
      >
        <span title={one.path}>{one.path.split('/').at(-1)}</span>
      </Row>
      {open &&
        pages.map((page) => (
          <EntriesPage
            key={page}
            {...{ table, snapshot, page, depth: depth + 1 }}
            manifest={one.index}
            last={page === last}
            onMore={more}
          />
        ))}
    </>
  )
}
