import type { Page } from 'playwright-core'
import { away, fixable, replayAs, replayOnce, runDoctor } from './states.ts'

/** How far the app has come when the picture is taken. */
export type Stage = 'fresh' | 'gathering' | 'loading' | 'loaded' | 'restarted'

export interface Shot {
  readonly name: string
  readonly stage: Stage
  /** `/load`, `/tables/raw?tab=files`. */
  readonly route: string
  /** What to do on the page first; it waits for what the picture is about. */
  readonly before?: (page: Page) => Promise<void>
  /** The whole length of the page, not only the window. */
  readonly tall?: true
  /** The wider of the two densities. */
  readonly density?: 'comfortable'
}

const settle = (page: Page, selector: string) => page.locator(selector).first().waitFor({ timeout: 15_000 })

async function runQuery(page: Page): Promise<void> {
  await settle(page, '.cm-content')
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(
    'SELECT data_type, count(*) AS n, round(avg(value), 1) AS mean\nFROM health_data_raw\nGROUP BY data_type\nORDER BY n DESC',
  )
  await page.keyboard.press('Control+Enter')
  await settle(page, '.sql-grid tbody tr[aria-rowindex]')
}

/** The thread of some row of heart rates. */
const THREAD = (table: string) =>
  `/thread?table=${table}&row=${encodeURIComponent('{"data_type":"heartRate"}')}`
async function writeQuery(page: Page, sql: string): Promise<void> {
  await settle(page, '.cm-content')
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(sql)
}

async function pickCell(page: Page): Promise<void> {
  await runQuery(page)
  await page.getByRole('grid', { name: 'Result' }).focus()
  await page.keyboard.press('ArrowDown')
  await settle(page, '.sql-row')
}

async function findInAnswer(page: Page): Promise<void> {
  await runQuery(page)
  await page.getByRole('grid', { name: 'Result' }).focus()
  await page.keyboard.press('Control+f')
  await page.keyboard.type('heart')
  await settle(page, '.sql-found')
}

async function failQuery(page: Page): Promise<void> {
  await runQuery(page)
  await writeQuery(
    page,
    "-- How many devices each user wears\nSELECT user_id,\n       count(DISTINCT metdata['device']) AS devices\nFROM health_data_raw\nGROUP BY ALL",
  )
  await page.keyboard.press('Control+Enter')
  await settle(page, '[role=alert]')
}

async function runLong(page: Page): Promise<void> {
  await writeQuery(
    page,
    'SELECT count(*) FROM range(100000000) a(i), range(100000000) b(j), health_data_raw WHERE (i * j) % 7 = 3',
  )
  await page.keyboard.press('Control+Enter')
  await settle(page, '.sql-step')
}

async function explainQuery(page: Page): Promise<void> {
  await writeQuery(
    page,
    "SELECT count(*) FROM health_data_raw WHERE data_type = 'steps' AND length(user_id) > 3",
  )
  await page.keyboard.press('Control+Shift+e')
  await settle(page, '.sql-conditions')
}

async function giveParameters(page: Page): Promise<void> {
  await writeQuery(
    page,
    'SELECT *\nFROM health_data_raw\nWHERE data_type = $type AND start_date >= $from AND value > :least_value',
  )
  await settle(page, '.sql-parameter')
}

async function pickSnapshot(page: Page): Promise<void> {
  await runQuery(page)
  await page
    .getByRole('button', { name: /Snapshot/ })
    .first()
    .click()
  await settle(page, '.sql-snapshot')
}

async function compareSnapshots(page: Page): Promise<void> {
  await pickSnapshot(page)
  await page.locator('.sql-snapshot').nth(3).click()
  await page.getByRole('button', { name: 'Compare with the newest' }).click()
  await page.getByRole('button', { name: 'Run both' }).first().click()
  await settle(page, 'main[data-compared=true]')
}

async function exportAnswer(page: Page): Promise<void> {
  await runQuery(page)
  await page.getByRole('button', { name: 'Export', exact: true }).click()
  await settle(page, '.sql-export')
}

