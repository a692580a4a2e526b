import { existsSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parts } from '../../src/main/app/compose.ts'
import { sampleFolder } from '../../src/main/app/sample/sample.ts'
import { startServer } from '../../src/main/hosts/server/server.ts'
import { LakeError, toFault } from '../../src/shared/errors.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { type Opened, openInBrowser, PAGES } from './browser.ts'
import { seen, type Watch } from './checks.ts'
import { holdsTheRules, walk } from './rules.ts'

/** From the first start to the first answer on the sample lake, by keyboard alone and with the network denied. */

let tarn: TestApp
let opened: Opened
let page: Page
let watched: Watch
/** Addresses that this process, and so the app's back, tried to reach. */
const reached = new Set<string>()

const nobody: typeof parts.probe = async (_settings, targets) =>
  targets.map((target) => ({
    target,
    state: 'failed',
    text: 'refused',
    ms: 1,
    fault: toFault(new LakeError('REFUSED', 'nobody listens there')),
  }))

beforeAll(async () => {
  const connect = Socket.prototype.connect
  vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...given: unknown[]) {
    const [options] = Array.isArray(given[0]) ? (given[0] as unknown[]) : given
    const { host, path } = (options ?? {}) as { host?: string; path?: string }
    if (path === undefined && host !== undefined && !/^(127\.0\.0\.1|localhost|::1)$/.test(host))
      reached.add(host)
    return Reflect.apply(connect, this, given) as Socket
  })
  tarn = testApp({ ...parts, probe: nobody })
  opened = await openInBrowser(tarn.app, { colorScheme: 'dark' })
  ;({ page, watched } = opened)
}, 120_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
  vi.restoreAllMocks()
})

async function quiet(): Promise<void> {
  const { shift, refused } = await seen(page)
  expect(refused).toEqual([])
  expect(shift).toBeLessThan(0.05)
  expect(watched).toEqual({ trouble: [], foreign: [] })
}

