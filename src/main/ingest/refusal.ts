import type { LakeError } from '../../shared/errors.ts'
import type { RefusalView, RefusedPartition } from '../../shared/monitor.ts'
import { headSnapshot } from '../iceberg/metadata.ts'
import type { TableMetadata } from '../iceberg/types.ts'
import type { Watermark } from '../source/source.ts'
import type { Offsets } from './offsets.ts'

const CODES = ['GAP', 'TOPIC_REPLACED', 'CLUSTER_REPLACED', 'TABLE_REPLACED', 'TABLE_ROLLED_BACK'] as const

/** The refusal partition by partition, for the page; null where `error` is none that a user can decide. */
export function refusalOf(
  error: LakeError,
  watermarks: ReadonlyMap<number, Watermark>,
  { next, back }: { readonly next: Offsets | null; readonly back: Offsets | null },
  raw: TableMetadata,
  now: number,
  endless = false,
): RefusalView | null {
  const code = CODES.find((one) => one === error.code)
  const flag = error.context.flag
  if (code === undefined || typeof flag !== 'string') return null
  const text = (key: string): string | null => {
    const value = error.context[key]
    return value === undefined || value === null ? null : String(value)
  }
  return {
    code,
    askedAt: now,
    accept: flag.split(' ').at(-1) ?? '',
    was: text('was'),
    now: text('now'),
    positionsAt: headSnapshot(raw)?.['timestamp-ms'] ?? null,
    ...(endless ? { endless } : {}),
    partitions: Array.from(watermarks, ([partition, range]) =>
      refused(partition, range, { code, position: next?.get(partition), kept: back?.get(partition) }),
    ).sort((a, b) => a.partition - b.partition),
  }
}

interface Place {
  readonly code: RefusalView['code']
  readonly position: bigint | undefined
  /** What a table that was set back still has. */
  readonly kept: bigint | undefined
}

/** A gap goes on from our position, a table that was set back from what it still has; else all is read from the start. */
function refused(
  partition: number,
  { low, high }: Watermark,
  { code, position, kept }: Place,
): RefusedPartition {
  const from = code === 'GAP' ? position : code === 'TABLE_ROLLED_BACK' ? (kept ?? low) : undefined
  const to = code === 'GAP' ? low : position
  const missing = from !== undefined && to !== undefined && to > from ? to - from : 0n
  const goesOn = code === 'TABLE_ROLLED_BACK' ? position : from
  const first = goesOn !== undefined && goesOn > low ? goesOn : low
  return {
    partition,
    position: position === undefined ? null : String(position),
    low: String(low),
    high: String(high),
    missing: String(missing),
    missingFrom: missing === 0n ? null : String(from),
    waiting: String(high > first ? high - first : 0n),
  }
}
