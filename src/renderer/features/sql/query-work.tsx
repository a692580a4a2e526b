import { useCallback, useEffect, useMemo, useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { RequestFailed } from '../../query/api.ts'
import { EngineError } from '../../query/errors.ts'
import { FaultBlock } from '../../ui/fault.tsx'
import { Splitter } from '../../ui/splitter.tsx'
import { CostLine } from './cost-line.tsx'
import { Editor, type Mark, type Selection } from './editor.tsx'
import type { CellPlace } from './grid-keys.ts'
import { OnDiskLine } from './on-disk.tsx'
import { ParameterForm } from './parameter-form.tsx'
import { namesOf } from './parameters.ts'
import { ResultPane } from './result-pane.tsx'
import { RunBar } from './run-bar.tsx'
import { forecast, run } from './runs.ts'
import { BoundSnapshots } from './snapshot-picker.tsx'
import { chosenStatement, type Tab } from './tab.ts'
import { TabStrip } from './tab-strip.tsx'
import { readyTab, setText, tabOf, type Workbench } from './workbench.ts'

/** How long the text rests before its cost is worked out, in ms. */
const REST_MS = 350

/** Editor, cost and answer of one tab. */
export function QueryWork({
  bench,
  tab,
  onCell,
}: {
  bench: Workbench
  tab: Tab
  onCell: (cell: CellPlace) => void
}) {
  const [selected, setSelected] = useState<Selection>({ from: 0, to: 0 })
  const { id, text, parameters, snapshots } = tab

  // biome-ignore lint/correctness/useExhaustiveDependencies: new tables, values and snapshots give new costs
  useEffect(() => {
    const timer = setTimeout(() => {
      void forecast(id, chosenStatement(text, selected.from, selected.to))
    }, REST_MS)
    return () => clearTimeout(timer)
  }, [id, text, selected, parameters, snapshots, bench.tablesVersion, tab.runs])

  const [typing] = useState(() => readyTab() !== id)
  const mark = useMemo(() => markOf(tab), [tab])
  const names = useMemo(() => namesOf(text), [text])
  const onText = useCallback((next: string) => setText(id, next), [id])
  const onReplace = useCallback(
    (from: number, to: number, word: string) => {
      const now = tabOf(id)?.text ?? ''
      const next = now.slice(0, from) + word + now.slice(to)
      setText(id, next)
      const of = chosenStatement(next, from, from)
      if (of !== null) void run(id, of)
    },
    [id],
  )
  const running = tab.run.state === 'running'
  return (
    <main className="work" data-run={tab.runs} aria-busy={running}>
      <TabStrip tabs={bench.tabs} active={bench.active} />
      <RunBar tab={tab} focusRun={!typing} />
      <OnDiskLine tab={tab} />
      <BoundSnapshots tab={tab} />
      <Editor id={id} text={text} mark={mark} onText={onText} onSelect={setSelected} focus={typing} />
      <Splitter name="sql-editor-h" label="Height of the editor" axis="y" least={96} most={560} usual={216} />
      {names.length > 0 && <ParameterForm tab={id} names={names} fields={parameters} />}
      <CostLine tab={tab} />
      {bench.tablesError !== null && (
        <FaultBlock
          fault={
            bench.tablesError instanceof RequestFailed ? bench.tablesError.fault : toFault(bench.tablesError)
          }
        />
      )}
      <ResultPane tab={tab} onCell={onCell} onReplace={onReplace} />
    </main>
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
