import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withRun, workbenchRoutes } from '../../../src/main/app/workbench.ts'
import { type KeptWorkbench, MOST_RUNS, type PastRun } from '../../../src/shared/workbench.ts'

let home: string
let app: Hono
const sample = { open: false }

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tarn-workbench-'))
  app = new Hono().route('/', workbenchRoutes({ home, sample }))
  app.onError((error, context) => context.text(error.message, 400))
})
afterEach(() => rmSync(home, { recursive: true }))

const send = (method: string, path: string, body: unknown) =>
  app.request(path, {
    method,
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  })
const kept = async (of = 'own') => (await (await app.request(`/workbench?of=${of}`)).json()) as KeptWorkbench
const run = (text: string, at = 1): PastRun => ({ text, at, ms: 5, state: 'done', rows: 1, bytes: 0 })

test('tabs, history and snippets outlast the app, a file each', async () => {
  expect(await kept()).toEqual({
    folder: join(home, 'workbench'),
    tabs: [],
    active: 0,
    history: [],
    snippets: [],
  })
  const tab = {
    title: 'Query 1',
    text: 'SELECT $day',
    base: '',
    file: null,
    parameters: { day: { kind: 'date', text: '2026-05-14' } },
    snapshots: { health_data_raw: '7219000000000002471' },
    comparison: null,
  }
  expect((await send('PUT', '/workbench/tabs?of=own', { tabs: [tab], active: 0 })).status).toBe(200)
  await send('POST', '/workbench/runs?of=own', run('SELECT 1'))
  await send('POST', '/workbench/runs?of=own', run('SELECT 2', 2))
  await send('PUT', '/workbench/snippets?of=own', [{ name: 'mine', text: 'SELECT #{x}' }])
  const found = await kept()
  expect(found.tabs).toEqual([tab])
  expect(found.history.map((one) => one.text)).toEqual(['SELECT 2', 'SELECT 1'])
  expect(found.snippets).toEqual([{ name: 'mine', text: 'SELECT #{x}' }])
})

test('a text run again moves to the top, and the oldest give way', () => {
  const many = Array.from({ length: MOST_RUNS }, (_, i) => run(`SELECT ${i}`))
  const next = withRun(many, run('SELECT 7', 9))
  expect(next[0]).toEqual(run('SELECT 7', 9))
  expect(next).toHaveLength(MOST_RUNS)
  expect(withRun(many, run('new'))).toHaveLength(MOST_RUNS)
})

test('what cannot be read counts as empty, and what is no workbench is refused', async () => {
  await send('POST', '/workbench/runs?of=own', run('SELECT 1'))
  writeFileSync(join(home, 'workbench', 'history.json'), '{"broken')
  expect((await kept()).history).toEqual([])
  expect((await send('PUT', '/workbench/tabs?of=own', { tabs: [{ title: 1 }], active: 0 })).status).toBe(400)
})

test('the sample has a workbench of its own, and once it was left nothing of it is kept', async () => {
  sample.open = true
  await send('POST', '/workbench/runs?of=own', run('SELECT mine'))
  await send('POST', '/workbench/runs?of=sample', run('SELECT sample'))
  expect((await kept()).history.map((one) => one.text)).toEqual(['SELECT mine'])
  expect((await kept('sample')).history.map((one) => one.text)).toEqual(['SELECT sample'])
  expect((await kept('sample')).folder).toBe(join(home, 'sample', 'workbench'))
  sample.open = false
  rmSync(join(home, 'sample'), { recursive: true })
  await send('POST', '/workbench/runs?of=sample', run('SELECT late'))
  expect(existsSync(join(home, 'sample'))).toBe(false)
  expect((await send('POST', '/workbench/runs', run('SELECT nowhere'))).status).toBe(400)
})
