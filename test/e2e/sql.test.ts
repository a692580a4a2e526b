import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../helpers/app.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { dailyRows, rawRows, TYPES } from '../renderer/query/sample.ts'
import { type Opened, openInBrowser } from './browser.ts'

/** The SQL page as it is shipped: built, served with its strict policy, its two workers in a real browser. */

const RAW = rawRows(10, 7)
const DAILY = dailyRows(8, 9)

let tarn: TestApp
let opened: Opened
let page: Page

beforeAll(async () => {
  tarn = testApp()
  const lake = await tarn.app.lake()
  await createTables(lake.io)
  await appendRows(lake.io, lake, 'raw', RAW)
  await appendRows(lake.io, lake, 'daily', DAILY)
  opened = await openInBrowser(tarn.app)
  page = opened.page
  await page.goto(opened.server.url)
  await page.goto(`${opened.server.origin}/#/sql`)
  await page.getByRole('button', { name: 'health_data_raw' }).waitFor()
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

async function write(sql: string): Promise<void> {
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(sql)
}

/** Runs by Ctrl+Enter; the word of the result bar. */
async function ask(sql: string): Promise<string> {
  await write(sql)
  return settled(ctrlEnter)
}

/** Ends of runs seen so far in the open tab. */
async function runs(): Promise<number> {
  return Number(await page.locator('main.work').getAttribute('data-run'))
}

/** Does something that runs a statement and waits for its end; the words of the result bar. */
async function settled(start: () => Promise<unknown>, timeout = 60_000): Promise<string> {
  const before = await runs()
  await start()
  await expect.poll(runs, { timeout, interval: 20 }).toBeGreaterThan(before)
  const bar = page.locator('.sql-result-bar')
  return (await bar.count()) === 0 ? '' : ((await bar.textContent()) ?? '')
}

/** Name of what has the focus. */
const focused = () =>
  page.evaluate(() => {
    const at = document.activeElement
    return at === document.body ? '' : (at?.getAttribute('aria-label') ?? at?.textContent ?? '')
  })

const ctrlEnter = () => page.keyboard.press('Control+Enter')

async function cells(): Promise<string[][]> {
  return page
    .locator('.sql-grid tbody tr[aria-rowindex]')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('td:not(.idx)')].map((cell) => cell.textContent ?? '')),
    )
}

