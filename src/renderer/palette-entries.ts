import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { HEALTH_TYPES } from '../shared/health.ts'
import type { LetterGroups } from '../shared/letters.ts'
import type { AppState } from '../shared/model.ts'
import type { QueryTables } from '../shared/query.ts'
import { SETTINGS } from '../shared/settings.ts'
import { TABLE_ROLES } from '../shared/tables.ts'
import { answer, api } from './api/client.ts'
import { nameOf } from './features/settings/words.ts'
import { type Entry, useEntries } from './ui/commands.ts'
import { count, counted } from './ui/format.ts'
import { navigate } from './ui/route.ts'

/** What was read stays good for this long, in ms: the palette is opened again and again. */
const FRESH_MS = 15_000

const SETTING_ENTRIES: readonly Entry[] = SETTINGS.map((one) => ({
  group: 'Settings',
  name: nameOf(one),
  note: one.env,
  icon: 'settings',
  run: () => navigate(['settings'], { at: one.key }),
}))

const VIEWS: readonly Entry[] = HEALTH_TYPES.map(({ type, unit }) => ({
  group: 'Dashboards',
  name: `${type} by day`,
  note: unit,
  icon: 'dash',
  run: () => navigate(['dash'], { type, grain: 'day' }),
}))

/** What the palette offers on every page beside commands; read when it is opened, not before. */
export function usePaletteEntries(open: boolean, app: AppState | null): void {
  const lake = open && app !== null && !app.fresh
  const fetched = { enabled: lake, staleTime: FRESH_MS }
  const names = app?.tables
  const tables = useQuery({
    queryKey: ['palette', 'tables'],
    queryFn: () => answer(api.query.tables.$get()) as Promise<QueryTables>,
    ...fetched,
  })
  const queries = useQuery({
    queryKey: ['palette', 'queries'],
    queryFn: () => answer(api.queries.$get()),
    ...fetched,
  })
  const views = useQuery({
    queryKey: ['palette', 'views'],
    queryFn: () => answer(api.dash.views.$get()),
    ...fetched,
  })
  const groups = useQuery({
    queryKey: ['palette', 'letters'],
    queryFn: () => answer(api['dead-letters'].groups.$get({ query: {} })) as Promise<LetterGroups>,
    ...fetched,
    enabled: tables.data?.tables.some((one) => one.name === names?.errors) ?? false,
  })
  const database = app?.catalog.database
  const entries = useMemo((): Entry[] => {
    if (!lake || names === undefined) return [...SETTING_ENTRIES]
    const ours = new Map(TABLE_ROLES.map((role) => [names[role], role]))
    return [
      ...tablesOf(tables.data ?? null, ours, database ?? ''),
      ...(queries.data?.queries ?? []).map(
        ({ name, sql }): Entry => ({
          group: 'Queries',
          name,
          note: 'saved',
          icon: 'code',
          run: () => navigate(['sql'], { text: sql }),
        }),
      ),
      ...(groups.data?.groups ?? []).map(
        (one): Entry => ({
          group: 'Dead letters',
          name: one.title,
          note: `${count(one.open)} open`,
          icon: 'letters',
          run: () => navigate(['letters'], { group: one.key }),
        }),
      ),
      ...(views.data?.views ?? []).map(
        ({ name, query }): Entry => ({
          group: 'Dashboards',
          name,
          note: 'saved',
          icon: 'dash',
          run: () => navigate(['dash'], query),
        }),
      ),
      ...VIEWS,
      ...columnsOf(tables.data ?? null, ours, database ?? ''),
      ...SETTING_ENTRIES,
    ]
  }, [lake, names, database, tables.data, queries.data, views.data, groups.data])
  useEntries('everywhere', entries)
}

type Ours = ReadonlyMap<string, string>

/** The address of a table: a role for the five, namespace and name for others. */
function placeOf(namespace: readonly string[], name: string, ours: Ours, database: string): string[] {
  const role = namespace.join('.') === database ? ours.get(name) : undefined
  return role === undefined ? ['tables', namespace.join('.'), name] : ['tables', role]
}

/** The five at once; all others once they are read. */
function tablesOf(read: QueryTables | null, ours: Ours, database: string): Entry[] {
  if (read === null)
    return [...ours].map(([name, role]) => ({
      group: 'Tables',
      name,
      icon: 'tables',
      run: () => navigate(['tables', role]),
    }))
  return read.tables.map(({ namespace, name, totals }) => ({
    group: 'Tables',
    name,
    note:
      totals.rows === null ? namespace.join('.') : `${namespace.join('.')}, ${counted(totals.rows, 'row')}`,
    icon: 'tables',
    run: () => navigate(placeOf(namespace, name, ours, database)),
  }))
}

function columnsOf(read: QueryTables | null, ours: Ours, database: string): Entry[] {
  return (read?.tables ?? []).flatMap(({ namespace, name, columns }) =>
    columns.map(
      (column): Entry => ({
        group: 'Columns',
        name: column.name,
        note: `column of ${name}`,
        icon: 'tables',
        run: () => navigate(placeOf(namespace, name, ours, database), { tab: 'schema' }),
      }),
    ),
  )
}
