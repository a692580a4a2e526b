import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { parts } from '../../src/main/app/compose.ts'
import { GENERATOR_DEFAULTS, generateMessage } from '../../src/main/source/generator.ts'
import type { LoadView } from '../../src/shared/model.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import type {} from '../services/setup.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { holdsTheRules } from './rules.ts'

/** Messages that a real Kafka deleted before they were loaded: what the page says, and each way out of it. */

const services = inject('services')
const topic = `gap_${Date.now().toString(36)}`
const folder = mkdtempSync(join(tmpdir(), 'tarn-gap-'))
const kafka = new kafkajs.Kafka({ brokers: [services.kafka.brokers], logLevel: kafkajs.logLevel.NOTHING })
const admin = kafka.admin()

let tarn: TestApp
let opened: Opened
let page: Page
let produced = 0

/** Messages of two partitions, in turn; the same as lines of a copy. */
async function produce(count: number): Promise<string[]> {
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
  await producer.connect()
  const made = Array.from({ length: count }, (_, i) => {
    const index = produced + i
    const { value, timestamp } = generateMessage(
      { ...GENERATOR_DEFAULTS, partitions: 2, badEvery: 25 },
      index,
    )
    return { partition: index % 2, offset: Math.floor(index / 2), timestamp, value }
  })
  await producer.send({
    topic,
    messages: made.map(({ partition, value }) => ({
      partition,
      value: value === null ? null : Buffer.from(value),
    })),
  })
  await producer.disconnect()
  produced += count
  return made.map(({ partition, offset, timestamp, value }) =>
    JSON.stringify({
      topic,
      partition,
      offset,
      ts: timestamp,
      ...(value === null ? { payload: null } : { payload64: Buffer.from(value).toString('base64') }),
    }),
  )
}
/** As retention does: the log begins at `offset` from now on. Brokers may refuse that for a moment. */
async function forget(offset: number): Promise<void> {
  const partitions = [0, 1].map((partition) => ({ partition, offset: String(offset) }))
  for (let tries = 0; ; tries++) {
    try {
      await admin.deleteTopicRecords({ topic, partitions })
      return
    } catch (error) {
      if (tries === 10) throw error
      await new Promise((done) => setTimeout(done, 500))
    }
  }
}

const load = (): LoadView => tarn.app.load.view()
const until = (holds: () => boolean): Promise<void> =>
  vi.waitFor(
    () => {
      if (!holds()) throw new Error(`did not come in time: ${holds}, ${JSON.stringify(load().fault)}`)
    },
    { timeout: 60_000, interval: 100 },
  )
const start = () => tarn.app.load.start({ source: { kind: 'kafka' }, untilCaughtUp: true, accept: {} })

beforeAll(async () => {
  await admin.connect()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 2 }] })
  await produce(200)
  tarn = testApp(parts, {
    KAFKA_BROKERS: services.kafka.brokers,
    KAFKA_TOPIC: topic,
    KAFKA_GROUP_ID: topic,
    TARN_COMMIT_SECONDS: '1',
  })
  opened = await openInBrowser(tarn.app, { reducedMotion: 'reduce' })
  page = opened.page
  start()
  await until(() => load().state === 'done')
  await page.goto(opened.server.url)
  await page.goto(`${opened.server.origin}/#/load`)
}, 240_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
  await admin.disconnect()
  rmSync(folder, { recursive: true, force: true })
})

const inspector = () => page.getByRole('complementary', { name: 'What to do' })
const main = () => page.getByRole('main')

