import type { LoadPartition } from '../../../shared/model.ts'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 }

/**
 * Partitions that a filter lets through: `4`, `3-7`, `lag > 5 s`, `lag < 2 min`, `lag > 1000`, `rejected > 0`; several
 * with spaces between must all hold. Null where the text is none of these.
 */
export function partitionFilter(text: string): ((partition: LoadPartition) => boolean) | null {
  const rest = text.trim().toLowerCase()
  if (rest === '') return () => true
  const found = [
    ...rest.matchAll(
      /(lag|rejected|messages)\s*([<>])\s*([\d,.]+)(?:\s*(ms|s|min|h)\b)?|(\d+)(?:\s*(?:-|to)\s*(\d+))?/g,
    ),
  ]
  const covered = found.reduce((left, [whole]) => left.replace(whole, ' '), rest)
  if (found.length === 0 || covered.replace(/[\s,]|\band\b/g, '') !== '') return null
  const ranges = found.filter((match) => match[5] !== undefined)
  const tests = found
    .filter((match) => match[1] !== undefined)
    .map(([, key = '', sign, number = '', unit]) => {
      const limit = Number(number.replaceAll(',', '')) * (unit === undefined ? 1 : (UNIT_MS[unit] ?? 1))
      return (partition: LoadPartition): boolean => {
        const value = measure(partition, key, unit !== undefined)
        return value !== null && (sign === '>' ? value > limit : value < limit)
      }
    })
  return (partition) =>
    tests.every((holds) => holds(partition)) &&
    (ranges.length === 0 ||
      ranges.some(
        ([, , , , , first, last]) =>
          partition.partition >= Number(first) && partition.partition <= Number(last ?? first),
      ))
}

function measure(partition: LoadPartition, key: string, time: boolean): number | null {
  if (key === 'rejected') return partition.rejected
  if (key === 'messages') return partition.messages
  if (time) return partition.lagMs ?? null
  return partition.lag === null ? null : Number(partition.lag)
}

export type PartitionOrder = 'lag' | 'number' | 'rejected'

/** A new list in the order asked for; the partition's number decides between equals. */
export function orderPartitions(
  partitions: readonly LoadPartition[],
  order: PartitionOrder,
): LoadPartition[] {
  const weight = (one: LoadPartition): number => {
    if (order === 'number') return 0
    if (order === 'rejected') return one.rejected
    return (one.lagMs ?? 0) * 1e6 + Number(one.lag ?? 0)
  }
  return partitions.toSorted((a, b) => weight(b) - weight(a) || a.partition - b.partition)
}
