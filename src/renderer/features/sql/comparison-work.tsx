import { useCallback, useMemo, useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { Comparison } from '../../../shared/workbench.ts'
import type { Comparison as Found } from '../../query/compare.ts'
import { EngineError } from '../../query/errors.ts'
import { theEngine } from '../../query/start.ts'
import { useCommand } from '../../ui/commands.ts'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, count, counted, duration } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Loading } from '../../ui/loading.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Status } from '../../ui/status.tsx'
import { CompareBar } from './compare-bar.tsx'
import { type Compared, compare, listSame, stopCompare, useCompared } from './comparing.ts'
import { type Change, changeOf, diffColumns, diffLines } from './diff-rows.ts'
import { DifferenceGrid } from './difference-grid.tsx'
import { DifferenceInspector } from './difference-inspector.tsx'
import { ExportMenu } from './export-menu.tsx'
import { FoldedQuery } from './folded-query.tsx'
import { RowsBalance } from './rows-balance.tsx'
import { useTabCommands } from './run-bar.tsx'
import { RunError } from './run-error.tsx'
import { useSnapshots } from './snapshots.ts'
import type { Tab } from './tab.ts'
import { TabStrip } from './tab-strip.tsx'
import type { Workbench } from './workbench.ts'

type Kinds = 'all' | Change

const KINDS: Readonly<Record<Kinds, ReadonlySet<Change>>> = {
  all: new Set(['added', 'removed', 'changed']),
  added: new Set(['added']),
  removed: new Set(['removed']),
  changed: new Set(['changed']),
  same: new Set(['same']),
}

/** One query at two snapshots of a table: rows before and after as a balance, then the differences. */
export function ComparisonWork({
  bench,
  tab,
  comparison,
}: {
  bench: Workbench
  tab: Tab
  comparison: Comparison
}) {
  const state = useCompared(tab.id)
  const table = theEngine().known.find((one) => one.called === comparison.table)
  const { data: snapshots } = useSnapshots(table)
  const [selected, setSelected] = useState(0)
  const [kinds, setKinds] = useState<Kinds>('all')
  const answer = state?.state === 'done' ? state : null
  const listed = answer === null ? null : listedOf(answer, kinds)
  const start = useCallback(() => {
    setSelected(0)
    setKinds('all')
    if (snapshots) void compare(tab.id, snapshots)
  }, [tab.id, snapshots])
  const running = state?.state === 'running'
  useCommand('sql.run', running ? null : start)
  useCommand('sql.cancel', running ? () => stopCompare(tab.id) : null)
  useTabCommands()
  return (
    <>
      <main className="work" aria-busy={running} data-compared={answer ? 'true' : 'false'}>
        <TabStrip tabs={bench.tabs} active={bench.active} />
        <FoldedQuery text={tab.text} />
        <CompareBar
          tab={tab}
          comparison={comparison}
          snapshots={snapshots ?? []}
          columns={answer?.columns ?? state?.columns ?? []}
          keyInUse={answer?.key ?? null}
          running={running}
          onRun={start}
          onCancel={() => stopCompare(tab.id)}
        />
        {state === null && (
          <div className="empty grow">
            <p>
              The query is run at both snapshots; rows are told apart by the key. Only what differs is shown.
            </p>
            <button type="button" className="btn" onClick={start}>
              <Icon name="play" />
              Run both
            </button>
          </div>
        )}
        {running && (
          <Loading what="Running the query at both snapshots" onCancel={() => stopCompare(tab.id)} />
        )}
        {state?.state === 'failed' &&
          (state.error instanceof EngineError ? (
            <RunError error={state.error} of={state.of} ms={state.ms} stands={false} onReplace={() => {}} />
          ) : (
            <FaultBlock fault={toFault(state.error)} />
          ))}
        {answer !== null && (
          <Differences
            tab={tab}
            answer={answer}
            listed={listed}
            kinds={kinds}
            onKinds={setKinds}
            selected={selected}
            onSelect={setSelected}
          />
        )}
      </main>
      {answer !== null && (
        <DifferenceInspector
          key={answer.at}
          answer={answer}
          listed={listed}
          snapshots={snapshots ?? []}
          table={table}
          selected={selected}
        />
      )}
    </>
  )
}

