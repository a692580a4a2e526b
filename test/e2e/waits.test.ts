import type { Page, Request, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestApp } from '../helpers/app.ts'
import { filledLake, RAW } from '../helpers/filled-lake.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { seen, watchAnew } from './checks.ts'

/** Waits of pages that main can make long, each a row: rule 7 of the interface, and 9 for its cancel. */

interface Row {
  readonly name: string
  readonly hash: string
  /** The request that is held. */
  readonly held: RegExp
  /** What the wait says that it does. */
  readonly what: string
  /** The button that asks again after a cancel. */
  readonly again: string
  /** What shows that the answer came. */
  readonly sign: string
  /** The window's width where 1280 hides the pane that waits, in pixels. */
  readonly width?: number
}

const raw = RAW[0] as (typeof RAW)[number]
const rowOf = encodeURIComponent(
  JSON.stringify({ sample_id: raw.sample_id, user_id: raw.user_id, data_type: raw.data_type }),
)

const ROWS: readonly Row[] = [
  {
    name: 'settings',
    hash: 'settings',
    held: /\/api\/settings$/,
    what: 'Reading the settings',
    again: 'Read the settings again',
    sign: '.set',
  },
  {
    name: 'doctor',
    hash: 'doctor',
    held: /\/api\/doctor$/,
    what: 'Reading the last results',
    again: 'Read it again',
    sign: '.work .empty h2, .work .grid',
  },
  {
    name: 'dead letters, reasons',
    hash: 'letters',
    held: /\/api\/dead-letters\/groups$/,
    what: 'Grouping letters',
    again: 'Group them again',
    sign: '.work .payload',
    width: 1440,
  },
  {
    name: 'dead letters, reasons in a narrow window',
    hash: 'letters',
    held: /\/api\/dead-letters\/groups$/,
    what: 'Grouping letters',
    again: 'Group them again',
    sign: '.work .payload',
  },
  {
    name: 'dead letters, a list',
    hash: 'letters?group=all',
    held: /\/api\/dead-letters\?/,
    what: 'Reading dead letters',
    again: 'Read the letters',
    sign: '.work [role=grid] [role=row], .work table tbody tr',
  },
  {
    name: 'tables, the catalog',
    hash: 'tables',
    held: /\/api\/tables$/,
    what: 'Reading the catalog',
    again: 'Read the catalog',
    sign: '.tree [role=treeitem]',
  },
  ...(
    [
      ['files', /\/files\?/, 'Reading manifests'],
      ['partitions', /\/partitions\?/, 'Reading manifests'],
      ['snapshots', /\/snapshots\?/, 'Reading the table'],
      ['schema', /\/api\/inspect\/[^/]+\/[^/]+$/, 'Reading the table'],
    ] as const
  ).map(([tab, held, what]) => ({
    name: `tables, ${tab}`,
    hash: `tables/raw?tab=${tab}`,
    held,
    what,
    again: 'Read it again',
    sign: '.tab-body table tbody tr, .tab-body [role=grid] [role=row]',
  })),
  {
    name: 'dashboards, the lake',
    hash: 'dash',
    held: /\/api\/dash\/lake$/,
    what: 'Reading who has statistics',
    again: 'Read the catalog again',
    sign: '.dash-band svg.ch',
  },
  {
    name: 'dashboards, the types',
    hash: 'dash',
    held: /\/api\/dash\/types/,
    what: 'Reading the types',
    again: 'Read the types',
    sign: '.dash-types a',
  },
  {
    name: 'dashboards, the days',
    hash: 'dash',
    held: /\/api\/dash\/days/,
    what: 'Reading which days have data',
    again: 'Read the days again',
    sign: '.dash-band svg.ch',
  },
  {
    name: 'dashboards, the figures',
    hash: 'dash',
    held: /\/api\/query\/plan$/,
    what: 'Reading the days',
    again: 'Read the days',
    sign: '.dash-band svg.ch',
  },
  {
    name: 'thread, a row',
    hash: `thread?table=raw&row=${rowOf}`,
    held: /\/api\/thread/,
    what: 'Looking for the row',
    again: 'Search again',
    sign: '.thread-level',
  },
  {
    name: 'set-up',
    hash: 'setup',
    held: /\/api\/setup\/draft$/,
    what: 'Reading the settings',
    again: 'Read the settings again',
    sign: '.work h2',
  },
  {
    name: 'set-up, names',
    hash: 'setup/names',
    held: /\/api\/setup\/names$/,
    what: 'Asking the catalog',
    again: 'Ask the catalog',
    sign: '.insp .scroll > *',
    width: 1440,
  },
  {
    name: 'set-up, topics',
    hash: 'setup/source',
    held: /\/api\/setup\/topics$/,
    what: 'Listing topics',
    again: 'List topics',
    sign: '.work .fault',
  },
  {
    name: 'set-up, a forecast',
    hash: 'setup/tables',
    held: /\/api\/setup\/forecast$/,
    what: 'Reading a sample of the topic',
    again: 'Sample the topic',
    sign: '.work .fault',
  },
  {
    name: 'set-up, the plan',
    hash: 'setup/review',
    held: /\/api\/setup\/plan$/,
    what: 'Comparing with what is there',
    again: 'Compare',
    sign: '.work table.grid tbody tr',
  },
]

