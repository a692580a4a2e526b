import { app, dialog } from 'electron'
import { isLakeError } from '../../../shared/errors.ts'
import { createApp } from '../../app/app.ts'
import { parts } from '../../app/compose.ts'
import { sealLakes } from '../../app/lakes/lakes.ts'
import { openLog } from '../../app/log-file.ts'
import { PAGES, version } from '../../app/paths.ts'
import { sealSecrets } from '../../app/settings/seal-secrets.ts'
import type { SecretStore } from '../../app/settings/secret-store.ts'
import { type Resolved, resolveSettings, secretsAmong } from '../../app/settings/settings.ts'
import { systemClock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import { createScrubber } from '../../base/scrub.ts'
import { PRELOAD, startDesktop } from './desktop.ts'

const resolveWith = (secrets: SecretStore | null) =>
  resolveSettings({ flags: new Map(), env: process.env, secrets })

/** Secrets that were saved where there was no key store. What fails leaves them in the file and does not keep Tarn shut. */
function takeIn(found: Resolved, secrets: SecretStore, log: Logger): void {
  try {
    const keys = sealSecrets(found, secrets)
    sealLakes(found.settings.home, secrets)
    if (keys.length > 0) log.info({ keys }, `Secrets moved from the settings file into ${secrets.name}`)
  } catch (error) {
    log.warn({ error }, 'Secrets stay in the files they were saved in')
  }
}

// Not awaited: Electron is ready only once this module has been evaluated (electron/electron#40719).
startDesktop({
  pages: PAGES,
  preload: PRELOAD,
  open(secretsIn) {
    const found = resolveWith(null)
    const secrets = secretsIn(found.settings.home)
    const resolve = () => resolveWith(secrets)
    const resolved = resolve()
    const scrubber = createScrubber(secretsAmong(resolved.texts))
    const log = openLog(resolved, process.env, process.stderr, scrubber)
    if (secrets !== null) takeIn(found, secrets, log)
    return createApp({
      resolve,
      parts,
      host: 'electron',
      version: version(),
      sample: false,
      secrets,
      log,
      scrubber,
      clock: systemClock,
    })
  },
}).catch((error: unknown) => {
  const [title, text] = isLakeError(error)
    ? [error.message, error.remedy ?? '']
    : ['Tarn cannot start', String(error)]
  dialog.showErrorBox(title, text)
  app.exit(1)
})
