import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { runTarn, startTarn } from '../helpers/tarn.ts'
import { javaReaderLibs, python } from './install.ts'
import { run } from './process.ts'

const services = inject('services')
const name = `load_${Date.now().toString(36)}`
const folder = mkdtempSync(join(tmpdir(), 'tarn-load-'))
const expected = join(folder, 'expected')
const env = {
  TARN_HOME: join(folder, 'home'),
  ICEBERG_CATALOG_URI: services.catalog.uri,
  ICEBERG_WAREHOUSE: 's3://data-lake/warehouse',
  ICEBERG_DATABASE: name,
  S3_ENDPOINT: services.s3.endpoint,
  S3_ACCESS_KEY: services.s3.accessKey,
  S3_SECRET_KEY: services.s3.secretKey,
  KAFKA_BROKERS: services.kafka.brokers,
  KAFKA_TOPIC: name,
  KAFKA_GROUP_ID: name,
  TARN_COMMIT_SECONDS: '2',
}

interface Totals {
  messages: number
  rows: number
  letters: number
}
interface Letter {
  error_id: string
  error_type: string
  kafka_partition: number
  kafka_offset: number
}
interface Row {
  sample_id: string
  user_id: string
  data_type: string
  value: number
  start_date: number
}

let totals: Totals
const lines = <T>(file: string): T[] =>
  readFileSync(join(expected, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)

beforeAll(async () => {
  const produced = run(await python(), [
    join(import.meta.dirname, 'python/produce.py'),
    ...[
      '--brokers',
      services.kafka.brokers,
      '--topic',
      name,
      '--out',
      expected,
      '--payloads',
      '20000',
      '--partitions',
      '4',
    ],
  ])
  totals = JSON.parse(produced) as Totals
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the main job on real Kafka, MinIO and a REST catalog', () => {
  test('check prints the ten steps of the specification, twice the same', async () => {
    for (const state of ['created', 'verified']) {
      const { code, stdout, stderr } = await runTarn(['check'], env)
      expect(code, `${state}: ${stdout}${stderr}`).toBe(0)
      const titles = [...stdout.matchAll(/^(\d+)\. (.*)$/gm)].map((match) => match[2])
      expect(titles).toEqual([
        'Loading configuration...',
        'Initializing Iceberg REST catalog...',
        'Testing catalog connection...',
        'Initializing table manager...',
        `Creating namespace: ${name}`,
        'Creating table: health_data_raw',
        'Creating table: health_data_errors',
        'Verifying all tables...',
        'Creating aggregation tables...',
        'Verifying aggregation tables...',
      ])
      for (const line of [
        '   Catalog Type: rest',
        '   Catalog Name: health_catalog',
        '   ✓ Catalog initialized successfully',
        '   ✓ Catalog connection successful',
        '   ✓ Table manager initialized',
        '   ✓ Namespace ready',
        '   ✓ Raw data table created/verified',
        `   Location: s3://data-lake/warehouse/${name}/health_data_raw`,
        '   ✓ Errors table created/verified',
        '   ✓ health_data_raw exists',
        '   ✓ health_data_errors exists',
        '   ✓ All aggregation tables created/verified',
        '   ✓ health_data_daily_agg exists',
        '   ✓ health_data_weekly_agg exists',
        '   ✓ health_data_monthly_agg exists',
        '✓ All tests passed successfully!',
        '  - Raw data table: health_data_raw',
        '  - Monthly aggregation table: health_data_monthly_agg',
      ])
        expect(stdout.split('\n')).toContain(line)
      expect(stdout).not.toContain('✗')
    }
  })

  test('three runs, one of them ended by SIGTERM, load every message once', async () => {
    const first = startTarn(['load', '--until-caught-up', '--json'], {
      ...env,
      TARN_COMMIT_SECONDS: '1',
      TARN_COMMIT_BYTES: '1000000',
    })
    const midway = setInterval(() => {
      if (!/loading: [1-9]/.test(first.output.stderr)) return
      clearInterval(midway)
      first.child.kill('SIGTERM')
    }, 20)
    const stopped = await first.ended
    clearInterval(midway)
    expect(stopped.code, stopped.stderr).toBe(0)
    expect(JSON.parse(stopped.stdout)).not.toMatchObject({ messages: totals.messages })

    const second = await runTarn(['load', '--until-caught-up', '--json'], env)
    expect(second.code, second.stderr).toBe(0)
    const third = await runTarn(['load', '--until-caught-up', '--json'], env)
    expect(third.code, third.stderr).toBe(0)

    const results = [stopped, second, third].map(
      (r) => JSON.parse(r.stdout) as { messages: number; rows: number; rejected: number },
    )
    const sum = (key: 'messages' | 'rows' | 'rejected') =>
      results.reduce((total, result) => total + result[key], 0)
    expect({ messages: sum('messages'), rows: sum('rows'), rejected: sum('rejected') }).toEqual({
      messages: totals.messages,
      rows: totals.rows,
      rejected: totals.letters,
    })
    expect(results[2]).toMatchObject({ messages: 0, rows: 0, rejected: 0 })
  })

  test('verify finds nothing to complain of', async () => {
    const { code, stdout, stderr } = await runTarn(['verify'], env)
    expect(code, stdout + stderr).toBe(0)
  })

  test('PyIceberg finds exactly what was produced, and correct files', async () => {
    const output = run(await python(), [
      join(import.meta.dirname, 'python/compare.py'),
      ...[
        '--catalog',
        services.catalog.uri,
        '--s3-endpoint',
        services.s3.endpoint,
        '--namespace',
        name,
        '--expected',
        expected,
      ],
    ])
    const result = JSON.parse(output) as {
      differences: string[]
      counts: { raw: number; errors: number }
      files_checked: number
    }
    expect(result.differences).toEqual([])
    expect(result.counts).toMatchObject({ raw: totals.rows, errors: totals.letters })
    expect(result.files_checked).toBeGreaterThan(500)
  })

  test("Iceberg's Java reader finds the same rows", async () => {
    const out = join(folder, 'java.tsv')
    run('java', [
      ...[
        '-Xmx1g',
        '-cp',
        join(await javaReaderLibs(), '*'),
        join(import.meta.dirname, 'java/ReadBack.java'),
      ],
      ...[services.catalog.uri, services.s3.endpoint, name, out],
      'health_data_raw:sample_id,user_id,data_type,value,start_date',
      'health_data_errors:error_id,error_type,kafka_partition,kafka_offset',
      'health_data_daily_agg:user_id,data_type,aggregation_date,count',
    ])
    const read = new Map<string, string[][]>()
    for (const line of readFileSync(out, 'utf8').trim().split('\n')) {
      const [table = '', ...cells] = line.split('\t')
      const rows = read.get(table) ?? []
      rows.push(cells)
      read.set(table, rows)
    }
    const produced = lines<Row>('rows.jsonl')
    const asText = (cells: readonly unknown[]) => cells.join('\t')
    expect(
      (read.get('health_data_raw') ?? [])
        .map(([id, user, type, value, start]) => asText([id, user, type, Number(value), start]))
        .sort(),
    ).toEqual(
      produced.map((r) => asText([r.sample_id, r.user_id, r.data_type, r.value, r.start_date])).sort(),
    )
    expect((read.get('health_data_errors') ?? []).map(asText).sort()).toEqual(
      lines<Letter>('letters.jsonl')
        .map((l) => asText([l.error_id, l.error_type, l.kafka_partition, l.kafka_offset]))
        .sort(),
    )
    const days = new Map<string, number>()
    for (const row of produced) {
      const key = asText([
        row.user_id,
        row.data_type,
        new Date(Math.floor(row.start_date / 1000)).toISOString().slice(0, 10),
      ])
      days.set(key, (days.get(key) ?? 0) + 1)
    }
    expect((read.get('health_data_daily_agg') ?? []).map(asText).sort()).toEqual(
      [...days].map(([key, n]) => asText([key, n])).sort(),
    )
  })
})
