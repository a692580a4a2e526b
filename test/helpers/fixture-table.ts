import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseMetadata } from '../../src/main/iceberg/metadata.ts'
import type { TableMetadata } from '../../src/main/iceberg/types.ts'
import { type MemoryStorage, memoryStorage } from '../../src/main/storage/memory.ts'

export interface FixtureTable {
  readonly storage: MemoryStorage
  readonly metadata: TableMetadata
  /** What the engine that wrote the table reads from it. */
  readonly rows: readonly Record<string, unknown>[]
}

/** A table of `test/fixtures/tables`, in memory at the locations it was written to. */
export async function fixtureTable(name: string): Promise<FixtureTable> {
  const folder = join(import.meta.dirname, '../fixtures/tables', name)
  const { base, metadata, rows } = JSON.parse(readFileSync(join(folder, 'table.json'), 'utf8')) as {
    base: string
    metadata: string
    rows: Record<string, unknown>[]
  }
  const storage = memoryStorage()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || entry.name === 'table.json') continue
    await storage.write(base + path.slice(folder.length + 1).replaceAll('\\', '/'), readFileSync(path))
  }
  const read = parseMetadata(await storage.read(metadata))
  storage.reset()
  return { storage, metadata: read, rows }
}
