import type { ReactNode } from 'react'
import { CopyButton } from '../../ui/copy.tsx'
import { bytes, count, counted, shortId } from '../../ui/format.ts'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { useRoute } from '../../ui/route.ts'
import { Time } from '../../ui/time.tsx'
import { amend, tabHref } from './address.ts'
import { Answered } from './answered.tsx'
import { FileFacts, Footer } from './file-pane.tsx'
import { LEVEL_ROWS, type TableAt, useManifests, useSnapshot } from './requests.ts'
import type { TabProps } from './table-view.tsx'

/** What the chosen node of the metadata tree says. */
export function NodePane({ table, detail }: TabProps) {
  const { query } = useRoute()
  const { node } = query
  if (node === undefined) return null
  const [kind, snapshot = '', manifest, entry, group] = node.split('/')
  const close = () => amend({ node: undefined })
  const pane = (title: string, content: ReactNode) => (
    <Inspector title={title} subject={node} onClose={close}>
      {content}
    </Inspector>
  )
  const place = { snapshot, manifest: Number(manifest), entry: Number(entry) }
  switch (kind) {
    case 'metadata':
      return pane('Metadata file', <MetadataFacts detail={detail} />)
    case 's':
    case 'l':
      return pane(
        kind === 's' ? 'Snapshot' : 'Manifest list',
        <SnapshotFacts key={node} table={table} id={snapshot} />,
      )
    case 'm':
      return pane(
        'Manifest',
        <ManifestFacts key={node} table={table} snapshot={snapshot} index={Number(manifest)} />,
      )
    case 'f':
      return group === undefined
        ? pane('File', <FileFacts key={node} table={table} place={place} />)
        : pane('Row group', <Footer key={node} table={table} place={place} group={Number(group)} />)
    default:
      return null
  }
}

function MetadataFacts({ detail }: Pick<TabProps, 'detail'>) {
  return (
    <Section>
      <dl className="kv">
        <dt>File</dt>
        <dd className="mono cut" title={detail.metadataLocation ?? ''}>
          {detail.metadataLocation?.split('/').at(-1)}
        </dd>
        <dt>Format version</dt>
        <dd>{detail.formatVersion}</dd>
        <dt>UUID</dt>
        <dd className="mono">{detail.uuid}</dd>
        <dt>Changed</dt>
        <dd>{detail.updatedAt === null ? 'never' : <Time at={detail.updatedAt} as="iso" />}</dd>
        <dt>Snapshots</dt>
        <dd>{count(detail.snapshots)}</dd>
        <dt>Last sequence number</dt>
        <dd>{count(detail.lastSequenceNumber)}</dd>
        <dt>Last field id</dt>
        <dd>{count(detail.lastColumnId)}</dd>
      </dl>
      <div className="row tables-acts">
        <CopyButton text={detail.metadataLocation ?? ''} label="Copy path" />
      </div>
    </Section>
  )
}

function SnapshotFacts({ table, id }: { table: TableAt; id: string }) {
  const answered = useSnapshot(table, id)
  return (
    <Answered answered={answered} what="Reading the table" table={table}>
      {(one) => (
        <Section>
          <dl className="kv">
            <dt>Snapshot</dt>
            <dd className="mono">
              <a href={tabHref(table, 'snapshots', { snapshot: id })}>{shortId(id)}</a>
            </dd>
            <dt>Committed</dt>
            <dd>
              <Time at={one.at} as="iso" />
            </dd>
            <dt>Operation</dt>
            <dd>{one.operation}</dd>
            <dt>Manifest list</dt>
            <dd className="mono cut" title={one.manifestList ?? ''}>
              {one.manifestList?.split('/').at(-1) ?? 'in the metadata (v1)'}
            </dd>
            <dt>Rows in all</dt>
            <dd>{one.totalRows === null ? 'not told' : count(one.totalRows)}</dd>
          </dl>
          <div className="row tables-acts">
            <CopyButton text={one.manifestList ?? id} label={one.manifestList ? 'Copy path' : 'Copy id'} />
          </div>
        </Section>
      )}
    </Answered>
  )
}

function ManifestFacts({ table, snapshot, index }: { table: TableAt; snapshot: string; index: number }) {
  const answered = useManifests(table, snapshot, Math.floor(index / LEVEL_ROWS))
  return (
    <Answered answered={answered} what="Reading the manifest list" table={table}>
      {({ manifests }) => {
        const one = manifests.find((manifest) => manifest.index === index)
        if (one === undefined) return <p className="dense t2 tables-note">The list has no such manifest.</p>
        const told = (value: number | null) => (value === null ? 'not counted' : count(value))
        return (
          <>
            <Section>
              <dl className="kv">
                <dt>File</dt>
                <dd className="mono cut" title={one.path}>
                  {one.path.split('/').at(-1)}
                </dd>
                <dt>Size</dt>
                <dd>{bytes(one.bytes)}</dd>
                <dt>Lists</dt>
                <dd>{one.content === 'data' ? 'data files' : 'delete files'}</dd>
                <dt>Added by snapshot</dt>
                <dd className="mono" title={one.snapshotId}>
                  {shortId(one.snapshotId)}
                </dd>
                <dt>Files added</dt>
                <dd>{told(one.addedFiles)}</dd>
                <dt>Files kept</dt>
                <dd>{told(one.existingFiles)}</dd>
                <dt>Files removed</dt>
                <dd>{told(one.removedFiles)}</dd>
                <dt>Rows</dt>
                <dd>{told(one.rows)}</dd>
                <dt>Sequence number</dt>
                <dd>{count(one.sequenceNumber)}</dd>
                <dt>Partition fields</dt>
                <dd>id {one.specId}</dd>
              </dl>
              <div className="row tables-acts">
                <CopyButton text={one.path} label="Copy path" />
              </div>
            </Section>
            {one.partitions.length > 0 && (
              <Section title={`Partitions in it, ${counted(one.partitions.length, 'field')}`}>
                <dl className="kv">
                  {one.partitions.map((field) => [
                    <dt key={`${field.field} name`}>{field.field}</dt>,
                    <dd key={field.field} className="mono">
                      {field.from === null
                        ? 'no bounds'
                        : field.from === field.to
                          ? field.from
                          : `${field.from} to ${field.to}`}
                      {field.nulls && ', null'}
                    </dd>,
                  ])}
                </dl>
              </Section>
            )}
          </>
        )
      }}
    </Answered>
  )
}
