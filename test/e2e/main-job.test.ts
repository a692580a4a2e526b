import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { parts } from '../../src/main/app/compose.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { python } from '../services/install.ts'
import { run } from '../services/process.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { seen } from './checks.ts'

/**
 * The main job as an analyst does it, in one window: set up on an empty catalog, load a real topic, look at the dead
 * letters, ask for aggregates and for a join with raw. Every number is compared with what the producer wrote down.
 */

const services = inject('services')
const name = `job_${Date.now().toString(36)}`
const folder = mkdtempSync(join(tmpdir(), 'tarn-job-'))

interface Row {
  readonly sample_id: string
  readonly user_id: string
  readonly device_id: string
  readonly data_type: string
  readonly value: number
  /** Microseconds since the epoch. */
  readonly start_date: number
}
interface Letter {
  readonly error_type: string
}

let rows: Row[]
let letters: Letter[]
let messages: number
let tarn: TestApp
let opened: Opened
let page: Page

const read = <T>(file: string): T[] =>
  readFileSync(join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)

beforeAll(async () => {
  const produced = run(await python(), [
    resolve(import.meta.dirname, '../services/python/produce.py'),
    ...[
      '--brokers',
      services.kafka.brokers,
      '--topic',
      name,
      '--out',
      folder,
      '--payloads',
      '3000',
      '--users',
      '4',
    ],
  ])
  messages = (JSON.parse(produced) as { messages: number }).messages
  rows = read<Row>('rows.jsonl')
  letters = read<Letter>('letters.jsonl')
  tarn = testApp(parts)
  opened = await openInBrowser(tarn.app)
  page = opened.page
  await page.goto(opened.server.url)
})
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
  rmSync(folder, { recursive: true, force: true })
})

const section = (label: string) => page.getByRole('region', { name: label, exact: true })
const enter = async (label: string, text: string) => {
  const field = page.getByRole('textbox', { name: label, exact: true })
  await field.fill(text)
  await field.press('Enter')
}
const figures = (texts: readonly string[]) => texts.map((text) => text.replaceAll(',', ''))

test('set up by the wizard on an empty catalog', async () => {
  await page.getByText('Connect mine').click()
  await page.getByRole('heading', { name: 'Connect', exact: true }).waitFor()
  await page.getByRole('cell', { name: 'localhost:9092', exact: true }).waitFor()
  if ((await section('REST catalog').count()) === 0) {
    await page.getByRole('combobox', { name: 'Catalog', exact: true }).click()
    await page.getByRole('option', { name: 'REST server' }).click()
  }
  const address = section('REST catalog').getByRole('textbox', { name: 'Address' })
  await address.fill(services.catalog.uri)
  await address.press('Enter')
  await enter('Endpoint', services.s3.endpoint)
  await enter('Brokers', services.kafka.brokers)
  await page.getByText('3 of 3 answered').first().waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()
  await enter('Warehouse', 's3://data-lake/warehouse')
  await enter('Namespace', name)
  await page.locator("a.st[href='#/setup/source']").click()
  await page.getByText(name, { exact: true }).click()
  await page.getByText('20 messages, decoded and validated').waitFor()
  await page.locator("a.st[href='#/setup/review']").click()
  await page.getByRole('button', { name: 'Save, make 5 tables and prove' }).click()
  await page.getByText('15 of 15 passed').first().waitFor({ timeout: 120_000 })
})

