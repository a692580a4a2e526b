import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { FileSort, PartitionSort } from '../../../shared/inspect.ts'
import { answer, api } from '../../api/client.ts'
import { useRead } from '../../ui/read.ts'
import { paramOf, type TableKey } from './address.ts'

/** A table at one state of the lake: `version` counts up with every commit. */
export interface TableAt extends TableKey {
  readonly version: number
}

const tableApi = api.inspect[':namespace'][':name']

/** Rows of one page of a list. */
export const PAGE_ROWS = 100

export const keyOf = (table: TableAt, ...rest: readonly unknown[]) => [
  'inspect',
  table.namespace.join('\0'),
  table.name,
  table.version,
  ...rest,
]

export function useDetail(table: TableAt) {
  return useRead({
    queryKey: keyOf(table, 'detail'),
    queryFn: ({ signal }) => answer(tableApi.$get({ param: paramOf(table) }, { init: { signal } })),
    placeholderData: keepPreviousData,
  })
}

export function useHealth(table: TableAt) {
  return useRead({
    queryKey: keyOf(table, 'health'),
    queryFn: ({ signal }) => answer(tableApi.health.$get({ param: paramOf(table) }, { init: { signal } })),
    placeholderData: keepPreviousData,
  })
}

export interface HeatAsk {
  readonly until?: string | undefined
  readonly rowsFrom: number
  readonly snapshot?: string | undefined
}

export function useHeat(table: TableAt, { until, rowsFrom, snapshot }: HeatAsk) {
  return useRead({
    queryKey: keyOf(table, 'heat', until, rowsFrom, snapshot),
    queryFn: ({ signal }) =>
      answer(
        tableApi.heat.$get(
          { param: paramOf(table), query: { until, snapshot, rowsFrom: String(rowsFrom) } },
          { init: { signal } },
        ),
      ),
    placeholderData: keepPreviousData,
  })
}

export function useSpot(
  table: TableAt,
  place: { readonly column: string; readonly row: string; readonly snapshot?: string | undefined },
) {
  return useRead({
    queryKey: keyOf(table, 'spot', place.column, place.row, place.snapshot),
    queryFn: ({ signal }) =>
      answer(tableApi.spot.$get({ param: paramOf(table), query: place }, { init: { signal } })),
    placeholderData: keepPreviousData,
  })
}

export interface ListAsk {
  readonly page: number
  readonly find?: string | undefined
  readonly snapshot?: string | undefined
}

const paged = ({ page, find, snapshot }: ListAsk) => ({
  page: String(page),
  pageSize: String(PAGE_ROWS),
  find: find || undefined,
  snapshot,
})

export function usePartitions(table: TableAt, ask: ListAsk & { readonly sort: PartitionSort }) {
  return useRead({
    queryKey: keyOf(table, 'partitions', ask),
    queryFn: ({ signal }) =>
      answer(
        tableApi.partitions.$get(
          { param: paramOf(table), query: { ...paged(ask), sort: ask.sort } },
          { init: { signal } },
        ),
      ),
    placeholderData: keepPreviousData,
  })
}

export interface FilesAsk extends ListAsk {
  readonly sort: FileSort
  readonly content?: 'data' | 'deletes' | undefined
  readonly partition?: string | undefined
}

export function useFiles(table: TableAt, ask: FilesAsk) {
  return useRead({
    queryKey: keyOf(table, 'files', ask),
    queryFn: ({ signal }) =>
      answer(
        tableApi.files.$get(
          {
            param: paramOf(table),
            query: { ...paged(ask), sort: ask.sort, content: ask.content, partition: ask.partition },
          },
          { init: { signal } },
        ),
      ),
    placeholderData: keepPreviousData,
  })
}

/** A file by its path in a snapshot, or by its place in a manifest of it. */
export interface FilePlace {
  readonly snapshot?: string | undefined
  readonly path?: string | undefined
  readonly manifest?: number | undefined
  readonly entry?: number | undefined
}

const placed = ({ snapshot, path, manifest, entry }: FilePlace) => ({
  snapshot,
  path,
  ...(manifest === undefined ? {} : { manifest: String(manifest) }),
  ...(entry === undefined ? {} : { entry: String(entry) }),
})

