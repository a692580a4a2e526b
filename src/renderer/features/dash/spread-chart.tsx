import { histogram } from '../../chart/scale.ts'
import { BarsChart } from './bars-chart.tsx'

export const BINS = 14

/** How often which values come: bars for the chosen days, an outline in the same bins for what they are held against. */
export function SpreadChart({
  name,
  unit,
  of,
  values,
  others,
  otherWord,
  height,
}: {
  name: string
  unit: string
  /** What is counted: `days`. */
  of: string
  values: readonly number[]
  others: readonly number[]
  otherWord: string | null
  height: number
}) {
  const edges = histogram([...values, ...others], BINS)?.edges ?? []
  const countOf = (all: readonly number[]) => {
    const bars = Math.max(0, edges.length - 1)
    const counts = new Array<number>(bars).fill(0)
    const [first, second] = [edges[0] ?? 0, edges[1] ?? 1]
    for (const value of all) {
      if (!Number.isFinite(value)) continue
      const at = Math.min(bars - 1, Math.max(0, Math.floor((value - first) / (second - first) + 1e-9)))
      counts[at] = (counts[at] ?? 0) + 1
    }
    return counts
  }
  return (
    <BarsChart
      name={name}
      unit={unit}
      of={of}
      bins={{ edges, now: countOf(values), others: otherWord === null ? null : countOf(others) }}
      otherWord={otherWord ?? ''}
      height={height}
      className="dash-spread"
    />
  )
}
