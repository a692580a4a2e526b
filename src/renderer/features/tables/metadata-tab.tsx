import { type DataColumn, DataTable } from '../../ui/data-table.tsx'
import { count, counted, fileWords } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Time } from '../../ui/time.tsx'
import { MetadataTree } from './metadata-tree.tsx'
import { metadataUrl } from './requests.ts'
import type { TabProps } from './table-view.tsx'

type Logged = TabProps['detail']['metadataLog'][number]

/** The table as it is stored: metadata file, snapshots, manifests, files, row groups; and the files before this one. */
export function MetadataTab({ table, detail }: TabProps) {
  const columns: readonly DataColumn<Logged>[] = [
    { name: 'Replaced', cell: (one) => <Time at={one.at} as="iso" /> },
    {
      name: 'Metadata file',
      mono: true,
      cell: (one) => <span title={one.file}>{fileWords(one.file)}</span>,
    },
  ]
  return (
    <>
      <div className="bar list-bar">
        <span className="t2 dense cut">
          Format v{detail.formatVersion}, {counted(detail.snapshots, 'snapshot')},{' '}
          {counted(detail.schemas.length, 'schema')}, {counted(detail.specs.length, 'layout')}. A level is
          read when it is opened.
        </span>
        <span className="grow" />
        <a className="btn s quiet" href={metadataUrl(table)} download={`${table.name}.metadata.json`}>
          <Icon name="code" />
          Save JSON
        </a>
      </div>
      <div className="metadata-parts">
        <MetadataTree table={table} detail={detail} />
        <section className="metadata-log" aria-label="Metadata log">
          <div className="head">
            <h3>
              Metadata log{' '}
              <span className="t3">{count(detail.metadataLog.length)} files before this one</span>
            </h3>
          </div>
          {detail.metadataLog.length === 0 ? (
            <p className="dense t2 tables-note">
              The table has had no other metadata file, or its writer keeps no log.
            </p>
          ) : (
            <DataTable
              label="Earlier metadata files"
              columns={columns}
              rows={detail.metadataLog}
              rowKey={(one) => `${one.at} ${one.file}`}
            />
          )}
        </section>
      </div>
    </>
  )
}
