import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LakeIo } from '../../src/main/iceberg/transaction.ts'
import type { PrimitiveType, Schema } from '../../src/main/iceberg/types.ts'
import { type TestApp, testApp } from '../helpers/app.ts'
import { appendRows, createTables } from '../renderer/query/lake-node.ts'
import { dailyRows, rawRows } from '../renderer/query/sample.ts'
import { type Opened, openInBrowser } from './browser.ts'
import { seen } from './checks.ts'
import { holdsTheRules, walk } from './rules.ts'

/** The tables page as it is shipped, on the embedded lake. */

let tarn: TestApp
let opened: Opened
let page: Page

beforeAll(async () => {
  tarn = testApp({}, { KAFKA_TOPIC: 'health-data-raw' })
  const lake = await tarn.app.lake()
  await createTables(lake.io)
  for (let commit = 0; commit < 5; commit++) await appendRows(lake.io, lake, 'raw', rawRows(10, 7 + commit))
  await appendRows(lake.io, lake, 'daily', dailyRows(8, 9))
  await makeForeign(lake.io)
  opened = await openInBrowser(tarn.app, { viewport: { width: 1280, height: 800 } })
  page = opened.page
  await page.goto(opened.server.url)
  await page.getByRole('heading', { name: 'Nothing is being loaded' }).waitFor()
  await page.goto(`${opened.server.origin}/#/tables/raw?tab=partitions`)
  await page.getByRole('grid').waitFor()
}, 120_000)
afterAll(async () => {
  await opened?.close()
  await tarn?.close()
})

/** A table that is none of the five, in a namespace with a dot in its name, its schema changed since. */
async function makeForeign(io: LakeIo): Promise<void> {
  const namespace = ['study.one']
  await io.catalog.createNamespace(namespace, {})
  const field = (id: number, name: string, type: PrimitiveType) => ({ id, name, type, required: false })
  const schema: Schema = {
    type: 'struct',
    'schema-id': 0,
    fields: [field(1, 'visit', 'int'), field(2, 'when', 'date')],
  }
  await io.catalog.createTable(namespace, {
    name: 'visits & more',
    schema,
    spec: { 'spec-id': 0, fields: [] },
    properties: {},
  })
  const changed: Schema = {
    ...schema,
    'schema-id': 1,
    fields: [field(1, 'number', 'long'), field(2, 'when', 'date'), field(3, 'note', 'string')],
  }
  await io.catalog.commitTable({
    identifier: { namespace, name: 'visits & more' },
    requirements: [],
    updates: [
      { action: 'add-schema', schema: changed, 'last-column-id': 3 },
      { action: 'set-current-schema', 'schema-id': -1 },
    ],
  })
}

const open = (address: string) => page.goto(`${opened.server.origin}/#/tables/${address}`)
const pane = (name: string) => page.getByRole('complementary', { name })