export function useFile(table: TableAt, place: FilePlace) {
  return useRead({
    queryKey: keyOf(table, 'file', place),
    queryFn: ({ signal }) =>
      answer(tableApi.file.$get({ param: paramOf(table), query: placed(place) }, { init: { signal } })),
  })
}

export function useFooter(table: TableAt, place: FilePlace, page: number, pageSize: number) {
  return useRead({
    queryKey: keyOf(table, 'footer', place, page, pageSize),
    queryFn: ({ signal }) =>
      answer(
        tableApi.footer.$get(
          {
            param: paramOf(table),
            query: { ...placed(place), page: String(page), pageSize: String(pageSize) },
          },
          { init: { signal } },
        ),
      ),
    placeholderData: keepPreviousData,
  })
}

export function useSnapshots(table: TableAt, ask: Omit<ListAsk, 'snapshot'>) {
  return useRead({
    queryKey: keyOf(table, 'snapshots', ask),
    queryFn: ({ signal }) =>
      answer(
        tableApi.snapshots.$get(
          {
            param: paramOf(table),
            query: { page: String(ask.page), pageSize: String(PAGE_ROWS), find: ask.find || undefined },
          },
          { init: { signal } },
        ),
      ),
    placeholderData: keepPreviousData,
  })
}

export function useSnapshot(table: TableAt, id: string) {
  return useRead({
    queryKey: keyOf(table, 'snapshot', id),
    queryFn: ({ signal }) =>
      answer(tableApi.snapshots[':id'].$get({ param: { ...paramOf(table), id } }, { init: { signal } })),
    placeholderData: keepPreviousData,
  })
}

export function useComparison(table: TableAt, a: string, b: string) {
  return useRead({
    queryKey: keyOf(table, 'compare', a, b),
    queryFn: ({ signal }) =>
      answer(tableApi.compare.$get({ param: paramOf(table), query: { a, b } }, { init: { signal } })),
    placeholderData: keepPreviousData,
  })
}

export function useManifests(table: TableAt, snapshot: string | undefined, page: number) {
  return useRead({
    queryKey: keyOf(table, 'manifests', snapshot, page),
    queryFn: ({ signal }) =>
      answer(
        tableApi.manifests.$get(
          { param: paramOf(table), query: { snapshot, page: String(page), pageSize: String(LEVEL_ROWS) } },
          { init: { signal } },
        ),
      ),
  })
}

/** Nodes of one level of the metadata tree that are fetched at once. */
export const LEVEL_ROWS = 25

export function useEntries(table: TableAt, snapshot: string, manifest: number, page: number) {
  return useRead({
    queryKey: keyOf(table, 'entries', snapshot, manifest, page),
    queryFn: ({ signal }) =>
      answer(
        tableApi.entries.$get(
          {
            param: paramOf(table),
            query: {
              snapshot,
              manifest: String(manifest),
              page: String(page),
              pageSize: String(LEVEL_ROWS),
            },
          },
          { init: { signal } },
        ),
      ),
  })
}

/** How far the reading of manifests is, asked twice a second while `on`. */
export function useReading(table: TableAt, snapshot: string | undefined, on: boolean) {
  return useQuery({
    queryKey: keyOf(table, 'reading', snapshot),
    queryFn: ({ signal }) =>
      answer(tableApi.reading.$get({ param: paramOf(table), query: { snapshot } }, { init: { signal } })),
    enabled: on,
    refetchInterval: 500,
    gcTime: 0,
  })
}

export type ListName = 'snapshots' | 'partitions' | 'files'

/** The address of a whole list as a file; what the list is filtered by holds for it too. */
export function exportUrl(
  table: TableAt,
  list: ListName,
  format: 'csv' | 'json',
  filter: Readonly<Record<string, string | undefined>>,
): string {
  const { namespace, name } = paramOf(table)
  const set = Object.entries(filter).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return `/api/inspect/${namespace}/${name}/export/${list}?${new URLSearchParams([['format', format], ...set])}`
}

export const metadataUrl = (table: TableAt): string => {
  const { namespace, name } = paramOf(table)
  return `/api/inspect/${namespace}/${name}/metadata`
}
