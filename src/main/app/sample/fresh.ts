import { existsSync, readdirSync } from 'node:fs'
import { SETTINGS } from '../../../shared/settings.ts'
import { localPath } from '../../catalog/trust.ts'
import type { Resolved } from '../settings/settings.ts'

/** Groups of settings that say where something is; the rest only tune. */
const PLACES = new Set(['catalog', 'storage', 'kafka', 'registry', 'tables'])

/** True where nobody has set anything up yet: no settings file, no place named, no lake made. */
export function isFresh({ settings, origins, file }: Resolved): boolean {
  if (existsSync(file)) return false
  const named = SETTINGS.some(
    (one) => PLACES.has(one.group) && (origins.get(one.key)?.from ?? 'default') !== 'default',
  )
  if (named) return false
  const warehouse = localPath(settings.catalog.warehouse)
  return warehouse === null || !holdsTables(warehouse)
}

/** A folder a namespace; the catalog's own, which any look at the lake makes, starts with a dot. */
function holdsTables(warehouse: string): boolean {
  if (!existsSync(warehouse)) return false
  return readdirSync(warehouse).some((name) => !name.startsWith('.'))
}
