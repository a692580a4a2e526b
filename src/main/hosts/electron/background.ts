import { app, type BrowserWindow, dialog, Menu, nativeImage, Tray } from 'electron'
import type { LoadState } from '../../../shared/model.ts'
import type { App } from '../../app/app.ts'
import { TRAY_ICON } from './tray-icon.ts'

const LOADING: ReadonlySet<LoadState> = new Set(['starting', 'running', 'paused', 'stopping'])

/** What to do with a load when its window is closed, in the order of the buttons. */
const CHOICES = ['Keep loading in the background', 'Commit and stop', 'Cancel'] as const

/**
 * Closing the window while a load runs asks first: on in the background with an icon in the tray, or commit and quit.
 * Quitting is not asked about: it commits anyway. Returns what brings the window back to the front.
 */
export function askWhileLoading(window: BrowserWindow, tarn: App): () => void {
  let tray: Tray | null = null
  let asking = false
  let quitting = false
  app.on('before-quit', () => {
    quitting = true
  })

  const show = () => {
    tray?.destroy()
    tray = null
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }
  const hide = () => {
    try {
      tray ??= trayFor(tarn, show)
      window.hide()
    } catch (error) {
      // Some desktops have no tray; a window that is only minimized can be found again.
      tarn.log.warn({ error }, 'There is no tray, the window is minimized')
      window.minimize()
    }
  }

  window.on('close', (event) => {
    if (quitting || !LOADING.has(tarn.load.view().state)) return
    event.preventDefault()
    if (asking) return
    asking = true
    ask(window, tarn)
      .then((choice) => {
        if (choice === 0) hide()
        if (choice === 1) app.quit()
      })
      .catch((error) => tarn.log.error({ error }, 'The question about the load could not be asked'))
      .finally(() => {
        asking = false
      })
  })
  tarn.events.subscribe((name) => {
    if (name !== 'load' || tray === null) return
    const { state, pipeline } = tarn.load.view()
    // A load that stopped by itself waits for a decision.
    if (state === 'failed') show()
    else tray.setToolTip(LOADING.has(state) ? `Tarn: loading ${pipeline}` : `Tarn: ${pipeline} has stopped`)
  })
  return show
}

async function ask(window: BrowserWindow, tarn: App): Promise<number> {
  const { pipeline, messages, partitions, lag } = tarn.load.view()
  const behind = lag === null || lag === '0' ? '' : ` ${Number(lag).toLocaleString('en-US')} messages wait.`
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    title: 'Tarn',
    message: `${pipeline} is being loaded`,
    detail: `${messages.toLocaleString('en-US')} messages of ${partitions.length} partitions were read in this run.${behind} In the background loading goes on, with an icon in the tray; stopping commits what was read first.`,
    buttons: [...CHOICES],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  })
  return response
}

function trayFor(tarn: App, show: () => void): Tray {
  const tray = new Tray(nativeImage.createFromDataURL(TRAY_ICON))
  tray.setToolTip(`Tarn: loading ${tarn.load.view().pipeline}`)
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: 'Show Tarn', click: show },
      { type: 'separator' },
      { label: 'Commit, stop and quit', click: () => app.quit() },
    ]),
  )
  tray.on('click', show)
  return tray
}
