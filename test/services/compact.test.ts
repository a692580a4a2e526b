import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { runTarn } from '../helpers/tarn.ts'
import { python } from './install.ts'
import { run } from './process.ts'

const services = inject('services')
const name = `compact_${Date.now().toString(36)}`
const folder = mkdtempSync(join(tmpdir(), 'tarn-compact-'))
const expected = join(folder, 'expected')
const env = {
  TARN_HOME: join(folder, 'home'),
  TARN_TABLE_LAYOUT: 'compact',
  ICEBERG_CATALOG_URI: services.catalog.uri,
  ICEBERG_WAREHOUSE: 's3://data-lake/warehouse',
  ICEBERG_DATABASE: name,
  S3_ENDPOINT: services.s3.endpoint,
  S3_ACCESS_KEY: services.s3.accessKey,
  S3_SECRET_KEY: services.s3.secretKey,
  KAFKA_BROKERS: services.kafka.brokers,
  KAFKA_TOPIC: name,
  KAFKA_GROUP_ID: name,
  TARN_COMMIT_SECONDS: '1',
  TARN_ROLLUP_SECONDS: '1',
}
let totals: { messages: number; rows: number; letters: number }

beforeAll(async () => {
  const out = run(await python(), [
    join(import.meta.dirname, 'python/produce.py'),
    ...['--brokers', services.kafka.brokers, '--topic', name, '--out', expected],
    ...['--payloads', '4000', '--partitions', '3', '--days', '45'],
  ])
  totals = JSON.parse(out) as typeof totals
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the compact layout on real Kafka, MinIO and a REST catalog', () => {
  test('is made where it is chosen, and told from the specified one', async () => {
    for (const state of ['created', 'verified']) {
      const { code, stdout, stderr } = await runTarn(['check'], env)
      expect(code, `${state}: ${stdout}${stderr}`).toBe(0)
      const lines = stdout.split('\n').map((line) => line.trim())
      expect(lines).toContain('Partitioning: days(start_date)')
    }
    const other = await runTarn(['check'], { ...env, TARN_TABLE_LAYOUT: 'specified' })
    expect(other.code).toBe(1)
    expect(other.stdout).toContain('Set TARN_TABLE_LAYOUT to compact')
  })

  test('is loaded, rolled up and verified, under either setting', async () => {
    const loaded = await runTarn(['load', '--until-caught-up', '--json'], env)
    expect(loaded.code, loaded.stderr).toBe(0)
    expect(JSON.parse(loaded.stdout)).toMatchObject({ rows: totals.rows, rejected: totals.letters })
    for (const TARN_TABLE_LAYOUT of ['compact', 'specified']) {
      const rolled = await runTarn(['rollup', '--rebuild'], { ...env, TARN_TABLE_LAYOUT })
      expect(rolled.code, rolled.stderr).toBe(0)
      const { code, stdout, stderr } = await runTarn(['verify'], { ...env, TARN_TABLE_LAYOUT })
      expect(code, stdout + stderr).toBe(0)
    }
  })

  test('PyIceberg finds exactly what was produced, in few files', async () => {
    const output = run(await python(), [
      join(import.meta.dirname, 'python/compare.py'),
      ...['--catalog', services.catalog.uri, '--s3-endpoint', services.s3.endpoint],
      ...['--namespace', name, '--expected', expected],
    ])
    const result = JSON.parse(output) as {
      differences: string[]
      counts: { raw: number; errors: number; daily: number }
    }
    expect(result.differences).toEqual([])
    expect(result.counts).toMatchObject({ raw: totals.rows, errors: totals.letters })
    const files = run(await python(), [
      '-c',
      [
        'import sys; sys.path.insert(0, sys.argv[1])',
        'from lake import open_catalog',
        'table = open_catalog(sys.argv[2], sys.argv[3]).load_table((sys.argv[4], "health_data_daily_agg"))',
        'print(len(table.inspect.files()), table.spec())',
      ].join('\n'),
      join(import.meta.dirname, 'python'),
      ...[services.catalog.uri, services.s3.endpoint, name],
    ])
    expect(Number(files.split(' ')[0])).toBeLessThanOrEqual(8)
    expect(files).toContain('truncate[7]')
  })
})
