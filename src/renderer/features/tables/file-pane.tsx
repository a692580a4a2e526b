import { useState } from 'react'
import type { ChunkView, ColumnBounds, FileDetail, RowGroupView } from '../../../shared/inspect.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { bytes, count, counted, fileWords, shortId } from '../../ui/format.ts'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { useRoute } from '../../ui/route.ts'
import { Time } from '../../ui/time.tsx'
import { amend, tabHref, threadHref } from './address.ts'
import { Answered } from './answered.tsx'
import { ColumnLines } from './column-lines.tsx'
import { deletesWords, holds } from './files-tab.tsx'
import { type FilePlace, type TableAt, useFile, useFooter } from './requests.ts'
import type { TabProps } from './table-view.tsx'

/** The file that was picked, with what its manifest and, asked for, its own footer tell. */
export function FilePane({ table }: TabProps) {
  const { query } = useRoute()
  if (query.file === undefined) return null
  return (
    <Inspector
      title={
        <span className="mono" title={query.file}>
          {fileWords(query.file)}
        </span>
      }
      label="File"
      subject={query.file}
      onClose={() => amend({ file: undefined })}
    >
      <FileFacts key={query.file} table={table} place={{ path: query.file, snapshot: query.snapshot }} />
    </Inspector>
  )
}

/** Everything of one file. */
export function FileFacts({ table, place }: { table: TableAt; place: FilePlace }) {
  const answered = useFile(table, place)
  const [footer, setFooter] = useState(false)
  return (
    <Answered answered={answered} what="Reading the manifest" table={table} snapshot={place.snapshot}>
      {(file) => (
        <>
          <Section>
            <p className="mono tables-path">
              {file.partition.split('/').map((part) => (
                <span key={part}>{part}</span>
              ))}
            </p>
            <Facts table={table} file={file} />
            <div className="row tables-acts">
              <Button small aria-expanded={footer} onClick={() => setFooter(!footer)}>
                {footer ? 'Close row groups' : 'Open row groups'}
              </Button>
              <a
                className="btn s quiet"
                href={threadHref(table, { file: file.path, snapshot: place.snapshot })}
              >
                Follow its thread
              </a>
              <CopyButton text={file.path} label="Copy path" />
            </div>
          </Section>
          {footer && <Footer table={table} place={place} />}
          {file.deletes.length > 0 && (
            <Section title="Delete files that may hold rows of it">
              <ul className="dense tables-list">
                {file.deletes.map((one) => (
                  <li key={one.path} className="row">
                    <span className="mono micro cut grow" title={one.path}>
                      {one.path.split('/').at(-1)}
                    </span>
                    <span className="t2 nw">
                      {one.content.replace('-', ' ')}, {counted(one.rows, 'row')}
                    </span>
                  </li>
                ))}
              </ul>
            </Section>
          )}
          <section className="sect flush">
            <div className="row between sect-head">
              <h3>Columns</h3>
              <span className="t3 dense">as the manifest tells</span>
            </div>
            {file.columns.length === 0 ? (
              <p className="dense t2 tables-note">Its writer left counts and bounds out.</p>
            ) : (
              <Bounds columns={file.columns} />
            )}
          </section>
        </>
      )}
    </Answered>
  )
}

function Facts({ table, file }: { table: TableAt; file: FileDetail }) {
  return (
    <dl className="kv">
      <dt>Holds</dt>
      <dd>
        {holds(file)}
        {file.encrypted && ', encrypted'}
      </dd>
      <dt>Rows, size</dt>
      <dd>
        {count(file.rows)} in {bytes(file.bytes)}
      </dd>
      <dt>Format</dt>
      <dd>
        {file.format}
        {file.splitOffsets.length > 0 && `, ${counted(file.splitOffsets.length, 'split')}`}
      </dd>
      {file.content === 'data' && (
        <>
          <dt>Deletes that apply</dt>
          <dd>{deletesWords(file) || 'none'}</dd>
        </>
      )}
      {file.equalityColumns.length > 0 && (
        <>
          <dt>Compares</dt>
          <dd className="mono">{file.equalityColumns.join(', ')}</dd>
        </>
      )}
      {file.referencedFile && (
        <>
          <dt>Of file</dt>
          <dd className="mono cut" title={file.referencedFile}>
            {file.referencedFile.split('/').at(-1)}
          </dd>
        </>
      )}
      <dt>Snapshot</dt>
      <dd className="mono">
        <a href={tabHref(table, 'snapshots', { snapshot: file.snapshotId })} title={file.snapshotId}>
          {shortId(file.snapshotId)}
        </a>
      </dd>
      <dt>Written</dt>
      <dd>{file.at === null ? 'its snapshot expired' : <Time at={file.at} as="iso" />}</dd>
      <dt>Sequence number</dt>
      <dd>{count(file.sequenceNumber)}</dd>
      <dt>Layout, sort order</dt>
      <dd>
        ids {file.specId} and {file.sortOrderId ?? 'none'}
      </dd>
      <dt>Manifest</dt>
      <dd className="mono cut" title={file.manifest}>
        {fileWords(file.manifest)}
      </dd>
    </dl>
  )
}

function Bounds({ columns }: { columns: readonly ColumnBounds[] }) {
  return (
    <ColumnLines
      label="Columns of the file"
      columns={columns.map((one) => ({ ...one, about: `${one.type}, field id ${one.id}` }))}
    />
  )
}

/** Row groups fetched at once. */
const GROUPS = 1

/** The file's own footer, one row group at a time. */
export function Footer({ table, place, group }: { table: TableAt; place: FilePlace; group?: number }) {
  const [chosen, setChosen] = useState(0)
  const at = group ?? chosen
  const answered = useFooter(table, place, at, GROUPS)
  return (
    <Answered answered={answered} what="Reading the footer" table={table}>
      {(footer) => {
        const [one] = footer.groups
        return (
          <section className="sect flush">
            <div className="row between sect-head">
              <h3>
                Row group {count(at + 1)} of {count(footer.total)}
              </h3>
              <span className="t3 dense">
                {one ? `${counted(one.rows, 'row')}, ${bytes(one.bytes)}` : 'no rows'}
              </span>
            </div>
            {one && <Chunks group={one} />}
            <div className="row sect-foot">
              <span className="t3 dense cut" title={footer.createdBy ?? ''}>
                {footer.createdBy ?? 'its writer gave no name'}
              </span>
              <span className="grow" />
              {group === undefined && footer.total > 1 && (
                <>
                  <Button small disabled={at === 0} onClick={() => setChosen(at - 1)}>
                    Previous
                  </Button>
                  <Button small disabled={at + 1 >= footer.total} onClick={() => setChosen(at + 1)}>
                    Next
                  </Button>
                </>
              )}
            </div>
          </section>
        )
      }}
    </Answered>
  )
}

/** How a chunk is stored, in words. */
const encodings = (chunk: ChunkView) =>
  `${chunk.encodings.join(', ').toLowerCase().replaceAll('_', ' ')}; ${chunk.codec.toLowerCase()}, ${bytes(chunk.plainBytes)} unpacked`

function Chunks({ group }: { group: RowGroupView }) {
  return (
    <ColumnLines
      label={`Columns of row group ${group.index + 1}`}
      columns={group.chunks.map((chunk) => ({
        ...chunk,
        about: `${chunk.physicalType}, field id ${chunk.id ?? 'none'}`,
        stored: encodings(chunk),
      }))}
    />
  )
}
