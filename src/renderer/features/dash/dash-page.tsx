import { useCallback, useMemo } from 'react'
import type { DashLake } from '../../../shared/dash.ts'
import { toFault } from '../../../shared/errors.ts'
import { answer, api } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Empty } from '../../ui/empty.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { count, counted } from '../../ui/format.ts'
import { href, useRoute } from '../../ui/route.ts'
import { notify } from '../../ui/toast.tsx'
import { type Asked, readAsked } from './address.ts'
import { useLake, useTypes } from './data.ts'
import { go } from './go.ts'
import { SavedViews } from './saved-views.tsx'
import { Subject } from './subject.tsx'
import { openTab, TabStrip } from './tabs.tsx'
import { TypeList } from './type-list.tsx'
import { UserPicker } from './user-picker.tsx'
import './dash.css'

/** Statistics of one user and type, coarse to fine. What is shown is all in the address. */
export function DashPage() {
  const route = useRoute()
  const asked = useMemo(() => readAsked(route.query), [route.query])
  const lake = useLake()
  const user = asked.user ?? lake.data?.first?.user ?? null
  const types = useTypes(lake.data, user)
  const type = asked.type ?? typeOf(lake.data, user, types.data?.types.map((one) => one.type) ?? [])
  const title = type === null || user === null ? 'Dashboard' : `${type}, ${user}`
  const pick = useCallback(
    (next: string) => go(asked, { user: next, type, at: null, against: { kind: 'before' } }),
    [asked, type],
  )
  return (
    <>
      <aside className="list dash-list" aria-label="Users and types">
        <div className="head">
          <h3>Dashboards</h3>
          <IconButton icon="plus" label="Open this dashboard in a new tab" onClick={openTab} />
        </div>
        <div className="dash-user">
          <UserPicker lake={lake.data} label="User" value={user} onChange={pick} />
        </div>
        {user !== null && (
          <TypeList key={user} lake={lake.data} asked={asked} user={user} type={type} types={types} />
        )}
        {user === null && <div className="grow" />}
        <SavedViews query={route.query} />
      </aside>
      {lake.data && user !== null && type !== null ? (
        <Subject lake={lake.data} asked={asked} user={user} type={type} types={types.data}>
          <TabStrip query={route.query} title={title} />
          {lake.error && (
            <FaultBlock fault={toFault(lake.error)} plain>
              <Button small onClick={() => void lake.refetch()}>
                Read the catalog again
              </Button>
            </FaultBlock>
          )}
        </Subject>
      ) : (
        <main className="work" aria-busy={lake.isPending || types.isFetching}>
          <TabStrip query={route.query} title={title} />
          {lake.data === undefined || lake.error ? (
            <Awaiting of={lake} what="Reading who has statistics" again="Read the catalog again" />
          ) : user !== null && (types.data === undefined || types.error) ? (
            <Awaiting of={types} what="Reading who has statistics" again="Read the types again" />
          ) : (
            <Nothing lake={lake.data} asked={asked} user={user} />
          )}
        </main>
      )}
    </>
  )
}

/** Heart rate where the user has it, else the first type; the lake's own first subject where nobody was asked for. */
function typeOf(lake: DashLake | undefined, user: string | null, types: readonly string[]): string | null {
  if (lake?.first && lake.first.user === user) return lake.first.type
  return types.includes('heartRate') ? 'heartRate' : (types[0] ?? null)
}

/** Why there is nothing to show, and what to do about it. */
function Nothing({ lake, asked, user }: { lake: DashLake; asked: Asked; user: string | null }) {
  const { app } = useLive()
  const rows = lake.raw?.rows ?? null
  const rollUp = async () => {
    try {
      await answer(api.rollup.$post({ json: { rebuild: false } }))
    } catch (error) {
      notify(toFault(error).title)
    }
  }
  if (user !== null) {
    return (
      <Empty
        title={`${user} has no statistics`}
        action={
          <Button small onClick={() => go(asked, { user: null, type: null, at: null, from: null, to: null })}>
            Show the first user with data
          </Button>
        }
      >
        {counted(lake.users, 'user')} of this lake {lake.users === 1 ? 'has' : 'have'} some; choose another
        one at the left.
      </Empty>
    )
  }
  if (lake.raw === null || rows === 0) {
    return (
      <Empty
        title="No samples yet"
        action={
          <a className="btn s" href={href(['load'])}>
            Go to Load
          </a>
        }
      >
        Statistics by day, week and month of each user and type stand here. The raw table holds 0 rows: load
        some first.
      </Empty>
    )
  }
  const running = app?.jobs.some((job) => job.kind === 'rollup' && job.state === 'running') ?? false
  const loading = app?.load.state === 'running'
  return (
    <Empty
      title="Nothing is rolled up yet"
      action={
        loading ? null : (
          <Button small icon="refresh" busy={running ? 'Rolling up' : null} onClick={() => void rollUp()}>
            Roll up {rows === null ? 'raw' : counted(rows, 'row')}
          </Button>
        )
      }
    >
      {rows === null ? 'The raw table holds rows' : `The raw table holds ${count(rows)} rows`}, the aggregates
      none.{' '}
      {loading
        ? 'The running load rolls them up by itself.'
        : 'A rollup computes the statistics of each user, type and day from them.'}
    </Empty>
  )
}
