import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Lake } from '../../src/main/app/lake.ts'
import { rollupJob } from '../../src/main/app/rollup.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { letterRows, payloadOf, sampleOf } from '../helpers/letters.ts'
import { readTable } from '../helpers/load.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { seen } from './checks.ts'
import { holdsTheRules, walk } from './rules.ts'

/** The rules of the interface, held by every state of the dead letters' pages; and replays cancelled and resumed there. */

/** More than two batches, so that there is something between them to cancel at. */
const WARM = 9_000
const SLOWLY = { timeout: 60_000 }

let tarn: TestApp
let opened: Opened
let page: Page

beforeAll(async () => {
  tarn = testApp({ rollup: rollupJob })
  const lake = await tarn.app.lake()
  await createTables(lake.io)
  const poison = (messages: readonly object[], first: bigint) =>
    appendRows(lake.io, lake, 'errors', letterRows(messages, first) as Parameters<typeof appendRows>[3])
  await poison(
    Array.from({ length: WARM }, (_, i) =>
      payloadOf([sampleOf({ id: `warm-${i}`, value: 95 + (i % 60) / 10 })]),
    ),
    0n,
  )
  await poison(
    Array.from({ length: 30 }, (_, i) => payloadOf([sampleOf({ id: `m-${i}`, metadata: 'none' })])),
    20_000n,
  )
  opened = await openInBrowser(tarn.app, { reducedMotion: 'reduce' })
  page = opened.page
  await page.goto(opened.server.url)
  await open('#/letters')
}, 120_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
})

const steps = () => page.getByRole('complementary', { name: 'Fix and replay' })
const reason = (name: RegExp) => page.getByRole('navigation', { name: 'Reasons' }).getByRole('link', { name })
const warm = async () => {
  await reason(/bodyTemperature outside/).click()
  await page.getByRole('heading', { name: 'bodyTemperature outside 30 to 45' }).waitFor()
  await page.locator('.ba .payload').first().waitFor(SLOWLY)
}
const open = async (hash: string) => {
  await page.evaluate((next) => {
    location.hash = next
  }, hash)
  await page.locator('.ba .payload, .grid tbody tr').first().waitFor(SLOWLY)
}
const useRule = async (name: string) => {
  await steps().getByRole('button', { name: 'Rule', exact: true }).click()
  await steps().getByRole('combobox', { name: 'Rule' }).click()
  await page.getByRole('option', { name }).click()
}

async function sound(tab = true): Promise<void> {
  await holdsTheRules(page)
  if (!tab) return
  const { stops, hidden } = await walk(page)
  expect(hidden).toEqual([])
  expect(stops.length).toBeGreaterThan(5)
}

