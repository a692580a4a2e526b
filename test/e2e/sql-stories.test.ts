import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../helpers/app.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { dailyRows, rawRows } from '../renderer/query/sample.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { seen } from './checks.ts'
import { holdsTheRules, inTheme, walk } from './rules.ts'

/** Two stories of the SQL page, and the rules that hold for all of its states. */

const RAW = rawRows(6, 5)
const SEEN = new Set(RAW.map((row) => `${row.user_id} ${row.sample_id}`))
const LATER = rawRows(7, 5).filter((row) => !SEEN.has(`${row.user_id} ${row.sample_id}`))
const QUERY =
  'SELECT data_type, user_id, count(*) AS n, max(value) AS greatest\nFROM health_data_raw\nWHERE isfinite(value)\nGROUP BY ALL ORDER BY 1, 2'

let tarn: TestApp
let opened: Opened
let page: Page

beforeAll(async () => {
  tarn = testApp()
  const lake = await tarn.app.lake()
  await createTables(lake.io)
  await appendRows(lake.io, lake, 'raw', RAW)
  await appendRows(lake.io, lake, 'daily', dailyRows(6, 7))
  await appendRows(lake.io, lake, 'raw', LATER)
  opened = await openInBrowser(tarn.app)
  page = opened.page
  await page.goto(opened.server.url)
  await page.goto(`${opened.server.origin}/#/sql`)
  await page.locator('.cm-content').waitFor()
}, 120_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
})
afterEach(() => {
  expect(opened.watched.trouble).toEqual([])
  expect(opened.watched.foreign).toEqual([])
})

const soon = <T>(look: () => T | Promise<T>, timeout = 60_000) => expect.poll(look, { timeout })
const ended = async () => Number(await page.locator('main.work').getAttribute('data-run'))

/** How many groups of a type and user a list of rows has, by key, with their counts. */
function groups(rows: typeof RAW): Map<string, number> {
  const found = new Map<string, number>()
  for (const row of rows) {
    if (!Number.isFinite(row.value as number)) continue
    const key = `${row.data_type} ${row.user_id}`
    found.set(key, (found.get(key) ?? 0) + 1)
  }
  return found
}

async function rules(): Promise<void> {
  await holdsTheRules(page)
  await inTheme(page, 'light')
  await page.keyboard.press('Escape')
  const { stops, hidden } = await walk(page)
  expect(hidden).toEqual([])
  expect(stops.length).toBeGreaterThan(1)
}

describe('stories', () => {
  test('a query is written, run, charted and exported by keyboard alone', async () => {
    await page.keyboard.press('Control+Alt+n')
    await soon(() => page.evaluate(() => document.activeElement?.className ?? '')).toContain('cm-content')
    await page.keyboard.insertText(
      'SELECT aggregation_date AS day, min(min_value) AS min_value, avg(avg_value) AS mean_value, max(max_value) AS max_value FROM health_data_daily_agg GROUP BY day ORDER BY day',
    )
    await page.keyboard.press('Control+Enter')
    await soon(ended).toBe(1)
    await page.getByRole('img', { name: /^mean_value by day, between min_value and max_value/ }).waitFor()
    // From the answer to the inspector, to another kind of chart.
    await page.keyboard.press('Control+Alt+a')
    await soon(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid')
    const focus = (name: RegExp) =>
      soon(async () => {
        await page.keyboard.press('Tab')
        return page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')
      }).toMatch(name)
    await focus(/^Line$/)
    await page.keyboard.press('Enter')
    await page
      .getByRole('img', { name: 'mean_value by day. Its figures are the rows of the grid.' })
      .waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('export the answer')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Export the answer' }).waitFor()
    await focus(/^Parquet$/)
    await page.keyboard.press('Enter')
    await focus(/^Export [0-9]+ rows as Parquet$/)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Exported' }).waitFor()
    const folder = join(tarn.home, 'exports')
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.parquet'))
    expect(
      readFileSync(join(folder, file as string))
        .subarray(0, 4)
        .toString('latin1'),
    ).toBe('PAR1')
    await page.keyboard.press('Escape')
  })

  test('one query at two snapshots: what was added and what changed, by key', async () => {
    await page.keyboard.press('Control+Alt+n')
    await page.keyboard.insertText(QUERY)
    await page.keyboard.press('Control+k')
    await page.keyboard.type('compare two snapshots')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Run both' }).first().click()
    await page.locator('main[data-compared="true"]').waitFor({ timeout: 60_000 })
    const before = groups(RAW)
    const after = groups([...RAW, ...LATER])
    const added = [...after.keys()].filter((key) => !before.has(key)).length
    const same = (
      await page.getByRole('group', { name: 'Show' }).getByRole('button').allTextContents()
    ).join()
    expect(same).toContain(`Added ${added}`)
    const changed = [...before.keys()].filter((key) => before.get(key) !== after.get(key)).length
    expect(same).toContain(`Changed ${changed}`)
    expect(same).toContain('Removed 0')
    await page.getByText('the key is unique in both').waitFor()
    await page.getByRole('button', { name: 'Key: data_type, user_id' }).waitFor()
    const grid = page.getByRole('grid', { name: 'Differences' })
    // A changed row is two lines: what was, and what is now.
    expect(await grid.getAttribute('aria-rowcount')).toBe(String(1 + added + 2 * changed))
    await grid.getByText('changed, was').first().waitFor()
    await page.getByRole('tab', { name: 'Between' }).click()
    await page.getByText('1 append').waitFor()
    await rules()
  })
})

describe('the rules', () => {
  test('hold with an answer, a fault, parameters and an explanation on the page', async () => {
    await page.setViewportSize({ width: 1920, height: 1080 })
    await page.keyboard.press('Control+Alt+n')
    await page.locator('.cm-content').click()
    await page.keyboard.insertText(QUERY)
    await page.keyboard.press('Control+Enter')
    await soon(ended).toBe(1)
    await page.getByText('exact, over all').waitFor()
    await rules()
    await page.locator('.cm-content').click()
    await page.keyboard.press('Control+A')
    await page.keyboard.insertText('SELECT vallue, $day FROM health_data_raw')
    await page.getByLabel('day', { exact: true }).fill('2026-01-01')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('alert').waitFor()
    await rules()
    const chip = page.getByRole('navigation', { name: 'Queries' }).locator('.chip.failed').first()
    expect(await chip.textContent()).toBe('Failed')
    expect((await seen(page)).refused).toEqual([])
  })

  test('one side pane in a narrow window: the list, then what was picked, and Esc brings the list back', async () => {
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.keyboard.press('Control+Alt+n')
    const list = page.getByRole('complementary', { name: 'Catalog' })
    const inspector = page.getByRole('complementary', { name: 'Result inspector' })
    await soon(() => list.isVisible()).toBe(true)
    expect(await inspector.isVisible()).toBe(false)
    await page.locator('.cm-content').click()
    await page.keyboard.insertText('SELECT 1 AS one, 2 AS two')
    await page.keyboard.press('Control+Enter')
    await soon(() => inspector.isVisible()).toBe(true)
    await page.keyboard.press('Control+Alt+a')
    await page.keyboard.press('Escape')
    await soon(() => list.isVisible()).toBe(true)
    await page.keyboard.press('ArrowRight')
    await soon(() => inspector.isVisible()).toBe(true)
    const line = page.getByRole('separator', { name: 'Height of the editor' })
    await line.focus()
    const height = () => page.locator('.sql-editor').evaluate((one) => one.clientHeight)
    const was = await height()
    await page.keyboard.press('ArrowDown')
    await soon(height).toBeGreaterThan(was)
  })
})
