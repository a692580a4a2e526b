import { isLakeError, LakeError } from '../../../shared/errors.ts'
import { TABLE_ROLES, type TableRole } from '../../../shared/tables.ts'
import type { LoadedTable, TableIdentifier } from '../../iceberg/catalog.ts'
import { headSnapshot, snapshotById } from '../../iceberg/metadata.ts'
import type { Snapshot, TableMetadata } from '../../iceberg/types.ts'
import type { Lake } from '../lake.ts'

/** A table of the catalog, opened to be looked into. */
export interface OpenTable {
  readonly lake: Lake
  readonly identifier: TableIdentifier
  readonly loaded: LoadedTable
  readonly metadata: TableMetadata
}

/** NO_TABLE or NO_NAMESPACE where there is none. */
export async function openTable(
  lake: Lake,
  identifier: TableIdentifier,
  signal?: AbortSignal,
): Promise<OpenTable> {
  try {
    const loaded = await lake.io.catalog.loadTable(identifier, signal)
    return { lake, identifier, loaded, metadata: loaded.metadata }
  } catch (error) {
    if (!isLakeError(error, 'NO_TABLE', 'NO_NAMESPACE') || roleOf(lake, identifier) !== null) throw error
    throw new LakeError(
      error.code,
      `There is no table ${[...identifier.namespace, identifier.name].join('.')}`,
      {
        context: error.context,
        likely: 'It was dropped or renamed since its address was noted.',
        remedy: 'Choose one of the tables that the catalog lists.',
        cause: error,
      },
    )
  }
}

/** Which of the five tables it is; null for any other. */
export function roleOf(lake: Lake, { namespace, name }: TableIdentifier): TableRole | null {
  const same = (role: TableRole): boolean => {
    const table = lake.tables[role]
    return table.name === name && table.namespace.join('\0') === namespace.join('\0')
  }
  return TABLE_ROLES.find(same) ?? null
}

/** The snapshot of that id, or the head of main; null for a table without any. NOT_FOUND where it is gone. */
export function snapshotOf({ metadata, identifier }: OpenTable, id: string | undefined): Snapshot | null {
  if (id === undefined) return headSnapshot(metadata)
  const found = snapshotById(metadata, BigInt(id))
  if (found !== null) return found
  throw new LakeError('NOT_FOUND', `${identifier.name} has no snapshot ${id}`, {
    likely: 'It has expired since its number was noted.',
    remedy: 'Choose one of the snapshots that the table still has.',
  })
}

export interface PageRequest {
  /** From 0. */
  readonly page: number
  readonly pageSize: number
}

export const slice = <T>(all: readonly T[], { page, pageSize }: PageRequest): T[] =>
  all.slice(page * pageSize, (page + 1) * pageSize)

/** True where `text` holds every word of `find`, in any order and case. */
export function matches(text: string, find: string): boolean {
  const low = text.toLowerCase()
  return find
    .toLowerCase()
    .split(/\s+/)
    .every((word) => low.includes(word))
}
