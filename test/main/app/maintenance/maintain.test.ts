import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApi } from '../../../../src/main/app/api.ts'
import type { App } from '../../../../src/main/app/app.ts'
import { parts } from '../../../../src/main/app/compose.ts'
import { neededSnapshots } from '../../../../src/main/app/maintenance/needed.ts'
import { threadOf } from '../../../../src/main/app/thread/thread.ts'
import { check } from '../../../../src/main/hosts/cli/check.ts'
import { load } from '../../../../src/main/hosts/cli/load.ts'
import { maintain } from '../../../../src/main/hosts/cli/maintain.ts'
import { replay } from '../../../../src/main/hosts/cli/replay.ts'
import { rollup } from '../../../../src/main/hosts/cli/rollup.ts'
import { run } from '../../../../src/main/hosts/cli/run.ts'
import { verify } from '../../../../src/main/hosts/cli/verify.ts'
import { headSnapshot } from '../../../../src/main/iceberg/metadata.ts'
import { planExpire, runExpire } from '../../../../src/main/maintenance/expire.ts'
import type { HealthView } from '../../../../src/shared/inspect.ts'
import type { MaintenancePlanView, MaintenanceSummary } from '../../../../src/shared/maintenance.ts'
import type { DeadLetterPage, JobView } from '../../../../src/shared/model.ts'
import { testApp } from '../../../helpers/app.ts'
import { readTable } from '../../../helpers/load.ts'

/** A lake on the embedded default, loaded in six commits, then maintained; with the real parts. */
const folder = mkdtempSync(join(tmpdir(), 'tarn-maintain-'))
const home = join(folder, 'home')
const COMMITS = 6

const payload = (i: number) => ({
  deviceId: 'd',
  userId: `u${i % 2}`,
  timestamp: '2026-05-01T10:00:00Z',
  appVersion: '1',
  samples: [0, 1].map((j) => ({
    id: `s${i}-${j}`,
    type: 'heartRate',
    value: i % 5 === 3 && j === 0 ? 999 : 60 + i,
    unit: 'count/min',
    startDate: `2026-05-0${1 + (i % 2)}T0${j}:00:00Z`,
    endDate: `2026-05-0${1 + (i % 2)}T0${j}:00:01Z`,
    isSynced: true,
    createdAt: '2026-05-01T10:00:00Z',
  })),
})
/** A topic of five messages, loaded by a pipeline of its own: one commit. */
function topic(number: number): string {
  const path = join(folder, `topic-${number}.jsonl`)
  const messages = Array.from({ length: 5 }, (_, i) => `${JSON.stringify(payload((number - 1) * 5 + i))}\n`)
  writeFileSync(path, messages.join(''))
  return path
}

let pipeline = 'health'
async function tarn(...argv: string[]) {
  let stdout = ''
  let stderr = ''
  const code = await run(
    [...argv, '--json'],
    {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      env: { TARN_HOME: home, TARN_LOG: 'silent', TARN_PIPELINE: pipeline },
      clock: Date.now,
      onSignal: () => () => {},
      exit: () => {},
    },
    [check, load, rollup, verify, replay, maintain],
    parts,
  )
  return { code, stderr, result: JSON.parse(stdout) as Record<string, unknown> }
}
function loadTopic(number: number) {
  pipeline = `topic-${number}`
  return tarn('load', '--source', `file:${topic(number)}`, '--until-caught-up')
}
const done = ({ result }: Awaited<ReturnType<typeof tarn>>) =>
  (result as unknown as { results: MaintenanceSummary[] }).results

/** The app over the same lake, for one look. */
async function within<T>(look: (app: App) => Promise<T>): Promise<T> {
  const { app, close } = testApp(parts, { ICEBERG_WAREHOUSE: join(home, 'warehouse'), TARN_HOME: home })
  try {
    return await look(app)
  } finally {
    await close()
  }
}
const rowsOf = (role: 'raw' | 'errors' | 'daily') =>
  within(async (app) => {
    const { io, tables } = await app.lake()
    const { metadata } = await io.catalog.loadTable(tables[role])
    const { rows, files } = await readTable(io, metadata)
    const head = headSnapshot(metadata)
    return { rows: rows.map((row) => JSON.stringify(row, plain)).sort(), files: files.length, head, metadata }
  })
const plain = (_: string, value: unknown) =>
  typeof value === 'bigint' ? `${value}n` : value instanceof Map ? [...value] : value

beforeAll(async () => {
  for (let commit = 1; commit <= COMMITS; commit++) {
    const { code, stderr } = await loadTopic(commit)
    expect(code, stderr).toBe(0)
  }
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the command', () => {
  test('says what it lacks, and what there is no number', async () => {
    for (const argv of [
      [],
      ['raw'],
      ['raw', '--expire-days', 'x'],
      ['raw', '--expire-days', '0'],
      ['raw', '--orphans', '--orphan-days', '0.5'],
      ['raw', 'errors', '--compact'],
    ])
      expect((await tarn('maintain', ...argv)).code, argv.join(' ')).toBe(2)
    expect(await tarn('maintain', 'nowhere', '--compact')).toMatchObject({
      code: 1,
      result: { error: { code: 'NO_TABLE' } },
    })
  })

  test('a dry run prints the plan and changes nothing', async () => {
    const before = await rowsOf('raw')
    const dry = await tarn('maintain', 'raw', '--compact', '--manifests', '--dry-run')
    expect(dry.code).toBe(0)
    expect(dry.stderr).toContain('Compaction: 12 data files in 2 partitions')
    expect(dry.result).toMatchObject({
      plans: [{ files: 12, outputs: 2, rows: 54 }, { manifests: 6 }],
      results: [],
    })
    expect((await rowsOf('raw')).head).toEqual(before.head)
  })
})

