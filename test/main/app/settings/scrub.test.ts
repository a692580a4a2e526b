import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApi } from '../../../../src/main/app/api.ts'
import { type App, createApp } from '../../../../src/main/app/app.ts'
import { openLog } from '../../../../src/main/app/log-file.ts'
import { resolveSettings, secretsAmong } from '../../../../src/main/app/settings/settings.ts'
import { systemClock } from '../../../../src/main/base/clock.ts'
import { createScrubber } from '../../../../src/main/base/scrub.ts'
import { LakeError, toFault } from '../../../../src/shared/errors.ts'

const ORIGIN = 'http://127.0.0.1:4000'
const SAVED = 'canary-"saved"/1'
const DRAFTED = 'canary-drafted-2'
const TRIED = 'canary-tried-3'

let home: string
let app: App
let api: ReturnType<typeof createApi>
let told: string[]

/** What a service says that answers with the secrets it was sent, and what was thrown below it. */
const echo = () =>
  new LakeError('FORBIDDEN', `the store refused ${SAVED} and ${DRAFTED}`, {
    context: { answer: `key=${encodeURIComponent(SAVED)}&${DRAFTED}${TRIED}` },
    likely: `${SAVED} is of somebody else`,
    remedy: `Ask for another than ${TRIED}.`,
    cause: new Error(`secret ${SAVED}, ${DRAFTED}, ${TRIED}`),
  })
const failing = async () => {
  const error = echo()
  app.log.warn({ error, answer: SAVED }, `refused ${DRAFTED}`)
  throw error
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tarn-scrub-'))
  told = []
  const resolve = () => resolveSettings({ flags: new Map(), env: { TARN_HOME: home } })
  const resolved = resolve()
  const scrubber = createScrubber(secretsAmong(resolved.texts))
  const log = openLog(resolved, { TARN_LOG: 'debug' }, { write: (line) => told.push(line) }, scrubber)
  app = createApp({
    resolve,
    parts: {
      openLake: failing,
      begin: failing,
      check: failing,
      rollup: failing,
      verify: failing,
      probe: async () => [
        { target: 'storage', state: 'failed', text: echo().message, ms: 1, fault: toFault(echo()) },
      ],
    },
    host: 'server',
    version: '0.0.0-test',
    sample: false,
    log,
    scrubber,
    clock: systemClock,
  })
  app.events.subscribe((name, data) => told.push(JSON.stringify([name, data])))
  api = createApi(app, { pages: '/nowhere', hosts: ['127.0.0.1:4000'], origins: [ORIGIN] })
})
afterEach(async () => {
  await app.close()
  rmSync(home, { recursive: true, force: true })
})

async function ask(method: string, path: string, body?: object): Promise<string> {
  const answer = await api.request(`${ORIGIN}/api${path}`, {
    method,
    headers: { Host: '127.0.0.1:4000', Origin: ORIGIN, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  told.push(text)
  return text
}

test('secrets that are saved, drafted or tried later stand in no line, answer or event', async () => {
  await ask('PUT', '/settings', { changes: { 's3.secretKey': SAVED } })
  await ask('PUT', '/setup/draft', { changes: { 's3.accessKey': DRAFTED } })
  await ask('POST', '/setup/names', {})
  await ask('POST', '/settings/probe', { targets: ['storage'], changes: { 'catalog.token': TRIED } })
  expect(await ask('GET', '/tables')).toContain('FORBIDDEN')
  await ask('POST', '/load/start', { source: { kind: 'generator' } })
  await vi.waitFor(() => expect(app.load.view().state).toBe('failed'))
  await ask('GET', '/load')
  const job = app.startCheck()
  await app.jobs.wait(job.id)
  await ask('GET', '/jobs')

  const all = told.join('\n')
  expect(all).toContain('[secret]')
  expect(all.match(/.{0,80}canary.{0,40}/g)).toBeNull()
})
