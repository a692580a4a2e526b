import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parts } from '../../src/main/app/compose.ts'
import type { VerifySummary } from '../../src/shared/model.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { letterRows } from '../helpers/letters.ts'
import { payloadOf, sampleOf } from '../helpers/payloads.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { dailyRows, rawRows } from '../renderer/query/sample.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { seriousFaults, smallTargets } from './checks.ts'
import { atRest, walk } from './rules.ts'

/** What belongs to no page: what floats, notices, lakes, and a page that fails. */

let tarn: TestApp
let opened: Opened
let page: Page

async function go(area: string, sign = '.work'): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash
  }, `#/${area}`)
  await page.locator(sign).first().waitFor()
  await atRest(page)
}

beforeAll(async () => {
  tarn = testApp(parts, { KAFKA_TOPIC: 'health-data-raw', KAFKA_BROKERS: '127.0.0.1:1' })
  const lake = await tarn.app.lake()
  await createTables(lake.io)
  await appendRows(lake.io, lake, 'raw', rawRows(10, 7))
  await appendRows(lake.io, lake, 'daily', dailyRows(8, 9))
  const poison = [1, 2, 3].map((i) => payloadOf([sampleOf({ id: `bad-${i}`, value: 9_999 })]))
  await appendRows(lake.io, lake, 'errors', letterRows(poison) as Parameters<typeof appendRows>[3])
  opened = await openInBrowser(tarn.app, {
    viewport: { width: 1280, height: 800 },
    timezoneId: 'Asia/Kolkata',
    reducedMotion: 'reduce',
  })
  page = opened.page
  page.setDefaultTimeout(10_000)
  await page.goto(opened.server.url)
  await page.locator('.app').waitFor()
}, 120_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
})

describe('what floats', () => {
  test.each([
    ['menu', 'Menu', '[role=menu]'],
    ['popover', 'Popover', '[role=dialog]'],
    ['dialog', 'Dialog', '[role=dialog]'],
    ['question', 'Expire 1,082', '[role=alertdialog]'],
    ['select', 'Start at', '[role=listbox].pop, .pop [role=listbox], .pop [role=option]'],
  ])('a %s closes by Esc and gives the focus back to its opener', async (_what, name, popup) => {
    if (!(await page.evaluate(() => location.search)).includes('dev'))
      await page.goto(`${opened.server.origin}/?dev#/gallery`)
    await page.locator('.gallery').waitFor()
    const opener = page
      .locator('.gallery')
      .getByRole(name === 'Start at' ? 'combobox' : 'button', { name, exact: true })
    await opener.focus()
    await page.keyboard.press('Enter')
    await page.locator(popup).first().waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.locator(popup).first().waitFor({ state: 'hidden' })
    await expect.poll(() => opener.evaluate((one) => one === document.activeElement)).toBe(true)
  })

  test.each(['light', 'dark'])('the gallery is sound in the %s theme', async (theme) => {
    await page.goto(`${opened.server.origin}/?dev&theme=${theme}#/gallery`)
    await page.locator('.gallery').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    expect(await smallTargets(page)).toEqual([])
  })

  test.each([
    ['lakes', '.lake', '[role=menu]'],
    ['notices', '.bell', '[role=dialog]'],
    ['palette', '.find', '.palette'],
  ])('%s in the title bar too', async (_what, opener, popup) => {
    await page.goto(`${opened.server.origin}/#/load`)
    await page.locator(opener).focus()
    await page.keyboard.press('Enter')
    await page.locator(popup).waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.locator(popup).waitFor({ state: 'hidden' })
    await expect.poll(() => page.evaluate((one) => document.activeElement?.matches(one), opener)).toBe(true)
  })
})

test('a page that fails leaves the others working, and can be shown again', async () => {
  await page.route('**/api/tables', (route) => route.fulfill({ json: { tables: [null] } }))
  await page.goto('about:blank')
  await page.goto(`${opened.server.origin}/#/tables`)
  await page.getByText('This page could not be drawn').waitFor()
  await page.getByRole('button', { name: 'Copy details' }).waitFor()
  await page.keyboard.press('Control+,')
  await page.locator('.set').first().waitFor()
  await page.unroute('**/api/tables')
  await page.reload()
  await page.keyboard.press('Control+4')
  await page.locator('.tree [role=treeitem]').first().waitFor()
  opened.watched.trouble.length = 0
})

describe('notices', () => {
  test('tell what ended, how many are new, and lead to the place', async () => {
    const done = Promise.withResolvers<VerifySummary & { kind: 'verify' }>()
    const job = tarn.app.jobs.start('verify', () => done.promise)
    done.resolve({ kind: 'verify', clean: true, differences: [], ledger: [], checked: {} })
    await tarn.app.jobs.wait(job.id)
    const bell = page.getByRole('button', { name: 'Notices, 1 new one' })
    await bell.click()
    const list = page.getByRole('dialog', { name: 'Notices' })
    await list.getByText('Ledger balanced').waitFor()
    expect(await list.innerText()).toContain('new')
    await list.getByRole('link').click()
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('#/load')
    await page.getByRole('button', { name: 'Notices', exact: true }).click()
    await list.getByRole('button', { name: 'Clear it' }).click()
    await list.getByText('Nothing happened yet').waitFor()
    await page.keyboard.press('Escape')
  })
})

describe('lakes', () => {
  test('another one is opened from the title bar, and the first again', async () => {
    // Seen once, the first is known; then to a page that asks nothing of a lake while it is changed.
    await go('tables', '.tree [role=treeitem]')
    await go('settings', '.set')
    const first = tarn.app.settings().catalog.warehouse
    tarn.app.saveSettings({ 'catalog.warehouse': join(tarn.home, 'ward') })
    const lake = await tarn.app.lake()
    await createTables(lake.io)
    await page.reload()
    await go('tables', '.tree [role=treeitem]')
    await expect.poll(() => tarn.app.lakes.list().length).toBe(2)
    await page.locator('.lake').click()
    await page.getByRole('menuitem', { name: /warehouse$/ }).click()
    // The page starts anew, so that nothing of the other lake is left in its memory.
    const anew = page.waitForEvent('load')
    await page.getByRole('button', { name: 'Open this lake' }).click()
    await anew
    await expect.poll(() => tarn.app.settings().catalog.warehouse).toBe(first)
    await go('welcome', '.opened')
    expect(await page.locator('.opened li').allInnerTexts()).toHaveLength(2)
    expect(await seriousFaults(page)).toEqual([])
  })
})

test('nothing of all this left the app or was complained of', async () => {
  await walk(page)
  expect(opened.watched).toEqual({ trouble: [], foreign: [] })
})
