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
import { seriousFaults, smallTargets, tabWalk } from './checks.ts'

/** What holds on every page: one zone, focus that shows and comes back, no motion where none is wanted, faults kept apart. */

let tarn: TestApp
let opened: Opened
let page: Page

/** Every area, and what shows that it is there. */
const AREAS = [
  ['load', '.work'],
  ['letters', '.work .bar, .work .empty'],
  ['sql', '.cm-content'],
  ['tables', '.tree [role=treeitem]'],
  ['tables/raw', '[role=tablist]'],
  ['dash', '.work'],
  ['setup', '.work h2, .work h1'],
  ['doctor', '.work h2'],
  ['settings', '.set'],
  ['welcome', '.doors'],
] as const

async function go(area: string, sign = '.work'): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash
  }, `#/${area}`)
  await page.locator(sign).first().waitFor()
  await page.waitForTimeout(400)
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

describe.each(AREAS)('%s', (area, sign) => {
  test('is sound by axe in both themes, and by targets at both sizes', async () => {
    await page.setViewportSize({ width: 1920, height: 1080 })
    await go(area, sign)
    expect(await smallTargets(page), '1920 px').toEqual([])
    await page.setViewportSize({ width: 1280, height: 800 })
    await go(area, sign)
    expect(await smallTargets(page), '1280 px').toEqual([])
    for (const theme of ['light', 'dark']) {
      await page.evaluate((name) => {
        document.documentElement.dataset.theme = name
      }, theme)
      await page.waitForTimeout(60)
      expect(await seriousFaults(page), theme).toEqual([])
    }
  })

  test('shows where the focus is, all the way round', async () => {
    await go(area, sign)
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    const hidden: string[] = []
    let first: string | null = null
    for (let i = 0; i < 200; i++) {
      await page.keyboard.press('Tab')
      const at = await page.evaluate(() => {
        const element = document.activeElement
        if (!element || element === document.body) return null
        const rings = (one: Element | null): boolean => {
          if (one === null) return false
          const { outlineStyle, outlineWidth } = getComputedStyle(one)
          return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1
        }
        // A field shows the focus on its frame, an editor on its own, a line between panes by its colour.
        const framed = element.closest('.input, .find, .cm-editor, .select, tr, [role=row]')
        const shown =
          rings(element) || rings(framed) || element.matches('hr') || element.matches('.cm-content, input')
        const all = [...document.querySelectorAll('*')]
        return { at: `${all.indexOf(element)}`, shown, html: element.outerHTML.slice(0, 120) }
      })
      if (at === null || at.at === first) break
      first ??= at.at
      if (!at.shown) hidden.push(at.html)
    }
    expect(hidden).toEqual([])
  })

  test('moves nothing where less motion is wanted', async () => {
    await go(area, sign)
    const moving = await page.evaluate(() =>
      document
        .getAnimations()
        .filter((one) => one.playState === 'running' && Number(one.effect?.getTiming().duration) > 0)
        .map((one) => (one.effect as KeyframeEffect).target?.className ?? ''),
    )
    expect(moving).toEqual([])
  })

  test('tells an age with the instant on hover', async () => {
    await go(area, sign)
    const bare = await page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      const found: string[] = []
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const text = node.textContent ?? ''
        if (!/\b\d+ (s|min|h|days?) ago\b/.test(text)) continue
        if (!node.parentElement?.closest('[title], time')) found.push(text)
      }
      return found
    })
    expect(bare).toEqual([])
  })
})

describe('one zone', () => {
  /** Times of day in sight, without the running clock. */
  const times = () =>
    page.evaluate(() => {
      const clock = document.querySelector('.status')
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      const found: string[] = []
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (clock?.contains(node) || node.parentElement?.closest('.cm-editor, .sql-grid, pre, .payload'))
          continue
        found.push(...((node.textContent ?? '').match(/\b\d{2}:\d{2}(:\d{2})?\b/g) ?? []))
      }
      return [...new Set(found)]
    })

  test.each(AREAS)('rules every time on %s', async (area, sign) => {
    await go(area, sign)
    await page.getByRole('button', { name: 'UTC', exact: true }).first().click()
    const utc = await times()
    await page.getByRole('button', { name: 'Local', exact: true }).first().click()
    await page.waitForTimeout(100)
    const local = await times()
    await page.getByRole('button', { name: 'UTC', exact: true }).first().click()
    // Five and a half hours on: no time of day stays.
    expect(local.filter((time) => utc.includes(time))).toEqual([])
    expect(local.length).toBe(utc.length)
  })
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
    await go('tables')
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
  await tabWalk(page, 200)
  expect(opened.watched).toEqual({ trouble: [], foreign: [] })
})
