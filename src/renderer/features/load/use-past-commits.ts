import { useQuery } from '@tanstack/react-query'
import type { LoadView, PastCommit } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { type CommitRow, commitRow } from './commit-rows.ts'

/** Commits of earlier runs, newest first, while nothing was loaded since the start; null otherwise, and without any. */
export function usePastCommits(load: LoadView): CommitRow[] | null {
  const { tableChanges } = useLive()
  const idle = load.state === 'idle'
  const read = useQuery({
    queryKey: ['load', 'past', load.pipeline, tableChanges],
    queryFn: async () => (await answer(api.load.commits.$get())).commits as PastCommit[],
    enabled: idle,
    staleTime: 5_000,
  })
  const commits = read.data ?? []
  return idle && commits.length > 0 ? commits.map(commitRow) : null
}