describe('messages that Kafka deleted before they were loaded', () => {
  test('stop the load, and the page says exactly which, with every way out', async () => {
    const lines = await produce(400)
    writeFileSync(join(folder, 'copy.jsonl'), lines.join('\n'))
    writeFileSync(join(folder, 'short.jsonl'), lines.slice(0, -220).join('\n'))
    await forget(250)
    start()
    await until(() => load().state === 'failed')
    await main()
      .getByText('300 messages in 2 partitions were deleted by Kafka before they were loaded')
      .waitFor()
    await main().getByText('Gap of 300 messages').waitFor()
    expect(
      await main()
        .getByRole('row', { name: /100 to 250/ })
        .count(),
    ).toBe(2)
    for (const word of [
      'Go on after the gap',
      'Fill the gap from a file',
      'Start again at the newest',
      'Bring the messages back first',
    ])
      await inspector().getByText(word, { exact: true }).waitFor()
    await inspector().getByText('npx tarn load --accept-gap 300').waitFor()
    await holdsTheRules(page)
  })

  test('leave the partitions in reach of a window that has room for the ways out or for them', async () => {
    await page.setViewportSize({ width: 1280, height: 800 })
    const partitions = page.getByRole('region', { name: 'Partitions, most missing first' })
    await inspector().waitFor()
    expect(await partitions.isVisible()).toBe(false)
    await main().getByRole('button', { name: '2 partitions' }).press('Enter')
    await partitions.waitFor()
    expect(await partitions.getByText('150 missing').count()).toBe(2)
    await main().getByRole('button', { name: 'What to do' }).press('Enter')
    await inspector().waitFor()
    await page.setViewportSize({ width: 1440, height: 900 })
    await partitions.waitFor()
    expect(await main().getByRole('button', { name: '2 partitions' }).count()).toBe(0)
  })

  test('are not filled from a copy that lacks some of them', async () => {
    await inspector().getByText('Fill the gap from a file', { exact: true }).click()
    expect(
      await inspector().getByRole('button', { name: 'Fill 300 messages from the file' }).isDisabled(),
    ).toBe(true)
    await inspector()
      .getByRole('textbox', { name: /^Path on the computer/ })
      .fill(join(folder, 'short.jsonl'))
    await inspector().getByRole('button', { name: 'Fill 300 messages from the file' }).click()
    await until(() => load().state === 'failed' && /lacks/.test(load().fault?.title ?? ''))
    await main()
      .getByText(/short\.jsonl lacks \d+ of the missing messages/)
      .first()
      .waitFor()
  })

  test('are filled from a copy that holds them, and the ledger balances', async () => {
    start()
    await until(() => load().state === 'failed' && load().refusal?.code === 'GAP')
    await inspector().getByText('Fill the gap from a file', { exact: true }).click()
    await inspector()
      .getByRole('textbox', { name: /^Path on the computer/ })
      .fill(join(folder, 'copy.jsonl'))
    await inspector().getByRole('button', { name: 'Fill 300 messages from the file' }).click()
    await until(() => load().state === 'done')
    expect(load().messages).toBe(400)
    expect(load().ledger).toMatchObject({ gap: 0, problems: 0 })
    const verified = await tarn.app.jobs.wait(tarn.app.startVerify().id)
    expect(verified.result).toMatchObject({ clean: true, differences: [] })
    await main().getByText('Balanced, gap 0').waitFor()
  })

  test('are given up with what waits, where loading begins at the newest', async () => {
    await produce(200)
    await forget(320)
    start()
    await until(() => load().state === 'failed')
    await inspector().getByText('Start again at the newest', { exact: true }).click()
    await inspector().getByText('npx tarn load --accept-gap 40 --start-newest').waitFor()
    await inspector().getByRole('button', { name: 'Start at the newest, skip 200 messages' }).click()
    await until(() => load().state === 'done')
    await produce(20)
    start()
    await until(() => load().state === 'done' && load().messages === 20)
    const verified = await tarn.app.jobs.wait(tarn.app.startVerify().id)
    expect(verified.result).toMatchObject({ clean: true, differences: [] })
    expect((await tarn.app.load.ledger())?.accepted).toBe('200')
    expect(opened.watched.trouble).toEqual([])
    expect(opened.watched.foreign).toEqual([])
  })

  test('a commit is selected by its address, and one that is gone is said to be', async () => {
    const commit = load().recentCommits.find(({ role }) => role === 'raw')
    await page.goto(`${opened.server.origin}/#/load?commit=${commit?.snapshotId}`)
    await page.locator('.commits tr.is-picked').waitFor()
    await page.goto(`${opened.server.origin}/#/load?commit=123`)
    await main().getByText('is none of this loader').waitFor()
  })
})
