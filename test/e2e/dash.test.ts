import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Download, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rollUpLake, rollupJob } from '../../src/main/app/rollup.ts'
import { systemClock } from '../../src/main/base/clock.ts'
import { silentLog } from '../../src/main/base/log.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { appendRows, createTables, type Row } from '../renderer/query/lake-node.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { seen } from './checks.ts'
import { holdsTheRules, walk } from './rules.ts'

/** The dashboards as they are shipped, over aggregates that the real rollup made of known samples. */

const DAY = 86_400_000_000n
/** 2026-05-13. */
const LAST = 20_586
const DAYS = 45
/** Days back from the last without a sample. */
const MISSING = [3, 4, 20]
const TYPES = ['heartRate', 'restingHeartRate', 'steps'] as const

let tarn: TestApp
let opened: Opened
let page: Page
const RAW = samples()

function samples(): Row[] {
  const rows: Row[] = []
  let n = 7
  const next = () => {
    n = (n * 1_103_515_245 + 12_345) % 2_147_483_648
    return n
  }
  for (const user of ['ann', 'bob']) {
    for (const [t, type] of TYPES.entries()) {
      for (let back = DAYS - 1; back >= 0; back--) {
        if (MISSING.includes(back)) continue
        for (let i = 0; i < 9; i++) {
          const at = BigInt(LAST - back) * DAY + BigInt(next() % 86_400_000) * 1000n
          rows.push(sampleOf(user, type, at, 40 + 60 * t + (next() % 977) / 13, `${user}-${t}-${back}-${i}`))
        }
      }
    }
  }
  return rows
}

function sampleOf(user: string, type: string, at: bigint, value: number, id: string): Row {
  return {
    device_id: 'device',
    user_id: user,
    sample_id: id,
    data_type: type,
    value,
    unit: 'count/min',
    start_date: at,
    end_date: at,
    source_bundle: null,
    metadata: null,
    is_synced: true,
    created_at: at,
    payload_timestamp: at,
    app_version: '1',
    processing_time: at,
  }
}

const dateOf = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10)

/** Statistics of one day as anyone would compute them: two passes over sorted samples. */
function recomputed(day: number) {
  const rows = RAW.filter(
    (row) =>
      row.user_id === 'ann' &&
      row.data_type === 'heartRate' &&
      (row.start_date as bigint) / DAY === BigInt(day),
  ).sort((a, b) => Number((a.start_date as bigint) - (b.start_date as bigint)))
  const values = rows.map((row) => row.value as number)
  const sum = values.reduce((total, value) => total + value, 0)
  const mean = sum / values.length
  return {
    count: values.length,
    min_value: Math.min(...values),
    avg_value: mean,
    max_value: Math.max(...values),
    sum_value: sum,
    stddev_value: Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length),
    first_value: values[0] as number,
    last_value: values.at(-1) as number,
  }
}

beforeAll(async () => {
  tarn = testApp({ rollup: rollupJob }, { KAFKA_TOPIC: 'health-data-raw' })
  const lake = await tarn.app.lake()
  await createTables(lake.io)
  await appendRows(lake.io, lake, 'raw', RAW)
  await rollUpLake(lake, { rebuild: false, log: silentLog, clock: systemClock })
  opened = await openInBrowser(tarn.app, { viewport: { width: 1280, height: 800 } })
  page = opened.page
  await page.goto(opened.server.url)
  await page.getByRole('navigation', { name: 'Areas' }).waitFor()
}, 240_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
})

const band = () => page.getByRole('slider', { name: /^Heart rate by day/ })
const hash = () => page.evaluate(() => location.hash)

async function open(query = ''): Promise<void> {
  await page.goto(`${opened.server.origin}/#/dash${query}`)
  await page.getByRole('slider', { name: /^Heart rate by (day|week|month)/ }).waitFor({ timeout: 60_000 })
}

/** Raw's first snapshot: all known samples came with it. */
async function snapshotOfRaw(): Promise<string> {
  const lake = await tarn.app.lake()
  const { metadata } = await lake.io.catalog.loadTable(lake.tables.raw)
  return String(metadata.snapshots?.[0]?.['snapshot-id'])
}

async function menu(name: string, entry: string): Promise<Download> {
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: `Save or show ${name}` }).click()
  await page.getByRole('menuitem', { name: entry }).click()
  return download
}

