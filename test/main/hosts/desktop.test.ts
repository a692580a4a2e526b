import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SecretStore } from '../../../src/main/app/settings/secret-store.ts'
import type { LoadSummary } from '../../../src/shared/model.ts'
import { type TestApp, testApp } from '../../helpers/app.ts'
import { electronStandIn } from '../../helpers/electron.ts'

let one: TestApp
let pages: string
let stand: ReturnType<typeof electronStandIn>
const commit = { finish: () => {}, stopped: false }

beforeEach(() => {
  pages = mkdtempSync(join(tmpdir(), 'tarn-pages-'))
  writeFileSync(join(pages, 'index.html'), '<html><head></head></html>')
  commit.stopped = false
  one = testApp({
    begin: async () => {
      const done = Promise.withResolvers<LoadSummary>()
      const before = one.app.load.view()
      commit.finish = () => done.resolve({} as LoadSummary)
      return {
        view: () => ({ ...before, paused: false, fault: null }),
        pause() {},
        resume() {},
        abort() {},
        stop: () => {
          commit.stopped = true
        },
        done: done.promise,
      }
    },
  })
  vi.resetModules()
})
afterEach(async () => {
  commit.finish()
  await one.close()
  rmSync(pages, { recursive: true })
  vi.doUnmock('electron')
})

async function start(options: { lock?: boolean } = {}) {
  stand = electronStandIn(options)
  vi.doMock('electron', () => stand.module)
  const desktop = await import('../../../src/main/hosts/electron/desktop.ts')
  const open = vi.fn(() => one.app)
  const started = desktop.startDesktop({ open, pages, preload: '/out/preload.cjs' })
  return { desktop, open, started }
}

async function startAndShow() {
  const { desktop, started } = await start()
  stand.becomeReady()
  await started
  const window = stand.state.windows[0]
  if (!window) throw new Error('no window')
  return { desktop, window }
}

test('a second instance quits before it opens anything, and the first comes to the front', async () => {
  const { open, started } = await start({ lock: false })
  await started
  expect(stand.log).toEqual(['lock', 'quit'])
  expect(open).not.toHaveBeenCalled()

  vi.resetModules()
  const { window } = await startAndShow()
  window.minimized = true
  stand.module.app.emit('second-instance')
  expect([window.minimized, window.focused]).toEqual([false, 1])
})

