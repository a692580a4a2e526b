import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rollupJob } from '../../src/main/app/rollup.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { letterRows, payloadOf, sampleOf } from '../helpers/letters.ts'
import { readTable } from '../helpers/load.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { type Opened, openInBrowser } from './browser.ts'

/** Dead letters as an analyst meets them: triaged, fixed, tried, replayed, landed; and payloads that mean harm. */

const HOSTILE = [
  '<script>window.pwned = 1</script>',
  '<img src=x onerror="window.pwned = 1">',
  '<svg onload="window.pwned = 1"><a href="javascript:window.pwned=1">x</a></svg>',
  '<style>body{display:none}</style>',
  'javascript:window.pwned=1 http://example.com/',
  'user\u202Egnp.exe\u2066\u200b',
  '\u001b[31mred\u001b[0m\u0007',
  'nul\u0000nul',
  'x'.repeat(1_000_000),
]
/** A browser on a busy machine takes its time. */
const SLOWLY = { timeout: 20_000 }
const WARM = [98.6, 99.1, 97.9, 0]

let tarn: TestApp
let opened: Opened
let page: Page

beforeAll(async () => {
  tarn = testApp({ rollup: rollupJob })
  const lake = await tarn.app.lake()
  await createTables(lake.io)
  const poison = WARM.map((value, i) => payloadOf([sampleOf({ id: `warm-${i}`, value })]))
  const hostile = HOSTILE.map((text, i) =>
    payloadOf([sampleOf({ id: `h-${i}`, unit: text, metadata: text })], {
      userId: text,
      [text.slice(0, 40)]: text,
    }),
  )
  const letters = (...given: Parameters<typeof letterRows>) =>
    letterRows(...given) as Parameters<typeof appendRows>[3]
  await appendRows(lake.io, lake, 'errors', letters(poison))
  await appendRows(lake.io, lake, 'errors', letters([...hostile, ...HOSTILE], 1000n))
  opened = await openInBrowser(tarn.app, {
    // Colours change at once, so that none is measured half way.
    reducedMotion: 'reduce',
  })
  page = opened.page
  await page.goto(opened.server.url)
  await page.getByRole('link', { name: 'Dead letters' }).click()
  await page.getByRole('navigation', { name: 'Reasons' }).waitFor()
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

const reason = (name: string | RegExp) =>
  page.getByRole('navigation', { name: 'Reasons' }).getByRole('link', { name })
const steps = () => page.getByRole('complementary', { name: 'Fix and replay' })

describe('a poison batch', () => {
  test('is grouped by reason, with who, when and which', async () => {
    await reason(/bodyTemperature outside 30 to 45/).click()
    await page.getByRole('heading', { name: 'bodyTemperature outside 30 to 45' }).waitFor()
    await expect.poll(() => page.locator('table.grid tbody tr').count(), SLOWLY).toBe(4)
    const figures = page.getByRole('region', { name: 'The group in figures' })
    await expect.poll(() => figures.innerText(), SLOWLY).toMatch(/Letters\s+4[\s\S]+App version\s+3\.4\.1/)
    await page.locator('.payload mark.hit').first().waitFor()
  })

  test('the replay stays off until there is a dry run of exactly this fix', async () => {
    const send = steps().getByRole('button', { name: /^Replay/ })
    expect(await send.isDisabled()).toBe(true)
    await steps().getByRole('button', { name: 'Use it' }).waitFor()
    await page.keyboard.press('u')
    await steps().getByText('3 of 4 letters tried are valid').waitFor()
    expect(await send.isDisabled()).toBe(true)
    await steps().getByRole('button', { name: 'Dry run of 4 letters' }).click()
    await steps().getByRole('button', { name: 'Replay 3 letters' }).waitFor()
    const formula = steps().getByLabel('Value')
    await formula.fill('(value - 32) / 1.9')
    await expect.poll(() => send.isDisabled(), SLOWLY).toBe(true)
    await formula.fill('(value - 32) / 1.8')
    await steps().getByRole('button', { name: 'Replay 3 letters' }).waitFor()
  })

  test('a fix is judged by main as it is typed, and what is wrong with it is said', async () => {
    const formula = steps().getByLabel('Value')
    await formula.fill('(value - ')
    await steps()
      .getByText(/the formula .* has nothing at character/)
      .waitFor()
    // The answer that says so is a 400, which the browser tells too.
    const kept = opened.watched.trouble.filter((text) => !text.includes('400'))
    opened.watched.trouble.splice(0, Infinity, ...kept)
    await formula.fill('(value - 32) / 1.8')
    await steps().getByText('3 of 4 letters tried are valid').waitFor()
    const after = page.getByRole('region', { name: 'Payload after the fix' })
    await expect
      .poll(() => after.locator('.now').allInnerTexts(), SLOWLY)
      .toContainEqual(expect.stringContaining('"unit": "°C"'))
  })

  test('lands, and the group says so with the snapshot', async () => {
    await steps().getByRole('button', { name: 'Replay 3 letters' }).click()
    await page.getByText('Balanced, gap 0').waitFor()
    await page.getByRole('region', { name: 'Letters of this replay' }).waitFor()
    await expect
      .poll(() => page.getByRole('region', { name: 'Batches' }).innerText(), SLOWLY)
      .toMatch(/\n?1\s+4\s+3\s+1\s/)
    const landed = page.getByRole('region', { name: 'Letters of its selection that landed' })
    await expect.poll(() => landed.locator('tbody tr').count(), SLOWLY).toBe(3)
    // However long the reason, the last column is in sight.
    expect(await landed.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0)
    await page.getByRole('link', { name: 'Back to the letters' }).waitFor()
    await page.keyboard.press('b')
    await page.getByText(/^3 landed in/).waitFor()
    const link = page.locator('main.work .bar a.mono').first()
    expect(await link.getAttribute('href')).toMatch(/^#\/tables\/raw\?tab=snapshots&snapshot=\d+$/)
    const lake = await tarn.app.lake()
    const { metadata } = await lake.io.catalog.loadTable(lake.tables.raw)
    const { rows } = await readTable(lake.io, metadata)
    expect(rows.map(({ sample_id, unit }) => [sample_id, unit]).sort()).toEqual([
      ['warm-0', '°C'],
      ['warm-1', '°C'],
      ['warm-2', '°C'],
    ])
  })

  test('a second time adds nothing; what failed is linked to its first', async () => {
    await steps().getByRole('button', { name: 'Dry run of 1 letter' }).click()
    await steps().getByText('Off: with this fix no letter would land.').waitFor()
    await page
      .getByRole('row', { name: /Failed again/ })
      .getByRole('button')
      .click()
    await page.getByRole('button', { name: 'Message' }).click()
    const history = page.getByRole('region', { name: /history and neighbours/ })
    await history.getByText(/Failed again: \$\.samples\[0\]\.value/).waitFor()
    await page.getByRole('button', { name: 'Bytes' }).click()
    await page.getByText(/^000000 {2}7b 22/).waitFor()
    await page.getByRole('button', { name: 'Payload' }).click()
  })

  test('goes out as a file that a spreadsheet takes for text', async () => {
    await page.getByRole('button', { name: /^Export/ }).click()
    await page.getByRole('menuitem', { name: /^CSV/ }).click()
    await page.getByText(/^4 letters, .* in .*Dead letters bodyTemperature outside 30 to 45\.csv$/).waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save a copy' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('Dead letters bodyTemperature outside 30 to 45.csv')
    const text = readFileSync(await download.path(), 'utf8')
    expect(text.trimEnd().split('\r\n')).toHaveLength(5)
  })
})

describe('hostile payloads', () => {
  test('are text, whatever they hold', async () => {
    for (const name of [/metadata is not a map/, /not valid JSON/]) {
      await reason(name).click()
      const rows = page.locator('table.grid tbody tr')
      await expect.poll(() => rows.count(), SLOWLY).toBeGreaterThanOrEqual(HOSTILE.length - 1)
      for (let at = 0; at < (await rows.count()); at++) {
        await rows.nth(at).getByRole('button').click()
        await page.locator('.ba .payload').first().waitFor()
        await page.getByRole('button', { name: 'Message' }).click()
        await page.getByRole('region', { name: /history and neighbours/ }).waitFor()
        await page.getByRole('button', { name: 'Payload' }).click()
      }
    }
    const found = await page.evaluate(() => ({
      pwned: 'pwned' in window,
      inside: document.querySelectorAll(
        '.ba script, .ba img, .ba style, .ba iframe, .ba a[href^="javascript"]',
      ).length,
      text: document.body.textContent ?? '',
      nodes: document.querySelectorAll('*').length,
    }))
    expect(found).toMatchObject({ pwned: false, inside: 0 })
    for (const code of [0, 7, 0x1b, 0x200b, 0x202e, 0x2066])
      expect(found.text, `U+${code.toString(16)}`).not.toContain(String.fromCharCode(code))
    expect(found.nodes).toBeLessThan(6000)
  }, 120_000)
})

describe('the page', () => {
  test('shows the refused value of a letter without scrolling, in a low window too', async () => {
    await reason(/bodyTemperature/).click()
    await page.locator('.ba .payload').first().waitFor()
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.locator('table.grid tbody tr').nth(2).getByRole('button').click()
    const shown = () =>
      page.locator('.ba .payload').evaluateAll((all) =>
        all.map((area) => {
          const mark = area.querySelector('.hit, .now')?.getBoundingClientRect()
          const { top, bottom } = area.getBoundingClientRect()
          return mark !== undefined && mark.top >= top && mark.bottom <= bottom
        }),
      )
    await expect.poll(shown, SLOWLY).toEqual([true, true])
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  test('is worked by keyboard: letters by arrows, a stretch of time by Enter', async () => {
    await page.locator('table.grid tbody button[tabindex="0"]').focus()
    const before = await page.locator('tr[aria-selected=true]').innerText()
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.locator('tr[aria-selected=true]').innerText(), SLOWLY).not.toBe(before)
    const chart = page.getByRole('slider', { name: /choose with arrow keys/ })
    await chart.focus()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url(), SLOWLY).toContain('from=')
    await page.getByRole('button', { name: 'Remove filter from' }).click()
    await page.getByRole('button', { name: 'Remove filter before' }).click()
    await expect.poll(() => page.url(), SLOWLY).not.toContain('to=')
  })
})
