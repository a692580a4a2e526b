import { useQuery } from '@tanstack/react-query'
import type { QuerySnapshot } from '../../../shared/workbench.ts'
import { answer, api } from '../../api/client.ts'
import type { EngineTable } from '../../query/tables.ts'
import { moment, shortId } from '../../ui/format.ts'
import type { View } from '../../ui/view.ts'

/** The snapshots of a table, newest first; asked again when the table got another. */
export function useSnapshots(table: EngineTable | undefined) {
  return useQuery({
    queryKey: ['snapshots', table?.schema, table?.table.name, table?.table.snapshotId],
    enabled: table !== undefined,
    queryFn: async (): Promise<readonly QuerySnapshot[]> => {
      if (table === undefined) return []
      const { namespace, name } = table.table
      const json = { namespace: [...namespace], name }
      return (await answer(api.query.snapshots.$post({ json }))).snapshots
    },
  })
}

/** `7219...2471, 09:41:46, append`; the newest one says that in place of its operation. */
export function snapshotWords(snapshot: QuerySnapshot, zone: View['zone']): string {
  const { id, at, operation, newest } = snapshot
  return `${shortId(id)}, ${moment(at, zone, Date.now())}, ${newest ? 'newest' : operation}`
}
