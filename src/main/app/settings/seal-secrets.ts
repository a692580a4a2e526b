import { LakeError } from '../../../shared/errors.ts'
import { SETTINGS } from '../../../shared/settings.ts'
import type { SecretStore } from './secret-store.ts'
import { type Resolved, saveSettings } from './settings.ts'

/**
 * Moves the secrets that lie in the settings file into the store, and returns their keys. One that the store holds already
 * ruled before and stays. The file is put back, and the error thrown, where the store does not give back what it was given.
 */
export function sealSecrets({ file, layers }: Resolved, secrets: SecretStore): string[] {
  const stored = secrets.read()
  const changes: Record<string, string> = {}
  for (const { key, secret } of SETTINGS) {
    const inFile = layers.get(key)?.find(({ origin }) => origin.from === 'file')
    if (secret && inFile) changes[key] = stored.get(key)?.text ?? inFile.text
  }
  const keys = Object.keys(changes)
  if (keys.length === 0) return []
  const undo = saveSettings(file, changes, secrets)
  const sealed = secrets.read()
  if (keys.some((key) => sealed.get(key)?.text !== changes[key])) {
    undo()
    throw new LakeError('SETTING', `${secrets.name} did not give back the secrets it was given`, {
      context: { file },
      remedy: 'They stay in the settings file until the key store can be opened.',
    })
  }
  return keys
}
