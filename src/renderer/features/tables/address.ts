import { useMemo, useSyncExternalStore } from 'react'
import { namespaceLevels, namespaceText } from '../../../shared/inspect.ts'
import type { AppState } from '../../../shared/model.ts'
import { TABLE_ROLES, type TableRole } from '../../../shared/tables.ts'
import { threadPath } from '../../../shared/thread.ts'
import { here, href, navigate } from '../../ui/route.ts'

/** A table of the catalog that the page is about. */
export interface TableKey {
  readonly namespace: readonly string[]
  readonly name: string
  /** Null for a table that is none of the five. */
  readonly role: TableRole | null
}

/** The five tables by name, and the namespace that they are in. */
export interface Known {
  readonly tables: AppState['tables']
  readonly database: string
}

export const knownOf = ({ tables, catalog }: AppState): Known => ({ tables, database: catalog.database })

/** The table of an address: `tables/raw`, `tables/health_data_raw` or `tables/NAMESPACE/NAME`; raw without any. */
export function tableAt(path: readonly string[], app: Known): TableKey {
  const [, first, second] = path
  if (first !== undefined && second !== undefined) {
    const namespace = namespaceLevels(first)
    return { namespace, name: second, role: roleIn(app, namespace, second) }
  }
  const role = TABLE_ROLES.find((one) => one === first || app.tables[one] === first) ?? 'raw'
  return { namespace: [app.database], name: app.tables[role], role }
}

function roleIn(app: Known, namespace: readonly string[], name: string): TableRole | null {
  if (namespace.length !== 1 || namespace[0] !== app.database) return null
  return TABLE_ROLES.find((role) => app.tables[role] === name) ?? null
}

export function pathOf(table: TableKey): string[] {
  return table.role === null ? ['tables', namespaceText(table.namespace), table.name] : ['tables', table.role]
}

/** Names a table in requests. The client puts them into the address as they are. */
export function paramOf({ namespace, name }: TableKey): { namespace: string; name: string } {
  return { namespace: encodeURIComponent(namespaceText(namespace)), name: encodeURIComponent(name) }
}

export const TABS = [
  'schema',
  'partitions',
  'files',
  'snapshots',
  'metadata',
  'properties',
  'references',
] as const
export type Tab = (typeof TABS)[number]

const listen = (listener: () => void) => {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

/** One value of the address. Renders its caller anew when that value changes, not with every pick. */
export const useAsked = (name: string): string | undefined =>
  useSyncExternalStore(listen, () => here().query[name])

/** The path of the address, the same array until it changes. */
export function usePath(): readonly string[] {
  const text = useSyncExternalStore(listen, () => here().path.join('\0'))
  return useMemo(() => text.split('\0'), [text])
}

export const tabOf = (asked: string | undefined): Tab => TABS.find((one) => one === asked) ?? 'partitions'

type Query = Readonly<Record<string, string | undefined>>

/** What holds within every tab: the snapshot that is looked at, and the one it is compared with. */
const LASTING = ['snapshot', 'compare'] as const

/** The address of a tab of a table. */
export const tabHref = (table: TableKey, tab: Tab, query: Query = {}) =>
  href(pathOf(table), { tab, ...query })

/** The thread of a commit or of a data file: up to its rows, down to its messages. */
export function threadHref(
  { namespace, name, role }: Pick<TableKey, 'namespace' | 'name'> & { readonly role?: TableRole | null },
  at: { readonly snapshot?: string | undefined; readonly file?: string },
): string {
  const { path, query } = threadPath({ table: role ?? [...namespace, name].join('.') })
  return href(path, { ...query, ...at })
}

/** Goes to another tab; what is picked in this one is left behind, the snapshot is not. */
export function goTab(table: TableKey, tab: Tab): void {
  const { query } = here()
  navigate(pathOf(table), { tab, ...Object.fromEntries(LASTING.map((key) => [key, query[key]])) })
}

/** Changes the address in place, without a step to go back to: picks, filters and sorting. Undefined takes out. */
export function amend(change: Query): void {
  const { path, query } = here()
  const next = href(path, { ...query, ...change })
  if (next !== location.hash) location.replace(next)
}
