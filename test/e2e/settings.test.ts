import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parts } from '../../src/main/app/compose.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { seen } from './checks.ts'
import { holdsTheRules, walk } from './rules.ts'

/** The settings page: every value with its source, secrets never shown, chords changed and kept per computer. */

let tarn: TestApp
let opened: Opened
let page: Page
const SECRET = 'hunter2-is-never-shown'

const file = () =>
  JSON.parse(readFileSync(join(tarn.home, 'settings.json'), 'utf8')) as Record<string, unknown>
const row = (name: string) => page.locator(`.set[aria-label="${name}"]`)
/** Undo of the notice that says so. */
const undo = (words: string) =>
  page.locator('.toast').filter({ hasText: words }).getByRole('button', { name: /^Undo/ })
const badge = (name: string) => row(name).locator('.badge').textContent()

beforeAll(async () => {
  tarn = testApp(parts, { KAFKA_TOPIC: 'health-data-raw', TARN_COMMIT_SECONDS: '5' })
  tarn.app.saveSettings({ 'commit.seconds': '20', 'rollup.seconds': '45' })
  opened = await openInBrowser(tarn.app, { permissions: ['clipboard-read', 'clipboard-write'] })
  page = opened.page
  page.setDefaultTimeout(8_000)
  await page.goto(opened.server.url)
  await page.locator('.app').waitFor()
  await page.keyboard.press('Control+,')
  await row('Commit every').waitFor()
}, 120_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
})

describe('a setting', () => {
  test('says where it comes from, and what it rules over', async () => {
    expect(await badge('Commit every')).toBe('environment')
    expect(await row('Commit every').getByRole('textbox').isEditable()).toBe(false)
    await row('Commit every').getByRole('button', { name: /^Why/ }).click()
    const inspector = page.getByRole('complementary', { name: 'Commit every' })
    const ladder = await inspector.locator('.ladder li').allInnerTexts()
    expect(ladder.map((line) => line.replace(/\s+/g, ' ').trim())).toEqual([
      'Flag not given',
      'Environment (rules) 5 s',
      'File 20 s',
      'Default 10 s',
    ])
    expect(await inspector.locator('.ladder s').allInnerTexts()).toEqual(['20 s', '10 s'])
    expect(await inspector.innerText()).toContain('Unset TARN_COMMIT_SECONDS')
    await inspector.getByRole('button', { name: 'Close' }).click()
  })

  test('is tried by the real rules while it is typed, and not saved while it is wrong', async () => {
    const field = row('Roll up every').getByRole('textbox')
    await field.fill('soon')
    await row('Roll up every').getByText('is not a number of seconds').waitFor()
    await field.press('Enter')
    expect(file()).toMatchObject({ rollup: { seconds: '45' } })
    await field.press('Escape')
    expect(await field.inputValue()).toBe('45')
    await expect.poll(() => row('Roll up every').getByText('is not a number').count()).toBe(0)
  })

  test('is saved in its unit, can be undone, and put back', async () => {
    const field = row('Memory for loading').getByRole('textbox')
    await field.fill('256')
    await field.press('Enter')
    await expect.poll(() => badge('Memory for loading')).toBe('file')
    expect(file()).toMatchObject({ memoryBytes: '256 MiB' })
    expect(tarn.app.settings().memoryBytes).toBe(256 * 1024 ** 2)
    await undo('Memory for loading set to 256 MiB').click()
    await expect.poll(() => badge('Memory for loading')).toBe('default')
    expect(await field.inputValue()).toBe('512')
    await row('Roll up every')
      .getByRole('button', { name: /^Reset/ })
      .click()
    await expect.poll(() => badge('Roll up every')).toBe('default')
    expect(tarn.app.settings().rollup.seconds).toBe(30)
  })

  test('that is one of a few is chosen', async () => {
    await row('Strict rules').getByRole('button', { name: 'On', exact: true }).click()
    await expect.poll(() => tarn.app.settings().validation.strict).toBe(true)
    await expect.poll(() => badge('Strict rules')).toBe('file')
  })
})

