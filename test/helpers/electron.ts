import { EventEmitter } from 'node:events'
import { vi } from 'vitest'

type Handler = (...given: never[]) => unknown

/** A stand-in of Electron's module for the calls that the desktop host makes, which keeps the order of what happened. */
export function electronStandIn(options: { readonly lock?: boolean } = {}) {
  const log: string[] = []
  const ready = Promise.withResolvers<void>()
  const state = {
    quits: 0,
    schemes: [] as unknown[],
    windows: [] as FakeWindow[],
    protocolHandler: null as null | ((request: Request) => Promise<Response>),
    ipc: new Map<string, Handler>(),
    permission: {} as Record<string, Handler>,
    trays: [] as FakeTray[],
    menu: [] as { label?: string; click?: () => void }[],
    /** False where the desktop has no tray. */
    canTray: true,
    /** The application's menu; undefined until it is set. */
    appMenu: undefined as undefined | null | { role?: string }[],
    popups: [] as { role?: string }[][],
    /** The one screen. */
    workArea: { x: 0, y: 0, width: 1920, height: 1040 },
    keyStore: { available: true, backend: 'gnome_libsecret' },
  }
  const masked = (bytes: Uint8Array) => Buffer.from(bytes.map((byte) => byte ^ 0x5a))
  const menuOf = (menu: { label?: string; role?: string; click?: () => void }[]) => {
    state.menu = menu
    return Object.assign(menu, { popup: () => state.popups.push(menu) })
  }

  class FakeTray extends EventEmitter {
    tip = ''
    destroyed = false
    constructor(_image: unknown) {
      super()
      if (!state.canTray) throw new Error('no tray')
      state.trays.push(this)
    }
    setToolTip(tip: string) {
      this.tip = tip
    }
    setContextMenu() {}
    destroy() {
      this.destroyed = true
    }
  }

  class FakeContents extends EventEmitter {
    readonly mainFrame = { url: 'tarn://app/' }
    openHandler: null | ((details: { url: string }) => unknown) = null
    setWindowOpenHandler(handler: (details: { url: string }) => unknown) {
      this.openHandler = handler
    }
    /** Fires a navigation and tells whether it was let through. */
    navigates(event: string, url: string): boolean {
      let prevented = false
      this.emit(event, { url, preventDefault: () => (prevented = true) })
      return !prevented
    }
  }

  class FakeWindow extends EventEmitter {
    readonly webContents = new FakeContents()
    readonly options: { webPreferences: Record<string, unknown>; show: boolean; [name: string]: unknown }
    maximized = false
    bounds = { x: 40, y: 30, width: 1300, height: 800 }
    overlay: unknown = null
    readonly shown = vi.fn()
    minimized = false
    focused = 0
    url = ''
    constructor(given: { webPreferences: Record<string, unknown>; show: boolean }) {
      super()
      log.push('window')
      this.options = given
      state.windows.push(this)
      app.emit('web-contents-created', {}, this.webContents)
    }
    show() {
      this.hidden = false
      this.shown()
    }
    isMinimized() {
      return this.minimized
    }
    restore() {
      this.minimized = false
    }
    focus() {
      this.focused += 1
    }
    isDestroyed() {
      return false
    }
    getNormalBounds() {
      return this.bounds
    }
    isMaximized() {
      return this.maximized
    }
    maximize() {
      this.maximized = true
    }
    setTitleBarOverlay(overlay: unknown) {
      this.overlay = overlay
    }
    hidden = false
    hide() {
      this.hidden = true
      this.emit('hide')
    }
    minimize() {
      this.minimized = true
    }
    /** As the user closes it; tells whether it closed. */
    userCloses(): boolean {
      let prevented = false
      this.emit('close', { preventDefault: () => (prevented = true) })
      return !prevented
    }
    async loadURL(url: string) {
      log.push(`load ${url}`)
      this.url = url
    }
  }

  const app = Object.assign(new EventEmitter(), {
    isPackaged: true,
    requestSingleInstanceLock: () => {
      log.push('lock')
      return options.lock ?? true
    },
    enableSandbox: () => log.push('sandbox'),
    whenReady: () => {
      log.push('when ready')
      return ready.promise
    },
    quit: () => {
      state.quits += 1
      let prevented = false
      app.emit('before-quit', { preventDefault: () => (prevented = true) })
      log.push(prevented ? 'quit prevented' : 'quit')
    },
    exit: (code: number) => log.push(`exit ${code}`),
  })

  const module = {
    app,
    BrowserWindow: FakeWindow,
    dialog: {
      showOpenDialog: vi.fn(async () => ({ canceled: false, filePaths: ['/chosen.jsonl'] })),
      showErrorBox: vi.fn(),
      showMessageBox: vi.fn(async (_window: unknown, _asked: { buttons: string[]; message: string }) => ({
        response: 2,
      })),
    },
    Tray: FakeTray,
    nativeImage: { createFromDataURL: (url: string) => url },
    Menu: {
      buildFromTemplate: menuOf,
      setApplicationMenu: (menu: { role?: string }[] | null) => {
        state.appMenu = menu
      },
    },
    screen: { getDisplayMatching: () => ({ workArea: state.workArea }) },
    safeStorage: {
      isEncryptionAvailable: () => state.keyStore.available,
      getSelectedStorageBackend: () => state.keyStore.backend,
      encryptString: (text: string) => masked(Buffer.from(text)),
      decryptString: (bytes: Buffer) => masked(bytes).toString(),
    },
    ipcMain: { handle: (channel: string, handler: Handler) => state.ipc.set(channel, handler) },
    nativeTheme: Object.assign(new EventEmitter(), { shouldUseDarkColors: true, themeSource: 'system' }),
    protocol: {
      registerSchemesAsPrivileged: (schemes: unknown[]) => {
        log.push('schemes')
        state.schemes = schemes
      },
      handle: (scheme: string, handler: (request: Request) => Promise<Response>) => {
        log.push(`handle ${scheme}`)
        state.protocolHandler = handler
      },
    },
    session: {
      defaultSession: Object.fromEntries(
        ['setPermissionRequestHandler', 'setPermissionCheckHandler', 'setDevicePermissionHandler'].map(
          (name) => [
            name,
            (handler: Handler) => {
              state.permission[name] = handler
            },
          ],
        ),
      ),
    },
  }
  return { module, state, log, becomeReady: () => ready.resolve() }
}