/** A time and statistics, whose chart is a band. */
async function chartAnswer(page: Page): Promise<void> {
  await writeQuery(
    page,
    "SELECT user_id, aggregation_date AS day, min_value AS least, avg_value AS mean, max_value AS greatest\nFROM health_data_daily_agg\nWHERE data_type = 'heartRate'\nORDER BY day, user_id",
  )
  await page.keyboard.press('Control+Enter')
  await settle(page, '.sql-chart svg')
}

async function openColumn(page: Page): Promise<void> {
  await chartAnswer(page)
  await page.getByRole('grid', { name: 'Result' }).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('m')
  await settle(page, '[role=menu]')
}

/** Sorted, filtered, one column pinned and one hidden, and the form for another filter. */
async function arrangeAnswer(page: Page): Promise<void> {
  await chartAnswer(page)
  await page.locator('th[data-column="3"]').click()
  await settle(page, 'th[data-column="3"][aria-sort]')
  await page.getByRole('grid', { name: 'Result' }).focus()
  await page.keyboard.press('h')
  await page.keyboard.press('p')
  for (const again of ['70', '']) {
    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    await settle(page, '.sql-filter-form')
    if (again === '') return
    await page.getByRole('textbox', { name: 'Value' }).fill(again)
    await page.getByRole('button', { name: 'Add filter' }).click()
    await settle(page, '.sql-filters')
  }
}

async function manyRows(page: Page): Promise<void> {
  await writeQuery(page, 'SELECT i, i % 7 AS weekday FROM range(3000000) t(i)')
  await page.keyboard.press('Control+Enter')
  await settle(page, '.sql-parts')
}

/** A saved query, the snippets unfolded and some history. */
async function fillLibrary(page: Page): Promise<void> {
  await runQuery(page)
  await page.keyboard.press('Control+s')
  await page.getByRole('textbox', { name: 'Name of the query' }).fill('Rows by type')
  await page.keyboard.press('Enter')
  const list = page.getByRole('region', { name: 'Saved queries, snippets and history' })
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  const close = page.getByRole('button', { name: 'Close inspector' })
  if (await close.isVisible()) await close.click()
  await list.getByRole('button', { name: 'Rows by type', exact: true }).waitFor()
  const snippets = list.getByRole('button', { name: /^Snippets/ })
  if ((await snippets.getAttribute('aria-expanded')) === 'false') await snippets.click()
}

async function preview(page: Page, button: string, shown: string): Promise<void> {
  await page.getByRole('button', { name: button }).last().click()
  await settle(page, shown)
}

/** A load of another source than the tables come from, which is refused. */
async function refuse(page: Page): Promise<void> {
  await page.evaluate(() =>
    fetch('/api/load/start', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ source: { kind: 'generator' } }),
    }),
  )
  await settle(page, '[aria-label="By partition"]')
}

/** The services have told, or failed to. */
const told = (page: Page) => page.locator('.fault, .named').first().waitFor({ timeout: 60_000 })

