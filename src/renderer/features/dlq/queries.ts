import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type {
  DryRun,
  Fix,
  FixPreview,
  LetterDetail,
  LetterFilterView,
  LetterGroups,
  LetterSample,
  LetterState,
  OpenLetters,
  ReplayView,
  SavedFilter,
  SavedFix,
} from '../../../shared/letters.ts'
import type { DeadLetterPage, JobView } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { useRead } from '../../ui/read.ts'

export const PAGE_SIZE = 100
const FILTERS = [
  'group',
  'partition',
  'offsetFrom',
  'offsetTo',
  'from',
  'to',
  'text',
  'user',
  'dataType',
  'state',
] as const

/** The answer as main types it: the client's own types lose what an absent key means. */
function asked<T>(response: Parameters<typeof answer<unknown>>[0]): Promise<T> {
  return answer(response) as Promise<T>
}

/** The filter that the address holds. */
export function filterOf(query: Readonly<Record<string, string>>): LetterFilterView {
  return Object.fromEntries(
    FILTERS.flatMap((key) => (query[key] ? [[key, query[key]]] : [])),
  ) as LetterFilterView & { state?: LetterState }
}

/** The letters change with every commit of ours, and with every batch of a replay. */
function useVersion(): string {
  const { tableChanges, app } = useLive()
  const job = app?.jobs.find((one) => one.kind === 'replay')
  return `${tableChanges} ${job?.id} ${job?.state} ${app?.load.rejected}`
}

/** ms between two questions of the badge, however much changes meanwhile. */
const BADGE_MS = 5_000

/** Letters that may be sent, for the badge of the rail. */
export function useOpenLetters(enabled: boolean) {
  const version = useSpaced(useVersion(), BADGE_MS)
  return useQuery({
    queryKey: ['open-letters', version],
    queryFn: ({ signal }) =>
      asked<OpenLetters>(api['dead-letters'].open.$get(undefined, { init: { signal } })),
    placeholderData: keepPreviousData,
    enabled,
  })
}

export function useGroups() {
  const version = useVersion()
  return useRead({
    queryKey: ['letter-groups', version],
    queryFn: ({ signal }) =>
      asked<LetterGroups>(api['dead-letters'].groups.$get({ query: {} }, { init: { signal } })),
    placeholderData: keepPreviousData,
  })
}

/** The counts of one group under its filters, for the chart and the figures. */
export function useTimes(filter: LetterFilterView, enabled: boolean) {
  const version = useVersion()
  const { from: _f, to: _t, ...rest } = filter
  return useQuery({
    queryKey: ['letter-times', rest, version],
    queryFn: ({ signal }) =>
      asked<LetterGroups>(api['dead-letters'].groups.$get({ query: rest }, { init: { signal } })),
    placeholderData: keepPreviousData,
    enabled,
  })
}

export function useLetters(filter: LetterFilterView, page: number, enabled: boolean) {
  const version = useVersion()
  return useRead({
    queryKey: ['letters', filter, page, version],
    queryFn: ({ signal }) =>
      asked<DeadLetterPage>(
        api['dead-letters'].$get(
          { query: { ...filter, page: String(page), pageSize: String(PAGE_SIZE) } },
          { init: { signal } },
        ),
      ),
    placeholderData: keepPreviousData,
    enabled,
  })
}

export function useLetter(id: string | null) {
  const version = useVersion()
  return useQuery({
    queryKey: ['letter', id, version],
    queryFn: ({ signal }) =>
      asked<LetterDetail>(api['dead-letters'][':id'].$get({ param: { id: id ?? '' } }, { init: { signal } })),
    enabled: id !== null,
    placeholderData: keepPreviousData,
  })
}

export function useSample(filter: LetterFilterView, enabled: boolean) {
  return useQuery({
    queryKey: ['letter-sample', filter],
    queryFn: ({ signal }) =>
      asked<LetterSample>(api['dead-letters'].sample.$get({ query: filter }, { init: { signal } })),
    enabled,
    staleTime: 30_000,
  })
}

/** The fix tried on a few letters by main's decoder, soon after the last key. */
export function usePreview(filter: LetterFilterView, fix: Fix | null, letter: string | null) {
  const settled = useSettled(fix, 250)
  return useQuery({
    queryKey: ['fix-preview', filter, settled, letter],
    queryFn: ({ signal }) =>
      asked<FixPreview>(
        api['dead-letters'].fix.preview.$post(
          {
            json: {
              filter,
              fix: settled! as never,
              limit: 20,
              ...(letter === null ? {} : { letter }),
            },
          },
          { init: { signal } },
        ),
      ),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
    retry: false,
  })
}

function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value)
  const text = JSON.stringify(value)
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal content is the same value
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms)
    return () => clearTimeout(timer)
  }, [text, ms])
  return settled
}

/** The newest value, given on at once after a quiet time and else every `ms`. */
function useSpaced<T>(value: T, ms: number): T {
  const [spaced, setSpaced] = useState(value)
  const at = useRef(0)
  useEffect(() => {
    const renew = () => {
      at.current = performance.now()
      setSpaced(value)
    }
    const timer = setTimeout(renew, Math.max(0, at.current + ms - performance.now()))
    return () => clearTimeout(timer)
  }, [value, ms])
  return spaced
}

export function useReplays() {
  const version = useVersion()
  const { app } = useLive()
  const running = app?.jobs.some((job) => job.kind === 'replay' && job.state === 'running') ?? false
  return useQuery({
    queryKey: ['replays', version],
    queryFn: ({ signal }) =>
      asked<{ readonly replays: readonly ReplayView[] }>(
        api['dead-letters'].replays.$get(undefined, { init: { signal } }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: running ? 1000 : false,
  })
}

/** Bytes [from, to) of a letter as stored, and how many there are. Read when they are looked at. */
export function useBytes(id: string, from: number, to: number) {
  return useRead({
    queryKey: ['letter-bytes', id, from, to],
    queryFn: ({ signal }) => readBytes(id, from, to, signal),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

export async function readBytes(id: string, from: number, to?: number, signal?: AbortSignal) {
  const response = await api['dead-letters'][':id'].bytes.$get(
    { param: { id }, query: { from: String(from), ...(to === undefined ? {} : { to: String(to) }) } },
    { init: signal ? { signal } : {} },
  )
  if (!response.ok) await answer(Promise.resolve(response as Response))
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    of: Number(response.headers.get('X-Bytes') ?? '0'),
  }
}

export async function savedFixes() {
  const { fixes } = await asked<{ fixes: readonly SavedFix[] }>(api['dead-letters'].fixes.$get())
  return fixes.map(({ name, fix }) => ({ name, value: fix }))
}

export async function savedFilters() {
  const { filters } = await asked<{ filters: readonly SavedFilter[] }>(api['dead-letters'].filters.$get())
  return filters.map(({ name, filter }) => ({ name, value: filter }))
}

export function useJob(id: string | null): JobView | null {
  const { app } = useLive()
  return app?.jobs.find((job) => job.id === id) ?? null
}

export function dryRunOf(job: JobView | null): DryRun | null {
  return job?.result?.kind === 'dry-run' ? job.result.dry : null
}
