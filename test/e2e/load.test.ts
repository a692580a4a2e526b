import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { beginLoad } from '../../src/main/app/load/begin.ts'
import { type RunningServer, startServer } from '../../src/main/hosts/server/server.ts'
import type { LoadView } from '../../src/shared/model.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { CHROMIUM_ARGS, findChromium } from '../helpers/chromium.ts'
import { seriousFaults } from './checks.ts'

/** The load monitor as it is shipped, on the embedded lake with the generator as its source. */

const PAGES = process.env.TARN_PAGES ?? resolve(import.meta.dirname, '../../out/renderer')

let tarn: TestApp
let server: RunningServer
let browser: Browser
let context: BrowserContext
let page: Page
let trouble: string[] = []
let seriesReads = 0

beforeAll(async () => {
  if (!existsSync(join(PAGES, 'index.html'))) throw new Error('the page is not built: npm run build')
  // A topic of one's own: with nothing set the welcome page comes first.
  tarn = testApp(
    { begin: beginLoad },
    { TARN_COMMIT_SECONDS: '1', TARN_ROLLUP_SECONDS: '3', KAFKA_TOPIC: 'health-data-raw' },
  )
  server = await startServer(tarn.app, { port: 0, pages: PAGES, home: null })
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('no Chromium on this machine')
  browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  // The policy of the page forbids scripts put in from outside; this one only looks.
  page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') trouble.push(message.text())
  })
  page.on('pageerror', (error) => trouble.push(String(error)))
  page.on('request', (request) => {
    if (request.url().includes('/api/load/series')) seriesReads += 1
  })
  await page.addInitScript(() => {
    const shifts: number[] = []
    Object.assign(globalThis, { shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number
        hadRecentInput: boolean
      })[]) {
        if (!entry.hadRecentInput) shifts.push(entry.value)
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(server.url)
  await page.goto(`${server.origin}/#/load`)
  await page.getByRole('heading', { name: 'Nothing is being loaded' }).waitFor()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await tarn?.close()
})
beforeEach(() => {
  trouble = []
})
afterEach(() => {
  expect(trouble).toEqual([])
})

const load = (): LoadView => tarn.app.load.view()

async function until(holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const deadline = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`did not come in time: ${holds}`)
    await page.waitForTimeout(100)
  }
}

/** The number under a name of the ledger's equation. */
async function term(name: string): Promise<number> {
  const text = await page
    .getByRole('region', { name: 'Ledger' })
    .locator('.eq > div')
    .filter({ hasText: name })
    .locator('b')
    .textContent()
  return Number((text ?? '').replace(/\D/g, ''))
}

async function hide(hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)
}

const drawn = () =>
  page
    .locator('.u-wrap')
    .evaluateAll((all) => all.reduce((sum, one) => sum + Number(one.parentElement?.dataset.drawn ?? 0), 0))

async function seriousInBothThemes(): Promise<string[]> {
  const found: string[] = []
  for (const theme of ['light', 'dark']) {
    await page.evaluate((name) => {
      document.documentElement.dataset.theme = name
    }, theme)
    // Colours change over 90 ms.
    await page.waitForTimeout(400)
    found.push(...(await seriousFaults(page)))
  }
  return found
}

