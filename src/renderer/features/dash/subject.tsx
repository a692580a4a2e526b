import { type ReactNode, useMemo } from 'react'
import type { DashLake, DashTypes } from '../../../shared/dash.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/empty.tsx'
import type { Asked } from './address.ts'
import { Charts } from './charts.tsx'
import { useDays } from './data.ts'
import { go } from './go.ts'
import { DashSkeleton } from './waiting.tsx'

/** One user and type: waits for its days, then shows bar, charts, table and, where a point is picked, the pane. */
export function Subject({
  lake,
  asked,
  user,
  type,
  types,
  children,
}: {
  lake: DashLake
  asked: Asked
  user: string
  type: string
  types: DashTypes | undefined
  children: ReactNode
}) {
  const days = useDays(lake, user, type)
  const subject = useMemo(() => ({ user, type }), [user, type])
  const first = days.data?.days[0]
  const last = days.data?.days.at(-1)
  if (first !== undefined && last !== undefined) {
    return (
      <Charts lake={lake} asked={asked} subject={subject} types={types} known={{ from: first, to: last }}>
        {children}
      </Charts>
    )
  }
  return (
    <main className="work" aria-busy={days.isPending}>
      {children}
      {days.data === undefined || days.error ? (
        <Awaiting
          of={days}
          what="Reading which days have data"
          again="Read the days again"
          shape={<DashSkeleton />}
        />
      ) : (
        <Empty
          title={`${user} has no ${type}`}
          action={
            <Button small onClick={() => go(asked, { type: null, at: null })}>
              Show another type
            </Button>
          }
        >
          The daily aggregate has 0 days of it. Choose another type at the left.
        </Empty>
      )}
    </main>
  )
}
