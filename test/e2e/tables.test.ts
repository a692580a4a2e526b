import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../src/main/hosts/server/server.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { CHROMIUM_ARGS, findChromium } from '../helpers/chromium.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { dailyRows, rawRows } from '../renderer/query/sample.ts'
import { seen, seriousFaults, type Watch, watch } from './checks.ts'

/** The tables page as it is shipped, on the embedded lake. */

const PAGES = process.env.TARN_PAGES ?? resolve(import.meta.dirname, '../../out/renderer')

let tarn: TestApp
let server: RunningServer
let browser: Browser
let page: Page
let watched: Watch

beforeAll(async () => {
  if (!existsSync(join(PAGES, 'index.html'))) throw new Error('the page is not built: npm run build')
  tarn = testApp({}, { KAFKA_TOPIC: 'health-data-raw' })
  const lake = await tarn.app.lake()
  await createTables(lake.io)
  for (let commit = 0; commit < 5; commit++) await appendRows(lake.io, lake, 'raw', rawRows(10, 7 + commit))
  await appendRows(lake.io, lake, 'daily', dailyRows(8, 9))
  server = await startServer(tarn.app, { port: 0, pages: PAGES, home: null })
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('no Chromium on this machine')
  browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  page = await context.newPage()
  watched = await watch(page, server.origin)
  await page.goto(server.url)
  await page.getByRole('heading', { name: 'Nothing is being loaded' }).waitFor()
  await page.goto(`${server.origin}/#/tables/raw?tab=partitions`)
  await page.getByRole('grid').waitFor()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await tarn?.close()
})

describe('tables', () => {
  test('show the health with its reason and remedy', async () => {
    await page.getByText('Small files', { exact: false }).first().waitFor()
    await page.getByText('a longer commit interval writes fewer', { exact: false }).waitFor()
  })

  test('map the partitions: one tab stop, arrows move, the pane tells what was picked', async () => {
    const grid = page.getByRole('grid')
    expect(await grid.locator('button[tabindex="0"]').count()).toBe(1)
    await grid.locator('button[tabindex="0"]').focus()
    await page.keyboard.press('Home')
    const pane = page.getByRole('complementary', { name: 'Partition' })
    await pane.waitFor()
    const first = await pane.textContent()
    expect(first).toContain('start_date_day')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => pane.textContent()).not.toBe(first)
    expect(await grid.locator('button[aria-pressed=true]').count()).toBe(1)
    await page.getByRole('button', { name: 'Mean size' }).click()
    expect(await page.getByRole('button', { name: 'Mean size' }).getAttribute('aria-pressed')).toBe('true')
    await pane.getByRole('button', { name: 'Close' }).click()
    await pane.waitFor({ state: 'detached' })
  })

  test('draw the snapshots as soundings above their list', async () => {
    await page.getByRole('tab', { name: 'Snapshots' }).click()
    const line = page.getByRole('img', { name: 'Rows added by the last 5 commits' })
    await line.waitFor()
    expect(await line.locator('rect').count()).toBe(5)
  })

  test.each(['light', 'dark'] as const)('have no serious fault of access in the %s theme', async (theme) => {
    await page.emulateMedia({ colorScheme: theme })
    for (const tab of ['partitions', 'snapshots', 'schema', 'files', 'properties']) {
      await page.goto(`${server.origin}/#/tables/raw?tab=${tab}`)
      await page.getByRole('tab', { selected: true, name: new RegExp(tab, 'i') }).waitFor()
      expect(await seriousFaults(page)).toEqual([])
    }
    expect((await seen(page)).refused).toEqual([])
    expect(watched.trouble).toEqual([])
  })
})
