import type { MaintenanceSummary } from '../../../shared/maintenance.ts'
import { bytes, count, counted, duration, shortId } from '../../ui/format.ts'
import { Status } from '../../ui/status.tsx'
import { type TableKey, tabHref } from './address.ts'

/** What a run did, with a link to its snapshot. */
export function MaintainDone({ done, table }: { done: MaintenanceSummary; table: TableKey }) {
  const failed = 'failed' in done ? done.failed : 0
  const snapshot = snapshotOf(done)
  return (
    <>
      <Status
        state={failed > 0 ? 'attention' : 'passed'}
        word={`${wordsOf(done)} in ${duration(done.seconds * 1000)}`}
        bare
      />
      <dl className="kv">
        {done.work === 'compact' && (
          <>
            <dt>Bytes</dt>
            <dd>
              {bytes(done.bytesBefore)} became {bytes(done.bytesAfter)}
            </dd>
            <dt>Rows written</dt>
            <dd>{count(done.rows)}</dd>
            <dt>Deleted rows left out</dt>
            <dd>{count(done.deletedRows)}</dd>
          </>
        )}
        {'failed' in done && (
          <>
            <dt>Freed</dt>
            <dd>
              {counted(done.files, 'file')}, {bytes(done.bytes)}
            </dd>
            <dt>Could not be deleted</dt>
            <dd>{count(failed)}</dd>
            {done.held > 0 && (
              <>
                <dt>Held by newer snapshots</dt>
                <dd>{counted(done.held, 'file')}</dd>
              </>
            )}
          </>
        )}
        {done.work === 'expire' && done.gone > 0 && (
          <>
            <dt>Expired by others meanwhile</dt>
            <dd>{counted(done.gone, 'snapshot')}</dd>
          </>
        )}
        {snapshot !== null && (
          <>
            <dt>Snapshot</dt>
            <dd>
              <a href={tabHref(table, 'snapshots', { snapshot })} title={snapshot}>
                {shortId(snapshot)}
              </a>
            </dd>
          </>
        )}
      </dl>
    </>
  )
}

function snapshotOf(done: MaintenanceSummary): string | null {
  switch (done.work) {
    case 'compact':
      return done.snapshots.at(-1) ?? null
    case 'manifests':
      return done.snapshot
    case 'expire':
    case 'orphans':
      return null
  }
}

function wordsOf(done: MaintenanceSummary): string {
  switch (done.work) {
    case 'compact':
      return `${counted(done.filesBefore, 'file')} became ${count(done.filesAfter)}`
    case 'manifests':
      return `${counted(done.before, 'manifest')} became ${count(done.after)}`
    case 'expire':
      return `${counted(done.snapshots, 'snapshot')} expired`
    case 'orphans':
      return `${counted(done.files, 'file')} deleted`
  }
}
