import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import type { App } from '../../src/main/app/app.ts'
import { type RunningServer, startServer } from '../../src/main/hosts/server/server.ts'
import { CHROMIUM_ARGS, findChromium } from '../helpers/chromium.ts'
import { type Watch, watch } from './checks.ts'

/** The built page. */
export const PAGES = resolve(import.meta.dirname, '../../out/renderer')

/** An app in a window of Chromium. */
export interface Opened {
  readonly server: RunningServer
  readonly browser: Browser
  readonly context: BrowserContext
  readonly page: Page
  /** What the page must never do; requests that leave the app are refused. */
  readonly watched: Watch
  /** Closes browser and server, not the app. */
  close(): Promise<void>
}

/** Throws, and says what to do, where the page is not built or there is no Chromium. */
export async function launch(): Promise<Browser> {
  if (!existsSync(join(PAGES, 'index.html'))) throw new Error('the page is not built: npm run build')
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('no Chromium on this machine')
  return chromium.launch({ executablePath, args: CHROMIUM_ARGS })
}

/** Serves `app` and opens an empty window of 1440 x 900 for it; the caller goes to `server.url`. */
export async function openInBrowser(app: App, options: BrowserContextOptions = {}): Promise<Opened> {
  const browser = await launch()
  const server = await startServer(app, { port: 0, pages: PAGES, home: null })
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  const page = await context.newPage()
  return {
    server,
    browser,
    context,
    page,
    watched: await watch(page, server.origin),
    async close() {
      await browser.close()
      await server.close()
    },
  }
}
