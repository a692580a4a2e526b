import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openTable } from '../../src/main/app/inspect/table.ts'
import type { Lake } from '../../src/main/app/lake.ts'
import type { Catalog } from '../../src/main/iceberg/catalog.ts'
import type { TableMetadata } from '../../src/main/iceberg/types.ts'
import { type CountingStorage, countingStorage } from '../../src/main/storage/counting.ts'
import type { Storage } from '../../src/main/storage/storage.ts'
import { TABLE_ROLES, TABLES } from '../../src/shared/tables.ts'
import { fixtureTable } from './fixture-table.ts'

/** A lake of one table of the namespace `db`, in which nothing can be changed. */
export function lakeWith(name: string, metadata: TableMetadata, storage: Storage, location: string | null) {
  const counting = countingStorage(storage)
  const catalog = {
    loadTable: async () => ({
      identifier: { namespace: ['db'], name },
      metadata,
      metadataLocation: location,
      config: {},
    }),
  } as unknown as Catalog
  const tables = Object.fromEntries(
    TABLE_ROLES.map((role) => [role, { namespace: ['health_db'], name: TABLES[role].defaultName }]),
  )
  const lake = { io: { catalog, storage: counting }, tables } as unknown as Lake
  return { lake, storage: counting }
}

/** A table of `test/fixtures/tables`, opened to be looked into; its requests are counted. */
export async function openFixture(name: string): Promise<{
  table: Awaited<ReturnType<typeof openTable>>
  storage: CountingStorage
}> {
  const { storage, metadata } = await fixtureTable(name)
  const file = join(import.meta.dirname, '../fixtures/tables', name, 'table.json')
  const { metadata: location } = JSON.parse(readFileSync(file, 'utf8')) as { metadata: string }
  const { lake, storage: counting } = lakeWith(name, metadata, storage, location)
  const table = await openTable(lake, { namespace: ['db'], name })
  counting.reset()
  return { table, storage: counting }
}
