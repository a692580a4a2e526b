import type { Comparison } from '../../../shared/workbench.ts'
import type { Tab } from './tab.ts'
import { TabStrip } from './tab-strip.tsx'
import type { Workbench } from './workbench.ts'

/** One query at two snapshots. */
export function ComparisonWork({ bench }: { bench: Workbench; tab: Tab; comparison: Comparison }) {
  return (
    <main className="work">
      <TabStrip tabs={bench.tabs} active={bench.active} />
    </main>
  )
}