test('sandbox and scheme are there before Electron is ready, the handler before the page', async () => {
  const { started, open } = await start()
  expect(stand.log).toEqual(['lock', 'sandbox', 'schemes', 'when ready'])
  expect(open).not.toHaveBeenCalled()
  stand.becomeReady()
  await started
  expect(stand.log.slice(4)).toEqual(['handle tarn', 'window', 'load tarn://app/'])
  expect(stand.state.schemes).toEqual([
    {
      scheme: 'tarn',
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ])
})

describe('the entry', () => {
  async function enter(env: Record<string, string>) {
    stand = electronStandIn()
    vi.doMock('electron', () => stand.module)
    vi.stubEnv('TARN_HOME', one.home)
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    await import('../../../src/main/hosts/electron/main.ts')
  }
  afterEach(() => vi.unstubAllEnvs())

  test('is evaluated to its end before Electron is ready, which waits for that', async () => {
    await enter({})
    expect(stand.log).toEqual(['lock', 'sandbox', 'schemes', 'when ready'])
    stand.becomeReady()
    await vi.waitFor(() => expect(stand.log.at(-1)).toBe('load tarn://app/'))
    stand.module.app.quit()
    await vi.waitFor(() => expect(stand.log.at(-1)).toBe('quit'))
  })

  test('says what is wrong with a setting, and ends', async () => {
    await enter({ KAFKA_BROKER: 'h:1' })
    stand.becomeReady()
    await vi.waitFor(() => expect(stand.log.at(-1)).toBe('exit 1'))
    expect(stand.module.dialog.showErrorBox).toHaveBeenCalledWith(
      expect.stringContaining('KAFKA_BROKER'),
      expect.stringContaining('KAFKA_BROKERS'),
    )
  })
})

test('the window has no way to the machine', async () => {
  const { window } = await startAndShow()
  expect(window.options.webPreferences).toEqual({
    preload: '/out/preload.cjs',
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
    devTools: false,
  })
  expect(window.shown).not.toHaveBeenCalled()
  window.emit('ready-to-show')
  expect(window.shown).toHaveBeenCalledOnce()
})

describe('the frame', () => {
  const platform = process.platform
  const on = (name: NodeJS.Platform) => Object.defineProperty(process, 'platform', { value: name })
  afterEach(() => on(platform))

  test('has no bar of the system, its buttons in the colours of the theme, and no menu that takes keys', async () => {
    on('linux')
    const { window } = await startAndShow()
    expect(window.options).toMatchObject({
      titleBarStyle: 'hidden',
      titleBarOverlay: { color: '#081012', symbolColor: '#e0e8e9', height: 37 },
      backgroundColor: '#081012',
    })
    expect(stand.state.appMenu).toBeNull()
    stand.module.nativeTheme.shouldUseDarkColors = false
    stand.module.nativeTheme.emit('updated')
    expect(window.overlay).toEqual({ color: '#e8eeef', symbolColor: '#162326', height: 37 })
  })

  test('on a Mac leaves room for its lights and has the menu that copy and paste hang on', async () => {
    on('darwin')
    const { window } = await startAndShow()
    expect(window.options).toMatchObject({ titleBarStyle: 'hidden', trafficLightPosition: { x: 12, y: 11 } })
    expect(window.options).not.toHaveProperty('titleBarOverlay')
    expect(stand.state.appMenu?.map(({ role }) => role)).toEqual(['appMenu', 'editMenu', 'windowMenu'])
  })

  test('follows the theme that was chosen in the window before', async () => {
    one.app.keepWindow({ theme: 'light' })
    const { window } = await startAndShow()
    expect(stand.module.nativeTheme.themeSource).toBe('light')
    expect(window.options.backgroundColor).toBe('#e8eeef')
  })

  test('is where and as large as it was left', async () => {
    const { window } = await startAndShow()
    expect(window.options).toMatchObject({ width: 1440, height: 900 })
    expect(window.options).not.toHaveProperty('x')
    window.maximized = true
    window.userCloses()
    expect(one.app.window().bounds).toEqual({ x: 40, y: 30, width: 1300, height: 800, maximized: true })
    vi.resetModules()
    const again = (await startAndShow()).window
    expect(again.options).toMatchObject({ x: 40, y: 30, width: 1300, height: 800 })
    expect(again.maximized).toBe(false)
    again.emit('ready-to-show')
    expect(again.maximized).toBe(true)
  })

  test('is not put where no screen is any more', async () => {
    one.app.keepWindow({ bounds: { x: 2400, y: 30, width: 1300, height: 800, maximized: false } })
    const { window } = await startAndShow()
    expect(window.options).not.toHaveProperty('x')
    expect(window.options.width).toBe(1440)
  })

  test('offers cut, copy and paste where there is text', async () => {
    const { window } = await startAndShow()
    const roles = (isEditable: boolean, selectionText: string) => {
      stand.state.popups = []
      window.webContents.emit('context-menu', {}, { isEditable, selectionText })
      return stand.state.popups[0]?.flatMap(({ role }) => role ?? [])
    }
    expect(roles(true, '')).toEqual(['cut', 'copy', 'paste', 'selectAll'])
    expect(roles(false, 'word')).toEqual(['copy'])
    expect(roles(false, '')).toBeUndefined()
  })
})

describe('secrets', () => {
  const platform = process.platform
  const storeOn = async (
    name: NodeJS.Platform,
    change: Partial<{ available: boolean; backend: string }> = {},
  ) => {
    Object.defineProperty(process, 'platform', { value: name })
    const { open } = await start()
    Object.assign(stand.state.keyStore, change)
    stand.becomeReady()
    await vi.waitFor(() => expect(open).toHaveBeenCalled())
    const secretsIn = (open.mock.calls as unknown as [(home: string) => SecretStore | null][])[0]?.[0]
    return secretsIn?.(one.home) ?? null
  }
  afterEach(() => Object.defineProperty(process, 'platform', { value: platform }))

  test.each([
    ['darwin', 'the Keychain'],
    ['win32', 'Windows data protection'],
    ['linux', 'the Secret Service of this system'],
  ] as const)('on %s are sealed by %s', async (name, words) => {
    const store = await storeOn(name)
    expect(store?.name).toBe(words)
    store?.write({ 's3.secretKey': 'hunter2' })
    expect(readFileSync(join(one.home, 'secrets.json'), 'utf8')).not.toContain('hunter2')
    expect(store?.read().get('s3.secretKey')?.text).toBe('hunter2')
  })

  test.each([
    ['there is no key store', { available: false }],
    ['it would be a fixed password', { backend: 'basic_text' }],
  ])('stay in the settings file where %s', async (_why, change) => {
    expect(await storeOn('linux', change)).toBeNull()
  })
})

describe('the page stays where it is', () => {
  test.each([
    'https://evil.test/',
    'http://127.0.0.1:1/',
    'file:///etc/passwd',
    'smb://evil.test/x',
    'ms-settings:privacy',
    'javascript:alert(1)',
    'data:text/html,x',
    'tarn://evil/',
    'tarn://app.evil.test/',
    'tarn://app@evil.test/',
    'not a url',
  ])('%s is refused', async (url) => {
    const { window } = await startAndShow()
    for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      expect(window.webContents.navigates(event, url)).toBe(false)
    }
    expect(window.webContents.openHandler?.({ url })).toEqual({ action: 'deny' })
  })

  test('its own address is let through, a window of its own is not', async () => {
    const { window } = await startAndShow()
    expect(window.webContents.navigates('will-navigate', 'tarn://app/')).toBe(true)
    expect(window.webContents.openHandler?.({ url: 'tarn://app/' })).toEqual({ action: 'deny' })
    expect(window.webContents.navigates('will-attach-webview', 'tarn://app/')).toBe(false)
  })
})

