import type { ReactNode } from 'react'
import { messagesPath, threadPath } from '../../../shared/thread.ts'
import type { TraceCommit, TraceLedger, TraceTable } from '../../../shared/trace.ts'
import { count, counted, duration, shortId } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { href } from '../../ui/route.ts'
import { Stat, Stats } from '../../ui/stat.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { LevelBar } from './level-bar.tsx'
import type { LevelProps } from './level-detail.tsx'
import { commitName } from './levels.ts'
import { LinkTable } from './link-table.tsx'
import { tablePath } from './row-level.tsx'
import { tableName } from './sql-text.ts'

/** The commit that brought the row, or one that rewrote it since (`from` is the file before). */
export function CommitLevel({
  view,
  heading,
  commit,
  from,
}: LevelProps & { commit: TraceCommit | null; from?: string | undefined }) {
  if (commit === null) return null
  return (
    <>
      <CommitBar table={view.table} commit={commit} heading={heading}>
        {commit.at !== null && (
          <a
            className="btn s quiet"
            href={hrefTo(
              threadPath({ table: view.table.role ?? view.table.name, snapshot: commit.snapshotId }),
            )}
          >
            <Icon name="tree" />
            Its files and rows
          </a>
        )}
      </CommitBar>
      <CommitFacts commit={commit} />
      {from !== undefined && (
        <div className="sect dense">
          <p>It moved this row, unchanged, out of an earlier file:</p>
          <p className="thread-path mono">
            <PlainText>{from}</PlainText>
          </p>
        </div>
      )}
      {commit.ledger && <LedgerTable ledger={commit.ledger} />}
      {commit.at === null && view.end?.kind === 'expired' && <Expired before={view.end.before} />}
    </>
  )
}

export function CommitBar({
  table,
  commit,
  heading,
  children,
}: {
  table: TraceTable
  commit: TraceCommit
  heading?: LevelProps['heading']
  children?: ReactNode
}) {
  const known = commit.at !== null
  const loads = table.role === 'raw' || table.role === 'errors'
  const query = `SELECT *\nFROM ${tableName(table)} FOR VERSION AS OF ${commit.snapshotId}\nLIMIT 1000`
  return (
    <LevelBar title={commitName(commit)} about={table.name} {...(heading ? { heading } : {})}>
      {known && (
        <>
          <a
            className="btn s"
            href={href(['tables', ...tablePath(table)], { tab: 'snapshots', snapshot: commit.snapshotId })}
          >
            <Icon name="tables" />
            Open snapshot
          </a>
          <a className="btn s quiet" href={href(['sql'], { text: query })}>
            <Icon name="sql" />
            Query here
          </a>
        </>
      )}
      {known && loads && commit.writer === 'load' && (
        <a className="btn s quiet" href={href(['load'], { commit: commit.snapshotId })}>
          <Icon name="load" />
          In the load
        </a>
      )}
      {children}
    </LevelBar>
  )
}

/** What a snapshot says of itself. */
export function CommitFacts({ commit }: { commit: TraceCommit }) {
  const { ledger, timing } = commit
  return (
    <Stats label="Figures of the commit">
      <Stat name="Committed" value={commit.at === null ? 'not known' : <Time at={commit.at} />}>
        snapshot {shortId(commit.snapshotId)}
      </Stat>
      <Stat name="Operation" value={commit.operation ?? 'not known'}>
        {commit.writer === 'other'
          ? `by ${commit.engine ?? 'an engine that does not say its name'}`
          : commit.replay
            ? `replay ${shortId(commit.replay.id)}, batch ${commit.replay.batch ?? ''}`
            : ledger
              ? `loader ${ledger.pipeline}`
              : commit.rollup
                ? `of raw ${shortId(commit.rollup.sourceSnapshot)}`
                : commit.engine}
      </Stat>
      <Stat name="Rows added" value={commit.addedRows === null ? 'not known' : count(commit.addedRows)}>
        {commit.addedFiles !== null && `in ${counted(commit.addedFiles, 'file')}`}
      </Stat>
      {ledger ? (
        <Stat name="Messages taken" value={ledger.messages === null ? 'not told' : count(ledger.messages)}>
          of {counted(ledger.ranges.length, 'partition')} of {ledger.topic}
        </Stat>
      ) : (
        <Stat name="Commit id" value={commit.commitId === null ? 'none' : shortId(commit.commitId)}>
          {commit.commitId === null ? 'not written by Tarn' : 'chosen before its first request'}
        </Stat>
      )}
      {timing && (
        <Stat name="Took" value={duration(timing.ms)}>
          {timing.oldestAt !== null && commit.at !== null && (
            <>oldest message {duration(commit.at - timing.oldestAt)} before</>
          )}
        </Stat>
      )}
    </Stats>
  )
}

type Range = TraceLedger['ranges'][number]

/** What the commit took of each partition, each way leading to its messages. */
export function LedgerTable({ ledger }: { ledger: TraceLedger }) {
  const { accepted, rejected, skipped } = ledger
  const taken = ({ from, to }: Range) => BigInt(to) - BigInt(from)
  return (
    <>
      <div className="bar thread-sub">
        <h3>Ledger</h3>
        <span className="t2 dense grow cut">
          {count(accepted)} samples written, {count(rejected)} dead-lettered
          {skipped > 0 && `, ${count(skipped)} there already`}; cluster {shortId(ledger.cluster)}
        </span>
      </div>
      <LinkTable<Range>
        label="Offsets taken"
        first="Messages"
        rowKey={({ partition }) => partition}
        rows={ledger.ranges}
        hrefOf={(range) => hrefTo(messagesPath(rangeFilter(ledger.topic, range)))}
        linkText={(range) => `${count(taken(range))} of partition ${range.partition}`}
        columns={[
          { name: 'Topic', cell: () => <PlainText>{ledger.topic}</PlainText> },
          { name: 'From', numeric: true, mono: true, cell: ({ from }) => from },
          { name: 'To, not included', numeric: true, mono: true, cell: ({ to }) => to },
        ]}
      />
    </>
  )
}

export const rangeFilter = (topic: string, { partition, from, to }: Range) => ({
  topic,
  partition: String(partition),
  from,
  to,
})

export const hrefTo = ({ path, query }: { path: string[]; query: Record<string, string> }): string =>
  href(path, query)

function Expired({ before }: { before: TraceLedger | null }) {
  return (
    <div className="sect">
      <Status state="attention" word="The snapshot that wrote this row has expired" bare />
      <p className="dense t2 thread-prose">
        Its ledger went with it: the offsets that it took are no longer in the table.{' '}
        {before
          ? 'The next commit still kept begins at the offsets below, so the message lies before them.'
          : 'No later commit has a ledger either.'}
      </p>
      {before && <LedgerTable ledger={before} />}
    </div>
  )
}
