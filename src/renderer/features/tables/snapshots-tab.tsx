import type { SnapshotView } from '../../../shared/inspect.ts'
import { Button } from '../../ui/button.tsx'
import { NoMatch } from '../../ui/empty.tsx'
import { bytes, count, counted, instant, shortId } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Null } from '../../ui/null.tsx'
import { Pager } from '../../ui/pager.tsx'
import { href, useRoute } from '../../ui/route.ts'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { useView } from '../../ui/view.ts'
import { amend } from './address.ts'
import { Answered } from './answered.tsx'
import { Comparison } from './comparison.tsx'
import { FilterField, usePage } from './filter-field.tsx'
import { NotYet } from './not-yet.tsx'
import { type PickColumn, PickTable } from './pick-table.tsx'
import { PAGE_ROWS, useSnapshots } from './requests.ts'
import { SaveMenu } from './save-menu.tsx'
import { Soundings } from './soundings.tsx'
import { atSnapshot } from './sql.ts'
import type { TabProps } from './table-view.tsx'
import { plusMinus } from './words.ts'

const figure = (value: number | null) => (value === null ? <Null /> : count(value))

/** A or B of the comparison: a small button with a hit area of its own. */
function Side({
  letter,
  on,
  id,
  onChoose,
}: {
  letter: string
  on: boolean
  id: string
  onChoose: () => void
}) {
  return (
    <button
      type="button"
      className={on ? 'ab is-on' : 'ab'}
      aria-pressed={on}
      aria-label={`Compare ${letter === 'A' ? 'from' : 'to'} snapshot ${shortId(id)}`}
      tabIndex={-1}
      onClick={onChoose}
    >
      {letter}
    </button>
  )
}

/** The table's history as a line and a list, and the comparison of two of its snapshots. */
export function SnapshotsTab({ table, detail, from }: TabProps) {
  const { query } = useRoute()
  const { zone } = useView()
  const [page, onPage] = usePage()
  const answered = useSnapshots(table, { page, find: query.find })
  const a = query.compare ?? null
  const b = query.snapshot ?? (a === null ? null : detail.snapshotId)
  if (detail.snapshotId === null && detail.snapshots === 0) {
    return (
      <NotYet title="No snapshot yet">
        Every commit makes one. There was none since the table was made.
      </NotYet>
    )
  }
  const columns: readonly PickColumn<SnapshotView>[] = [
    {
      name: 'Committed',
      cell: (one) => <Time at={one.at} />,
    },
    {
      name: 'Compare',
      cell: (one) => (
        <span className="abs">
          <Side
            letter="A"
            on={one.id === a}
            id={one.id}
            onChoose={() =>
              amend({
                compare: one.id === a ? undefined : one.id,
                snapshot: b ?? detail.snapshotId ?? undefined,
              })
            }
          />
          <Side
            letter="B"
            on={a !== null && one.id === b}
            id={one.id}
            onChoose={() => amend({ snapshot: one.id, compare: a ?? one.parentId ?? undefined })}
          />
        </span>
      ),
    },
    {
      name: 'Snapshot',
      mono: true,
      cell: (one) => (
        <>
          <span title={one.id}>{shortId(one.id)}</span>
          {one.refs.map((ref) => (
            <span key={ref} className="badge ref">
              {ref}
            </span>
          ))}
        </>
      ),
    },
    { name: 'Operation', cell: (one) => one.operation },
    { name: 'Rows', numeric: true, cell: (one) => plusMinus(one.addedRows, one.removedRows) },
    { name: 'Files', numeric: true, cell: (one) => plusMinus(one.addedFiles, one.removedFiles) },
    {
      name: 'Size added',
      numeric: true,
      cell: (one) => (one.addedBytes === null ? <Null /> : bytes(one.addedBytes)),
    },
    { name: 'Rows in all', numeric: true, optional: true, cell: (one) => figure(one.totalRows) },
    { name: 'Written by', cell: (one) => one.writer ?? <span className="t3">not told</span> },
    {
      name: 'Ledger',
      cell: (one) =>
        one.ledger && (
          <span title={one.ledger.words}>
            <Status
              state={one.ledger.verdict === 'balanced' ? 'passed' : 'failed'}
              word={one.ledger.verdict === 'balanced' ? 'Balanced' : one.ledger.words}
              bare
            />
          </span>
        ),
    },
    {
      name: 'SQL',
      cell: (one) => (
        <a href={href(['sql'], { text: atSnapshot(from, one.id) })} tabIndex={-1}>
          Query here
        </a>
      ),
    },
  ]
  return (
    <>
      <div className="bar list-bar">
        <FilterField label="Filter snapshots" />
        {a === null ? (
          <span className="t2 dense cut">Choose A and B in the list to compare two snapshots.</span>
        ) : (
          <Button small kind="quiet" icon="x" onClick={() => amend({ compare: undefined })}>
            End comparison
          </Button>
        )}
        <span className="grow" />
        {a === null && detail.snapshots > 1 && (
          <CompareNewest snapshots={answered.data?.snapshots ?? []} picked={b} />
        )}
        <SaveMenu table={table} list="snapshots" filter={{}} />
      </div>
      <Answered answered={answered} what="Reading the table" table={table}>
        {(data) =>
          data.total === 0 ? (
            <NoMatch onClear={() => amend({ find: undefined, page: undefined })}>
              None of {counted(detail.snapshots, 'snapshot')} matches <b>{query.find}</b>.
            </NoMatch>
          ) : (
            <>
              <Soundings
                snapshots={data.snapshots}
                a={a}
                b={b}
                onPick={(id) => amend({ snapshot: id, health: undefined })}
              />
              {a !== null && b !== null && (
                <Comparison table={table} detail={detail} from={from} a={a} b={b} />
              )}
              <PickTable
                label="Snapshots"
                columns={columns}
                rows={data.snapshots}
                rowKey={(one) => one.id}
                picked={b}
                onPick={(one) => amend({ snapshot: one.id, health: undefined })}
                nameOf={(one) => `${instant(one.at, zone)}, snapshot ${shortId(one.id)}`}
              />
              {data.total > PAGE_ROWS && (
                <Pager
                  page={page}
                  pageSize={data.pageSize}
                  total={data.total}
                  unit="snapshots"
                  onPage={onPage}
                />
              )}
            </>
          )
        }
      </Answered>
    </>
  )
}

/** Compares the snapshot that is looked at, or the newest, with the one before it. */
function CompareNewest({ snapshots, picked }: { snapshots: readonly SnapshotView[]; picked: string | null }) {
  const one = snapshots.find((snapshot) => snapshot.id === picked) ?? snapshots[0]
  if (one?.parentId == null) return null
  const { id, parentId } = one
  return (
    <button type="button" className="btn s quiet" onClick={() => amend({ compare: parentId, snapshot: id })}>
      <Icon name="compare" />
      Compare with the one before
    </button>
  )
}
