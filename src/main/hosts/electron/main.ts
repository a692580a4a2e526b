import { app, dialog } from 'electron'
import { isLakeError } from '../../../shared/errors.ts'
import { createApp } from '../../app/app.ts'
import { parts } from '../../app/compose.ts'
import { openLog } from '../../app/log-file.ts'
import { PAGES, version } from '../../app/paths.ts'
import type { SecretStore } from '../../app/settings/secret-store.ts'
import { resolveSettings } from '../../app/settings/settings.ts'
import { systemClock } from '../../base/clock.ts'
import { PRELOAD, startDesktop } from './desktop.ts'

const resolveWith = (secrets: SecretStore | null) =>
  resolveSettings({ flags: new Map(), env: process.env, secrets })

// Not awaited: Electron is ready only once this module has been evaluated (electron/electron#40719).
startDesktop({
  pages: PAGES,
  preload: PRELOAD,
  open(secretsIn) {
    const secrets = secretsIn(resolveWith(null).settings.home)
    const resolve = () => resolveWith(secrets)
    return createApp({
      resolve,
      parts,
      host: 'electron',
      version: version(),
      sample: false,
      secrets,
      log: openLog(resolve(), process.env, process.stderr),
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
