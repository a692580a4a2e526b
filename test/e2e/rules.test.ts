import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestApp } from '../helpers/app.ts'
import { filledLake, RAW } from '../helpers/filled-lake.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { smallTargets } from './checks.ts'
import { atRest, heldStill, holdsTheRules, linesMove, lostOpeners, moving, walk } from './rules.ts'

/** The rules of the interface, on every page: a page is one row of the table. */

let tarn: TestApp
let opened: Opened
let page: Page

interface Row {
  readonly name: string
  readonly hash: string
  /** What shows that the page is there. */
  readonly sign: string
  /** Brings it into the state that is meant. */
  readonly before?: () => Promise<void>
  /** Its times are values of the lake, shown as the lake holds them, in UTC. */
  readonly stored?: true
  /** Where the focus must come into by Tab, and out of again. */
  readonly through?: readonly string[]
}

const raw = RAW[0] as (typeof RAW)[number]
const rowOf = encodeURIComponent(
  JSON.stringify({ sample_id: raw.sample_id, user_id: raw.user_id, data_type: raw.data_type }),
)

async function write(sql: string): Promise<void> {
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(sql)
}

const ROWS: readonly Row[] = [
  { name: 'welcome', hash: 'welcome', sign: '.doors' },
  { name: 'set-up', hash: 'setup', sign: '.work h2, .work h1' },
  { name: 'set-up, names', hash: 'setup/names', sign: '.work h2, .work h1' },
  { name: 'load', hash: 'load', sign: '.work .empty, .work .stats' },
  { name: 'dead letters', hash: 'letters', sign: '.ba .payload' },
  { name: 'dead letters, no match', hash: 'letters?text=nothing-is-named-so', sign: '.work .empty' },
  { name: 'doctor', hash: 'doctor', sign: '.work h2' },
  { name: 'settings', hash: 'settings', sign: '.set' },
  { name: 'settings, one of them', hash: 'settings?at=commit.seconds', sign: '.insp' },
  { name: 'settings, keys', hash: 'settings?section=keys', sign: '.work table' },
  { name: 'SQL', hash: 'sql', sign: '.cm-content', through: ['.cm-content'] },
  {
    name: 'SQL, an answer and its chart',
    hash: 'sql',
    sign: '.cm-content',
    through: ['.cm-content', '[role=grid]'],
    before: async () => {
      await write(
        "SELECT date_trunc('day', start_date) AS day, data_type, avg(value) AS mean FROM health_data_raw WHERE isfinite(value) GROUP BY ALL ORDER BY 1, 2",
      )
      await page.keyboard.press('Control+Enter')
      await page.locator('.insp svg.ch, .insp [role=img]').first().waitFor()
      await page.getByText('exact, over all').waitFor()
    },
  },
  {
    name: 'SQL, an explanation',
    hash: 'sql',
    sign: '.cm-content',
    before: async () => {
      await write("SELECT count(*) FROM health_data_raw WHERE data_type = 'steps' AND length(user_id) > 3")
      await page.keyboard.press('Control+Shift+e')
      await page.getByText('Plan of the engine').waitFor()
    },
  },
  {
    name: 'SQL, a fault',
    hash: 'sql',
    sign: '.cm-content',
    before: async () => {
      await write('SELECT vallue FROM health_data_raw')
      await page.keyboard.press('Control+Enter')
      await page.getByRole('alert').first().waitFor()
    },
  },
  { name: 'tables', hash: 'tables', sign: '.tree [role=treeitem]' },
  ...['schema', 'partitions', 'files', 'snapshots', 'metadata', 'properties', 'references'].map((tab) => ({
    name: `tables, ${tab}`,
    hash: `tables/raw?tab=${tab}`,
    sign: '.tab-body table, .tab-body [role=treeitem]',
    ...(tab === 'partitions' ? { through: ['[role=grid]'] } : {}),
  })),
  { name: 'tables, nothing yet', hash: 'tables/study/visits?tab=files', sign: '.tab-body .empty' },
  {
    name: 'tables, no match',
    hash: 'tables/raw?tab=files&find=nothing-is-named-so',
    sign: '.tab-body .empty',
  },
  { name: 'dashboards', hash: 'dash', sign: '.dash-band svg.ch' },
  { name: 'dashboards, against another user', hash: 'dash?compare=user:user-01', sign: '.dash-sums' },
  { name: 'dashboards, nobody', hash: 'dash?user=nobody', sign: '.work .empty' },
  { name: 'thread', hash: 'thread', sign: '.work h1' },
  { name: 'thread, a row', hash: `thread?table=raw&row=${rowOf}`, sign: '.thread-level', stored: true },
  {
    name: 'thread, no row',
    hash: 'thread?table=raw&row=%7B%22sample_id%22%3A%22no%22%7D',
    sign: '.work .empty',
  },
  { name: 'messages, without Kafka', hash: 'messages', sign: '.work .fault' },
]

