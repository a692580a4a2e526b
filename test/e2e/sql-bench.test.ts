import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../helpers/app.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { dailyRows, rawRows } from '../renderer/query/sample.ts'
import { type Opened, openInBrowser } from './browser.ts'

/** The SQL workbench as a person uses it: tabs, library, time travel, export; and the rules that hold for every page. */

const RAW = rawRows(6, 5)
const LATER = rawRows(7, 5).filter(
  (row) => !RAW.some((one) => one.sample_id === row.sample_id && one.user_id === row.user_id),
)

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
  opened = await openInBrowser(tarn.app, { permissions: ['clipboard-read', 'clipboard-write'] })
  page = opened.page
  await page.goto(opened.server.url)
  await page.goto(`${opened.server.origin}/#/sql`)
  await page.getByRole('button', { name: 'health_data_raw', exact: false }).first().waitFor()
}, 120_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
})
beforeEach(() => {
  opened.watched.trouble.length = 0
})
afterEach(() => {
  expect(opened.watched.trouble).toEqual([])
  expect(opened.watched.foreign).toEqual([])
})

/** Asks until the answer is right; the machine may be busy. */
const soon = <T>(look: () => T | Promise<T>, timeout = 30_000) => expect.poll(look, { timeout })

async function write(sql: string): Promise<void> {
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(sql)
}

const ended = async () => Number(await page.locator('main.work').getAttribute('data-run'))

/** Does something that runs a statement and waits for its end. */
async function settled(start: () => Promise<unknown>): Promise<void> {
  const before = await ended()
  await start()
  await soon(ended, 120_000).toBeGreaterThan(before)
}

async function ask(sql: string): Promise<void> {
  await write(sql)
  await settled(() => page.keyboard.press('Control+Enter'))
}

async function newTab(sql: string): Promise<void> {
  await page.keyboard.press('Control+Alt+n')
  await write(sql)
}

const cells = () =>
  page
    .locator('.sql-grid tbody tr[aria-rowindex]')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('td:not(.idx)')].map((cell) => cell.textContent ?? '')),
    )
const headers = () =>
  page
    .locator('.sql-grid th[data-column]')
    .evaluateAll((all) =>
      all.map((one) =>
        (one as HTMLElement).innerText
          .replace(/\s*\n?(str|long|int|dbl|ts|date|map|bool|huge)\s*$/, '')
          .trim(),
      ),
    )
const tab = (name: string | RegExp) =>
  page.getByRole('navigation', { name: 'Queries' }).getByRole('button', { name })

describe('tabs', () => {
  test('keep text, answer and place, and never run again by themselves', async () => {
    await newTab('')
    await ask("SELECT i, 'row ' || i AS word FROM range(100000) t(i)")
    const runs = await ended()
    await page.getByRole('grid', { name: 'Result' }).focus()
    for (let i = 0; i < 40; i++) await page.keyboard.press('PageDown')
    const at = await page.locator('.sql-grid td.is-cell').textContent()
    await newTab('SELECT 2')
    await page.keyboard.press('Control+Alt+ArrowLeft')
    await soon(() => page.locator('.sql-grid td.is-cell').textContent()).toBe(at)
    expect(await ended()).toBe(runs)
    expect(await page.locator('.cm-content').textContent()).toContain('row')
  })

  test('are renamed, moved and closed by keys, and come back', async () => {
    const strip = page.getByRole('navigation', { name: 'Queries' })
    const names = () => strip.locator('.sql-tab').allInnerTexts()
    await newTab('SELECT 77 AS closed')
    const open = strip.locator('.tab.is-open .sql-tab')
    await open.focus()
    await page.keyboard.press('F2')
    await page.getByRole('textbox', { name: 'Name of the tab' }).fill('Kept')
    await page.keyboard.press('Enter')
    await soon(() => tab(/^Kept/).count()).toBe(1)
    const before = (await names()).indexOf('Kept')
    await page.keyboard.press('Control+Shift+ArrowLeft')
    await soon(async () => (await names()).indexOf('Kept')).toBe(before - 1)
    await page.keyboard.press('Delete')
    await soon(() => tab(/^Kept/).count()).toBe(0)
    await page.getByRole('button', { name: /^Undo/ }).click()
    await soon(() => tab(/^Kept/).count()).toBe(1)
    await soon(() => page.locator('.cm-content').textContent()).toContain('SELECT 77 AS closed')
  })

  test('a link opens a tab with its text and runs nothing; all tabs outlast the window', async () => {
    await page.goto(`${opened.server.origin}/#/sql?text=${encodeURIComponent('SELECT 5 AS linked')}`)
    await soon(() => page.locator('.cm-content').textContent()).toBe('SELECT 5 AS linked')
    expect(await ended()).toBe(0)
    expect(await page.evaluate(() => location.hash)).toBe('#/sql')
    const file = join(tarn.home, 'workbench', 'tabs.json')
    await soon(() => existsSync(file) && readFileSync(file, 'utf8').includes('linked')).toBe(true)
    await page.reload()
    await soon(() => page.locator('.cm-content').textContent()).toBe('SELECT 5 AS linked')
    await tab(/^Kept/).click()
    await soon(() => page.locator('.cm-content').textContent()).toContain('SELECT 77 AS closed')
  })
})