describe('after a compaction', () => {
  let before: Awaited<ReturnType<typeof rowsOf>>
  let letters: DeadLetterPage
  const lettersOf = () =>
    within(async (app) => {
      const api = createApi(app, { pages: folder, hosts: ['app'], origins: ['tarn://app'] })
      const answer = await api.request('http://app/api/dead-letters', { headers: { Host: 'app' } })
      return (await answer.json()) as DeadLetterPage
    })

  beforeAll(async () => {
    before = await rowsOf('raw')
    letters = await lettersOf()
    const errors = await rowsOf('errors')
    const raw = await tarn('maintain', 'raw', '--compact')
    expect(raw.code, raw.stderr).toBe(0)
    expect(done(raw)).toMatchObject([
      { work: 'compact', filesBefore: 12, filesAfter: 2, rows: 54, deletedRows: 0 },
    ])
    expect((await tarn('maintain', 'errors', '--compact')).code).toBe(0)
    expect((await rowsOf('errors')).rows).toEqual(errors.rows)
    expect((await rowsOf('errors')).files).toBe(1)
  })

  test('each row is there once, in fewer files, and the positions stand', async () => {
    const after = await rowsOf('raw')
    expect(after.rows).toEqual(before.rows)
    expect([before.files, after.files]).toEqual([12, 2])
    expect(after.metadata.properties).toEqual(before.metadata.properties)
  })

  test('the ledger balances and the aggregates are right', async () => {
    const verified = await tarn('verify')
    expect(verified.result.differences).toEqual([])
    expect(verified.result).toMatchObject({ clean: true, checked: { rows: 54, deadLetters: 6 } })
  })

  test('the rollup has nothing to read or write', async () => {
    expect((await tarn('rollup')).result).toMatchObject({
      rowsRead: 0,
      commits: { daily: 0, weekly: 0, monthly: 0 },
    })
  })

  test('dead letters are the same', async () => {
    const sorted = (page: DeadLetterPage) => page.rows.map((row) => JSON.stringify(row)).sort()
    expect(letters.rows).toHaveLength(6)
    expect(sorted(await lettersOf())).toEqual(sorted(letters))
  })

  test('a row leads over the compaction to the commit and the messages it came from', async () => {
    await within(async (app) => {
      const view = await threadOf(
        await app.lake(),
        { table: 'raw', keys: { sample_id: 's12-1' }, pick: 0, order: 'highest', all: false },
        new AbortController().signal,
        () => {},
      )
      expect(view.rewrites.map(({ commit }) => [commit.operation, commit.writer, commit.ledger])).toEqual([
        ['replace', 'maintenance', null],
      ])
      expect(view.rewrites[0]?.from).not.toBe(view.files[0]?.path)
      // Message 12 came with the third of six commits of five messages each.
      expect(view.origin).toMatchObject({
        writer: 'load',
        ledger: { topic: 'topic-3.jsonl', ranges: [{ partition: 0, from: '0', to: '5' }] },
      })
      expect(view.end).toEqual({ kind: 'messages' })
    })
  })

  test('the table as it was can still be read', async () => {
    await within(async (app) => {
      const { io, tables } = await app.lake()
      const { metadata } = await io.catalog.loadTable(tables.raw)
      const past = {
        ...metadata,
        refs: { main: { type: 'branch' as const, 'snapshot-id': before.head!['snapshot-id'] } },
      }
      const { rows, files } = await readTable(io, past)
      expect(files).toHaveLength(12)
      expect(rows.map((row) => JSON.stringify(row, plain)).sort()).toEqual(before.rows)
    })
  })

  test('a load goes on behind it, and reads no message again', async () => {
    expect(await loadTopic(COMMITS)).toMatchObject({ code: 0, result: { messages: 0 } })
    expect(await loadTopic(COMMITS + 1)).toMatchObject({
      code: 0,
      result: { messages: 5, rows: 9, rejected: 1 },
    })
    expect((await tarn('verify')).result).toMatchObject({
      clean: true,
      checked: { rows: 63, deadLetters: 7 },
    })
  }, 60_000)

  test('letters of the compacted table are replayed', async () => {
    const fix = join(folder, 'fix.json')
    writeFileSync(
      fix,
      JSON.stringify({
        kind: 'convert',
        type: null,
        from: 'count/min',
        to: 'count/min',
        formula: 'value / 10',
      }),
    )
    const replayed = await tarn('replay', '--fix', fix)
    expect(replayed.result).toMatchObject({ landed: 7, failed: 0 })
    expect((await tarn('verify')).result).toMatchObject({ clean: true })
  }, 60_000)
})

