import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { ReplaySummary } from '../../src/shared/letters.ts'
import { runTarn } from '../helpers/tarn.ts'
import { python } from './install.ts'
import { run } from './process.ts'

const services = inject('services')
const name = `replay_${Date.now().toString(36)}`
const folder = mkdtempSync(join(tmpdir(), 'tarn-replay-'))
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
}

type Kind = 'good' | 'fahrenheit' | 'zoneless' | 'hopeless'
interface Found {
  readonly differences: readonly string[]
  readonly ids: readonly string[]
  readonly temperatures: readonly (readonly [string, number])[]
  readonly marks: Readonly<Record<string, number>>
  readonly letters: Readonly<Record<string, number>>
}
let ids: Readonly<Record<Kind, string[]>>

const script = (file: string) => join(import.meta.dirname, 'python', file)
const found = async (): Promise<Found> =>
  JSON.parse(
    run(await python(), [
      script('replayed.py'),
      ...['--catalog', services.catalog.uri, '--namespace', name, '--s3-endpoint', services.s3.endpoint],
    ]),
  ) as Found

async function replay(where: string, fix: object | null, ...more: string[]) {
  const file = join(folder, 'fix.json')
  if (fix !== null) writeFileSync(file, JSON.stringify(fix))
  const args = ['replay', '--where', where, ...(fix === null ? [] : ['--fix', file]), '--json', ...more]
  const { code, stdout, stderr } = await runTarn(args, env)
  return { code, stderr, result: JSON.parse(stdout) as ReplaySummary }
}

beforeAll(async () => {
  const produced = run(await python(), [
    script('poison.py'),
    ...['--brokers', services.kafka.brokers, '--topic', name],
  ])
  ids = JSON.parse(produced) as typeof ids
  const loaded = await runTarn(['load', '--until-caught-up', '--json'], env)
  expect(loaded.code, loaded.stderr).toBe(0)
  expect(JSON.parse(loaded.stdout)).toMatchObject({ messages: 600, rows: 400, rejected: 400 })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const TO_CELSIUS = {
  kind: 'convert',
  type: 'bodyTemperature',
  from: 'degF',
  to: '°C',
  formula: '(value - 32) / 1.8',
}

describe('a poison batch on real Kafka, MinIO and a REST catalog', () => {
  test('a dry run counts and writes nothing', async () => {
    const { code, result } = await replay('errorType=VALIDATION_ERROR', TO_CELSIUS, '--dry-run')
    expect(code).toBe(0)
    expect(result).toMatchObject({ dryRun: true, letters: 200, landed: 200, failed: 0, rows: 200 })
  })

  test('fixed letters land once, whoever asks twice', async () => {
    const first = await replay('errorType=VALIDATION_ERROR', TO_CELSIUS)
    expect(first.code, first.stderr).toBe(0)
    expect(first.result).toMatchObject({ state: 'landed', letters: 200, landed: 200, failed: 0 })
    const again = await replay('errorType=VALIDATION_ERROR', TO_CELSIUS)
    expect(again.code).toBe(0)
    expect(again.result).toMatchObject({ landed: 0, landedBefore: 200 })
  })

  test('of payloads what is right lands, the rest becomes letters that go back to them', async () => {
    const zone = await replay('errorType=TRANSFORMATION_ERROR', { kind: 'zone', offset: 'Z' })
    expect(zone.code, zone.stderr).toBe(0)
    expect(zone.result).toMatchObject({ letters: 150, landed: 150, rows: 250, failed: 0 })
    const broken = await replay('errorType=DESERIALIZATION_ERROR', { kind: 'zone', offset: 'Z' })
    expect(broken.code).toBe(1)
    expect(broken.result).toMatchObject({ landed: 0, failed: 50 })
  })

  test('PyIceberg finds every sample once, and marks that fit the letters and the snapshots', async () => {
    const lake = await found()
    expect(lake.differences).toEqual([])
    expect(lake.ids).toEqual([...ids.good, ...ids.fahrenheit, ...ids.zoneless].sort())
    expect(lake.temperatures).toEqual(
      Array.from({ length: 10 }, (_, i) => ['°C', Number(((63 + i) / 1.8).toFixed(6))]),
    )
    expect(lake.letters).toEqual({
      VALIDATION_ERROR: 250,
      TRANSFORMATION_ERROR: 150,
      DESERIALIZATION_ERROR: 50,
    })
    expect(lake.marks).toMatchObject({ landed: 350, intended: 350, failed: 50, split: 50 })
  })

  test('the ledger still balances, and the aggregates hold what landed', async () => {
    const { code, stdout, stderr } = await runTarn(['verify'], env)
    expect(code, `${stdout}${stderr}`).toBe(0)
  })

  test('what cannot be meant is a usage error with the name of the option', async () => {
    const wrong = await runTarn(['replay', '--where', 'colour=red'], env)
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--where')])
    const missing = await runTarn(['replay', '--fix', join(folder, 'nowhere.json')], env)
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('--fix')])
  })
})
