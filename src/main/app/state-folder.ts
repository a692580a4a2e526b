import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { MainSettings } from './settings/settings.ts'

/** Names a lake by what makes it another one: catalog, warehouse, namespace and the table of samples. */
export function lakeId({ catalog, tables }: MainSettings): string {
  const address = catalog.type === 'rest' ? catalog.uri : ''
  const lake = [catalog.type, address, catalog.warehouse, catalog.database, tables.raw]
  return createHash('sha256').update(JSON.stringify(lake)).digest('hex').slice(0, 16)
}

/**
 * Folder in the home folder for what is kept beside one lake: caches, and the commit under way. Each lake has one of its
 * own, so that going to and fro between two mixes nothing. Made where absent, for its owner only.
 */
export function stateFolder(settings: MainSettings): string {
  const folder = join(settings.home, 'state', lakeId(settings))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}
