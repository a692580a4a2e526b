import { isLakeError, LakeError, toFault } from '../../../shared/errors.ts'
import type { QueryNamespace, QueryNamespaces } from '../../../shared/query.ts'
import { mapConcurrent } from '../../base/concurrent.ts'
import type { LoadedTable, Namespace, TableIdentifier } from '../../iceberg/catalog.ts'
import type { Lake } from '../lake.ts'

/** Namespaces listed at most, and levels of them. */
const MOST_NAMESPACES = 500
const MOST_LEVELS = 16
const AT_ONCE = 8

/** The catalog's namespaces beside the lake's own, each with the names of its tables; no table is loaded. */
export async function otherNamespaces(lake: Lake, signal: AbortSignal): Promise<QueryNamespaces> {
  const { catalog } = lake.io
  const own = lake.tables.raw.namespace.join('\0')
  const found: QueryNamespace[] = []
  let level = await catalog.listNamespaces([], signal)
  let listed = 0
  let more = false
  for (let depth = 1; level.length > 0 && depth <= MOST_LEVELS; depth++) {
    more ||= listed + level.length > MOST_NAMESPACES
    const here = level.slice(0, MOST_NAMESPACES - listed)
    listed += here.length
    const below = await mapConcurrent(
      here,
      AT_ONCE,
      async (levels, _, stop) => {
        if (levels.join('\0') !== own) found.push(await namesIn(lake, levels, stop))
        const inside = await catalog.listNamespaces(levels, stop).catch((error: unknown) => {
          // Servers without nested namespaces may refuse to look below one.
          if (isLakeError(error) && error.outcome === 'reject') return []
          throw error
        })
        return inside.map((one) => (one.length > levels.length ? one : [...levels, ...one]))
      },
      signal,
    )
    level = below.flat()
  }
  const key = ({ levels }: QueryNamespace) => levels.join('\0')
  return { namespaces: found.sort((a, b) => (key(a) < key(b) ? -1 : 1)), more }
}

async function namesIn(lake: Lake, levels: Namespace, signal: AbortSignal): Promise<QueryNamespace> {
  try {
    const tables = await lake.io.catalog.listTables(levels, signal)
    return { levels, tables: tables.map(({ name }) => name).sort() }
  } catch (error) {
    if (signal.aborted) throw error
    return { levels, tables: [], fault: toFault(error).title }
  }
}

/** Loads a table of any namespace; UNSUPPORTED for a view, NO_TABLE where there is neither. */
export async function loadAny(
  lake: Lake,
  identifier: TableIdentifier,
  signal: AbortSignal,
): Promise<LoadedTable> {
  const { catalog } = lake.io
  try {
    return await catalog.loadTable(identifier, signal)
  } catch (error) {
    if (!isLakeError(error, 'NO_TABLE')) throw error
    const views = await catalog.listViews(identifier.namespace, signal).catch(() => [])
    if (!views.some(({ name }) => name === identifier.name)) throw error
    throw new LakeError('UNSUPPORTED', `${identifier.name} is a view of the catalog; SQL here reads tables`, {
      remedy: 'Its text, shown under Tables, can be run as a statement where it is plain SQL.',
      cause: error,
    })
  }
}