/** The list that rows of a kind stand in; null while it is not there. */
function listedOf({ comparison, same }: Compared, kinds: Kinds): Found | null {
  if (kinds !== 'same') return comparison
  return same === 'asking' ? null : same
}

function Differences({
  tab,
  answer,
  listed,
  kinds,
  onKinds,
  selected,
  onSelect,
}: {
  tab: Tab
  answer: Compared
  listed: Found | null
  kinds: Kinds
  onKinds: (kinds: Kinds) => void
  /** Row of the list of differences. */
  selected: number
  onSelect: (row: number) => void
}) {
  const { comparison: found } = answer
  const { counts, rows, duplicates } = found
  const columns = useMemo(
    () => (listed === null ? [] : diffColumns(listed.result, answer.key.length, listed.columns)),
    [listed, answer.key],
  )
  const lines = useMemo(
    () => (listed === null ? [] : diffLines(listed.result, KINDS[kinds])),
    [listed, kinds],
  )
  const at = Math.max(
    0,
    lines.findIndex((line) => line.row === selected),
  )
  const total = counts.added + counts.removed + counts.changed
  const step = (by: number) => {
    const all = lines.filter((line) => line.half !== 'now')
    const now = all.findIndex((line) => line.row === selected)
    const next = all[(now + by + all.length) % all.length]
    if (next) onSelect(next.row)
  }
  const twice = duplicates.before.keys + duplicates.after.keys
  return (
    <>
      <section className="ledger" aria-label="Rows before and after">
        <div className="row balance-head">
          <h3>Rows</h3>
          <span className="t2 dense cut">
            both runs in {duration(found.ms)},{' '}
            {bytes(found.forecasts.before.bytes + found.forecasts.after.bytes)};{' '}
            {twice === 0
              ? 'the key is unique in both'
              : `${counted(twice, 'key')} stand for more than one row: matched in their order`}
          </span>
          <span className="grow" />
          {twice === 0 ? (
            <Status state="passed" word="Adds up" />
          ) : (
            <Status state="attention" word="Key not unique" />
          )}
        </div>
        <RowsBalance before={rows.before} after={rows.after} counts={counts} />
      </section>
      {total === 0 ? (
        <div className="empty grow">
          <p>
            All {counted(rows.after, 'row')} are the same at both snapshots: nothing that this query reads was
            changed between them.
          </p>
        </div>
      ) : (
        <>
          <div className="bar">
            <Segmented<Kinds>
              label="Show"
              value={kinds}
              choices={[
                { value: 'all', word: `Differences ${count(total)}` },
                { value: 'changed', word: `Changed ${count(counts.changed)}` },
                { value: 'added', word: `Added ${count(counts.added)}` },
                { value: 'removed', word: `Removed ${count(counts.removed)}` },
                { value: 'same', word: `Same ${count(counts.unchanged)}` },
              ]}
              onChange={(next) => {
                onKinds(next)
                if (next === 'same') void listSame(tab.id)
                const source = listedOf(answer, next)
                if (
                  source !== null &&
                  source === listed &&
                  KINDS[next].has(changeOf(source.result, selected))
                )
                  return
                onSelect(source === null ? 0 : (diffLines(source.result, KINDS[next])[0]?.row ?? 0))
              }}
            />
            {listed?.cut && (
              <span className="t2 dense cut">the first {count(listed.result.rows)} of them are listed</span>
            )}
            <span className="grow" />
            <button type="button" className="btn quiet s" onClick={() => step(-1)}>
              <Icon name="up" />
              Previous
            </button>
            <button type="button" className="btn quiet s" onClick={() => step(1)}>
              <Icon name="dn" />
              Next
            </button>
            <ExportMenu tab={tab} answer={(listed ?? found).result} of={answer.of} shown={null} />
          </div>
          {listed === null ? (
            <Loading what="Listing the rows that are the same" onCancel={() => stopCompare(tab.id)} />
          ) : lines.length === 0 ? (
            <div className="empty grow">
              <p>{kinds === 'same' ? 'No row is the same.' : `No row was ${kinds}.`}</p>
              <button type="button" className="btn s" onClick={() => onKinds('all')}>
                Show all differences
              </button>
            </div>
          ) : (
            <DifferenceGrid
              source={listed.result}
              columns={columns}
              lines={lines}
              selected={at}
              onSelect={(to) => onSelect(lines[to]?.row ?? 0)}
            />
          )}
        </>
      )}
    </>
  )
}