describe('the rules hold', () => {
  test('for the list with a letter and the suggested fix', async () => {
    await warm()
    await steps().getByRole('button', { name: 'Use it' }).waitFor(SLOWLY)
    await sound()
  })

  test.each(['Bytes', 'Message'])('for the %s of a letter', async (side) => {
    await page.getByRole('button', { name: side, exact: true }).click()
    await page.locator('.letter-side').waitFor()
    await sound()
    await page.getByRole('button', { name: 'Payload', exact: true }).click()
  })

  test.each([
    'Convert unit',
    'Rename type',
    'Add a zone to timestamps',
    'Accept another range',
    'Fill a missing field',
  ])('for the rule %s', async (name) => {
    await useRule(name)
    await sound(name === 'Convert unit')
  })

  test('for the merge patch, judged as it is typed', async () => {
    await steps().getByRole('button', { name: 'Merge patch' }).click()
    const patch = steps().getByRole('textbox', { name: 'JSON merge patch' })
    await patch.fill('{"value": 37')
    await steps().getByText('The patch is not JSON yet.').waitFor()
    await patch.fill('{"value": 37, "unit": "°C"}')
    await steps().getByText('20 of 20 letters tried are valid').waitFor(SLOWLY)
    await expect
      .poll(
        () => page.getByRole('region', { name: 'Payload after the fix' }).locator('.now').allInnerTexts(),
        SLOWLY,
      )
      .toContainEqual(expect.stringContaining('"value": 37'))
    await sound()
  })

  test('for the edit of one payload, which is tried on that letter alone', async () => {
    await steps().getByRole('button', { name: 'Edit one' }).click()
    await steps().getByRole('button', { name: 'Edit the letter shown' }).click()
    const payload = steps().getByRole('textbox', { name: 'Payload of this letter' })
    await payload.fill((await payload.inputValue()).replace(/"value":\d+(\.\d+)?/, '"value":36.6'))
    await page.getByRole('region', { name: 'After the fix' }).getByText('Valid').waitFor(SLOWLY)
    await sound()
    await steps().getByRole('button', { name: 'Dry run of 1 letter' }).click()
    await steps().getByRole('button', { name: 'Replay 1 letter' }).waitFor(SLOWLY)
  })

  test('for the filters: in the address, changed, kept by name, taken off', async () => {
    const opener = page.getByRole('button', { name: 'Filter', exact: true })
    await opener.click()
    const form = page.getByRole('dialog', { name: 'Filter letters' })
    await form.getByLabel('Partition').fill('x')
    await form.getByText('a whole number').waitFor()
    expect(await form.getByRole('button', { name: 'Apply filters' }).isDisabled()).toBe(true)
    await sound(false)
    await page.keyboard.press('Escape')
    await form.waitFor({ state: 'detached' })
    expect(await opener.evaluate((element) => element === document.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    await form.getByLabel('Offset before').fill('100')
    await form.getByLabel('Text in message').fill('warm-9')
    await form.getByRole('button', { name: 'Apply filters' }).click()
    await expect.poll(() => page.url(), SLOWLY).toContain('offsetTo=100')
    await page.getByText('11 letters', { exact: true }).waitFor(SLOWLY)
    await page.getByRole('button', { name: 'Saved' }).first().click()
    const saved = page.getByRole('dialog', { name: 'Saved filters' })
    await saved.getByLabel('Keep this filter as').fill('The nineties')
    await saved.getByRole('button', { name: 'Keep', exact: true }).click()
    await saved.getByRole('button', { name: 'The nineties', exact: true }).waitFor()
    await sound(false)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Change filter holds warm-9' }).click()
    const text = form.getByLabel('Text in message')
    await expect.poll(() => text.evaluate((element) => element === document.activeElement)).toBe(true)
    await text.fill('nowhere')
    await page.keyboard.press('Enter')
    await page.getByText('No letter matches holds nowhere and offset before 100.').waitFor(SLOWLY)
    await sound()
    await page.getByRole('button', { name: 'Clear filters' }).last().click()
    await page.getByText('9,000 letters', { exact: true }).waitFor(SLOWLY)
    await page.getByRole('button', { name: 'Saved' }).first().click()
    await saved.getByRole('button', { name: 'The nineties', exact: true }).click()
    await page.getByText('11 letters', { exact: true }).waitFor(SLOWLY)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Clear filters' }).first().click()
    await page.getByText('9,000 letters', { exact: true }).waitFor(SLOWLY)
  })

  test('for fixes kept by name', async () => {
    await useRule('Convert unit')
    await steps().getByRole('combobox', { name: 'From' }).fill('degF')
    await page.getByRole('option', { name: 'degF', exact: true }).click()
    // A unit that is known brings the one that is meant, and the formula.
    await expect.poll(() => steps().getByRole('combobox', { name: 'To' }).inputValue(), SLOWLY).toBe('°C')
    await steps().getByLabel('Value').fill('(value - 32) / 1.8')
    await steps().getByRole('button', { name: 'Saved' }).click()
    const saved = page.getByRole('dialog', { name: 'Saved fixes' })
    await saved.getByLabel('Keep this fix as').fill('To Celsius')
    await saved.getByRole('button', { name: 'Keep', exact: true }).click()
    await saved.getByRole('button', { name: 'To Celsius', exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await useRule('As it is')
    await steps().getByRole('button', { name: 'Saved' }).click()
    await saved.getByRole('button', { name: 'To Celsius', exact: true }).click()
    await page.keyboard.press('Escape')
    await steps().getByText('20 of 20 letters tried are valid').waitFor(SLOWLY)
    expect(await steps().getByLabel('Value').inputValue()).toBe('(value - 32) / 1.8')
  })
})

/** Holds the `nth` commit to raw until what is given back is called: what a replay does meanwhile is no question of time. */
function holdCommit(lake: Lake, nth: number): () => void {
  const { catalog } = lake.io
  const { promise, resolve: release } = Promise.withResolvers<void>()
  let commits = 0
  const holding: typeof catalog = {
    ...catalog,
    async commitTable(commit, signal) {
      if (commit.identifier.name === lake.tables.raw.name && ++commits === nth) await promise
      return catalog.commitTable(commit, signal)
    },
  }
  Object.assign(lake.io, { catalog: holding })
  return () => {
    Object.assign(lake.io, { catalog })
    release()
  }
}

describe('a replay from the page', () => {
  test('is tried out first, by a dry run from the keyboard', async () => {
    await page.keyboard.press('Control+Enter')
    await steps()
      .getByRole('button', { name: /^Replay [\d,]+ letters/ })
      .waitFor(SLOWLY)
    await sound()
  })

  test('tells how it fares wherever the window is, and is cancelled between two batches', async () => {
    const lake = await tarn.app.lake()
    const release = holdCommit(lake, 2)
    await page.keyboard.press('Control+Shift+Enter')
    const cancel = page.getByRole('button', { name: /^Cancel replay/ })
    await cancel.waitFor(SLOWLY)
    expect(await page.locator('footer.status').innerText()).toContain('Replaying')
    await expect
      .poll(() => page.locator('[aria-live=polite]').allInnerTexts(), SLOWLY)
      .toContainEqual(expect.stringMatching(/^Replaying, [\d,]+ of 9,000 letters landed/))
    await page.getByRole('button', { name: 'Hold list' }).click()
    await page.getByRole('button', { name: 'Go on' }).click()
    const { id } = tarn.app.jobs.list().find(({ kind }) => kind === 'replay') ?? { id: '' }
    await cancel.click()
    await expect.poll(() => tarn.app.jobs.get(id).cancelling, SLOWLY).toBe(true)
    release()
    await page.getByRole('button', { name: /^Resume, [\d,]+ letters left$/ }).waitFor(SLOWLY)
    await page.getByText('Balanced, gap 0').waitFor()
    const { metadata } = await lake.io.catalog.loadTable(lake.tables.raw)
    const { rows } = await readTable(lake.io, metadata)
    expect(rows.length).toBeLessThan(WARM)
    await sound()
  })

  test('goes on with the letters it left, and lands each once', async () => {
    await page.getByRole('button', { name: /^Resume/ }).click()
    await expect
      .poll(() => page.getByRole('region', { name: 'Letters of this replay' }).innerText(), SLOWLY)
      .toMatch(/Landed\s+= 9,000/)
    const lake = await tarn.app.lake()
    const { metadata } = await lake.io.catalog.loadTable(lake.tables.raw)
    const { rows } = await readTable(lake.io, metadata)
    expect(rows).toHaveLength(WARM)
    expect(new Set(rows.map(({ sample_id }) => sample_id)).size).toBe(WARM)
    await page.getByRole('link', { name: 'Back to the letters' }).click()
    await page.getByText(/^9,000 landed in/).waitFor(SLOWLY)
    // The rail asks for its count at most every few seconds.
    await expect
      .poll(
        () =>
          page
            .getByRole('link', { name: /^Dead letters/ })
            .first()
            .getAttribute('aria-label'),
        SLOWLY,
      )
      .toBe('Dead letters, 30 open letters for 1 reason')
    await sound()
  })

  test('a second one has nothing to send', async () => {
    await expect
      .poll(() => steps().getByRole('button', { name: 'Dry run of 0 letters' }).isDisabled(), SLOWLY)
      .toBe(true)
  })
})

test('nothing jumped, nothing was refused, nothing was asked of others', async () => {
  const { shift, moved, refused } = await seen(page)
  expect(shift, moved.join('\n')).toBeLessThan(0.05)
  expect({ refused, foreign: opened.watched.foreign, trouble: opened.watched.trouble }).toEqual({
    refused: [],
    foreign: [],
    trouble: [],
  })
})
