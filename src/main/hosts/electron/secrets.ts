import { join } from 'node:path'
import { safeStorage } from 'electron'
import { type SecretStore, sealedFile } from '../../app/settings/secret-store.ts'

/**
 * The store that seals secrets with the key store of the system, in `home`; null where there is none worth the name, and
 * secrets stay in the settings file. Electron must be ready. The calls are the synchronous ones of the pinned version:
 * settings are read at once, before there is a window.
 */
export function systemSecrets(home: string, clock: () => number): SecretStore | null {
  if (!safeStorage.isEncryptionAvailable()) return null
  const name = nameOf(process.platform)
  if (name === null) return null
  return sealedFile(
    join(home, 'secrets.json'),
    name,
    {
      seal: (text) => safeStorage.encryptString(text),
      open: (sealed) => safeStorage.decryptString(Buffer.from(sealed)),
    },
    clock,
  )
}

/** As its user knows it. On Linux `basic_text` is a fixed password that every program knows: no key store at all. */
function nameOf(platform: NodeJS.Platform): string | null {
  if (platform === 'darwin') return 'the Keychain'
  if (platform === 'win32') return 'Windows data protection'
  const backend = safeStorage.getSelectedStorageBackend()
  if (backend === 'basic_text' || backend === 'unknown') return null
  return backend === 'gnome_libsecret' ? 'the Secret Service of this system' : 'KWallet'
}