describe('the load monitor', () => {
  test('starts from the choice of a source, and shows what comes and lands', async () => {
    await page.getByRole('main').getByRole('button', { name: 'Start loading' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Start loading' })
    await dialog.getByRole('radio', { name: /^A file/ }).click()
    await dialog.getByRole('button', { name: 'Start loading' }).click()
    await dialog.getByText('Name a file').waitFor()
    await dialog.getByRole('radio', { name: /^The generator/ }).click()
    await dialog.getByRole('button', { name: 'Start loading' }).click()
    await until(() => load().commits.raw >= 3 && (load().rollups ?? []).length >= 1)
    expect(load()).toMatchObject({ state: 'running', asked: { kind: 'generator', untilCaughtUp: false } })
    const main = page.getByRole('main')
    await main.getByText('Balanced, gap 0').waitFor()
    await main.getByText('Matches raw').first().waitFor()
    for (const figure of ['Throughput', 'Lag', 'Queryable after', 'Buffered', 'Next commit in'])
      await page.getByRole('region', { name: 'Figures' }).getByText(figure, { exact: true }).waitFor()
    const inspector = page.getByRole('complementary', { name: 'Commit' })
    await inspector.getByText('Encode', { exact: false }).first().waitFor()
    await inspector.getByText('None in this run').waitFor()
    expect(await page.getByRole('img', { name: /^Consumed, messages per second/ }).count()).toBe(1)
    await until(async () => (await drawn()) > 0)
  })

  test('a commit that was picked stays; the list can be held', async () => {
    await page.locator('.commits tbody button').nth(2).click()
    const inspector = page.getByRole('complementary', { name: 'Commit' })
    const title = await inspector.getByRole('heading', { level: 3 }).first().textContent()
    await page.getByRole('button', { name: 'Hold list' }).click()
    const first = await page.locator('.commits tbody tr').first().textContent()
    const before = load().commits.raw
    await until(() => load().commits.raw > before + 1)
    await page.getByRole('button', { name: /^Let it run, [1-9]/ }).waitFor()
    expect(await page.locator('.commits tbody tr').first().textContent()).toBe(first)
    expect(await inspector.getByRole('heading', { level: 3 }).first().textContent()).toBe(title)
    await page.getByRole('button', { name: /^Let it run/ }).click()
    await inspector.getByRole('button', { name: 'Close' }).click()
  })

  test('a hidden page reads no series and draws nothing', async () => {
    await hide(true)
    await page.waitForTimeout(1_500)
    const [reads, draws] = [seriesReads, await drawn()]
    const text = await page.getByRole('region', { name: 'Figures' }).textContent()
    await page.waitForTimeout(4_000)
    expect([seriesReads, await drawn()]).toEqual([reads, draws])
    expect(await page.getByRole('region', { name: 'Figures' }).textContent()).toBe(text)
    await hide(false)
    await until(async () => seriesReads > reads && (await drawn()) > draws)
  })

  test('draws at most twice a second, and nothing moves its place', async () => {
    await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts.splice(0))
    const draws = await drawn()
    await page.waitForTimeout(5_000)
    // Four charts, each drawn once a reading; the first draw of a size counts too.
    expect((await drawn()) - draws).toBeLessThanOrEqual(4 * 2 * 5)
    const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts)
    expect(shifts.reduce((a, b) => a + b, 0)).toBeLessThan(0.05)
  })

  test('tells a screen reader politely, at most every 5 s', async () => {
    const live = page.getByRole('main').locator('[aria-live=polite]')
    await page.evaluate(() => {
      const said: number[] = []
      Object.assign(globalThis, { said })
      const region = document.querySelector('main [aria-live=polite]')
      if (region)
        new MutationObserver(() => said.push(Date.now())).observe(region, {
          subtree: true,
          characterData: true,
          childList: true,
        })
    })
    await page.waitForTimeout(11_000)
    const said = await page.evaluate(() => (globalThis as unknown as { said: number[] }).said)
    expect(said.length).toBeGreaterThanOrEqual(1)
    for (const [i, at] of said.entries()) if (i > 0) expect(at - (said[i - 1] ?? 0)).toBeGreaterThan(4_500)
    expect(await live.textContent()).toMatch(/^Loading \d+ messages per second, lag/)
  })

  test('axe finds nothing serious in either theme', async () => {
    expect(await seriousInBothThemes()).toEqual([])
  })

  test('with reduced motion figures and charts are renewed every 5 s', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.evaluate(() => {
      location.hash = '#/tables'
    })
    await page.getByRole('region', { name: 'Figures' }).waitFor({ state: 'detached' })
    await page.evaluate(() => {
      location.hash = '#/load'
    })
    await page.getByRole('region', { name: 'Figures' }).waitFor()
    const reads = seriesReads
    await page.waitForTimeout(6_000)
    expect(seriesReads - reads).toBeLessThanOrEqual(2)
    await page.emulateMedia({ reducedMotion: 'no-preference' })
  })

  test('pauses, goes on, and stops with a last commit; the page counts what was produced', async () => {
    await page.getByRole('button', { name: 'Pause' }).click()
    await until(() => load().state === 'paused')
    await page.getByRole('button', { name: 'Resume' }).click()
    await until(() => load().state === 'running')
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await until(() => load().state === 'done')
    const view = load()
    expect(view.ledger).toMatchObject({ gap: 0, pending: 0, problems: 0 })
    await page.getByRole('main').getByText('Balanced, gap 0').waitFor()
    await until(async () => (await term('Consumed')) === view.rows + view.rejected + view.skipped)
    expect([await term('Written'), await term('Dead-lettered'), await term('Pending')]).toEqual([
      view.rows,
      view.rejected,
      0,
    ])
    await page.getByRole('button', { name: 'By partition' }).click()
    const dialog = page.getByRole('dialog', { name: 'Ledger by partition' })
    await dialog.getByText(`${view.messages.toLocaleString('en-US')} messages`, { exact: false }).waitFor()
    expect(await dialog.locator('tbody tr').count()).toBe(view.partitions.length)
    await page.keyboard.press('Escape')
  })

  test('a thousand partitions take few rows, and are found by their lag', async () => {
    const before = load()
    const partitions = Array.from({ length: 1_000 }, (_, partition) => ({
      partition,
      committed: '10',
      position: '20',
      high: '50',
      lag: '40',
      lagMs: partition * 10,
      messages: 3,
      rows: 3,
      rejected: 0,
      skipped: 0,
    }))
    tarn.app.events.emit('load', { ...before, state: 'paused', partitions })
    const list = page.getByRole('region', { name: 'Partitions by lag' })
    await list
      .getByTitle(/newest 50/)
      .nth(10)
      .waitFor()
    const rows = list.getByRole('listitem')
    expect(await rows.count()).toBeLessThan(100)
    expect(await rows.first().textContent()).toMatch(/^999/)
    const filter = page.getByRole('textbox', { name: 'Filter partitions' })
    await filter.fill('lag > 9.9 s')
    await until(async () => (await rows.count()) === 9)
    await filter.fill('lag > 1 h')
    await page.getByRole('button', { name: 'Clear filters' }).click()
    expect(await filter.inputValue()).toBe('')
    tarn.app.events.emit('load', before)
  })

  test('refuses another source with its reason, the ways out and what each costs', async () => {
    tarn.app.load.start({
      source: { kind: 'file', path: 'resources/sample-topic.jsonl.gz' },
      untilCaughtUp: true,
      accept: {},
    })
    await until(() => load().state === 'failed')
    expect(load().refusal).toMatchObject({ code: 'CLUSTER_REPLACED', was: 'generator', now: 'file' })
    const inspector = page.getByRole('complementary', { name: 'What to do' })
    const primary = inspector.getByRole('button', { name: /^Load [\d,]+ messages of the new cluster$/ })
    await primary.waitFor()
    await inspector.getByText('npx tarn load --accept-cluster file').waitFor()
    expect(await seriousInBothThemes()).toEqual([])
    await inspector.getByRole('radio', { name: /^Leave it/ }).click()
    await inspector.getByRole('button', { name: 'Ask again, accept nothing' }).waitFor()
    await inspector.getByRole('radio', { name: /^Load this cluster/ }).click()
    await primary.click()
    await until(() => load().state === 'done', 120_000)
    expect(load().ledger?.gap).toBe(0)
  })

  test('a second press ends at once, with what that costs', async () => {
    tarn.app.load.start({
      source: { kind: 'generator' },
      untilCaughtUp: false,
      accept: { cluster: 'generator' },
    })
    await until(() => load().commits.raw >= 1)
    // A commit that takes long: the store does not answer for a while.
    const lake = await tarn.app.lake()
    const real = lake.io.storage.write
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    lake.io.storage.write = async (...given: Parameters<typeof real>) => {
      await held
      return real.apply(lake.io.storage, given)
    }
    try {
      await page.getByRole('button', { name: 'Stop', exact: true }).click()
      await page.getByRole('button', { name: 'End at once' }).click()
      const dialog = page.getByRole('alertdialog', { name: 'End without a last commit' })
      await dialog.getByText('Read and not committed', { exact: true }).waitFor()
      const ended = vi.spyOn(tarn.app.load, 'stopNow')
      await dialog.getByRole('button', { name: /^End, leave/ }).click()
      // Let go before the app knows, the store would let the load end in order.
      await until(() => ended.mock.calls.length === 1)
      release()
      await until(() => load().state === 'done', 20_000)
    } finally {
      release()
      lake.io.storage.write = real
    }
    expect(load().cut).toBe(true)
    await page.getByText('without a last commit').waitFor()
  })
})

