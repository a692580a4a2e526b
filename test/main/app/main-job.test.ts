import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApi } from '../../../src/main/app/api.ts'
import { parts } from '../../../src/main/app/compose.ts'
import { check } from '../../../src/main/hosts/cli/check.ts'
import { load } from '../../../src/main/hosts/cli/load.ts'
import { rollup } from '../../../src/main/hosts/cli/rollup.ts'
import { run } from '../../../src/main/hosts/cli/run.ts'
import { verify } from '../../../src/main/hosts/cli/verify.ts'
import type { TableSummary } from '../../../src/shared/inspect.ts'
import type { AppEvents, DeadLetterPage, JobView, LoadSummary } from '../../../src/shared/model.ts'
import { testApp } from '../../helpers/app.ts'

/** The main job on the embedded default with the real parts: no server, one small file. */
const folder = mkdtempSync(join(tmpdir(), 'tarn-main-'))
const file = join(folder, 'payloads.jsonl')
const PAYLOADS = 20

const payload = (i: number) => ({
  deviceId: 'd',
  userId: `u${i % 2}`,
  timestamp: '2026-05-01T10:00:00Z',
  appVersion: '1',
  samples: [0, 1].map((j) => ({
    id: `s${i}-${j}`,
    type: 'heartRate',
    value: i === 3 && j === 0 ? 999 : 60 + i,
    unit: 'count/min',
    startDate: `2026-05-0${1 + (i % 3)}T0${j}:00:00Z`,
    endDate: `2026-05-0${1 + (i % 3)}T0${j}:00:01Z`,
    isSynced: true,
    createdAt: '2026-05-01T10:00:00Z',
  })),
})

beforeAll(() => {
  const lines = Array.from({ length: PAYLOADS }, (_, i) =>
    i === 7 ? 'not json' : JSON.stringify(payload(i)),
  )
  writeFileSync(file, `${lines.join('\n')}\n`)
})
afterAll(() => rmSync(folder, { recursive: true }))

async function tarn(
  home: string,
  ...argv: string[]
): Promise<{ code: number; result: Record<string, unknown>; stderr: string }> {
  let stdout = ''
  let stderr = ''
  const code = await run(
    [...argv, '--json'],
    {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      env: { TARN_HOME: home, TARN_LOG: 'silent' },
      clock: Date.now,
      onSignal: () => () => {},
      exit: () => {},
    },
    [check, load, rollup, verify],
    parts,
  )
  return { code, result: JSON.parse(stdout) as Record<string, unknown>, stderr }
}

// 40 samples in 20 payloads: one payload is not JSON, one sample is out of its range.
const ROWS = 37
const REJECTED = 2

test('by command: check, load, load again, rollup, verify', async () => {
  const home = join(folder, 'cli')
  expect(await tarn(home, 'check')).toMatchObject({ code: 0, result: { passed: true } })
  expect((await tarn(home, 'check')).result).toMatchObject({
    passed: true,
    tables: Array.from({ length: 5 }, () => ({ state: 'verified' })),
  })
  const first = await tarn(home, 'load', '--source', `file:${file}`)
  expect(first).toMatchObject({
    code: 0,
    result: {
      messages: PAYLOADS,
      rows: ROWS,
      rejected: REJECTED,
      skipped: 0,
      positions: { 'payloads.jsonl': { '0': String(PAYLOADS) } },
    },
  })
  expect(Object.keys(first.result).sort()).toEqual([
    'bytes',
    'commits',
    'messages',
    'peakRssBytes',
    'positions',
    'rejected',
    'rows',
    'seconds',
    'skipped',
  ])
  const again = await tarn(home, 'load', '--source', `file:${file}`, '--until-caught-up')
  expect(again.result).toMatchObject({
    messages: 0,
    rows: 0,
    rejected: 0,
    commits: { raw: 0, errors: 0, daily: 0, weekly: 0, monthly: 0 },
  })
  expect((await tarn(home, 'rollup')).result).toMatchObject({
    commits: { daily: 0, weekly: 0, monthly: 0 },
    rowsRead: 0,
  })
  const verified = await tarn(home, 'verify')
  expect(verified.result.differences).toEqual([])
  expect(verified).toMatchObject({
    code: 0,
    result: { clean: true, checked: { rows: ROWS, deadLetters: REJECTED } },
  })
})

