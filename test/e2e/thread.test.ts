import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parts } from '../../src/main/app/compose.ts'
import { messagesPath, threadPath } from '../../src/shared/thread.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { python } from '../services/install.ts'
import { run } from '../services/process.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { seen } from './checks.ts'
import { heldStill, holdsTheRules, walk } from './rules.ts'

/**
 * One thread, on real services: from an aggregate's outlier down to the Kafka message that holds it, and back. What is
 * right is told by the producer's own record.
 */

const services = inject('services')
const name = `e2e_thread_${Date.now().toString(36)}`
const folder = mkdtempSync(join(tmpdir(), 'tarn-e2e-thread-'))
const MESSAGES = 4_000

interface Row {
  readonly sample_id: string
  readonly user_id: string
  readonly data_type: string
  readonly value: number
  /** Microseconds since the epoch. */
  readonly start_date: number
}
interface Place {
  readonly sample_id: string
  readonly partition: number
  readonly offset: number
}

let rows: Row[]
let places: Map<string, Place>
let letters: { error_id: string; kafka_partition: number; kafka_offset: number }[]
let tarn: TestApp
let opened: Opened
let page: Page

const read = <T>(file: string): T[] =>
  readFileSync(join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
const dayOf = (row: Row) => new Date(Math.floor(row.start_date / 1000)).toISOString().slice(0, 10)

beforeAll(async () => {
  const where = ['--brokers', services.kafka.brokers, '--topic', name, '--out', folder]
  run(await python(), [
    resolve(import.meta.dirname, '../services/python/produce.py'),
    ...where,
    ...['--payloads', String(MESSAGES), '--users', '3', '--days', '6'],
  ])
  rows = read<Row>('rows.jsonl')
  places = new Map(read<Place>('places.jsonl').map((place) => [place.sample_id, place]))
  letters = read('letters.jsonl')
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
    TARN_COMMIT_BYTES: '600000',
  })
  const job = tarn.app.load.start({ source: { kind: 'kafka' }, untilCaughtUp: true, accept: {} })
  expect((await tarn.app.jobs.wait(job.id)).state).toBe('done')
  opened = await openInBrowser(tarn.app)
  page = opened.page
  await page.goto(opened.server.url)
}, 300_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
  rmSync(folder, { recursive: true, force: true })
})

const href = ({ path, query }: { path: string[]; query: Record<string, string> }): string =>
  `#/${path.join('/')}?${new URLSearchParams(query)}`
const go = (hash: string) =>
  page.evaluate((to) => {
    location.hash = to
  }, hash)
const main = () => page.getByRole('main')
const figure = (name: string) =>
  main().locator('.stat').filter({ hasText: name }).locator('.v').first().textContent()

/** The daily point with the most rows, and the highest of its values. */
function outlier() {
  const groups = Map.groupBy(rows, (row) => [row.user_id, row.data_type, dayOf(row)].join(' '))
  const all = [...groups.values()].sort((a, b) => b.length - a.length)[0] as Row[]
  const [top] = all.toSorted((a, b) => b.value - a.value) as [Row]
  return { all, top, place: places.get(top.sample_id) as Place }
}

