import type { CommitView, LoadView, PastCommit } from '../../../shared/model.ts'
import type { RollupCommit } from '../../../shared/monitor.ts'

/** A commit of this run, or one read back from the tables, which do not tell how long it took. */
export type ListedCommit = PastCommit & Partial<Pick<CommitView, 'ms'>>

/** A line of the list of commits: one of raw or errors, or one publishing of all three aggregates. */
export type CommitRow =
  | { readonly key: string; readonly at: number; readonly commit: ListedCommit; readonly rollup: null }
  | { readonly key: string; readonly at: number; readonly commit: null; readonly rollup: RollupCommit }

/** Both kinds, newest first. */
export function commitRows(load: Pick<LoadView, 'recentCommits' | 'rollups'>): CommitRow[] {
  const commits = load.recentCommits.map(commitRow)
  const rollups = (load.rollups ?? [])
    .filter(({ snapshots }) => snapshots > 0)
    .map((rollup): CommitRow => ({ key: `rollup ${rollup.at}`, at: rollup.at, commit: null, rollup }))
  return [...commits, ...rollups].toSorted((a, b) => b.at - a.at)
}

export function commitRow(commit: ListedCommit): CommitRow {
  return { key: commit.snapshotId, at: commit.at, commit, rollup: null }
}

/** Messages of a commit: told, or else its offsets. */
export function messagesOf(commit: ListedCommit): bigint {
  if (commit.taken) return BigInt(commit.taken.messages)
  return commit.ranges.reduce((sum, range) => sum + BigInt(range.end) - BigInt(range.start), 0n)
}