describe('orphans of an embedded lake', () => {
  test('are found by a dry run, deleted by a run, and nothing else is', async () => {
    const before = await rowsOf('raw')
    const data = join(home, 'warehouse/health_db/health_data_raw/data')
    const [old, young] = [join(data, 'old.parquet'), join(data, 'young.parquet')]
    for (const path of [old, young]) writeFileSync(path, 'x')
    const then = new Date(Date.now() - 10 * 86_400_000)
    utimesSync(old, then, then)
    const dry = await tarn('maintain', 'raw', '--orphans', '--dry-run')
    expect(dry.result).toMatchObject({
      plans: [{ files: 1, bytes: 1, first: [{ path: `file://${old}` }], spared: { young: 1, foreign: 0 } }],
    })
    expect(existsSync(old)).toBe(true)
    expect(done(await tarn('maintain', 'raw', '--orphans'))).toMatchObject([
      { work: 'orphans', files: 1, failed: 0 },
    ])
    expect([existsSync(old), existsSync(young)]).toEqual([false, true])
    expect((await rowsOf('raw')).rows).toEqual(before.rows)
  })
})

describe('by the API', () => {
  const post = async <T>(app: App, path: string, body: unknown): Promise<T> => {
    const api = createApi(app, { pages: folder, hosts: ['app'], origins: ['tarn://app'] })
    const answer = await api.request(`http://app/api${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { Host: 'app', Origin: 'tarn://app', 'Content-Type': 'application/json' },
    })
    return (await answer.json()) as T
  }
  const table = { namespace: 'health_db', name: 'health_data_raw' }

  test('a plan runs once, health says the way back, and it is taken', async () => {
    await within(async (app) => {
      const ask = () =>
        post<MaintenancePlanView>(app, '/maintenance/plan', { ...table, wish: { kind: 'manifests' } })
      const plan = await ask()
      expect(plan).toMatchObject({ kind: 'manifests', outputs: 1, nothing: false })
      const job = await post<JobView>(app, '/maintenance/run', { plan: plan.id })
      expect(await app.jobs.wait(job.id)).toMatchObject({
        state: 'done',
        result: { kind: 'maintain', work: 'manifests', after: 1 },
      })
      expect(await post(app, '/maintenance/run', { plan: plan.id })).toMatchObject({ code: 'NOT_FOUND' })
      const api = createApi(app, { pages: folder, hosts: ['app'], origins: ['tarn://app'] })
      const health = async () => {
        const path = `http://app/api/inspect/${table.namespace}/${table.name}/health`
        return (await (await api.request(path, { headers: { Host: 'app' } })).json()) as HealthView
      }
      const { wayBack } = await health()
      expect(wayBack).toMatchObject({ work: 'manifests', to: plan.snapshotId })
      const way = { from: wayBack!.from, to: wayBack!.to }
      expect(await post(app, '/maintenance/back', { ...table, ...way })).toEqual({})
      expect((await health()).wayBack).toBeNull()
      expect(await ask()).toMatchObject({
        snapshotId: plan.snapshotId,
        manifests: plan.kind === 'manifests' && plan.manifests,
      })
    })
    // The rollup finds its own rows as they were.
    expect((await tarn('rollup')).result).toMatchObject({ rowsRead: 0, commits: { daily: 0 } })
  })

  test('what does not fit is refused', async () => {
    await within(async (app) => {
      for (const wish of [
        { kind: 'expire', days: 0, keep: 1 },
        { kind: 'orphans', days: 0.2 },
        { kind: 'vacuum' },
      ])
        expect(await post(app, '/maintenance/plan', { ...table, wish })).toMatchObject({ code: 'INVALID' })
    })
  })
})

describe('after old snapshots expired', () => {
  test('the ledger still balances, the rollup goes on, and a load is not repeated', async () => {
    const before = await rowsOf('raw')
    await within(async (app) => {
      const lake = await app.lake()
      const never = new AbortController().signal
      for (const role of ['raw', 'errors', 'daily'] as const) {
        const table = await lake.io.catalog.loadTable(lake.tables[role])
        const needed = await neededSnapshots(lake, table.identifier, table.metadata, never)
        const plan = await planExpire(lake.io, table, { before: Date.now() + 1_000, keep: 1, needed })
        if (role !== 'daily') expect(plan.snapshots.length, role).toBeGreaterThan(COMMITS - 2)
        await runExpire(lake.io, plan, { signal: never })
      }
    })
    const after = await rowsOf('raw')
    expect(after.rows).toEqual(before.rows)
    expect(after.metadata.snapshots.length).toBeLessThan(before.metadata.snapshots.length)
    expect((await tarn('verify')).result.differences).toEqual([])
    expect((await tarn('rollup')).result).toMatchObject({ rowsRead: 0, commits: { daily: 0 } })
    expect((await loadTopic(COMMITS + 1)).result).toMatchObject({ messages: 0, rows: 0 })
  }, 60_000)
})
