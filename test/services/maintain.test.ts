import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Lake, openLake } from '../../src/main/app/lake.ts'
import { resolveSettings } from '../../src/main/app/settings/settings.ts'
import { systemClock } from '../../src/main/base/clock.ts'
import { silentLog } from '../../src/main/base/log.ts'
import { planExpire, runExpire } from '../../src/main/maintenance/expire.ts'
import { planOrphans, runOrphans } from '../../src/main/maintenance/orphans.ts'
import { runTarn } from '../helpers/tarn.ts'
import { python } from './install.ts'
import { run } from './process.ts'

/** Maintenance on MinIO and a REST catalog, read back by PyIceberg. */
const services = inject('services')
const name = `maintain_${Date.now().toString(36)}`
const folder = mkdtempSync(join(tmpdir(), 'tarn-maintain-'))
const recorded = resolve(import.meta.dirname, '../../resources/sample-topic.jsonl.gz')
const env = {
  TARN_HOME: join(folder, 'home'),
  ICEBERG_CATALOG_URI: services.catalog.uri,
  ICEBERG_WAREHOUSE: 's3://data-lake/warehouse',
  ICEBERG_DATABASE: name,
  S3_ENDPOINT: services.s3.endpoint,
  S3_ACCESS_KEY: services.s3.accessKey,
  S3_SECRET_KEY: services.s3.secretKey,
}
const signal = new AbortController().signal

interface Read {
  readonly rows: number
  readonly digest: string
  readonly files: number
  readonly manifests: number
  readonly snapshots: number
  readonly operation: string
  readonly properties: Record<string, string>
}

async function engine(action: 'append' | 'delete' | 'read', table = 'health_data_raw'): Promise<Read> {
  const output = run(await python(), [
    join(import.meta.dirname, 'python/maintained.py'),
    action,
    ...['--catalog', services.catalog.uri, '--s3-endpoint', services.s3.endpoint],
    ...['--namespace', name, '--table', table],
  ])
  return action === 'read' ? (JSON.parse(output.trim().split('\n').at(-1) ?? '') as Read) : ({} as Read)
}
async function tarn(...argv: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runTarn([...argv, '--json'], env)
  expect(code, stdout + stderr).toBe(0)
  return JSON.parse(stdout) as Record<string, unknown>
}

let lake: Lake
beforeAll(async () => {
  await tarn('check')
  await tarn('load', '--source', `file:${recorded}`, '--until-caught-up')
  await engine('append')
  await engine('delete')
  await tarn('rollup')
  const { settings } = resolveSettings({ flags: new Map(), env })
  lake = await openLake(settings, silentLog, systemClock)
})
afterAll(async () => {
  await lake?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a table that two engines write', () => {
  test('has the same rows after a compaction, in fewer files, and the same positions', async () => {
    const before = await engine('read')
    const done = await tarn('maintain', 'raw', '--compact', '--manifests')
    expect(done).toMatchObject({ results: [{ work: 'compact', deletedRows: 0 }, { work: 'manifests' }] })
    const after = await engine('read')
    expect([after.rows, after.digest]).toEqual([before.rows, before.digest])
    expect(after.files).toBeLessThan(before.files)
    expect(after.manifests).toBe(1)
    expect(after.operation).toBe('replace')
    expect(after.properties).toEqual(before.properties)
    expect((await tarn('rollup')).rowsRead).toBe(0)
    expect(await tarn('verify')).toMatchObject({ clean: true })
  })

  test('PyIceberg writes on top of it', async () => {
    const { rows } = await engine('read')
    await engine('append')
    expect((await engine('read')).rows).toBe(rows + 15)
    expect((await tarn('rollup')).rowsRead).toBe(15)
    expect(await tarn('verify')).toMatchObject({ clean: true })
  })

  test('has the same rows after its snapshots expired, and no file is left over or missing', async () => {
    const before = await engine('read')
    const table = await lake.io.catalog.loadTable(lake.tables.raw)
    const plan = await planExpire(lake.io, table, { before: Date.now(), keep: 1, needed: new Map() }, signal)
    expect(plan.snapshots).toHaveLength(before.snapshots - 1)
    expect(await runExpire(lake.io, plan, { signal })).toMatchObject({
      files: plan.files.length,
      snapshots: plan.snapshots.length,
      failed: 0,
    })
    const after = await engine('read')
    expect(after).toMatchObject({
      rows: before.rows,
      digest: before.digest,
      snapshots: 1,
      files: before.files,
    })
    expect(after.properties).toEqual(before.properties)
    const again = await lake.io.catalog.loadTable(lake.tables.raw)
    const later = { ...lake.io, clock: () => Date.now() + 30 * 86_400_000 }
    const left = await planOrphans(later, again, { days: 1, pending: [], others: [] })
    // Metadata files that fell off the log are the catalog's own to delete; all else is referred to.
    expect(left.files.filter((file) => file.kind !== 'metadata')).toEqual([])
    await runOrphans(lake.io, left, { signal })
    expect(await engine('read')).toEqual(after)
    const loaded = await tarn('load', '--source', `file:${recorded}`, '--until-caught-up')
    expect(loaded).toMatchObject({ messages: 0, rows: 0 })
  })

  test('dead letters and aggregates have the same rows too', async () => {
    for (const [role, table] of [
      ['errors', 'health_data_errors'],
      ['daily', 'health_data_daily_agg'],
    ] as const) {
      const before = await engine('read', table)
      await tarn('maintain', role, '--compact', '--manifests')
      const after = await engine('read', table)
      expect([after.rows, after.digest], table).toEqual([before.rows, before.digest])
    }
    expect((await tarn('rollup')).commits).toEqual({ daily: 0, weekly: 0, monthly: 0 })
  })
})
