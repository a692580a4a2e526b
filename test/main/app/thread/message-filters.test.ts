import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { messageFilterRoutes } from '../../../../src/main/app/thread/message-filters.ts'

let home: string
let app: Hono

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tarn-message-filters-'))
  app = new Hono().route('/', messageFilterRoutes({ home }))
  app.onError((error, context) => context.text(error.message, 400))
})
afterEach(() => rmSync(home, { recursive: true }))

const send = (method: string, body: unknown) =>
  app.request('/messages/filters', {
    method,
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  })
const kept = async () =>
  ((await (await app.request('/messages/filters')).json()) as { filters: unknown }).filters

test('filters are files of their own, listed by name, replaced and forgotten', async () => {
  const filter = { text: 'sample-7', partition: '2', since: '1767225600000' }
  expect((await send('PUT', { name: 'Late ones', filter: { key: 'device' } })).status).toBe(200)
  expect((await send('PUT', { name: 'Late ones', filter })).status).toBe(200)
  expect((await send('PUT', { name: 'By key', filter: { key: 'device', text: '' } })).status).toBe(200)
  expect(await kept()).toEqual([
    { name: 'By key', filter: { key: 'device' } },
    { name: 'Late ones', filter },
  ])
  const file = join(home, 'message-filters', 'Late ones.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(filter)
  expect((await send('DELETE', { name: 'Late ones' })).status).toBe(200)
  expect(await kept()).toEqual([{ name: 'By key', filter: { key: 'device' } }])
  expect((await send('DELETE', { name: 'Late ones' })).status).toBe(400)
})

test.each([
  ['a topic', { topic: 'health-data-raw' }],
  ['no offset', { from: '-1' }],
  ['no time', { since: '2026-05-14' }],
])('%s is refused', async (_what, filter) => {
  expect((await send('PUT', { name: 'wrong', filter })).status).toBe(400)
  expect(await kept()).toEqual([])
})
