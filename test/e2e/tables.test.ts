import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../src/main/hosts/server/server.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { CHROMIUM_ARGS, findChromium } from '../helpers/chromium.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { dailyRows, rawRows } from '../renderer/query/sample.ts'
import { seen, seriousFaults, smallTargets, type Watch, watch } from './checks.ts'

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

const open = (address: string) => page.goto(`${server.origin}/#/tables/${address}`)
const pane = (name: string) => page.getByRole('complementary', { name })

describe('tables', () => {
  test('show the health, what it costs and what helps', async () => {
    await page.getByText('Small files', { exact: false }).first().waitFor()
    await page.getByRole('button', { name: 'What it costs, what helps' }).click()
    await pane('Health').getByText('longer commit interval writes fewer', { exact: false }).waitFor()
    await pane('Health').getByRole('button', { name: 'Close' }).click()
  })

  test('map the partitions: one tab stop, arrows move, the pane tells what was picked', async () => {
    const grid = page.getByRole('grid')
    await grid.focus()
    await page.keyboard.press('Home')
    await pane('Partition').waitFor()
    const first = await page.evaluate(() => location.hash)
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.evaluate(() => location.hash)).not.toBe(first)
    expect(await grid.locator('[aria-selected=true]').count()).toBe(1)
    await grid.locator('[data-column="2"][data-row="1"]').click()
    const active = await grid.getAttribute('aria-activedescendant')
    expect(active).toMatch(/-2-1$/)
    await page.getByRole('button', { name: 'Mean size' }).click()
    expect(await page.getByRole('button', { name: 'Mean size' }).getAttribute('aria-pressed')).toBe('true')
    await pane('Partition').getByRole('button', { name: 'Close' }).click()
    await pane('Partition').waitFor({ state: 'detached' })
  })

  test('draw the snapshots as soundings, and compare two of them', async () => {
    await page.getByRole('tab', { name: 'Snapshots' }).click()
    const line = page.getByRole('slider', { name: 'Rows added by 5 commits' })
    await line.waitFor()
    await line.focus()
    await page.keyboard.press('End')
    await pane('Snapshot').waitFor()
    await page.getByRole('button', { name: 'Compare with the one before' }).click()
    const comparison = page.getByRole('region', { name: 'From A to B' })
    await comparison.getByText('Adds up').waitFor()
    await page.getByRole('button', { name: 'End comparison' }).click()
    await comparison.waitFor({ state: 'detached' })
  })

  test('open the metadata level by level down to the bounds of a row group', async () => {
    await open('raw?tab=metadata')
    const tree = page.getByRole('tree', { name: 'Metadata, level by level' })
    await tree.getByText('manifest list').click()
    await tree.getByText('-m0.avro', { exact: false }).first().click()
    await tree.getByText('.parquet', { exact: false }).first().click()
    await pane('File').getByText('start_date', { exact: true }).waitFor()
    await tree.getByText('Row group 1').first().click()
    await pane('Row group').getByText('user_id', { exact: true }).waitFor()
  })

  test.each(['light', 'dark'] as const)('have no serious fault of access in the %s theme', async (theme) => {
    await page.emulateMedia({ colorScheme: theme })
    await page.evaluate((to) => {
      document.documentElement.dataset.theme = to
    }, theme)
    for (const tab of [
      'partitions',
      'snapshots',
      'schema',
      'files',
      'metadata',
      'properties',
      'references',
    ]) {
      await open(`raw?tab=${tab}`)
      await page.getByRole('tab', { selected: true, name: new RegExp(tab, 'i') }).waitFor()
      expect(await seriousFaults(page), tab).toEqual([])
      expect(await smallTargets(page), tab).toEqual([])
    }
    expect((await seen(page)).refused).toEqual([])
    expect(watched.trouble).toEqual([])
  })
})
