import kafkajs from 'kafkajs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parts } from '../../src/main/app/compose.ts'
import { readPositions } from '../../src/main/ingest/offsets.ts'
import { GENERATOR_DEFAULTS, generateMessage } from '../../src/main/source/generator.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import type {} from '../services/setup.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { seen } from './checks.ts'
import { holdsTheRules } from './rules.ts'

/** The wizard as it is shipped, in Chromium, against real Kafka, MinIO and Apache's REST catalog. */

const services = inject('services')
const name = `setup_${Date.now().toString(36)}`
const brokers = services.kafka.brokers
const port = brokers.split(':').at(-1)

let tarn: TestApp
let opened: Opened
let page: Page
/** Services that were asked since it was last emptied. */
const asked: string[] = []

beforeAll(async () => {
  await produce()
  tarn = testApp(parts)
  opened = await openInBrowser(tarn.app, { reducedMotion: 'reduce' })
  page = opened.page
  page.on('request', (request) => {
    if (!request.url().endsWith('/api/setup/check')) return
    asked.push((request.postDataJSON() as { service: string }).service)
  })
  await page.goto(opened.server.url)
  await page.getByText('Connect mine').click()
  await heading('Connect').waitFor()
}, 600_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
})

/** A topic of 400 messages, one in fifty spoilt. */
async function produce(): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: [brokers], logLevel: kafkajs.logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic: name, numPartitions: 3 }] })
  await admin.disconnect()
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
  await producer.connect()
  const messages = Array.from({ length: 400 }, (_, index) => {
    const made = generateMessage({ ...GENERATOR_DEFAULTS, partitions: 3, badEvery: 5 }, index)
    return { partition: index % 3, value: made.value === null ? null : Buffer.from(made.value) }
  })
  await producer.send({ topic: name, messages })
  await producer.disconnect()
}

const heading = (text: string) => page.getByRole('heading', { name: text, exact: true })
const field = (label: string) => page.getByRole('textbox', { name: label, exact: true })
const section = (label: string) => page.getByRole('region', { name: label, exact: true })
/** Goes to a step as a user would: by the list of steps. */
const step = (id: string) => page.locator(`a.st[href='#/setup/${id}']`).click()
const next = () => page.getByRole('button', { name: 'Continue' }).click()

async function enter(label: string, text: string): Promise<void> {
  await field(label).fill(text)
  await field(label).press('Enter')
}

/** Ticks a choice by its words, as a pointer does: the input itself is not seen. */
const pick = (word: string | RegExp) => page.locator('label.check').filter({ hasText: word }).click()

/** Enters a secret, which the page never shows again. */
async function replace(label: string, text: string): Promise<void> {
  await page.getByRole('button', { name: `Replace: ${label}` }).click()
  await page.getByLabel(label, { exact: true }).fill(text)
  await page.getByLabel(label, { exact: true }).press('Enter')
}

/** What every step is held to. */
async function looksWell(): Promise<void> {
  await holdsTheRules(page)
  expect(opened.watched.trouble).toEqual([])
  expect(opened.watched.foreign).toEqual([])
}

/** What moved by itself since this was last asked, as a layout shift score. */
async function holdsStill(): Promise<void> {
  expect(await moved()).toBeLessThan(0.05)
}
let before = 0
async function moved(): Promise<number> {
  const { shift } = await seen(page)
  const since = shift - before
  before = shift
  return since
}

