import { statSync } from 'node:fs'
import type { SettingsView } from '../../../shared/model.ts'
import { SETTINGS } from '../../../shared/settings.ts'
import type { SecretStore } from './secret-store.ts'
import { defaultOf, type Resolved } from './settings.ts'

/** Where a value comes from that no change of the file gets past. */
const FIXED: ReadonlySet<string | undefined> = new Set(['sample', 'flag', 'environment'])

/** The settings as the pages see them: with the place of each value, and never a secret. */
export function settingsView(
  resolved: Resolved,
  secrets: SecretStore | null,
  startedAt: number,
): SettingsView {
  const fileChangedAt = changedAt(resolved.file)
  const sealed = secrets?.read() ?? null
  return {
    file: resolved.file,
    fileChangedAt,
    startedAt,
    secretStore: secrets?.name ?? null,
    settings: SETTINGS.map((one) => {
      const text = resolved.texts.get(one.key) ?? null
      const origin = resolved.origins.get(one.key) ?? null
      return {
        key: one.key,
        group: one.group,
        env: one.env,
        flag: one.flag,
        kind: one.kind,
        choices: one.choices ?? [],
        help: one.help,
        secret: one.secret,
        value: one.secret ? null : text,
        set: text !== null,
        default: one.secret ? null : defaultOf(resolved, one),
        origin,
        layers: (resolved.layers.get(one.key) ?? []).map((layer) => ({
          origin: layer.origin,
          value: one.secret ? null : layer.text,
          at:
            layer.origin.from === 'keystore'
              ? (sealed?.get(one.key)?.setAt ?? null)
              : layer.origin.from === 'file'
                ? fileChangedAt
                : layer.origin.from === 'sample'
                  ? null
                  : startedAt,
        })),
        fixed: one.key === 'home' || FIXED.has(origin?.from),
      }
    }),
  }
}

function changedAt(file: string): number | null {
  try {
    return Math.round(statSync(file).mtimeMs)
  } catch {
    return null
  }
}