describe('tables', () => {
  test('show the health, what it costs and what helps', async () => {
    await page.getByText('Small files', { exact: false }).first().waitFor()
    await page.getByRole('button', { name: 'Costs and remedy' }).click()
    await pane('Health').getByText('longer commit interval writes fewer', { exact: false }).waitFor()
    await pane('Health').getByRole('button', { name: 'Close' }).click()
  })

  test('map the partitions: one tab stop, arrows move, the pane tells what was picked', async () => {
    const grid = page.getByRole('grid')
    await grid.focus()
    await page.keyboard.press('Home')
    await pane('Partition').waitFor()
    const first = await page.evaluate(() => location.hash)
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.evaluate(() => location.hash)).not.toBe(first)
    expect(await grid.locator('[aria-selected=true]').count()).toBe(1)
    await grid.locator('[data-column="2"][data-row="1"]').click()
    const active = await grid.getAttribute('aria-activedescendant')
    expect(active).toMatch(/-2-1$/)
    await page.getByRole('button', { name: 'Mean size' }).click()
    expect(await page.getByRole('button', { name: 'Mean size' }).getAttribute('aria-pressed')).toBe('true')
    await pane('Partition').getByRole('button', { name: 'Close' }).click()
    await pane('Partition').waitFor({ state: 'detached' })
    expect(await grid.evaluate((element) => element === document.activeElement)).toBe(true)
  })

  test('draw the snapshots as soundings, and compare two of them', async () => {
    await page.getByRole('tab', { name: 'Snapshots' }).click()
    const line = page.getByRole('slider', { name: 'Rows added by 5 commits' })
    await line.waitFor()
    await line.focus()
    await page.keyboard.press('End')
    await pane('Snapshot').waitFor()
    await page.getByRole('button', { name: 'Compare with the one before' }).click()
    const comparison = page.getByRole('region', { name: 'From A to B' })
    await comparison.getByText('Adds up').waitFor()
    await page.getByRole('button', { name: 'End comparison' }).click()
    await comparison.waitFor({ state: 'detached' })
  })

  test('open the metadata level by level down to the bounds of a row group', async () => {
    await open('raw?tab=metadata')
    const tree = page.getByRole('tree', { name: 'Metadata, level by level' })
    await tree.getByText('manifest list').click()
    await tree.getByText('-m0.avro', { exact: false }).first().click()
    await tree.getByText('.parquet', { exact: false }).first().click()
    await pane('File').getByText('start_date', { exact: true }).waitFor()
    await tree.getByText('Row group 1').first().click()
    await pane('Row group').getByText('user_id', { exact: true }).waitFor()
  })

  test('a link to a comparison shows it, with its properties and the list beside it', async () => {
    const { metadata } = await (await tarn.app.lake()).io.catalog.loadTable({
      namespace: ['health_db'],
      name: 'health_data_raw',
    })
    const [oldest, , third] = metadata.snapshots
    await open(`raw?tab=snapshots&snapshot=${third?.['snapshot-id']}&compare=${oldest?.['snapshot-id']}`)
    const comparison = page.getByRole('region', { name: 'From A to B' })
    await comparison.getByText('2 commits', { exact: false }).waitFor()
    await comparison.getByRole('tab', { name: 'Summaries' }).click()
    await comparison.getByText('total-records').waitFor()
    await comparison.getByRole('button', { name: 'Swap' }).click()
    await expect.poll(() => page.evaluate(() => location.hash)).toContain(`compare=${third?.['snapshot-id']}`)
    await pane('Snapshot B').getByRole('link', { name: 'Query here' }).waitFor()
    const link = await pane('Snapshot B').getByRole('link', { name: 'Query here' }).getAttribute('href')
    expect(decodeURIComponent(link ?? '').replaceAll('+', ' ')).toContain(
      `FROM health_data_raw FOR VERSION AS OF ${oldest?.['snapshot-id']}`,
    )
  })

  test('files are found by words, opened, and saved as a list', async () => {
    await open('raw?tab=files')
    const filter = page.getByRole('searchbox', { name: 'Filter files' })
    await filter.fill('no such file')
    await page.getByText('matches', { exact: false }).waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await filter.fill('steps')
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('find=steps')
    const files = page.getByRole('region', { name: 'Files' })
    await files.locator('.row-open').first().focus()
    await page.keyboard.press('ArrowDown')
    await pane('File').getByText('start_date', { exact: true }).waitFor()
    expect(await files.locator('.row-open[tabindex="0"]').count()).toBe(1)
    await pane('File').getByRole('button', { name: 'Open row groups' }).click()
    await pane('File').getByRole('heading', { name: 'Row group 1 of 1' }).waitFor()
    const started = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('menuitem', { name: 'Save as CSV' }).click()
    const file = await (await started).path()
    const lines = readFileSync(file, 'utf8').trimEnd().split('\r\n')
    expect(lines[0]).toMatch(/^path,content,format,partition,rows,bytes/)
    expect(lines.slice(1).every((line) => line.includes('steps'))).toBe(true)
  })

  test('a table of another namespace opens from the list by keys, with the difference of its schemas', async () => {
    await open('raw?tab=schema')
    await page.getByRole('button', { name: 'Read the catalog again' }).click()
    const tree = page.getByRole('tree', { name: 'Tables of the catalog' })
    await tree.focus()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowRight')
    await tree.getByText('visits & more').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const query = page.getByRole('link', { name: 'Query', exact: true })
    await expect
      .poll(async () => new URLSearchParams((await query.getAttribute('href'))?.split('?')[1]).get('text'))
      .toContain('FROM "study.one"."visits & more"')
    expect(await page.evaluate(() => location.hash)).toContain('#/tables/study%252Eone/visits%20%26%20more')
    await page.getByText('No partition yet').waitFor()
    await page.getByRole('tab', { name: 'Schema' }).click()
    await page.getByRole('button', { name: 'Compare with schema 0' }).click()
    const difference = page.getByRole('region', { name: 'Difference' })
    await difference.getByText('renamed from visit, promoted from int').waitFor()
    expect(await difference.getByText('Added').count()).toBe(1)
  })

  test('a wide window has the facts of a table beside each other', async () => {
    const left = (name: string, kind: 'table' | 'region') =>
      page.getByRole(kind, { name, exact: true }).evaluate((one) => {
        const { left, right } = one.getBoundingClientRect()
        return { left, right }
      })
    await page.setViewportSize({ width: 1920, height: 1080 })
    await open('raw?tab=properties')
    await page.getByRole('table', { name: 'Setting', exact: true }).waitFor()
    expect((await left('Setting', 'table')).left).toBeGreaterThanOrEqual(
      (await left('Identity and ledger', 'table')).right,
    )
    await open('raw?tab=references')
    await page.getByText('5 days').waitFor()
    expect((await left('What the table says', 'region')).left).toBeGreaterThanOrEqual(
      (await left('References', 'table')).right,
    )
    await open('raw?tab=schema')
    await page.getByRole('region', { name: 'Layout of the table' }).waitFor()
    expect(await page.getByRole('button', { name: 'Layout', exact: true }).count()).toBe(0)
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.getByRole('button', { name: 'Layout', exact: true }).waitFor()
    expect(await page.getByRole('region', { name: 'Layout of the table' }).count()).toBe(0)
  })

  test('an address of no table says so, and keeps the list', async () => {
    await open('nowhere/none')
    await page.getByText('There is no table nowhere.none').waitFor()
    await page.getByRole('tree', { name: 'Tables of the catalog' }).getByText('health_data_raw').click()
    await page.getByRole('grid').waitFor()
    expect(await page.getByRole('navigation', { name: 'Open tables' }).getByText('none').count()).toBe(0)
    opened.watched.trouble.length = 0
  })

  test.each(['partitions', 'files', 'snapshots', 'metadata'])(
    '%s can be walked by Tab without a trap',
    async (tab) => {
      await open(`raw?tab=${tab}`)
      await page.getByRole('tab', { selected: true, name: new RegExp(tab, 'i') }).waitFor()
      await page.locator('.tab-body .row-open, .tab-body [role=treeitem]').first().waitFor()
      // From the top: the focus would go on from where it was last.
      await page.reload()
      await page.locator('.tab-body .row-open, .tab-body [role=treeitem]').first().waitFor()
      const names = (await walk(page)).stops
      expect(names.length).toBeLessThan(90)
      expect(names.some((name) => name.includes('Read the catalog again'))).toBe(true)
    },
  )

  test('nothing jumps while a table is opened', async () => {
    await page.goto('about:blank')
    for (const tab of ['partitions', 'files', 'snapshots', 'metadata']) {
      await page.goto(`${opened.server.origin}/#/tables/raw?tab=${tab}`)
      await page.reload()
      await page.getByRole('tab', { selected: true, name: new RegExp(tab, 'i') }).waitFor()
      await page.locator('.tab-body .grid tbody tr, .tab-body [role=treeitem]').first().waitFor()
      expect((await seen(page)).shift, tab).toBeLessThan(0.05)
    }
  })

  test('with a pane beside them hold the rules', async () => {
    for (const [tab, row] of [
      ['partitions', '[data-column="2"][data-row="1"]'],
      ['files', '.row-open'],
      ['snapshots', '.row-open'],
    ] as const) {
      await open(`raw?tab=${tab}`)
      await page.locator(`.tab-body ${row}`).first().click()
      await page.locator('.insp').waitFor()
      await holdsTheRules(page, tab)
    }
    expect((await seen(page)).refused).toEqual([])
    expect(opened.watched.trouble).toEqual([])
  })
})
