import { useEffect, useState } from 'react'
import type { QuerySnapshot } from '../../../shared/workbench.ts'
import type { Comparison } from '../../query/compare.ts'
import type { QueryResult } from '../../query/result.ts'
import type { EngineTable } from '../../query/tables.ts'
import { IconButton } from '../../ui/button.tsx'
import { count, counted, shortId } from '../../ui/format.ts'
import { Null } from '../../ui/null.tsx'
import { showPane } from '../../ui/pane.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { Select } from '../../ui/select.tsx'
import { SubTabs } from '../../ui/tabs.tsx'
import { Time } from '../../ui/time.tsx'
import { ChangeHistogram } from './change-histogram.tsx'
import type { Compared } from './comparing.ts'
import { type Change, changeOf, type DiffColumn, diffColumns, isChanged, lineCell } from './diff-rows.ts'

type View = 'columns' | 'row' | 'between'

/** Which columns differ and by how much, one difference in full, and what was committed in between. */
export function DifferenceInspector({
  answer,
  listed,
  snapshots,
  table,
  selected,
}: {
  answer: Compared
  /** Whose list `selected` is a row of; null while it is not there. */
  listed: Comparison | null
  snapshots: readonly QuerySnapshot[]
  table: EngineTable | undefined
  selected: number
}) {
  const [view, setView] = useState<View>('columns')
  const { comparison: found } = answer
  const columns = diffColumns(found.result, answer.key.length, found.columns)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new answer shows the inspector in a narrow window
  useEffect(() => showPane('inspector'), [answer.at])
  return (
    <aside className="insp" aria-label="What differs">
      <SubTabs<View>
        label="What differs"
        value={view}
        tabs={[
          { value: 'columns', word: 'Columns' },
          { value: 'row', word: 'Row' },
          { value: 'between', word: 'Between' },
        ]}
        onChange={setView}
        end={
          <span className="only-narrow">
            <IconButton icon="x" label="Close inspector" onClick={() => showPane('list')} />
          </span>
        }
      >
        <Scroll
          label={
            view === 'columns' ? 'Changes by column' : view === 'row' ? 'The difference' : 'Commits between'
          }
        >
          {view === 'columns' && <Columns answer={answer} columns={columns} />}
          {view === 'row' && <Row listed={listed} keys={answer.key.length} row={selected} />}
          {view === 'between' && <Between answer={answer} snapshots={snapshots} table={table} />}
        </Scroll>
      </SubTabs>
    </aside>
  )
}

function Columns({ answer, columns }: { answer: Compared; columns: readonly DiffColumn[] }) {
  const { comparison: found } = answer
  const most = Math.max(1, ...found.columns.map((column) => column.changed))
  const changed = found.columns
    .filter((column) => column.changed > 0)
    .toSorted((a, b) => b.changed - a.changed)
  const cells = changed.reduce((sum, column) => sum + column.changed, 0)
  const numbers = columns.filter((column) => column.right && column.before !== column.after)
  const [picked, setPicked] = useState<string | null>(null)
  const shown = numbers.find((column) => column.name === picked) ?? numbers[0]
  return (
    <>
      <div className="sect">
        <div className="row between">
          <h3>Cells changed</h3>
          <span className="t3 dense">
            {count(cells)} in {counted(found.counts.changed, 'row')}
          </span>
        </div>
        {changed.length === 0 && <p className="t2 dense">None: rows were only added or removed.</p>}
        {changed.map(({ name, changed: rows }) => (
          <div className="sql-bar-row" key={name}>
            <span className="mono cut">{name}</span>
            <svg width="100%" height="8" aria-hidden="true">
              <rect width={`${(rows / most) * 100}%`} height="8" fill="var(--c1)" />
            </svg>
            <span className="num">{count(rows)}</span>
          </div>
        ))}
      </div>
      {shown && (
        <div className="sect">
          <div className="row between">
            <h3>Change of {shown.name}</h3>
            {numbers.length > 1 && (
              <Select
                small
                width={130}
                label="Column"
                value={shown.name}
                choices={numbers.map(({ name }) => ({ value: name, word: name }))}
                onChange={setPicked}
              />
            )}
          </div>
          <ChangeHistogram source={found.result} column={shown} />
        </div>
      )}
      {(found.onlyBefore.length > 0 || found.onlyAfter.length > 0) && (
        <div className="sect">
          <h3>Not compared</h3>
          <p className="t2 dense">
            {found.onlyBefore.length > 0 && `Only before: ${found.onlyBefore.join(', ')}. `}
            {found.onlyAfter.length > 0 && `Only after: ${found.onlyAfter.join(', ')}.`}
          </p>
        </div>
      )}
    </>
  )
}

