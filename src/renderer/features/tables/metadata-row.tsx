import type { ReactNode } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { count } from '../../ui/format.ts'
import { useRoute } from '../../ui/route.ts'
import { TreeRow } from '../../ui/tree.tsx'
import { amend } from './address.ts'
import { Level, type LevelName } from './level.tsx'
import { LEVEL_ROWS, type TableAt } from './requests.ts'

/** One page of a level. */
export interface PageProps {
  readonly table: TableAt
  readonly snapshot: string
  readonly page: number
  readonly depth: number
  readonly last: boolean
  readonly onMore: () => void
}

/** One node: choosing it shows what it says, and opens it. */
export function Row({
  level,
  depth,
  open,
  onOpen,
  node,
  end,
  children,
}: {
  level: LevelName
  depth: number
  open?: boolean
  onOpen?: (open: boolean) => void
  /** What the address calls it. */
  node: string
  end?: ReactNode
  children: ReactNode
}) {
  const { query } = useRoute()
  return (
    <TreeRow
      depth={depth}
      {...(open === undefined ? {} : { open })}
      {...(onOpen === undefined ? {} : { onOpen })}
      selected={query.node === node}
      end={end}
      onChoose={() => {
        if (onOpen && open === false) onOpen(true)
        amend({ node, health: undefined })
      }}
    >
      <span className="level-name">
        <Level of={level} />
        <span className="cut">{children}</span>
      </span>
    </TreeRow>
  )
}

/** Fetches the next nodes of a level. */
export function More({
  depth,
  left,
  what,
  onMore,
}: {
  depth: number
  left: number
  what: string
  onMore: () => void
}) {
  if (left <= 0) return null
  return (
    <TreeRow depth={depth} icon="more" onChoose={onMore}>
      <span className="t2">
        {count(Math.min(left, LEVEL_ROWS))} more of {count(left)} {what}
      </span>
    </TreeRow>
  )
}

/** A level on its way, or why it did not come. */
export const Waiting = ({ depth, error }: { depth: number; error: unknown }) => (
  <TreeRow depth={depth} {...(error ? { icon: 'failed' as const } : {})}>
    <span className="t3">{error ? toFault(error).title : 'reading'}</span>
  </TreeRow>
)
