import { useRef } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { type ThreadStart, threadPath, threadStart } from '../../../shared/thread.ts'
import { RAW_ORDERS, type RawOrder, type ThreadView } from '../../../shared/trace.ts'
import { amountOf } from '../../api/lines.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Empty } from '../../ui/empty.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, counted } from '../../ui/format.ts'
import { href, navigate, useRoute } from '../../ui/route.ts'
import { CommitView } from './commit-view.tsx'
import { LevelDetail } from './level-detail.tsx'
import { LevelList } from './level-list.tsx'
import { firstLevel, type LevelKey, ledgerOf, levelsOf } from './levels.ts'
import { useFound, useThread } from './queries.ts'
import { StartForm } from './start-form.tsx'
import './thread.css'

/** Without a value, a file or a snapshot every row of the table is meant: then a value is asked for. */
const isPicked = ({ keys, file, snapshot }: ThreadStart): boolean =>
  keys !== undefined || file !== undefined || snapshot !== undefined

/** One thread: where a row came from, level by level, down to its message; or what one commit brought. */
export function ThreadPage() {
  const { query } = useRoute()
  const start = threadStart(query)
  const order = RAW_ORDERS.find((one) => one === query.order) ?? 'highest'
  const pick = Number(query.pick ?? '0') || 0
  const thread = useThread({
    start: start === null || !isPicked(start) ? null : start,
    pick,
    order,
    all: query.all === '1',
  })
  const go = (change: Readonly<Record<string, string | undefined>>) =>
    navigate(['thread'], { ...query, ...change })
  if (start === null || !isPicked(start)) return <StartForm table={query.table} />
  const view = thread.data
  if (thread.error || view === undefined)
    return (
      <>
        <aside className="list thread-list" aria-label="Levels of the thread">
          <div className="head">
            <h3>Thread</h3>
          </div>
        </aside>
        <main className="work" aria-label="Thread">
          {thread.error ? (
            <FaultBlock fault={toFault(thread.error)}>
              <button type="button" className="btn s" onClick={() => void thread.refetch()}>
                Look again
              </button>
              <a className="btn s quiet" href={href(['thread'])}>
                Another row
              </a>
            </FaultBlock>
          ) : (
            <Awaiting
              of={thread}
              what={thread.progress?.text ?? 'Looking for the row'}
              again="Search again"
              amount={amountOf(thread.progress)}
            />
          )}
        </main>
      </>
    )
  if (view.kind === 'commit')
    return <CommitView view={view} level={query.level ?? 'commit'} onLevel={(level) => go({ level })} />
  if (view.rows.length === 0) return <NotFound view={view} onAll={() => go({ all: '1' })} />
  return (
    <RowThread
      view={view}
      asked={query.level as LevelKey | undefined}
      order={order}
      above={query.above}
      onGo={go}
    />
  )
}

function RowThread({
  view,
  asked,
  order,
  above,
  onGo,
}: {
  view: ThreadView
  asked: LevelKey | undefined
  order: RawOrder
  /** The thread that led here, as its address. */
  above: string | undefined
  onGo: (change: Readonly<Record<string, string | undefined>>) => void
}) {
  const found = useFound(ledgerOf(view), view.rows[view.chosen]?.cells ?? [])
  const levels = levelsOf(view, found)
  const level = levels.find(({ key }) => key === asked) ?? levels.find(({ key }) => key === firstLevel(view))
  const heading = useRef<HTMLHeadingElement>(null)
  return (
    <>
      <aside className="list thread-list" aria-label="Levels of the thread">
        <div className="head">
          <h3>Thread</h3>
          <CopyButton text={location.href} label="Copy link" />
        </div>
        <LevelList
          levels={levels}
          current={level?.key ?? 'row'}
          above={above}
          onLevel={(key) => onGo({ level: key })}
          onOpen={() => heading.current?.focus()}
        />
        <SearchCost view={view} onAll={() => onGo({ all: '1' })} />
      </aside>
      <main className="work" aria-label="Thread">
        {level && <LevelDetail view={view} level={level} order={order} heading={heading} onGo={onGo} />}
      </main>
    </>
  )
}

/** What the search cost, and what it left. */
function SearchCost({ view, onAll }: { view: ThreadView; onAll: () => void }) {
  const { search, snapshot } = view
  return (
    <section className="sect thread-cost" aria-label="What the search read">
      <p className="micro t3">
        {counted(search.candidates, 'data file')} of {search.files.toLocaleString('en-US')} could hold it;
        read {counted(search.requests, 'object')}, {bytes(search.bytes)}
        {snapshot?.head === false && ', as of an earlier snapshot'}.
      </p>
      {search.ignored.length > 0 && (
        <p className="micro t3">Not compared: {search.ignored.join(', ')} (nested or bytes).</p>
      )}
      {search.left > 0 && (
        <p className="micro t2">
          {counted(search.left, 'file')} ({bytes(search.leftBytes)}) not read: others may match too.{' '}
          <button type="button" className="linkish" onClick={onAll}>
            Read them
          </button>
        </p>
      )}
    </section>
  )
}

function NotFound({ view, onAll }: { view: ThreadView; onAll: () => void }) {
  const { search, table, snapshot } = view
  const old = snapshot !== null && !snapshot.head
  return (
    <>
      <aside className="list thread-list" aria-label="Levels of the thread">
        <div className="head">
          <h3>Thread</h3>
          <CopyButton text={location.href} label="Copy link" />
        </div>
      </aside>
      <main className="work" aria-label="Thread">
        <Empty
          title="No row has these values"
          action={
            search.left > 0 ? (
              <button type="button" className="btn s" onClick={onAll}>
                Read the other {counted(search.left, 'file')}, {bytes(search.leftBytes)}
              </button>
            ) : old ? (
              <a className="btn s" href={href(['thread'], { ...currentQuery(), snapshot: undefined })}>
                Search the newest snapshot
              </a>
            ) : (
              <a className="btn s" href={hrefOf(threadPath({ table: table.role ?? table.name }))}>
                Search by other values
              </a>
            )
          }
        >
          {search.files === 0
            ? `${table.name} holds no rows${snapshot === null ? ': it has no snapshot yet' : ''}.`
            : `${counted(search.candidates, 'data file')} of ${search.files.toLocaleString('en-US')} in ${table.name} could hold such a row by ${search.candidates === 1 ? 'its' : 'their'} bounds, and ${search.read.toLocaleString('en-US')} ${search.read === 1 ? 'was' : 'were'} read. It may have been deleted, or have come after this snapshot.`}
        </Empty>
      </main>
    </>
  )
}

const currentQuery = () => Object.fromEntries(new URLSearchParams(location.hash.split('?')[1] ?? ''))

export const hrefOf = ({ path, query }: ReturnType<typeof threadPath>): string => href(path, query)