const ROWS: Readonly<Record<Change, string>> = {
  changed: 'Changed row',
  added: 'Added row',
  removed: 'Removed row',
  same: 'The same at both',
}

function Row({ listed, keys, row }: { listed: Comparison | null; keys: number; row: number }) {
  if (listed === null || row >= listed.result.rows)
    return <div className="sect t2 dense">Choose a difference to see it in full.</div>
  const { result } = listed
  const columns = diffColumns(result, keys, listed.columns)
  const change = changeOf(result, row)
  const key = columns.filter((column) => column.key)
  return (
    <div className="sect">
      <h3>{ROWS[change]}</h3>
      <dl className="kv sql-row">
        {[...key, ...columns.filter((column) => !column.key)].map((column) => (
          <Pair key={column.before} result={result} column={column} row={row} />
        ))}
      </dl>
    </div>
  )
}

function Pair({ result, column, row }: { result: QueryResult; column: DiffColumn; row: number }) {
  const change = changeOf(result, row)
  const was = lineCell(result, { row, half: 'was' }, column)
  const now = lineCell(result, { row, half: 'now' }, column)
  const value = (text: string | null) => (text === null ? <Null /> : text)
  const differs = change === 'changed' && isChanged(result, row, column)
  const by = column.right && was !== null && now !== null ? Number(now) - Number(was) : Number.NaN
  return (
    <>
      <dt>{column.name}</dt>
      <dd>
        {differs ? (
          <>
            {value(was)} to <b className="named">{value(now)}</b>
            {Number.isFinite(by) && `, ${by > 0 ? '+' : ''}${Number(by.toPrecision(6))}`}
          </>
        ) : (
          value(change === 'removed' ? was : now)
        )}
      </dd>
    </>
  )
}

function Between({
  answer,
  snapshots,
  table,
}: {
  answer: Compared
  snapshots: readonly QuerySnapshot[]
  table: EngineTable | undefined
}) {
  const at = (id: string) => snapshots.findIndex((one) => one.id === id)
  const [newer, older] = [at(answer.after), at(answer.before)].toSorted((a, b) => a - b) as [number, number]
  const commits = snapshots.slice(newer, older)
  const operations = new Map<string, number>()
  for (const { operation } of commits) operations.set(operation, (operations.get(operation) ?? 0) + 1)
  const before = snapshots[at(answer.before)]
  const after = snapshots[at(answer.after)]
  const delta = before?.rows != null && after?.rows != null ? after.rows - before.rows : null
  return (
    <>
      <div className="sect">
        <h3>Between the two</h3>
        <dl className="kv">
          <dt>Commits</dt>
          <dd>{[...operations].map(([operation, n]) => `${count(n)} ${operation}`).join(', ') || 'none'}</dd>
          <dt>Rows in {table?.table.name ?? 'the table'}</dt>
          <dd>{delta === null ? 'not told' : `${delta > 0 ? '+' : ''}${count(delta)}`}</dd>
          <dt>Schema</dt>
          <dd>{before?.schemaId === after?.schemaId ? 'the same' : 'changed'}</dd>
        </dl>
      </div>
      <div className="sect">
        <h3>Newest of them</h3>
        {commits.slice(0, 20).map((one) => (
          <div className="row dense sql-commit" key={one.id}>
            <span className="mono">{shortId(one.id)}</span>
            <Time at={one.at} as="iso" />
            <span className="t2 grow">{one.operation}</span>
            <span className="num">{one.addedRows === null ? '' : `+${count(one.addedRows)}`}</span>
          </div>
        ))}
      </div>
    </>
  )
}