test('after a restart the page shows what was committed before, and the status bar agrees', async () => {
  const [newest] = load().recentCommits.filter(({ role }) => role === 'raw')
  tarn.app.load.forget()
  const status = page.getByRole('contentinfo')
  await page.getByText('Nothing is being loaded', { exact: false }).waitFor()
  const rows = page.getByRole('region', { name: 'Commits' }).locator('tbody tr')
  await rows.first().waitFor()
  expect(await rows.count()).toBeGreaterThan(3)
  const pane = page.getByRole('complementary', { name: 'Commit', exact: true })
  await pane.getByText(newest?.snapshotId ?? 'none').waitFor()
  await page.getByRole('region', { name: 'Ledger' }).getByText('Balanced').waitFor()
  await status.getByText('Ledger balanced').waitFor()
  // Every way on from a commit is inside its pane.
  const right = (await pane.boundingBox().then((box) => box && box.x + box.width)) ?? 0
  for (const name of ['Open snapshot', 'Rows and messages', 'Copy its id']) {
    const box = await pane.getByText(name, { exact: true }).boundingBox()
    expect([name, box !== null && box.x + box.width <= right]).toEqual([name, true])
  }
  await rows.nth(1).getByRole('button').click()
  await pane.getByRole('button', { name: 'Close' }).waitFor()
  expect(await seriousFaults(page)).toEqual([])
})
