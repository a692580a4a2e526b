import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../helpers/app.ts'
import { type Answer, type HttpScript, startHttpScript } from '../helpers/http-script.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { seen } from './checks.ts'
import { holdsTheRules, walk } from './rules.ts'

/** The doctor's page over services that are scripted to fail, then mended. */

const SECRET = 'canary/secret+key'

let storage: HttpScript
let catalog: HttpScript
let tarn: TestApp
let opened: Opened
let page: Page
let mended = false
let hangs = false

const xml = (status: number, body: string): Answer => ({
  status,
  headers: { 'content-type': 'application/xml', server: 'MinIO', 'x-amz-request-id': 'TEST' },
  body: `<?xml version="1.0"?>${body}`,
})
const refusal = (code: string) => `<Error><Code>${code}</Code><Message>not with ${SECRET}</Message></Error>`
const json = (status: number, body: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

beforeAll(async () => {
  storage = await startHttpScript(({ headers }) =>
    headers.authorization === undefined
      ? xml(403, refusal('AccessDenied'))
      : mended
        ? xml(200, '<ListBucketResult><Name>data-lake</Name></ListBucketResult>')
        : xml(403, refusal('SignatureDoesNotMatch')),
  )
  catalog = await startHttpScript(({ url }) => {
    if (hangs) return new Promise<Answer>(() => {})
    if (url.startsWith('/v1/config')) return json(200, { defaults: {}, overrides: {} })
    if (url.startsWith('/v1/namespaces?')) return json(200, { namespaces: [['sales']] })
    if (url === '/v1/namespaces') return json(200, { namespaces: [['sales']] })
    return json(404, {
      error: { type: 'NoSuchNamespaceException', message: 'Namespace does not exist', code: 404 },
    })
  })
  tarn = testApp(
    {},
    {
      KAFKA_BROKERS: '127.0.0.1:1',
      ICEBERG_CATALOG_URI: catalog.url,
      S3_ENDPOINT: storage.url,
      S3_SECRET_KEY: SECRET,
    },
  )
  opened = await openInBrowser(tarn.app, { permissions: ['clipboard-read', 'clipboard-write'] })
  page = opened.page
  page.setDefaultTimeout(8_000)
  await page.goto(opened.server.url)
  await page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Doctor' }).click()
}, 120_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
  await storage?.close()
  await catalog?.close()
})

const results = () => page.getByRole('region', { name: 'Results' })
const group = (name: string) => results().getByRole('region', { name, exact: true })
const rerun = () => page.getByRole('button', { name: 'Run all again' })
const clipboard = () => page.evaluate(() => navigator.clipboard.readText())

test('says what belongs here before the first run', async () => {
  await page.getByRole('heading', { name: 'No checks were run yet' }).waitFor()
  // every check stands there already, in its group and with its number, and waits
  expect(await results().locator('section').count()).toBe(6)
  const rows = await results().locator('.ck .ix').allInnerTexts()
  expect(rows).toEqual(rows.map((_, index) => String(index + 1)))
  expect(await results().getByText('Waiting', { exact: true }).count()).toBe(rows.length)
  await page.getByRole('button', { name: `Run all ${rows.length} checks` }).waitFor()
  await page.getByText('not asked yet').first().waitFor()
  await holdsTheRules(page, 'empty')
  // not from a page that was opened, but from a press
  expect(storage.requests).toEqual([])
})

