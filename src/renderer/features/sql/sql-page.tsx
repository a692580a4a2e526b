import type { SQLNamespace } from '@codemirror/lang-sql'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { useLive } from '../../api/live.ts'
import { RequestFailed } from '../../query/api.ts'
import { EngineError } from '../../query/errors.ts'
import { theEngine } from '../../query/start.ts'
import { typeWord } from '../../query/types.ts'
import { FaultBlock } from '../../ui/fault.tsx'
import { Icon } from '../../ui/icon.tsx'
import { CommandKey } from '../../ui/key.tsx'
import { href } from '../../ui/route.ts'
import { CostLine } from './cost-line.tsx'
import { Editor, type Mark, type Selection } from './editor.tsx'
import { Library } from './library.tsx'
import type { CellPlace } from './result-grid.tsx'
import { ResultInspector } from './result-inspector.tsx'
import { ResultPane } from './result-pane.tsx'
import { SaveQuery } from './save-query.tsx'
import { SchemaTree } from './schema-tree.tsx'
import { TabStrip } from './tab-strip.tsx'
import {
  cancelRun,
  chosenStatement,
  forecast,
  isReady,
  openTab,
  run,
  runAll,
  setText,
  type Tab,
  useWorkbench,
  warmUp,
} from './workbench.ts'
import './sql.css'

/** How long the text rests before its cost is worked out, in ms. */
const REST_MS = 350

/** The SQL workbench: schema, editor, cost and answer. */
export function SqlPage() {
  const bench = useWorkbench()
  const { tableChanges } = useLive()
  const tab = bench.tabs.find((one) => one.id === bench.active) as Tab
  const [cell, setCell] = useState<CellPlace | null>(null)
  const selection = useRef<Selection>({ from: 0, to: 0 })
  const [selected, setSelected] = useState<Selection>({ from: 0, to: 0 })

  // biome-ignore lint/correctness/useExhaustiveDependencies: a commit of ours makes a new list worth reading
  useEffect(() => {
    void warmUp(true)
  }, [tableChanges])

  // biome-ignore lint/correctness/useExhaustiveDependencies: new tables give new costs
  useEffect(() => {
    const timer = setTimeout(() => {
      void forecast(tab.id, chosenStatement(tab.text, selected.from, selected.to))
    }, REST_MS)
    return () => clearTimeout(timer)
  }, [tab.id, tab.text, selected, bench.tablesVersion, tab.runs])

  const runButton = useRef<HTMLButtonElement>(null)
  const [typing] = useState(() => !isReady(bench.active))
  useEffect(() => {
    if (!typing) runButton.current?.focus()
  }, [typing])

  const onSelect = useCallback((next: Selection) => {
    selection.current = { from: next.from, to: next.to }
    setSelected(selection.current)
  }, [])
  const onRun = useCallback(
    (where: Selection, text: string) => {
      const of = chosenStatement(text, where.from, where.to)
      if (of !== null) void run(tab.id, of)
    },
    [tab.id],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: the engine's list changes with the version
  const names = useMemo(namespaceOf, [bench.tablesVersion])
  const mark = useMemo(() => markOf(tab), [tab])
  const running = tab.run.state === 'running'
  const insert = (name: string): void => {
    const { from, to } = selection.current
    setText(tab.id, tab.text.slice(0, from) + name + tab.text.slice(to))
  }
  const engine = theEngine()

  return (
    <>
      <aside className="list" aria-label="Catalog">
        <div className="head">
          <h3>SQL</h3>
          <button
            type="button"
            className="btn quiet icon s"
            aria-label="Read the catalog again"
            title="Read the catalog again"
            onClick={() => void warmUp(true)}
          >
            <Icon name="refresh" />
          </button>
          <button
            type="button"
            className="btn quiet icon s"
            aria-label="New query"
            title="New query"
            onClick={() => openTab()}
          >
            <Icon name="plus" />
          </button>
        </div>
        {engine.listed?.tables.length === 0 && (
          <div className="sect dense">
            <p className="t2">The catalog has no table yet.</p>
            <a href={href(['setup'])}>Open set-up</a>
          </div>
        )}
        <SchemaTree
          tables={engine.tables}
          failed={engine.listed?.failed ?? []}
          onPick={insert}
          below={(filter) => <Library filter={filter} tab={tab} />}
        />
      </aside>
      <main className="work" data-run={tab.runs} aria-busy={running}>
        <TabStrip tabs={bench.tabs} active={bench.active} />
        <div className="bar">
          {running ? (
            <button type="button" className="btn s" onClick={() => cancelRun(tab.id)}>
              <Icon name="stop" />
              Cancel <CommandKey id="sql.cancel" />
            </button>
          ) : (
            <button
              type="button"
              className="btn primary s"
              ref={runButton}
              onClick={() => onRun(selection.current, tab.text)}
            >
              <Icon name="play" />
              Run <CommandKey id="sql.run" />
            </button>
          )}
          <span className="t2 dense cut">
            {running
              ? 'this tab runs one statement; others stay free'
              : 'the selection, or the statement at the cursor'}
          </span>
          <span className="grow" />
          {!running && (
            <button
              type="button"
              className="btn quiet s"
              onClick={() => {
                const { from, to } = selection.current
                void runAll(tab.id, tab.text, from, to)
              }}
            >
              Run all
            </button>
          )}
          <SaveQuery tab={tab} />
        </div>
        <Editor
          key={tab.id}
          text={tab.text}
          names={names}
          mark={mark}
          onText={(text) => setText(tab.id, text)}
          onSelect={onSelect}
          onRun={onRun}
          onCancel={() => cancelRun(tab.id)}
          focus={typing}
        />
        <CostLine forecast={tab.forecast} run={tab.run} />
        {bench.tablesError !== null && (
          <FaultBlock
            fault={
              bench.tablesError instanceof RequestFailed
                ? bench.tablesError.fault
                : toFault(bench.tablesError)
            }
          />
        )}
        <ResultPane
          tab={tab}
          onCell={setCell}
          onReplace={(from, to, text) => setText(tab.id, tab.text.slice(0, from) + text + tab.text.slice(to))}
        />
      </main>
      {tab.outcome !== null && (
        <ResultInspector
          key={`${tab.id}-${tab.outcomeAt}`}
          outcome={tab.outcome}
          cell={cell}
          session={tab.id}
          title={tab.title}
        />
      )}
    </>
  )
}

/** Tables and columns for completion. */
function namespaceOf(): SQLNamespace {
  return Object.fromEntries(
    theEngine().tables.map((table) => [
      table.table.name,
      table.fields.map((field) => ({
        label: field.name,
        detail: typeWord(field.field.type),
        type: 'property',
        ...(field.field.doc === undefined ? {} : { info: field.field.doc }),
      })),
    ]),
  )
}

/** Where the last run failed, while its statement still stands there. */
function markOf(tab: Tab): Mark | null {
  const { run: last } = tab
  if (last.state !== 'failed' || !(last.error instanceof EngineError) || last.error.range === null)
    return null
  if (tab.text.slice(last.of.start, last.of.start + last.of.text.length) !== last.of.text) return null
  const [from, to] = last.error.range
  return { from: last.of.start + from, to: last.of.start + to, message: last.error.message }
}