describe('a secret', () => {
  test('is written and never read back', async () => {
    const answers: string[] = []
    page.on('response', (response) => {
      if (response.url().includes('/api/'))
        void response.text().then(
          (text) => answers.push(text),
          () => {},
        )
    })
    await row('Kafka password').getByRole('button', { name: /^Set/ }).click()
    const field = page.getByLabel('New kafka password')
    expect(await field.getAttribute('type')).toBe('password')
    await field.fill(SECRET)
    await field.press('Enter')
    await row('Kafka password').getByText('kept, in the file').waitFor()
    expect(statSync(join(tarn.home, 'settings.json')).mode & 0o777).toBe(0o600)
    expect(tarn.app.settings().kafka.saslPassword?.reveal()).toBe(SECRET)
    await page.reload()
    await row('Kafka password').waitFor()
    expect(await page.content()).not.toContain(SECRET)
    expect(answers.some((text) => text.includes(SECRET))).toBe(false)
  })

  test('is forgotten after a question that tells what goes and what stays', async () => {
    await row('Kafka password')
      .getByRole('button', { name: /^Replace/ })
      .focus()
    await page.getByRole('button', { name: 'Forget this secret' }).click()
    const question = page.getByRole('alertdialog')
    expect(await question.innerText()).toContain('stay as they are')
    await question.getByRole('button', { name: 'Forget 1 secret' }).click()
    await expect.poll(() => tarn.app.settings().kafka.saslPassword).toBeNull()
    await row('Kafka password').getByText('none').first().waitFor()
  })
})

