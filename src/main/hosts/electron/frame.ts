import { type BrowserWindow, Menu, nativeTheme, screen, type WebContents } from 'electron'
import type { App } from '../../app/app.ts'
import type { Bounds } from '../../app/window.ts'

/** `--title-h` of tokens.css less its line, in px. */
const BAR = 37
/** `--chrome` and `--text` of tokens.css: the window's own buttons look like the page's bar. */
const COLOURS = {
  light: { color: '#e8eeef', symbolColor: '#162326' },
  dark: { color: '#081012', symbolColor: '#e0e8e9' },
} as const

const colours = (dark: boolean) => (dark ? COLOURS.dark : COLOURS.light)

/** How the window is framed: no bar of the system's, its buttons over the page's own. */
export function frameOptions(dark: boolean) {
  return {
    backgroundColor: colours(dark).color,
    titleBarStyle: 'hidden',
    ...(process.platform === 'darwin'
      ? { trafficLightPosition: { x: 12, y: 11 } }
      : { titleBarOverlay: { ...colours(dark), height: BAR } }),
  } as const
}

/** Keeps the window's buttons in the colours of the theme, whoever changes it. */
export function followTheme(window: BrowserWindow): void {
  if (process.platform === 'darwin') return
  nativeTheme.on('updated', () => {
    if (window.isDestroyed()) return
    window.setTitleBarOverlay({ ...colours(nativeTheme.shouldUseDarkColors), height: BAR })
  })
}

/** Where the window was left, if a screen is still there to show at least its title bar. */
export function placeOf(
  bounds: Bounds | null,
): { x: number; y: number; width: number; height: number } | null {
  if (bounds === null) return null
  const { x, y, width, height } = bounds
  const { workArea } = screen.getDisplayMatching({ x, y, width, height })
  const across = Math.min(x + width, workArea.x + workArea.width) - Math.max(x, workArea.x)
  const inside = y >= workArea.y && y + BAR <= workArea.y + workArea.height
  return across >= 200 && inside ? { x, y, width, height } : null
}

/** Keeps place and size whenever the window closes or hides. */
export function keepBounds(window: BrowserWindow, tarn: Pick<App, 'keepWindow' | 'log'>): void {
  const keep = () => {
    try {
      const { x, y, width, height } = window.getNormalBounds()
      tarn.keepWindow({ bounds: { x, y, width, height, maximized: window.isMaximized() } })
    } catch (error) {
      tarn.log.warn({ error }, 'The place of the window could not be kept')
    }
  }
  window.on('close', keep)
  window.on('hide', keep)
}

/**
 * The menu bar: on a Mac the one that cut, copy, paste and quit hang on; elsewhere none, for its keys would take chords
 * from the page.
 */
export function setMenu(): void {
  const mac = process.platform === 'darwin'
  Menu.setApplicationMenu(
    mac ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]) : null,
  )
}

/** Cut, copy and paste under the second mouse button, where there is something to edit or to copy. */
export function offerEditing(contents: WebContents): void {
  contents.on('context-menu', (_event, { isEditable, selectionText }) => {
    if (!isEditable && selectionText === '') return
    Menu.buildFromTemplate(
      isEditable
        ? [{ role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { type: 'separator' }, { role: 'selectAll' }]
        : [{ role: 'copy' }],
    ).popup()
  })
}