async function go({ hash, sign, before }: Row): Promise<void> {
  await page.evaluate((next) => {
    location.hash = `#/${next}`
  }, hash)
  await page.locator(sign).first().waitFor()
  await before?.()
  await expect.poll(() => page.locator('main [aria-busy=true]:visible').count(), { timeout: 20_000 }).toBe(0)
  await atRest(page)
}

beforeAll(async () => {
  tarn = await filledLake()
  opened = await openInBrowser(tarn.app, {
    viewport: { width: 1280, height: 800 },
    timezoneId: 'Asia/Kolkata',
    reducedMotion: 'reduce',
  })
  page = opened.page
  page.setDefaultTimeout(20_000)
  await page.goto(opened.server.url)
  await page.locator('.app').waitFor()
}, 120_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
})

describe.each(ROWS)('$name', (row) => {
  test('holds the rules in both themes, with targets at both sizes, and moves nothing', async () => {
    await page.setViewportSize({ width: 1920, height: 1080 })
    await go(row)
    expect(await moving(page)).toEqual([])
    expect(await smallTargets(page), '1920 px').toEqual([])
    await page.setViewportSize({ width: 1280, height: 800 })
    await atRest(page)
    await holdsTheRules(page, row.name)
  })

  test('is walked by Tab all the way round, the focus in sight', async () => {
    await go(row)
    const { stops, hidden, missed } = await walk(page, row.through)
    expect({ hidden, missed }).toEqual({ hidden: [], missed: [] })
    expect(stops.length).toBeGreaterThan(5)
  })

  test('gives the focus back to what opened something, and lets its panes be sized by keys', async () => {
    await page.setViewportSize({ width: 1440, height: 900 })
    await go(row)
    expect(await lostOpeners(page)).toEqual([])
    await linesMove(page)
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
        if (
          clock?.contains(node) ||
          node.parentElement?.closest('.cm-editor, .sql-grid, pre, .payload, .help')
        )
          continue
        found.push(...((node.textContent ?? '').match(/\b\d{2}:\d{2}(:\d{2})?\b/g) ?? []))
      }
      return [...new Set(found)]
    })
  const show = (zone: string) => page.getByRole('button', { name: zone, exact: true }).first().click()

  test.each(ROWS.filter(({ before, stored }) => !before && !stored))(
    'rules every time on $name',
    async (row) => {
      await go(row)
      await show('UTC')
      const utc = await times()
      await show('Local')
      // Five and a half hours on: no time of day stays.
      await expect.poll(async () => (await times()).filter((time) => utc.includes(time))).toEqual([])
      expect((await times()).length).toBe(utc.length)
      await show('UTC')
    },
  )
})

test('pages held still while they were opened', async () => {
  for (const row of ROWS.filter(({ before }) => before === undefined)) {
    await page.goto('about:blank')
    await page.goto(`${opened.server.origin}/#/${row.hash}`)
    await page.locator(row.sign).first().waitFor()
    await expect
      .poll(() => page.locator('main [aria-busy=true]:visible').count(), { timeout: 20_000 })
      .toBe(0)
    await heldStill(page, row.name)
  }
})

test('nothing of all this left the app or was complained of', () => {
  // The browser itself reports answers that tell of a failing service.
  expect(opened.watched.trouble.filter((one) => !one.startsWith('Failed to load'))).toEqual([])
  expect(opened.watched.foreign).toEqual([])
})