describe('statements', () => {
  test('several run in order; the first that fails ends them', async () => {
    await newTab('SELECT 1 AS one; SELECT 2 AS two; SELECT nothing AS three; SELECT 4 AS four')
    const before = await ended()
    await page.keyboard.press('Control+Shift+Enter')
    await soon(ended).toBe(before + 3)
    await page
      .getByRole('alert')
      .getByText(/^Referenced column "nothing"/)
      .first()
      .waitFor()
    expect(await headers()).toEqual(['two'])
    await page.locator('.sql-result-bar').getByText('From the run of').waitFor()
    await page.getByRole('complementary', { name: 'Result inspector' }).getByText('Where it failed').waitFor()
  })

  test('parameters are typed, bound and remembered with the tab', async () => {
    await newTab(
      'SELECT count(*) AS n, $word AS word FROM health_data_raw WHERE start_date >= $since AND value > :least_value',
    )
    await page.getByLabel('since', { exact: true }).fill('2024-10-03')
    await page.getByLabel('least_value', { exact: true }).fill('0')
    await page.getByLabel('word', { exact: true }).fill("it's")
    await settled(() => page.getByRole('button', { name: /^Run/ }).first().click())
    const expected = [...RAW, ...LATER].filter(
      (row) =>
        (row.start_date as bigint) >= BigInt(Date.UTC(2024, 9, 3)) * 1_000n &&
        row.value !== null &&
        // SQL holds NaN for the greatest number.
        !((row.value as number) <= 0),
    ).length
    expect(await cells()).toEqual([[String(expected), "it's"]])
    await newTab('SELECT 1')
    await page.keyboard.press('Control+Alt+ArrowLeft')
    expect(await page.getByLabel('since', { exact: true }).inputValue()).toBe('2024-10-03')
  })

  test('are laid out without changing what they say', async () => {
    await newTab('select a, b::int from (select 1 as a, 2 as b) q where a = $x -- why')
    await page.keyboard.press('Control+Shift+f')
    await soon(() => page.locator('.cm-line').allTextContents()).toContain('  a = $x -- why')
  })

  test('explains what is pushed down and what is not, and why', async () => {
    await newTab("SELECT count(*) FROM health_data_raw WHERE data_type = 'steps' AND length(user_id) > 3")
    await page.keyboard.press('Control+Shift+e')
    const plan = page.getByRole('complementary', { name: 'Result inspector' })
    await plan.getByText(/WHERE, pushed down to health_data_raw/).waitFor()
    await plan.getByText(/WHERE, checked row by row/).waitFor()
    await plan
      .getByText(/function/)
      .first()
      .waitFor()
  })

  test('completion offers columns with their types, and values of a column with few', async () => {
    await newTab('SELECT * FROM health_data_raw WHERE data_type = ')
    await page.keyboard.press('Control+Space')
    const list = page.locator('.cm-tooltip-autocomplete')
    await list.getByText("'steps'").waitFor()
    await page.keyboard.press('Escape')
    await write('SELECT device FROM health_data_raw')
    for (let i = 0; i < ' FROM health_data_raw'.length; i++) await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Control+Space')
    await list.getByText('device_id').first().waitFor()
    await list.getByText('str').first().waitFor()
    await page.keyboard.press('Escape')
  })

  test('a heavy join in another tab is cancelled within two seconds, and this tab stays free', async () => {
    await newTab('SELECT count(*) FROM range(100000000) a(i), range(100000000) b(j) WHERE (i * j) % 7 = 3')
    await page.keyboard.press('Control+Enter')
    await tab(/^Running/).waitFor()
    await newTab('SELECT 3 AS free')
    const other = page.getByRole('complementary', { name: 'Result inspector' })
    await page.keyboard.press('Control+Alt+ArrowLeft')
    await other.getByText('Join, group and sort').waitFor()
    const pressed = Date.now()
    await settled(() => page.keyboard.press('Control+.'))
    expect(Date.now() - pressed).toBeLessThan(6_000)
    await page.keyboard.press('Control+Alt+ArrowRight')
    await settled(() => page.keyboard.press('Control+Enter'))
    expect(await cells()).toEqual([['3']])
  })
})

