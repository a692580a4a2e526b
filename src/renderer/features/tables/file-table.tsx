import { useQuery } from '@tanstack/react-query'
import { toFault } from '../../../shared/errors.ts'
import type { TableRole } from '../../../shared/tables.ts'
import { answer, api } from '../../api/client.ts'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, count, shortId } from '../../ui/format.ts'
import { Loading } from '../../ui/loading.tsx'
import { Pager } from '../../ui/pager.tsx'
import { Scroll } from '../../ui/scroll.tsx'

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
      <Scroll label="Partitions">
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">Partition</th>
              <th scope="col" className="num">
                Files
              </th>
              <th scope="col" className="num">
                Rows
              </th>
              <th scope="col" className="num">
                Size
              </th>
              <th scope="col" className="num">
                Mean file
              </th>
              <th scope="col" className="num">
                Delete files
              </th>
            </tr>
          </thead>
          <tbody>
            {partitions.map((partition) => (
              <tr key={partition.path}>
                <td className="mono">{partition.path}</td>
                <td className="num">{count(partition.files)}</td>
                <td className="num">{count(partition.rows)}</td>
                <td className="num">{bytes(partition.bytes)}</td>
                <td className="num">{bytes(partition.bytes / Math.max(1, partition.files))}</td>
                <td className="num">{count(partition.deleteFiles)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
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
      <Scroll label="Files">
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">Holds</th>
              <th scope="col">Partition</th>
              <th scope="col" className="num">
                Rows
              </th>
              <th scope="col" className="num">
                Size
              </th>
              <th scope="col">Snapshot</th>
            </tr>
          </thead>
          <tbody>
            {files.map((file) => (
              <tr key={file.path}>
                <td className="mono cut" title={file.path} style={{ maxWidth: 280 }}>
                  {file.path.split('/').at(-1)}
                </td>
                <td>{file.content.replace('-', ' ')}</td>
                <td className="mono">{file.partition}</td>
                <td className="num">{count(file.rows)}</td>
                <td className="num">{bytes(file.bytes)}</td>
                <td className="mono" title={file.snapshotId}>
                  {shortId(file.snapshotId)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Pager page={page} pageSize={pageSize} total={total} unit="files" onPage={onPage} />
    </>
  )
}
