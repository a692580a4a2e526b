import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestApp } from '../helpers/app.ts'
import { filledLake } from '../helpers/filled-lake.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { atRest } from './rules.ts'

/** Going from page to page: where the focus is then, and what is told. */

let tarn: TestApp
let opened: Opened
let page: Page

/** What has the focus, as it is told. */
const focused = () =>
  page.evaluate(() => {
    const at = document.activeElement
    return at === null || at === document.body
      ? 'nothing'
      : `${at.tagName.toLowerCase()} ${at.getAttribute('aria-label') ?? at.textContent?.trim()}`
  })

/** The page at a place, loaded anew. */
async function open(hash: string, sign: string): Promise<void> {
  await page.goto('about:blank')
  await page.goto(`${opened.server.origin}/#/${hash}`)
  await page.locator(sign).first().waitFor()
  await atRest(page)
}

/** The line of the focus round the page. */
const ring = () =>
  page.evaluate(() => getComputedStyle(document.querySelector('.work') as Element).outlineStyle)

beforeAll(async () => {
  tarn = await filledLake()
  opened = await openInBrowser(tarn.app, { reducedMotion: 'reduce' })
  page = opened.page
  page.setDefaultTimeout(20_000)
  await page.goto(opened.server.url)
  await page.locator('.app').waitFor()
}, 120_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
})

/** Counts how often a heading takes the focus from here on: each time it is told. */
const listen = () =>
  page.evaluate(() => {
    Object.assign(globalThis, { told: [] })
    addEventListener('focusin', ({ target }) => {
      if (target instanceof HTMLHeadingElement)
        (globalThis as unknown as { told: string[] }).told.push(target.textContent ?? '')
    })
  })
const told = () => page.evaluate(() => (globalThis as unknown as { told: string[] }).told)

test('a window that opens leaves the focus alone', async () => {
  await open('letters', '.ba .payload')
  expect(await focused()).toBe('nothing')
  expect(await page.title()).toBe('Dead letters - Tarn')
})

describe('another page', () => {
  test('is told once by its heading after a link in a page, and the keys go on from there', async () => {
    await open('thread', '.work h1')
    await listen()
    await page.getByRole('link', { name: 'dead letters', exact: true }).press('Enter')
    await page.locator('.ba .payload').first().waitFor()
    await expect.poll(focused).toBe('h1 Dead letters')
    expect(await page.title()).toBe('Dead letters - Tarn')
    expect(await ring()).toBe('solid')
    // The page named its reason in the address by then.
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('group=')
    expect(await told()).toEqual(['Dead letters'])
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('.list, .work') !== null)).toBe(true)
  })

  test('shows no line of the focus to who goes by pointer', async () => {
    await open('thread', '.work h1')
    await page.getByRole('link', { name: 'dead letters', exact: true }).click()
    await expect.poll(focused).toBe('h1 Dead letters')
    expect(await ring()).toBe('none')
  })

  test.each([
    ['a chord', () => page.keyboard.press('Control+4'), 'Tables'],
    ['the rail', () => page.getByRole('link', { name: 'Settings' }).press('Enter'), 'Settings'],
    [
      'the palette',
      async () => {
        await page.keyboard.press('Control+k')
        await page.locator('.palette').waitFor()
        await page.keyboard.type('go to doctor')
        await page.keyboard.press('Enter')
      },
      'Doctor',
    ],
    [
      'a menu',
      async () => {
        await page.locator('.lake').press('Enter')
        await page.getByRole('menuitem', { name: 'Connect another' }).press('Enter')
      },
      'Set-up',
    ],
    [
      'the way back',
      async () => {
        await page.keyboard.press('Control+4')
        await expect.poll(focused).toBe('h1 Tables')
        await page.goBack()
      },
      'Thread',
    ],
  ])('is told after %s', async (_what, go, name) => {
    await open('thread', '.work h1')
    await go()
    await expect.poll(focused).toBe(`h1 ${name}`)
    expect(await page.title()).toBe(`${name} - Tarn`)
  })

  test('keeps the focus that it takes itself, at its first opening and later', async () => {
    await open('thread', '.work h1')
    for (const _ of [1, 2]) {
      await page.getByRole('link', { name: 'SQL', exact: true }).last().press('Enter')
      await page.locator('.cm-content').waitFor()
      await expect.poll(focused).toMatch(/^(button Run|div SQL statement)/)
      expect(await page.title()).toBe('SQL - Tarn')
      await page.evaluate(() => {
        location.hash = '#/thread'
      })
      await expect.poll(focused).toBe('h1 Thread')
    }
  })

  test('leaves the focus in the tree that opened it', async () => {
    await open('tables', '.tree [role=treeitem]')
    const daily = page.getByRole('treeitem', { name: /^health_data_daily_agg/ })
    await daily.press('Enter')
    await expect.poll(() => page.title()).toBe('Tables, daily - Tarn')
    await page.locator('.tab.is-on', { hasText: 'daily' }).waitFor()
    await expect.poll(focused).toContain('div health_data_daily_agg')
  })
})

test('another part of the same page leaves the focus where it is', async () => {
  await open('tables/raw?tab=schema', '.tab-body table')
  const files = page.getByRole('tab', { name: /^Files/ })
  await files.press('Enter')
  await expect.poll(() => page.evaluate(() => location.hash)).toContain('tab=files')
  await page.locator('.tab-body .row-open').first().waitFor()
  expect(await focused()).toContain('Files')
})