test('by the API: a load makes its tables, its course is told, its letters are read', async () => {
  const { app, close } = testApp(parts)
  try {
    const api = createApi(app, { pages: folder, hosts: ['app'], origins: ['tarn://app'] })
    const post = async (path: string, body: unknown) =>
      (
        await api.request(`http://app/api${path}`, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { Host: 'app', Origin: 'tarn://app', 'Content-Type': 'application/json' },
        })
      ).json()
    const get = async (path: string) =>
      (await api.request(`http://app/api${path}`, { headers: { Host: 'app' } })).json()

    const changed = new Set<string>()
    const states = new Set<string>()
    app.events.subscribe((name, data) => {
      if (name === 'table') changed.add((data as AppEvents['table']).role)
      if (name === 'load') states.add((data as AppEvents['load']).state)
    })
    const job = (await post('/load/start', { source: { kind: 'file', path: file } })) as JobView
    const ended = await app.jobs.wait(job.id)
    expect(ended.fault).toBeNull()
    expect(ended).toMatchObject({ state: 'done', result: { kind: 'load', rows: ROWS, rejected: REJECTED } })
    expect([...changed].sort()).toEqual(['daily', 'errors', 'monthly', 'raw', 'weekly'])
    expect(states).toEqual(new Set(['starting', 'running', 'done']))
    expect(await get('/load')).toMatchObject({
      state: 'done',
      messages: PAYLOADS,
      rows: ROWS,
      rejected: REJECTED,
      lag: '0',
    })

    const letters = (await get('/dead-letters')) as DeadLetterPage
    expect(letters.rows.map((row) => [row.errorType, row.offset]).sort()).toEqual([
      ['DESERIALIZATION_ERROR', '7'],
      ['VALIDATION_ERROR', '3'],
    ])
    const { tables } = (await get('/tables')) as { tables: TableSummary[] }
    expect(tables.map(({ role, rows }) => [role, rows]).slice(0, 3)).toEqual([
      ['raw', ROWS],
      ['errors', REJECTED],
      ['daily', 6],
    ])
    expect(
      ((await get('/jobs')) as { jobs: JobView[] }).jobs[0]?.result as unknown as LoadSummary,
    ).toMatchObject({ rows: ROWS })
  } finally {
    await close()
  }
})

test('a service that is not there ends with 4 and says what to look at', async () => {
  const home = join(folder, 'away')
  const port = await closedPort()
  let stderr = ''
  const code = await run(
    ['load'],
    {
      stdout: { write: () => {} },
      stderr: { write: (text) => (stderr += text) },
      env: { TARN_HOME: home, ICEBERG_CATALOG_URI: `http://127.0.0.1:${port}`, TARN_LOG: 'silent' },
      clock: Date.now,
      onSignal: () => () => {},
      exit: () => {},
    },
    [load],
    parts,
  )
  expect(code).toBe(4)
  expect(stderr).toContain(`127.0.0.1:${port}`)
  expect(stderr).toContain('Next:')
  expect(stderr).not.toMatch(/\n\s+at /)
})

test('no secret is printed, logged or kept anywhere but in the settings file', async () => {
  const home = join(folder, 'secrets')
  const port = await closedPort()
  const secrets = {
    S3_ACCESS_KEY: 'canary-access-1',
    S3_SECRET_KEY: 'canary-secret-2',
    ICEBERG_CATALOG_TOKEN: 'canary-token-3',
    ICEBERG_CATALOG_CREDENTIAL: 'canary:credential-4',
    KAFKA_SASL_PASSWORD: 'canary-password-5',
  }
  const env = {
    ...secrets,
    TARN_HOME: home,
    S3_ENDPOINT: `http://127.0.0.1:${port}`,
    ICEBERG_CATALOG_TYPE: 'embedded',
    ICEBERG_WAREHOUSE: 's3://bucket/w',
    KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT',
    KAFKA_SASL_USERNAME: 'me',
    KAFKA_BROKERS: `127.0.0.1:${port}`,
  }
  let printed = ''
  const out = { write: (text: string) => (printed += text) }
  for (const argv of [['check'], ['check', '--json'], ['load'], ['verify', '--json']]) {
    const io = { stdout: out, stderr: out, env, clock: Date.now, onSignal: () => () => {}, exit: () => {} }
    expect(await run(argv, io, [check, load, verify], parts)).not.toBe(0)
  }
  const { app, close } = testApp(parts, { ...env, TARN_HOME: home })
  printed += JSON.stringify([
    app.state(),
    app.settingsView(),
    await app.probe(['catalog', 'storage', 'kafka'], {}, AbortSignal.timeout(20_000)),
  ])
  await close()
  const kept = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  expect(kept.length).toBeGreaterThan(0)
  for (const secret of Object.values(secrets)) expect(printed + kept.join('')).not.toContain(secret)
}, 60_000)

/** A port of this machine on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