describe('from an outlier of an aggregate down to its message', () => {
  test('with the keyboard alone', async () => {
    const { all, top, place } = outlier()
    await page.locator('body').press('Control+k')
    await page.keyboard.type('where does a row')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Where does a row come from' }).waitFor()
    const to = async (label: string) => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('Tab')
        const at = await page.evaluate(() => {
          const element = document.activeElement as HTMLInputElement | null
          return (
            element?.labels?.[0]?.textContent ?? element?.getAttribute('aria-label') ?? element?.textContent
          )
        })
        if (at?.trim() === label) return
      }
      throw new Error(`Tab never came to ${label}`)
    }
    await to('Table')
    await page.keyboard.press('Enter')
    await page.getByRole('option', { name: 'health_data_raw' }).waitFor()
    await page.keyboard.type('health_data_daily')
    await page.locator('[role=option][data-highlighted]', { hasText: 'health_data_daily_agg' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('listbox').waitFor({ state: 'hidden' })
    for (const [label, text] of [
      ['user_id', top.user_id],
      ['data_type', top.data_type],
      ['aggregation_date', dayOf(top)],
    ] as const) {
      await to(label)
      await page.keyboard.type(text)
    }
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Rows of raw behind it' }).waitFor()
    await main().getByText('Matches raw').waitFor()
    expect(await figure('Rows')).toBe(String(all.length))
    await to(top.sample_id)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Row', exact: true }).waitFor()
    expect(
      await main()
        .getByRole('row', { name: /^sample_id / })
        .textContent(),
    ).toContain(top.sample_id)
    // The levels are one stop; arrows go through them.
    const current = () => page.locator('.thread-level[aria-current]').textContent()
    for (
      let i = 0;
      i < 60 &&
      !(await page.evaluate(() => document.activeElement?.matches('nav[aria-label=Levels] button')));
      i++
    )
      await page.keyboard.press('Tab')
    await page.keyboard.press('End')
    await expect.poll(current).toContain('Message')
    await main().getByRole('heading', { name: 'Message' }).waitFor()
    await main().getByText(`${name} ${place.partition} @ ${place.offset}`).waitFor()
    expect(await figure('Offset')).toBe(place.offset.toLocaleString('en-US'))
    const marked = (await main().locator('.payload .now').allTextContents()).join('\n')
    expect(marked).toContain(`"id": "${top.sample_id}"`)
    expect(marked).toContain(`"value": ${JSON.stringify(top.value)}`.replace(/\.0$/, ''))
    // And back up to the point, by the thread's own link.
    await page.keyboard.press('Home')
    await expect.poll(current).toContain('Row of raw')
  })

  test('by links: every level opens, and leads to its own page', async () => {
    const { top } = outlier()
    const keys = {
      sample_id: top.sample_id,
      user_id: top.user_id,
      data_type: top.data_type,
      start_date: String(top.start_date),
    }
    await go(href(threadPath({ table: 'raw', keys })))
    const levels = page.getByRole('navigation', { name: 'Levels' })
    for (const [level, heading, link] of [
      ['Data file', 'Data file', /tables\/raw\?tab=files/],
      ['Manifest', 'Manifest', /tables\/raw\?tab=metadata/],
      ['Commit of a load', 'Commit of a load', /tables\/raw\?tab=snapshots&snapshot=\d+/],
    ] as const) {
      await levels.getByRole('button', { name: level }).click()
      await main().getByRole('heading', { name: heading }).waitFor()
      const links = await main()
        .locator('.thread-bar a')
        .evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''))
      expect(links.some((one) => link.test(decodeURIComponent(one)))).toBe(true)
    }
    // The commit, from its middle: rows up, messages down.
    await main().getByRole('link', { name: 'Its files and rows' }).click()
    await levels.getByRole('button', { name: /^R? ?Rows it added/ }).click()
    await main().getByRole('link', { name: 'Row 0' }).click()
    await main().getByRole('heading', { name: 'Row', exact: true }).waitFor()
  })

  test('from a commit of the load monitor to its rows and messages', async () => {
    await go('#/load')
    const inspector = page.getByRole('complementary', { name: 'Commit' })
    await inspector.getByRole('link', { name: 'Rows and messages' }).click()
    await page
      .getByRole('navigation', { name: 'Levels' })
      .getByRole('button', { name: /Messages it took/ })
      .click()
    await main()
      .getByRole('link', { name: /of partition/ })
      .first()
      .click()
    await page.getByRole('grid', { name: 'Messages' }).waitFor()
    expect(await page.evaluate(() => location.hash)).toMatch(/partition=\d+&from=\d+&to=\d+/)
  })

  test('from a dead letter to its message', async () => {
    const [letter] = letters
    await go(href({ ...threadPath({ table: 'errors', keys: { error_id: letter?.error_id ?? '' } }) }))
    const levels = page.getByRole('navigation', { name: 'Levels' })
    await levels.getByRole('button', { name: /Dead letter/ }).click()
    await main().getByRole('link', { name: 'Open the letter' }).waitFor()
    await levels.getByRole('button', { name: /Message/ }).click()
    await main().getByRole('heading', { name: 'Message' }).waitFor()
    expect(await figure('Partition')).toBe(String(letter?.kafka_partition))
    expect(await figure('Offset')).toBe((letter?.kafka_offset ?? 0).toLocaleString('en-US'))
    await main().locator(`a[href*="${letter?.error_id}"]`).waitFor()
  })
})