test('shows trouble first, with cause, evidence and remedy, and what waits for it', async () => {
  await page.getByRole('button', { name: /^Run all \d+ checks$/ }).click()
  await rerun().waitFor()
  const order = await results()
    .locator('section')
    .evaluateAll((all) => all.map((one) => one.ariaLabel))
  expect(order.slice(0, 3).sort()).toEqual(['Catalog', 'Kafka', 'Object storage'])
  const said = await group('Object storage').textContent()
  expect(said).toContain('S3 refused the signature of the request')
  expect(said).toContain('The secret key does not belong to the access key, or a proxy rewrites the address.')
  expect(said).toContain('403 SignatureDoesNotMatch')
  expect(said).toContain('Correct S3_SECRET_KEY.')
  expect(said).toMatch(/Bucket exists\s*Waiting for check \d+, A signed request is accepted/)
  // one primary button on the page
  expect(await results().locator('.btn.primary').count()).toBe(1)
  // what passed is one line
  await expect(
    group('This computer').getByRole('button', { name: 'This computer' }).getAttribute('aria-expanded'),
  ).resolves.toBe('false')
  expect(await page.getByRole('complementary', { name: 'What this means now' }).textContent()).toMatch(
    /A load from now on\s*fails at checks/,
  )
  await holdsTheRules(page, 'trouble')
})

test('copies details and a report without secrets', async () => {
  await group('Object storage').getByRole('button', { name: 'Copy details' }).first().click()
  const details = await clipboard()
  expect(details).toContain('Object storage, A signed request is accepted: Failed')
  expect(details).toContain('Remedy: Correct S3_SECRET_KEY.')
  await page.getByRole('button', { name: 'Copy report' }).click()
  const report = await clipboard()
  expect(report).toContain('S3_SECRET_KEY=(set, not shown)  from S3_SECRET_KEY')
  expect(report).toMatch(/^Tarn 0\.0\.0-test, doctor at \d{4}-/)
  expect(`${details}${report}${await page.content()}`).not.toContain('canary')
})

test('finds checks, and tells no match from no data', async () => {
  const find = page.getByRole('searchbox', { name: 'Find a check' })
  await find.fill('signature')
  await expect.poll(() => results().locator('li').count()).toBe(1)
  await find.fill('no such words')
  await page.getByText('No check holds').waitFor()
  await holdsTheRules(page, 'no match')
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect.poll(() => results().locator('section').count()).toBe(6)
  await page.getByRole('treeitem', { name: /This computer/ }).click()
  await expect.poll(() => results().locator('section').count()).toBe(1)
  await page.getByRole('treeitem', { name: /All checks/ }).click()
  await page.getByRole('button', { name: 'By service' }).click()
  await expect
    .poll(() =>
      results()
        .locator('section')
        .evaluateAll((all) => all.map((one) => one.ariaLabel)),
    )
    .toEqual(['Kafka', 'Catalog', 'Object storage', 'Schema registry', 'This computer', 'Tables'])
  await page.getByRole('button', { name: 'Trouble first' }).click()
})

test('checks again what was mended, and says what changed since the run before', async () => {
  mended = true
  const before = catalog.requests.length
  await group('Object storage').getByRole('button', { name: 'Check again' }).click()
  await expect.poll(() => group('Object storage').textContent()).toMatch(/Object storage[\s\S]*9 passed/)
  // the others kept their results
  expect(catalog.requests.length).toBe(before)
  await rerun().click()
  const meaning = page.getByRole('complementary', { name: 'What this means now' })
  await meaning.getByText('A signed request is accepted: passed').waitFor()
  expect(await meaning.locator('tbody tr').count()).toBe(2)
})

test('is cancelled while a service hangs, and keeps its results', async () => {
  await rerun().waitFor()
  hangs = true
  await rerun().click()
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await rerun().waitFor({ timeout: 2_500 })
  hangs = false
  await expect.poll(() => group('Object storage').textContent()).toContain('9 passed')
})

test('fits a small window, has no trap, and kept to its policy', async () => {
  // a change of the window's size moves everything, as it should
  const { shift, refused } = await seen(page)
  await page.setViewportSize({ width: 1280, height: 800 })
  await holdsTheRules(page, 'small window')
  const stops = (await walk(page)).stops
  expect(stops.length).toBeGreaterThan(10)
  expect(shift).toBeLessThan(0.05)
  expect(refused).toEqual([])
  expect(opened.watched.foreign).toEqual([])
  // the browser itself reports each answer that tells of a failing service
  expect(opened.watched.trouble.filter((one) => !one.startsWith('Failed to load resource'))).toEqual([])
})
