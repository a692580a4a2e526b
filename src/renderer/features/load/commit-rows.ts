import type { CommitView, LoadView } from '../../../shared/model.ts'
import type { RollupCommit } from '../../../shared/monitor.ts'

/** A line of the list of commits: one of raw or errors, or one publishing of all three aggregates. */
export type CommitRow =
  | { readonly key: string; readonly at: number; readonly commit: CommitView; readonly rollup: null }
  | { readonly key: string; readonly at: number; readonly commit: null; readonly rollup: RollupCommit }

/** Both kinds, newest first. */
export function commitRows(load: Pick<LoadView, 'recentCommits' | 'rollups'>): CommitRow[] {
  const commits = load.recentCommits.map(
    (commit): CommitRow => ({ key: commit.snapshotId, at: commit.at, commit, rollup: null }),
  )
  const rollups = (load.rollups ?? [])
    .filter(({ snapshots }) => snapshots > 0)
    .map((rollup): CommitRow => ({ key: `rollup ${rollup.at}`, at: rollup.at, commit: null, rollup }))
  return [...commits, ...rollups].toSorted((a, b) => b.at - a.at)
}

/** Messages of a commit: told, or else its offsets. */
export function messagesOf(commit: CommitView): bigint {
  if (commit.taken) return BigInt(commit.taken.messages)
  return commit.ranges.reduce((sum, range) => sum + BigInt(range.end) - BigInt(range.start), 0n)
}
