import { useQuery } from '@tanstack/react-query'
import { toFault } from '../../../shared/errors.ts'
import type { FilePage, PartitionPage } from '../../../shared/model.ts'
import type { TableRole } from '../../../shared/tables.ts'
import { answer, api } from '../../api/client.ts'
import { type DataColumn, DataTable } from '../../ui/data-table.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, count, shortId } from '../../ui/format.ts'
import { Loading } from '../../ui/loading.tsx'
import { Pager } from '../../ui/pager.tsx'

type Partition = PartitionPage['partitions'][number]
type File = FilePage['files'][number]

const PARTITION_COLUMNS: readonly DataColumn<Partition>[] = [
  { name: 'Partition', mono: true, cell: (p) => p.path },
  { name: 'Files', numeric: true, cell: (p) => count(p.files) },
  { name: 'Rows', numeric: true, cell: (p) => count(p.rows) },
  { name: 'Size', numeric: true, cell: (p) => bytes(p.bytes) },
  { name: 'Mean file', numeric: true, cell: (p) => bytes(p.bytes / Math.max(1, p.files)) },
  { name: 'Delete files', numeric: true, cell: (p) => count(p.deleteFiles) },
]

const FILE_COLUMNS: readonly DataColumn<File>[] = [
  { name: 'File', mono: true, cell: (file) => <span title={file.path}>{file.path.split('/').at(-1)}</span> },
  { name: 'Holds', cell: (file) => file.content.replace('-', ' ') },
  { name: 'Partition', mono: true, cell: (file) => file.partition },
  { name: 'Rows', numeric: true, cell: (file) => count(file.rows) },
  { name: 'Size', numeric: true, cell: (file) => bytes(file.bytes) },
  {
    name: 'Snapshot',
    mono: true,
    cell: (file) => <span title={file.snapshotId}>{shortId(file.snapshotId)}</span>,
  },
]

interface Paged {
  readonly role: TableRole
  /** Renewed by every commit. */
  readonly version: number
  readonly page: number
  readonly onPage: (page: number) => void
}

const PAGE_SIZE = '100'

/** Partitions with their files, rows and bytes. */
export function PartitionTable({ role, version, page, onPage }: Paged) {
  const answered = useQuery({
    queryKey: ['partitions', role, version, page],
    queryFn: () =>
      answer(
        api.tables[':role'].partitions.$get({
          param: { role },
          query: { page: String(page), pageSize: PAGE_SIZE },
        }),
      ),
    placeholderData: (before) => before,
  })
  if (answered.error) return <FaultBlock fault={toFault(answered.error)} />
  if (!answered.data) return <Loading what="Reading manifests" />
  const { partitions, total, pageSize } = answered.data
  return (
    <>
      <DataTable label="Partitions" columns={PARTITION_COLUMNS} rows={partitions} rowKey={(p) => p.path} />
      <Pager page={page} pageSize={pageSize} total={total} unit="partitions" onPage={onPage} />
    </>
  )
}

/** Live files with the snapshot that brought them. */
export function FileTable({ role, version, page, onPage }: Paged) {
  const answered = useQuery({
    queryKey: ['files', role, version, page],
    queryFn: () =>
      answer(
        api.tables[':role'].files.$get({
          param: { role },
          query: { page: String(page), pageSize: PAGE_SIZE },
        }),
      ),
    placeholderData: (before) => before,
  })
  if (answered.error) return <FaultBlock fault={toFault(answered.error)} />
  if (!answered.data) return <Loading what="Reading manifests" />
  const { files, total, pageSize } = answered.data
  return (
    <>
      <DataTable label="Files" columns={FILE_COLUMNS} rows={files} rowKey={(file) => file.path} />
      <Pager page={page} pageSize={pageSize} total={total} unit="files" onPage={onPage} />
    </>
  )
}
