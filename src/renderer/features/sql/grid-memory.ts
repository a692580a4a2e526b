import { type Arrangement, AS_IT_CAME } from '../../query/arrange.ts'
import type { QueryResult } from '../../query/result.ts'
import type { CellPlace } from './grid-keys.ts'
import { firstLayout, type GridLayout } from './grid-layout.ts'
import { tabStore } from './tab-store.ts'

/** How the grid of a tab was left: kept while the window is open. */
export interface GridMemory {
  /** The answer that it is about. */
  readonly answerAt: number
  readonly names: string
  arrangement: Arrangement
  shown: QueryResult
  layout: GridLayout
  cell: CellPlace
  top: number
  left: number
}

const memories = tabStore<GridMemory>()

/**
 * The memory of a tab's grid for the answer of `answerAt`. Another answer with the same columns takes over their layout,
 * any other answer begins anew.
 */
export function gridMemory(tab: string, answerAt: number, result: QueryResult): GridMemory {
  const known = memories.get(tab)
  if (known?.answerAt === answerAt) return known
  const names = JSON.stringify(result.columns.map((column) => [column.name, column.kind.word]))
  const fresh: GridMemory = {
    answerAt,
    names,
    arrangement: AS_IT_CAME,
    shown: result,
    layout: known?.names === names ? known.layout : firstLayout(result.columns.length),
    cell: { row: 0, column: 0 },
    top: 0,
    left: 0,
  }
  memories.set(tab, fresh)
  return fresh
}
