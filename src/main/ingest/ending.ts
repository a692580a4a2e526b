/** Where a load ends by itself, when it gives up, and what it says of itself at the end. */
import type { LoadSummary } from '../../shared/model.ts'
import type { Source, Watermark } from '../source/source.ts'
import type { Meter } from './meter.ts'
import type { LoadOptions } from './pipeline.ts'

/** The offsets at which a load ends; null where it goes on until it is stopped. */
export async function endsOf(
  { source, untilCaughtUp }: LoadOptions,
  watermarks: ReadonlyMap<number, Watermark>,
): Promise<Map<number, bigint> | null> {
  if (!untilCaughtUp && source.finite !== true) return null
  // An endless source has no end before it is started.
  const now = source.finite === false ? await source.watermarks() : watermarks
  return new Map(Array.from(now, ([partition, { high }]) => [partition, high]))
}

export function isCaughtUp(
  positions: ReadonlyMap<number, bigint>,
  ends: ReadonlyMap<number, bigint> | null,
): boolean {
  return (
    ends !== null && Array.from(ends).every(([partition, end]) => (positions.get(partition) ?? 0n) >= end)
  )
}

/** A load that is to end gives up on a source that is away; one that is not waits for it. */
export function giveUpIfLost(source: Source, ending: boolean, patienceMs: number): void {
  const health = source.health?.()
  if (!ending || health === undefined || health.trouble === null) return
  if (Date.now() - (health.lastAnswer ?? 0) > patienceMs) throw health.trouble
}

/** @param started by `performance.now()` */
export function summaryOf(meter: Meter, topic: string, started: number): LoadSummary {
  const { messages, rows, rejected, skipped, bytes } = meter.totals
  const partitions = Array.from(meter.partitions).sort(([a], [b]) => a - b)
  const positions = partitions.map(([partition, { committed, position }]) => [
    partition,
    String(committed ?? position),
  ])
  return {
    messages,
    rows,
    rejected,
    skipped,
    commits: { ...meter.commits },
    bytes,
    seconds: (performance.now() - started) / 1000,
    positions: { [topic]: Object.fromEntries(positions) },
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
}