let tarn: TestApp
let opened: Opened
let page: Page
/** Requests that are held now, and those that were given up by the page. */
let held: Route[] = []
let aborted: Request[] = []

/** The page's own clock goes on by `ms`, in steps as small as a frame, until `there` holds. */
async function until(there: () => Promise<boolean>, most: number): Promise<void> {
  let gone = 0
  await expect
    .poll(
      async () => {
        if (gone < most) await page.clock.runFor(20)
        gone += 20
        return there()
      },
      { timeout: 20_000, interval: 5 },
    )
    .toBe(true)
}

/** How long each wait showed nothing, by what it says, in ms of the page's clock. */
function quietOf(what: string): Promise<number | undefined> {
  return page.evaluate(
    (name) => (globalThis as unknown as { quiet: Record<string, number> }).quiet[name],
    what,
  )
}

const wait = (what: string) =>
  page.locator('.wait').filter({ has: page.locator('[role=status]', { hasText: new RegExp(`^${what}$`) }) })

/** Opens the row's page with its request held; every other answer comes. */
async function open({ hash, held: which, what, width = 1280 }: Row): Promise<void> {
  held = []
  aborted = []
  await page.setViewportSize({ width, height: 800 })
  // Where a row before failed, its clock still stands.
  await page.clock.resume()
  await page.goto('about:blank')
  await page.goto(`${opened.server.origin}/#/thread`)
  await page.locator('.work h1').waitFor()
  await page.unrouteAll()
  await page.route(which, (route) => void held.push(route))
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 2_000))
  await page.evaluate((next) => {
    location.hash = `#/${next}`
  }, hash)
  await until(async () => held.length > 0 && (await wait(what).count()) > 0, 60_000)
}

/** Answers what is held, and what is asked from now on. */
async function release({ sign }: Row): Promise<void> {
  const now = held
  await page.unrouteAll()
  await Promise.all(now.map((route) => route.continue().catch(() => {})))
  await page.clock.resume()
  await page.locator(sign).first().waitFor()
}

beforeAll(async () => {
  tarn = await filledLake()
  opened = await openInBrowser(tarn.app, { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
  page = opened.page
  page.setDefaultTimeout(20_000)
  page.on('requestfailed', (request) => void aborted.push(request))
  await page.addInitScript(() => {
    const quiet: Record<string, number> = {}
    Object.assign(globalThis, { quiet })
    const since = new WeakMap<Element, number>()
    new MutationObserver(() => {
      for (const one of document.querySelectorAll('[aria-busy=true].grow')) {
        if (!since.has(one)) since.set(one, performance.now())
        const what = one.querySelector('[role=status]')?.textContent
        if (what) quiet[what] ??= performance.now() - (since.get(one) ?? 0)
      }
    }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['class'] })
  })
  await page.clock.install()
  await page.goto(opened.server.url)
}, 120_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
})

describe.each(ROWS)('a long wait: $name', (row) => {
  test('shows nothing, then the shape, then time and Cancel, and the answer moves nothing', async () => {
    await open(row)
    const shown = wait(row.what).first()
    expect(await quietOf(row.what)).toBeGreaterThanOrEqual(300)
    expect(await quietOf(row.what)).toBeLessThan(600)
    expect(await shown.locator('.skel').count()).toBeGreaterThan(0)
    expect(await shown.locator('.wait-line').textContent()).toBe('')
    await page.clock.runFor(2_000)
    expect(await shown.locator('.wait-line').textContent()).toBe(`${row.what}, 2 sCancel`)
    await watchAnew(page)
    await release(row)
    const { shift, moved } = await seen(page)
    expect(shift, moved.join('\n')).toBeLessThan(0.05)
  })

  test('is cancelled at once, gives its request up, and is read again when asked', async () => {
    await open(row)
    await page.clock.runFor(2_500)
    await wait(row.what).first().getByRole('button', { name: 'Cancel' }).press('Enter')
    await page.clock.runFor(100)
    const again = page.getByRole('button', { name: row.again, exact: true })
    await again.waitFor()
    expect(await wait(row.what).count()).toBe(0)
    await expect.poll(() => aborted.some((one) => row.held.test(one.url()))).toBe(true)
    expect(await page.getByRole('alert').count()).toBe(0)
    await expect.poll(() => again.evaluate((one) => one === document.activeElement)).toBe(true)
    held = []
    await again.press('Enter')
    await until(async () => held.length > 0, 5_000)
    await release(row)
  })
})

test('what is drawn again after a cancel leaves the focus where it went', async () => {
  const row = ROWS.find(({ name }) => name === 'settings') as Row
  await open(row)
  await page.clock.runFor(2_500)
  await wait(row.what).getByRole('button', { name: 'Cancel' }).press('Enter')
  await page.clock.runFor(100)
  await page.getByRole('button', { name: row.again, exact: true }).waitFor()
  // The page shows times, so that it is drawn again with their zone.
  const zone = page.getByRole('button', { name: 'Local', exact: true })
  await zone.press('Enter')
  await page.clock.runFor(1_000)
  expect(await zone.evaluate((one) => one === document.activeElement)).toBe(true)
  await page.clock.resume()
})