describe('finding', () => {
  test('by name, variable or keys; no match names what was looked for', async () => {
    const find = page.getByRole('searchbox', { name: 'Find a setting or its variable' })
    await find.fill('S3_REGION')
    await expect.poll(() => page.locator('.set').count()).toBe(1)
    await find.fill('proxy')
    await page.getByText('No setting, variable or shortcut is named like').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await row('Commit every').waitFor()
  })

  test('only what was changed', async () => {
    await page.getByRole('button', { name: /^Changed/ }).click()
    await expect.poll(() => page.locator('.set').count()).toBeLessThan(8)
    await row('Strict rules').waitFor()
    expect(await row('Commit at').count()).toBe(0)
    await page.getByRole('button', { name: 'All', exact: true }).click()
  })

  test('from the palette, by variable', async () => {
    await page.keyboard.press('Control+k')
    await page.keyboard.type('S3_REGION')
    await page.getByRole('option', { name: /^Region/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Region' }).waitFor()
  })
})

describe('shortcuts', () => {
  const line = (name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('cell', { name, exact: true }) })

  test('a clash is settled in its row, and the new keys hold at once, in tips and in the sheet', async () => {
    await page.goto(`${opened.server.origin}/#/settings?section=keys`)
    await page.getByRole('button', { name: 'Change the keys of Go to Doctor' }).click()
    await page.keyboard.press('Control+4')
    await page.getByText('Ctrl 4 is taken').waitFor()
    expect(await page.evaluate(() => location.hash)).toContain('#/settings')
    // Enter alone does not decide it.
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Give it to Go to Doctor' }).click()
    expect(await line('Go to Doctor').locator('kbd').innerText()).toBe('Ctrl 4')
    expect(await line('Go to Tables').innerText()).toContain('none')
    await page.keyboard.press('Control+4')
    // A notice that is still shown takes no keys.
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('#/doctor')
    await page.getByRole('link', { name: 'Doctor', exact: true }).hover()
    await page.getByText('Doctor (Ctrl 4)').waitFor()
    await page.keyboard.press('?')
    const sheet = page.getByRole('dialog', { name: 'Shortcuts' })
    await expect.poll(() => sheet.innerText()).toMatch(/Go to Doctor\s+Ctrl 4/)
    await page.keyboard.press('Escape')
  })

  test('are kept for this computer: another address of Tarn has them too', async () => {
    await expect.poll(() => tarn.app.window().kept.shortcuts ?? '').toContain('Ctrl 4')
    const again = await openInBrowser(tarn.app)
    try {
      await again.page.goto(again.server.url)
      await again.page.locator('.app').waitFor()
      await again.page.keyboard.press('Control+4')
      await expect.poll(() => again.page.evaluate(() => location.hash)).toBe('#/doctor')
    } finally {
      await again.close()
    }
  })

  test('keys that parts and fields need are refused with the reason', async () => {
    await page.goto(`${opened.server.origin}/#/settings?section=keys`)
    await page.getByRole('button', { name: 'Change the keys of Go to Set-up' }).click()
    await page.keyboard.press('Control+c')
    await page.getByText('Ctrl C edits text in every field').waitFor()
    await page.keyboard.press('Escape')
    expect(await line('Go to Set-up').innerText()).toContain('none')
  })

  test('are folded by where they hold, and what is looked for is found in any place', async () => {
    const places = page.locator('.keys-where button')
    const open = () => places.evaluateAll((all) => all.filter((one) => one.ariaExpanded === 'true').length)
    expect(await open()).toBe(1)
    expect(await places.first().innerText()).toMatch(/^Everywhere\s+\d+, 2 changed$/)
    expect(await line('Explain the statement').count()).toBe(0)
    await places.filter({ hasText: 'SQL' }).press('Enter')
    await line('Explain the statement').waitFor()
    const find = page.getByRole('searchbox', { name: 'Find a setting or its variable' })
    await find.fill('statistics by')
    expect(await page.locator('.keys tbody tr:not(.keys-where)').count()).toBe(3)
    await find.fill('')
    expect(await open()).toBe(2)
  })

  test('are all reset, and the reset can be undone', async () => {
    await page.getByRole('button', { name: /^Reset 2 shortcuts/ }).click()
    expect(await line('Go to Tables').locator('kbd').innerText()).toBe('Ctrl 4')
    await undo('2 shortcuts reset').click()
    expect(await line('Go to Doctor').locator('kbd').innerText()).toBe('Ctrl 4')
    await page.getByRole('button', { name: /^Reset 2 shortcuts/ }).click()
  })
})

test('appearance holds at once, and can follow the system again', async () => {
  await page.goto(`${opened.server.origin}/#/settings?section=look`)
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme)
  await row('Theme').getByRole('button', { name: 'Dark' }).click()
  expect(await theme()).toBe('dark')
  await expect.poll(() => tarn.app.window().theme).toBe('dark')
  await row('Theme').getByRole('button', { name: 'As the system' }).click()
  expect(await theme()).toBe('light')
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(theme).toBe('dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await expect.poll(() => tarn.app.window().theme).toBeNull()
})

test('settings are held while a job runs, and the page says why', async () => {
  const done = Promise.withResolvers<never>()
  const job = tarn.app.jobs.start('verify', () => done.promise)
  await page.goto(`${opened.server.origin}/#/settings?section=load`)
  await page.getByText('once the verify that is running has ended').waitFor()
  expect(await row('Commit at').getByRole('textbox').isEditable()).toBe(false)
  done.reject(new Error('ended by the test'))
  await tarn.app.jobs.wait(job.id)
  await expect.poll(() => row('Commit at').getByRole('textbox').isEditable()).toBe(true)
})

test.each([
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
])('the page is sound at $width px in both themes, by axe, targets and keyboard', async (size) => {
  await page.setViewportSize(size)
  await page.goto(`${opened.server.origin}/#/settings?at=commit.seconds`)
  await row('Commit every').waitFor()
  await holdsTheRules(page)
  await walk(page)
  const { shift, refused } = await seen(page)
  expect(refused).toEqual([])
  expect(shift).toBeLessThan(0.05)
  expect(opened.watched).toEqual({ trouble: [], foreign: [] })
})