/** Every page and state that has a picture. A new page adds its lines here. */
export const SHOTS: readonly Shot[] = [
  { name: 'gallery', stage: 'fresh', route: '/gallery', tall: true },
  {
    name: 'welcome',
    stage: 'fresh',
    route: '/load',
    before: async (page) => {
      await settle(page, '.door .chip:not(.running)')
      await page.getByText('were tried just now').waitFor({ timeout: 30_000 })
    },
  },
  { name: 'setup', stage: 'fresh', route: '/setup/connect' },
  { name: 'setup-tables', stage: 'fresh', route: '/setup/tables', before: told },
  { name: 'setup-source', stage: 'fresh', route: '/setup/source', before: told },
  { name: 'setup-review', stage: 'fresh', route: '/setup/review', before: told },
  { name: 'setup-prove', stage: 'fresh', route: '/setup/prove' },
  { name: 'setup-names', stage: 'fresh', route: '/setup/names' },
  { name: 'setup-failed', stage: 'fresh', route: '/setup/connect', before: away('.fault') },
  { name: 'setup-names-failed', stage: 'fresh', route: '/setup/names', before: away('.fault') },
  { name: 'setup-tables-failed', stage: 'fresh', route: '/setup/tables', before: away('.fault') },
  { name: 'setup-review-failed', stage: 'fresh', route: '/setup/review', before: away('.fault') },
  { name: 'doctor-first', stage: 'fresh', route: '/doctor' },
  { name: 'doctor-trouble', stage: 'fresh', route: '/doctor', before: runDoctor },
  {
    name: 'load-first',
    stage: 'gathering',
    route: '/load',
    before: async (page) => {
      await page.locator('.insp .offs td').first().waitFor({ state: 'attached' })
      if (!(await page.locator('.insp').isVisible())) await page.keyboard.press('Control+b')
    },
  },
  {
    name: 'load-comfortable',
    stage: 'loading',
    route: '/load',
    density: 'comfortable',
    before: (page) => settle(page, '.grid tbody tr'),
  },
  { name: 'load', stage: 'loading', route: '/load', before: (page) => settle(page, '.grid tbody tr') },
  {
    name: 'palette',
    stage: 'loading',
    route: '/load',
    before: async (page) => {
      await page.keyboard.press('Control+k')
      await settle(page, '.palette')
      await page.keyboard.type('go')
    },
  },
  {
    name: 'shortcuts',
    stage: 'loading',
    route: '/load',
    before: async (page) => {
      await page.keyboard.press('?')
      await settle(page, '.sheet-of-keys')
    },
  },
  {
    name: 'leave',
    stage: 'loading',
    route: '/load',
    before: async (page) => {
      await page.getByRole('button', { name: 'Leave the sample' }).click()
      await page.getByRole('button', { name: /^Leave, delete/ }).waitFor({ timeout: 15_000 })
    },
  },
  {
    name: 'lakes',
    stage: 'loading',
    route: '/load',
    before: async (page) => {
      await page.locator('.lake').click()
      await settle(page, '[role=menu]')
    },
  },
  {
    name: 'settings',
    stage: 'fresh',
    route: '/settings?at=commit.seconds',
    before: (page) => settle(page, '.set'),
  },
  {
    name: 'settings-clash',
    stage: 'fresh',
    route: '/settings?section=keys',
    before: async (page) => {
      await page.getByRole('button', { name: 'Change the keys of Go to Doctor' }).click()
      await page.keyboard.press('Control+4')
      await settle(page, '.clash')
    },
  },
  {
    name: 'settings-keys',
    stage: 'fresh',
    route: '/settings?section=keys',
    before: (page) => settle(page, '.keys tbody'),
  },
  {
    name: 'settings-comfortable',
    stage: 'fresh',
    route: '/settings?at=commit.seconds',
    density: 'comfortable',
    before: (page) => settle(page, '.set'),
  },
  {
    name: 'settings-none',
    stage: 'fresh',
    route: '/settings',
    before: async (page) => {
      await page.getByRole('searchbox', { name: 'Find a setting or its variable' }).fill('proxy')
      await settle(page, '.empty')
    },
  },
  {
    name: 'notices',
    stage: 'loaded',
    route: '/load',
    before: async (page) => {
      await page.locator('.bell').click()
      await settle(page, '.notices, .notices-none')
    },
  },
  { name: 'load-done', stage: 'loaded', route: '/load', before: (page) => settle(page, '.grid tbody tr') },
  {
    name: 'load-start',
    stage: 'loaded',
    route: '/load',
    before: async (page) => {
      await page.getByRole('main').getByRole('button', { name: 'Start loading' }).click()
      await settle(page, '[role=dialog] .pick')
    },
  },
  { name: 'letters', stage: 'loaded', route: '/letters' },
  { name: 'letters-comfortable', stage: 'loaded', route: '/letters', density: 'comfortable' },
  {
    name: 'letters-fix',
    stage: 'loaded',
    route: '/letters',
    before: async (page) => {
      await fixable(page)
      await page.keyboard.press('Control+Enter')
      await page.getByRole('button', { name: /^Replay [\d,]+ letter/ }).waitFor({ timeout: 30_000 })
    },
  },
  {
    name: 'letters-patch',
    stage: 'loaded',
    route: '/letters',
    before: async (page) => {
      await page.getByRole('button', { name: 'Merge patch' }).click()
      await page.getByRole('textbox', { name: 'JSON merge patch' }).fill('{"value": 37}')
      await page.getByRole('button', { name: 'Bytes', exact: true }).click()
      await settle(page, '.hex')
    },
  },
  {
    name: 'letters-filter',
    stage: 'loaded',
    route: '/letters',
    before: async (page) => {
      await settle(page, '.ba .payload')
      await page.getByRole('button', { name: 'Filter', exact: true }).click()
      await settle(page, '.filter-form')
    },
  },
  {
    name: 'letters-message',
    stage: 'loaded',
    route: '/letters',
    before: async (page) => {
      await page.getByRole('button', { name: 'Message', exact: true }).click()
      await settle(page, '.letter-side')
    },
  },
  {
    name: 'letters-none',
    stage: 'loaded',
    route: '/letters?text=nothing-is-named-so',
  },
  { name: 'replay', stage: 'loaded', route: '/letters', before: replayOnce },
  { name: 'replay-running', stage: 'loaded', route: '/letters', before: replayAs('running') },
  { name: 'replay-stopped', stage: 'loaded', route: '/letters', before: replayAs('stopped') },
  { name: 'sql', stage: 'loaded', route: '/sql', before: runQuery },
  { name: 'sql-cell', stage: 'loaded', route: '/sql', before: pickCell },
  { name: 'sql-find', stage: 'loaded', route: '/sql', before: findInAnswer },
  { name: 'sql-failed', stage: 'loaded', route: '/sql', before: failQuery },
  { name: 'sql-running', stage: 'loaded', route: '/sql', before: runLong },
  { name: 'sql-explain', stage: 'loaded', route: '/sql', before: explainQuery },
  { name: 'sql-parameters', stage: 'loaded', route: '/sql', before: giveParameters },
  { name: 'sql-snapshots', stage: 'loaded', route: '/sql', before: pickSnapshot },
  { name: 'sql-compare', stage: 'loaded', route: '/sql', before: compareSnapshots },
  { name: 'sql-export', stage: 'loaded', route: '/sql', before: exportAnswer },
  { name: 'sql-chart', stage: 'loaded', route: '/sql', before: chartAnswer },
  { name: 'sql-column', stage: 'loaded', route: '/sql', before: openColumn },
  { name: 'sql-arranged', stage: 'loaded', route: '/sql', before: arrangeAnswer },
  { name: 'sql-many', stage: 'loaded', route: '/sql', before: manyRows },
  { name: 'sql-library', stage: 'loaded', route: '/sql', before: fillLibrary },
  {
    name: 'sql-comfortable',
    stage: 'loaded',
    route: '/sql',
    density: 'comfortable',
    before: chartAnswer,
  },
  { name: 'tables', stage: 'loaded', route: '/tables/raw' },
  { name: 'tables-comfortable', stage: 'loaded', route: '/tables/raw?tab=files', density: 'comfortable' },
  {
    name: 'tables-health',
    stage: 'loaded',
    route: '/tables/daily?health=yes',
    before: (page) => settle(page, '.insp .tables-reason'),
  },
  { name: 'tables-properties', stage: 'loaded', route: '/tables/raw?tab=properties' },
  { name: 'tables-references', stage: 'loaded', route: '/tables/raw?tab=references' },
  {
    name: 'tables-compare',
    stage: 'loaded',
    route: '/tables/raw?tab=snapshots',
    before: async (page) => {
      await page.getByRole('button', { name: 'Compare with the one before' }).click()
      await settle(page, '.comparison .grid')
    },
  },
  {
    name: 'tables-spot',
    stage: 'loaded',
    route: '/tables/raw?tab=partitions',
    before: (page) => page.locator('[data-column="3"][data-row="1"]').click(),
  },
  {
    name: 'tables-files',
    stage: 'loaded',
    route: '/tables/raw?tab=files',
    before: (page) => page.locator('.row-open').first().click(),
  },
  { name: 'tables-schema', stage: 'loaded', route: '/tables/daily?tab=schema&layout=yes' },
  {
    name: 'tables-snapshots',
    stage: 'loaded',
    route: '/tables/errors?tab=snapshots',
    before: (page) => page.locator('.row-open').first().click(),
  },
  {
    name: 'tables-metadata',
    stage: 'loaded',
    route: '/tables/raw?tab=metadata',
    before: async (page) => {
      await page.getByText('manifest list').first().click()
      await page.getByText('-m0.avro').first().click()
      await page.locator('.levels').getByText('.parquet').first().click()
    },
  },
  {
    name: 'tables-compact',
    stage: 'loaded',
    route: '/tables/errors?health=yes',
    before: (page) => preview(page, 'Preview compaction', '.size-table'),
  },
  {
    name: 'tables-expire',
    stage: 'loaded',
    route: '/tables/raw?health=yes',
    before: (page) => preview(page, 'Preview expiry', '.wish'),
  },
  {
    name: 'tables-manifests',
    stage: 'loaded',
    route: '/tables/raw?health=yes',
    before: (page) => preview(page, 'Preview manifests', '.dialog .kv'),
  },
  { name: 'tables-none', stage: 'loaded', route: '/tables/raw?tab=files&find=nothing-is-named-so' },
  { name: 'tables-absent', stage: 'loaded', route: '/tables/nowhere/none' },
  { name: 'dash', stage: 'loaded', route: '/dash', before: (page) => settle(page, '.dash-multiple svg.ch') },
  {
    name: 'dash-day',
    stage: 'loaded',
    route: '/dash?at=2026-03-04',
    before: (page) => settle(page, '.dash-raw tbody tr'),
  },
  {
    name: 'dash-month',
    stage: 'loaded',
    route: '/dash?grain=month&at=2026-03',
    before: (page) => settle(page, '.dash-raw tbody tr'),
  },
  {
    name: 'dash-user',
    stage: 'loaded',
    route: '/dash?compare=user:user-002',
    before: async (page) => {
      await settle(page, '.dash-sums')
      await page.locator('.dash-user .select').click()
      await settle(page, '.dash-users .item')
    },
  },
  {
    name: 'dash-periods',
    stage: 'loaded',
    route: '/dash?type=stepCount&from=2026-03-23&to=2026-04-05&compare=from:2026-03-09',
    before: (page) => settle(page, '.dash-samples svg.ch'),
  },
  {
    name: 'dash-compare-form',
    stage: 'loaded',
    route: '/dash',
    before: async (page) => {
      await settle(page, '.dash-samples svg.ch')
      await page.getByRole('button', { name: 'Compare', exact: true }).click()
      await settle(page, '.dash-form')
    },
  },
  {
    name: 'dash-whole',
    stage: 'loaded',
    route: '/dash',
    tall: true,
    before: (page) => settle(page, '.dash-samples svg.ch'),
  },
  {
    name: 'dash-comfortable',
    stage: 'loaded',
    route: '/dash',
    density: 'comfortable',
    before: (page) => settle(page, '.dash-multiple svg.ch'),
  },
  {
    name: 'dash-nobody',
    stage: 'loaded',
    route: '/dash?user=nobody',
    before: (page) => settle(page, '.empty'),
  },
  { name: 'thread-start', stage: 'loaded', route: '/thread' },
  { name: 'thread', stage: 'loaded', route: THREAD('raw'), before: (page) => settle(page, '.thread-level') },
  {
    name: 'thread-commit',
    stage: 'loaded',
    route: `${THREAD('raw')}&level=commit`,
    before: (page) => settle(page, '.thread-level'),
  },
  {
    name: 'thread-message',
    stage: 'loaded',
    route: `${THREAD('raw')}&level=message`,
    before: (page) => settle(page, '.payload .now'),
  },
  {
    name: 'thread-point',
    stage: 'loaded',
    route: THREAD('daily'),
    before: (page) => settle(page, '.thread-level'),
  },
  {
    name: 'thread-none',
    stage: 'loaded',
    route: `/thread?table=raw&row=${encodeURIComponent('{"sample_id":"none such"}')}`,
    before: (page) => settle(page, '.empty'),
  },
  {
    name: 'messages',
    stage: 'loaded',
    route: '/messages?text=heartRate',
    before: (page) => settle(page, '.message-side .payload'),
  },
  {
    name: 'messages-none',
    stage: 'loaded',
    route: '/messages?text=nothing-is-named-so',
    before: (page) => settle(page, '.empty'),
  },
  { name: 'doctor', stage: 'loaded', route: '/doctor', before: runDoctor },
  { name: 'sample-setup', stage: 'loaded', route: '/setup' },
  {
    name: 'load-past',
    stage: 'restarted',
    route: '/load',
    before: (page) => settle(page, '.commits tbody tr'),
  },
  { name: 'load-stopped', stage: 'restarted', route: '/load', before: refuse },
]
