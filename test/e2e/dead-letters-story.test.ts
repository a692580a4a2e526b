import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { parts } from '../../src/main/app/compose.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { python } from '../services/install.ts'
import { run } from '../services/process.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { seen } from './checks.ts'

/**
 * A poison batch on real services: produced to Kafka by librdkafka, loaded into MinIO and a REST catalog, triaged, fixed
 * and replayed in the window, and read back by PyIceberg.
 */

const services = inject('services')
const name = `poison_${Date.now().toString(36)}`
const script = (file: string) => resolve(import.meta.dirname, '../services/python', file)
const SLOWLY = { timeout: 90_000 }

interface Found {
  readonly differences: readonly string[]
  readonly ids: readonly string[]
  readonly marks: Readonly<Record<string, number>>
}
let ids: Readonly<Record<'good' | 'fahrenheit' | 'zoneless' | 'hopeless', string[]>>
let tarn: TestApp
let opened: Opened

beforeAll(async () => {
  ids = JSON.parse(
    run(await python(), [script('poison.py'), ...['--brokers', services.kafka.brokers, '--topic', name]]),
  ) as typeof ids
  tarn = testApp(parts, {
    ICEBERG_CATALOG_URI: services.catalog.uri,
    ICEBERG_WAREHOUSE: 's3://data-lake/warehouse',
    ICEBERG_DATABASE: name,
    S3_ENDPOINT: services.s3.endpoint,
    S3_ACCESS_KEY: services.s3.accessKey,
    S3_SECRET_KEY: services.s3.secretKey,
    KAFKA_BROKERS: services.kafka.brokers,
    KAFKA_TOPIC: name,
    KAFKA_GROUP_ID: name,
  })
  opened = await openInBrowser(tarn.app)
  await opened.page.goto(opened.server.url)
}, 240_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
})

const steps = () => opened.page.getByRole('complementary', { name: 'Fix and replay' })
const found = async (): Promise<Found> =>
  JSON.parse(
    run(await python(), [
      script('replayed.py'),
      ...['--catalog', services.catalog.uri, '--namespace', name, '--s3-endpoint', services.s3.endpoint],
    ]),
  ) as Found

/** Takes the suggested fix of a reason, tries it out, replays and waits for the end. */
async function fixAndReplay(reason: RegExp, title: string, lands: number): Promise<void> {
  const { page } = opened
  await page.getByRole('navigation', { name: 'Reasons' }).getByRole('link', { name: reason }).click()
  await page.getByRole('heading', { name: title }).waitFor()
  await steps().getByRole('button', { name: 'Use it' }).click(SLOWLY)
  await steps().getByText('20 of 20 letters tried are valid').waitFor(SLOWLY)
  await steps()
    .getByRole('button', { name: `Dry run of ${lands} letters` })
    .click()
  await steps()
    .getByRole('button', { name: `Replay ${lands} letters` })
    .click(SLOWLY)
  await expect
    .poll(() => page.getByRole('region', { name: 'Letters of this replay' }).innerText(), SLOWLY)
    .toMatch(new RegExp(`Landed\\s+= ${lands}\\s`))
  await page.getByRole('link', { name: 'Back to the letters' }).click(SLOWLY)
}

test('is loaded, its good samples into raw, the rest into dead letters', async () => {
  const { page, server } = opened
  await page.goto(`${server.origin}/#/load`)
  await page.getByRole('button', { name: 'Start loading' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Start loading' })
  await dialog.getByRole('checkbox').click()
  await dialog.getByRole('button', { name: 'Start loading' }).click()
  await expect.poll(() => tarn.app.load.view().state, SLOWLY).toBe('done')
  expect(tarn.app.load.view()).toMatchObject({ messages: 600, rows: 400, rejected: 400 })
  await expect
    .poll(
      () =>
        page
          .getByRole('link', { name: /^Dead letters/ })
          .first()
          .getAttribute('aria-label'),
      SLOWLY,
    )
    .toBe('Dead letters, 400 open letters for 3 reasons')
})

test('is triaged by reason, fixed, and lands', async () => {
  await opened.page.goto(`${opened.server.origin}/#/letters`)
  await fixAndReplay(/bodyTemperature outside/, 'bodyTemperature outside 30 to 45', 200)
  await opened.page.getByText(/^200 landed in/).waitFor(SLOWLY)
  await fixAndReplay(/timestamp has no zone/, 'timestamp has no zone', 150)
  await opened.page.getByText(/^150 landed in/).waitFor(SLOWLY)
})

test('each sample landed once, as PyIceberg reads it; what cannot be mended stays, linked to its first', async () => {
  const lake = await found()
  expect(lake.differences).toEqual([])
  expect(lake.ids).toEqual([...ids.good, ...ids.fahrenheit, ...ids.zoneless].sort())
  expect(lake.marks).toMatchObject({ landed: 350, intended: 350, split: 50 })
})

test('the group leads to the snapshot where it landed', async () => {
  const { page } = opened
  const link = page.locator('main.work .bar a.mono').first()
  const snapshot = /snapshot=(\d+)/.exec((await link.getAttribute('href')) ?? '')?.[1] ?? ''
  const lake = await tarn.app.lake()
  const { metadata } = await lake.io.catalog.loadTable(lake.tables.raw)
  expect(metadata.snapshots.find((one) => String(one['snapshot-id']) === snapshot)?.summary).toMatchObject({
    'tarn.replay.letters': '150',
    'tarn.replay.rows': '250',
  })
  await link.click()
  await expect.poll(() => page.url(), SLOWLY).toContain(`snapshot=${snapshot}`)
  await page.getByText(snapshot).first().waitFor(SLOWLY)
})

test('a second replay adds nothing', async () => {
  const { page, server } = opened
  await page.goto(`${server.origin}/#/letters?group=all&state=landed`)
  await page.getByText('350 letters', { exact: true }).waitFor(SLOWLY)
  await page.goto(`${server.origin}/#/letters`)
  await page
    .getByRole('navigation', { name: 'Reasons' })
    .getByRole('link', { name: /bodyTemperature outside/ })
    .click()
  await steps().getByRole('button', { name: 'Dry run of 0 letters' }).waitFor(SLOWLY)
  const before = (await found()).ids.length
  const dry = await tarn.app.jobs.wait(
    tarn.app.replays.startDryRun({ errorType: 'TRANSFORMATION_ERROR' }, { kind: 'zone', offset: 'Z' }).id,
  )
  expect(dry.result).toMatchObject({ landed: 0, landedBefore: 150 })
  expect((await found()).ids.length).toBe(before)
  expect({ ...opened.watched, refused: (await seen(page)).refused }).toMatchObject({
    trouble: [],
    foreign: [],
    refused: [],
  })
})
