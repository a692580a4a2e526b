import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { beginLoad } from '../../src/main/app/load/begin.ts'
import type { LoadView } from '../../src/shared/model.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { seriousFaults, watchAnew } from './checks.ts'
import { heldStill, holdsTheRules, walk } from './rules.ts'

/** The load monitor as it is shipped, on the embedded lake with the generator as its source. */

let tarn: TestApp
let opened: Opened
let page: Page
/** When the page asked for the series, in ms. */
const seriesAt: number[] = []

beforeAll(async () => {
  // A topic of one's own: with nothing set the welcome page comes first.
  tarn = testApp(
    { begin: beginLoad },
    { TARN_COMMIT_SECONDS: '1', TARN_ROLLUP_SECONDS: '3', KAFKA_TOPIC: 'health-data-raw' },
  )
  opened = await openInBrowser(tarn.app)
  page = opened.page
  page.on('request', (request) => {
    if (request.url().includes('/api/load/series')) seriesAt.push(performance.now())
  })
  await page.goto(opened.server.url)
  await page.goto(`${opened.server.origin}/#/load`)
  await page.getByRole('heading', { name: 'Nothing is being loaded' }).waitFor()
}, 120_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
})
beforeEach(() => {
  opened.watched.trouble.length = 0
})
afterEach(() => {
  expect(opened.watched).toEqual({ trouble: [], foreign: [] })
})

const load = (): LoadView => tarn.app.load.view()

const until = (holds: () => boolean | Promise<boolean>, timeout = 60_000): Promise<void> =>
  expect.poll(holds, { timeout, message: `${holds}` }).toBe(true)

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
    const commits = async (more: number) => {
      const before = load().commits.raw
      await until(() => load().commits.raw >= before + more)
    }
    await hide(true)
    // What was under way comes to its end.
    await commits(2)
    const [reads, draws] = [seriesAt.length, await drawn()]
    const text = await page.getByRole('region', { name: 'Figures' }).textContent()
    await commits(3)
    expect([seriesAt.length, await drawn()]).toEqual([reads, draws])
    expect(await page.getByRole('region', { name: 'Figures' }).textContent()).toBe(text)
    await hide(false)
    await until(async () => seriesAt.length > reads && (await drawn()) > draws)
  })

  test('every chart can be saved: its button is inside of its figure, beside the whole key', async () => {
    const outside = await page.locator('.charts .fig').evaluateAll(
      (all) =>
        all.filter((one) => {
          const right = one.getBoundingClientRect().right
          const parts = [...one.querySelectorAll('figcaption .end, figcaption .key, figcaption .btn')]
          return parts.some((part) => part.getBoundingClientRect().right > right)
        }).length,
    )
    expect(outside).toBe(0)
  })

  test('draws at most twice a second, and nothing moves its place', async () => {
    await watchAnew(page)
    const from = performance.now()
    const draws = await drawn()
    await until(async () => (await drawn()) > draws + 20)
    const more = (await drawn()) - draws
    // Four charts, each drawn once a reading; the first draw of a size counts too.
    expect(more / ((performance.now() - from) / 1000)).toBeLessThanOrEqual(4 * 2)
    await heldStill(page)
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
    const heard = () => page.evaluate(() => (globalThis as unknown as { said: number[] }).said)
    await until(async () => (await heard()).length > 2)
    const said = await heard()
    for (const [i, at] of said.entries()) if (i > 0) expect(at - (said[i - 1] ?? 0)).toBeGreaterThan(4_500)
    expect(await live.textContent()).toMatch(/^Loading \d+ messages per second, lag/)
  })

  test('holds the rules while it runs', async () => {
    await holdsTheRules(page, 'running')
    const { hidden } = await walk(page)
    expect(hidden).toEqual([])
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
    seriesAt.length = 0
    await until(() => seriesAt.length > 2)
    const [, second = 0, third = 0] = seriesAt
    expect(third - second).toBeGreaterThan(4_500)
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

  test('before the first commit the pane says what it brings, where it begins and where it lands', async () => {
    const before = load()
    const partitions = Array.from({ length: 12 }, (_, partition) => ({
      partition,
      committed: partition === 0 ? '7' : null,
      position: '20',
      high: '50',
      lag: '40',
      lagMs: 10,
      messages: 13,
      rows: 3,
      rejected: 0,
      skipped: 0,
    }))
    tarn.app.events.emit('load', {
      ...before,
      state: 'paused',
      recentCommits: [],
      rollups: [],
      lag: '78901144',
      partitions,
    })
    const pane = page.getByRole('complementary', { name: 'Commit', exact: true })
    const begins = pane.getByRole('table')
    await begins.getByRole('row', { name: '0 7 20 13' }).waitFor()
    await begins.getByRole('row', { name: '1 the first 20 13' }).waitFor()
    expect(await begins.locator('tbody tr').count()).toBe(8)
    await pane.getByText('4 more partitions, listed at the left.').waitFor()
    await pane.getByText('health_data_monthly_agg').waitFor()
    // A large number stays on its card, and stands in full below.
    const figures = page.getByRole('region', { name: 'Figures' })
    await figures.getByText('78.9 M').waitFor()
    await figures.getByText('78,901,144 in full').waitFor()
    const wide = await figures
      .locator('.stat')
      .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length)
    expect(wide).toBe(0)
    expect(await seriousFaults(page)).toEqual([])
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
    await holdsTheRules(page, 'stopped')
    const { hidden } = await walk(page)
    expect(hidden).toEqual([])
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
    await page.getByRole('main').getByText('without a last commit').waitFor()
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
  await holdsTheRules(page, 'after a restart')
})