describe('dashboards', { timeout: 120_000 }, () => {
  test('open on a subject with data by Ctrl 5, reading only the files of its days', async () => {
    const read: number[] = []
    const count = (request: { url(): string; postDataJSON(): unknown }) => {
      if (request.url().endsWith('/api/query/read'))
        read.push((request.postDataJSON() as { files: unknown[] }).files.length)
    }
    page.on('request', count)
    await page.keyboard.press('Control+5')
    await band().waitFor({ timeout: 60_000 })
    await page.getByText('Other types, same days').waitFor()
    await page
      .getByText(`Band, year and comparison come from ${DAYS - MISSING.length} files`, { exact: false })
      .waitFor()
    await page.locator('.dash-multiple svg.ch').nth(1).waitFor({ timeout: 30_000 })
    // Its own days once, the two other types' days once, the weeks of all three for the list, and raw's days of its type
    // for the distribution of the samples; never another user's.
    const [days, weeks] = [DAYS - MISSING.length, 7]
    const samples = page.getByRole('figure', { name: 'Samples' })
    await samples.locator('svg.ch').waitFor({ timeout: 30_000 })
    await page.getByText(new RegExp(`^${days * 9} samples, ${days} files, .* of raw$`)).waitFor()
    page.off('request', count)
    expect(read.reduce((sum, n) => sum + n, 0)).toBe(3 * days + 3 * weeks + days)
    expect((await seen(page)).shift).toBeLessThan(0.05)
  })

  test('save the data of a chart: the same numbers as an independent computation from the samples', async () => {
    const file = await menu('Heart rate by day', 'Save data as CSV')
    const lines = readFileSync((await file.path()) as string, 'utf8')
      .replace('\ufeff', '')
      .trim()
      .split('\r\n')
      .map((line) => line.split(','))
    const [head = [], ...rows] = lines
    expect(rows).toHaveLength(DAYS)
    for (let back = 0; back < DAYS; back++) {
      const day = LAST - back
      const row = rows.find((one) => one[0] === dateOf(day)) as string[]
      const cell = (name: string) => row[head.indexOf(name)] as string
      if (MISSING.includes(back)) {
        expect(row.slice(1).join('')).toBe('')
        continue
      }
      const wanted = recomputed(day)
      for (const name of ['count', 'min_value', 'max_value', 'first_value', 'last_value'] as const)
        expect(Number(cell(name)), `${name} of ${dateOf(day)}`).toBe(wanted[name])
      for (const name of ['avg_value', 'sum_value', 'stddev_value'] as const)
        expect(Math.abs(Number(cell(name)) / wanted[name] - 1)).toBeLessThan(1e-9)
    }
  })

  test('save a picture as SVG without classes of the page, and as PNG', async () => {
    const svg = readFileSync(
      (await (await menu('Heart rate by day', 'Save as SVG')).path()) as string,
      'utf8',
    )
    expect(svg).toContain('xmlns="http://www.w3.org/2000/svg"')
    expect(svg).not.toMatch(/var\(|currentColor|<style/)
    for (const name of [/^Daily mean/, /^45 days against/, 'Distribution', 'steps']) {
      const button = page.getByRole('button', {
        name:
          typeof name === 'string'
            ? `Save or show ${name}`
            : new RegExp(`Save or show ${name.source.slice(1)}`),
      })
      const download = page.waitForEvent('download')
      // The menu before fades out.
      await page.getByRole('menu').waitFor({ state: 'detached' })
      await button.click()
      await page.getByRole('menuitem', { name: 'Save as PNG' }).click()
      const png = readFileSync((await (await download).path()) as string)
      expect(png.subarray(1, 4).toString()).toBe('PNG')
      expect(png.length).toBeGreaterThan(2_000)
    }
  })

  test('every chart shows its figures as a table in its place', async () => {
    await page.getByRole('button', { name: 'Save or show Distribution' }).click()
    await page.getByRole('menuitem', { name: 'Show as a table' }).click()
    const table = page.getByRole('region', { name: 'Figures of Distribution' })
    const counts = await table.locator('tbody tr td:nth-child(3)').allTextContents()
    expect(counts.reduce((sum, text) => sum + Number(text), 0)).toBe(DAYS - MISSING.length)
    await page.getByRole('button', { name: 'Save or show Distribution' }).click()
    await page.getByRole('menuitem', { name: 'Show as a chart' }).click()
  })

  test('show missing days as missing: hatched, never zero and never joined', async () => {
    const picture = page.locator('.dash-band svg.ch')
    expect(await picture.locator('rect.no-data').count()).toBe(2)
    const line = (await picture.locator('path[stroke="var(--mark)"]').getAttribute('d')) as string
    expect(line.split('M')).toHaveLength(1 + 3)
    await band().focus()
    await page.keyboard.press('End')
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft')
    expect(await band().getAttribute('aria-valuetext')).toBe('Sun 10 May 2026: no data')
    const table = page.getByRole('table', { name: /^Statistics by day/ })
    expect(await table.getByText('no data').count()).toBe(MISSING.length)
    expect(await page.locator('.dash-year rect.no-data').count()).toBe(MISSING.length)
  })

  test('never call missing what is not read yet', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/api/query/plan', async (route) => {
      // The plan of the year, which begins a year before the last day.
      if (
        route
          .request()
          .postData()
          ?.includes(dateOf(LAST - 364))
      )
        await held
      await route.fallback()
    })
    await page.reload()
    await band().waitFor({ timeout: 60_000 })
    await page.getByRole('row', { name: /^Samples 378 reading/ }).waitFor()
    expect(await page.locator('.dash-year rect.no-data').count()).toBe(0)
    release()
    await page.locator('.dash-year rect.no-data').first().waitFor()
    await page.getByRole('row', { name: /^Samples 378 no data/ }).waitFor()
    await page.unroute('**/api/query/plan')
  })

  test('brush and zoom by keyboard and pointer; the address says it, reload and back keep it', async () => {
    await band().focus()
    await page.keyboard.press('End')
    for (let i = 0; i < 9; i++) await page.keyboard.press('Shift+ArrowLeft')
    expect(await band().getAttribute('aria-valuetext')).toMatch(/^Mon 4 May 2026.* to Wed 13 May 2026/)
    await page.keyboard.press('Enter')
    await expect.poll(hash).toBe('#/dash?from=2026-05-04&to=2026-05-13')
    await page.getByRole('button', { name: '4 May to 13 May 2026, 10 days' }).waitFor()
    await page.getByRole('slider', { name: 'First day shown' }).focus()
    await page.keyboard.press('ArrowLeft')
    await expect.poll(hash).toContain('from=2026-05-03')
    await page.reload()
    await band().waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: /May 2026, 11 days/ }).waitFor()
    await page.goBack()
    await page.getByRole('button', { name: /May 2026, 10 days/ }).waitFor()
    const box = (await band().boundingBox()) as { x: number; y: number; width: number }
    await page.mouse.move(box.x + box.width * 0.5, box.y + 80)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.8, box.y + 80, { steps: 4 })
    await page.mouse.up()
    await expect.poll(hash).toMatch(/from=2026-05-0[89]&to=2026-05-1[12]/)
    await open()
  })

  test('drill from month to week to day to raw rows to the thread', async () => {
    await open('?grain=month')
    const months = page.getByRole('slider', { name: /^Heart rate by month/ })
    await months.focus()
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    const pane = page.getByRole('complementary', { name: /^Drill-down/ })
    await pane.getByRole('link', { name: 'Week 19' }).click()
    await expect.poll(hash).toContain('at=2026-W19')
    await pane.getByRole('link', { name: 'Fri 8 May' }).click()
    await pane.getByText('Matches raw').waitFor({ timeout: 30_000 })
    await open('?at=2026-05-12')
    await pane.getByText('Matches raw').waitFor({ timeout: 30_000 })
    const exact = recomputed(LAST - 1)
    await pane.getByTitle(String(exact.max_value), { exact: true }).first().waitFor()
    await pane.getByText('All digits and the window').click()
    await pane.getByText(String(exact.max_value), { exact: true }).first().waitFor()
    await pane.getByText('All digits and the window').click()
    const hours = pane.getByRole('slider', { name: /^Every sample/ })
    await hours.focus()
    await page.keyboard.press('Home')
    for (let i = 0; i < 23; i++) await page.keyboard.press('Shift+ArrowRight')
    await page.keyboard.press('Enter')
    const raw = pane.getByRole('table', { name: 'Raw rows, 00:00 to 00:00' })
    expect(await raw.locator('tbody tr').count()).toBe(9)
    await raw.getByRole('button').nth(2).click()
    // These samples came without a topic: their file and snapshot are told, and that no message is known.
    const commit = await snapshotOfRaw()
    const snapshot = pane.getByRole('link', { name: new RegExp(commit.slice(-4)) })
    await snapshot.waitFor({ timeout: 30_000 })
    expect(await snapshot.getAttribute('href')).toBe(`#/tables/raw?tab=snapshots&snapshot=${commit}`)
    await pane.getByText(/\.parquet$/).waitFor()
    await pane.getByText('written by another engine').waitFor()
    const sql = await pane.getByRole('link', { name: 'Open in SQL' }).getAttribute('href')
    expect(new URLSearchParams(sql?.split('?')[1]).get('text')).toContain("user_id = 'ann'")
    await pane.getByRole('link', { name: 'Follow the thread' }).click()
    await expect.poll(hash).toMatch(/^#\/thread\?table=raw&row=/)
    await page.getByText('Data file').first().waitFor({ timeout: 30_000 })
    await page.goBack()
    await page.getByRole('link', { name: 'May 2026' }).click()
    await expect.poll(hash).toContain('at=2026-05')
  })

  test('compare with another user and another stretch', async () => {
    await open('?compare=user:bob')
    await page.getByText('45 days against bob').waitFor()
    await page.getByRole('row', { name: /^Samples 378 378 same/ }).waitFor()
    await open('?compare=all')
    await page.getByText('45 days against all users, 2 of them').waitFor()
    const comparison = page.locator('.dash-compare')
    const samples = RAW.filter((row) => row.data_type === 'heartRate')
    await comparison
      .getByRole('row', { name: `Samples ${samples.length / 2} ${samples.length} ` })
      .waitFor({ timeout: 30_000 })
    await open('?from=2026-05-06&to=2026-05-08&compare=from:2026-05-05')
    await page.getByText('3 days against those from 5 May 2026').waitFor()
    const values = [LAST - 7, LAST - 6, LAST - 5].map((day) => recomputed(day).max_value)
    await page.getByRole('row', { name: new RegExp(`^Max ${Math.max(...values).toFixed(1)} `) }).waitFor()
  })

  test('say by how many rows a day is stale, and match again after a rollup', async () => {
    const lake = await tarn.app.lake()
    const at = BigInt(LAST - 2) * DAY + 40_000_000_000n
    await appendRows(
      lake.io,
      lake,
      'raw',
      [0, 1, 2].map((i) => sampleOf('ann', 'heartRate', at + BigInt(i), 199 + i, `late-${i}`)),
    )
    await page.reload()
    await open('?at=2026-05-11')
    const pane = page.getByRole('complementary', { name: /^Drill-down/ })
    await pane.getByText('Stale by 3 rows').waitFor({ timeout: 30_000 })
    await pane.getByText('max_value').waitFor()
    await page.getByText(`1 of ${DAYS - MISSING.length} days stale`).waitFor()
    const row = page.getByRole('row', { name: /^Mon 11 May/ })
    expect(await row.textContent()).toContain('Stale by 3 rows')
    await pane.getByRole('button', { name: 'Roll up now' }).click()
    await pane.getByText('Matches raw').waitFor({ timeout: 60_000 })
    await pane.getByText('201', { exact: false }).first().waitFor()
    await page.getByRole('button', { name: `Check ${DAYS} days` }).click()
    await page.getByText(`${DAYS - MISSING.length} days match raw`).waitFor({ timeout: 60_000 })
  })

  test('are kept under a name, as a file, and come back by it', async () => {
    await open('?grain=week')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('textbox', { name: 'Name of the dashboard' }).fill('Ann by week')
    await page.getByRole('button', { name: 'Save', exact: true }).last().click()
    await page.getByText('Kept as it stands here').waitFor()
    await page.keyboard.press('Escape')
    const file = JSON.parse(readFileSync(join(tarn.home, 'dashboards', 'Ann by week.json'), 'utf8'))
    expect(file.query).toEqual({ user: 'ann', type: 'heartRate', grain: 'week' })
    await open()
    await page.getByRole('link', { name: 'Ann by week' }).click()
    await page.getByRole('slider', { name: /^Heart rate by week/ }).waitFor()
    expect(await hash()).toBe('#/dash?user=ann&type=heartRate&grain=week')
  })

  test('pick another user by searching, another type from the list', async () => {
    await open()
    await page
      .getByRole('combobox', { name: 'User' })
      .or(page.getByRole('button', { name: 'User' }))
      .first()
      .click()
    await page.keyboard.type('bo')
    await page.getByRole('option', { name: /^bob/ }).click()
    await expect.poll(hash).toContain('user=bob')
    await page
      .getByRole('link', { name: /^steps/ })
      .first()
      .click()
    await page.getByRole('slider', { name: /^Steps by day/ }).waitFor()
  })

  test('change the grain by chord', async () => {
    await open()
    await page.locator('body').press('m')
    await expect.poll(hash).toContain('grain=month')
    await page.locator('body').press('d')
    await expect.poll(hash).not.toContain('grain')
  })

  test('hold the rules in every state, in both themes', async () => {
    for (const query of [
      '',
      '?at=2026-05-12',
      '?grain=month&at=2026-05',
      '?compare=user:bob',
      '?user=nobody',
    ]) {
      await page.goto(`${opened.server.origin}/#/dash${query}`)
      await page.locator('.dash-first, .empty').first().waitFor()
      if (query.includes('at=2026-05-12')) await page.getByText('Where ', { exact: false }).first().waitFor()
      await holdsTheRules(page, query)
    }
    expect(opened.watched.trouble).toEqual([])
  })

  test('are walked through by Tab: every chart is a stop, none holds the focus', async () => {
    await open('?at=2026-05-12')
    await page.getByText('Where ', { exact: false }).first().waitFor()
    const names = (await walk(page)).stops
    for (const name of [
      'Heart rate by day',
      'First day shown',
      'Daily mean',
      '45 days against',
      'Distribution',
      'Every sample',
    ])
      expect(
        names.some((one) => one.includes(name)),
        `${name} in ${names.join(' | ')}`,
      ).toBe(true)
  })
})
