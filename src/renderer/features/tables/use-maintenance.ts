import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { namespaceText } from '../../../shared/inspect.ts'
import type { MaintenancePlanView, MaintenanceSummary, MaintenanceWish } from '../../../shared/maintenance.ts'
import type { JobView } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { useRead } from '../../ui/read.ts'
import type { TableKey } from './address.ts'

const bodyOf = ({ namespace, name }: TableKey) => ({ namespace: namespaceText(namespace), name })

/** A plan of what a wish would do to a table, made anew each time it is asked for; nothing is changed by it. */
export function usePlan(table: TableKey, wish: MaintenanceWish, off: boolean) {
  return useRead({
    queryKey: ['maintenance', table.namespace.join('\0'), table.name, wish],
    queryFn: ({ signal }) =>
      answer<MaintenancePlanView>(
        api.maintenance.plan.$post({ json: { ...bodyOf(table), wish } }, { init: { signal } }),
      ),
    enabled: !off,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  })
}

export interface Run {
  readonly begun: boolean
  /** Null until it is heard of. */
  readonly job: JobView | null
  /** What became of it, once it has ended well. */
  readonly done: MaintenanceSummary | null
  readonly error: Error | null
  start(plan: string): void
  cancel(): void
}

/** One run of a plan, followed to its end; what was read of tables before is stale then. */
export function useRun(): Run {
  const client = useQueryClient()
  const { app } = useLive()
  const [id, setId] = useState<string | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const job = app?.jobs.find((one) => one.id === id) ?? null
  const ended = job !== null && job.state !== 'running'
  useEffect(() => {
    if (ended) void client.invalidateQueries({ queryKey: ['inspect'] })
  }, [ended, client])
  return {
    begun: id !== null,
    job,
    done: job?.result?.kind === 'maintain' ? job.result : null,
    error,
    start(plan) {
      setError(null)
      answer(api.maintenance.run.$post({ json: { plan } })).then((started) => setId(started.id), setError)
    },
    cancel() {
      if (id === null) return
      answer(api.jobs[':id'].cancel.$post({ param: { id }, json: {} })).catch(setError)
    },
  }
}

/** Sets a table back to the snapshot before its maintenance. */
export function useWayBack(table: TableKey) {
  const client = useQueryClient()
  return async (way: { readonly from: string; readonly to: string }): Promise<void> => {
    await answer(api.maintenance.back.$post({ json: { ...bodyOf(table), from: way.from, to: way.to } }))
    await client.invalidateQueries({ queryKey: ['inspect'] })
  }
}
