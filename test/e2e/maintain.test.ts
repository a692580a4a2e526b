import { existsSync } from 'node:fs'
import { mkdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../src/main/hosts/server/server.ts'
import { headSnapshot } from '../../src/main/iceberg/metadata.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { CHROMIUM_ARGS, findChromium } from '../helpers/chromium.ts'
import { readTable } from '../helpers/load.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { rawRows } from '../renderer/query/sample.ts'
import { seen, seriousFaults, smallTargets, type Watch, watch } from './checks.ts'

/** Maintenance from the tables page as it is shipped, on the embedded lake. */

const PAGES = process.env.TARN_PAGES ?? resolve(import.meta.dirname, '../../out/renderer')
const DAY = 86_400_000

let tarn: TestApp
let server: RunningServer
let browser: Browser
let page: Page
let watched: Watch

const raw = async () => {
  const { io, tables } = await tarn.app.lake()
  return (await io.catalog.loadTable(tables.raw)).metadata
}
const rows = async () => {
  const { io } = await tarn.app.lake()
  const found = await readTable(io, await raw())
  const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)
  return { files: found.files.length, rows: found.rows.map((row) => JSON.stringify(row, plain)).sort() }
}
const health = () => page.getByRole('complementary', { name: 'Health' })
const dialog = () => page.getByRole('dialog')

beforeAll(async () => {
  if (!existsSync(join(PAGES, 'index.html'))) throw new Error('the page is not built: npm run build')
  tarn = testApp({}, { KAFKA_TOPIC: 'health-data-raw' })
  const lake = await tarn.app.lake()
  await createTables(lake.io)
  for (let commit = 0; commit < 5; commit++) await appendRows(lake.io, lake, 'raw', rawRows(10, 7 + commit))
  server = await startServer(tarn.app, { port: 0, pages: PAGES, home: null })
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('no Chromium on this machine')
  browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
  page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()
  watched = await watch(page, server.origin)
  await page.goto(server.url)
  await page.getByRole('heading', { name: 'Nothing is being loaded' }).waitFor()
  await page.goto(`${server.origin}/#/tables/raw?health=yes`)
  await health().getByText('Reasons and remedies').waitFor()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await tarn?.close()
})

describe('compaction', () => {
  test('is previewed from the reason that it mends: sizes now and after, and what can no longer be queried', async () => {
    const before = await rows()
    await health().getByRole('button', { name: 'Preview compaction' }).first().click()
    await dialog().getByRole('table', { name: 'Data files by size' }).waitFor()
    const now = await dialog().locator('.size-table tbody td:nth-child(2) .num').allInnerTexts()
    expect(now.reduce((sum, text) => sum + Number(text), 0)).toBe(before.files)
    expect(await dialog().innerText()).toMatch(/Can no longer be queried\s+nothing/)
    expect(await seriousFaults(page)).toEqual([])
    expect(await smallTargets(page)).toEqual([])
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    expect((await rows()).files).toBe(before.files)
  })

  test('runs as it was shown, and leads to its snapshot', async () => {
    const before = await rows()
    await health().getByRole('button', { name: 'Preview compaction' }).first().click()
    const button = dialog().getByRole('button', { name: /^Rewrite \d+ files$/ })
    const count = Number(/\d+/.exec(await button.innerText())?.[0])
    await button.click()
    await dialog().getByText(`${count} files became`).waitFor()
    const after = await rows()
    expect(after.rows).toEqual(before.rows)
    expect(after.files).toBeLessThan(before.files)
    const head = headSnapshot(await raw())
    expect(head?.summary).toMatchObject({ operation: 'replace', 'tarn.maintenance': 'compact' })
    const link = dialog().getByTitle(String(head?.['snapshot-id']))
    expect(await link.getAttribute('href')).toContain(`snapshot=${head?.['snapshot-id']}`)
    await dialog().getByRole('button', { name: 'Close' }).last().click()
    await health().getByText('Compacted', { exact: false }).waitFor()
  })

  test('is taken back while nothing was committed since', async () => {
    const compacted = headSnapshot(await raw())
    await health().getByRole('button', { name: 'Go back to the snapshot before' }).click()
    await dialog().getByRole('button', { name: 'Go back 1 step of maintenance' }).click()
    await dialog().waitFor({ state: 'detached' })
    await health().getByText('Reasons and remedies').waitFor()
    expect(headSnapshot(await raw())?.['snapshot-id']).toBe(compacted?.['parent-snapshot-id'])
  })
})

describe('orphans', () => {
  test('are deleted only once the name is typed, and only those listed', async () => {
    const { location } = await raw()
    const folder = join(fileURLToPath(new URL(location)), 'data')
    await mkdir(folder, { recursive: true })
    const [old, young] = [join(folder, 'old.parquet'), join(folder, 'young.parquet')]
    for (const path of [old, young]) await writeFile(path, 'x')
    const then = new Date(Date.now() - 10 * DAY)
    await utimes(old, then, then)
    await health().getByRole('button', { name: 'Look for orphans' }).click()
    const button = dialog().getByRole('button', { name: 'Delete 1 file' })
    await button.waitFor()
    expect(await dialog().getByRole('list', { name: 'Files to delete' }).innerText()).toBe('data/old.parquet')
    expect(await button.isDisabled()).toBe(true)
    expect(await seriousFaults(page)).toEqual([])
    await dialog().getByLabel('Type health_data_raw to go on').fill('health_data_raw')
    await button.click()
    await dialog().getByText('1 file deleted').waitFor()
    await expect(stat(old)).rejects.toMatchObject({ code: 'ENOENT' })
    expect((await stat(young)).size).toBe(1)
    await page.keyboard.press('Escape')
  })
})

test('nothing was thrown, refused or fetched from elsewhere', async () => {
  expect(watched).toEqual({ trouble: [], foreign: [] })
  expect((await seen(page)).refused).toEqual([])
})
