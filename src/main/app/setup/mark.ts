import { createHash } from 'node:crypto'
import { STEP_KEYS } from '../../../shared/setup.ts'
import { Secret } from '../../base/secret.ts'
import type { MainSettings } from '../settings/settings.ts'

/** Changes when a setting changes that a proof depends on. Says nothing of the values, secrets among them. */
export function markOf(settings: MainSettings): string {
  const hash = createHash('sha256')
  for (const key of STEP_KEYS.prove) {
    const value = key
      .split('.')
      .reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], settings)
    hash.update(`${key}\0${JSON.stringify(value instanceof Secret ? value.reveal() : value)}\0`)
  }
  return hash.digest('hex').slice(0, 16)
}
