import { messagesPath, threadPath } from '../../../shared/thread.ts'
import type { CommitThread, TraceCell } from '../../../shared/trace.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { bytes, count, counted, shortId } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { href } from '../../ui/route.ts'
import { CommitBar, CommitFacts, hrefTo, LedgerTable } from './commit-level.tsx'
import { LevelBar } from './level-bar.tsx'
import { LevelList } from './level-list.tsx'
import { commitName, type Level, type LevelKey } from './levels.ts'
import { LinkTable } from './link-table.tsx'
import { CellText } from './row-level.tsx'
import { commitSql, startOfRow } from './sql-text.ts'

/** One commit, seen from the middle of the thread: up to its files and rows, down to its messages. */
export function CommitView({
  view,
  level,
  onLevel,
}: {
  view: CommitThread
  level: string
  onLevel: (key: LevelKey) => void
}) {
  const { commit } = view
  const levels: Level[] = [
    {
      key: 'row',
      mark: 'R',
      colour: 'c-other',
      name: 'Rows it added',
      line: view.table.name,
      end: commit.addedRows === null ? '' : count(commit.addedRows),
    },
    {
      key: 'file',
      mark: 'D',
      colour: 'c1',
      name: 'Data files it added',
      line: view.removedFiles > 0 ? `${counted(view.removedFiles, 'file')} removed` : 'none removed',
      end: count(view.filesInAll),
    },
    {
      key: 'commit',
      mark: 'S',
      colour: 'c3',
      name: commitName(commit),
      line: shortId(commit.snapshotId),
      at: commit.at,
    },
  ]
  if (commit.ledger)
    levels.push({
      key: 'message',
      mark: 'K',
      colour: 'c5',
      name: 'Messages it took',
      line: commit.ledger.topic,
      end: commit.ledger.messages === null ? '' : count(commit.ledger.messages),
    })
  const current = levels.find(({ key }) => key === level)?.key ?? 'commit'
  return (
    <>
      <aside className="list thread-list" aria-label="Levels of the thread">
        <div className="head">
          <h3>Commit</h3>
          <CopyButton text={location.href} label="Copy link" />
        </div>
        <LevelList levels={levels} current={current} above={undefined} onLevel={onLevel} onOpen={() => {}} />
        <section className="sect thread-cost">
          <p className="micro t3">
            Read {counted(view.search.requests, 'object')}, {bytes(view.search.bytes)}.
          </p>
        </section>
      </aside>
      <main className="work" aria-label="Commit">
        {current === 'row' && <Rows view={view} />}
        {current === 'file' && <Files view={view} />}
        {current === 'commit' && (
          <>
            <CommitBar table={view.table} commit={commit} />
            <CommitFacts commit={commit} />
            {commit.ledger && <LedgerTable ledger={commit.ledger} />}
          </>
        )}
        {current === 'message' && commit.ledger && (
          <>
            <LevelBar title="Messages it took" about={commit.ledger.topic}>
              {commit.ledger.ranges.slice(0, 1).map(({ partition, from, to }) => (
                <a
                  key={partition}
                  className="btn s"
                  href={hrefTo(
                    messagesPath({
                      topic: commit.ledger?.topic ?? '',
                      partition: String(partition),
                      from,
                      to,
                    }),
                  )}
                >
                  <Icon name="tree" />
                  Open those of partition {partition}
                </a>
              ))}
            </LevelBar>
            <LedgerTable ledger={commit.ledger} />
          </>
        )}
      </main>
    </>
  )
}

function Files({ view }: { view: CommitThread }) {
  type File = CommitThread['files'][number]
  return (
    <>
      <LevelBar
        title="Data files it added"
        about={
          view.filesInAll > view.files.length
            ? `the ${count(view.files.length)} largest of ${count(view.filesInAll)}`
            : counted(view.filesInAll, 'file')
        }
      />
      <LinkTable<File>
        label="Data files of the commit"
        first="File"
        rowKey={({ path }) => path}
        rows={view.files}
        hrefOf={({ path }) =>
          hrefTo(
            threadPath({
              table: view.table.role ?? view.table.name,
              snapshot: view.commit.snapshotId,
              file: path,
            }),
          )
        }
        linkText={({ path }) => path.split('/').at(-1)}
        columns={[
          { name: 'Partition', mono: true, cell: ({ partition }) => <PlainText>{partition}</PlainText> },
          { name: 'Rows', numeric: true, cell: ({ rows }) => count(rows) },
          { name: 'Size', numeric: true, cell: (one) => bytes(one.bytes) },
        ]}
      />
    </>
  )
}

function Rows({ view }: { view: CommitThread }) {
  const { commit, rows, table } = view
  const columns = rows[0] ?? []
  return (
    <>
      <LevelBar
        title="Rows it added"
        about={
          commit.addedRows !== null && commit.addedRows > rows.length
            ? `the first ${count(rows.length)} of ${count(commit.addedRows)}`
            : counted(rows.length, 'row')
        }
      >
        <a
          className="btn s"
          href={href(['sql'], { text: commitSql(table, commit.snapshotId, view.span) })}
          title={view.span ? `By ${view.span.column}, whose values part the commits` : undefined}
        >
          <Icon name="sql" />
          Query all of them
        </a>
      </LevelBar>
      {rows.length === 0 ? (
        <p className="dense t2 pad">
          This commit added no rows: it only moved the position, or removed files.
        </p>
      ) : (
        <LinkTable<Indexed>
          label="Rows of the commit"
          first="Thread"
          rowKey={({ index }) => index}
          rows={rows.map((cells, index) => ({ index, cells }))}
          hrefOf={({ cells }) => hrefTo(rowThread(view, cells))}
          linkText={({ index }) => `Row ${count(index)}`}
          columns={columns.map(({ name }, place) => ({
            name,
            cell: ({ cells }) => <Shown cell={cells[place]} />,
          }))}
        />
      )}
    </>
  )
}

interface Indexed {
  readonly index: number
  readonly cells: readonly TraceCell[]
}

function Shown({ cell }: { cell: TraceCell | undefined }) {
  return (
    <span className="cut thread-cell" title={cell?.text ?? 'null'}>
      {cell && <CellText cell={cell} />}
    </span>
  )
}

function rowThread(view: CommitThread, row: readonly TraceCell[]) {
  const start = startOfRow(view.table, row)
  // An aggregate's row is replaced by later publishings: only this snapshot has it as it is shown here.
  return threadPath(view.commit.writer === 'rollup' ? { ...start, snapshot: view.commit.snapshotId } : start)
}
