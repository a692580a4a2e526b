import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { viewRoutes } from '../../../../src/main/app/dash/views.ts'
import type { SavedView } from '../../../../src/shared/dash.ts'

let home: string
let app: Hono

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tarn-views-'))
  app = new Hono().route('/', viewRoutes({ home }))
  app.onError((error, context) => context.text(error.message, 400))
})
afterEach(() => rmSync(home, { recursive: true }))

const send = (method: string, body: unknown) =>
  app.request('/dash/views', {
    method,
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  })
const list = async () => ((await (await app.request('/dash/views')).json()) as { views: SavedView[] }).views

test('views are files of their own, listed by name, replaced and removed', async () => {
  expect(await list()).toEqual([])
  expect((await send('PUT', { name: 'Puls', query: { user: 'a', type: 'heartRate' } })).status).toBe(200)
  await send('PUT', { name: 'Anne', query: { user: 'b' } })
  await send('PUT', { name: 'Puls', query: { user: 'c' } })
  expect(await list()).toEqual([
    { name: 'Anne', query: { user: 'b' } },
    { name: 'Puls', query: { user: 'c' } },
  ])
  await send('DELETE', { name: 'Anne' })
  expect((await list()).map((one) => one.name)).toEqual(['Puls'])
  expect((await send('DELETE', { name: 'Anne' })).status).toBe(400)
})

test('a name never leaves the folder', async () => {
  for (const name of ['../x', 'a/b', '.hidden', 'con', '', 'x\0'])
    expect((await send('PUT', { name, query: {} })).status).toBe(400)
})

test('files that hold no view, and what links point to, are left out', async () => {
  const folder = join(home, 'dashboards')
  mkdirSync(folder)
  writeFileSync(join(folder, 'broken.json'), '{')
  writeFileSync(join(folder, 'other.json'), '{"query": {"user": 3}}')
  writeFileSync(join(home, 'secret.json'), '{"query": {"user": "x"}}')
  symlinkSync(join(home, 'secret.json'), join(folder, 'link.json'))
  expect(await list()).toEqual([])
})