describe('the SQL page', () => {
  test('joins and aggregates tables of the lake, and tells the cost before and after', async () => {
    const sql =
      "SELECT r.user_id, count(*) AS n, max(d.sum_value) AS most FROM health_data_raw r JOIN health_data_daily_agg d ON d.user_id = r.user_id WHERE r.data_type = 'steps' AND d.data_type = 'steps' GROUP BY 1 ORDER BY 1"
    await write(sql)
    const cost = page.getByRole('region', { name: 'Cost before running' })
    await cost.getByText('Will read 34 of 102 files').waitFor()
    expect(await settled(ctrlEnter)).toMatch(/^7 rowsin .*, read .* KiB from 34 files/)
    const expected = [...new Set(RAW.map((row) => row.user_id as string))].toSorted().map((user) => {
      const steps = RAW.filter((row) => row.user_id === user && row.data_type === 'steps')
      const days = DAILY.filter((row) => row.user_id === user && row.data_type === 'steps')
      const most = Math.max(...days.map((row) => row.sum_value as number))
      return [user, String(steps.length * days.length), `${most}.0`]
    })
    expect(await cells()).toEqual(expected)
  })

  test('shows 64-bit numbers, microseconds, maps and nulls as they are', async () => {
    await ask(
      "SELECT d.count, r.start_date, r.metadata, r.source_bundle FROM health_data_raw r, health_data_daily_agg d WHERE d.count = 9007199254740994 AND r.sample_id = 's-20000-9'",
    )
    expect(await cells()).toEqual([
      ['9007199254740994', '2024-10-04 00:01:01.000001', "{device=Watch0, it's=x}", ''],
    ])
    expect(await page.locator('.sql-grid [aria-label="null"]').count()).toBe(1)
  })

  test('gives columns the width of what they hold, and its rows the width of the window', async () => {
    await page.setViewportSize({ width: 1920, height: 1080 })
    await ask(
      `SELECT 'distanceWalkingRunning, 2026-01-01' AS short, repeat('l', 4000) AS long, 1 AS "a name of some length"`,
    )
    const measured = await page.locator('.sql-grid').evaluate((area) => ({
      area: area.clientWidth,
      table: area.querySelector('table')?.offsetWidth,
      columns: [...area.querySelectorAll('th[data-column]')].map((head) => head.clientWidth),
      cut: [...area.querySelectorAll('tbody td:not(.idx)')].map(
        (cell) => cell.scrollWidth > cell.clientWidth,
      ),
    }))
    expect(measured.table).toBe(measured.area)
    expect(measured.cut).toEqual([false, true, false])
    expect(Math.max(...measured.columns)).toBeLessThanOrEqual(420)
    expect(measured.columns.reduce((sum, one) => sum + one, 0)).toBeLessThan(measured.area / 2 + 320)
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  test("underlines what is wrong, in the engine's words, and mends it", async () => {
    await write("SELECT count(DISTINCT metdata['device']) AS devices FROM health_data_raw")
    await page.keyboard.press('Control+Enter')
    const alert = page.getByRole('alert')
    await alert.getByText('Referenced column "metdata" not found').first().waitFor()
    expect(await page.locator('.cm-lintRange-error').textContent()).toBe('metdata')
    await alert.getByRole('button', { name: 'Change to metadata' }).click()
    await page.locator('.cm-content').click()
    expect(await settled(ctrlEnter)).toContain('1 row')
    expect(await cells()).toEqual([['3']])
  })

  test('a million rows take few elements and are reached by keyboard', async () => {
    expect(await ask('SELECT i, i * 2 AS twice FROM range(1000000) t(i)')).toContain('1,000,000 rows')
    const grid = page.getByRole('grid', { name: 'Result' })
    expect(await grid.getAttribute('aria-rowcount')).toBe('1000001')
    await grid.focus()
    await page.keyboard.press('Control+End')
    await page.locator('#cell-999999-1').waitFor()
    expect(await page.locator('#cell-999999-1').textContent()).toBe('1999998')
    expect(await page.locator('.sql-grid tbody tr').count()).toBeLessThan(200)
    await page.keyboard.press('Control+Home')
    await page.locator('#cell-0-0').waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('.sql-grid'))).toBeNull()
  })

  test('an endless statement stops within two seconds, and the session goes on', async () => {
    await ask("CREATE VIEW kept AS SELECT user_id FROM health_data_raw WHERE data_type = 'steps'")
    await write('SELECT count(*) FROM range(100000000) a(i), range(100000000) b(j) WHERE (i * j) % 7 = 3')
    await page.keyboard.press('Control+Enter')
    const cancel = page.getByRole('button', { name: /^Cancel/ })
    await cancel.waitFor()
    await page
      .getByRole('complementary', { name: 'Result inspector' })
      .getByText('Join, group and sort')
      .waitFor()
    const pressed = Date.now()
    await settled(() => cancel.click())
    expect(Date.now() - pressed).toBeLessThan(4_000)
    expect(await ask('SELECT count(DISTINCT user_id) FROM kept')).toContain('1 row')
    expect(await cells()).toEqual([['7']])
  })

  test('nothing outside is reachable from SQL', async () => {
    for (const sql of [
      "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
      'INSTALL httpfs',
      "ATTACH 'x.db'",
      "COPY (SELECT 1) TO 'x.csv'",
      'SET lock_configuration = false',
    ]) {
      await ask(sql)
      await page
        .getByRole('alert')
        .getByText(/not available|disabled by configuration/)
        .first()
        .waitFor()
    }
  })

  test('exports the answer as CSV with formulas made harmless', async () => {
    await ask(
      "SELECT user_id, '=1+1' AS formula, -1 AS n, NULL AS nothing FROM health_data_daily_agg ORDER BY 1 LIMIT 1",
    )
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    await page.getByRole('button', { name: 'Export 1 row as CSV' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save a copy' }).click(),
    ])
    await page.keyboard.press('Escape')
    expect(readFileSync(await download.path(), 'utf8')).toBe(
      "\ufeffuser_id,formula,n,nothing\r\nuser-00,'=1+1,-1,\r\n",
    )
  })

  test('charts an answer by its columns, counts them all, and saves the picture', async () => {
    await ask(
      "SELECT date_trunc('day', start_date) AS day, data_type, min(value) AS least, avg(value) AS mean, max(value) AS greatest_max FROM health_data_raw WHERE isfinite(value) GROUP BY ALL ORDER BY 1, 2",
    )
    const inspector = page.getByRole('complementary', { name: 'Result inspector' })
    const chart = inspector.getByRole('img', { name: /^mean by day, between least and greatest_max, / })
    await chart.waitFor()
    expect(await chart.locator('style').count()).toBe(0)
    await inspector.getByText(/^3 distinct, none null$/).waitFor()
    await inspector.getByRole('button', { name: 'Bar' }).click()
    await inspector.getByRole('img', { name: /^least by data_type/ }).waitFor()
    await inspector.getByRole('button', { name: 'Save' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Save as PNG' }).click(),
    ])
    expect(
      readFileSync(await download.path())
        .subarray(1, 4)
        .toString('latin1'),
    ).toBe('PNG')
  })

  test('sorts and filters a whole answer without running it again', async () => {
    await ask("SELECT i, 'w' || (i % 3) AS word FROM range(1000) t(i)")
    const ran = await runs()
    await page.locator('th[data-column="1"]').click()
    await page.locator('th[data-column="1"][aria-sort="ascending"]').waitFor()
    await expect.poll(async () => (await cells())[1]).toEqual(['3', 'w0'])
    await page.getByRole('grid', { name: 'Result' }).focus()
    await page.keyboard.press('s')
    await expect.poll(async () => (await cells())[0]).toEqual(['0', 'w0'])
    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    await page.getByRole('textbox', { name: 'Value' }).fill('99')
    await page.getByRole('button', { name: 'Add filter' }).click()
    await page.locator('.sql-result-bar').getByText('19 of 1,000 rows').waitFor()
    expect((await cells()).slice(0, 2)).toEqual([
      ['99', 'w0'],
      ['199', 'w1'],
    ])
    expect(await runs()).toBe(ran)
    await page.locator('.sql-filter-form').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'As it came' }).click()
    // The button goes with its reason; the focus does not go with it.
    await expect.poll(focused).toBe('Result')
  })

  test('Run keeps the focus through a run, Cancel gives it back', async () => {
    await write('SELECT 1 AS one')
    const ran = await runs()
    await page.getByRole('button', { name: /^Run Ctrl/ }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(runs).toBe(ran + 1)
    await expect.poll(focused).toMatch(/^Run/)
    await write('SELECT count(*) FROM range(100000000) a(i), range(100000000) b(j) WHERE (i * j) % 7 = 3')
    await page.getByRole('button', { name: /^Run Ctrl/ }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(focused).toMatch(/^Cancel/)
    await page.keyboard.press('Enter')
    await expect.poll(focused).toMatch(/^Run/)
  })

  test('keeps a query as a file and lists what was run', async () => {
    await ask('SELECT 41 + 1 AS answer')
    await page.keyboard.press('Control+s')
    await page.getByRole('textbox', { name: 'Name of the query' }).fill('The answer')
    await page.keyboard.press('Enter')
    const list = page.getByRole('region', { name: 'Saved queries, snippets and history' })
    const saved = list.getByRole('button', { name: 'The answer', exact: true })
    await saved.waitFor()
    // Icon and name in one line.
    const [icon, name] = await Promise.all(['.i', '.cut'].map((part) => saved.locator(part).boundingBox()))
    expect(
      Math.abs((icon?.y ?? 0) + (icon?.height ?? 0) / 2 - (name?.y ?? 0) - (name?.height ?? 0) / 2),
    ).toBeLessThan(2)
    expect(readFileSync(join(tarn.home, 'queries', 'The answer.sql'), 'utf8')).toBe(
      'SELECT 41 + 1 AS answer\n',
    )
    await list
      .getByRole('button', { name: /^SELECT 41 \+ 1 AS answer/ })
      .first()
      .waitFor()
    await page.keyboard.press('Escape')
  })

  test('completes tables and columns', async () => {
    await write('SELECT restin FROM health_data_d')
    await page.keyboard.press('Control+Space')
    await page.locator('.cm-tooltip-autocomplete').getByText('health_data_daily_agg').waitFor()
    await page.keyboard.press('Escape')
    expect(TYPES.length).toBe(3)
  })
})
