import type { LakeError } from '../../shared/errors.ts'
import type { RefusalView, RefusedPartition } from '../../shared/monitor.ts'
import { headSnapshot } from '../iceberg/metadata.ts'
import type { TableMetadata } from '../iceberg/types.ts'
import type { Watermark } from '../source/source.ts'
import type { Offsets } from './offsets.ts'

const CODES = ['GAP', 'TOPIC_REPLACED', 'CLUSTER_REPLACED', 'TABLE_REPLACED'] as const

/** The refusal partition by partition, for the page; null where `error` is none that a user can decide. */
export function refusalOf(
  error: LakeError,
  watermarks: ReadonlyMap<number, Watermark>,
  next: Offsets | null,
  raw: TableMetadata,
  now: number,
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
    partitions: Array.from(watermarks, ([partition, range]) =>
      refused(partition, range, next?.get(partition), code === 'GAP'),
    ).sort((a, b) => a.partition - b.partition),
  }
}

/** Only a gap goes on from our position; what else is accepted is read from the beginning. */
function refused(
  partition: number,
  { low, high }: Watermark,
  position: bigint | undefined,
  goesOn: boolean,
): RefusedPartition {
  const missing = goesOn && position !== undefined && low > position ? low - position : 0n
  const from = goesOn && position !== undefined && position > low ? position : low
  return {
    partition,
    position: position === undefined ? null : String(position),
    low: String(low),
    high: String(high),
    missing: String(missing),
    waiting: String(high > from ? high - from : 0n),
  }
}
