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

  test('every key that is named is a setting', () => {
    const named = [...CHECKS.flatMap((one) => one.keys), ...STEPS.flatMap((step) => STEP_KEYS[step])]
    expect(named.filter((key) => !KEYS.has(key))).toEqual([])
  })
})