describe('the grid', () => {
  test('columns are pinned, hidden, moved and resized by keys, and twins are told apart', async () => {
    await newTab('SELECT i AS a, i + 1 AS b, i + 2 AS b, i + 3 AS c FROM range(50) t(i)')
    await settled(() => page.keyboard.press('Control+Enter'))
    const grid = page.getByRole('grid', { name: 'Result' })
    await grid.focus()
    expect(await headers()).toHaveLength(4)
    await page.keyboard.press('End')
    await page.keyboard.press('p')
    await soon(async () => (await headers())[0]).toMatch(/c$/)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('h')
    await soon(async () => (await headers()).length).toBe(3)
    await page.keyboard.press('Control+Shift+ArrowRight')
    expect((await cells())[0]).toEqual(['3', '2', '1'])
    const width = () => page.locator('th[data-column="1"]').evaluate((one) => one.clientWidth)
    const before = await width()
    await page.keyboard.press('+')
    await soon(width).toBeGreaterThan(before)
    await page.keyboard.press('m')
    await page.getByRole('menuitem', { name: 'Sort, least first' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /3 of 4 columns/ }).click()
    await page.getByRole('checkbox', { name: 'a' }).click()
    await page.keyboard.press('Escape')
    await soon(async () => (await headers()).length).toBe(4)
  })

  test('finds in all rows, in the engine, and goes from one to the next', async () => {
    await newTab("SELECT i, 'w' || i AS word FROM range(200000) t(i)")
    await settled(() => page.keyboard.press('Control+Enter'))
    await page.getByRole('grid', { name: 'Result' }).focus()
    await page.keyboard.press('Control+f')
    await page.keyboard.type('w19999')
    await page.getByText('row 1 of 11 rows that have it').waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('row 2 of 11 rows that have it').waitFor()
    await soon(() => page.locator('.sql-grid td.is-cell').textContent()).toBe('w199990')
    await page.keyboard.press('Shift+Enter')
    await soon(() => page.locator('.sql-grid td.is-cell').textContent()).toBe('w19999')
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid')
  })

  test('a million rows: few elements, all rows and columns told, every cell readable', async () => {
    await newTab('SELECT i, i * 2 AS twice FROM range(1000000) t(i)')
    await settled(() => page.keyboard.press('Control+Enter'))
    const grid = page.getByRole('grid', { name: 'Result' })
    expect(await grid.getAttribute('aria-rowcount')).toBe('1000001')
    expect(await grid.getAttribute('aria-colcount')).toBe('3')
    await grid.focus()
    await page.keyboard.press('Control+End')
    await page.locator('#cell-999999-1').waitFor()
    expect(await page.locator('.sql-grid tbody tr').count()).toBeLessThan(200)
    expect(await grid.getAttribute('aria-activedescendant')).toBe('cell-999999-1')
    const row = page.locator('tr[aria-rowindex="1000001"]')
    expect(await row.getByRole('gridcell').allTextContents()).toEqual(['1000000', '999999', '1999998'])
    await page.keyboard.press('Control+Home')
    await page.locator('#cell-0-0').waitFor()
    // However far it is scrolled, no step draws more than what is in sight and a little beside it.
    const drawn = await page.locator('.sql-grid').evaluate(async (area) => {
      const found: number[] = []
      for (let step = 0; step < 20; step++) {
        area.scrollTop += 7_000 * (step + 1)
        await new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame)))
        found.push(area.querySelectorAll('tbody tr[aria-rowindex]').length)
      }
      return found
    })
    expect(Math.min(...drawn)).toBeGreaterThan(5)
    expect(Math.max(...drawn)).toBeLessThan(80)
  })

  test('a row of a lake table leads to where it came from', async () => {
    await newTab('SELECT user_id, sample_id, data_type FROM health_data_raw ORDER BY sample_id LIMIT 3')
    await settled(() => page.keyboard.press('Control+Enter'))
    await page.getByRole('grid', { name: 'Result' }).focus()
    await page.keyboard.press('ArrowDown')
    const link = page.getByRole('link', { name: 'Follow to file, commit and message' })
    const href = decodeURIComponent((await link.getAttribute('href')) ?? '')
    expect(href).toMatch(/^#\/thread\?table=.*health_data_raw&snapshot=\d+&row=\{"user_id":/)
  })
})

