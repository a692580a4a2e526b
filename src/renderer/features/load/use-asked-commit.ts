import { useQuery } from '@tanstack/react-query'
import type { LoadView } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { useRoute } from '../../ui/route.ts'
import { type CommitRow, commitRow, commitRows, type ListedCommit } from './commit-rows.ts'

/** The commit that the address names (`#/load?commit=SNAPSHOT_ID`), of this run or an earlier one, or its id where the tables do not have it. */
export function useAskedCommit(load: LoadView): { row: CommitRow | null; gone: string | null } {
  const { path, query } = useRoute()
  const asked = path[0] === 'load' && /^\d{1,19}$/.test(query.commit ?? '') ? (query.commit ?? null) : null
  const listed = asked === null ? null : (commitRows(load).find(({ key }) => key === asked) ?? null)
  const found = useQuery({
    queryKey: ['load', 'commit', asked],
    queryFn: () => answer(api.load.commits[':id'].$get({ param: { id: asked ?? '' } })),
    enabled: asked !== null && listed === null,
    retry: false,
  })
  if (asked === null) return { row: null, gone: null }
  if (listed !== null) return { row: listed, gone: null }
  const commit = found.data as ListedCommit | undefined
  if (commit) return { row: commitRow(commit), gone: null }
  return { row: null, gone: found.error ? asked : null }
}
