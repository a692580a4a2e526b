import { useMemo } from 'react'
import { FILE_SORTS, type FileSort, type FileView } from '../../../shared/inspect.ts'
import { Badge } from '../../ui/badge.tsx'
import { NoMatch } from '../../ui/empty.tsx'
import { bytes, count, counted, fileWords, shortId } from '../../ui/format.ts'
import { Pager } from '../../ui/pager.tsx'
import { useRoute } from '../../ui/route.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { Select } from '../../ui/select.tsx'
import { Time } from '../../ui/time.tsx'
import { amend, tabHref } from './address.ts'
import { Answered } from './answered.tsx'
import { AtSnapshot } from './at-snapshot.tsx'
import { FilterField, usePage } from './filter-field.tsx'
import { NotYet } from './not-yet.tsx'
import { type PickColumn, PickTable } from './pick-table.tsx'
import { type TableAt, useFiles } from './requests.ts'
import { SaveMenu } from './save-menu.tsx'
import type { TabProps } from './table-view.tsx'

const SORTS: Readonly<Record<FileSort, string>> = {
  newest: 'Newest',
  largest: 'Largest',
  smallest: 'Smallest',
  rows: 'Most rows',
  deletes: 'Most deletes',
  path: 'By path',
}
const CONTENTS = [
  { value: 'all', word: 'All' },
  { value: 'data', word: 'Data' },
  { value: 'deletes', word: 'Deletes' },
] as const

/** What a file holds, in words. */
export function holds({ content, format }: Pick<FileView, 'content' | 'format'>): string {
  if (format === 'puffin') return 'deletion vector'
  return content === 'data' ? 'data' : content.replace('-', ' ')
}

/** Delete files that apply, in words; empty where none does. */
export function deletesWords({ positionDeletes, equalityDeletes }: FileView): string {
  return [
    positionDeletes > 0 && `${count(positionDeletes)} position`,
    equalityDeletes > 0 && `${count(equalityDeletes)} equality`,
  ]
    .filter(Boolean)
    .join(', ')
}

function columnsOf(table: TableAt): readonly PickColumn<FileView>[] {
  return [
    {
      name: 'File',
      mono: true,
      cell: (file) => <span title={file.path}>{fileWords(file.path)}</span>,
    },
    {
      name: 'Holds',
      cell: (file) =>
        [holds(file), file.format !== 'parquet' && file.format, file.encrypted && 'encrypted']
          .filter(Boolean)
          .join(', '),
    },
    { name: 'Partition', mono: true, cell: (file) => file.partition },
    { name: 'Rows', numeric: true, cell: (file) => count(file.rows) },
    { name: 'Size', numeric: true, cell: (file) => bytes(file.bytes) },
    { name: 'Deletes', cell: (file) => deletesWords(file) },
    {
      name: 'Written',
      numeric: true,
      cell: (file) =>
        file.at === null ? (
          <span className="t3" title={`Snapshot ${file.snapshotId} expired`}>
            expired
          </span>
        ) : (
          <Time at={file.at} as="ago" />
        ),
    },
    {
      name: 'Snapshot',
      mono: true,
      optional: true,
      cell: (file) => (
        <a
          href={tabHref(table, 'snapshots', { snapshot: file.snapshotId })}
          title={file.snapshotId}
          tabIndex={-1}
        >
          {shortId(file.snapshotId)}
        </a>
      ),
    },
  ]
}

const pick = (file: FileView) => amend({ file: file.path, health: undefined })

/** Live files of the snapshot, with what applies to them. */
export function FilesTab({ table, detail }: TabProps) {
  const { query } = useRoute()
  const [page, onPage] = usePage()
  const sort = FILE_SORTS.find((one) => one === query.sort) ?? 'newest'
  const content = (['data', 'deletes'] as const).find((one) => one === query.content)
  const filter = { find: query.find, snapshot: query.snapshot, content, partition: query.partition }
  const answered = useFiles(table, { ...filter, page, sort })
  const columns = useMemo(() => columnsOf(table), [table])
  if (detail.snapshotId === null) {
    return (
      <NotYet title="No file yet">
        Files come with the first commit. The table has {counted(detail.snapshots, 'snapshot')}.
      </NotYet>
    )
  }
  const clear = () => amend({ find: undefined, content: undefined, partition: undefined, page: undefined })
  return (
    <>
      <AtSnapshot detail={detail} />
      <div className="bar list-bar">
        <FilterField label="Filter files" />
        <Segmented
          label="Content"
          value={content ?? 'all'}
          choices={CONTENTS}
          onChange={(next) => amend({ content: next === 'all' ? undefined : next, page: undefined })}
        />
        <Select
          label="Order of the files"
          small
          width={130}
          value={sort}
          choices={FILE_SORTS.map((value) => ({ value, word: SORTS[value] }))}
          onChange={(next) => amend({ sort: next, page: undefined })}
        />
        {query.partition !== undefined && (
          <Badge
            onRemove={() => amend({ partition: undefined, page: undefined })}
            removeLabel="Show files of all partitions"
          >
            <span className="mono cut partition-badge" title={query.partition}>
              {query.partition}
            </span>
          </Badge>
        )}
        <span className="grow" />
        {answered.data && (
          <span className="t3 dense nw">
            {counted(answered.data.total, 'file')}, {counted(answered.data.rows, 'row')},{' '}
            {bytes(answered.data.bytes)}
          </span>
        )}
        <SaveMenu table={table} list="files" filter={filter} />
      </div>
      <Answered answered={answered} what="Reading manifests" table={table} snapshot={query.snapshot}>
        {(data) =>
          data.total === 0 ? (
            <NoMatch onClear={clear}>
              None of {counted(data.inAll, 'file')} matches{' '}
              <b>{[query.find, content, query.partition].filter(Boolean).join(', ')}</b>.
            </NoMatch>
          ) : (
            <>
              <PickTable
                label="Files"
                columns={columns}
                rows={data.files}
                rowKey={(file) => file.path}
                picked={query.file ?? null}
                onPick={pick}
              />
              {data.total > data.pageSize && (
                <Pager page={page} pageSize={data.pageSize} total={data.total} unit="files" onPage={onPage} />
              )}
            </>
          )
        }
      </Answered>
    </>
  )
}
