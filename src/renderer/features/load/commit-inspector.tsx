import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { LoadView } from '../../../shared/model.ts'
import type { CommitPath } from '../../../shared/monitor.ts'
import { messagesPath, threadPath } from '../../../shared/thread.ts'
import { answer, api } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { bytes, count, duration } from '../../ui/format.ts'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { Meter } from '../../ui/meter.tsx'
import { href } from '../../ui/route.ts'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import type { CommitRow, ListedCommit } from './commit-rows.ts'
import { FirstCommit } from './first-commit.tsx'
import { LastTrouble } from './trouble.tsx'

/** One commit: what landed, where its time went, its offsets; and the last trouble of the load. */
export function CommitInspector({
  load,
  row,
  onClose,
}: {
  load: LoadView
  /** Null: nothing was picked, and nothing has landed yet. */
  row: CommitRow | null
  /** Absent while the newest commit is followed. */
  onClose?: () => void
}) {
  return (
    <Inspector
      title={
        row === null ? (
          'Commit'
        ) : (
          <>
            {row.commit ? 'Commit' : 'Rollup'} of <Time at={row.at} />
          </>
        )
      }
      label="Commit"
      subject={onClose === undefined ? 'newest' : (row?.key ?? '')}
      {...(onClose === undefined ? {} : { onClose })}
    >
      {row === null && <FirstCommit load={load} />}
      {row?.commit && <Facts commit={row.commit} followed={onClose === undefined} />}
      {row?.rollup && (
        <Section>
          <Status state="passed" word="Matches raw" />
          <dl className="kv">
            <dt>Rows published</dt>
            <dd>{count(row.rollup.rows)}</dd>
            <dt>Snapshots</dt>
            <dd>{count(row.rollup.snapshots)}</dd>
            <dt>Took</dt>
            <dd>{duration(row.rollup.ms)}</dd>
            <dt>Rolled up after, oldest</dt>
            <dd>{row.rollup.oldestMs === null ? 'nothing new' : duration(row.rollup.oldestMs)}</dd>
            <dt>Raw snapshot</dt>
            <dd className="mono">{row.rollup.sourceSnapshot ?? 'not told'}</dd>
          </dl>
        </Section>
      )}
      {row?.commit?.path && <Path path={row.commit.path} files={row.commit.files} />}
      {load.state !== 'idle' && <LastTrouble load={load} />}
      {row?.commit && <Offsets commit={row.commit} />}
    </Inspector>
  )
}

function Facts({ commit, followed }: { commit: ListedCommit; followed: boolean }) {
  const { counts, age } = commit
  return (
    <Section>
      <div className="row between">
        <Status state="passed" word={commit.found ? 'Found, landed once' : 'Landed'} />
        <span className="t2 dense">
          {followed && 'the newest, '}
          <Time at={commit.at} as="ago" />
        </span>
      </div>
      <dl className="kv">
        <dt>Snapshot</dt>
        <dd className="mono">{commit.snapshotId}</dd>
        <dt>Commit id</dt>
        <dd className="mono cut" title={commit.commitId}>
          {commit.commitId ?? 'not told'}
        </dd>
        {counts && (
          <>
            <dt>Samples written</dt>
            <dd>{count(counts.accepted)}</dd>
            <dt>Dead-lettered</dt>
            <dd>
              {counts.rejected > 0 ? <a href={href(['letters'])}>{count(counts.rejected)}, open</a> : 0}
            </dd>
            <dt>Skipped, already there</dt>
            <dd>{count(counts.skipped)}</dd>
          </>
        )}
        <dt>Data files</dt>
        <dd>
          {count(commit.files)}, {bytes(commit.bytes)}
        </dd>
        {age && (
          <>
            <dt>Queryable after</dt>
            <dd>
              {duration(age.oldestMs)}, mean {duration(age.meanMs)}
            </dd>
          </>
        )}
      </dl>
      <div className="row wrap commit-ways">
        <a
          className="btn s"
          href={href(['tables', commit.role], { tab: 'snapshots', snapshot: commit.snapshotId })}
        >
          Open snapshot
        </a>
        <a className="btn s quiet" href={commitThread(commit)}>
          Rows and messages
        </a>
        <CopyButton text={commit.snapshotId} label="Copy its id" />
      </div>
    </Section>
  )
}

function Path({ path, files }: { path: CommitPath; files: number }) {
  const parts: readonly (readonly [string, number])[] = [
    ['Waiting for the commit to be due', path.waitMs],
    ['Decode and validate', path.decodeMs],
    [`Encode ${count(files)} Parquet files`, path.encodeMs],
    ['Upload, beyond encoding', path.uploadMs],
    ['Catalog commits', path.catalogMs],
  ]
  const total = parts.reduce((sum, [, ms]) => sum + ms, 0)
  return (
    <Section title={`Where ${duration(total)} went`}>
      <div className="path">
        {parts.map(([name, ms]) => [
          <span key={name}>{name}</span>,
          <span key={`${name} ms`} className="num">
            {count(ms)} ms
          </span>,
          <Meter key={`${name} bar`} thin label={name} value={ms} of={total} />,
        ])}
      </div>
    </Section>
  )
}

const SHOWN = 6

/** The commit's rows, files and messages. */
function commitThread({ role, snapshotId }: ListedCommit): string {
  const { path, query } = threadPath({ table: role, snapshot: snapshotId })
  return href(path, query)
}

function rangeHref(partition: number, from: string, to: string): string {
  const { path, query } = messagesPath({ partition: String(partition), from, to })
  return href(path, query)
}

function Offsets({ commit }: { commit: ListedCommit }) {
  const [all, setAll] = useState(false)
  const left = commit.ranges.length === 0 && (commit.taken?.partitions ?? 0) > 0
  const read = useQuery({
    queryKey: ['commit', commit.snapshotId],
    queryFn: () => answer(api.load.commits[':id'].$get({ param: { id: commit.snapshotId } })),
    enabled: left && all,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const ranges = left ? (read.data?.ranges ?? []) : commit.ranges
  const partitions = commit.taken?.partitions ?? ranges.length
  const ordered = ranges.toSorted((a, b) => a.partition - b.partition)
  const shown = all ? ordered : ordered.slice(0, SHOWN)
  const rest = partitions - shown.length
  return (
    <Section title="Offsets taken">
      <table className="grid offs">
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Partition</th>
            <th scope="col">From</th>
            <th scope="col">To, not included</th>
            <th scope="col">Offsets</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ partition, start, end }) => (
            <tr key={partition}>
              <td className="mono">
                <a
                  className="cell-link"
                  aria-label={`Messages of partition ${partition} that it took`}
                  href={rangeHref(partition, start, end)}
                >
                  {partition}
                </a>
              </td>
              <td className="mono num">{start}</td>
              <td className="mono num">to {end}</td>
              <td className="num">{count(BigInt(end) - BigInt(start))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest > 0 && (
        <Button kind="quiet" small onClick={() => setAll(true)}>
          {count(rest)} more {rest === 1 ? 'partition' : 'partitions'}
        </Button>
      )}
      {read.error && (
        <p className="dense t2">This commit is no longer kept; its snapshot holds the offsets.</p>
      )}
    </Section>
  )
}
