import type { TableDetail } from '../../../shared/inspect.ts'
import { Button } from '../../ui/button.tsx'
import { shortId } from '../../ui/format.ts'
import { useRoute } from '../../ui/route.ts'
import { amend } from './address.ts'

/** Says that a tab shows the table as it was, and leads back to the newest. Nothing where it shows the newest. */
export function AtSnapshot({ detail }: { detail: TableDetail }) {
  const { query } = useRoute()
  const { snapshot } = query
  if (snapshot === undefined || snapshot === detail.snapshotId) return null
  return (
    <div className="strip at-snapshot">
      <span>
        As it was at snapshot <span className="mono">{shortId(snapshot)}</span>
      </span>
      <span className="grow" />
      <Button small onClick={() => amend({ snapshot: undefined, compare: undefined, page: undefined })}>
        Show the newest
      </Button>
    </div>
  )
}