test('every permission is denied', async () => {
  await startAndShow()
  const { permission } = stand.state
  const answer = vi.fn()
  permission.setPermissionRequestHandler?.({} as never, 'media' as never, answer as never)
  expect(answer).toHaveBeenCalledExactlyOnceWith(false)
  expect(permission.setPermissionCheckHandler?.()).toBe(false)
  expect(permission.setDevicePermissionHandler?.()).toBe(false)
})

test('the scheme answers with the same handler and the same refusals as the headless host', async () => {
  await startAndShow()
  const ask = (url: string, init?: RequestInit) =>
    stand.state.protocolHandler?.(new Request(url, init)) as Promise<Response>
  const json = { 'Content-Type': 'application/json' }
  expect((await ask('tarn://app/')).headers.get('content-security-policy')).toContain("default-src 'none'")
  expect((await ask('tarn://app/api/state')).status).toBe(200)
  expect((await ask('tarn://other/api/state')).status).toBe(403)
  expect((await ask('tarn://app/%2e%2e%2fsecret.js')).status).toBe(404)
  expect((await ask('tarn://app/api/load/stop', { method: 'POST', body: '{}', headers: json })).status).toBe(
    403,
  )
  const ours = { ...json, Origin: 'tarn://app' }
  expect((await ask('tarn://app/api/load/stop', { method: 'POST', body: '{}', headers: ours })).status).toBe(
    200,
  )
  expect(
    (
      await ask('tarn://app/api/load/stop', {
        method: 'POST',
        body: '{}',
        headers: { ...json, Origin: 'https://evil.test' },
      })
    ).status,
  ).toBe(403)
})

describe('desktop calls', () => {
  const call = async (channel: string, frame: unknown, ...given: unknown[]) =>
    (stand.state.ipc.get(channel) as (...all: unknown[]) => unknown)({ senderFrame: frame }, ...given)

  test('serve our main frame with arguments that fit', async () => {
    const { window } = await startAndShow()
    const frame = window.webContents.mainFrame
    expect(await call('tarn:choose-file', frame, [{ name: 'Payloads', extensions: ['jsonl', 'gz'] }])).toBe(
      '/chosen.jsonl',
    )
    await call('tarn:theme', frame, 'dark')
    expect(stand.module.nativeTheme.themeSource).toBe('dark')
  })

  test('refuse everybody else', async () => {
    const { window } = await startAndShow()
    const frame = window.webContents.mainFrame
    expect([...stand.state.ipc.keys()].sort()).toEqual(['tarn:choose-file', 'tarn:theme'])
    for (const other of [null, { url: 'tarn://app/' }, { url: 'https://evil.test' }]) {
      await expect(call('tarn:theme', other, 'dark')).rejects.toThrow('refused')
    }
    for (const given of [[], ['blue'], ['dark', 'extra'], [{}]]) {
      await expect(call('tarn:theme', frame, ...given)).rejects.toThrow('refused')
    }
    for (const given of [
      undefined,
      'x',
      [{ name: 'x', extensions: ['../x'] }],
      [{ name: 'x', extensions: [], more: 1 }],
    ]) {
      await expect(call('tarn:choose-file', frame, given)).rejects.toThrow('refused')
    }
    frame.url = 'https://evil.test/'
    await expect(call('tarn:theme', frame, 'dark')).rejects.toThrow('refused')
    expect(stand.module.dialog.showOpenDialog).not.toHaveBeenCalled()
  })
})