describe('the messages of a topic', () => {
  const grid = () => page.getByRole('grid', { name: 'Messages' })

  test('are found by text in the whole topic, and lead to their rows', async () => {
    const { top, place } = outlier()
    await go('#/messages')
    await grid().waitFor()
    const form = page.getByRole('form', { name: 'Filter messages' })
    await form.getByRole('textbox', { name: 'Text in the payload' }).fill(top.sample_id)
    await page.keyboard.press('Enter')
    await main()
      .getByText(`all of ${MESSAGES.toLocaleString('en-US')} messages read`)
      .waitFor()
    expect(await grid().getAttribute('aria-rowcount')).toBe('2')
    await grid().focus()
    await page.keyboard.press('ArrowDown')
    const side = page.getByRole('complementary', { name: `Message ${place.partition} @ ${place.offset}` })
    await side.getByRole('link', { name: new RegExp(`^${top.sample_id}`) }).click()
    await main().getByRole('heading', { name: 'Row', exact: true }).waitFor()
    expect(
      await main()
        .getByRole('row', { name: /^sample_id / })
        .textContent(),
    ).toContain(top.sample_id)
    // The filter is kept, to be used and changed again.
    await go('#/messages')
    await page.getByRole('button', { name: 'Recent' }).click()
    await page.getByRole('link', { name: `text ${top.sample_id}` }).click()
    await grid().waitFor()
    expect(await form.getByRole('textbox', { name: 'Text in the payload' }).inputValue()).toBe(top.sample_id)
  })

  test.each([1280, 1440, 1920])('say what is read in full at %i px', async (width) => {
    await page.setViewportSize({ width, height: 800 })
    await go('#/messages')
    await grid().waitFor()
    const about = page.locator('.message-bar > .cut')
    expect(await about.textContent()).toContain('offsets in')
    expect(await about.evaluate((one) => one.scrollWidth - one.clientWidth)).toBe(0)
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  test('are narrowed by a filter that was kept by name', async () => {
    const { top } = outlier()
    await go(href(messagesPath({ text: top.sample_id })))
    await grid().waitFor()
    await page.getByRole('button', { name: 'Saved' }).click()
    await page.getByRole('textbox', { name: 'Keep this filter as' }).fill('The outlier')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'The outlier', exact: true }).waitFor()
    await go('#/messages')
    await page.getByRole('button', { name: 'Saved' }).click()
    await page.getByText('Off: nothing is filtered now.').waitFor()
    await page.getByRole('button', { name: 'The outlier', exact: true }).click()
    await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe('2')
    expect(page.url()).toContain(`text=${top.sample_id}`)
    await page.getByRole('button', { name: 'Saved' }).click()
    await page.getByRole('button', { name: 'Forget The outlier' }).click()
    await page.getByText('None yet. A filter kept here fits any topic.').waitFor()
    await page.keyboard.press('Escape')
  })

  test('come all, past any page, with few elements', async () => {
    await go('#/messages?order=oldest')
    await grid().waitFor()
    await grid().focus()
    const counted = async () => Number(await grid().getAttribute('aria-rowcount')) - 1
    await expect
      .poll(
        async () => {
          await page.keyboard.press('End')
          return counted()
        },
        { timeout: 60_000 },
      )
      .toBe(MESSAGES)
    expect(await grid().locator('tbody tr[aria-rowindex]').count()).toBeLessThan(200)
  })

  test('are exported, all that match, as JSON lines and as CSV', async () => {
    const { top, place } = outlier()
    const get = (format: string, text: string) =>
      page.evaluate(
        async (url) => (await fetch(url)).text(),
        `/api/messages/export?${new URLSearchParams({ text, format })}`,
      )
    const [line] = (await get('jsonl', top.sample_id)).trim().split('\n')
    expect(JSON.parse(line ?? '')).toMatchObject({
      topic: name,
      partition: place.partition,
      offset: String(place.offset),
    })
    const csv = await get('csv', '"samples"')
    const all = (await get('jsonl', '"samples"')).trim().split('\n')
    expect(csv.trim().split('\r\n')).toHaveLength(all.length + 1)
  })

  test('say so where offsets are gone, or nothing matches', async () => {
    await go(href(messagesPath({ partition: '0', from: '0', to: '99999999' })))
    await main()
      .getByText(/offsets not in/)
      .waitFor()
    await go(href(messagesPath({ text: 'no such text anywhere' })))
    await main().getByText('No message matches').waitFor()
    await main().getByRole('button', { name: 'Clear filters' }).click()
    await grid().waitFor()
  })
})