describe('the library', () => {
  test('a query is saved, followed on disk, renamed, and deleted with a way back', async () => {
    const folder = join(tarn.home, 'queries')
    await newTab('SELECT 1 AS first')
    await page.keyboard.press('Control+s')
    await page.getByRole('textbox', { name: 'Name of the query' }).fill('On disk')
    await page.keyboard.press('Enter')
    await soon(() => existsSync(join(folder, 'On disk.sql'))).toBe(true)
    writeFileSync(join(folder, 'On disk.sql'), 'SELECT 2 AS second\n')
    await soon(() => page.locator('.cm-content').textContent()).toBe('SELECT 2 AS second')
    await page.locator('.cm-content').click()
    await page.keyboard.type(' ')
    await page.keyboard.type('-- mine')
    writeFileSync(join(folder, 'On disk.sql'), 'SELECT 3 AS third\n')
    await page.getByText('was changed on disk while it was edited here').waitFor({ timeout: 15_000 })
    await page.getByRole('button', { name: "Take the file's text" }).click()
    await soon(() => page.locator('.cm-content').textContent()).toBe('SELECT 3 AS third')
    const list = page.getByRole('region', { name: 'Saved queries, snippets and history' })
    await list.getByRole('button', { name: 'More about On disk' }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    await page.getByRole('textbox', { name: 'Name of the query' }).fill('Renamed')
    await page.keyboard.press('Enter')
    await tab(/^Renamed/).waitFor()
    expect(existsSync(join(folder, 'On disk.sql'))).toBe(false)
    await list.getByRole('button', { name: 'More about Renamed' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await soon(() => existsSync(join(folder, 'Renamed.sql'))).toBe(false)
    await page.getByRole('button', { name: /^Undo/ }).first().click()
    await soon(() => existsSync(join(folder, 'Renamed.sql'))).toBe(true)
  })

  test('history tells time and cost, and is searched', async () => {
    await newTab("SELECT count(*) AS remembered FROM health_data_raw WHERE data_type = 'steps' AND value > 1")
    await settled(() => page.keyboard.press('Control+Enter'))
    await page.getByRole('searchbox', { name: 'Filter tables, columns and queries' }).fill('remembered')
    const row = page.getByRole('button', { name: /^SELECT count\(\*\) AS remembered/ })
    expect(await row.textContent()).toMatch(/\d (ms|s), [\d.]+ (B|KiB)$/)
    await page.getByRole('searchbox', { name: 'Filter tables, columns and queries' }).fill('')
    expect(readFileSync(join(tarn.home, 'workbench', 'history.json'), 'utf8')).toContain('remembered')
  })
})
