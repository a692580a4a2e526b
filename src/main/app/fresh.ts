import { existsSync } from 'node:fs'
import { SETTINGS } from '../../shared/settings.ts'
import { localPath } from '../catalog/trust.ts'
import type { Resolved } from './settings.ts'

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
  return warehouse === null || !existsSync(warehouse)
}