/** Presses Tab until the focus is on what `selector` names. */
async function tabTo(selector: string, most = 60): Promise<void> {
  for (let i = 0; i < most; i++) {
    if (await page.evaluate((one) => document.activeElement?.closest(one) !== null, selector)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach ${selector}`)
}

describe('the first run', () => {
  test('is painted in the right theme at once, with two doors of one weight', async () => {
    await page.goto(opened.server.url)
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
    await page.getByText('were tried just now').waitFor()
    const doors = await page.locator('.door .btn').evaluateAll((buttons) =>
      buttons.map((button) => {
        const { width, height } = button.getBoundingClientRect()
        return { width: Math.round(width / 4), height, look: button.className }
      }),
    )
    expect(doors).toHaveLength(2)
    expect(doors[0]).toEqual(doors[1])
    expect(await page.locator('.door .chip').allInnerTexts()).toEqual([
      'none there',
      'none there',
      'none there',
      'optional, none',
    ])
    const stops = (await walk(page)).stops
    expect(stops.some((stop) => stop.includes('Try with sample lake'))).toBe(true)
    expect(stops.some((stop) => stop.includes('Connect mine'))).toBe(true)
    await holdsTheRules(page, 'welcome')
    await quiet()
  })

  test('one key leads to a moving load, and a minute is enough for an answer, without the mouse', async () => {
    const began = Date.now()
    await page.keyboard.press('s')
    await page.locator('.sample-bar').waitFor()
    await page.locator('.title .badge').getByText('Sample').waitFor()
    const read = () => tarn.app.load.view().messages
    await expect.poll(read, { timeout: 30_000 }).toBeGreaterThan(1_200)
    const before = read()
    await expect.poll(read, { timeout: 10_000 }).toBeGreaterThan(before)
    await expect.poll(() => tarn.app.load.view().commits.raw, { timeout: 30_000 }).toBeGreaterThan(0)

    await page.keyboard.press('Control+3')
    // The query that is ready runs by itself, and its chart stands beside the answer.
    await page.locator('.sql-grid tbody tr[aria-rowindex]').first().waitFor({ timeout: 40_000 })
    await page.locator('.insp [role=img]').first().waitFor({ timeout: 20_000 })
    expect(Date.now() - began).toBeLessThan(60_000)

    // One of one's own, typed without the mouse.
    await page.locator('.cm-content').waitFor()
    await tabTo('.cm-content')
    await page.keyboard.press('Control+A')
    await page.keyboard.insertText(
      'SELECT data_type, count(*) AS n, avg(value) AS mean FROM health_data_raw GROUP BY 1 ORDER BY n DESC',
    )
    await page.keyboard.press('Control+Enter')
    await page.getByRole('columnheader', { name: /mean/ }).first().waitFor({ timeout: 40_000 })
    const rows = await page.locator('.sql-grid tbody tr[aria-rowindex]').count()
    expect(rows).toBeGreaterThan(2)
    await quiet()
  }, 120_000)

  test('the palette reaches pages, tables and commands by name', async () => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Name of a table or command' }).waitFor()
    await holdsTheRules(page, 'palette')
    await page.keyboard.type('errors')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('#/tables/errors')
    await page.keyboard.press('Control+1')
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('#/load')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor()
    await holdsTheRules(page, 'shortcuts')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor({ state: 'detached' })
    await quiet()
  })

  test('figures are announced politely, and at most every five seconds', async () => {
    await page.keyboard.press('Control+1')
    await page.locator('.grid tbody tr').first().waitFor()
    const gaps = await page.evaluate(
      (length) =>
        new Promise<{ polite: boolean; gaps: number[] }>((done) => {
          const regions = [...document.querySelectorAll('[aria-live], [role=status], [role=log]')]
          const gaps: number[] = []
          for (const region of regions) {
            let last = performance.now()
            let first = true
            new MutationObserver(() => {
              const now = performance.now()
              // The first change may come at any time after the page was opened.
              if (!first) gaps.push(now - last)
              first = false
              last = now
            }).observe(region, { childList: true, characterData: true, subtree: true })
          }
          const polite = !document.querySelector('[aria-live=assertive]:not(:empty)')
          setTimeout(() => done({ polite, gaps }), length)
        }),
      16_000,
    )
    expect(gaps.polite).toBe(true)
    expect(gaps.gaps.length).toBeGreaterThan(0)
    expect(Math.min(...gaps.gaps)).toBeGreaterThan(4_500)
  })

  test('the load page under way is sound in both themes', async () => {
    await page.locator('.grid tbody tr').first().waitFor()
    await holdsTheRules(page, 'load')
    await walk(page)
    await quiet()
  })

  test.each([
    ['Control+2', '#/letters', 'dead letters'],
    ['Control+3', '#/sql', 'SQL'],
    ['Control+4', '#/tables', 'tables'],
  ])(
    '%s leads to a page that is sound in both themes and lets the focus go round',
    async (chord, hash, what) => {
      await page.keyboard.press(chord)
      await expect.poll(() => page.evaluate(() => location.hash)).toContain(hash)
      await expect.poll(() => page.locator('main [aria-busy=true]:visible').count()).toBe(0)
      await holdsTheRules(page, what)
      await walk(page)
      expect(watched).toEqual({ trouble: [], foreign: [] })
    },
  )

  test('the status bar tells connection, load, lag, freshness and ledger on every page', async () => {
    const bar = page.locator('.status')
    await expect
      .poll(async () => (await bar.textContent()) ?? '', { timeout: 20_000 })
      .toMatch(/Connected.*(Loading|Load stopped).*Lag.*(after produced|Last commit).*Ledger balanced/)
  })

  test('a window too narrow for two side panes shows one, and a key changes it', async () => {
    await page.keyboard.press('Control+1')
    await page.locator('.insp').waitFor()
    await page.setViewportSize({ width: 1280, height: 800 })
    const shown = async () => [
      await page.locator('.list').isVisible(),
      await page.locator('.insp').isVisible(),
    ]
    const [list] = await shown()
    expect(await shown()).toEqual([list, !list])
    await page.keyboard.press('Control+b')
    expect(await shown()).toEqual([!list, list])
    if (list) await page.keyboard.press('Escape')
    await page.setViewportSize({ width: 1440, height: 900 })
    expect(await shown()).toEqual([true, true])
  })

  test('a line between panes moves by arrow keys and stays where it was put', async () => {
    const line = page.getByRole('separator', { name: 'Width of the list' })
    const width = async () => Math.round((await page.locator('.list').boundingBox())?.width ?? 0)
    const before = await width()
    await line.focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    expect(await width()).toBe(before + 16)
    await page.reload()
    await page.locator('.list').waitFor()
    expect(await width()).toBe(before + 16)
    await line.focus()
    await page.keyboard.press('Home')
    expect(await width()).toBe(200)
  })

  test('the next start opens where the window was left, in its theme', async () => {
    await page.evaluate(() => {
      location.hash = '#/tables/daily'
    })
    await page.keyboard.press('Control+Shift+L')
    await expect.poll(() => tarn.app.window()).toMatchObject({ route: '#/tables/daily', theme: 'light' })
    // Another origin has no storage of ours: only the home folder knows.
    const again = await startServer(tarn.app, { port: 0, pages: PAGES, home: null })
    try {
      const next = await opened.context.newPage()
      await next.goto(again.url)
      await next.locator('.app').waitFor()
      expect(await next.evaluate(() => [location.hash, document.documentElement.dataset.theme])).toEqual([
        '#/tables/daily',
        'light',
      ])
      await next.close()
    } finally {
      await again.close()
    }
  })

  test('leaving tells what it deletes, deletes it and leads back to the doors', async () => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Name of a table or command' }).waitFor()
    await page.keyboard.type('leave')
    await page.keyboard.press('Enter')
    const leave = page.getByRole('button', { name: /^Leave, delete [\d,]+ files$/ })
    await leave.waitFor({ timeout: 30_000 })
    await holdsTheRules(page, 'leave')
    await page.keyboard.press('Escape')
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    expect(tarn.app.state().sample).toBe(true)
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Name of a table or command' }).waitFor()
    await page.keyboard.type('leave')
    await page.keyboard.press('Enter')
    await leave.waitFor({ timeout: 30_000 })
    // The page changes before the request is even through, and is the same document afterwards.
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/api/sample/leave', async (route) => {
      await held
      await route.continue()
    })
    await page.evaluate(() => document.documentElement.setAttribute('data-same', 'yes'))
    await tabTo('.btn.danger')
    await page.keyboard.press('Enter')
    await page.locator('.doors').waitFor()
    expect(tarn.app.state().sample).toBe(true)
    expect(await page.locator('.sample-bar').count()).toBe(0)
    const again = page.locator('.door .btn').first()
    await again.getByText('Deleting the former sample').waitFor()
    await holdsTheRules(page, 'welcome, leaving')
    release()
    await expect.poll(() => tarn.app.state().sample, { timeout: 30_000 }).toBe(false)
    await again.getByText('Try with sample lake').waitFor()
    expect(await page.evaluate(() => document.documentElement.getAttribute('data-same'))).toBe('yes')
    await page.locator('.title').getByText('No lake open').waitFor()
    await tarn.app.sample.left()
    expect(existsSync(sampleFolder(tarn.home))).toBe(false)
    expect([...reached]).toEqual([])
    expect(watched).toEqual({ trouble: [], foreign: [] })
  }, 120_000)
})
