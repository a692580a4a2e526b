import type { LedgerRange, LedgerShort, SnapshotDetail } from '../../../shared/inspect.ts'
import type { TableRole } from '../../../shared/tables.ts'
import { ancestors } from '../../iceberg/metadata.ts'
import type { Snapshot, TableMetadata } from '../../iceberg/types.ts'

/** What a commit of a load left in its snapshot's summary (contract: what a commit leaves behind). */
interface Ledger {
  readonly pipeline: string
  readonly cluster: string
  readonly topic: string
  readonly ranges: ReadonlyMap<number, { readonly start: bigint; readonly end: bigint }>
  readonly messages: bigint
  readonly accepted: bigint
  readonly rejected: bigint
  readonly skipped: bigint
}

/** Snapshots looked back over for where a partition was left. */
const LOOK_BACK = 2_000

/** Null where the snapshot is no commit of a load, or its ledger cannot be read. */
function ledgerOf({ summary }: Snapshot): Ledger | null {
  const offsets = summary['tarn.kafka.offsets']
  if (offsets === undefined) return null
  const number = (key: string) => BigInt(summary[key] ?? 0)
  try {
    const ranges = JSON.parse(offsets) as Record<string, [string, string]>
    return {
      pipeline: summary['tarn.pipeline'] ?? '',
      cluster: summary['tarn.kafka.cluster'] ?? '',
      topic: summary['tarn.kafka.topic'] ?? '',
      ranges: new Map(
        Object.entries(ranges)
          .map(([partition, [start, end]]): [number, { start: bigint; end: bigint }] => [
            Number(partition),
            { start: BigInt(start), end: BigInt(end) },
          ])
          .sort(([a], [b]) => a - b),
      ),
      messages: number('tarn.messages'),
      accepted: number('tarn.rows.accepted'),
      rejected: number('tarn.rows.rejected'),
      skipped: number('tarn.rows.skipped'),
    }
  } catch {
    return null
  }
}

/** Whether what the commit says of itself adds up: its rows, and its messages within the offsets that it took. */
export function shortLedger(snapshot: Snapshot, role: TableRole | null): LedgerShort | null {
  const ledger = ledgerOf(snapshot)
  if (ledger === null) return null
  const added = BigInt(snapshot.summary['added-records'] ?? 0)
  const expected = role === 'raw' ? ledger.accepted : role === 'errors' ? ledger.rejected : null
  const taken = [...ledger.ranges.values()].reduce((sum, { start, end }) => sum + end - start, 0n)
  const short = { messages: String(ledger.messages), partitions: ledger.ranges.size }
  if (expected !== null && expected !== added) {
    return { ...short, verdict: 'gap', words: `${added} rows added, ${expected} in the ledger` }
  }
  if (ledger.messages > taken) {
    return { ...short, verdict: 'gap', words: `${ledger.messages} messages from ${taken} offsets` }
  }
  return { ...short, verdict: 'balanced', words: 'rows and offsets add up' }
}

/** Offsets by partition, each with how it follows the commit before it in this snapshot's history. */
export function loadingOf(metadata: TableMetadata, snapshot: Snapshot): SnapshotDetail['loading'] {
  const ledger = ledgerOf(snapshot)
  if (ledger === null) return null
  const before = leftAt(metadata, snapshot, ledger)
  return {
    pipeline: ledger.pipeline,
    cluster: ledger.cluster,
    topic: ledger.topic,
    messages: String(ledger.messages),
    accepted: String(ledger.accepted),
    rejected: String(ledger.rejected),
    skipped: String(ledger.skipped),
    ranges: [...ledger.ranges].map(([partition, { start, end }]): LedgerRange => {
      const last = before.get(partition)
      return {
        partition,
        start: String(start),
        end: String(end),
        taken: String(end - start),
        gap: last === undefined ? null : String(start - last),
      }
    }),
  }
}

/** Where earlier commits of the same load left each partition. */
function leftAt(metadata: TableMetadata, snapshot: Snapshot, ledger: Ledger): Map<number, bigint> {
  const ends = new Map<number, bigint>()
  let looked = 0
  for (const earlier of ancestors(metadata, snapshot['snapshot-id'])) {
    if (earlier === snapshot) continue
    if (ends.size === ledger.ranges.size || looked++ > LOOK_BACK) break
    const other = ledgerOf(earlier)
    if (other === null || other.topic !== ledger.topic || other.cluster !== ledger.cluster) continue
    for (const [partition, { end }] of other.ranges) {
      if (ledger.ranges.has(partition) && !ends.has(partition)) ends.set(partition, end)
    }
  }
  return ends
}
