import type { ReactNode } from 'react'
import { Icon } from './icon.tsx'

/** A word about a thing: a filter, `Exact`, the Sample tag (`solid`). */
export function Badge({
  solid = false,
  onRemove,
  removeLabel = 'Remove',
  children,
}: {
  solid?: boolean
  onRemove?: () => void
  removeLabel?: string
  children: ReactNode
}) {
  return (
    <span className={solid ? 'badge solid' : 'badge'}>
      {children}
      {onRemove && (
        <button type="button" className="badge-x" aria-label={removeLabel} onClick={onRemove}>
          <Icon name="x" small />
        </button>
      )}
    </span>
  )
}

/** A number of things waiting; `plain` where nothing asks for attention. */
export function Count({ plain = false, children }: { plain?: boolean; children: ReactNode }) {
  return <span className={plain ? 'count plain' : 'count'}>{children}</span>
}
