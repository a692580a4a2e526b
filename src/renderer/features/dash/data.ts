import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { DashLake, Grain } from '../../../shared/dash.ts'
import { answer, api } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { theEngine } from '../../query/start.ts'
import { useRead } from '../../ui/read.ts'
import type { Row } from './measures.ts'
import {
  readSamples,
  readSeries,
  type SamplesQuestion,
  type SeriesQuestion,
  seriesCost,
  tableNames,
} from './read.ts'

/** What is read stays good until the aggregates have another snapshot, which is part of its key. */
const FOREVER = Number.POSITIVE_INFINITY

export function useTableNames() {
  const { app } = useLive()
  return useMemo(() => (app ? tableNames(app.catalog.database, app.tables) : null), [app])
}

/** How far the aggregates follow raw; asked again with every commit of ours and every 20 s for those of others. */
export function useLake() {
  const { tableChanges } = useLive()
  return useRead({
    queryKey: ['dash', 'lake', tableChanges],
    queryFn: ({ signal }) => answer(api.dash.lake.$get({}, { init: { signal } })),
    placeholderData: keepPreviousData,
    // What was cancelled is read again when it is asked for.
    refetchInterval: ({ state }) => (state.status === 'pending' ? false : 20_000),
  })
}

export function useUsers(lake: DashLake | undefined, search: string) {
  return useQuery({
    queryKey: ['dash', 'users', lake?.version, search],
    queryFn: ({ signal }) =>
      answer(api.dash.users.$get({ query: { search, limit: '100' } }, { init: { signal } })),
    enabled: lake !== undefined,
    placeholderData: keepPreviousData,
    staleTime: FOREVER,
  })
}

export function useTypes(lake: DashLake | undefined, user: string | null) {
  return useRead({
    queryKey: ['dash', 'types', lake?.version, user],
    queryFn: ({ signal }) =>
      answer(api.dash.types.$get({ query: { user: user ?? '' } }, { init: { signal } })),
    enabled: lake !== undefined && user !== null,
    staleTime: FOREVER,
  })
}

/** Days of the subject that have a row. */
export function useDays(lake: DashLake | undefined, user: string | null, type: string | null) {
  return useRead({
    queryKey: ['dash', 'days', lake?.version, user, type],
    queryFn: ({ signal }) =>
      answer(api.dash.days.$get({ query: { user: user ?? '', type: type ?? '' } }, { init: { signal } })),
    enabled: lake !== undefined && user !== null && type !== null,
    placeholderData: keepSubject(user, type),
    staleTime: FOREVER,
  })
}

/** While a newer version is read, the last of the same subject stays; that of another subject does not. */
function keepSubject(...subject: readonly unknown[]) {
  return <T>(before: T | undefined, query: { readonly queryKey: readonly unknown[] } | undefined) =>
    query && subject.every((one, i) => query.queryKey[3 + i] === one) ? before : undefined
}

/** Rows that reached raw since the rollup; not asked where the snapshots say that there are none. */
export function useNewer(lake: DashLake | undefined, user: string | null, type: string | null) {
  const behind = isBehind(lake)
  const found = useQuery({
    queryKey: ['dash', 'newer', lake?.raw?.snapshotId, user, type, lake?.rolledUp?.snapshotId],
    queryFn: ({ signal }) =>
      answer(api.dash.newer.$get({ query: { user: user ?? '', type: type ?? '' } }, { init: { signal } })),
    enabled: behind && user !== null && type !== null,
    staleTime: FOREVER,
  })
  return { ...found, behind }
}

function isBehind(lake: DashLake | undefined): boolean {
  return Boolean(lake?.raw && lake.rolledUp && lake.raw.snapshotId !== lake.rolledUp.snapshotId)
}

/** Rows of an aggregate, through the query engine. `place`: questions of one place follow each other, others overtake. */
export function useSeries(
  place: 'main' | 'side',
  lake: DashLake | undefined,
  question: SeriesQuestion | null,
) {
  const tables = useTableNames()
  return useRead({
    queryKey: [
      'dash',
      'series',
      lake?.version,
      question?.user,
      question?.types.join('\0'),
      question?.grain,
      question?.from,
      question?.to,
    ],
    queryFn: ({ signal }) => {
      if (tables === null || question === null) throw new Error('nothing was asked')
      return readSeries(theEngine().session(`dash ${place}`), tables, question, signal)
    },
    enabled: lake !== undefined && tables !== null && question !== null,
    placeholderData: keepSubject(question?.user, question?.types.join('\0'), question?.grain),
    staleTime: FOREVER,
    retry: false,
  })
}

/** What a series would read, told before it is read. */
export function useSeriesCost(lake: DashLake | undefined, question: SeriesQuestion | null) {
  const tables = useTableNames()
  return useQuery({
    queryKey: ['dash', 'series cost', lake?.version, question],
    queryFn: ({ signal }) => {
      if (tables === null || question === null) throw new Error('nothing was asked')
      // Of its own: a session that runs a statement tells no cost.
      return seriesCost(theEngine().session('dash cost'), tables, question, signal)
    },
    enabled: lake !== undefined && tables !== null && question !== null,
    staleTime: FOREVER,
    retry: false,
  })
}

/** Samples of raw, through the query engine. */
export function useSamples(lake: DashLake | undefined, question: SamplesQuestion | null) {
  const tables = useTableNames()
  return useRead({
    queryKey: [
      'dash',
      'samples',
      lake?.raw?.snapshotId,
      question?.user,
      question?.type,
      question?.from,
      question?.to,
    ],
    queryFn: ({ signal }) => {
      if (tables === null || question === null) throw new Error('nothing was asked')
      return readSamples(theEngine().session('dash main'), tables, question, signal)
    },
    enabled: lake !== undefined && tables !== null && question !== null,
    placeholderData: keepSubject(question?.user, question?.type, question?.from),
    staleTime: FOREVER,
    retry: false,
  })
}

/** Compares periods with raw as it is now. */
export function checkPeriods(
  subject: { readonly user: string; readonly type: string },
  grain: Grain,
  periods: readonly string[],
  signal: AbortSignal,
) {
  return answer(
    api.dash.check.$post({ json: { ...subject, grain, periods: [...periods] } }, { init: { signal } }),
  )
}

/** Rows by the first day of their period. */
export function byPeriod(rows: readonly Row[] | undefined): ReadonlyMap<string, Row> {
  return new Map(rows?.map((row) => [row.period, row]))
}
