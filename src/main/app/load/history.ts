import type { PastCommit } from '../../../shared/model.ts'
import { ancestors, headSnapshot, snapshotById } from '../../iceberg/metadata.ts'
import { COMMIT_KEY } from '../../iceberg/transaction.ts'
import type { Snapshot, TableMetadata } from '../../iceberg/types.ts'

export type LoadedTables = Readonly<Record<'raw' | 'errors', TableMetadata>>

const ROLES = ['raw', 'errors'] as const
/** Partitions above which a list leaves a commit's ranges out. */
const RANGES = 32

/** The newest `limit` commits of a pipeline that are in the tables' history, newest first; reads nothing but metadata. */
export function pastCommits(tables: LoadedTables, pipeline: string, limit: number): PastCommit[] {
  const commits: PastCommit[] = []
  for (const role of ROLES) {
    const head = headSnapshot(tables[role])
    if (head === null) continue
    let found = 0
    for (const snapshot of ancestors(tables[role], head['snapshot-id'])) {
      if (found === limit) break
      if (!isOurs(snapshot, pipeline)) continue
      found += 1
      commits.push(commitOf(role, snapshot))
    }
  }
  return commits
    .toSorted((a, b) => b.at - a.at)
    .slice(0, limit)
    .map((commit) => (commit.ranges.length > RANGES ? { ...commit, ranges: [] } : commit))
}

/** One of them with all its ranges; null where the tables do not have it. */
export function pastCommit(tables: LoadedTables, pipeline: string, snapshotId: string): PastCommit | null {
  for (const role of ROLES) {
    const snapshot = snapshotById(tables[role], BigInt(snapshotId))
    if (snapshot !== null && isOurs(snapshot, pipeline)) return commitOf(role, snapshot)
  }
  return null
}

function isOurs({ summary }: Snapshot, pipeline: string): boolean {
  return summary['tarn.pipeline'] === pipeline && summary['tarn.kafka.offsets'] !== undefined
}

function commitOf(role: 'raw' | 'errors', snapshot: Snapshot): PastCommit {
  const { summary } = snapshot
  const offsets = JSON.parse(summary['tarn.kafka.offsets'] ?? '{}') as Record<string, [string, string]>
  const number = (key: string): number => Number(summary[key] ?? 0)
  const ranges = Object.entries(offsets).map(([partition, [start, end]]) => ({
    partition: Number(partition),
    start,
    end,
  }))
  const commitId = summary[COMMIT_KEY]
  return {
    at: Number(snapshot['timestamp-ms']),
    role,
    snapshotId: String(snapshot['snapshot-id']),
    files: number('added-data-files'),
    rows: number('added-records'),
    bytes: number('added-files-size'),
    ranges,
    taken: { partitions: ranges.length, messages: number('tarn.messages') },
    counts: {
      accepted: number('tarn.rows.accepted'),
      rejected: number('tarn.rows.rejected'),
      skipped: number('tarn.rows.skipped'),
    },
    ...(commitId === undefined ? {} : { commitId }),
  }
}