test('closing the window quits, and quitting waits until what was read is committed', async () => {
  await startAndShow()
  one.app.load.start({ source: { kind: 'generator' }, untilCaughtUp: false, accept: {} })
  await vi.waitFor(() => expect(one.app.load.view().state).toBe('running'))
  stand.module.app.emit('window-all-closed')
  stand.module.app.quit()
  expect(stand.log.slice(-2)).toEqual(['quit prevented', 'quit prevented'])
  await vi.waitFor(() => expect(commit.stopped).toBe(true))
  expect(stand.log.at(-1)).toBe('quit prevented')
  commit.finish()
  await vi.waitFor(() => expect(stand.log.at(-1)).toBe('quit'))
  expect(one.app.load.view().state).toBe('done')
})

describe('closing the window while a load runs', () => {
  async function loading() {
    const { window } = await startAndShow()
    one.app.load.start({ source: { kind: 'generator' }, untilCaughtUp: false, accept: {} })
    await vi.waitFor(() => expect(one.app.load.view().state).toBe('running'))
    const asked = stand.module.dialog.showMessageBox
    const answer = (response: number) => asked.mockResolvedValueOnce({ response })
    return { window, asked, answer }
  }

  test('asks nothing where none runs', async () => {
    const { window } = await startAndShow()
    expect(window.userCloses()).toBe(true)
    expect(stand.module.dialog.showMessageBox).not.toHaveBeenCalled()
  })

  test('asks once, and Cancel leaves all as it is', async () => {
    const { window, asked, answer } = await loading()
    answer(2)
    expect(window.userCloses()).toBe(false)
    expect(window.userCloses()).toBe(false)
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1))
    expect(asked.mock.calls[0]?.[1]?.buttons).toEqual([
      'Keep loading in the background',
      'Commit and stop',
      'Cancel',
    ])
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect([window.hidden, stand.state.trays.length, commit.stopped]).toEqual([false, 0, false])
  })

  test('goes on in the background with an icon that brings the window back', async () => {
    const { window, answer } = await loading()
    answer(0)
    expect(window.userCloses()).toBe(false)
    await vi.waitFor(() => expect(window.hidden).toBe(true))
    const [tray] = stand.state.trays
    expect(tray?.tip).toBe('Tarn: loading health')
    expect(commit.stopped).toBe(false)
    tray?.emit('click')
    expect([window.hidden, tray?.destroyed, window.focused]).toEqual([false, true, 1])
    answer(0)
    window.userCloses()
    await vi.waitFor(() => expect(window.hidden).toBe(true))
    stand.module.app.emit('second-instance')
    expect(window.hidden).toBe(false)
  })

  test('minimizes where the desktop has no tray', async () => {
    const { window, answer } = await loading()
    stand.state.canTray = false
    answer(0)
    window.userCloses()
    await vi.waitFor(() => expect(window.minimized).toBe(true))
    expect(window.hidden).toBe(false)
  })

  test('commits and quits, from the question and from the tray', async () => {
    const { window, answer } = await loading()
    answer(0)
    window.userCloses()
    await vi.waitFor(() => expect(window.hidden).toBe(true))
    stand.state.menu.find(({ label }) => label?.startsWith('Commit'))?.click?.()
    await vi.waitFor(() => expect(commit.stopped).toBe(true))
    expect(stand.log.at(-1)).toBe('quit prevented')
    expect(window.userCloses()).toBe(true)
    commit.finish()
    await vi.waitFor(() => expect(stand.log.at(-1)).toBe('quit'))
  })
})
