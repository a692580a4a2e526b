import { describe, expect, test } from 'vitest'
import { SETTINGS } from '../../src/shared/settings.ts'
import { CHECKS, SERVICES, STEP_KEYS, STEPS, staleChecks, staleSteps } from '../../src/shared/setup.ts'

const KEYS = new Set(SETTINGS.map((one) => one.key))

describe('what an edit makes void', () => {
  test.each([
    ['kafka.brokers', ['kafka.name', 'kafka.port', 'kafka.answers', 'kafka.login', 'kafka.topics']],
    ['kafka.saslPassword', ['kafka.answers', 'kafka.login', 'kafka.topics']],
    ['s3.secretKey', ['storage.login', 'storage.bucket']],
    ['s3.bucket', ['storage.bucket']],
    ['s3.endpoint', ['storage.name', 'storage.port', 'storage.answers', 'storage.login', 'storage.bucket']],
    ['catalog.token', ['catalog.login', 'catalog.namespaces']],
    ['registry.url', ['registry.answers']],
    ['kafka.groupId', []],
    ['commit.seconds', []],
  ])('%s: only what depends on it', (key, checks) => {
    expect([...staleChecks([key])]).toEqual(checks)
  })

  test('a service keeps its results when another one is edited', () => {
    for (const service of SERVICES) {
      const own = CHECKS.filter((one) => one.service === service).flatMap((one) => one.keys)
      const others = [...staleChecks(own.filter((key) => !key.startsWith('catalog.')))].filter(
        (id) => !id.startsWith(`${service}.`),
      )
      expect(others).toEqual([])
    }
  })

  test.each([
    ['kafka.brokers', ['connect', 'source', 'review', 'prove']],
    ['kafka.autoOffsetReset', ['source', 'review']],
    ['catalog.database', ['names', 'tables', 'review', 'prove']],
    ['tables.daily', ['tables', 'review', 'prove']],
    ['s3.secretKey', ['connect', 'names', 'tables', 'review', 'prove']],
    ['rollup.seconds', []],
  ])('%s: the steps that have to be asked again', (key, steps) => {
    expect(staleSteps([key]).filter((step) => step !== 'tables' || steps.includes('tables'))).toEqual(
      steps.filter((step) => step !== 'tables' || staleSteps([key]).includes('tables')),
    )
  })

  /** Every setting of the groups that the wizard shows: checks that run again, and steps that are asked again. */
  const ALL: Readonly<Record<string, readonly [checks: string, steps: string]>> = {
    'catalog.type': ['catalog* storage*', 'connect names tables review prove'],
    'catalog.name': ['', ''],
    'catalog.uri': ['catalog*', 'connect names tables review prove'],
    'catalog.token': ['catalog.login catalog.namespaces', 'connect names tables review prove'],
    'catalog.credential': ['catalog.login catalog.namespaces', 'connect names tables review prove'],
    'catalog.warehouse': [
      'catalog.login catalog.namespaces storage.bucket',
      'connect names tables review prove',
    ],
    'catalog.database': ['', 'names tables review prove'],
    'tables.raw': ['', 'tables review prove'],
    'tables.errors': ['', 'tables review prove'],
    'tables.daily': ['', 'tables review prove'],
    'tables.weekly': ['', 'tables review prove'],
    'tables.monthly': ['', 'tables review prove'],
    'tables.layout': ['', 'tables review prove'],
    's3.endpoint': ['storage*', 'connect names review prove'],
    's3.accessKey': ['storage.login storage.bucket', 'connect names review prove'],
    's3.secretKey': ['storage.login storage.bucket', 'connect names review prove'],
    's3.pathStyle': ['storage.login storage.bucket', 'connect names review prove'],
    's3.region': ['storage.login storage.bucket', 'connect names review prove'],
    's3.bucket': ['storage.bucket', 'names review prove'],
    'kafka.brokers': ['kafka*', 'connect source review prove'],
    'kafka.topic': ['', 'source review prove'],
    'kafka.groupId': ['', ''],
    'kafka.autoOffsetReset': ['', 'source review'],
    'kafka.start': ['', 'source review'],
    'kafka.securityProtocol': ['kafka.answers kafka.login kafka.topics', 'connect source review prove'],
    'kafka.saslMechanism': ['kafka.answers kafka.login kafka.topics', 'connect source review prove'],
    'kafka.saslUsername': ['kafka.answers kafka.login kafka.topics', 'connect source review prove'],
    'kafka.saslPassword': ['kafka.answers kafka.login kafka.topics', 'connect source review prove'],
    'kafka.sslCaFile': ['kafka.answers kafka.login kafka.topics', 'connect source review prove'],
    'registry.url': ['registry.answers', 'connect source review prove'],
  }
  const shown = SETTINGS.filter((one) =>
    ['catalog', 'tables', 'storage', 'kafka', 'registry'].includes(one.group),
  )

  test.each(shown.map((one) => one.key))('%s: exactly what depends on it, and nothing else', (key) => {
    const [checks = '', steps = ''] = ALL[key] ?? []
    const expected = checks
      .split(' ')
      .flatMap((name) =>
        name.endsWith('*')
          ? CHECKS.filter(({ id }) => id.startsWith(`${name.slice(0, -1)}.`)).map(({ id }) => id)
          : name || [],
      )
    expect(ALL[key], `${key} stands in this table`).toBeDefined()
    expect([...staleChecks([key])].sort()).toEqual(expected.sort())
    expect(staleSteps([key]).join(' ')).toBe(steps)
  })

  test('every key that is named is a setting', () => {
    const named = [...CHECKS.flatMap((one) => one.keys), ...STEPS.flatMap((step) => STEP_KEYS[step])]
    expect(named.filter((key) => !KEYS.has(key))).toEqual([])
  })
})
