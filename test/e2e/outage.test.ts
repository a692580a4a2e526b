import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, createApp } from '../../src/main/app/app.ts'
import { parts } from '../../src/main/app/compose.ts'
import { resolveSettings } from '../../src/main/app/settings/settings.ts'
import { systemClock } from '../../src/main/base/clock.ts'
import { silentLog } from '../../src/main/base/log.ts'
import { createScrubber } from '../../src/main/base/scrub.ts'
import { python } from '../services/install.ts'
import { freePort, run, type Server } from '../services/process.ts'
import { startCatalog, startKafka, startMinio } from '../services/services.ts'
import { type Opened, openInBrowser } from './browser.ts'

/**
 * A load from the page whose catalog and store are stopped and started again under it: it waits and says for what, goes
 * on, and loses nothing.
 */

const folder = mkdtempSync(join(tmpdir(), 'tarn-outage-'))
const namespace = 'outage'
const servers: { kafka?: Server; minio?: Server; catalog?: Server } = {}
let ports: { kafka: number; minio: number; catalog: number }
let app: App
let opened: Opened
let totals: { messages: number; rows: number; letters: number }

const minio = () => startMinio(join(folder, 'minio'), ports.minio)
const catalog = () => startCatalog(join(folder, 'catalog'), ports.catalog, `http://127.0.0.1:${ports.minio}`)

beforeAll(async () => {
  ports = { kafka: await freePort(), minio: await freePort(), catalog: await freePort() }
  servers.kafka = await startKafka(join(folder, 'kafka'), ports.kafka)
  servers.minio = await minio()
  servers.catalog = await catalog()
  const brokers = `127.0.0.1:${ports.kafka}`
  const produced = run(await python(), [
    join(import.meta.dirname, '../services/python/produce.py'),
    ...['--brokers', brokers, '--topic', namespace, '--out', join(folder, 'expected')],
    ...['--payloads', '6000', '--partitions', '4'],
  ])
  totals = JSON.parse(produced) as typeof totals
  const env = {
    TARN_HOME: join(folder, 'home'),
    ICEBERG_CATALOG_URI: `http://127.0.0.1:${ports.catalog}`,
    ICEBERG_WAREHOUSE: 's3://data-lake/warehouse',
    ICEBERG_DATABASE: namespace,
    S3_ENDPOINT: `http://127.0.0.1:${ports.minio}`,
    S3_ACCESS_KEY: 'minioadmin',
    S3_SECRET_KEY: 'minioadmin',
    KAFKA_BROKERS: brokers,
    KAFKA_TOPIC: namespace,
    TARN_COMMIT_SECONDS: '1',
    TARN_COMMIT_BYTES: '150000',
    // At the end only: what is held to its word here is the load.
    TARN_ROLLUP_SECONDS: '3600',
  }
  app = createApp({
    resolve: () => resolveSettings({ flags: new Map(), env }),
    parts,
    host: 'server',
    version: '0.0.0-test',
    sample: false,
    log: silentLog,
    scrubber: createScrubber(),
    clock: systemClock,
  })
  opened = await openInBrowser(app)
  await opened.page.goto(opened.server.url)
  await opened.page.goto(`${opened.server.origin}/#/load`)
}, 120_000)

afterAll(async () => {
  await opened?.close()
  await app?.close()
  await Promise.all([servers.kafka?.stop(), servers.minio?.stop(), servers.catalog?.stop()])
  rmSync(folder, { recursive: true, force: true })
})

/** Until `holds`, or the load has ended. */
async function until(what: string, holds: () => boolean, limitMs = 60_000): Promise<void> {
  const deadline = Date.now() + limitMs
  while (!holds()) {
    const { state, fault } = app.load.view()
    if (state === 'failed' || state === 'done')
      throw new Error(`the load failed before ${what}: ${fault?.title}`)
    if (Date.now() > deadline) throw new Error(`${what} did not come in time`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Troubles of commits that began since then; a rollup that failed is made up in its own time. */
const troublesSince = (then: number) =>
  (app.load.view().troubles ?? []).filter(({ kind, at }) => kind !== 'rollup-failed' && at >= then)

test('catalog and store stopped and started again cost time, no row and no double', {
  timeout: 400_000,
}, async () => {
  const { page, watched } = opened
  await page.getByRole('button', { name: 'Start loading' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Start loading' })
  await dialog.getByRole('checkbox').click()
  await dialog.getByRole('button', { name: 'Start loading' }).click()
  const trouble = page.getByRole('complementary', { name: 'Commit', exact: true }).locator('.trouble')
  await until('the first commit', () => app.load.view().commits.raw >= 1)

  for (const name of ['catalog', 'minio'] as const) {
    const then = Date.now()
    const before = app.load.view().commits.raw
    await servers[name]?.kill()
    await until(`the trouble with ${name}`, () => troublesSince(then).length > 0)
    await trouble.getByText('Being tried again').waitFor()
    servers[name] = await { catalog, minio }[name]()
    await until(
      `a commit after ${name} came back`,
      () =>
        app.load.view().commits.raw > before && troublesSince(then).every(({ endedAt }) => endedAt !== null),
      120_000,
    )
    await trouble.getByText('Over', { exact: true }).waitFor()
  }

  await expect.poll(() => app.load.view().state, { timeout: 180_000 }).toMatch(/^(done|failed)$/)
  await page.getByRole('region', { name: 'Ledger' }).getByText('Balanced, gap 0').waitFor()
  expect(watched.foreign).toEqual([])
  const view = app.load.view()
  expect(view).toMatchObject({
    state: 'done',
    fault: null,
    messages: totals.messages,
    rows: totals.rows,
    rejected: totals.letters,
    lag: '0',
    ledger: {
      consumed: totals.rows + totals.letters,
      written: totals.rows,
      deadLettered: totals.letters,
      gap: 0,
      pending: 0,
      problems: 0,
    },
  })
  expect(troublesSince(0).filter(({ endedAt }) => endedAt === null)).toEqual([])
  expect(view.troubles?.length).toBeGreaterThanOrEqual(2)
  expect(view.commits.raw).toBeGreaterThan(3)
  // By the broker's clock: these messages were produced before the load began, and waited through both outages.
  const ages = view.recentCommits.flatMap(({ role, age }) => (role === 'raw' && age ? [age.oldestMs] : []))
  expect(ages).toHaveLength(view.recentCommits.filter(({ role }) => role === 'raw').length)
  expect(Math.min(...ages)).toBeGreaterThan(0)
  expect(Math.max(...ages)).toBeLessThan(10 * 60_000)

  const verify = await app.jobs.wait(app.startVerify().id)
  expect(verify.result).toMatchObject({ kind: 'verify', clean: true, differences: [] })
  const output = run(await python(), [
    join(import.meta.dirname, '../services/python/compare.py'),
    ...['--catalog', `http://127.0.0.1:${ports.catalog}`, '--s3-endpoint', `http://127.0.0.1:${ports.minio}`],
    ...['--namespace', namespace, '--expected', join(folder, 'expected')],
  ])
  const compared = JSON.parse(output) as { differences: string[]; counts: { raw: number; errors: number } }
  expect(compared.differences).toEqual([])
  expect(compared.counts).toMatchObject({ raw: totals.rows, errors: totals.letters })
})
