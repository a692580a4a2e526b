import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { queriesRoutes } from '../../../src/main/app/queries.ts'

let home: string
let app: Hono

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tarn-queries-'))
  app = new Hono().route('/', queriesRoutes({ home }))
  app.onError((error, context) => context.text(error.message, 400))
})
afterEach(() => rmSync(home, { recursive: true }))

const send = (method: string, body: unknown) =>
  app.request('/queries', {
    method,
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  })
const names = async () =>
  ((await (await app.request('/queries')).json()) as { queries: { name: string }[] }).queries.map(
    (one) => one.name,
  )

test('queries are files of their own, listed by name, replaced and removed', async () => {
  expect(await names()).toEqual([])
  expect((await send('PUT', { name: 'Ruhepuls je Woche', sql: 'SELECT 1' })).status).toBe(200)
  expect((await send('PUT', { name: 'A', sql: 'SELECT 2\n' })).status).toBe(200)
  expect((await send('PUT', { name: 'A', sql: 'SELECT 3' })).status).toBe(200)
  expect(await names()).toEqual(['A', 'Ruhepuls je Woche'])
  expect(readFileSync(join(home, 'queries', 'A.sql'), 'utf8')).toBe('SELECT 3\n')
  expect(readdirSync(join(home, 'queries'))).toEqual(['A.sql', 'Ruhepuls je Woche.sql'])
  expect((await send('DELETE', { name: 'A' })).status).toBe(200)
  expect(await names()).toEqual(['Ruhepuls je Woche'])
  expect((await send('DELETE', { name: 'A' })).status).toBe(400)
})

test('no name leads out of the folder', async () => {
  for (const name of ['../x', 'a/b', 'a\\b', '.hidden', 'nul', 'x.', '', 'a\u0000b', 'C:x']) {
    expect((await send('PUT', { name, sql: 'SELECT 1' })).status, name).toBe(400)
    expect((await send('DELETE', { name })).status, name).toBe(400)
  }
  expect(existsSync(join(home, 'queries'))).toBe(false)
})

test('a name that is too long for a file is said to be', async () => {
  const longest = '心'.repeat(80)
  expect((await send('PUT', { name: longest, sql: 'SELECT 1' })).status).toBe(200)
  const refused = await send('PUT', { name: `${longest}心`, sql: 'SELECT 1' })
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('too long')])
  expect(await names()).toEqual([longest])
})

test('a link is neither read nor removed', async () => {
  mkdirSync(join(home, 'queries'))
  writeFileSync(join(home, 'secret'), 'secret')
  symlinkSync(join(home, 'secret'), join(home, 'queries', 'link.sql'))
  expect(await names()).toEqual([])
  expect((await send('DELETE', { name: 'link' })).status).toBe(400)
})