test('a row that is not there, and one that never was, say why', async () => {
  await go(href(threadPath({ table: 'raw', keys: { sample_id: 'none such' } })))
  await page.getByRole('heading', { name: 'No row has these values' }).waitFor()
  await go(href(threadPath({ table: 'raw', keys: { no_column: 'x' } })))
  await page.getByRole('alert').getByText('the table has no column no_column').waitFor()
  await go(href(threadPath({ table: 'raw', snapshot: '42' })))
  await page
    .getByRole('alert')
    .getByText(/has no snapshot 42/)
    .waitFor()
})

describe('every one of these pages', () => {
  const { top } = { top: () => outlier().top }
  const pages = (): [string, string, string][] => {
    const keys = { sample_id: top().sample_id, user_id: top().user_id, data_type: top().data_type }
    const daily = { user_id: top().user_id, data_type: top().data_type, aggregation_date: dayOf(top()) }
    const level = (key: string) => ({ ...threadPath({ table: 'raw', keys }).query, level: key })
    return [
      ['start', '#/thread', 'h1'],
      ...['row', 'file', 'manifest', 'commit', 'message'].map((key): [string, string, string] => [
        key,
        href({ path: ['thread'], query: level(key) }),
        key === 'message' ? '.payload .now' : '.thread-bar h2',
      ]),
      ['daily', href(threadPath({ table: 'daily', keys: daily })), '.thread-bar h2'],
      ['messages', '#/messages', '[role=grid] tbody tr[aria-rowindex]'],
      ['message', href(messagesPath({}, '0:3')), '.message-side .payload'],
    ]
  }

  test('holds the rules in both themes, and lets the Tab key through', async () => {
    for (const [label, hash, ready] of pages()) {
      await go(hash)
      await page.locator(ready).first().waitFor()
      await expect.poll(() => page.locator('main [aria-busy=true]:visible').count()).toBe(0)
      await holdsTheRules(page, label)
      const { stops, hidden } = await walk(page)
      expect(hidden, label).toEqual([])
      expect(stops.length, label).toBeGreaterThan(8)
    }
  })

  test('keeps still while it is read, and asks nothing of anywhere else', async () => {
    await page.reload()
    for (const [label, hash, ready] of pages()) {
      await go(hash)
      await page.locator(ready).first().waitFor()
      await expect.poll(() => page.locator('main [aria-busy=true]:visible').count()).toBe(0)
      await heldStill(page, label)
    }
    const { refused } = await seen(page)
    expect({ ...opened.watched, refused }).toMatchObject({ foreign: [], refused: [] })
    // The two answers that say NOT_FOUND and INVALID are streams: nothing of them is an error of the page.
    expect(opened.watched.trouble).toEqual([])
  })
})
