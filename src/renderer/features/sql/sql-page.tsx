import { use, useEffect, useState } from 'react'
import { useLive } from '../../api/live.ts'
import { showPane } from '../../ui/pane.ts'
import { navigate, useRoute } from '../../ui/route.ts'
import { CatalogList } from './catalog-list.tsx'
import { ComparisonWork } from './comparison-work.tsx'
import type { CellPlace } from './grid-keys.ts'
import { QueryWork } from './query-work.tsx'
import { warmUp } from './runs.ts'
import { SqlInspector } from './sql-inspector.tsx'
import type { Tab } from './tab.ts'
import { openTab, restoredFor, theWorkbench, useWorkbench } from './workbench.ts'
import './sql.css'

/** The SQL workbench: schema, editor, cost and answer. `#/sql?text=...` opens a tab with the text and runs nothing. */
export function SqlPage() {
  const { app, tableChanges, settingsChanges } = useLive()
  const lake = app?.leavable ? 'sample' : 'own'
  use(restoredFor(lake, settingsChanges))
  const bench = useWorkbench()
  const { text } = useRoute().query
  const tab = bench.tabs.find((one) => one.id === bench.active) as Tab
  const [cell, setCell] = useState<(CellPlace & { readonly of: number }) | null>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a commit of ours makes a new list worth reading
  useEffect(() => {
    void warmUp(true)
  }, [tableChanges, lake])
  useEffect(() => {
    if (text === undefined) return
    if (theWorkbench().tabs.every((one) => one.id !== theWorkbench().active || one.text !== text))
      openTab({ text })
    navigate(['sql'])
  }, [text])
  const outcomeAt = tab.outcomeAt
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first answer of a tab shows the inspector
  useEffect(() => {
    showPane(outcomeAt === 0 ? 'list' : 'inspector')
  }, [outcomeAt === 0])
  const onCell = (at: CellPlace) => {
    setCell({ ...at, of: outcomeAt })
    showPane('inspector')
  }
  return (
    <>
      <CatalogList tab={tab} version={bench.tablesVersion} folder={bench.folder} />
      {tab.comparison === null ? (
        <>
          <QueryWork key={tab.id} bench={bench} tab={tab} onCell={onCell} />
          <SqlInspector
            key={`${tab.id} about`}
            tab={tab}
            tabs={bench.tabs}
            cell={cell?.of === outcomeAt ? cell : null}
          />
        </>
      ) : (
        <ComparisonWork key={tab.id} bench={bench} tab={tab} comparison={tab.comparison} />
      )}
    </>
  )
}