test('load the topic, and see the counts reach what was produced', async () => {
  await page.goto(`${opened.server.origin}/#/load`)
  await page.getByRole('button', { name: 'Start loading' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Start loading' })
  await dialog.getByRole('checkbox').click()
  await dialog.getByRole('button', { name: 'Start loading' }).click()
  const ledger = section('Ledger')
  await expect.poll(() => tarn.app.load.view().state, { timeout: 180_000 }).toMatch(/^(done|failed)$/)
  expect(tarn.app.load.view()).toMatchObject({
    state: 'done',
    messages,
    rows: rows.length,
    rejected: letters.length,
  })
  await ledger.getByText(/balanced/i).waitFor()
  const sums = figures(await ledger.locator('.eq b').allTextContents()).map((text) =>
    text.replace(/^\D+/, ''),
  )
  expect(sums).toEqual([rows.length + letters.length, rows.length, letters.length, 0, 0].map(String))
})

test('see the dead letters, by their reason', async () => {
  await page.goto(`${opened.server.origin}/#/letters`)
  const list = page.getByRole('complementary', { name: 'Reasons of dead letters' })
  await list.getByText(`${letters.length} open`).waitFor()
  const groups = (await (
    await fetchJson('/api/dead-letters/groups')
  ).groups) as { errorType: string; count: number }[]
  const byType = new Map<string, number>()
  for (const group of groups) byType.set(group.errorType, (byType.get(group.errorType) ?? 0) + group.count)
  const expected = new Map<string, number>()
  for (const letter of letters) expected.set(letter.error_type, (expected.get(letter.error_type) ?? 0) + 1)
  expect(Object.fromEntries(byType)).toEqual(Object.fromEntries(expected))
})

test('an aggregate over daily gives what the produced samples give', async () => {
  await ask(
    "SELECT user_id, sum(count) AS n, round(sum(sum_value) / sum(count), 6) AS mean, max(max_value) AS highest FROM health_data_daily_agg WHERE data_type = 'heartRate' GROUP BY user_id ORDER BY user_id",
  )
  const users = Map.groupBy(
    rows.filter((row) => row.data_type === 'heartRate'),
    (row) => row.user_id,
  )
  const expected = [...users]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([user, own]) => {
      const values = own.map((row) => row.value)
      return [user, own.length, values.reduce((a, b) => a + b, 0) / own.length, Math.max(...values)] as const
    })
  const answered = await cells()
  expect(answered.map(([user, n]) => [user, Number(n)])).toEqual(expected.map(([user, n]) => [user, n]))
  for (const [index, [, , mean, highest]] of expected.entries()) {
    expect(Number(answered[index]?.[2])).toBeCloseTo(mean, 5)
    expect(Number(answered[index]?.[3])).toBeCloseTo(highest, 9)
  }
})

test('a join of daily with raw counts the samples above their day’s mean', async () => {
  await ask(
    "SELECT d.aggregation_date, count(*) AS above FROM health_data_raw r JOIN health_data_daily_agg d ON d.user_id = r.user_id AND d.data_type = r.data_type AND d.aggregation_date = strftime(r.start_date, '%Y-%m-%d') WHERE r.user_id = 'user-01' AND r.value > d.avg_value AND d.aggregation_date >= '2026-03-01' GROUP BY 1 ORDER BY 1",
  )
  const day = (row: Row) => new Date(Math.floor(row.start_date / 1000)).toISOString().slice(0, 10)
  const keys = Map.groupBy(
    rows.filter((row) => row.user_id === 'user-01' && day(row) >= '2026-03-01'),
    (row) => `${day(row)} ${row.data_type}`,
  )
  const above = new Map<string, number>()
  for (const own of keys.values()) {
    const mean = own.reduce((sum, row) => sum + row.value, 0) / own.length
    for (const row of own) if (row.value > mean) above.set(day(row), (above.get(day(row)) ?? 0) + 1)
  }
  expect((await cells()).map(([date, n]) => [date, Number(n)])).toEqual(
    [...above].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
})

test('nothing was said on the console, refused by the policy or asked of anywhere else', async () => {
  expect({ ...opened.watched, refused: (await seen(page)).refused }).toMatchObject({
    trouble: [],
    foreign: [],
    refused: [],
  })
})

/** Writes a statement into the SQL page, runs it and waits for its end. */
async function ask(sql: string): Promise<void> {
  await page.goto(`${opened.server.origin}/#/sql`)
  await page.getByRole('button', { name: 'health_data_raw' }).waitFor()
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(sql)
  const ends = async () => Number(await page.locator('main.work').getAttribute('data-run'))
  const before = await ends()
  await page.keyboard.press('Control+Enter')
  await expect.poll(ends, { timeout: 60_000 }).toBeGreaterThan(before)
}

async function cells(): Promise<string[][]> {
  return page
    .locator('.sql-grid tbody tr[aria-rowindex]')
    .evaluateAll((lines) =>
      lines.map((line) => [...line.querySelectorAll('td:not(.idx)')].map((cell) => cell.textContent ?? '')),
    )
}

function fetchJson(path: string): Promise<{ groups: unknown }> {
  return page.evaluate(async (url) => (await fetch(url)).json(), path)
}