describe('the wizard', () => {
  test('tries usual addresses and lets the services be entered, one of them wrong', async () => {
    await page.getByRole('cell', { name: 'localhost:9092', exact: true }).waitFor()
    if ((await section('REST catalog').count()) === 0) {
      await page.getByRole('combobox', { name: 'Catalog', exact: true }).click()
      await page.getByRole('option', { name: 'REST server' }).click()
    }
    await section('REST catalog').waitFor()
    await section('REST catalog').getByRole('textbox', { name: 'Address' }).fill(services.catalog.uri)
    await section('REST catalog').getByRole('textbox', { name: 'Address' }).press('Enter')
    await enter('Endpoint', services.s3.endpoint)
    await replace('Access key', services.s3.accessKey)
    await replace('Secret key', services.s3.secretKey)
    await section('REST catalog').getByText('Answered', { exact: true }).waitFor()
    await section('MinIO or S3').getByText('Answered', { exact: true }).waitFor()
    await holdsStill()
    await enter('Brokers', `broker-of-nobody:${port}`)
    const kafka = section('Kafka')
    await kafka.getByText("that of a container inside Docker's network").waitFor()
    expect(await kafka.locator('.tests .chip').allTextContents()).toEqual([
      'Name',
      'Port',
      'Brokers',
      'Sign in',
      'Topics',
    ])
    expect(await kafka.locator('.tests .chip.failed').allTextContents()).toEqual(['Name'])
    expect(await page.locator('body').textContent()).toContain('1 of 3 failed')
    await looksWell()
  })

  test('keeps what was entered when the window closes half way', async () => {
    await page.reload()
    before = 0
    await heading('Connect').waitFor()
    await field('Brokers').waitFor()
    expect(await field('Brokers').inputValue()).toBe(`broker-of-nobody:${port}`)
    expect(await field('Endpoint').inputValue()).toBe(services.s3.endpoint)
    expect(await section('MinIO or S3').textContent()).toContain('entered, not saved')
    await section('MinIO or S3').getByText('Answered', { exact: true }).waitFor()
    await section('REST catalog').getByText('Answered', { exact: true }).waitFor()
  })

  test('mends the wrong field with what it found, and asks nothing else again', async () => {
    const kafka = section('Kafka')
    const use = kafka.getByRole('button', { name: /^Use localhost:\d+$/ })
    await use.waitFor()
    asked.length = 0
    await use.click()
    await kafka.getByText('Answered', { exact: true }).waitFor()
    expect(asked).toEqual(['kafka'])
    // The usual port of this machine may be another Kafka's: the one of this test counts.
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/setup/check'))
    await enter('Brokers', brokers)
    await answered
    await kafka.getByText('Answered', { exact: true }).waitFor()
    asked.length = 0
    await replace('Secret key', 'a-wrong-secret')
    const storage = section('MinIO or S3')
    await storage.getByText('Remedy').waitFor()
    expect(asked).toEqual(['storage'])
    expect(await storage.locator('.tests .chip.passed').allTextContents()).toEqual([
      'Name',
      'Port',
      'S3 answers',
    ])
    expect(await storage.locator('.tests .chip.failed').allTextContents()).toEqual(['Sign in'])
    expect(await page.content()).not.toContain('a-wrong-secret')
    await replace('Secret key', services.s3.secretKey)
    await storage.getByText('Answered', { exact: true }).waitFor()
    await page.getByText('3 of 3 answered').first().waitFor()
  })

  test('names a namespace, and finds that it is to be made', async () => {
    await moved()
    await next()
    await enter('Warehouse', 's3://data-lake/warehouse')
    await enter('Namespace', name)
    await page.getByText('Namespace to make').waitFor()
    await page.getByRole('row', { name: /health_data_raw.*free, to be made/ }).waitFor()
    await page.getByText('Iceberg keeps the history itself').waitFor()
    await page.getByRole('button', { name: 'Try the rights' }).click()
    await section('Rights').getByText('Proved').waitFor()
    await looksWell()
    await holdsStill()
  })

  test('takes a topic by its look, decodes 20 messages of it and says what becomes of them', async () => {
    await step('source')
    await page.getByText(name, { exact: true }).click()
    await page.getByText('20 messages, decoded and validated').waitFor()
    expect(await page.getByRole('row', { name: new RegExp(name) }).textContent()).toMatch(/JSON payloads3400/)
    await page.getByText('would be dead letters').waitFor()
    const rejected = page.getByRole('row').filter({ hasText: /ejected/ })
    expect(await rejected.count()).toBeGreaterThan(0)
    await rejected.first().getByRole('button').click()
    await page
      .getByRole('complementary', { name: 'Message' })
      .getByText(/dead letter/)
      .waitFor()
    await pick(/Newest/)
    await pick(/Earliest/)
    await looksWell()
    await holdsStill()
  })

  test('starts at a time or at offsets where that is chosen, and says what it leaves out', async () => {
    await pick(/At a time/)
    await page.getByText('400 messages from there; 0 messages before it').waitFor()
    await page.getByLabel('Start time, UTC').fill('2099-01-01T00:00')
    await page.getByText('0 messages from there; 400 messages before it').waitFor()
    await pick(/At offsets/)
    await page.getByRole('region', { name: 'Start by partition' }).waitFor()
    await enter('Partition and offset', '0:100,1:100,2:100')
    await page.getByText('100 messages from there; 300 messages before it').waitFor()
    await enter('Partition and offset', '0:999')
    await page.getByText('partition 0 cannot begin at offset 999').waitFor()
    await looksWell()
    await pick(/Earliest/)
    await moved()
  })

  test('forecasts the five tables in two layouts', async () => {
    await step('tables')
    await page.getByText('5 to make').first().waitFor()
    await page.getByText('counted from all 400 messages').waitFor()
    const partitions = page.getByRole('row', { name: /^Partitions/ })
    const [specified = 0, compact = 0] = (await partitions.getByRole('cell').allTextContents()).map((text) =>
      Number(text.replaceAll(',', '')),
    )
    expect(specified).toBeGreaterThan(100)
    expect(compact).toBeLessThan(specified / 5)
    await pick('Compact')
    await page.getByText('Compact is another partitioning').waitFor()
    await page.getByRole('cell', { name: 'month of aggregation_date' }).waitFor()
    await looksWell()
    await pick('As specified')
    await page.getByText('files would hold one row').first().waitFor()
    await page.getByText('5 to make').first().waitFor()
    await moved()
    await page.getByRole('button', { name: 'raw', exact: true }).click()
    await page.getByRole('complementary', { name: 'Table health_data_raw' }).waitFor()
    await page.getByRole('tab', { name: /Properties/ }).click()
    await page.getByText('write.target-file-size-bytes').waitFor()
    await looksWell()
    await holdsStill()
  })

  test('reviews what will be made and gives it as environment without secrets', async () => {
    await step('review')
    await page.getByRole('button', { name: 'Save, make 5 tables and prove' }).waitFor()
    const environment = await page.locator('pre.env').textContent()
    expect(environment).toContain(`ICEBERG_DATABASE=${name}`)
    expect(environment).toContain(`KAFKA_TOPIC=${name}`)
    expect(environment).toMatch(/^S3_SECRET_KEY= {2}#/m)
    await looksWell()
    await holdsStill()
  })

  test('makes the tables, proves them with a probe and leaves nothing of it', async () => {
    await page.getByRole('button', { name: 'Save, make 5 tables and prove' }).click()
    await heading('Prove').waitFor()
    await page.getByText('15 of 15 passed').first().waitFor({ timeout: 90_000 })
    expect(await page.getByRole('list', { name: 'The probe' }).textContent()).toContain(
      "3 rows where user_id = 'tarn-probe'",
    )
    await looksWell()
    const lake = await tarn.app.lake()
    const { metadata } = await lake.io.catalog.loadTable(lake.tables.raw)
    expect(metadata.snapshots.map((one) => one.summary.operation)).toEqual(['append', 'delete'])
    expect(metadata.snapshots.at(-1)?.summary['total-records']).toBe('0')
    expect(readPositions(metadata, 'health')).toBeNull()
    const verified = await tarn.app.jobs.wait(tarn.app.startVerify().id)
    expect(verified.result).toMatchObject({ kind: 'verify', clean: true, differences: [] })
    expect(await page.getByRole('button', { name: 'Start loading' }).isEnabled()).toBe(true)
  })

  test('runs again safely, and an edit takes the proof away', async () => {
    await page.getByRole('button', { name: 'Check everything again' }).click()
    const made = page.getByRole('complementary', { name: 'What this set-up makes' }).getByText('As specified')
    await made.nth(4).waitFor({ timeout: 90_000 })
    expect(await made.count()).toBe(5)
    await page.getByText('5 there as specified').waitFor()
    tarn.app.saveSettings({ 'tables.daily': 'another_daily' })
    await page.getByText('Settings were changed elsewhere since').waitFor()
    expect(await page.getByRole('button', { name: 'Start loading' }).isDisabled()).toBe(true)
    tarn.app.saveSettings({ 'tables.daily': null })
    await page.getByText('15 of 15 passed').first().waitFor()
    await step('connect')
    await enter('Group', `${name}-group`)
    await step('prove')
    await page.getByText('Something was edited since').waitFor()
    expect(await page.getByRole('button', { name: 'Start loading' }).isDisabled()).toBe(true)
    await holdsStill()
    expect((await seen(page)).refused).toEqual([])
  })
})
