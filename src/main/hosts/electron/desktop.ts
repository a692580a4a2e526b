import { fileURLToPath } from 'node:url'
import {
  app,
  BrowserWindow,
  dialog,
  type IpcMainInvokeEvent,
  ipcMain,
  nativeTheme,
  protocol,
  session,
  type WebContents,
} from 'electron'
import { z } from 'zod'
import { createApi } from '../../app/api.ts'
import type { App } from '../../app/app.ts'
import type { SecretStore } from '../../app/settings/secret-store.ts'
import type { KeptWindow } from '../../app/window.ts'
import { systemClock } from '../../base/clock.ts'
import { askWhileLoading } from './background.ts'
import { followTheme, frameOptions, keepBounds, offerEditing, placeOf, setMenu } from './frame.ts'
import { systemSecrets } from './secrets.ts'

/** The scheme and host of the page: a standard, secure origin of its own, with no port that others could reach. */
export const SCHEME = 'tarn'
export const ORIGIN = `${SCHEME}://app`

export interface DesktopOptions {
  /** Opened once Electron is ready, with the place for secrets if this system has one. */
  readonly open: (secretsIn: (home: string) => SecretStore | null) => App
  /** Folder of the built page. */
  readonly pages: string
  /** The built preload script. */
  readonly preload: string
}

/**
 * The desktop host: one instance, one window, the app's handler behind a scheme of its own (security.md 1-10). Must be
 * called before Electron is ready, for privileges of a scheme are fixed then.
 */
export async function startDesktop(options: DesktopOptions): Promise<void> {
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  app.enableSandbox()
  protocol.registerSchemesAsPrivileged([
    {
      scheme: SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ])
  app.on('web-contents-created', (_event, contents) => confine(contents))
  app.on('window-all-closed', () => app.quit())
  await app.whenReady()

  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
  session.defaultSession.setDevicePermissionHandler(() => false)

  const tarn = options.open((home) => systemSecrets(home, systemClock))
  tarn.sample.reopen()
  const api = createApi(tarn, { pages: options.pages, hosts: ['app'], origins: [ORIGIN] })
  protocol.handle(SCHEME, (request) => api.fetch(request))
  setMenu()
  const left = tarn.window()
  if (left.theme !== null) nativeTheme.themeSource = left.theme
  const window = createWindow(options.preload, left)
  followTheme(window)
  keepBounds(window, tarn)
  registerDesktopCalls(window)
  app.on('second-instance', askWhileLoading(window, tarn))
  quitAfterCommit(tarn)
  await window.loadURL(`${ORIGIN}/`)
}

/** Shown before the page is there, in the colour of its frame, so that nothing flashes; where and as it was left. */
function createWindow(preload: string, { theme, bounds }: KeptWindow): BrowserWindow {
  const dark = theme === null ? nativeTheme.shouldUseDarkColors : theme === 'dark'
  const window = new BrowserWindow({
    title: 'Tarn',
    width: 1440,
    height: 900,
    ...placeOf(bounds),
    minWidth: 1024,
    minHeight: 640,
    show: false,
    ...frameOptions(dark),
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  })
  offerEditing(window.webContents)
  window.once('ready-to-show', () => {
    if (bounds?.maximized) window.maximize()
    window.show()
  })
  return window
}

/** No page leaves its origin, opens a window or embeds another. */
function confine(contents: WebContents): void {
  const stay = (event: { preventDefault(): void; readonly url: string }) => {
    if (!isOurs(event.url)) event.preventDefault()
  }
  contents.on('will-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-frame-navigate', stay)
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

export function isOurs(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol: scheme, host } = new URL(url)
  return `${scheme}//${host}` === ORIGIN
}

const filters = z
  .array(
    z.strictObject({
      name: z.string().max(100),
      extensions: z.array(z.string().regex(/^[a-z0-9*]{1,10}$/)).max(20),
    }),
  )
  .max(10)

/** The few things a page cannot do by itself. Each call is checked for its sender and its arguments. */
function registerDesktopCalls(window: BrowserWindow): void {
  const handle = <S extends z.ZodType>(channel: string, schema: S, run: (value: z.output<S>) => unknown) => {
    ipcMain.handle(channel, (event: IpcMainInvokeEvent, ...given: unknown[]) => {
      const frame = event.senderFrame
      if (!frame || frame !== window.webContents.mainFrame || !isOurs(frame.url)) throw new Error('refused')
      const parsed = schema.safeParse(given[0])
      if (given.length > 1 || !parsed.success) throw new Error('refused')
      return run(parsed.data)
    })
  }
  handle('tarn:choose-file', filters, async (types) => {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      properties: ['openFile'],
      filters: types,
    })
    return canceled ? null : (filePaths[0] ?? null)
  })
  handle('tarn:theme', z.enum(['system', 'light', 'dark']), (theme) => {
    nativeTheme.themeSource = theme
  })
}

/** Quitting waits until what was read is committed, however it is asked for. */
function quitAfterCommit(tarn: App): void {
  let state: 'open' | 'closing' | 'closed' = 'open'
  app.on('before-quit', (event) => {
    if (state === 'closed') return
    event.preventDefault()
    if (state === 'closing') return
    state = 'closing'
    const done = () => {
      state = 'closed'
      app.quit()
    }
    tarn.close().then(done, (error) => {
      tarn.log.error({ error }, 'Tarn did not close in order')
      done()
    })
  })
}

/** The preload script beside the build of main. */
export const PRELOAD = fileURLToPath(new URL('../../../preload/preload.cjs', import.meta.url))
