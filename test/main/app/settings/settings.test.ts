import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defaultHome, resolveSettings, saveSettings } from '../../../../src/main/app/settings/settings.ts'
import { LakeError } from '../../../../src/shared/errors.ts'
import { SETTINGS } from '../../../../src/shared/settings.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tarn-settings-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const flags = (entries: Record<string, string> = {}) => new Map(Object.entries(entries))
const resolve = (env: Record<string, string> = {}, given: Record<string, string> = {}, config?: string) =>
  resolveSettings({ flags: flags(given), env: { TARN_HOME: home, ...env }, config })
const save = (document: unknown) => writeFileSync(join(home, 'settings.json'), JSON.stringify(document))

function errorOf(run: () => unknown): LakeError {
  try {
    run()
  } catch (error) {
    if (error instanceof LakeError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('precedence', () => {
  test('the type of catalog decides where the warehouse is, however it is spelt', () => {
    for (const type of ['embedded', 'Embedded', ' EMBEDDED ']) {
      const { settings } = resolve({ ICEBERG_CATALOG_TYPE: type })
      expect(settings.catalog).toMatchObject({ type: 'embedded', warehouse: `file://${home}/warehouse` })
    }
  })

  test('flag over environment over file over default, each with its origin', () => {
    save({ kafka: { topic: 'from-file', groupId: 'from-file', brokers: ['a:1', 'b:2'] } })
    const { settings, origins } = resolve(
      { KAFKA_TOPIC: 'from-env', KAFKA_GROUP_ID: 'from-env' },
      { 'kafka-topic': 'from-flag' },
    )
    expect(settings.kafka).toMatchObject({ topic: 'from-flag', groupId: 'from-env', brokers: ['a:1', 'b:2'] })
    expect(origins.get('kafka.topic')).toEqual({ from: 'flag', detail: '--kafka-topic' })
    expect(origins.get('kafka.groupId')).toEqual({ from: 'environment', detail: 'KAFKA_GROUP_ID' })
    expect(origins.get('kafka.brokers')).toEqual({ from: 'file', detail: join(home, 'settings.json') })
    expect(origins.get('pipeline')?.from).toBe('default')
  })

  test('the defaults are those of the specification', () => {
    const { settings } = resolve({ ICEBERG_CATALOG_TYPE: 'rest' })
    expect(settings).toMatchObject({
      home,
      catalog: {
        type: 'rest',
        name: 'health_catalog',
        uri: 'http://localhost:8181',
        token: null,
        credential: null,
        warehouse: 's3a://data-lake/warehouse',
        database: 'health_db',
      },
      tables: {
        raw: 'health_data_raw',
        errors: 'health_data_errors',
        daily: 'health_data_daily_agg',
        weekly: 'health_data_weekly_agg',
        monthly: 'health_data_monthly_agg',
        layout: 'specified',
      },
      s3: { endpoint: 'http://localhost:9000', pathStyle: true, bucket: 'data-lake', region: 'us-east-1' },
      kafka: {
        brokers: ['localhost:9092'],
        topic: 'health-data-raw',
        groupId: 'tarn',
        autoOffsetReset: 'earliest',
        securityProtocol: 'PLAINTEXT',
      },
      registry: { url: null },
      pipeline: 'health',
      commit: { seconds: 10, bytes: 134217728 },
      rollup: { seconds: 30, timezone: 'UTC' },
      lag: { alertSeconds: 300 },
      memoryBytes: 512 * 1024 ** 2,
      maxMessageBytes: 64 * 1024 ** 2,
      validation: { strict: false, ranges: {} },
    })
    expect(settings.s3.secretKey.reveal()).toBe('minioadmin')
  })

  test('the catalog is embedded in the home folder until an address is set', () => {
    expect(resolve().settings.catalog).toMatchObject({
      type: 'embedded',
      warehouse: `file://${home}/warehouse`,
    })
    expect(resolve({ ICEBERG_CATALOG_URI: 'http://h:1' }).settings.catalog).toMatchObject({
      type: 'rest',
      uri: 'http://h:1',
      warehouse: 's3a://data-lake/warehouse',
    })
    expect(
      resolve({ ICEBERG_CATALOG_URI: 'http://h:1', ICEBERG_CATALOG_TYPE: 'embedded' }).settings.catalog.type,
    ).toBe('embedded')
  })

  test('bucket and warehouse follow each other, and the scheme stays as given', () => {
    expect(resolve({ ICEBERG_WAREHOUSE: 's3n://other/w/' }).settings).toMatchObject({
      catalog: { warehouse: 's3n://other/w' },
      s3: { bucket: 'other' },
    })
    expect(resolve({ ICEBERG_CATALOG_TYPE: 'rest', S3_BUCKET: 'b' }).settings.catalog.warehouse).toBe(
      's3a://b/warehouse',
    )
  })

  test('every entry of the table reaches the parsed settings, and nothing else does', () => {
    const leaves = (node: object, prefix = ''): string[] =>
      Object.entries(node).flatMap(([key, value]) =>
        prefix === '' && value !== null && typeof value === 'object'
          ? leaves(value, `${key}.`)
          : [prefix + key],
      )
    expect(leaves(resolve().settings).sort()).toEqual(SETTINGS.map((one) => one.key).sort())
  })

  test('an empty variable counts as not set', () => {
    expect(resolve({ KAFKA_TOPIC: '' }).settings.kafka.topic).toBe('health-data-raw')
  })
})

describe('errors name the setting and where it came from', () => {
  test.each([
    [{ TARN_COMMIT_SECOND: '5' }, 'TARN_COMMIT_SECOND', 'TARN_COMMIT_SECONDS'],
    [{ KAFKA_BROKER: 'h:1' }, 'KAFKA_BROKER', 'KAFKA_BROKERS'],
    [{ S3_SECRET: 'x' }, 'S3_SECRET', null],
    [{ ICEBERG_TABLE_YEARLY: 'x' }, 'ICEBERG_TABLE_YEARLY', null],
  ])('unknown variable %o', (env, name, near) => {
    const error = errorOf(() => resolve(env))
    expect(error).toMatchObject({ code: 'SETTING', context: { setting: name, origin: 'the environment' } })
    if (near) expect(error.remedy).toContain(near)
  })

  test.each([
    'KAFKA_HOME',
    'KAFKA_HEAP_OPTS',
    'KAFKA_CFG_NODE_ID',
    'KAFKA_PORT_9092_TCP_ADDR',
    'S3_SERVICE_HOST',
    'TARN_CACHE',
  ])('%s belongs to other software', (name) => {
    expect(() => resolve({ [name]: 'x' })).not.toThrow()
  })

  test('unknown keys of the file, nested or dotted or spelt as variables', () => {
    for (const document of [
      { kafka: { topics: 'x' } },
      { 'kafka.topics': 'x' },
      { KAFKA_TOPICS: 'x' },
      { nonsense: 1 },
      { home: '/x' },
    ]) {
      save(document)
      expect(errorOf(() => resolve())).toMatchObject({
        code: 'SETTING',
        context: { origin: join(home, 'settings.json') },
      })
    }
    save({ 'kafka.topic': 'a', KAFKA_TOPIC: 'b' })
    expect(errorOf(() => resolve()).message).toContain('twice')
    save({ KAFKA_TOPIC: 'b', 'kafka.groupId': 'g' })
    expect(resolve().settings.kafka).toMatchObject({ topic: 'b', groupId: 'g' })
  })

  test('a file that is not JSON, and a --config that is not there', () => {
    writeFileSync(join(home, 'settings.json'), '{"kafka": hunter2}')
    expect(errorOf(() => resolve()).message).not.toContain('hunter2')
    expect(errorOf(() => resolve({}, {}, join(home, 'absent.json')))).toMatchObject({
      code: 'SETTING',
      context: { origin: '--config' },
    })
  })

  test.each([
    ['KAFKA_BROKERS', 'localhost'],
    ['ICEBERG_CATALOG_URI', 'localhost:8181'],
    ['ICEBERG_CATALOG_URI', 'http://user:hunter2@h:1'],
    ['ICEBERG_CATALOG_TYPE', 'glue'],
    ['ICEBERG_WAREHOUSE', 'abfs://x/y'],
    ['S3_PATH_STYLE_ACCESS', 'maybe'],
    ['TARN_COMMIT_SECONDS', '0'],
    ['TARN_COMMIT_SECONDS', '-1'],
    ['TARN_MEMORY_BYTES', 'lots'],
    ['TARN_ROLLUP_TIMEZONE', 'Mars/Olympus'],
    ['TARN_PIPELINE', 'a b'],
    ['TARN_VALIDATION_RANGES', '{"heartRate": [250, 30]}'],
    ['S3_ACCESS_KEY', 'hunter2\n'],
  ])('%s=%s does not parse', (name, text) => {
    const error = errorOf(() => resolve({ [name]: text }))
    expect(error).toMatchObject({ code: 'SETTING', context: { setting: name, origin: name } })
    expect(error.message).toContain(name)
    expect(JSON.stringify([error.message, error.remedy, error.context])).not.toContain('hunter2')
  })

  test('sizes take units', () => {
    expect(resolve({ TARN_MEMORY_BYTES: '1 GiB', TARN_COMMIT_BYTES: '64MiB' }).settings).toMatchObject({
      memoryBytes: 1024 ** 3,
      commit: { bytes: 64 * 1024 ** 2 },
    })
  })

  test('SASL needs a login', () => {
    expect(errorOf(() => resolve({ KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' })).message).toContain(
      'KAFKA_SASL_USERNAME',
    )
  })
})

describe('saving', () => {
  const file = () => join(home, 'settings.json')

  test('replaces the file at once, with mode 600, and reads back', () => {
    saveSettings(file(), { 'kafka.topic': 't', 's3.secretKey': 'hunter2', pipeline: 'p' })
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({
      kafka: { topic: 't' },
      s3: { secretKey: 'hunter2' },
      pipeline: 'p',
    })
    saveSettings(file(), { 'kafka.topic': null })
    const { settings } = resolve()
    expect(settings.kafka.topic).toBe('health-data-raw')
    expect(settings.s3.secretKey.reveal()).toBe('hunter2')
    expect(JSON.stringify(settings)).not.toContain('hunter2')
  })

  test('a bad change leaves the file as it was', () => {
    saveSettings(file(), { pipeline: 'p' })
    const before = readFileSync(file(), 'utf8')
    expect(errorOf(() => saveSettings(file(), { pipeline: 'q', 'commit.seconds': 'soon' })).code).toBe(
      'SETTING',
    )
    expect(errorOf(() => saveSettings(file(), { 'no.such': 'x' })).code).toBe('SETTING')
    expect(readFileSync(file(), 'utf8')).toBe(before)
  })
})

test('the home folder follows the platform', () => {
  expect(defaultHome({ XDG_DATA_HOME: '/data' }, 'linux')).toBe('/data/tarn')
  expect(defaultHome({ XDG_DATA_HOME: 'relative' }, 'linux')).toMatch(/\.local\/share\/tarn$/)
  expect(defaultHome({}, 'darwin')).toMatch(/Library\/Application Support\/Tarn$/)
})

test.skipIf(process.platform === 'win32')('a full disk leaves the settings as they were', () => {
  save({ kafka: { topic: 'before' } })
  const file = join(home, 'settings.json')
  const before = readFileSync(file, 'utf8')
  const text = 'x'.repeat(5_000_000)
  const module = new URL('../../../../src/main/base/private-file.ts', import.meta.url).href
  const script = `const { writePrivate } = await import(${JSON.stringify(module)})
    try { writePrivate(${JSON.stringify(file)}, 'x'.repeat(${text.length})) } catch (error) { console.log(error.code) }`
  const printed = execFileSync(
    'bash',
    ['-c', 'ulimit -f 1000 && exec "$0" --input-type=module -e "$1"', process.execPath, script],
    { encoding: 'utf8' },
  )
  expect(printed.trim()).toBe('EFBIG')
  expect(readFileSync(file, 'utf8')).toBe(before)
  expect(readdirSync(home).filter((name) => name.endsWith('.new'))).toEqual([])
})
